"""A real farm for end-to-end tests: the built binary as brain and agents, in a folder of its own.

Ports come from the kernel. Nothing sleeps for a fixed time to let something happen: tests wait for
a condition, with a generous bound that only a broken program reaches.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("SIDEREAL_BIN", str(ROOT / "build/dev/sidereal"))
PATIENCE_S = 90


def wait_for(what, condition, patience_s=PATIENCE_S):
    give_up = time.monotonic() + patience_s
    while time.monotonic() < give_up:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {patience_s} s in vain for: {what}")


def processes_with(text):
    """Process ids whose command line or environment speaks of `text`, this one excepted."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            known = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if text.encode() in known:
            found.append(int(entry.name))
    return found


def remove_cgroup(path):
    """What an agent leaves that was killed and not started again; false while somebody is in it."""
    try:
        for folder, _, _ in os.walk(path, topdown=False):
            os.rmdir(folder)
    except FileNotFoundError:
        pass
    except OSError:
        return False
    return True


class Farm:
    def __init__(self, lease_s=30):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="sidereal-e2e-"))
        self.data = self.dir / "farm"
        self.lease_s = lease_s
        self.processes = {}
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("SIDEREAL_")}
        self.environment["SIDEREAL_DATA"] = str(self.data)
        self.environment["NO_COLOR"] = "1"

    # -- processes

    def spawn(self, name, *arguments, environment=None):
        log = open(self.dir / f"{name}.log", "ab")
        process = subprocess.Popen(
            [BINARY, *map(str, arguments)],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            cwd=self.dir,
            env={**self.environment, **(environment or {})},
        )
        log.close()
        self.processes[name] = process
        return process

    def start_brain(self, *arguments, environment=None):
        (self.data / "url").unlink(missing_ok=True)
        brain = self.spawn(
            "brain",
            "brain",
            "--data",
            self.data,
            "--port",
            0,
            "--lease",
            self.lease_s,
            *arguments,
            environment=environment,
        )

        def ready():
            if brain.poll() is not None:
                raise AssertionError(f"the brain ended: {self.log('brain')}")
            return (self.data / "url").exists()

        wait_for("the brain to listen", ready)
        return brain

    def start_agent(self, name, *arguments, vcpus=2):
        return self.spawn(
            name,
            "agent",
            "--data",
            self.data,
            "--dir",
            self.dir / name,
            "--name",
            name,
            "--vcpus",
            vcpus,
            *arguments,
        )

    def kill(self, name):
        """kill -9, and wait until the kernel has let go of it."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def stop(self, name):
        process = self.processes.pop(name)
        process.send_signal(signal.SIGTERM)
        return process.wait(timeout=PATIENCE_S)

    def log(self, name):
        return (self.dir / f"{name}.log").read_text(errors="replace")

    def close(self):
        for process in self.processes.values():
            process.kill()
            process.wait()
        # Whatever an agent that was killed has left must be gone as well.
        for pid in processes_with(str(self.dir)):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for log in self.dir.glob("*.log"):
            for path in re.findall(r"with_cgroups path=(\S+)", log.read_text(errors="replace")):
                wait_for(f"{path} to be empty", lambda: remove_cgroup(pathlib.Path(path)))
        shutil.rmtree(self.dir, ignore_errors=True)

    # -- talking to it

    @property
    def url(self):
        return (self.data / "url").read_text().strip()

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def post(self, path, body=None):
        request = urllib.request.Request(
            self.url + path,
            method="POST",
            data=json.dumps(body or {}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def cli(self, *arguments, check=True, cwd=None):
        done = subprocess.run(
            [BINARY, *map(str, arguments)],
            capture_output=True,
            text=True,
            env=self.environment,
            cwd=cwd or self.dir,
            timeout=PATIENCE_S,
            stdin=subprocess.DEVNULL,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{arguments} -> {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def template(self, text, name="template.yaml"):
        path = self.dir / name
        path.write_text(text)
        return path

    def submit(self, target, *arguments):
        done = self.cli("job", "submit", target, "--output", "json", *arguments)
        return json.loads(done.stdout)["id"]

    def job(self, job):
        return self.get(f"/v1/jobs/{job}")

    def attempts(self, job):
        found, after = [], 0
        while True:
            page = self.get(f"/v1/jobs/{job}/attempts?limit=1000&after={after}")["attempts"]
            if not page:
                return found
            found += page
            after = page[-1]["attempt"]

    def wait_for_end(self, job, patience_s=PATIENCE_S):
        def ended():
            try:
                document = self.job(job)
            except (urllib.error.URLError, ConnectionError, FileNotFoundError):
                return None
            return document if document["ended_at"] else None

        try:
            return wait_for(f"job {job} to end", ended, patience_s)
        except AssertionError as error:
            logs = "\n".join(
                f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}"
                for log in self.dir.glob("*.log")
            )
            raise AssertionError(
                f"{error}\n{json.dumps(self.job(job), indent=1)}\n{logs}"
            ) from None

    def wait_for_nodes(self, count):
        wait_for(
            f"{count} nodes",
            lambda: sum(node["state"] == "present" for node in self.get("/v1/nodes")["nodes"])
            >= count,
        )


class FarmTest(unittest.TestCase):
    lease_s = 30

    def setUp(self):
        self.farm = Farm(self.lease_s)
        self.addCleanup(self.farm.close)


def one_step(command, tasks, name="Work", extra=""):
    """A job of `tasks` tasks that run a bash script; $1 is the task's number."""
    body = "\n".join("              " + line for line in command.strip().splitlines())
    return f"""specificationVersion: jobtemplate-2023-09
name: {name}
steps:
  - name: {name}
    parameterSpace:
      taskParameterDefinitions:
        - {{ name: N, type: INT, range: "1-{tasks}" }}
{extra}
    script:
      actions:
        onRun: {{ command: bash, args: ["{{{{Task.File.Run}}}}", "{{{{Task.Param.N}}}}"] }}
      embeddedFiles:
        - name: Run
          type: TEXT
          data: |
{body}
"""
