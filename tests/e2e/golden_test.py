"""What people read: tests/golden/*.golden, each a session on the command line, word for word.

    golden_test.py [NAME...]            compares
    golden_test.py --update [NAME...]   writes down what the binary says now; read the diff

A line of a transcript is one of
    # REMARK
    $ COMMAND     run by bash in the top folder of the sources; indented below it stand its standard
                  output, its standard error with `! ` before each line, and `= STATUS` if not 0
    @ COMMAND     run again and again until it ends with 0; what it prints is not kept
    % brain       starts one;  % agent NAME  starts one and waits until the brain knows it;
    % stop NAME   ends it

$DIR is the farm's folder. What differs from run to run is written as RULES say.
"""

import difflib
import os
import pathlib
import re
import subprocess
import sys
import unittest

from farm import BINARY, PATIENCE_S, ROOT, Farm, wait_for

GOLDEN = ROOT / "tests/golden"
NODE = """[node]
memory_mib = 4096
[rate]
idle_w = 80
busy_w = 420
usd_per_kwh = 0.31
usd_per_h = 0.40
[amounts]
license = 2
[attributes]
renderer = ["povray"]
"""

# A number that stands in a table's column keeps the column's width: the blanks before it, two at
# least, give way to the longer or shorter sign.
COLUMN = r"(?P<blanks> {2,})?"
RULES = [
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "<time in UTC>"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "YYYY-MM-DD hh:mm:ss"),
    (r"(?<=://127\.0\.0\.1:)\d{4,5}\b", "<port>"),
    (r"(?<=process )\d+", "<pid>"),
    (r'("(?:\w+_s|energy_wh|cost_usd|max_rss_bytes|scratch_bytes|revision)": )[\d.e+-]+', r"\1#"),
    (r'("worker.disk.scratch": )[\d.e+-]+', r"\1#"),
    (r"(?<=linux )(x86_64|arm64)\b|(?<=\")(x86_64|arm64)(?=\")", "<arch>"),
    (COLUMN + r"\b(\d+(\.\d)? (ms|s)|\d+ [mhd] \d\d [smh])\b", "# s"),
    (COLUMN + r"\b\d+(\.\d)? [KMG]iB(?=.* Wh )", "# MiB"),
    (COLUMN + r"\b\d+\.\d\d Wh\b", "# Wh"),
    (COLUMN + r"(?<= )\$\d+\.\d{4}\b", "$#"),
    (r"(?<=worker.disk.scratch)(?P<blanks> +0 +)[\d.e+]+", "0         #"),
]


def replaced(match, sign):
    blanks = match.groupdict().get("blanks")
    if blanks is None:
        return match.expand(sign)
    return sign.rjust(len(match[0]))


def normalised(text, farm):
    text = text.replace(str(farm.dir), "$DIR").replace(str(ROOT), "$ROOT")
    for pattern, sign in RULES:
        text = re.sub(pattern, lambda match, sign=sign: replaced(match, sign), text)
    return text


class Session:
    def __init__(self, farm):
        self.farm = farm
        self.environment = {
            **farm.environment,
            "DIR": str(farm.dir),
            "PATH": f"{pathlib.Path(BINARY).resolve().parent}:{os.environ['PATH']}",
            "HOME": str(farm.dir),
            "USER": "tester",
            "TZ": "UTC",
            "LC_ALL": "C",
        }

    def bash(self, command):
        return subprocess.run(
            ["bash", "-c", command],
            capture_output=True,
            text=True,
            errors="replace",
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE_S,
            check=False,
        )

    def answer(self, command):
        done = self.bash(command)
        lines = done.stdout.splitlines()
        lines += [f"! {line}".rstrip() for line in done.stderr.splitlines()]
        if done.returncode != 0:
            lines.append(f"= {done.returncode}")
        return [("  " + normalised(line, self.farm)).rstrip() for line in lines]

    def direct(self, words):
        if words == ["brain"]:
            self.farm.start_brain()
        elif words[0] == "agent":
            config = self.farm.template(NODE, "node.toml")
            self.farm.start_agent(words[1], "--config", config, vcpus=1)
            self.farm.wait_for_nodes(1)
        elif words[0] == "stop":
            self.farm.stop(words[1])
        else:
            raise AssertionError(f"% {' '.join(words)}: not known")

    def play(self, script):
        """The script with the answers that came this time."""
        played = []
        for line in script:
            sign, rest = line[:2], line[2:]
            if sign not in ("# ", "$ ", "@ ", "% "):
                continue
            if sign == "# " and played and played[-1] != "" and played[-1][0] != "#":
                played.append("")
            played.append(line)
            if sign == "$ ":
                played += [*self.answer(rest), ""]
            elif sign == "@ ":
                wait_for(rest, lambda rest=rest: self.bash(rest).returncode == 0)
            elif sign == "% ":
                self.direct(rest.split())
        while played[-1] == "":
            played.pop()
        return played


class Golden(unittest.TestCase):
    maxDiff = None
    update = False

    def check(self, path):
        farm = Farm()
        self.addCleanup(farm.close)
        kept = path.read_text().splitlines()
        played = Session(farm).play(kept)
        if self.update:
            path.write_text("\n".join(played) + "\n")
        elif played != kept:
            diff = difflib.unified_diff(kept, played, str(path), "now", lineterm="")
            self.fail("\n".join(["", *diff, "", f"If that is right: {__file__} --update"]))


    def test_every_command_shows_its_help(self):
        shown = subprocess.check_output([BINARY, "--help"], text=True)
        commands = re.findall(r"^  (\w+(?: \w+)?)  ", shown, re.M)
        self.assertIn("job submit", commands)
        asked = (GOLDEN / "help.golden").read_text().splitlines()
        missing = [name for name in commands if f"$ sidereal {name} --help" not in asked]
        self.assertEqual(missing, [])


def add_case(path):
    setattr(Golden, f"test_{path.stem}", lambda self: self.check(path))


for transcript in sorted(GOLDEN.glob("*.golden")):
    add_case(transcript)


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--update"]
    Golden.update = len(words) < len(sys.argv) - 1
    if not os.access(BINARY, os.X_OK):
        sys.exit(f"no program {BINARY}: build it first")
    names = [word if word.startswith("-") else f"Golden.test_{word}" for word in words]
    unittest.main(argv=[sys.argv[0], *names])
