"""Bad input and bad surroundings: a clear error each, and nothing stored."""

import json
import os
import shutil
import socket
import unittest

from farm import FarmTest, one_step, wait_for

GOOD = one_step("true", 2)


class Refusals(FarmTest):
    def refused(self, text, *parts, name="bad.yaml"):
        path = self.farm.template(text, name)
        done = self.farm.cli("job", "submit", path, check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        for part in (name, *parts):
            self.assertIn(part, done.stderr)
        checked = self.farm.cli("job", "check", path, check=False)
        self.assertEqual(checked.returncode, 2)
        self.assertEqual(self.farm.get("/v1/jobs")["jobs"], [])

    def test_bad_templates_are_refused_with_their_place(self):
        self.farm.start_brain()
        self.refused(GOOD.replace("name: Work\nsteps", 'name: "Work\nsteps'), "bad.yaml:")
        self.refused(GOOD.replace("    script:", "    scirpt:"), "scirpt", "script", "steps[0]")
        self.refused(GOOD.replace("Task.Param.N", "Task.Param.M"), "Task.Param.M")
        self.refused(
            GOOD.replace("jobtemplate-2023-09", "jobtemplate-1999-01"), "1:", "jobtemplate-2023-09"
        )
        cyclic = GOOD + GOOD[GOOD.index("  - name: Work") :].replace("name: Work", "name: More", 1)
        cyclic = cyclic.replace(
            "    script:", "    dependencies: [{dependsOn: More}]\n    script:", 1
        )
        head, tail = cyclic.rsplit("    script:", 1)
        self.refused(
            head + "    dependencies: [{dependsOn: Work}]\n    script:" + tail, "Work", "More"
        )
        self.refused("{" * 5000, "bad.json", name="bad.json")

    def test_parameters_are_checked(self):
        farm = self.farm
        farm.start_brain()
        text = GOOD.replace(
            "steps:", "parameterDefinitions:\n  - {name: Count, type: INT, maxValue: 5}\nsteps:"
        )
        path = farm.template(text)
        for arguments, part in (
            ([], "Count"),
            (["-p", "Count=9"], "5"),
            (["-p", "Count=x"], "Count"),
            (["-p", "Count=1", "-p", "Cuont=1"], "Cuont"),
        ):
            done = farm.cli("job", "submit", path, *arguments, check=False)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(part, done.stderr)
        self.assertEqual(farm.get("/v1/jobs")["jobs"], [])

    def test_missing_scene_is_named_before_submission(self):
        farm = self.farm
        farm.start_brain()
        text = GOOD.replace(
            "steps:",
            "parameterDefinitions:\n  - {name: Scene, type: PATH, objectType: FILE,"
            " dataFlow: IN, default: scene.blend}\nsteps:",
        )
        done = farm.cli("job", "submit", farm.template(text), check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("scene.blend", done.stderr)

    def test_second_brain_on_one_folder(self):
        farm = self.farm
        farm.start_brain()
        second = farm.cli("brain", "--data", farm.data, "--port", 0, check=False)
        self.assertEqual(second.returncode, 4, second.stderr)
        self.assertIn(str(farm.data), second.stderr)
        self.assertIn(str(farm.processes["brain"].pid), second.stderr)

    def test_port_taken(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            done = self.farm.cli("brain", "--data", self.farm.data, "--port", port, check=False)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn(str(port), done.stderr)

    def test_not_loopback(self):
        done = self.farm.cli("brain", "--data", self.farm.data, "--host", "0.0.0.0", check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("0.0.0.0", done.stderr)

    def test_folder_cannot_be_made(self):
        blocker = self.farm.template("a file, not a folder", "blocker")
        done = self.farm.cli("brain", "--data", blocker / "farm", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(str(blocker), done.stderr)
        self.assertIn("Not a directory", done.stderr)

    def test_database_that_is_none(self):
        self.farm.data.mkdir()
        (self.farm.data / "farm.db").write_bytes(b"certainly not a database" * 100)
        done = self.farm.cli("brain", "--data", self.farm.data, "--port", 0, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("farm.db", done.stderr)

    def test_no_brain(self):
        done = self.farm.cli("job", "list", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("sidereal up", done.stderr)

    def test_unknown_things(self):
        self.farm.start_brain()
        for arguments in (
            ["job", "show", "77"],
            ["job", "cancel", "77"],
            ["node", "show", "ghost"],
        ):
            done = self.farm.cli(*arguments, check=False)
            self.assertEqual(done.returncode, 3, f"{arguments}: {done.stderr}")
        done = self.farm.cli("job", "show", "77", "--output", "json", check=False)
        self.assertEqual(json.loads(done.stderr)["error"]["code"], "not_found")

    def test_the_clock_is_stepped_by_an_hour(self):
        library = next(
            (
                path
                for path in (
                    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
                    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
                )
                if os.path.exists(path)
            ),
            None,
        )
        self.assertIsNotNone(library, "libfaketime is missing: tools/setup.sh installs it")
        farm = self.farm
        offset = farm.template("+0s", "offset")
        farm.start_brain(
            environment={
                "LD_PRELOAD": library,
                "FAKETIME_TIMESTAMP_FILE": str(offset),
                "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
        )
        farm.start_agent("a")
        farm.wait_for_nodes(1)
        for step in ("+3600s", "-3600s"):
            offset.write_text(step)
            job = farm.submit(farm.template(GOOD))
            self.assertEqual(farm.wait_for_end(job)["state"], "succeeded")
        wait_for("the brain to say so", lambda: "clock_stepped" in farm.log("brain"))


if __name__ == "__main__":
    unittest.main()
