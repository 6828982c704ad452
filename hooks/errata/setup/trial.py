"""``errata doctor --try``: one round of commits, corrections and merges, with the real hooks."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from errata.core.config import EVERYONE, Config
from errata.core.errors import ErrataError, GitError
from errata.records import instants
from errata.records.model import DAY
from errata.rules.agent_tools import beginnings
from errata.setup import agents, agents_files, guard
from errata.setup.layout import Layout
from errata.setup.managers import Manager
from errata.setup.trial_repository import TrialRepository, create, last_line, search_path
from errata.state import outbox

State = Literal["works", "fails", "not tried"]
_FILE = "example.py"
_AGENT = "trial-agent"
_LESSON = "trial-missing-timeout"
_BEFORE = """\
def fetch(client, path):
    reply = client.get(path)
    return reply.body


def store(client, path, data):
    reply = client.put(path, data)
    return reply.status
"""
_AFTER = _BEFORE.replace("client.get(path)", "client.get(path, timeout=10)").replace(
    "    return reply.body", "    reply.check()\n    return reply.body"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried.

    Attributes:
        name: what, in a few words.
        detail: why it does not work, or was not tried; "" if it works.
    """

    name: str
    state: State
    detail: str = ""


class _SkippedError(ErrataError):
    """A step that cannot be tried here."""


def run(layout: Layout, config: Config, manager: Manager) -> Iterator[Step]:
    """Try everything in a scratch repository, which is removed; yields each step when it is done.

    A step whose predecessor fails is tried as well: each finds its own reason.

    Raises:
        ErrataError: the hooks of this clone cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="errata-try-", ignore_cleanup_errors=True) as folder:
        trial = create(layout, manager, Path(folder).resolve())
        yield from (Step("download", "not tried", line) for line in trial.not_tried)
        for name, function in _STEPS.items():
            yield _tried(name, function, trial, config)


def _tried(
    name: str,
    function: Callable[[TrialRepository, Config], None],
    trial: TrialRepository,
    config: Config,
) -> Step:
    try:
        function(trial, config)
    except _SkippedError as error:
        return Step(name, "not tried", str(error))
    except subprocess.TimeoutExpired as error:
        return Step(name, "fails", f"it takes more than {error.timeout:.0f} seconds")
    except (ErrataError, OSError) as error:
        return Step(name, "fails", str(error))
    return Step(name, "works")


def _expect(condition: object, message: str) -> None:
    if not condition:
        raise GitError(message)


def _agent_commit(trial: TrialRepository, _config: Config) -> None:
    trial.write(_FILE, _BEFORE.encode())
    trial.git("add", _FILE)
    trial.git("commit", "-q", "-m", "Add the client", ERRATA_AGENT=_AGENT)
    message = trial.git("log", "-1", "--format=%B")
    _expect(f"Agent: {_AGENT}" in message, "errata-stamp did not add the trailer `Agent:`")


def _person_fix(trial: TrialRepository, _config: Config) -> None:
    trial.write(_FILE, _AFTER.encode())
    trial.git("commit", "-q", "-a", "-m", "Fix the missing timeout and check")
    message = trial.git("log", "-1", "--format=%B")
    _expect("Corrects: " in message, "errata-stamp did not add the trailer `Corrects:`")


def _capture(trial: TrialRepository, _config: Config) -> None:
    file = trial.root / ".git/errata" / outbox.FILE_NAME
    records = outbox.read(file) if file.exists() else []
    _expect(len(records) == 1, f"errata-capture found {len(records)} corrections, not 1")


def _flush(trial: TrialRepository, config: Config) -> None:
    trial.errata("flush")
    log = trial.root / config.logs.corrections
    _expect(log.exists() and log.read_bytes().count(b"\n") == 1, "the log has no correction")
    trial.git("add", "-f", config.logs.corrections)
    trial.git("commit", "-q", "-m", "Log a correction")


def _refusal(trial: TrialRepository, config: Config) -> None:
    log = config.logs.findings
    trial.write(log, b'{"severity": "no such"}\n')
    trial.git("add", "-f", log)
    done = trial.run("git", "commit", "-q", "-m", "Log what is not valid")
    if done.returncode == 0:
        trial.git("reset", "-q", "--hard", "HEAD~1")
        raise GitError("errata-validate-logs let a bad line pass")
    trial.git("rm", "-q", "-f", log)


def _pull(trial: TrialRepository, config: Config) -> None:
    """Two people log findings, one pulls: the logs merge, and the lesson is there at once."""
    log, other = config.logs.findings, trial.root.parent / "colleague"
    trial.git("clone", "-q", str(trial.root), str(other))
    colleague = TrialRepository(other)
    _log(colleague, log, range(1, 5))
    _log(trial, log, range(5, 7))
    done = trial.run("git", "pull", "-q", "--no-edit", str(other), "HEAD")
    if done.returncode:
        trial.run("git", "merge", "--abort")
        raise GitError(last_line(done.stdout) or last_line(done.stderr))
    lines = (trial.root / log).read_bytes().splitlines()
    _expect(len(lines) == 6, "the logs of two branches did not merge by union")
    text = trial.errata("context")
    _expect(_LESSON in text, "errata-refresh did not bring the lesson of what was pulled")


def _log(trial: TrialRepository, log: str, days: range) -> None:
    now = instants.clock()
    rows = [
        {
            "timestamp": instants.iso(now - day * DAY),
            "severity": "blocking",
            "description": f"Request {day} has no timeout",
            "suggested_fix": "Pass a timeout to every request",
            "file": _FILE,
            "pattern": _LESSON,
            "affected_agents": [EVERYONE],
        }
        for day in days
    ]
    trial.write(log, "".join(f"{json.dumps(row)}\n" for row in rows).encode())
    trial.git("add", "-f", log)
    trial.git("commit", "-q", "-m", "Log findings")


def _session(trial: TrialRepository, _config: Config) -> None:
    """Each tool that is set up is given the lesson by its first hook."""
    event = {"session_id": "trial", "cwd": str(trial.root), "source": "startup"}
    tried = 0
    for file in (file for tool in agents.TOOLS for file in agents_files.files(tool)):
        for name, command in agents_files.commands(_read(trial.root / file.path), file):
            if name in beginnings(file.tool) and not name.lower().startswith("subagent"):
                tried += 1
                given = json.dumps({**event, "hook_event_name": name})
                done = trial.run("sh", "-c", command, stdin=given, ERRATA_AGENT="")
                _expect(_LESSON in done.stdout, f"the hook of {file.tool} did not print the lesson")
    if not tried:
        raise _SkippedError("no agent's tool has our hooks")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _without_errata(trial: TrialRepository, _config: Config) -> None:
    path = search_path(["errata", "errata-capture"])
    if path is None:
        raise _SkippedError("errata and git are in the same folder of PATH")
    trial.run("git", "config", "--unset-all", guard.SETTING)
    trial.write("NOTES", b"Somebody without errata was here.\n")
    trial.git("add", "NOTES")
    done = trial.run("git", "commit", "-q", "-m", "Add notes", PATH=path)
    _expect(done.returncode == 0, last_line(done.stderr or done.stdout))


_STEPS: dict[str, Callable[[TrialRepository, Config], None]] = {
    "an agent's commit gets its trailers": _agent_commit,
    "a person's fix names the commit that it corrects": _person_fix,
    "the fix is captured as a correction": _capture,
    "errata flush moves it into the log, and the log can be committed": _flush,
    "a bad line in a log is refused": _refusal,
    "a pull merges logs and refreshes runbooks": _pull,
    "an agent's session begins with the lessons": _session,
    "a colleague without errata can commit": _without_errata,
}
