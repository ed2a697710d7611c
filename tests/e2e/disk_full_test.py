"""Disks that are full: of a node, and of the brain. Small ones are mounted where only this test and
its children see them."""

import json
import os
import subprocess
import sys
import unittest

from farm import FarmTest, one_step, wait_for


class DiskFull(FarmTest):
    def small_disk(self, path, size):
        path.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "small", path],
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            self.fail(f"NOT TESTED: no disk can be mounted here: {done.stderr}")
        self.addCleanup(subprocess.run, ["umount", "--lazy", path], check=True)

    def fill(self, folder):
        """Takes what room there is, to the last byte."""
        with open(folder / "filler", "ab", buffering=0) as filler:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        filler.write(b"x" * size)
                except OSError as error:
                    self.assertEqual(error.errno, 28)
        return folder / "filler"

    def test_a_nodes_disk(self):
        farm = self.farm
        self.small_disk(farm.dir / "a", "1m")
        farm.start_brain()
        agent = farm.start_agent("a", vcpus=1)
        talk = "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo the end; exit "
        # What a task says no longer fits: it goes on, and its log ends early.
        job = farm.submit(farm.template(one_step(talk + "0", 1)))
        self.assertEqual(farm.wait_for_end(job)["state"], "succeeded")
        self.assertIn("log_lost", farm.log("a"))
        self.assertIn("No space left", farm.log("a"))
        # Not even its script fits: it does not start, and says why.
        filler = self.fill(farm.dir / "a")
        job = farm.submit(farm.template(one_step("true", 1)), "--max-retries", 0)
        (failure,) = farm.wait_for_end(job)["failures"]
        self.assertEqual(failure["cause"], "not_started")
        self.assertIn("No space left", failure["message"])
        for log in (farm.dir / "a/logs").rglob("*.log"):
            log.unlink()
        filler.unlink()
        # The reason stands with the task's last words.
        job = farm.submit(farm.template(one_step(talk + "3", 1)), "--max-retries", 0)
        (failure,) = farm.wait_for_end(job)["failures"]
        self.assertIn("exit code 3", failure["message"])
        self.assertIn("the end", failure["log_tail"])
        self.assertIn("No space left", failure["log_tail"])
        for log in (farm.dir / "a/logs").rglob("*.log"):
            log.unlink()
        job = farm.submit(farm.template(one_step("true", 3)))
        self.assertEqual(farm.wait_for_end(job)["state"], "succeeded")
        self.assertIsNone(agent.poll())

    def submit_until_refused(self, template):
        """The jobs that were acknowledged, and how the first refusal looked."""
        taken = []
        for _ in range(2000):
            done = self.farm.cli("job", "submit", template, "--output", "json", check=False)
            if done.returncode != 0:
                self.assertEqual(done.returncode, 8, done.stderr)
                return taken, done
            taken.append(json.loads(done.stdout)["id"])
        self.fail("a full disk refuses nothing")

    def test_the_brains_disk(self):
        farm = self.farm
        self.small_disk(farm.data, "4m")
        farm.start_brain()
        farm.start_agent("a", vcpus=1)
        flag = farm.dir / "flag"
        template = farm.template(one_step(f"until [ -e {flag} ]; do sleep 0.05; done", 2))
        known = farm.submit(template)
        wait_for("a task to run", lambda: farm.job(known)["counts"]["running"] == 1)
        filler = self.fill(farm.data)
        # The log has some room set aside, and the database may need more: what is still
        # acknowledged must be there in the end. The one that finds the disk full is not
        # acknowledged, nor undone.
        taken, done = self.submit_until_refused(template)
        for words in ("not stored", "look whether", "make room"):
            self.assertIn(words, done.stderr)
        # Those after it are refused at once, and so are looks at what is not stored.
        for arguments in (["submit", template], ["cancel", known], ["list"]):
            done = farm.cli("job", *arguments, check=False)
            self.assertEqual(done.returncode, 8, done.stderr)
            self.assertIn("make room", done.stderr)
        # A frame ends meanwhile; nobody is told before it is stored.
        flag.touch()
        filler.unlink()
        self.assertEqual(farm.wait_for_end(known)["state"], "succeeded")
        self.assertIn("store_works_again", farm.log("brain"))
        jobs = [job["id"] for job in farm.get("/v1/jobs?limit=1000")["jobs"]]
        undecided = known + len(taken) + 1
        self.assertEqual(
            sorted(jobs), [known, *taken, undecided], "the refused ones must leave nothing"
        )
        for job in [*taken, undecided]:
            self.assertEqual(farm.wait_for_end(job)["state"], "succeeded")
        self.assertEqual(farm.log("brain").count("store_failed"), 1)

    def test_the_brains_disk_stays_full_over_a_kill(self):
        farm = self.farm
        self.small_disk(farm.data, "4m")
        farm.start_brain()
        known = [farm.submit(farm.template(one_step("true", 2))) for _ in range(3)]
        filler = self.fill(farm.data)
        taken, _ = self.submit_until_refused(farm.template(one_step("true", 2)))
        known += taken
        farm.kill("brain")
        filler.unlink()
        farm.start_brain()
        jobs = [job["id"] for job in farm.get("/v1/jobs?limit=1000")["jobs"]]
        self.assertEqual(sorted(jobs), known)
        farm.start_agent("a")
        for job in known:
            self.assertEqual(farm.wait_for_end(job)["state"], "succeeded")


if __name__ == "__main__":
    if os.environ.get("SIDEREAL_OWN_MOUNTS") != "1":
        # In a mount namespace of its own; without the right to that, as root of a user namespace.
        options = "-m" if os.geteuid() == 0 else "-rm"
        os.environ["SIDEREAL_OWN_MOUNTS"] = "1"
        os.execvp("unshare", ["unshare", options, sys.executable, *sys.argv])
    unittest.main()
