"""Completion in shells: what click's protocol answers, and what a real shell makes of it."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from errata.cli import COMMANDS
from errata.commands.completion import SHELLS
from record_builders import CORRECTIONS, FINDINGS, correction, finding, lines, put

Run = Callable[..., subprocess.CompletedProcess[str]]
WIDGET, CALL = "missing-widget-check", "missing-await-call"
ID = "cor-0123456789abcdef"


@pytest.fixture
def logs(repo: Any) -> Any:
    """A repository with two patterns, two agents, a correction and a branch."""
    put(repo.root, FINDINGS, lines(finding(1), finding(2, CALL)))
    put(repo.root, CORRECTIONS, lines(correction(1, id=ID, agent="api-dev")))
    repo.write(".claude/skills/runbooks/sre/RUNBOOK.md", "# sre\n")
    repo.commit()
    repo.git("branch", "topic")
    return repo


CASES = [
    # The words before the one to complete, its beginning, and what completes it.
    ("", "pat", ["patterns"]),
    ("", "co", ["corrections", "context", "completion"]),
    ("", "--v", ["--version"]),
    ("--color", "al", ["always"]),
    ("patterns", "missing-w", [WIDGET]),
    ("patterns", "", ["rename", "merge", "dismiss", "pin", "confirm", CALL, WIDGET]),
    ("patterns", "re", ["rename"]),
    ("patterns pin", "missing-w", [WIDGET]),
    ("patterns rename", "missing-w", [WIDGET]),
    ("accept", "cor-0", [ID]),
    ("reject", "cor-0", [ID]),
    ("teach", "cor-0", [ID]),
    ("teach --pattern", "missing-w", [WIDGET]),
    ("patterns", "--ag", ["--agent"]),
    ("patterns", "--j", ["--json"]),
    ("patterns --format", "", ["text", "json"]),
    ("patterns --trend", "dec", ["decreasing"]),
    ("patterns --agent", "", ["api-dev", "sre"]),
    ("corrections --agent", "a", ["api-dev"]),
    ("context --agent", "s", ["sre"]),
    ("skills --for", "s", ["sre"]),
    ("evolve --pattern", "missing-a", [CALL]),
    ("explain", "cor-0", [ID]),
    ("explain", "missing-w", [WIDGET]),
    ("log", "f", ["finding"]),
    ("log finding --severity", "b", ["blocking"]),
    ("help", "tre", ["trends"]),
    ("help log", "f", ["finding"]),
    ("help nope", "", []),
    ("who", "top", ["topic"]),
    ("completion", "z", ["zsh"]),
    ("patterns", "nothing", []),
]


def protocol(errata: Run, before: str, word: str, **more: Any) -> list[str]:
    """The answers for bash, without their types."""
    words = ["errata", *before.split(), word]
    done = errata(
        _ERRATA_COMPLETE="bash_complete",
        COMP_WORDS=" ".join(words),
        COMP_CWORD=str(len(words) - 1),
        **more,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


@pytest.mark.usefixtures("logs")
@pytest.mark.parametrize(("before", "word", "wanted"), CASES)
def test_protocol(errata: Run, before: str, word: str, wanted: list[str]) -> None:
    assert protocol(errata, before, word) == wanted


def test_every_command_completes(errata: Run) -> None:
    assert protocol(errata, "", "") == list(COMMANDS)


@pytest.mark.parametrize("before", ["patterns pin", "patterns --agent", "explain", "who"])
def test_problems_answer_with_nothing(errata: Run, repo: Any, before: str, tmp_path: Path) -> None:
    assert protocol(errata, before, "", cwd=tmp_path) == []
    repo.write("errata.toml", "nonsense = 1\n")
    assert protocol(errata, before, "") == []


def test_completion_writes_nothing(logs: Any, errata: Run) -> None:
    before = sorted(path for path in logs.root.rglob("*") if path.is_file())
    protocol(errata, "patterns", "")
    assert sorted(path for path in logs.root.rglob("*") if path.is_file()) == before


def test_commands_complete_without_importing_them(logs: Any) -> None:
    probe = (
        "import sys; from errata.cli import main\n"
        "try: main([])\n"
        "except SystemExit: pass\n"
        "print([m for m in sys.modules if m.startswith('errata.') and m.count('.') > 1])"
    )
    env = {
        **os.environ,
        "_ERRATA_COMPLETE": "bash_complete",
        "COMP_WORDS": "errata pa",
        "COMP_CWORD": "1",
    }
    shown = subprocess.check_output(
        [sys.executable, "-c", probe], env=env, text=True, cwd=logs.root
    )
    assert shown.startswith("plain,patterns\n")
    assert "errata.commands.patterns" not in shown and "errata.records" not in shown


# ------------------------------------------------------------------------------- real shells

START = {
    "bash": (("--norc", "--noprofile", "-i"), "source {script}"),
    "zsh": (("-f", "-i"), "autoload -Uz compinit && compinit -u -D && source {script}"),
    "fish": (("--no-config", "-i"), "source {script}"),
}


class Terminal:
    """A shell on a terminal of its own."""

    def __init__(self, *argv: str) -> None:
        self.pid, self.master = pty.fork()
        if not self.pid:
            os.execvp(argv[0], argv)
        self.text = ""

    def send(self, keys: str) -> None:
        """Type keys."""
        os.write(self.master, keys.encode())

    def wait_for(self, wanted: str, seconds: float = 20) -> bool:
        """Whether the terminal shows a text within some time."""
        end = time.monotonic() + seconds
        while wanted not in self.text and time.monotonic() < end:
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    self.text += os.read(self.master, 65536).decode("utf-8", "replace")
                except OSError:
                    break
        return wanted in self.text

    def close(self) -> None:
        """End the shell."""
        os.kill(self.pid, 9)
        os.close(self.master)
        os.waitpid(self.pid, 0)


@pytest.mark.parametrize("shell", SHELLS)
def test_real_shell(
    logs: Any, errata: Run, shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / f"errata.{shell}"
    done = errata("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    script.write_text(done.stdout)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    monkeypatch.setenv("TERM", "dumb" if shell == "bash" else "xterm")
    options, load = START[shell]
    terminal = Terminal(shell, *options)
    try:
        # What the shell echoes of the line differs from what it prints.
        terminal.send(f"cd {logs.root}; {load.format(script=script)}; echo rea''dy\r")
        assert terminal.wait_for("ready"), terminal.text
        for typed, completed in (("patte", "rns"), ("missing-w", "idget-check"), ("--jso", "n")):
            terminal.text = ""
            terminal.send(("errata " if typed == "patte" else "") + typed)
            time.sleep(0.3)
            terminal.text = ""
            terminal.send("\t")
            assert terminal.wait_for(completed), terminal.text
        terminal.send("\r")
        assert terminal.wait_for('"name": "missing-widget-check"'), terminal.text
    finally:
        terminal.close()
