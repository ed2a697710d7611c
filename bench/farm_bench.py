#!/usr/bin/env python3
"""The figures of the whole farm, each beside the floor of the same run.

usage: farm_bench.py [--binary build/release/sidereal] [--rounds 5] [--peer slurm] [NAME ...]
NAME: throughput several latency million idle start seeds (default: all)

Real processes on loopback, durable before effect (a log, one sync a batch), output captured.
"""

import argparse
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import slurm

ROOT = pathlib.Path(__file__).resolve().parents[1]


def median(values):
    return statistics.median(values)


def spread(values, digits=1):
    low, high = min(values), max(values)
    return (
        f"{median(values):.{digits}f} "
        f"(min {low:.{digits}f}, max {high:.{digits}f}, n={len(values)})"
    )


def rss_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Farm:
    def __init__(self, binary, agents=1, vcpus=2, data=None):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="sidereal-bench-"))
        self.data = data or self.dir / "farm"
        self.binary = binary
        log = open(self.dir / "log", "ab")
        began = time.monotonic()
        (self.data / "url").unlink(missing_ok=True)
        self.brain = subprocess.Popen(
            [binary, "brain", "--data", self.data, "--port", "0", "--log-level", "error"],
            stdout=log,
            stderr=log,
        )
        while not (self.data / "url").exists():
            if self.brain.poll() is not None:
                sys.exit((self.dir / "log").read_text())
            time.sleep(0.001)
        self.ready_s = time.monotonic() - began
        host = (self.data / "url").read_text().strip().removeprefix("http://")
        self.http = http.client.HTTPConnection(host)
        self.agents = [
            subprocess.Popen(
                [
                    binary,
                    "agent",
                    "--data",
                    self.data,
                    "--dir",
                    self.dir / f"n{i}",
                    "--name",
                    f"n{i}",
                    "--vcpus",
                    str(vcpus),
                    "--log-level",
                    "error",
                ],
                stdout=log,
                stderr=log,
            )
            for i in range(agents)
        ]
        while sum(n["state"] == "present" for n in self.get("/v1/nodes")["nodes"]) < agents:
            time.sleep(0.01)

    def get(self, path):
        self.http.request("GET", path)
        return json.load(self.http.getresponse())

    def submit(self, template, **more):
        body = json.dumps({"template": json.dumps(template), "file_name": "bench.json", **more})
        began = time.monotonic_ns()
        self.http.request("POST", "/v1/jobs", body, {"Content-Type": "application/json"})
        answer = json.load(self.http.getresponse())
        return answer["id"], (time.monotonic_ns() - began) / 1e6

    def wait(self, job):
        revision = 0
        while True:
            document = self.get(f"/v1/jobs/{job}/watch?after={revision}&wait_s=10")
            revision = document["revision"]
            if document["ended_at"]:
                return document

    def close(self):
        for process in [*self.agents, self.brain]:
            process.send_signal(signal.SIGTERM)
            process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


def job_of(command, arguments, tasks):
    step = {
        "name": "Bench",
        "script": {"actions": {"onRun": {"command": command, "args": arguments}}},
    }
    if tasks > 1:
        step["parameterSpace"] = {
            "taskParameterDefinitions": [{"name": "N", "type": "INT", "range": f"1-{tasks}"}]
        }
    return {"specificationVersion": "jobtemplate-2023-09", "name": "Bench", "steps": [step]}


def build_tools(folder):
    floor, task = folder / "spawn_floor", folder / "started_at"
    subprocess.run(
        ["g++", "-O2", "-std=c++20", "-o", floor, ROOT / "bench/spawn_floor.cpp"], check=True
    )
    subprocess.run(["gcc", "-O2", "-o", task, ROOT / "bench/started_at.c"], check=True)
    return floor, task


def throughput(options, floor, _):
    """10,000 x true, one agent with 2 slots over its real connection."""
    tasks = options.tasks
    peer = slurm.Slurm() if options.peer == "slurm" else None
    peer_rates = []
    rates, floors, xargs, ratios, brain_cpu, agent_cpu = [], [], [], [], [], []
    for _ in range(options.rounds):
        before = float(subprocess.check_output([floor, "3000", "2", "/bin/true"]))
        farm = Farm(options.binary)
        began_brain, began_agent = cpu_s(farm.brain.pid), cpu_s(farm.agents[0].pid)
        began = time.monotonic()
        job, _ = farm.submit(job_of("/bin/true", [], tasks))
        end = farm.wait(job)
        took = time.monotonic() - began
        if end["counts"]["succeeded"] != tasks:
            sys.exit(json.dumps(end, indent=1))
        brain_cpu.append((cpu_s(farm.brain.pid) - began_brain) / tasks * 1e6)
        agent_cpu.append((cpu_s(farm.agents[0].pid) - began_agent) / tasks * 1e6)
        farm.close()
        after = float(subprocess.check_output([floor, "3000", "2", "/bin/true"]))
        began = time.monotonic()
        subprocess.run("seq 3000 | xargs -P2 -n1 /bin/true", shell=True, check=True)
        xargs.append(3000 / (time.monotonic() - began))
        floors.append((before + after) / 2)
        rates.append(tasks / took)
        ratios.append(rates[-1] / floors[-1])
        if peer:
            peer_rates.append(peer.throughput(options.peer_tasks))
    print(f"  floor, posix_spawn loop, 2 slots   {spread(floors)} tasks/s")
    print(f"  xargs -P2 -n1                      {spread(xargs)} tasks/s")
    print(f"  sidereal, {tasks} x true            {spread(rates)} tasks/s")
    if peer:
        peer.close()
        print(f"  Slurm, {options.peer_tasks} x true                {spread(peer_rates)} tasks/s")
    print(f"  ratio to the floor                 {spread(ratios, 3)}   (asked: 0.35, aim: 0.65)")
    print(
        f"  CPU a task: brain {median(brain_cpu):.0f} us, "
        f"agent {median(agent_cpu):.0f} us (with its forks)"
    )


def several(options, *_):
    """The same number of tasks in one job and in many that are there at once."""
    rates = {1: [], 4: [], 20: []}
    for _ in range(options.rounds):
        for jobs, found in rates.items():
            farm = Farm(options.binary)
            began = time.monotonic()
            ids = [
                farm.submit(job_of("/bin/true", [], options.tasks // jobs))[0] for _ in range(jobs)
            ]
            for job in ids:
                farm.wait(job)
            found.append(options.tasks / (time.monotonic() - began))
            farm.close()
    for jobs, found in rates.items():
        print(f"  {options.tasks} x true in {jobs:>2} jobs at once      {spread(found)} tasks/s")


def latency(options, _, task):
    """Idle farm: from before the submit call to the process running."""
    farm = Farm(options.binary)
    out = farm.dir / "started"
    samples = []
    for _ in range(options.samples):
        out.unlink(missing_ok=True)
        began = time.monotonic_ns()
        job, _ = farm.submit(job_of(str(task), [str(out)], 1))
        farm.wait(job)
        samples.append((int(out.read_text()) - began) / 1e6)
        time.sleep(0.03)
    farm.close()
    samples.sort()
    print(
        f"  submit to process started: p50 {median(samples):.2f} ms, "
        f"p99 {samples[int(len(samples) * 0.99) - 1]:.2f} ms, "
        f"max {samples[-1]:.2f} ms, n={len(samples)}   (asked: 5 and 20, aim: 1 and 3)"
    )
    if options.peer == "slurm":
        peer = slurm.Slurm()
        samples = []
        for _ in range(options.peer_samples):
            samples.append(peer.latency_ms(task))
            # Not in step with its rounds of a second.
            time.sleep(random.uniform(1.2, 2.4))
        peer.close()
        print(f"  Slurm, from sbatch to process started: {spread(samples)} ms")


def million(options, *_):
    """A job of 1,000,000 tasks that stays queued."""
    times, growth = [], []
    for _ in range(options.rounds):
        farm = Farm(options.binary, agents=0)
        farm.submit(job_of("/bin/true", [], 2))
        before = rss_mib(farm.brain.pid)
        times.append(farm.submit(job_of("/bin/true", [], 1_000_000))[1])
        growth.append(rss_mib(farm.brain.pid) - before)
        farm.close()
    print(f"  submitted in {spread(times, 2)} ms   (asked: 50)")
    print(f"  brain grows by {spread(growth, 2)} MiB   (asked: 2)")


def idle(options, *_):
    """Resident memory of an idle brain and agent."""
    brains, agents = [], []
    for _ in range(options.rounds):
        farm = Farm(options.binary)
        farm.wait(farm.submit(job_of("/bin/true", [], 2))[0])
        brains.append(rss_mib(farm.brain.pid))
        agents.append(rss_mib(farm.agents[0].pid))
        farm.close()
    print(f"  idle brain RSS {spread(brains)} MiB   (asked: 40)")
    print(f"  idle agent RSS {spread(agents)} MiB   (asked: 15)")


def start(options, *_):
    """Brain start with jobs in the store: 900 of 1,000 ran (5 tasks each), 100 are paused."""
    farm = Farm(options.binary)
    ran = options.jobs * 9 // 10
    paused = options.jobs - ran
    for job in [farm.submit(job_of("/bin/true", [], 5))[0] for _ in range(ran)]:
        farm.wait(job)
    for _ in range(paused):
        farm.submit(job_of("/bin/true", [], 1000), paused=True)
    kept = pathlib.Path(tempfile.mkdtemp(prefix="sidereal-bench-kept-"))
    for process in [*farm.agents, farm.brain]:
        process.send_signal(signal.SIGTERM)
        process.wait()
    shutil.copytree(farm.data, kept / "farm")
    shutil.rmtree(farm.dir)
    times = []
    for _ in range(options.rounds):
        again = Farm(options.binary, agents=0, data=kept / "farm")
        times.append(again.ready_s)
        loaded = again.get(f"/v1/jobs?limit={options.jobs + 1}")["jobs"]
        states = [job["state"] for job in loaded]
        again.close()
        if (states.count("succeeded"), states.count("paused")) != (ran, paused):
            sys.exit(f"the brain did not load the {options.jobs} jobs, but {len(loaded)}")
    shutil.rmtree(kept)
    print(f"  start to listening, {options.jobs} jobs loaded {spread(times, 3)} s   (asked: 0.5)")


def seeds(options, *_):
    """10,000 World seeds."""
    simulator = pathlib.Path(options.binary).with_name("sidereal-sim")
    times = []
    for round_number in range(options.rounds):
        began = time.monotonic()
        subprocess.run(
            [simulator, "--seeds", "10000", "--from", str(1 + round_number * 10000)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        times.append(time.monotonic() - began)
    print(f"  10,000 seeds in {spread(times)} s   (asked: 60)")


BENCHES = {
    "throughput": throughput,
    "several": several,
    "latency": latency,
    "million": million,
    "idle": idle,
    "start": start,
    "seeds": seeds,
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=str(ROOT / "build/release/sidereal"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tasks", type=int, default=10000)
    parser.add_argument("--samples", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--peer", choices=["slurm"], help="run it in the same rounds")
    parser.add_argument("--peer-tasks", type=int, default=1000)
    parser.add_argument("--peer-samples", type=int, default=20)
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHES)
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    if options.peer == "slurm" and slurm.missing():
        parser.error(slurm.missing())
    os.environ.pop("SIDEREAL_URL", None)
    cpu = next(
        (
            line.split(":")[1].strip()
            for line in open("/proc/cpuinfo")
            if line.startswith("model name")
        ),
        "?",
    )
    print(
        f"{time.strftime('%Y-%m-%d %H:%M')}  {os.cpu_count()} CPUs ({cpu}), "
        f"Linux {os.uname().release}, "
        f"load {os.getloadavg()[0]:.2f}"
    )
    print(subprocess.check_output([options.binary, "version"], text=True).splitlines()[0])
    with tempfile.TemporaryDirectory(prefix="sidereal-bench-tools-") as folder:
        floor, task = build_tools(pathlib.Path(folder))
        for name in options.names or BENCHES:
            print(f"{name}: {BENCHES[name].__doc__}")
            BENCHES[name](options, floor, task)
            sys.stdout.flush()
    print(f"load at the end {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
