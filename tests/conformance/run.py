#!/usr/bin/env python3
"""Runs Open Job Description conformance cases against an openjd command.

    run.py [--suite DIR] [--command CMD] [--counts FILE] [NAME]

NAME picks cases by their path below the suite, with * and ?: 2023-09/base/*, *mapping*. Ends with 0
if all pass. See README.md for what a case is.
"""

import argparse
import concurrent.futures
import fnmatch
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PLATFORM = "windows" if os.name == "nt" else "posix"
TIMEOUT_S = 60


def find_cases(suite, pattern):
    # Below jobs, for one, the public suite has folders of its own.
    for path in sorted(suite.glob("*/*/*/**/*")):
        name = path.relative_to(suite).as_posix()
        kind = Path(name).parts[2]
        if kind not in ("job_templates", "env_templates", "jobs") or not path.is_file():
            continue
        if path.suffix not in (".yaml", ".json") or (kind == "jobs" and ".test." not in path.name):
            continue
        if not pattern or fnmatch.fnmatch(name, pattern) or fnmatch.fnmatch(name, pattern + "/*"):
            yield name, kind, path


def execute(command):
    """Exit status and all output; a crash is a fault whatever the case expects."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as late:
        return None, (late.stdout or b"").decode(errors="replace")
    return done.returncode, done.stdout.decode(errors="replace")


def verdict(status, output, refuses):
    if status is None:
        return f"did not end within {TIMEOUT_S} s\n{output}"
    if status < 0 or status > 125:
        return f"died with status {status}\n{output}"
    if refuses and status == 0:
        return "was accepted\n" + output
    if not refuses and status != 0:
        return f"was refused with status {status}\n{output}"
    return ""


def check_template(openjd, path):
    status, output = execute(openjd + ["check", str(path)])
    return verdict(status, output, ".invalid." in path.name)


def job_command(openjd, case, folder):
    def write(name, value):
        file = folder / name
        file.write_text(json.dumps(value), encoding="utf-8")
        return str(file)

    command = openjd + ["run", write("template.json", case["template"])]
    if "parameters" in case:
        command += ["-p", "file://" + write("parameters.json", case["parameters"])]
    for number, environment in enumerate(case.get("environments", [])):
        command += ["--env", write(f"environment-{number}.json", environment)]
    if "pathMapping" in case:
        rules = {"version": "pathmapping-1.0", "path_mapping_rules": case["pathMapping"]}
        command += ["--path-mapping-rules", "file://" + write("rules.json", rules)]
    return command


def check_output(expected, output):
    for text in expected.get("output", []) + expected.get("output_" + PLATFORM, []):
        choices = text["anyOf"] if isinstance(text, dict) else [text]
        if not any(str(choice) in output for choice in choices):
            return f"{text!r} is not in the output\n{output}"
    for text in expected.get("forbidden", []) + expected.get("forbidden_" + PLATFORM, []):
        if str(text) in output:
            return f"{text!r} must not be in the output\n{output}"
    return ""


def check_job(openjd, path):
    with open(path, encoding="utf-8") as file:
        case = yaml.safe_load(file)
    if PLATFORM not in case.get("runOn", [PLATFORM]):
        return ""
    with tempfile.TemporaryDirectory() as folder:
        status, output = execute(job_command(openjd, case, Path(folder)))
    expected = case.get("expected", {})
    failure = expected.get("taskFailure")
    fault = verdict(status, output, ".invalid." in path.name or failure is not None)
    if fault or ".invalid." in path.name:
        return fault
    wanted = (failure or {}).get("exitCode")
    codes = [int(code) for code in re.findall(r"exited with code: (-?\d+)", output)]
    if wanted is not None and next(filter(None, codes), 0) != wanted:
        return f"no process ended with {wanted}\n{output}"
    return check_output(expected, output)


def run_case(openjd, case):
    name, kind, path = case
    try:
        return name, (check_job if kind == "jobs" else check_template)(openjd, path)
    except (OSError, yaml.YAMLError, KeyError, AttributeError) as fault:
        return name, f"the case itself cannot be read: {fault!r}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--suite", type=Path, default=HERE)
    parser.add_argument("--command", default=f"{ROOT}/build/dev/sidereal openjd")
    parser.add_argument("--counts", help="file that gets: PASSED FAILED")
    parser.add_argument("name", nargs="?", default="")
    flags = parser.parse_args()
    openjd = shlex.split(flags.command)
    cases = list(find_cases(flags.suite, flags.name))
    good = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
        for name, fault in pool.map(lambda case: run_case(openjd, case), cases):
            good += not fault
            if fault:
                print(f"FAILED {name}: {fault.strip()[:2000]}")
    bad = len(cases) - good
    print(f"{good} passed, {bad} failed")
    if flags.counts:
        Path(flags.counts).write_text(f"{good} {bad} {good} cases\n", encoding="utf-8")
    if not cases:
        sys.exit("there are no such cases")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
