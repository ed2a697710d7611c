#!/usr/bin/env python3
"""run_unit_tests.py BUILD_DIR REPORT_DIR COUNTS_FILE

Runs every GoogleTest program that CTest knows of, two at a time at most, and counts its cases from
the report it writes. A program that dies or leaves no report counts as one failed case more.
"""

import concurrent.futures
import json
import os
import subprocess
import sys

TIMEOUT_S = 900


def programs_of(build):
    listed = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"],
                            capture_output=True, text=True, check=True)
    tests = json.loads(listed.stdout)["tests"]
    return [(test["name"], test["command"]) for test in tests if "command" in test]


def run(name, command, reports):
    report = os.path.join(reports, name + ".json")
    if os.path.exists(report):
        os.remove(report)
    try:
        done = subprocess.run(command + ["--gtest_output=json:" + report, "--gtest_brief=1"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", timeout=TIMEOUT_S, check=False)
        status, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired as late:
        status, output = 1, f"{(late.stdout or b'').decode(errors='replace')}\nover {TIMEOUT_S} s"
    try:
        with open(report, encoding="utf-8") as content:
            result = json.load(content)
    except (OSError, ValueError):
        return name, 0, 1, 0, output + f"\n{name}: status {status}, no report"
    bad = result["failures"] + result.get("errors", 0)
    off = result.get("disabled", 0)
    good = result["tests"] - bad - off
    if status != 0 and bad == 0:
        bad, output = 1, output + f"\n{name}: all cases passed, yet it ended with status {status}"
    if good + bad == 0:
        bad, output = 1, output + f"\n{name}: no cases"
    return name, good, bad, off, output


def main():
    build, reports, counts = sys.argv[1:]
    os.makedirs(reports, exist_ok=True)
    programs = programs_of(build)
    if not programs:
        sys.exit(f"{build} has no test programs")
    good = bad = off = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, ok, wrong, disabled, output in pool.map(
                lambda program: run(*program, reports), programs):
            good, bad, off = good + ok, bad + wrong, off + disabled
            print(f"== {name}: {ok} passed, {wrong} failed"
                  + (f", {disabled} disabled" if disabled else ""))
            if wrong:
                print(output)
    with open(counts, "w", encoding="utf-8") as file:
        print(good, bad, f"{good} cases in {len(programs)} programs"
              + (f", {off} disabled" if off else ""), file=file)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
