#!/usr/bin/env python3
"""Measures `sidereal openjd` and, beside it, the public implementations in Python and in Rust.

    openjd_bench.py [--sidereal PATH] [--python OPENJD] [--rust OPENJD] [--rounds N]
                    [--only-hostile | --only-peers]

The two peers are called `openjd` both: what the options do not name is looked for on the PATH,
where a script is Python's and a program Rust's. What is not found is said, and left out.
    python3 -m venv V && V/bin/pip install openjd-cli
    cargo install --locked openjd-cli

check: whole process on a small template. summary: whole process on a job of a million tasks. run:
what one task more costs, beside fork and exec of the same program. space: making that job in
memory, enumerating its tasks, and evaluating a simple expression. hostile: time and memory for
documents made to do harm; ends with 1 if one takes more than 100 ms of work or 64 MiB.
Prints JSON; the table of those side by side goes to standard error.
"""

import argparse
import json
import os
import resource
import shutil
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
TASKS = 200
RUN = f"""specificationVersion: jobtemplate-2023-09
name: Run
steps:
- name: S
  parameterSpace:
    taskParameterDefinitions: [{{name: F, type: INT, range: 1-{TASKS}}}]
  script: {{actions: {{onRun: {{command: /bin/true}}}}}}
"""
MILLION = """specificationVersion: jobtemplate-2023-09
name: Million
steps:
- name: S
  parameterSpace:
    taskParameterDefinitions:
    - {name: Frame, type: INT, range: 1-500000}
    - {name: Eye, type: STRING, range: [left, right]}
  script: {actions: {onRun: {command: 'true'}}}
"""
# Of the Python packages themselves, in their own interpreter.
IN_PYTHON = """
import json, sys, time, yaml
from openjd.model import StepParameterSpaceIterator, create_job, decode_job_template
from openjd import expr
template = yaml.safe_load(sys.stdin)
began = time.perf_counter()
job = create_job(job_template=decode_job_template(template=template), job_parameter_values={})
made = time.perf_counter() - began
began, count = time.perf_counter(), 0
for _ in StepParameterSpaceIterator(space=job.steps[0].parameterSpace):
    count += 1
    if count == 200000:
        break
listed = time.perf_counter() - began
values = expr.SymbolTable()
values["Param.Frame"] = expr.ExprValue(41)
parsed = expr.parse_expression("Param.Frame + 1")
began = time.perf_counter()
for _ in range(50000):
    parsed.evaluate(values=values)
print(json.dumps({"create_us": round(made * 1e6, 1), "tasks_per_s": round(count / listed),
                  "evaluations_per_s": round(50000 / (time.perf_counter() - began))}))
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


def once(command):
    began = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    taken = time.perf_counter() - began
    if done.returncode != 0:
        sys.exit(f"{command} ended with {done.returncode}: {done.stderr.decode()[-500:]}")
    return taken


def side_by_side(commands, rounds, slow_rounds=5):
    """Milliseconds of whole processes by name, in turns: the machine's mood hits all alike."""
    times = {name: [] for name in commands}
    for number in range(rounds):
        for name, command in commands.items():
            if name == "sidereal" or number < slow_rounds:
                times[name].append(once(command))
    return {name: {"best_ms": round(min(taken) * 1e3, 2),
                   "median_ms": round(statistics.median(taken) * 1e3, 2)}
            for name, taken in times.items()}


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


def find_peers(flags):
    """{"python": ..., "rust": ...}: the programs, as far as they are there."""
    found = {}
    for folder in os.get_exec_path():
        program = Path(folder) / "openjd"
        if not os.access(program, os.X_OK) or program.is_dir():
            continue
        with open(program, "rb") as file:
            start = file.read(4)
        kind = "rust" if start == b"\x7fELF" else "python" if start.startswith(b"#!") else ""
        # Our own stand-in is a script of sh.
        if kind == "python" and b"python" not in program.read_bytes().split(b"\n", 1)[0]:
            continue
        found.setdefault(kind, str(program))
    for kind in ("python", "rust"):
        if getattr(flags, kind):
            found[kind] = getattr(flags, kind)
        if kind not in found:
            print(f"THE {kind.upper()} PEER IS MISSING: no figures of it; see --help.",
                  file=sys.stderr)
    return {kind: found[kind] for kind in ("python", "rust") if kind in found}


def in_python(program):
    """What the Python packages do without a process of their own: of the program's interpreter."""
    interpreter = Path(program).read_text(encoding="utf-8").split("\n", 1)[0][2:].strip()
    done = subprocess.run([interpreter, "-c", IN_PYTHON], input=MILLION.encode(), check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        print(f"the Python packages say: {done.stderr.decode()[-500:]}", file=sys.stderr)
        return {}
    return json.loads(done.stdout)


def per_task(programs, run):
    """Microseconds that one task more takes, and those of fork and exec alone."""
    bare = min(bare_spawns(TASKS) for _ in range(5)) / TASKS
    out = {"bare": {"us_per_task": round(bare * 1e6)}}
    for name, program in programs.items():
        rounds = 2 if name == "python" else 5
        many = min(once([*program, "run", run]) for _ in range(rounds))
        one = min(once([*program, "run", run, "--maximum-tasks", "1"]) for _ in range(rounds))
        each = (many - one) / (TASKS - 1)
        out[name] = {"us_per_task": round(each * 1e6), "overhead_us": round((each - bare) * 1e6)}
    return out


def measure_peers(flags, write):
    programs = {"sidereal": [flags.sidereal, "openjd"]}
    programs |= {name: [program] for name, program in find_peers(flags).items()}
    small, run, million = (write(name, text) for name, text in
                           (("small.yaml", SMALL), ("run.yaml", RUN), ("million.yaml", MILLION)))
    result = {
        "check": side_by_side({name: [*program, "check", small]
                               for name, program in programs.items()}, flags.rounds),
        "summary": side_by_side({name: [*program, "summary", million]
                                 for name, program in programs.items()}, 5),
        "run": per_task(programs, run),
        "space": {"sidereal": space(Path(flags.sidereal).parent)},
    }
    if "python" in programs:
        result["space"]["python"] = in_python(programs["python"][0])
    return result


def table(result):
    rows = [("check, small template, ms", "check", "median_ms"),
            ("summary, a million tasks, ms", "summary", "median_ms"),
            ("run, a task, us", "run", "us_per_task"),
            ("  of that beyond fork and exec, us", "run", "overhead_us"),
            ("making a million tasks, us", "space", "create_us"),
            ("enumerating, tasks/s", "space", "tasks_per_s"),
            ("expressions/s", "space", "evaluations_per_s")]
    print(f"{'':36}{'sidereal':>14}{'python':>14}{'rust':>14}", file=sys.stderr)
    for text, group, field in rows:
        cells = []
        for name in ("sidereal", "python", "rust"):
            figure = result[group].get(name, {}).get(field)
            cells.append("-" if figure is None else f"{figure:,}")
        print(f"{text:36}" + "".join(f"{cell:>14}" for cell in cells), file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sidereal", default=f"{ROOT}/build/release/sidereal")
    parser.add_argument("--python", help="the Python openjd program")
    parser.add_argument("--rust", help="the Rust openjd program")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only-hostile", action="store_true")
    parser.add_argument("--only-peers", action="store_true")
    flags = parser.parse_args()
    result = {"load": os.getloadavg()[0]}
    over = {}
    with tempfile.TemporaryDirectory() as folder:
        def write(name, text):
            path = Path(folder) / name
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            return str(path)

        if not flags.only_peers:
            check = [flags.sidereal, "openjd", "check"]
            result["hostile"] = {name: peak([*check, write("hostile.yaml", text)])
                                 for name, text in HOSTILE.items()}
            over = {name: one for name, one in result["hostile"].items()
                    if one["cpu_ms"] > MOST_MS or one["mib"] > MOST_MIB}
        if not flags.only_hostile:
            result |= measure_peers(flags, write)
    json.dump(result, sys.stdout, indent=1)
    print()
    if not flags.only_hostile:
        table(result)
    for name, one in over.items():
        print(f"over {MOST_MS} ms or {MOST_MIB} MiB: {name}: {one}", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
