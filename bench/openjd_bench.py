#!/usr/bin/env python3
"""Measures `sidereal openjd` and, where it is there, the Python openjd beside it.

    openjd_bench.py [--sidereal PATH] [--python OPENJD] [--rounds N] [--only-hostile]

check: whole process on a small template. hostile: time and memory for documents made to do harm;
ends with 1 if one of them takes more than 100 ms of work or 64 MiB.
space: making a job of a million tasks, and enumerating them. run: what a task costs beyond fork and
exec of the same program. Prints JSON.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SMALL = """specificationVersion: jobtemplate-2023-09
name: Small
parameterDefinitions:
- {name: Frames, type: STRING, default: 1-10}
steps:
- name: Render
  parameterSpace:
    taskParameterDefinitions: [{name: F, type: INT, range: '{{Param.Frames}}'}]
  script:
    actions:
      onRun: {command: echo, args: ['{{Task.Param.F}}']}
"""
TASKS = 1000
RUN = f"""specificationVersion: jobtemplate-2023-09
name: Run
steps:
- name: S
  parameterSpace:
    taskParameterDefinitions: [{{name: F, type: INT, range: 1-{TASKS}}}]
  script: {{actions: {{onRun: {{command: /bin/true}}}}}}
"""


def job(lines):
    return "specificationVersion: jobtemplate-2023-09\nname: J\n" + lines


def bomb():
    text = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for before, name in zip("abcdefgh", "bcdefghi"):
        text += f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
    return text


HOSTILE = {
    "depth": "[" * 1_000_000,
    "depth of objects": '{"a":' * 150_000,
    "10 MB of text": job("description: " + "x" * (10 << 20) + "\n"),
    "anchors that explode": bomb(),
    "200,000 doubled keys": "{" + '"k": 1, ' * 100_000 + '"k": 1}',
    "200,000 different keys": "{" + ", ".join(f'"k{i}": 1' for i in range(70_000)) + "}",
    "a MiB of faults": job("steps:\n" + "- {a: 1, b: 2, c: 3}\n" * 45_000),
    "not UTF-8": b"name: " + b"\xff" * 1_000_000,
    "NUL": "name: " + "\0" * 1_000_000,
    "40,000 range parts": job(
        "steps:\n- name: S\n  script: {actions: {onRun: {command: x}}}\n  parameterSpace: "
        "{taskParameterDefinitions: [{name: A, type: INT, range: '"
        + ",".join(str(2 * i) for i in range(40_000)) + "'}]}\n"),
    "references": job("description: x\n").replace("name: J", "name: '" + "{{A.B}}" * 50_000 + "'"),
}


def expression(*texts):
    """A job whose one command has these expressions among its arguments."""
    args = ", ".join(json.dumps("{{ " + text + " }}") for text in texts)
    return ("specificationVersion: jobtemplate-2023-09\nextensions: [EXPR]\nname: J\n"
            "parameterDefinitions: [{name: P, type: STRING, default: a}]\n"
            "steps:\n- name: S\n  script: {actions: {onRun: {command: x, args: [" + args + "]}}}\n")


HOSTILE.update({
    "100,000 expressions": expression(*["1"] * 100_000),
    "references with EXPR": expression(*["Param.P"] * 70_000),
    "unknown names with EXPR": expression(*["Param.Q + Q.P"] * 40_000),
    "a list of 500,000 items": expression("[" + "1," * 500_000 + "]"),
    "lists of lists": expression(*["[" + "[1]," * 10_000 + "]"] * 20),
    "a loop of ten million": expression("len([x for x in range(10000000)])"),
    "loops in loops": expression("len([[x * y for x in range(3000)] for y in range(3000)])"),
    "many loops": expression(*["len([x for x in range(90000)])"] * 500),
    "a text of 60 MB": expression("'a' * 60000000"),
    "many texts": expression(*["len('a' * 9000000)"] * 500),
    "texts in a loop": expression("len([('a' * (x + 9000)).upper() for x in range(100000)])"),
    "patterns": expression(*["re_search('" + "a" * 4000 + "', '(a|aa|aaa)*b')"] * 200),
    "chains": expression(*["Param.P" + ".upper()" * 100] * 500),
    "brackets": expression(*["(" * 5000 + "1" + ")" * 5000] * 50),
    "bindings that grow": expression("1").replace(
        "- name: S\n", "- name: S\n  let: ['a0 = \"x\" * 1000', "
        + ", ".join(f"'a{i + 1} = a{i} + a{i}'" for i in range(40)) + "]\n"),
    "values of a list": expression("1").replace("type: STRING, default: a",
        "type: 'LIST[INT]', item: {allowedValues: [" + ",".join(map(str, range(60_000)))
        + "]}, default: [" + ",".join(map(str, range(60_000))) + "]"),
})
MOST_MS = 100
MOST_MIB = 64


def timed(command, rounds):
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        times.append(time.perf_counter() - began)
    return {"best_ms": round(min(times) * 1e3, 2),
            "median_ms": round(statistics.median(times) * 1e3, 2)}


def peak(command):
    """Milliseconds passed and worked, MiB and exit status of one process."""
    read, write = os.pipe()
    began = time.perf_counter()
    child = os.fork()
    if child == 0:
        os.close(read)
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              check=False)
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = usage.ru_utime + usage.ru_stime
        os.write(write, json.dumps([done.returncode, usage.ru_maxrss, cpu]).encode())
        os._exit(0)
    os.close(write)
    status, usage, cpu = json.loads(os.read(read, 100))
    os.close(read)
    os.waitpid(child, 0)
    return {"ms": round((time.perf_counter() - began) * 1e3, 1), "cpu_ms": round(cpu * 1e3, 1),
            "mib": round(usage / 1024, 1), "status": status}


def bare_spawns(count):
    began = time.perf_counter()
    for _ in range(count):
        os.waitpid(os.posix_spawn("/bin/true", ["/bin/true"], os.environ), 0)
    return time.perf_counter() - began


def space(build):
    libraries = [str(build / f"lib{name}.a") for name in ("openjd", "base")]
    with tempfile.TemporaryDirectory() as folder:
        program = folder + "/task_space"
        subprocess.run(["g++", "-std=c++20", "-O2", f"-I{ROOT}/src", f"{ROOT}/bench/task_space.cpp",
                        *libraries, "-lyaml", "-lfmt", "-lre2", "-o", program],
                       check=True)
        return json.loads(subprocess.run([program], check=True, stdout=subprocess.PIPE).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sidereal", default=f"{ROOT}/build/release/sidereal")
    parser.add_argument("--python", help="the Python openjd program")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only-hostile", action="store_true")
    flags = parser.parse_args()
    ours = [flags.sidereal, "openjd"]
    result = {"load": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as folder:
        def write(name, text):
            path = Path(folder) / name
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            return str(path)

        small, run = write("small.yaml", SMALL), write("run.yaml", RUN)
        result["check"] = {"sidereal": timed(ours + ["check", small], flags.rounds)}
        result["hostile"] = {name: peak(ours + ["check", write("hostile.yaml", text)])
                             for name, text in HOSTILE.items()}
        over = {name: one for name, one in result["hostile"].items()
                if one["cpu_ms"] > MOST_MS or one["mib"] > MOST_MIB}
        if flags.only_hostile:
            return finish(result, over)
        bare = min(bare_spawns(TASKS) for _ in range(3))
        whole = timed(ours + ["run", run], 3)["best_ms"] / 1e3
        result["run"] = {"tasks": TASKS, "bare_us_per_task": round(bare / TASKS * 1e6),
                         "overhead_us_per_task": round((whole - bare) / TASKS * 1e6)}
        if flags.python:
            result["check"]["python"] = timed([flags.python, "check", small], 5)
            few = ["run", run, "--maximum-tasks", "50"]
            result["run"]["python_us_per_task"] = round(
                timed([flags.python, *few], 1)["best_ms"] * 1e3 / 50)
    result["space"] = space(Path(flags.sidereal).parent)
    return finish(result, over)


def finish(result, over):
    json.dump(result, sys.stdout, indent=1)
    print()
    for name, one in over.items():
        print(f"over {MOST_MS} ms or {MOST_MIB} MiB: {name}: {one}", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
