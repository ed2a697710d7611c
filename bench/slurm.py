"""Slurm (Debian's slurm-wlm) on this machine alone: a controller and one node of 2 CPUs, loopback.

Told to be quick: a deep queue, no waiting between its rounds, and an Epilog, without which its node
reports the end of a job only in a loop of whole seconds. It keeps no accounts and saves its state
in the background, so unlike Sidereal it may lose what it acknowledged. Needs root: its daemons do.
"""

import atexit
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

PATIENCE_S = 120
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "sdiag", "sinfo")

CONFIG = """ClusterName=bench
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={controller_port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={dir}/munge/socket
StateSaveLocation={dir}/state
SlurmdSpoolDir={dir}/spool
SlurmctldPidFile={dir}/slurmctld.pid
SlurmdPidFile={dir}/slurmd.pid
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
MaxArraySize=200001
MaxJobCount=300000
SlurmdParameters=config_overrides
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
Epilog=/bin/true
SchedulerType=sched/backfill
PriorityType=priority/basic
SchedulerParameters=default_queue_depth=20000,partition_job_depth=20000,sched_min_interval=0,\
batch_sched_delay=0,bf_interval=30,max_array_tasks=200000
SlurmctldDebug=error
SlurmdDebug=error
CompleteWait=0
MinJobAge=2
MessageTimeout=60
PropagateResourceLimits=NONE
NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 Port={node_port} CPUs=2 RealMemory=1000
PartitionName=bench Nodes=n1 Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
"""


def missing():
    """Why it cannot run here; empty if it can."""
    path = os.environ["PATH"] + ":/usr/sbin"
    lacking = [name for name in PROGRAMS if not shutil.which(name, path=path)]
    if lacking:
        return f"{', '.join(lacking)} not found: run tools/setup.sh bench"
    return "" if os.geteuid() == 0 else "Slurm's daemons need root"


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Slurm:
    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="sidereal-slurm-"))
        self.dir.chmod(0o755)
        self.processes = []
        atexit.register(self.close)
        controller_port, node_port = free_ports(2)
        config = self.dir / "slurm.conf"
        config.write_text(
            CONFIG.format(dir=self.dir, controller_port=controller_port, node_port=node_port)
        )
        self.environment = {
            **os.environ,
            "PATH": os.environ["PATH"] + ":/usr/sbin",
            "SLURM_CONF": str(config),
        }
        self.start_munge()
        for name in ("state", "spool"):
            (self.dir / name).mkdir()
        self.start("slurmctld", "-D", "-f", config)
        self.start("slurmd", "-D", "-N", "n1", "-f", config)
        self.wait("an idle node", lambda: self.ask("sinfo", "-h", "-o", "%T") == "idle")

    def start_munge(self):
        """Munge signs what the daemons say; it wants a folder and a user of its own."""
        folder = self.dir / "munge"
        folder.mkdir()
        (folder / "key").write_bytes(os.urandom(128))
        (folder / "key").chmod(0o600)
        for path in (folder, folder / "key"):
            shutil.chown(path, "munge", "munge")
        as_munge = ("setpriv", "--reuid=munge", "--regid=munge", "--clear-groups")
        files = {"key-file": "key", "socket": "socket", "pid-file": "pid", "log-file": "log"}
        files["seed-file"] = "seed"
        options = [f"--{option}={folder / name}" for option, name in files.items()]
        self.start(*as_munge, "munged", "--foreground", *options)
        self.wait("munge", (folder / "socket").exists)

    def start(self, *command):
        log = open(self.dir / "log", "ab")
        self.processes.append(
            subprocess.Popen(
                [*map(str, command)], env=self.environment, stdout=log, stderr=log, cwd=self.dir
            )
        )
        log.close()

    def ask(self, *command):
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    def wait(self, what, condition, patience_s=PATIENCE_S):
        give_up = time.monotonic() + patience_s
        while not condition():
            if time.monotonic() > give_up:
                sys.exit(f"Slurm: waited in vain for {what}\n{(self.dir / 'log').read_text()}")
            time.sleep(0.02)

    def completed(self):
        found = re.search(r"Jobs completed:\s*(\d+)", self.ask("sdiag"))
        return int(found[1]) if found else 0

    def throughput(self, tasks):
        """Tasks of /bin/true a second, as one array."""
        script = self.dir / "true.sh"
        script.write_text("#!/bin/sh\nexec /bin/true\n")
        before = self.completed()
        began = time.monotonic()
        self.ask("sbatch", "-Q", "-n1", f"--array=0-{tasks - 1}", "-o", "/dev/null", str(script))
        self.wait(f"{tasks} jobs", lambda: self.completed() - before >= tasks, tasks + PATIENCE_S)
        return tasks / (time.monotonic() - began)

    def latency_ms(self, task):
        """Idle: from before sbatch until the process runs."""
        out = self.dir / "started"
        out.unlink(missing_ok=True)
        script = self.dir / "latency.sh"
        script.write_text(f"#!/bin/sh\nexec {task} {out}\n")
        before = self.completed()
        began = time.monotonic_ns()
        self.ask("sbatch", "-Q", "-n1", "-o", "/dev/null", str(script))
        self.wait("a job", lambda: self.completed() > before)
        return (int(out.read_text()) - began) / 1e6

    def close(self):
        while self.processes:
            process = self.processes.pop()
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)
