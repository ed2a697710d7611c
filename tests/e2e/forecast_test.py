"""Forecasts of a real farm: from nothing to go by to done."""

import unittest

from farm import FarmTest, one_step, wait_for

LATER = """    dependencies: [{dependsOn: Nap}]
    script: {actions: {onRun: {command: "true"}}}
"""


class Forecast(FarmTest):
    def ask(self):
        return self.farm.get("/v1/forecast")

    def test_knows_more_with_every_task_that_ends_and_nothing_of_what_has_ended(self):
        self.farm.start_brain()
        template = one_step("sleep 0.2", 200, "Nap") + "  - name: Wake\n" + LATER
        job = self.farm.submit(self.farm.template(template))
        self.assertFalse(self.ask()["measured"])
        self.farm.start_agent("a")
        seen = wait_for("a measured task", lambda: (f := self.ask())["measured"] and f)
        (row,) = seen["jobs"]
        self.assertEqual(row["id"], job)
        self.assertLessEqual(row["p50_s"], row["p90_s"])
        nap, wake = row["steps"]
        self.assertTrue(nap["measured"])
        self.assertFalse(wake["measured"])
        self.assertLess(nap["p50_s"], wake["p50_s"])
        change = {"add_nodes": 9, "job": str(job), "deadline": "2020-01-01T00:00:00Z"}
        what_if = self.farm.post("/v1/whatif", change)
        self.assertLess(what_if["then"]["p50_s"], what_if["now"]["p50_s"] / 2)
        self.assertEqual(what_if["then"]["jobs"][0]["on_time"], 0)
        self.assertIsNone(what_if["nodes_for_deadline"])
        self.assertEqual(len(self.farm.get("/v1/nodes")["nodes"]), 1)
        self.farm.post(f"/v1/jobs/{job}/cancel", {})
        wait_for("the end", lambda: self.farm.job(job)["state"] == "canceled")
        self.assertEqual(self.ask()["jobs"], [])


if __name__ == "__main__":
    unittest.main()
