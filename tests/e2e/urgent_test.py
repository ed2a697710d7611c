"""Urgent work in a full farm, and a licence server that is asked."""

import unittest

from farm import FarmTest, one_step, wait_for


class Urgent(FarmTest):
    def rules(self, text):
        self.farm.post("/v1/rules", {"text": text, "user": "tester"})

    def test_takes_the_place_of_lower_work_which_then_runs_again(self):
        self.farm.start_brain()
        self.rules("preemption: {from: urgent, drain_s: 1}")
        self.farm.start_agent("a", vcpus=1)
        long = self.farm.submit(self.farm.template(one_step("sleep 600", 1, "Long"), "long.yaml"))
        wait_for("the long task", lambda: self.farm.job(long)["state"] == "running")
        short = self.farm.template(one_step("true", 2, "Short"), "short.yaml")
        urgent = self.farm.submit(short, "--tier", "urgent")
        self.assertEqual(self.farm.wait_for_end(urgent)["state"], "succeeded")
        wait_for("the long task again", lambda: len(self.farm.attempts(long)) == 2)
        first = self.farm.attempts(long)[0]
        self.assertEqual((first["state"], first["cause"]), ("canceled", "preempted"))
        self.assertIn("tier 'urgent'", first["message"])
        self.assertEqual(self.farm.job(long)["state"], "running")
        self.farm.post(f"/v1/jobs/{long}/cancel", {})
        self.farm.wait_for_end(long)

    def test_seats_that_others_hold_are_left_to_them(self):
        says = self.farm.dir / "seats"
        says.write_text("Total of 5 licenses issued; Total of 5 in use\n")
        self.farm.start_brain()
        self.rules(
            "limits:\n- name: maya\n  seats: 9\n  poll:\n    every_s: 0.2\n"
            f"    command: [cat, {says}]\n"
            "    pattern: 'Total of (?P<total>\\d+) licenses issued; Total of (?P<used>\\d+)'\n"
        )
        # The report is there when a node comes that would take the work.
        wants = "    hostRequirements: {amounts: [{name: amount.limit.maya, min: 1}]}\n"
        template = self.farm.template(one_step("true", 3, "Render", wants))
        job = self.farm.submit(template)

        def held_back():
            rows = self.farm.job(job)["why"]
            return rows and rows[0]["reason"] == "limit"

        wait_for("the licence server's word", held_back)
        self.farm.start_agent("a", vcpus=4)
        says.write_text("lmgrd is not running\n")
        wait_for("the log", lambda: "seat_poll_failed" in self.farm.log("brain"))
        wait_for("the end", lambda: self.farm.job(job)["state"] == "succeeded")
        says.write_text("Total of 5 licenses issued; Total of 0 in use\n")
        wait_for("the log", lambda: "seat_poll_works_again" in self.farm.log("brain"))

    def test_an_exit_code_that_means_no_seat_uses_up_no_retry(self):
        marker = self.farm.dir / "tried"
        self.farm.start_brain()
        self.rules("limits: [{name: nuke, seats: 1, exit_codes: [133]}]")
        self.farm.start_agent("a", vcpus=1)
        command = f"test -e {marker} || {{ touch {marker}; exit 133; }}"
        template = self.farm.template(one_step(command, 1, "Comp"))
        job = self.farm.submit(template, "--max-retries", "0")
        attempts = wait_for("an attempt that ended", lambda: [
            each for each in self.farm.attempts(job) if each.get("cause")])
        self.assertEqual(attempts[0]["cause"], "no_licence")
        row = self.farm.job(job)["why"][0]
        self.assertEqual(row["reason"], "limit")
        self.assertIn("'nuke'", row["text"])
        self.assertEqual(self.farm.job(job)["state"], "queued")
        self.farm.post(f"/v1/jobs/{job}/cancel", {})
        self.farm.wait_for_end(job)


if __name__ == "__main__":
    unittest.main()
