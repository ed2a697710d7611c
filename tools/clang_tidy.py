#!/usr/bin/env python3
"""clang-tidy 14 over the product's sources; what was clean and has not changed is not read again.

    tools/clang_tidy.py              as ./test does: all sources but tests, without the analyzer
    tools/clang_tidy.py --analyzer   with clang's static analyzer, twice as slow
    tools/clang_tidy.py FILE...      only these

Reads build/dev/compile_commands.json, so configure the preset dev first. A clean file leaves a mark
under build/clang-tidy, named by the hash of all it depends on: its command, .clang-tidy, itself and
the headers of ours that it includes.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MARKS = os.path.join(ROOT, "build/clang-tidy")
INCLUDE = re.compile(rb"^\s*#\s*include\s*<([a-z_]+/[^>]+)>", re.M)


def read(path):
    with open(path, "rb") as content:
        return content.read()


class Sources:
    """Files and the headers of ours below them, each read once."""

    def __init__(self):
        self.seen = {}

    def needs(self, path):
        """The file and every header of ours that it includes, directly or not."""
        found, open_ends = set(), [path]
        while open_ends:
            at = open_ends.pop()
            if at not in found:
                found.add(at)
                open_ends += self.includes(at)
        return found

    def includes(self, path):
        if path not in self.seen:
            names = [name.decode() for name in INCLUDE.findall(read(path))]
            places = [os.path.join(ROOT, folder, name) for name in names for folder in ("src", "")]
            self.seen[path] = [place for place in places if os.path.isfile(place)]
        return self.seen[path]


def key_of(command, sources, extra):
    digest = hashlib.sha256((command["command"] + extra).encode())
    for path in sorted(sources.needs(command["file"])):
        digest.update(path.encode() + b"\0" + read(path))
    return digest.hexdigest()


def find_program():
    for name in ("clang-tidy-14", "clang-tidy"):
        if shutil.which(name):
            said = subprocess.run([name, "--version"], capture_output=True, text=True, check=False)
            if " version 14." in said.stdout:
                return name
    sys.exit("clang-tidy 14 is not installed: run 'tools/setup.sh test'")


def wanted(commands, names):
    paths = {os.path.abspath(name) for name in names}
    for command in commands:
        path = command["file"]
        inside = os.path.relpath(path, ROOT).split(os.sep)[0] in ("src", "sim")
        if path in paths or (not paths and inside and not path.endswith("_test.cpp")):
            yield command


def main():
    parser = argparse.ArgumentParser(description="clang-tidy over the product's sources")
    parser.add_argument("--analyzer", action="store_true")
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()
    program = find_program()
    database = os.path.join(ROOT, "build/dev/compile_commands.json")
    if not os.path.exists(database):
        sys.exit(f"{database} is missing: run 'tools/build.sh dev'")
    commands = list(wanted(json.loads(read(database)), arguments.files))
    os.makedirs(MARKS, exist_ok=True)
    checks = "" if arguments.analyzer else "-clang-analyzer-*"
    extra = checks + read(os.path.join(ROOT, ".clang-tidy")).decode()
    sources = Sources()
    marks = {command["file"]: os.path.join(MARKS, key_of(command, sources, extra))
             for command in commands}
    stale = [path for path, mark in marks.items() if not os.path.exists(mark)]
    lock = threading.Lock()
    bad = []

    def check(path):
        done = subprocess.run(
            [program, "-p", os.path.dirname(database), "--quiet", "--checks=" + checks, path],
            capture_output=True, text=True, check=False, cwd=ROOT)
        if done.returncode == 0:
            with open(marks[path], "w", encoding="utf-8"):
                return
        with lock:
            bad.append(path)
            print(done.stdout, re.sub(r"(?m)^\d+ warnings.*\n?", "", done.stderr), sep="",
                  flush=True)

    # Long files first, so that the last core is not left with one.
    stale.sort(key=os.path.getsize, reverse=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(check, stale))
    for name in os.listdir(MARKS):
        if os.path.join(MARKS, name) not in marks.values() and not arguments.files:
            os.remove(os.path.join(MARKS, name))
    print(f"clang-tidy: {len(commands) - len(bad)} of {len(commands)} files clean, "
          f"{len(commands) - len(stale)} of them unchanged")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
