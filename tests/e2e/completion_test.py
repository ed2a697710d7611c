"""What the shells offer when Tab is pressed, asked of real shells."""

import os
import pathlib
import pty
import shlex
import shutil
import subprocess
import tempfile
import threading
import unittest

from farm import BINARY, wait_for

# What is typed, and what is offered then.
OFFERED = {
    "sidereal j": ["job"],
    "sidereal job sub": ["submit"],
    "sidereal node ": ["drain", "forgive", "list", "show", "undrain", "why"],
    "sidereal job list --state ": [
        "canceled",
        "failed",
        "paused",
        "queued",
        "running",
        "succeeded",
    ],
    "sidereal job list --state running --out": ["--output"],
    "sidereal job submit shot.yaml --output j": ["json"],
    "sidereal job submit --no-c": ["--no-check-inputs"],
    "sidereal node list ": ["--help", "--output", "--url"],
    "sidereal completion ": ["bash", "zsh"],
    "sidereal --v": ["--version"],
}
FILES = ["sidereal job submit sho", "sidereal up --data sho"]

BASH = """
source <("$SIDEREAL" completion bash)
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_sidereal
printf '%s\\n' "${COMPREPLY[@]}"
"""

# Every match goes to a file as well; other files say that the line editor listens, and that Tab is
# dealt with: what is typed before that would not always be completed.
ZSH = """
PATH={folder}:$PATH
compadd() {{
    local -a hits
    builtin compadd -O hits "$@"
    print -rl -- $hits >>{out}
    builtin compadd "$@"
}}
cd {here}
source <({binary} completion zsh)
zle-line-init() {{ : >{out}.ready }}
zle -N zle-line-init
tab() {{ zle complete-word; : >{out}.done }}
zle -N tab
bindkey '^I' tab
"""


def drain(terminal):
    """A shell whose terminal nobody reads would stop."""
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:
        pass


class Completion(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sidereal-completion-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.here = self.folder / "here"
        self.here.mkdir()
        (self.here / "shot.yaml").touch()

    def bash(self, line):
        done = subprocess.run(
            ["bash", "--norc", "-c", BASH, "bash", *line.split(" ")],
            env={**os.environ, "SIDEREAL": BINARY},
            capture_output=True,
            text=True,
            cwd=self.here,
            check=True,
        )
        self.assertEqual(done.stderr, "")
        return sorted(done.stdout.split())

    def start_zsh(self):
        self.out = self.folder / "matches"
        master, slave = pty.openpty()
        zsh = subprocess.Popen(
            ["zsh", "-f", "-i"],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, "HOME": str(self.folder), "TERM": "dumb"},
            start_new_session=True,
        )
        os.close(slave)
        reader = threading.Thread(target=drain, args=[master])
        reader.start()
        self.addCleanup(os.close, master)
        self.addCleanup(reader.join)
        self.addCleanup(zsh.wait)
        self.addCleanup(zsh.kill)
        setup = self.folder / "setup.zsh"
        setup.write_text(
            ZSH.format(
                folder=shlex.quote(str(pathlib.Path(BINARY).resolve().parent)),
                binary=shlex.quote(BINARY),
                out=shlex.quote(str(self.out)),
                here=shlex.quote(str(self.here)),
            )
        )
        self.terminal = master
        os.write(master, f"source {setup}\n".encode())
        wait_for("zsh to listen", self.out.with_suffix(".ready").exists)

    def zsh(self, line):
        self.out.unlink(missing_ok=True)
        done = self.out.with_suffix(".done")
        done.unlink(missing_ok=True)
        # Ctrl-U takes away what stands there.
        os.write(self.terminal, f"\x15{line}\t".encode())
        wait_for(f"zsh to complete '{line}'", done.exists)
        return sorted(set(self.out.read_text().split())) if self.out.exists() else []

    def test_bash(self):
        for line, offered in OFFERED.items():
            self.assertEqual(self.bash(line), offered, line)
        # Nothing of its own, so that bash offers files.
        for line in FILES:
            self.assertEqual(self.bash(line), [], line)

    def test_zsh(self):
        self.assertTrue(shutil.which("zsh"), "zsh is missing: tools/setup.sh test installs it")
        self.start_zsh()
        for line, offered in OFFERED.items():
            self.assertEqual(self.zsh(line), offered, line)
        for line in FILES:
            self.assertEqual(self.zsh(line), ["shot.yaml"], line)


if __name__ == "__main__":
    unittest.main()
