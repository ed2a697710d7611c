#!/usr/bin/env python3
"""Compares verdicts on templates with those of the Python openjd; run by hand.

    python3 -m venv /tmp/oracle && /tmp/oracle/bin/pip install openjd-model pyyaml
    /tmp/oracle/bin/python tests/conformance/compare.py [--mutations N] [--seed S] [--sidereal PATH]

Judges every template case, then N mutations of them: fields dropped, doubled, renamed, values
swapped for others. Each disagreement is printed with its document's path and the reason of the one
that refuses; those that docs/openjd.md lists as deliberate are only counted. Ends with 1 if there
are others.
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
    sys.exit("THE ORACLE IS MISSING: nothing was compared. Install openjd-model, see --help.")

EXTENSIONS = ["TASK_CHUNKING", "REDACTED_ENV_VARS", "FEATURE_BUNDLE_1", "EXPR", "WRAP_ACTIONS"]
VALUES = [None, True, False, 0, -1, 1, 1.5, 65, "", "x", "1-5", "{{Param.P}}", "{{", [], ["x"], {},
          {"x": 1}, "a" * 65, "a" * 1025, "\t", "INT", "STRING", "NONE"]
# Deliberate: what the reason says, of the one who refuses, and the rule in docs/openjd.md.
DELIBERATE = [
    (line.split("|", 1)[0], line.split("|", 1)[1].rsplit("|", 1)[0])
    for line in (HERE / "deliberate.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def oracle(document):
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


def sidereal(program, paths):
    """The same for many files, one process each."""
    out = []
    for path in paths:
        done = subprocess.run([program, "openjd", "check", path], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        text = done.stdout.decode(errors="replace").replace(path + ":", "")
        out.append("" if done.returncode == 0 else text or "?")
    return out


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


def is_deliberate(side, reason):
    return any(who == side and re.search(pattern, reason) for who, pattern in DELIBERATE)


def load_cases():
    for path in sorted(HERE.glob("2023-09/*/*_templates/*")):
        try:
            document = yaml.safe_load(path.read_text(encoding="utf-8"))
        except yaml.YAMLError:
            continue
        if isinstance(document, dict):
            yield path.relative_to(HERE).as_posix(), document


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--mutations", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sidereal", default=f"{ROOT}/build/dev/sidereal")
    flags = parser.parse_args()
    rng = random.Random(flags.seed)
    cases = list(load_cases())
    for number in range(flags.mutations):
        name, document = rng.choice(cases[:len(cases)])
        cases.append((f"mutation {number} of {name}", mutate(document, rng)))
    deliberate = other = 0
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, (_, document) in enumerate(cases):
            paths.append(os.path.join(folder, f"{number}.json"))
            Path(paths[-1]).write_text(json.dumps(document), encoding="utf-8")
        ours = sidereal(flags.sidereal, paths)
    for (name, document), mine in zip(cases, ours):
        theirs = oracle(document)
        if bool(mine) == bool(theirs):
            continue
        side = "sidereal" if mine else "python"
        if is_deliberate(side, mine or theirs):
            deliberate += 1
            continue
        other += 1
        print(f"{side} alone refuses {name}:\n    {(mine or theirs).strip()[:400]}")
        if name.startswith("mutation"):
            print(f"    {json.dumps(document)[:1000]}")
    print(f"{len(cases)} templates, {deliberate} deliberate differences, {other} others")
    sys.exit(1 if other else 0)


if __name__ == "__main__":
    main()
