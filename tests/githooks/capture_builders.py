"""A repository where an agent wrote a file and a person fixes it, with the real hooks."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from errata.commands.backfill import command as backfill
from errata.commands.corrections import command as corrections
from errata.commands.evolve import command as evolve
from errata.commands.flush import command as flush

LOG = ".claude/user-corrections.jsonl"
AS_OF = "2025-02-01"
CLAUDE = "Co-Authored-By: Claude <noreply@anthropic.com>"
HOOKS = {"post-commit": "capture", "post-rewrite": "rewrite", "post-merge": "refresh"}
_START = 1_736_942_400  # 2025-01-15T12:00:00Z


def limit(n: int) -> str:
    """The agent's line that fix number ``n`` changes."""
    return f"    limit = {n} * 10\n"


def fixed(n: int) -> str:
    """The line after a person fixed it."""
    return f'    limit = LIMITS["{n}"]\n'


def function(n: int) -> str:
    """One of the agent's functions; long enough to merge changes of two without conflicts."""
    return (
        f"def handler_{n}(body):\n    name = body['name_{n}']\n{limit(n)}"
        f"    if name in SEEN_{n}:\n        return None\n    SEEN_{n}.add(name)\n"
        f"    return store_{n}(name, limit)\n\n\n"
    )


CODE = "".join(map(function, range(1, 7)))


class Story:
    """Commits of an agent and of people, ten minutes apart.

    Args:
        repo: an empty repository (tests/conftest.py).
        tracked: git tracks the corrections log; otherwise it is ignored.
    """

    def __init__(self, repo: Any, tracked: bool = True, hooks: bool = True) -> None:
        self.repo = repo
        self.root: Path = repo.root
        self.tracked = tracked
        self._clock = _START
        repo.write("README.md", "Handlers\n")
        repo.write(".gitattributes", f"{LOG} merge=union\n")
        repo.write(".gitignore", "" if tracked else ".claude/\n")
        # `errata evolve` writes these; they are not under test here.
        repo.write(".git/info/exclude", ".claude/patterns/\n.claude/skills/\n")
        if tracked:
            repo.write(LOG, "")
        self.commit("Base")
        self.agent("feat: handlers", **{"api.py": CODE})
        if hooks:
            install(self.root)

    def git(self, *args: str, ok: bool = True, **env: str) -> str:
        """Run git, some time later."""
        return str(self.repo.git(*args, ok=ok, env={**self._later(), **env}))

    def _later(self) -> dict[str, str]:
        self._clock += 600
        when = f"{self._clock} +0000"
        return {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}

    def wait(self, days: float) -> None:
        """Let days pass before the next commit."""
        self._clock += int(days * 86_400)

    def output(self, *args: str) -> str:
        """What git and its hooks print when git succeeds."""
        done = subprocess.run(
            ["git", *args],
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=True,
            env={**os.environ, **self._later()},
        )
        return done.stdout

    def commit(self, *message: str, **env: str) -> str:
        """Commit everything; the new commit's id."""
        self.git("add", "-A")
        words = [word for part in message for word in ("-m", part)]
        self.git("commit", "-q", "--allow-empty", *words, **env)
        return self.head()

    def agent(self, subject: str, **files: str) -> str:
        """An agent commits files."""
        for path, text in files.items():
            self.repo.write(path, text)
        return self.commit(subject, CLAUDE)

    def edit(self, *ns: int, path: str = "api.py", to: str = "") -> None:
        """Fix the lines of these numbers in the work tree."""
        text = (self.root / path).read_text()
        for n in ns:
            assert limit(n) in text
            text = text.replace(limit(n), to or fixed(n))
        (self.root / path).write_text(text)

    def fix(self, *ns: int, subject: str = "") -> str:
        """A person fixes the agent's lines of these numbers in one commit."""
        self.edit(*ns)
        return self.commit(subject or f"fix: wrong limit {ns}")

    def head(self) -> str:
        """The id of HEAD."""
        return str(self.repo.git("rev-parse", "HEAD"))

    def clean(self) -> bool:
        """Whether git sees no change in the work tree."""
        return self.repo.git("status", "--porcelain") == ""

    def log(self) -> list[dict[str, Any]]:
        """The lines of the corrections log."""
        return lines(self.root / LOG)

    def captured(self) -> list[dict[str, Any]]:
        """The records of the outbox."""
        return lines(self.root / ".git/errata/outbox.jsonl")

    def ids(self) -> list[str]:
        """The ids of the active corrections, logged or waiting."""
        rows = self.log() + self.captured()
        withdrawn = {row["withdraws"] for row in rows if "withdraws" in row}
        return sorted({row["id"] for row in rows if "withdraws" not in row} - withdrawn)

    def counted(self) -> int:
        """How many corrections `errata corrections` and `errata evolve --dry-run` count."""
        listed = call(corrections, "--since", "3650", "--as-of", AS_OF, "--format", "json")
        evolved = call(evolve, "--dry-run", "--as-of", AS_OF, "--format", "json")
        assert evolved["analyzed"]["correction"] == listed["total"]
        return int(listed["total"])

    def settle(self) -> int:
        """The count, which neither flush nor evolve may change."""
        before = self.counted()
        ids = self.ids()
        assert self.clean() or not self.tracked
        output = run(flush)
        assert self.captured() == [], output
        evolved = call(evolve, "--as-of", AS_OF, "--format", "json")
        assert evolved["analyzed"]["correction"] == self.counted() == before
        assert self.ids() == ids
        return before

    def history(self, *revisions: str) -> list[str]:
        """The ids that backfill finds in the final history."""
        report = call(backfill, *revisions, "--dry-run", "--format", "json")
        return sorted(record["id"] for record in report["corrections"])


def lines(path: Path) -> list[dict[str, Any]]:
    """The records of a log; none if there is no such file."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def run(command: Any, *args: str) -> str:
    """Run a command of errata in this process; returns what it printed."""
    done = CliRunner().invoke(command, args, standalone_mode=False)
    if done.exception:
        raise done.exception
    assert not done.return_value, done.output
    return done.stdout


def call(command: Any, *args: str) -> Any:
    """Run a command and read its JSON."""
    return json.loads(run(command, *args))


def install(root: Path, **hooks: str) -> None:
    """Plain hook scripts, as a person would write them."""
    for name, module in {**HOOKS, **hooks}.items():
        path = root / ".git/hooks" / name
        path.parent.mkdir(exist_ok=True)
        python = shlex.quote(sys.executable)
        path.write_text(f'#!/bin/sh\nexec {python} -m errata.githooks.{module} "$@"\n')
        path.chmod(0o755)


def hook(name: str, cwd: Path, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a hook by hand."""
    return subprocess.run(
        [sys.executable, "-m", f"errata.githooks.{name}", *args],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **env},
    )


def script(folder: Path, name: str, python: str) -> str:
    """A program for GIT_SEQUENCE_EDITOR and GIT_EDITOR that changes ``text``, the file's text."""
    path = folder / name
    path.write_text(
        "import pathlib, sys\npath = pathlib.Path(sys.argv[1])\ntext = path.read_text()\n"
        f"{python}\npath.write_text(text)\n"
    )
    return f"{shlex.quote(sys.executable)} {shlex.quote(str(path))}"
