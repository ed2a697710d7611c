"""Bundles with every extension: what `openjd run` does on this machine, a farm does too."""

import subprocess
import unittest

from farm import BINARY, PATIENCE_S, FarmTest, wait_for

HOOK = """{ command: bash, args: ["{{ Env.File.Wrap }}", "{{ WrappedAction.Environment }}", "--",
        "{{ WrappedAction.Command }}", "{{ WrappedAction.Args }}"] }"""
# What each bundle is, the values that it is given, and what it must leave in its output folder.
BUNDLES = {
    "expressions": (
        """specificationVersion: jobtemplate-2023-09
extensions: [EXPR, FEATURE_BUNDLE_1]
name: "{{ Param.Shot.upper() }} of {{ len(Param.Layers) }} layers"
parameterDefinitions:
- { name: Out, type: PATH, dataFlow: OUT }
- { name: Shot, type: string, default: s01 }
- { name: Layers, type: "LIST[STRING]", default: [fg, bg] }
- { name: Frames, type: RANGE_EXPR, default: "1-4:2" }
- { name: Draft, type: BOOL, default: false }
- { name: Plates, type: "LIST[PATH]", default: [] }
steps:
- name: Render
  let:
  - quality = 10 if Param.Draft else 100
  parameterSpace:
    taskParameterDefinitions:
    - { name: Frame, type: INT, range: "{{ Param.Frames }}" }
    - { name: Layer, type: STRING, range: "{{ [l.upper() for l in Param.Layers] }}" }
  bash:
    let:
    - picture = Param.Out / (Param.Shot + '_' + Task.Param.Layer + '_####.txt')
    timeout: "{{ 60 if Param.Draft else null }}"
    args:
    - "{{ picture.with_number(Task.Param.Frame) }}"
    - "{{ '--draft' if Param.Draft else null }}"
    - "{{ ['--plates'] + [p.name for p in Param.Plates] if len(Param.Plates) > 0 else [] }}"
    script: |
      target=$1; shift
      echo {{ repr_sh(Job.Name) }} {{ Step.Name }} {{ quality }} "$@" > "$target"
""",
        ["-p", 'Layers=["fg", "matte"]', "-p", "Draft=yes",
         "-p", 'Plates=["/p/a.exr", "/p/b.exr"]'],
        {
            f"s01_{layer}_000{frame}.txt":
                "S01 of 2 layers Render 10 --draft --plates a.exr b.exr\n"
            for layer in ("FG", "MATTE")
            for frame in (1, 3)
        },
    ),
    "wrapped": (
        """specificationVersion: jobtemplate-2023-09
extensions: [EXPR, WRAP_ACTIONS]
name: Wrapped
parameterDefinitions:
- { name: Out, type: PATH, dataFlow: OUT }
jobEnvironments:
- name: Recorder
  script:
    actions:
      onWrapEnvEnter: HOOK
      onWrapTaskRun: HOOK
      onWrapEnvExit: HOOK
    embeddedFiles:
    - name: Wrap
      type: TEXT
      data: |
        for word; do [ "$word" = -- ] && break; seen="$seen $word"; done
        while [ "$1" != -- ]; do shift; done; shift
        echo "[$seen ] $(basename "$1")" >> {{ repr_sh(Param.Out) }}/record.txt
        exec "$@"
- name: Tools
  variables: { LEVEL: "9" }
  script:
    actions:
      onEnter: { command: echo, args: ["openjd_env: ROOT=/tools"] }
      onExit: { command: "true" }
steps:
- name: Work
  script:
    actions:
      onRun: { command: sh, args: ["-c", "echo $ROOT $LEVEL > {{ Param.Out }}/task.txt"] }
""",
        [],
        {
            "record.txt": "[ LEVEL=9 ] echo\n[ LEVEL=9 ROOT=/tools ] sh\n"
            "[ LEVEL=9 ROOT=/tools ] true\n",
            "task.txt": "/tools 9\n",
        },
    ),
    "base": (
        """specificationVersion: jobtemplate-2023-09
name: Base {{Param.Name}}
parameterDefinitions:
- { name: Out, type: PATH, dataFlow: OUT }
- { name: Name, type: STRING, default: bundle }
- { name: Scale, type: FLOAT, default: "1.50" }
jobEnvironments:
- name: Settings
  variables: { SCALE: "{{Param.Scale}}" }
  script:
    embeddedFiles:
    - name: Enter
      type: TEXT
      runnable: true
      data: "#!/bin/bash\\necho openjd_env: NAME={{Param.Name}}\\n"
    actions:
      onEnter: { command: "{{Env.File.Enter}}" }
steps:
- name: First
  parameterSpace:
    taskParameterDefinitions:
    - { name: N, type: INT, range: "1-2" }
  script:
    embeddedFiles:
    - { name: Run, type: TEXT, data: "echo $NAME $SCALE > {{Param.Out}}/{{Task.Param.N}}.txt\\n" }
    actions:
      onRun: { command: bash, args: ["{{Task.File.Run}}"] }
- name: Second
  dependencies: [{ dependsOn: First }]
  script:
    actions:
      onRun: { command: sh, args: ["-c", "cat {{Param.Out}}/[12].txt > {{Param.Out}}/all.txt"] }
""",
        ["-p", "Name=box"],
        {"1.txt": "box 1.50\n", "2.txt": "box 1.50\n", "all.txt": "box 1.50\nbox 1.50\n"},
    ),
    "python": (
        """specificationVersion: jobtemplate-2023-09
extensions: [FEATURE_BUNDLE_1, TASK_CHUNKING, EXPR]
name: Chunks
parameterDefinitions:
- { name: Out, type: PATH, dataFlow: OUT }
- { name: Size, type: INT, default: 3 }
steps:
- name: Sum
  parameterSpace:
    taskParameterDefinitions:
    - name: Frames
      type: CHUNK[INT]
      range: "1-{{ Param.Size * 2 + 1 }}"
      chunks: { defaultTaskCount: "{{ Param.Size }}", rangeConstraint: CONTIGUOUS }
  script:
    let: ["frames = list(Task.Param.Frames)"]
    embeddedFiles:
    - name: Run
      type: TEXT
      data: |
        with open({{ repr_py(Param.Out / (string(frames[0]) + '.txt')) }}, "w") as file:
            print({{ repr_py(string(Task.Param.Frames)) }}, sum({{ frames }}), file=file)
    actions:
      onRun: { command: python3, args: ["{{ Task.File.Run }}"] }
""",
        [],
        {"1.txt": "1-3 6\n", "4.txt": "4-5 9\n", "6.txt": "6-7 13\n"},
    ),
}


def contents(folder):
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


class Bundles(FarmTest):
    def bundle(self, name):
        template, values, expected = BUNDLES[name]
        folder = self.farm.dir / name
        folder.mkdir()
        (folder / "template.yaml").write_text(template.replace("HOOK", HOOK))
        return folder, values, expected

    def output(self, folder, name):
        out = folder / name
        out.mkdir()
        return out

    def test_openjd_run(self):
        for name in BUNDLES:
            with self.subTest(name):
                folder, values, expected = self.bundle(name)
                out = self.output(folder, "local")
                done = subprocess.run(
                    [BINARY, "openjd", "run", folder / "template.yaml", "-p", f"Out={out}",
                     *values],
                    capture_output=True, text=True, timeout=PATIENCE_S, check=False,
                    env=self.farm.environment,
                )
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertEqual(contents(out), expected)

    def test_a_farm(self):
        self.farm.start_brain()
        self.farm.start_agent("a", vcpus=2)
        self.farm.wait_for_nodes(1)
        for name in BUNDLES:
            with self.subTest(name):
                folder, values, expected = self.bundle(name)
                out = self.output(folder, "farm")
                job = self.farm.submit(folder, "-p", f"Out={out}", *values)
                self.assertEqual(self.farm.wait_for_end(job)["state"], "succeeded")
                # Environments are left once the job is over.
                wait_for(f"{expected} in {out}", lambda: contents(out) == expected)

    def test_lists_in_parameter_values_and_in_the_api(self):
        self.farm.start_brain()
        self.farm.start_agent("a", vcpus=2)
        self.farm.wait_for_nodes(1)
        folder, _, _ = self.bundle("expressions")
        out = self.output(folder, "values")
        (folder / "parameter_values.yaml").write_text(
            "parameterValues:\n"
            "- { name: Layers, value: [one] }\n"
            "- { name: Frames, value: '7' }\n"
            "- { name: Draft, value: true }\n"
        )
        job = self.farm.submit(folder, "-p", f"Out={out}")
        self.assertEqual(self.farm.wait_for_end(job)["state"], "succeeded")
        self.assertEqual(contents(out), {"s01_ONE_0007.txt": "S01 of 1 layers Render 10 --draft\n"})
        self.assertEqual(self.farm.job(job)["parameters"]["Layers"], '["one"]')
        sent = self.farm.post("/v1/jobs", {
            "template": (folder / "template.yaml").read_text(),
            "parameters": {"Out": str(out), "Layers": ["two"], "Frames": 8, "Plates": []},
        })
        self.assertEqual(self.farm.wait_for_end(sent["id"])["state"], "succeeded")
        self.assertEqual(contents(out)["s01_TWO_0008.txt"], "S01 of 1 layers Render 100\n")

    def test_a_node_says_what_only_it_can_know(self):
        self.farm.start_brain()
        self.farm.start_agent("a", vcpus=2)
        self.farm.wait_for_nodes(1)
        template = self.farm.template(
            "specificationVersion: jobtemplate-2023-09\nextensions: [EXPR]\nname: J\nsteps:\n"
            "- name: S\n  parameterSpace:\n    taskParameterDefinitions:\n"
            "    - { name: N, type: INT, range: '0-1' }\n"
            "  script:\n    let: ['half = 10 // Task.Param.N']\n"
            "    actions: { onRun: { command: echo, args: ['{{ half }}'] } }\n"
        )
        job = self.farm.submit(template, "--max-retries", 0)
        end = self.farm.wait_for_end(job)
        self.assertEqual(end["counts"]["succeeded"], 1)
        (failure,) = end["failures"]
        self.assertEqual(failure["cause"], "not_started")
        self.assertIn("let half: division by zero", failure["message"])


if __name__ == "__main__":
    unittest.main()
