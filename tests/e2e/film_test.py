"""The main job with real renderers, as a new user runs it."""

import json
import os
import signal
import subprocess
import tempfile
import pathlib
import shutil
import unittest

from farm import BINARY, ROOT, Farm, processes_with, wait_for


class Film(unittest.TestCase):
    def setUp(self):
        self.out = pathlib.Path(tempfile.mkdtemp(prefix="sidereal-film-"))
        self.addCleanup(shutil.rmtree, self.out, ignore_errors=True)

    def demo(self, bundle, *parameters):
        arguments = [
            BINARY,
            "demo",
            "--bundle",
            str(ROOT / "examples" / bundle),
            "--out",
            str(self.out),
        ]
        for parameter in parameters:
            arguments += ["-p", parameter]
        return arguments

    def render(self, bundle, *parameters):
        arguments = self.demo(bundle, *parameters)
        done = subprocess.run(
            arguments, capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def frames_of(self, film):
        done = subprocess.run(
            [
                "ffprobe",
                "-v",
                "error",
                "-count_packets",
                "-select_streams",
                "v:0",
                "-show_entries",
                "stream=nb_read_packets",
                "-of",
                "json",
                str(film),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        return int(json.loads(done.stdout)["streams"][0]["nb_read_packets"])

    def check_film(self, printed, frames):
        film = self.out / "film"
        self.assertEqual(self.frames_of(film / "film.mp4"), frames)
        self.assertEqual(len(list((film / "frames").glob("frame_*.png"))), frames)
        self.assertTrue((film / "contact-sheet.png").read_bytes().startswith(b"\x89PNG"))
        for part in ("film.mp4", "contact-sheet.png", "node-a", "node-b", "$", "Wh"):
            self.assertIn(part, printed)
        self.assertEqual((self.out / "report.txt").read_text() in printed, True)
        self.assertEqual(processes_with(str(self.out)), [], "processes are left behind")

    def test_pov_ray(self):
        self.check_film(self.render("film-povray", "Frames=1-6"), 6)
        # The records can be opened again.
        farm = Farm()
        self.addCleanup(farm.close)
        shutil.copytree(self.out / "farm", farm.data)
        farm.start_brain()
        self.assertEqual(farm.job(1)["state"], "succeeded")
        self.assertEqual(farm.job(1)["counts"]["succeeded"], 7)

    def test_the_brain_is_killed_and_the_film_is_finished(self):
        arguments = self.demo("film-povray", "Frames=1-8")
        demo = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        self.addCleanup(demo.wait)
        self.addCleanup(demo.kill)
        frames = self.out / "film/frames"
        wait_for("the first frames", lambda: len(list(frames.glob("frame_*.png"))) >= 2)
        brain = processes_with(f"brain\0--data\0{self.out}")
        self.assertEqual(len(brain), 1)
        os.kill(brain[0], signal.SIGKILL)
        printed, _ = demo.communicate(timeout=300)
        self.assertEqual(demo.returncode, 0, printed)
        self.check_film(printed, 8)

    def test_blender(self):
        self.check_film(self.render("film-blender", "Frames=1-2", "Samples=4"), 2)


if __name__ == "__main__":
    unittest.main()
