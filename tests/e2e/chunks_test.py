"""Chunks that are cut as they are given out, so that each runs about as long as is asked for."""

import json
import unittest

from farm import FarmTest

FRAMES = 120
TEMPLATE = """
specificationVersion: jobtemplate-2023-09
extensions: [TASK_CHUNKING]
name: Chunks
parameterDefinitions: [{name: Out, type: STRING}]
steps:
- name: Render
  parameterSpace:
    taskParameterDefinitions:
    - name: Frame
      type: CHUNK[INT]
      range: 1-%d
      chunks: {defaultTaskCount: 1, targetRuntimeSeconds: 1, rangeConstraint: CONTIGUOUS}
  script:
    actions:
      onRun:
        command: bash
        args: [-c, 'IFS=- read first last <<< "{{Task.Param.Frame}}";
          for f in $(seq $first $last); do sleep 0.02; echo $f >> {{Param.Out}}; done']
""" % FRAMES


def frames_in(path):
    return sorted(int(line) for line in path.read_text().split())


class Chunks(FarmTest):
    def test_grow_on_a_farm_and_every_frame_is_run_once(self):
        self.farm.start_brain()
        self.farm.start_agent("a", vcpus=1)
        out = self.farm.dir / "frames"
        job = self.farm.submit(self.farm.template(TEMPLATE), "-p", f"Out={out}")
        end = self.farm.wait_for_end(job)
        self.assertEqual(end["state"], "succeeded")
        self.assertEqual(end["counts"]["succeeded"], FRAMES)
        self.assertEqual(frames_in(out), list(range(1, FRAMES + 1)))
        sizes = [each.get("tasks", 1) for each in self.farm.attempts(job)]
        self.assertEqual(sum(sizes), FRAMES)
        self.assertEqual(sizes[0], 1)
        self.assertGreaterEqual(max(sizes), 10)
        # A frame in the middle of a chunk finds the chunk's log and attempt.
        last = self.farm.attempts(job)[-1]
        inside = last["task"] + last.get("tasks", 1) - 1
        found = self.farm.get(f"/v1/jobs/{job}/attempts?step=Render&task={inside}")["attempts"]
        self.assertEqual([each["attempt"] for each in found], [last["attempt"]])
        self.farm.cli("job", "logs", job, "--step", "Render", "--task", inside)

    def test_grow_without_a_farm(self):
        out = self.farm.dir / "frames"
        template = self.farm.template(TEMPLATE)
        done = self.farm.cli("openjd", "run", template, "-p", f"Out={out}", "--output", "json")
        self.assertEqual(frames_in(out), list(range(1, FRAMES + 1)))
        self.assertLess(json.loads(done.stdout)["tasks_run"], FRAMES // 2)


if __name__ == "__main__":
    unittest.main()
