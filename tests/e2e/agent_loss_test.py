"""Agents that are killed, stopped, replaced, or let go of their work."""

import os
import signal
import time
import unittest

from farm import FarmTest, one_step, processes_with, wait_for


class AgentLoss(FarmTest):
    lease_s = 3

    def hold_script(self):
        """Runs for ever on node a, ends at once elsewhere."""
        return (
            f'echo "$1" >> {self.farm.dir}/marks\n'
            f'case "$PWD" in {self.farm.dir}/a/*) exec sleep 1000;; esac'
        )

    def test_killed_in_the_middle_of_a_frame_the_other_node_renders_it(self):
        farm = self.farm
        farm.start_brain()
        farm.start_agent("a", vcpus=1)
        farm.wait_for_nodes(1)
        job = farm.submit(farm.template(one_step(self.hold_script(), 1)), "--max-retries", 0)
        wait_for("the task to run", (farm.dir / "marks").exists)
        farm.start_agent("b", vcpus=1)
        farm.wait_for_nodes(2)
        farm.kill("a")
        end = farm.wait_for_end(job)
        self.assertEqual(end["state"], "succeeded", "a lost node must not use up a retry")
        attempts = farm.attempts(job)
        self.assertEqual(
            [(a["node"], a["state"], a["cause"]) for a in attempts],
            [("a", "failed", "lost_node"), ("b", "succeeded", "none")],
        )
        wait_for("the orphan to be gone", lambda: not processes_with("sleep\x001000"))

    def test_started_anew_it_gets_its_work_back_at_once(self):
        farm = self.farm
        farm.lease_s = 300
        farm.start_brain()
        farm.start_agent("a", vcpus=1)
        flag = farm.dir / "second"
        job = farm.submit(
            farm.template(
                one_step(f"if [ -e {flag} ]; then exit 0; fi\ntouch {flag}\nexec sleep 1000", 1)
            ),
            "--max-retries",
            0,
        )
        wait_for("the task to run", flag.exists)
        farm.kill("a")
        farm.start_agent("a", vcpus=1)
        self.assertEqual(farm.wait_for_end(job, 30)["state"], "succeeded")

    def test_stopped_in_order_it_leaves_nothing_behind(self):
        farm = self.farm
        farm.start_brain()
        farm.start_agent("a", vcpus=1)
        job = farm.submit(farm.template(one_step(self.hold_script(), 1)), "--max-retries", 0)
        wait_for("the task to run", (farm.dir / "marks").exists)
        self.assertEqual(farm.stop("a"), 0, farm.log("a"))
        self.assertEqual(list((farm.dir / "a/sessions").iterdir()), [])
        self.assertEqual(farm.job(job)["counts"]["running"], 0)
        farm.start_agent("b", vcpus=1)
        self.assertEqual(farm.wait_for_end(job)["state"], "succeeded")

    def test_a_frozen_agent_is_fenced_when_it_wakes(self):
        farm = self.farm
        farm.start_brain()
        agent = farm.start_agent("a", vcpus=1)
        farm.wait_for_nodes(1)
        job = farm.submit(farm.template(one_step(self.hold_script(), 1)))
        wait_for("the task to run", (farm.dir / "marks").exists)
        agent.send_signal(signal.SIGSTOP)
        farm.start_agent("b", vcpus=1)
        self.assertEqual(farm.wait_for_end(job)["state"], "succeeded")
        agent.send_signal(signal.SIGCONT)
        wait_for("its stale work to be killed", lambda: not processes_with("sleep\x001000"))
        farm.wait_for_nodes(2)
        succeeded = [a for a in farm.attempts(job) if a["state"] == "succeeded"]
        self.assertEqual([a["node"] for a in succeeded], ["b"])

    def test_a_drained_node_gets_no_more(self):
        farm = self.farm
        farm.start_brain()
        farm.start_agent("a", vcpus=1)
        farm.wait_for_nodes(1)
        farm.cli("node", "drain", "a")
        job = farm.submit(farm.template(one_step("true", 3)))
        farm.start_agent("b", vcpus=1)
        self.assertEqual(farm.wait_for_end(job)["state"], "succeeded")
        self.assertEqual({a["node"] for a in farm.attempts(job)}, {"b"})

    def test_old_logs_are_removed_and_whoever_asks_for_one_is_told(self):
        farm = self.farm
        farm.start_brain()
        farm.start_agent("a")
        job = farm.submit(farm.template(one_step("echo hello", 2)))
        farm.wait_for_end(job)
        self.assertEqual(farm.cli("job", "logs", job, "--task", 0).stdout, "hello\n")
        farm.stop("a")
        old = time.time() - 31 * 24 * 3600
        (first, _) = sorted((farm.dir / "a/logs").rglob("[0-9]*.log"))
        os.utime(first, (old, old))
        farm.start_agent("a")
        wait_for("the log to go", lambda: not first.exists())
        farm.wait_for_nodes(1)
        task = next(a for a in farm.attempts(job) if str(a["attempt"]) == first.stem)["task"]
        done = farm.cli("job", "logs", job, "--task", task, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("keeps logs for 30 days", done.stderr)
        self.assertEqual(farm.cli("job", "logs", job, "--task", 1 - task).stdout, "hello\n")

    def test_two_agents_in_one_folder_the_second_refuses(self):
        farm = self.farm
        farm.start_brain()
        farm.start_agent("a")
        farm.wait_for_nodes(1)
        second = farm.cli(
            "agent", "--data", farm.data, "--dir", farm.dir / "a", "--name", "x", check=False
        )
        self.assertEqual(second.returncode, 4, second.stderr)
        self.assertIn(str(farm.dir / "a"), second.stderr)


if __name__ == "__main__":
    unittest.main()
