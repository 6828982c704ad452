"""Every entry point of errata, run in this process: commands, hooks and events of agents.

Starting processes would take most of the time; tracebacks and exit statuses are visible here too.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from errata.cli import main as errata

PATTERN = "missing-input-validation"
RUNBOOK = ".claude/skills/runbooks/api-dev/RUNBOOK.md"
# Shortly after the agent's commits of the repository.
_SOON = "2025-01-16T12:00:00 +0000"
MESSAGE = ".git/COMMIT_EDITMSG"
_EXPORT = b'[{"id": 1, "path": "api.py", "line": 1, "original_line": 1, "body": "nit: rename it"}]'


@dataclass(frozen=True)
class Entry:
    """One call.

    Attributes:
        name: for messages.
        words: arguments of ``errata``, or with ``hook`` the module of a hook and its arguments.
        env: additional environment variables.
        stdin: standard input.
    """

    name: str
    words: Sequence[str]
    hook: bool = False
    env: dict[str, str] = field(default_factory=dict)
    stdin: bytes = b""


@dataclass(frozen=True)
class Result:
    """The result of a call."""

    status: int
    out: str
    err: str

    @property
    def all(self) -> str:
        """Both streams."""
        return self.out + self.err


def _command(*words: str, **env: str) -> Entry:
    return Entry(" ".join(words[:2]), words, env=env)


def _hook(module: str, *args: str, **env: str) -> Entry:
    return Entry(f"{module} {' '.join(args)}".strip(), (module, *args), hook=True, env=env)


def event(name: str, root: Path, **fields: Any) -> Entry:
    """An event of an agent's tool."""
    sent = {"session_id": "s-1", "cwd": str(root), "hook_event_name": name, **fields}
    data = json.dumps(sent).encode()
    return Entry(f"agent-hook {name}", ("agent-hook", name, "--tool", "claude-code"), stdin=data)


def reading(correction: str = "cor-") -> list[Entry]:
    """The calls that only read."""
    return [
        _command("who", "HEAD"),
        _command("who", "HEAD~2..HEAD", "--format", "json"),
        _command("backfill", "--dry-run"),
        _command("report", "-o", "-"),
        _command("report", "--format", "md"),
        _command("evolve", "--dry-run"),
        _command("patterns", "--all"),
        _command("patterns", PATTERN),
        _command("patterns", "--all", "--format", "json"),
        _command("trends", "--alerts"),
        _command("trends", "--compare"),
        _command("corrections", "--analyze"),
        _command("corrections", "--analyze", "--json"),
        _command("corrections", "--list"),
        _command("corrections", "--list", "--json"),
        _command("review"),
        _command("explain", PATTERN),
        _command("explain", correction),
        _command("validate"),
        _command("skills"),
        _command("skills", "--check"),
        _command("context", "--agent", "api-dev", "--files", "api.py"),
        _command("context", "--agent", "nobody"),
        _command("doctor"),
        _command("doctor", "--propose-aliases"),
        _command("init", "--dry-run"),
        _hook("validate_logs"),
        _hook("check_runbooks", "--current"),
        _hook("check_skills"),
        _hook("check_lessons"),
        _hook("check_trailers", MESSAGE),
    ]


def writing(root: Path) -> list[Entry]:
    """The calls that may write, in an order in which each has work to do."""
    wrote = {"tool_name": "Write", "tool_input": {"file_path": str(root / "api.py")}}
    return [
        event("SessionStart", root, source="startup"),
        event("SubagentStart", root, agent_type="api-dev"),
        event("UserPromptSubmit", root, prompt="No, that is wrong: the size is never checked."),
        event("PostToolUse", root, **wrote),
        _hook("stamp", MESSAGE, "message", GIT_AUTHOR_DATE=_SOON),
        _hook("stamp", MESSAGE, "message", ERRATA_AGENT="api-dev"),
        _hook("capture"),
        _hook("rewrite", "amend"),
        _hook("refresh", "0"),
        _command("backfill", "HEAD"),
        _command("flush"),
        _command("teach", "--pattern", PATTERN, "--description", "x"),
        _command("patterns", "dismiss", PATTERN),
        _command("undo"),
        _command("undo"),
        _command(*("log", "finding", "--severity", "nit", "--file", "api.py:1"), "--description=x"),
        Entry("import", ("import", "-"), stdin=_EXPORT),
        _command("evolve"),
        merge(),
        event("SessionEnd", root),
    ]


def merge(path: str = RUNBOOK, side: str = RUNBOOK) -> Entry:
    """The merge driver, with one file as all three sides."""
    args = ("--ancestor", side, "--ours", side, "--theirs", side, "--path", path)
    return _command("merge-file", *args)


def run(entry: Entry, root: Path) -> Result:
    """Run a call at the top of a repository. Exceptions propagate."""
    with (
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        _around(entry, root, out.fileno(), err.fileno()),
    ):
        if entry.hook:
            main = importlib.import_module(f"errata.githooks.{entry.words[0]}").main
            status = main(list(entry.words[1:]))
        else:
            status = errata(list(entry.words))
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "surrogateescape"))
    return Result(status, *texts)


@contextlib.contextmanager
def _around(entry: Entry, root: Path, out: int, err: int) -> Iterator[None]:
    """Replace standard streams, environment and current directory, as for a new process."""
    kept = [os.dup(number) for number in (0, 1, 2)]
    streams, folder, env = (sys.stdin, sys.stdout, sys.stderr), Path.cwd(), dict(os.environ)
    try:
        with tempfile.TemporaryFile() as sent:
            sent.write(entry.stdin)
            sent.seek(0)
            for number, descriptor in enumerate((sent.fileno(), out, err)):
                os.dup2(descriptor, number)
            sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False), encoding="utf-8")
            sys.stdout, sys.stderr = _text(1), _text(2)
            os.chdir(root)
            os.environ.update(entry.env)
            yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(env)
        for number, descriptor in enumerate(kept):
            os.dup2(descriptor, number)
            os.close(descriptor)


def _text(number: int) -> io.TextIOWrapper:
    raw = io.FileIO(number, "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding="utf-8", errors="surrogateescape", write_through=True
    )
