"""Environment templates that the farm's rules put around the jobs of a project."""

import unittest

from farm import FarmTest, one_step

AROUND = """
environments:
- name: tools
  projects: [film]
  template: |
    specificationVersion: environment-2023-09
    parameterDefinitions: [{name: Tools, type: STRING}, {name: Site, type: PATH, default: ''}]
    environment:
      name: Tools
      script:
        actions:
          onEnter: {command: sh, args: [-c, 'echo "openjd_env: TOOLS={{Param.Tools}}"']}
          onExit: {command: sh, args: [-c, 'echo left >> {{Param.Site}}']}
"""


class Environments(FarmTest):
    def rules(self, text):
        self.farm.post("/v1/rules", {"text": text, "user": "tester"})

    def log_of(self, job):
        return self.farm.cli("job", "logs", job).stdout

    def test_surround_the_jobs_of_their_project(self):
        self.farm.start_brain()
        self.rules(AROUND)
        self.farm.start_agent("a")
        template = self.farm.template(one_step('echo "tools: $TOOLS"', 1, "Comp"))

        inside = self.farm.submit(
            template, "--project", "film/seq010", "-p", "Tools=nuke-15", "-p", "Site=left-by"
        )
        self.assertEqual(self.farm.wait_for_end(inside)["state"], "succeeded")
        self.assertIn("tools: nuke-15\n", self.log_of(inside))
        # A relative path is the submitter's, here the test's folder.
        self.assertEqual((self.farm.dir / "left-by").read_text(), "left\n")

        outside = self.farm.submit(template, "--project", "ads")
        self.assertEqual(self.farm.wait_for_end(outside)["state"], "succeeded")
        self.assertIn("tools: \n", self.log_of(outside))

    def test_ask_for_their_parameters_when_a_job_is_handed_in(self):
        self.farm.start_brain()
        self.rules(AROUND)
        template = self.farm.template(one_step("true", 1, "Comp"))
        refused = self.farm.cli("job", "submit", template, "--project", "film", check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("'Tools'", refused.stderr)
        self.assertEqual(self.farm.get("/v1/jobs")["total"], 0)

    def test_are_those_of_the_time_of_submission_whatever_happens_to_the_rules_and_the_brain(self):
        self.farm.start_brain()
        self.rules(AROUND)
        template = self.farm.template(one_step('echo "tools: $TOOLS"', 1, "Comp"))
        job = self.farm.submit(
            template, "--project", "film", "-p", "Tools=v1", "-p", "Site=/dev/null"
        )
        self.rules("environments: []")
        self.farm.kill("brain")
        self.farm.start_brain()
        self.farm.start_agent("a")
        self.assertEqual(self.farm.wait_for_end(job)["state"], "succeeded")
        self.assertIn("tools: v1\n", self.log_of(job))


if __name__ == "__main__":
    unittest.main()
