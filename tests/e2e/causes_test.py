"""Attempts that fail for a reason which the farm can do something about, with real processes."""

import json
import unittest

from farm import FarmTest, one_step, wait_for

TAKES_200_MIB = """python3 -c 'import time; held = bytearray(200 << 20); time.sleep(4)'"""


def with_memory(template, mib):
    wants = f"    hostRequirements: {{amounts: [{{name: amount.worker.memory, min: {mib}}}]}}"
    return template.replace("    script:", f"{wants}\n    script:", 1)


class Causes(FarmTest):
    def setUp(self):
        super().setUp()
        self.farm.start_brain()

    def start_agents(self, *names, vcpus=2):
        for name in names:
            self.farm.start_agent(name, vcpus=vcpus)
        self.farm.wait_for_nodes(len(names))

    def submit(self, template, scheduling="", retries=0):
        arguments = ["--max-retries", retries]
        if scheduling:
            arguments += ["--scheduling", self.farm.template(scheduling, "scheduling.yaml")]
        return self.farm.submit(self.farm.template(template), *arguments)

    def test_a_task_that_takes_too_much_memory_is_ended_and_gets_more(self):
        self.start_agents("a")
        job = self.submit(with_memory(one_step(TAKES_200_MIB, 1), 64))
        self.assertEqual(self.farm.wait_for_end(job)["state"], "succeeded")
        first, second = self.farm.attempts(job)
        self.assertEqual(first["cause"], "out_of_memory")
        self.assertIn("was given 0.0625 GiB", first["message"])
        self.assertIn("memory_limit", first["message"])
        self.assertEqual(second["state"], "succeeded")

    def test_the_memory_limit_can_be_switched_off(self):
        config = self.farm.template("[node]\nmemory_limit = 0\n", "node.toml")
        self.farm.start_agent("a", "--config", config)
        self.farm.wait_for_nodes(1)
        job = self.submit(with_memory(one_step(TAKES_200_MIB, 1), 64))
        self.assertEqual(self.farm.wait_for_end(job)["state"], "succeeded")
        self.assertEqual(len(self.farm.attempts(job)), 1)

    def test_a_task_that_goes_silent_is_ended(self):
        self.start_agents("a")
        job = self.submit(
            one_step("echo begin\nexec sleep 1000", 1),
            "steps: {Work: {timeouts: {silent_s: 5}}}",
        )
        (failure,) = self.farm.wait_for_end(job)["failures"]
        self.assertEqual(failure["cause"], "timed_out")
        self.assertIn("printed nothing and used no CPU for 5", failure["message"])

    def test_a_task_that_is_only_busy_is_not_silent(self):
        self.start_agents("a")
        script = "end=$((SECONDS + 14)); while ((SECONDS < end)); do :; done"
        job = self.submit(one_step(script, 1), "steps: {Work: {timeouts: {silent_s: 5}}}")
        self.assertEqual(self.farm.wait_for_end(job)["state"], "succeeded")

    def test_the_licence_line_makes_a_step_wait_and_costs_no_retry(self):
        farm = self.farm
        rules = farm.template(
            "limits: [{name: maya, seats: 4, log_patterns: ['License was not obtained']}]\n",
            "rules.yaml",
        )
        farm.cli("rules", "apply", rules)
        self.start_agents("a")
        flag = farm.dir / "seat"
        script = f"[ -e {flag} ] && exit 0\necho 'maya: License was not obtained'\nexit 1"
        job = self.submit(one_step(script, 3))
        wait_for("a refusal", lambda: farm.job(job)["why"])
        wait_for(
            "the step to wait for the licence",
            lambda: any(
                row["reason"] == "limit" and "'maya'" in row["text"]
                for row in farm.job(job)["why"]
            ),
        )
        flag.touch()
        self.assertEqual(farm.wait_for_end(job)["state"], "succeeded")
        causes = {attempt["cause"] for attempt in farm.attempts(job)}
        self.assertEqual(causes, {"no_licence", "none"})

    def test_a_line_can_fail_what_exits_with_0_and_for_good(self):
        self.start_agents("a")
        job = self.submit(
            one_step('echo "the scene is corrupt"\necho bye', 1),
            "log_rules: [{pattern: 'scene is corrupt', means: fatal, even_on_success: true}]",
            retries=5,
        )
        end = self.farm.wait_for_end(job)
        self.assertEqual(end["state"], "failed")
        (failure,) = end["failures"]
        self.assertEqual(failure["cause"], "fatal")
        self.assertIn("the scene is corrupt", failure["message"])
        self.assertEqual(len(self.farm.attempts(job)), 1)

    def test_a_shipped_rule_knows_what_renderers_print(self):
        self.start_agents("a")
        job = self.submit(
            one_step("echo 'Error: Cannot read file \"/no/a.blend\": No such file or directory'", 1)
        )
        (failure,) = self.farm.wait_for_end(job)["failures"]
        self.assertEqual(failure["cause"], "fatal")

    def test_failures_are_grouped_and_one_group_is_run_again(self):
        farm = self.farm
        self.start_agents("a")
        flag = farm.dir / "textures"
        script = (
            f'[ "$1" = 3 ] && {{ echo "Error: no light"; exit 1; }}\n'
            f'[ -e {flag} ] || {{ echo "Error: no texture $1 in /films/$1.tx"; exit 1; }}'
        )
        job = self.submit(one_step(script, 5))
        farm.wait_for_end(job)
        answer = json.loads(farm.cli("job", "failures", job, "--output", "json").stdout)
        first, second = answer["groups"]
        self.assertEqual((first["tasks"], second["tasks"]), (4, 1))
        self.assertEqual(first["signature"], "Error: no texture # in <path>")
        self.assertIn("4 tasks", farm.cli("job", "failures", job).stdout)
        flag.touch()
        farm.cli("job", "retry", job, "--group", first["group"])
        end = farm.wait_for_end(job)
        self.assertEqual(end["counts"]["failed"], 1)
        self.assertEqual(len(farm.attempts(job)), 9)
        refused = farm.cli("job", "retry", job, "--group", first["group"], check=False)
        self.assertNotEqual(refused.returncode, 0)

    def test_a_bad_node_gets_no_more_of_a_step_until_it_is_forgiven(self):
        farm = self.farm
        self.start_agents("good", "bad")
        script = 'case "$SIDEREAL_AGENT" in */bad) exit 1;; esac\nsleep 0.2'
        job = self.submit(one_step(script, 40), retries=3)
        self.assertEqual(farm.wait_for_end(job)["state"], "succeeded")
        failed = [attempt for attempt in farm.attempts(job) if attempt["state"] == "failed"]
        self.assertEqual({attempt["node"] for attempt in failed}, {"bad"})
        self.assertLessEqual(len(failed), 4)
        self.assertIn("ran elsewhere", farm.cli("node", "show", "bad").stdout)
        farm.cli("node", "forgive", "bad")
        self.assertNotIn("ran elsewhere", farm.cli("node", "show", "bad").stdout)


if __name__ == "__main__":
    unittest.main()
