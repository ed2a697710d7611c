"""Many simulated agents over real sockets: nothing is lost, nothing comes twice, also over a
kill -9 of the brain. The same program measures, with more of everything: bench/README.md."""

import os
import pathlib
import subprocess
import unittest

from farm import BINARY, PATIENCE_S


class ManyAgents(unittest.TestCase):
    def bench(self, *names):
        program = pathlib.Path(BINARY).with_name("agents-bench")
        done = subprocess.run(
            [program, "--binary", BINARY, "--small", "--rounds", "1", *names],
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE_S,
            env={k: v for k, v in os.environ.items() if not k.startswith("SIDEREAL_")},
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_every_task_ends_once_and_stays_so_over_a_kill(self):
        self.assertIn("full lifecycles", self.bench("lifecycles", "zero"))

    def test_a_cold_farm_fills(self):
        self.assertIn("cold to full", self.bench("fill"))

    def test_connected_agents_stay_let_in(self):
        self.assertIn("connections", self.bench("many", "idle"))

    def test_an_unknown_benchmark_is_named(self):
        program = pathlib.Path(BINARY).with_name("agents-bench")
        done = subprocess.run([program, "nonsense"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("nonsense", done.stderr)


if __name__ == "__main__":
    unittest.main()
