#!/usr/bin/env python3
"""run_e2e_tests.py COUNTS_FILE [NAME...]

Runs tests/e2e/*_test.py, each as a program of its own with SIDEREAL_BIN set to the binary under
test, and counts its cases from the summary that unittest prints. A file without one counts as one
failed case. A skipped case is a failed one: whoever runs the tests has to have what they need.
"""

import glob
import os
import re
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TIMEOUT_S = 900


def run(path):
    try:
        done = subprocess.run([sys.executable, path, "-v"], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
                              errors="replace", timeout=TIMEOUT_S, check=False)
        status, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired as late:
        status, output = 1, f"{(late.stdout or b'').decode(errors='replace')}\nover {TIMEOUT_S} s"
    ran = re.findall(r"^Ran (\d+) tests? in", output, re.M)
    summary = re.findall(r"^(?:OK|FAILED)(?: \((.*)\))?$", output, re.M)
    if not ran or not summary or int(ran[-1]) == 0:
        return 0, 1, output + f"\n{path}: status {status}, no summary of unittest"
    bad = sum(int(number) for kind, number in re.findall(r"([a-z ]+)=(\d+)", summary[-1])
              if kind.strip() != "expected failures")
    if status != 0 and bad == 0:
        bad, output = 1, output + f"\n{path}: status {status}"
    return max(int(ran[-1]) - bad, 0), bad, output


def main():
    counts, *names = sys.argv[1:]
    paths = names or sorted(glob.glob(os.path.join(ROOT, "tests/e2e/*_test.py")))
    good = bad = 0
    for path in paths:
        started = time.monotonic()
        ok, wrong, output = run(path)
        good, bad = good + ok, bad + wrong
        print(f"== {os.path.relpath(path, ROOT)}: {ok} passed, {wrong} failed, "
              f"{time.monotonic() - started:.1f} s", flush=True)
        if wrong:
            print(output, flush=True)
    with open(counts, "w", encoding="utf-8") as file:
        print(good, bad, f"{good} cases in {len(paths)} files", file=file)
    return 1 if bad or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
