"""Frames that fail in every way: the reason is kept, the others go on, the job says which."""

import json
import unittest

from farm import ROOT, FarmTest, one_step, processes_with, wait_for


class Failures(FarmTest):
    def setUp(self):
        super().setUp()
        self.farm.start_brain()
        self.farm.start_agent("a", vcpus=4)
        self.farm.wait_for_nodes(1)

    def failed_job(self, template, *arguments):
        job = self.farm.submit(self.farm.template(template), "--max-retries", 0, *arguments)
        end = self.farm.wait_for_end(job)
        self.assertEqual(end["state"], "failed")
        return end

    def test_exit_1_fails_that_frame_only(self):
        end = self.failed_job(
            one_step('echo "rendering $1"\n[ "$1" != 3 ] || { echo "no light"; exit 1; }', 5)
        )
        self.assertEqual(end["counts"]["succeeded"], 4)
        (failure,) = end["failures"]
        self.assertEqual(failure["parameters"], {"N": "3"})
        self.assertIn("exit code 1", failure["message"])
        self.assertIn("no light", failure["log_tail"])

    def test_watch_says_which_and_exits_1(self):
        job = self.farm.submit(
            self.farm.template(one_step('[ "$1" != 2 ] || exit 7', 3)), "--max-retries", 0
        )
        done = self.farm.cli("job", "watch", job, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("exit code 7", done.stdout + done.stderr)

    def test_renderer_missing(self):
        template = one_step("true", 1).replace("command: bash", "command: no-such-renderer")
        (failure,) = self.failed_job(template)["failures"]
        self.assertEqual(failure["cause"], "not_started")
        self.assertIn("no-such-renderer", failure["message"])

    def test_frame_that_hangs(self):
        template = one_step("exec sleep 1000", 1).replace(
            "onRun: { command: bash,", "onRun: { timeout: 1, command: bash,"
        )
        (failure,) = self.failed_job(template)["failures"]
        self.assertEqual(failure["cause"], "timed_out")
        self.assertIn("1", failure["message"])

    def test_environment_is_left_after_a_frame_that_was_killed(self):
        flag = self.farm.dir / "left"
        template = (
            one_step("exec sleep 1000", 1)
            .replace("onRun: { command: bash,", "onRun: { timeout: 1, command: bash,")
            .replace(
                "steps:",
                "jobEnvironments:\n  - {name: E, script: {actions: {onEnter: {command: 'true'}, "
                f"onExit: {{command: touch, args: [{flag}]}}}}}}}}\nsteps:",
                1,
            )
        )
        (failure,) = self.failed_job(template)["failures"]
        self.assertEqual(failure["cause"], "timed_out")
        wait_for("the exit", flag.exists)

    def test_output_disk_full(self):
        (failure,) = self.failed_job(one_step("echo picture > /dev/full", 1))["failures"]
        self.assertIn("No space left", failure["log_tail"])

    def test_environment_that_fails(self):
        template = one_step("true", 2).replace(
            "steps:",
            """jobEnvironments:
  - name: Broken
    script: {actions: {onEnter: {command: bash, args: ["-c", "echo sorry; exit 3"]}}}
steps:""",
            1,
        )
        end = self.failed_job(template)
        self.assertEqual({f["cause"] for f in end["failures"]}, {"environment_error"})
        self.assertIn("Broken", end["failures"][0]["message"])

    def test_openjd_fail_gives_the_reason(self):
        (failure,) = self.failed_job(one_step("echo 'openjd_fail: the sun is missing'", 1))[
            "failures"
        ]
        self.assertIn("the sun is missing", failure["message"])

    def test_retries_are_used_and_then_counted(self):
        job = self.farm.submit(
            self.farm.template(
                one_step(
                    f"echo x >> {self.farm.dir}/runs\n[ $(wc -l < {self.farm.dir}/runs) -ge 3 ]", 1
                )
            ),
            "--max-retries",
            2,
        )
        self.assertEqual(self.farm.wait_for_end(job)["state"], "succeeded")
        self.assertEqual(len(self.farm.attempts(job)), 3)

    def test_too_many_failures_pause_the_job(self):
        job = self.farm.submit(
            self.farm.template(one_step("exit 1", 50)), "--max-retries", 0, "--max-failed-tasks", 3
        )
        paused = wait_for(
            "the job to pause",
            lambda: (lambda found: found if found["state"] == "paused" else None)(
                self.farm.job(job)
            ),
        )
        self.assertGreater(paused["counts"]["ready"], 0)
        self.assertIn("failed", paused["pause_reason"])

    def test_retry_opens_a_failed_job_again(self):
        flag = self.farm.dir / "flag"
        end = self.failed_job(one_step(f"[ -e {flag} ]", 2))
        flag.touch()
        self.farm.cli("job", "retry", end["id"])
        self.assertEqual(self.farm.wait_for_end(end["id"])["state"], "succeeded")

    def test_skipping_what_failed_ends_the_job_well(self):
        script = '[ "$1" != 2 ] || { echo "Error: frame 2"; exit 1; }'
        job = self.farm.submit(self.farm.template(one_step(script, 3)), "--max-retries", 0)
        self.assertEqual(self.farm.wait_for_end(job)["state"], "failed")
        refused = self.farm.cli("job", "skip", job, check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("say what to skip", refused.stderr)
        self.farm.cli("job", "skip", job, "--task", "N=2")
        end = self.farm.wait_for_end(job)
        self.assertEqual(end["state"], "succeeded")
        self.assertEqual((end["counts"]["succeeded"], end["counts"]["skipped"]), (2, 1))

    def test_cancel_ends_what_runs(self):
        farm = self.farm
        job = farm.submit(farm.template(one_step("exec sleep 1000", 9)))
        wait_for("tasks to run", lambda: farm.job(job)["counts"]["running"] == 4)
        farm.cli("job", "cancel", job)
        self.assertEqual(farm.wait_for_end(job)["state"], "canceled")

    def test_cancel_reaches_what_has_left_its_parents(self):
        farm = self.farm
        if "with_cgroups" not in farm.log("a"):
            self.fail("NOT TESTED: the agent can use no cgroup v2 here\n" + farm.log("a"))
        flag = farm.dir / "flag"
        script = f"setsid bash -c 'sleep 1234 & touch {flag}' &\nwait\nexec sleep 1235"
        template = one_step(script, 1)
        job = farm.submit(farm.template(template))
        wait_for("the task to run", lambda: flag.exists() and processes_with("sleep\x001235"))
        farm.cli("job", "cancel", job)
        self.assertEqual(farm.wait_for_end(job)["state"], "canceled")
        for seconds in ("1234", "1235"):
            wait_for("the process to be gone", lambda: not processes_with("sleep\x00" + seconds))

    def test_pause_and_resume(self):
        farm = self.farm
        job = farm.submit(farm.template(one_step("true", 3)), "--paused")
        self.assertEqual(farm.job(job)["state"], "paused")
        farm.cli("job", "resume", job)
        self.assertEqual(farm.wait_for_end(job)["state"], "succeeded")

    def test_waits_and_says_why(self):
        job = self.farm.submit(
            self.farm.template(
                one_step(
                    "true",
                    1,
                    extra=(
                        "    hostRequirements: {amounts: [{name: amount.worker.vcpu, min: 512}]}"
                    ),
                )
            )
        )
        (why,) = self.farm.job(job)["why"]
        self.assertEqual(why["reason"], "misfit")
        self.assertIn("512", why["text"])

    def test_the_failing_example(self):
        job = self.farm.submit(ROOT / "examples/failing", "--max-retries", 0)
        end = self.farm.wait_for_end(job)
        self.assertEqual(end["state"], "failed")
        self.assertGreater(end["counts"]["succeeded"], 0)
        self.assertGreater(end["counts"]["failed"], 1)

    def test_redacted_values_are_in_no_log_and_no_record(self):
        farm = self.farm
        template = one_step('echo "key $KEY."\necho "openjd_status: at $KEY"\nexit 3', 1).replace(
            "steps:",
            """extensions: [REDACTED_ENV_VARS]
jobEnvironments:
  - name: Login
    script:
      actions:
        onEnter:
          command: bash
          args: ["-c", "echo openjd_redacted_env: KEY=hunter2; echo hunter2"]
        onExit: {command: bash, args: ["-c", "echo leaving with $KEY"]}
steps:""",
            1,
        )
        end = self.failed_job(template)
        (failure,) = end["failures"]
        self.assertIn("key ********.", failure["log_tail"])
        wait_for("the exit", lambda: list((farm.dir / "a/logs").rglob("*-exit.log")))
        wait_for("the session to be over", lambda: not list((farm.dir / "a/sessions").iterdir()))
        logs = "".join(path.read_text() for path in (farm.dir / "a/logs").rglob("*.log"))
        self.assertIn("openjd_redacted_env: KEY=********\n********\n", logs)
        self.assertIn("leaving with ********\n", logs)
        self.assertNotIn("hunter2", logs + json.dumps(farm.attempts(end["id"])))

    def test_logs_are_served_from_the_node(self):
        farm = self.farm
        job = farm.submit(
            farm.template(one_step('for i in $(seq 1000); do echo "line $i of $1"; done', 2))
        )
        farm.wait_for_end(job)
        done = farm.cli("job", "logs", job, "--task", "1")
        self.assertIn("line 1000 of 2", done.stdout)
        self.assertNotIn("of 1\n", done.stdout)


if __name__ == "__main__":
    unittest.main()
