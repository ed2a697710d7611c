"""Bundles in the shape of the public samples, with real bash, Python, ffmpeg and Blender."""

import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import time
import unittest

import yaml

from farm import BINARY, PATIENCE_S, ROOT, FarmTest

SAMPLES = ROOT / "tests/samples"
# Two frames of a scene that Cycles renders in a moment; saved as the file that the sample takes.
SCENE = """
import bpy, sys
scene = bpy.context.scene
scene.render.engine = "CYCLES"
scene.cycles.samples = 1
scene.cycles.use_denoising = False
scene.render.resolution_x, scene.render.resolution_y = 32, 24
scene.render.resolution_percentage = 100
scene.render.threads_mode, scene.render.threads = "FIXED", 1
bpy.ops.wm.save_as_mainfile(filepath=sys.argv[-1])
"""


def tool(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
                          stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stdout}\n{done.stderr}")
    return done.stdout


def stream(film):
    """Codec, profile and number of frames of a film."""
    found = json.loads(tool(
        "ffprobe", "-v", "error", "-count_packets", "-select_streams", "v:0", "-show_entries",
        "stream=codec_name,profile,nb_read_packets", "-of", "json", str(film)))["streams"][0]
    return found["codec_name"], found.get("profile"), int(found["nb_read_packets"])


class Samples(FarmTest):
    def bundle(self, name):
        """A copy, for some write into their own folder."""
        folder = self.farm.dir / name
        shutil.copytree(SAMPLES / name, folder)
        return folder

    def run_alone(self, folder, *values):
        """With `openjd run`; the values of the bundle first. The output."""
        listed = yaml.safe_load((folder / "parameter_values.yaml").read_text())["parameterValues"]
        arguments = []
        for one in listed:
            if not one["name"].startswith("deadline:"):
                arguments += ["-p", f"{one['name']}={one['value']}"]
        for value in values:
            arguments += ["-p", value]
        done = subprocess.run(
            [BINARY, "openjd", "run", folder / "template.yaml", *arguments], capture_output=True,
            text=True, timeout=300, check=False, env=self.farm.environment, cwd=self.farm.dir,
            stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def run_on_farm(self, folder, *values):
        """As a bundle; the logs of its attempts."""
        if "brain" not in self.farm.processes:
            self.farm.start_brain()
            self.farm.start_agent("a", vcpus=2)
            self.farm.wait_for_nodes(1)
        arguments = [word for value in values for word in ("-p", value)]
        job = self.farm.submit(folder, *arguments)
        document = self.farm.wait_for_end(job, 300)
        self.assertEqual(document["state"], "succeeded", document)
        logs = [log.read_text(errors="replace")
                for log in pathlib.Path(self.farm.dir / "a").rglob("*.log")]
        return "\n".join(logs)

    def both_ways(self, name, check, values=lambda folder: []):
        for way in (self.run_alone, self.run_on_farm):
            with self.subTest(way.__name__):
                folder = self.bundle(name)
                check(folder, way(folder, *values(folder)))
                shutil.rmtree(folder)

    def test_a_shell_script_over_a_folder(self):
        def check(folder, _):
            sums = (folder / "data/sums.txt").read_text()
            self.assertEqual(sums, "".join(
                f"{hashlib.sha256(text.encode()).hexdigest()}  {file}\n"
                for file, text in (("one.dat", "one\n"), ("two.dat", "two\n"))))
            self.assertEqual((folder / "data/settings.txt").read_text(), "step: two files\n")
            self.assertEqual((folder / "data/report.txt").read_text(), "job: 2\n")

        self.both_ways("shell", check)

    def test_a_python_tool_of_the_jobs_own(self):
        def check(folder, said):
            found = {file.name: file.read_text() for file in (folder / "output").iterdir()}
            self.assertEqual(found, {"a.txt": "5\n", "b.txt": "3\n", "c.txt": "1\n"})
            self.assertIn("the key is ********", said)
            self.assertNotIn("swordfish", said)

        self.both_ways("tools", check)

    def test_a_service_that_an_environment_starts_lives_as_long_as_its_session(self):
        def check(folder, _):
            answers = [(folder / f"output/{number}.txt").read_text().split()
                       for number in range(1, 5)]
            self.assertEqual([answer for answer, _, _ in answers], ["1", "4", "9", "16"])
            services = {}
            for _, count, service in answers:
                services.setdefault(service, []).append(int(count))
            for service, counts in services.items():
                self.assertEqual(sorted(counts), list(range(1, len(counts) + 1)))
                self.wait_until_gone(service)

        self.both_ways("service", check)

    def wait_until_gone(self, pid):
        until = time.monotonic() + PATIENCE_S
        while pathlib.Path(f"/proc/{pid}").exists():
            self.assertLess(time.monotonic(), until, f"process {pid} is still there")
            time.sleep(0.05)

    def test_ffmpeg_makes_review_media(self):
        def values(folder):
            (folder / "in").mkdir()
            (folder / "out").mkdir()
            tool("ffmpeg", "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i",
                 "testsrc=size=64x48:rate=12", "-frames:v", "8", f"{folder}/in/shot.%04d.exr")
            return f"InputFile={folder}/in/shot.%04d.exr", f"OutputDir={folder}/out"

        def check(folder, _):
            found = {film.name: stream(film) for film in (folder / "out").iterdir()}
            self.assertEqual({name: frames for name, (_, _, frames) in found.items()},
                             dict.fromkeys(("master.mp4", "web.webm", "prores_0.mov",
                                            "prores_3.mov"), 6))
            self.assertEqual([found[name][0] for name in ("master.mp4", "web.webm")],
                             ["h264", "vp9"])
            self.assertEqual([found[f"prores_{kind}.mov"][:2] for kind in (0, 3)],
                             [("prores", "Proxy"), ("prores", "HQ")])

        self.both_ways("review", check, values)

    def test_blender_renders_and_ffmpeg_makes_the_film(self):
        def values(folder):
            scene = folder / "scene.blend"
            tool("blender", "--background", "--factory-startup", "--python-exit-code", "1",
                 "--python-expr", SCENE, "--", str(scene))
            return f"SceneFile={scene}", f"OutputDir={folder}/out"

        def check(folder, said):
            out = folder / "out"
            self.assertEqual(sorted(file.name for file in out.iterdir()),
                             ["film.mp4", "frame_0001.png", "frame_0003.png"])
            self.assertEqual(stream(out / "film.mp4")[2], 2)
            self.assertEqual(len(re.findall(r"^.*Saved: .*frame_000[13]\.png", said, re.M)), 2)

        self.both_ways("render", check, values)


if __name__ == "__main__":
    unittest.main()
