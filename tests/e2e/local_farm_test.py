"""`up`: a brain and agents that share this machine."""

import json
import os
import signal
import unittest

from farm import PATIENCE_S, FarmTest, wait_for

MIB = 1024 * 1024


class LocalFarm(FarmTest):
    def up(self, *arguments):
        (self.farm.data / "url").unlink(missing_ok=True)
        process = self.farm.spawn("up", "up", "--data", self.farm.data, "--port", 0, *arguments)

        def ready():
            self.assertIsNone(process.poll(), self.farm.log("up"))
            return (self.farm.data / "url").exists()

        wait_for("the brain to listen", ready)
        return process

    def nodes(self, count):
        self.farm.wait_for_nodes(count)
        listed = json.loads(self.farm.cli("node", "list", "--output", "json").stdout)
        return sorted(listed["nodes"], key=lambda node: node["name"])

    def stop(self, process):
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=PATIENCE_S), 0, self.farm.log("up"))

    def test_agents_share_the_machine(self):
        whole = self.up("--agents", 1)
        (machine,) = self.nodes(1)
        self.stop(whole)
        # node-a comes back with a smaller share, node-b is new.
        shared = self.up("--agents", 2)
        nodes = self.nodes(2)
        self.assertEqual(
            sum(node["memory_bytes"] for node in nodes), machine["memory_bytes"] // MIB * MIB
        )
        self.assertLessEqual(abs(nodes[0]["memory_bytes"] - nodes[1]["memory_bytes"]), MIB)
        self.assertEqual(sum(node["vcpus"] for node in nodes), max(2, machine["vcpus"]))
        self.assertGreaterEqual(os.cpu_count(), machine["vcpus"])
        self.stop(shared)

    def test_what_flags_and_config_say_is_of_each_agent(self):
        config = self.farm.template("[node]\nmemory_mib = 300\n", "node.toml")
        farm = self.up("--agents", 2, "--vcpus", 3, "--config", config)
        for node in self.nodes(2):
            self.assertEqual((node["vcpus"], node["memory_bytes"]), (3, 300 * MIB))
        self.stop(farm)

    def test_a_brain_that_was_started_again_still_stops_last(self):
        farm = self.up("--agents", 2)
        self.nodes(2)
        lock = self.farm.data / "brain.lock"
        os.kill(int(lock.read_text()), signal.SIGKILL)
        log = self.farm.data / "brain.log"
        wait_for("the brain to be back", lambda: log.read_text().count("brain_ready") == 2)
        self.stop(farm)
        self.assertEqual(log.read_text().count("node_left"), 2, log.read_text())

    def test_a_bad_config_is_refused_at_once(self):
        config = self.farm.template("[node]\nmemory = 300\n", "node.toml")
        done = self.farm.cli("up", "--data", self.farm.data, "--config", config, check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("node.toml:2:", done.stderr)


if __name__ == "__main__":
    unittest.main()
