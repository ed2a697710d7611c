"""kill -9 of the brain at awkward moments: nothing acknowledged is lost, nothing runs twice."""

import collections
import unittest

from farm import FarmTest, one_step, wait_for


class BrainRestart(FarmTest):
    def mark_script(self, seconds):
        return f'echo "$1 $$" >> {self.farm.dir}/marks\nsleep {seconds}'

    def marks(self):
        path = self.farm.dir / "marks"
        lines = path.read_text().split("\n") if path.exists() else []
        return [int(line.split()[0]) for line in lines if line]

    def test_killed_in_the_middle_of_a_job_it_goes_on(self):
        farm = self.farm
        farm.start_brain()
        farm.start_agent("a")
        farm.start_agent("b")
        job = farm.submit(farm.template(one_step(self.mark_script(0.2), 40)))
        wait_for("some tasks done", lambda: farm.job(job)["counts"]["succeeded"] >= 8)
        done_before = {a["task"] for a in farm.attempts(job) if a["state"] == "succeeded"}
        farm.kill("brain")
        runs_before = collections.Counter(self.marks())
        farm.start_brain()
        end = farm.wait_for_end(job)
        self.assertEqual(end["state"], "succeeded")
        runs = collections.Counter(self.marks())
        self.assertEqual(set(runs), set(range(1, 41)))
        for task in done_before:
            self.assertEqual(runs[task + 1], 1, f"task {task} was acknowledged and ran again")
        succeeded = [a["task"] for a in farm.attempts(job) if a["state"] == "succeeded"]
        self.assertEqual(sorted(succeeded), list(range(40)))
        self.assertGreater(len(runs), len(runs_before))

    def kill_the_brain_of_a_running_frame(self, last_line=""):
        """The job, and the file without which its only frame does not go on."""
        farm = self.farm
        farm.start_brain()
        farm.start_agent("a")
        release = farm.dir / "release"
        script = f"""echo "$1" >> {farm.dir}/marks
until [ -e {release} ]; do sleep 0.05; done
{last_line}"""
        job = farm.submit(farm.template(one_step(script, 1)))
        wait_for("the task to run", lambda: self.marks() == [1])
        farm.kill("brain")
        return job, release

    def test_a_running_frame_does_not_notice(self):
        farm = self.farm
        job, release = self.kill_the_brain_of_a_running_frame()
        farm.start_brain()
        release.touch()
        self.assertEqual(farm.wait_for_end(job)["state"], "succeeded")
        self.assertEqual(self.marks(), [1])

    def test_a_frame_that_ends_while_the_brain_is_away_counts(self):
        farm = self.farm
        job, release = self.kill_the_brain_of_a_running_frame(f"touch {farm.dir}/over")
        release.touch()
        wait_for("the task to end", (farm.dir / "over").exists)
        farm.start_brain()
        self.assertEqual(farm.wait_for_end(job)["state"], "succeeded")
        self.assertEqual(self.marks(), [1])

    def test_many_kills_one_job(self):
        farm = self.farm
        farm.start_brain()
        farm.start_agent("a", vcpus=4)
        job = farm.submit(farm.template(one_step(self.mark_script(0.02), 300)))
        for goal in (20, 80, 140, 200, 260):
            wait_for(f"{goal} done", lambda: farm.job(job)["counts"]["succeeded"] >= goal)
            done = {a["task"] for a in farm.attempts(job) if a["state"] == "succeeded"}
            farm.kill("brain")
            farm.start_brain()
            now = {a["task"] for a in farm.attempts(job) if a["state"] == "succeeded"}
            self.assertLessEqual(done, now, "an acknowledged completion was lost")
        self.assertEqual(farm.wait_for_end(job)["state"], "succeeded")
        succeeded = [a["task"] for a in farm.attempts(job) if a["state"] == "succeeded"]
        self.assertEqual(sorted(succeeded), list(range(300)))

    def test_watch_survives_it(self):
        farm = self.farm
        farm.start_brain()
        farm.start_agent("a")
        release = farm.dir / "release"
        script = f'[ "$1" != 1 ] || exit 0\nuntil [ -e {release} ]; do sleep 0.05; done'
        job = farm.submit(farm.template(one_step(script, 3)))
        watch = farm.spawn("watch", "job", "watch", job)
        wait_for("the watch to show something", lambda: "done on a" in farm.log("watch"))
        farm.kill("brain")
        farm.start_brain()
        release.touch()
        self.assertEqual(watch.wait(timeout=60), 0, farm.log("watch"))


if __name__ == "__main__":
    unittest.main()
