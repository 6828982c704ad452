"""Where one tool is driven: a home, a repository with errata, the model, and what was recorded."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qa.agents.model import Model, Rule

Json = dict[str, Any]
ROLE = "api-dev"
LESSON, ROLE_LESSON = "LESSON-OF-THE-TOOL", "LESSON-OF-THE-ROLE"
GITCONFIG = """\
[user]
	name = Pat Person
	email = pat@example.org
[init]
	defaultBranch = main
"""


class Place:
    """A folder with all that one tool needs; nothing outside it is read or written.

    Attributes:
        env: the whole environment of every program that runs here.
        model: the scripted model.
        repo: the repository; home: the home directory.
    """

    def __init__(self, folder: Path, model: Model) -> None:
        self.folder, self.model = folder, model
        shutil.rmtree(folder, ignore_errors=True)
        self.home, self.repo, programs = folder / "home", folder / "repo", folder / "bin"
        for path in (self.home, self.repo, programs):
            path.mkdir(parents=True)
        self._log = folder / "events.jsonl"
        record = [sys.executable, "-I", str(Path(__file__).with_name("recorder.py"))]
        self.record_command = shlex.join([*record, str(self._log), str(self.repo)])
        self.step("setup")
        note = programs / "note"
        note.write_text(f"#!/bin/sh\nexec {self.record_command} shell\n")
        note.chmod(0o755)
        # Where errata is installed, the programs of npm, and those of the system.
        node = shutil.which("node") or "/usr/bin/node"
        found = [programs, Path(sys.executable).parent, Path(node).parent, "/usr/bin", "/bin"]
        self.env = {
            **{"HOME": str(self.home), "SHELL": "/bin/bash", "LANG": "C.UTF-8"},
            **{"PATH": os.pathsep.join(map(str, found)), "TERM": "xterm-256color"},
            **{"NO_PROXY": "127.0.0.1", "GIT_CONFIG_NOSYSTEM": "1"},
        }
        (self.home / ".gitconfig").write_text(GITCONFIG)
        # Codex runs login shells, and /etc/profile may set PATH anew.
        (self.home / ".bash_profile").write_text(f"PATH={shlex.quote(self.env['PATH'])}\n")

    # ------------------------------------------------------------------------------------ running

    def run(
        self, *argv: str | Path, seconds: float = 120, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a program in the repository, with nothing on its standard input."""
        command = [str(part) for part in argv]
        try:
            return subprocess.run(
                command,
                cwd=self.repo,
                env=self.env | env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(command, 124, "", f"no end after {seconds} s")

    def git(self, *argv: str) -> str:
        """Run git as a person in the repository."""
        done = self.run("git", *argv)
        if done.returncode:
            raise RuntimeError(f"git {shlex.join(argv)}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def commit(self, message: str) -> None:
        """Commit everything as a person, and record it."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        self.run("note")

    def write(self, files: Mapping[str, str]) -> None:
        """Write files of the repository."""
        for name, text in files.items():
            (self.repo / name).parent.mkdir(parents=True, exist_ok=True)
            (self.repo / name).write_text(text)

    def set_up_errata(self, agent: str) -> None:
        """Commit all, set errata up, and learn a lesson for the tool and one for the role."""
        self.git("init", "-q")
        # Gemini CLI hides the global configuration from its shell.
        self.git("config", "user.name", "Pat Person")
        self.git("config", "user.email", "pat@example.org")
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "docs: begin")
        done = self.run("errata", "init", "--yes", "--agent", agent)
        if done.returncode:
            raise RuntimeError(f"errata init: {done.stdout}{done.stderr}")
        self._learn(agent, "missing-input-validation", f"{LESSON} sizes are never checked")
        self._learn(ROLE, "missing-error-handling", f"{ROLE_LESSON} volumes may fail")
        self.run("errata", "evolve")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "build: errata")

    def _learn(self, agent: str, pattern: str, text: str) -> None:
        for hour in ("01", "02", "03"):
            self.run(
                *("errata", "log", "finding", "--severity", "blocking", "--pattern", pattern),
                *("--file", f"api.py:{hour}", "--description", f"{text} ({hour})"),
                *("--affected-agent", agent, "--session-id", f"review-{hour}"),
                *("--timestamp", time.strftime(f"%Y-%m-%dT{hour}:00:00Z", time.gmtime())),
            )

    # ------------------------------------------------------------------------------------ looking

    def step(self, name: str) -> None:
        """Name the step that the next events belong to."""
        (self.folder / "step").write_text(name)

    def script(self, *rules: Rule) -> None:
        """Replace the model's script."""
        self.model.rules = rules

    def recorded(self, since: int = 0) -> list[Json]:
        """What was recorded, oldest first; ``since`` counts entries."""
        if not self._log.exists():
            return []
        return [json.loads(line) for line in self._log.read_text().splitlines()][since:]

    def events(self, since: int = 0) -> list[Json]:
        """The events of the tool."""
        return [entry["event"] for entry in self.recorded(since)]

    def sent(self, since: int = 0) -> list[str]:
        """Each request to the model, as text."""
        return [json.dumps(body) for body in self.model.requests[since:]]

    def trailers(self) -> dict[str, str]:
        """The trailers of the newest commit."""
        lines = self.git("log", "-1", "--format=%(trailers:only,unfold)").splitlines()
        return dict(line.split(": ", 1) for line in lines if ": " in line)

    def corrections(self, source: str) -> list[Json]:
        """The corrections that errata has captured, in the log or in the outbox."""
        logs = [self.repo / ".claude/user-corrections.jsonl", *self._state("*.jsonl")]
        lines = [line for log in logs if log.is_file() for line in log.read_text().splitlines()]
        records = {one["id"]: one for one in map(json.loads, lines) if "correction_type" in one}
        return [one for one in records.values() if one["source"] == source]

    def errors(self) -> str:
        """What errata's log of errors holds."""
        return "\n".join(path.read_text() for path in self._state("errors*"))

    def _state(self, pattern: str) -> Sequence[Path]:
        return sorted((self.repo / ".git/errata").glob(pattern))
