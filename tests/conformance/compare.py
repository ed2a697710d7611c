#!/usr/bin/env python3
"""Compares verdicts on templates with those of the public openjd, in Python and in Rust; by hand.

    python3 -m venv /tmp/oracle && /tmp/oracle/bin/pip install openjd-model pyyaml
    cargo install --locked openjd-cli --root /tmp/oracle-rust
    /tmp/oracle/bin/python tests/conformance/compare.py --rust /tmp/oracle-rust/bin/openjd \\
        [--mutations N] [--seed S] [--sidereal PATH] [DOCUMENT...]

Judges every template case, then N mutations of them: fields dropped, doubled, renamed, values
swapped for others; or only the DOCUMENTs. Each disagreement is printed with its document's path and
the reason of the one that refuses; those that docs/openjd.md lists as deliberate are only counted,
by their rule with --rules. Ends with 1 if there are others.
"""

import argparse
import copy
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

try:
    from openjd.model import decode_environment_template, decode_job_template
except ImportError:
    decode_environment_template = decode_job_template = None

EXTENSIONS = ["TASK_CHUNKING", "REDACTED_ENV_VARS", "FEATURE_BUNDLE_1", "EXPR", "WRAP_ACTIONS"]
VALUES = [None, True, False, 0, -1, 1, 1.5, 65, "", "x", "1-5", "{{Param.P}}", "{{", [], ["x"], {},
          {"x": 1}, "a" * 65, "a" * 1025, "\t", "INT", "STRING", "NONE"]
# Deliberate: who refuses, what its reason says, and the rule in docs/openjd.md. Who is python, rust
# or sidereal; sidereal/python and sidereal/rust where only that one takes it.
DELIBERATE = [
    (line.split("|", 1)[0], line.split("|", 1)[1].rsplit("|", 1)[0], line.rsplit("|", 1)[1])
    for line in (HERE / "deliberate.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def python_verdict(document):
    """Why it refuses; empty if it accepts."""
    version = document.get("specificationVersion") if isinstance(document, dict) else None
    decode = decode_job_template
    if isinstance(version, str) and version.startswith("environment-"):
        decode = decode_environment_template
    try:
        decode(template=document, supported_extensions=EXTENSIONS)
        return ""
    except Exception as fault:  # pylint: disable=broad-exception-caught
        return str(fault) or repr(fault)


def verdict_of(command, path):
    """The same of a program, in a process of its own."""
    try:
        done = subprocess.run([*command, "check", path], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=30, check=False)
    except subprocess.TimeoutExpired:
        return "no verdict within 30 s"
    text = done.stdout.decode(errors="replace").replace(path + ":", "")
    return "" if done.returncode == 0 else text or "?"


def places(node, found):
    """Every container with a key or index in it."""
    keys = list(node) if isinstance(node, dict) else range(len(node))
    for key in keys:
        found.append((node, key))
        if isinstance(node[key], (dict, list)):
            places(node[key], found)
    return found


def mutate(document, rng):
    document = copy.deepcopy(document)
    found = places(document, [])
    if not found:
        return document
    node, key = rng.choice(found)
    kind = rng.randrange(4)
    if kind == 0:
        del node[key]
    elif kind == 1 and isinstance(node, list):
        node.insert(key, copy.deepcopy(node[key]))
    elif kind == 2 and isinstance(node, dict):
        other, other_key = rng.choice(found)
        if isinstance(other, dict):
            node[other_key] = copy.deepcopy(node[key])
    else:
        node[key] = copy.deepcopy(rng.choice(VALUES))
    return document


def rule_of(side, reason):
    """The deliberate difference that this is, or none."""
    return next((rule for who, pattern, rule in DELIBERATE
                 if who in (side, side.split("/")[0]) and re.search(pattern, reason)), "")


def load_cases():
    for path in sorted(HERE.glob("2023-09/*/*_templates/*")):
        try:
            document = yaml.safe_load(path.read_text(encoding="utf-8"))
        except yaml.YAMLError:
            continue
        if isinstance(document, dict):
            yield path.relative_to(HERE).as_posix(), document


def load_documents(paths):
    for path in paths:
        try:
            document = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        except yaml.YAMLError:
            continue
        if isinstance(document, dict):
            yield path, document


def documents_of(flags):
    if flags.document:
        return list(load_documents(flags.document))
    cases = list(load_cases())
    rng = random.Random(flags.seed)
    for number in range(flags.mutations):
        name, document = rng.choice(cases[:len(cases)])
        cases.append((f"mutation {number} of {name}", mutate(document, rng)))
    return cases


def compare(case, path, flags, rules):
    """How many differences that nothing justifies."""
    name, document = case
    mine = verdict_of([flags.sidereal, "openjd"], path)
    theirs = {}
    if decode_job_template:
        theirs["python"] = python_verdict(document)
    if flags.rust:
        theirs["rust"] = verdict_of([flags.rust], path)
    others = 0
    for peer, verdict in theirs.items():
        if bool(mine) == bool(verdict):
            continue
        side = f"sidereal/{peer}" if mine else peer
        rule = rule_of(side, mine or verdict)
        rules[peer, rule] = rules.get((peer, rule), 0) + 1
        if rule:
            continue
        others += 1
        refuses, takes = ("sidereal", peer) if mine else (peer, "sidereal")
        print(f"{refuses} refuses, {takes} does not, {name}:")
        print(f"    {(mine or verdict).strip()[:400]}")
        if name.startswith("mutation"):
            print(f"    {json.dumps(document)[:1000]}")
    return others


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--mutations", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sidereal", default=f"{ROOT}/build/dev/sidereal")
    parser.add_argument("--rust", help="the Rust openjd program")
    parser.add_argument("--rules", action="store_true", help="count by rule")
    parser.add_argument("document", nargs="*")
    flags = parser.parse_args()
    if not decode_job_template:
        print("THE PYTHON ORACLE IS MISSING: install openjd-model, see --help.")
    if not flags.rust:
        print("THE RUST ORACLE IS MISSING: name it with --rust, see --help.")
    if not decode_job_template and not flags.rust:
        sys.exit("nothing was compared")
    cases = documents_of(flags)
    rules = {}
    others = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(cases):
            path = os.path.join(folder, f"{number}.json")
            Path(path).write_text(json.dumps(case[1]), encoding="utf-8")
            others += compare(case, path, flags, rules)
    if flags.rules:
        for (peer, rule), count in sorted(rules.items()):
            print(f"{count:6} {peer:8} {rule or 'NONE'}")
    deliberate = sum(count for (_, rule), count in rules.items() if rule)
    print(f"{len(cases)} templates, {deliberate} deliberate differences, {others} others")
    sys.exit(1 if others else 0)


if __name__ == "__main__":
    main()
