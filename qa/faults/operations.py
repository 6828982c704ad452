"""What is disturbed: operations of errata, each with the repository that it begins from."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.faults import world
from tests import record_builders as records
from tests.conftest import Repo
from tests.githooks.capture_builders import LOG, Story, fixed, limit

COMMAND, HOOK, EVENT = "command", "hook", "event"
_CORRECTION = {
    "timestamp": "2025-02-01T12:00:00Z",
    "date": "2025-02-01",
    "agent": "api-dev",
    "correction_type": "code_quality",
    "source": "implicit",
    "ai_action": {"summary": "wrote api.py"},
    "user_correction": {"summary": "fixed it"},
    "pattern_inferred": "missing-error-handling",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Attributes:
        name: for messages and for --only.
        make: builds the repository in a new folder.
        work: the operation itself, in the repository; its exit status.
        kind: how it must fail. A command: status and one line; a hook: status 0 and one line; an
            event: status 0 and a line in the errors log, where that can be written.
        env: variables it runs with.
        later: what finishes in the end what a hook had to leave, if it is not the same hook.
        leaves: whether a command may leave a part of its work to another one, if it says so.
        between: text of the final files, and what another program first writes in its place.
    """

    name: str
    make: Callable[[Repo], None]
    work: Callable[[], int]
    kind: str = COMMAND
    env: tuple[tuple[str, str], ...] = ()
    later: Callable[[], int] | None = None
    leaves: bool = False
    between: tuple[bytes, bytes] | None = None

    def run(self) -> int:
        """Do it, in this process."""
        os.environ.update(self.env)
        return self.work()

    def again(self) -> int:
        """Do it once more, and what people do next."""
        status = self.run()
        return status or (self.later() if self.later else 0)


def _cli(*args: str) -> Callable[[], int]:
    def work() -> int:
        from errata import cli

        return cli.main(args)

    return work


def _hook(name: str, *args: str) -> Callable[[], int]:
    def work() -> int:
        return int(importlib.import_module(f"errata.githooks.{name}").main(args))

    return work


def _event(name: str, **sent: Any) -> Callable[[], int]:
    def work() -> int:
        read, into = os.pipe()
        os.write(into, json.dumps({"session_id": "s1", "cwd": str(Path.cwd()), **sent}).encode())
        os.close(into)
        os.dup2(read, 0)
        return _cli("agent-hook", name, "--tool", "claude-code")()

    return work


# ------------------------------------------------------------------------------------ repositories


def _logs(repo: Repo) -> None:
    days = range(1, 9)
    strong = {"severity": "blocking", "affected_agents": ["api-dev"]}
    repo.jsonl(records.FINDINGS, *(records.finding(day, id=f"f-{day}", **strong) for day in days))
    repo.jsonl(records.LEARNINGS, *(records.learning(day) for day in range(1, 4)))
    repo.commit("Logs")


def _torn(repo: Repo) -> None:
    _logs(repo)
    with (repo.root / records.FINDINGS).open("ab") as log:
        log.write(b'{"id": "torn", "time')


def _captured(repo: Repo) -> None:
    repo.jsonl(LOG, {**_CORRECTION, "id": "c-0"})
    repo.commit("Log")
    waits = [
        {**_CORRECTION, "id": f"c-{n}", "timestamp": f"2025-02-0{n}T12:00:00Z"} for n in (1, 2, 3)
    ]
    repo.jsonl(".git/errata/outbox.jsonl", *waits)
    with (repo.root / ".git/errata/outbox.jsonl").open("ab") as log:
        log.write(b'no record\n{"id": "torn')


def _to_evolve(repo: Repo) -> None:
    _logs(repo)
    assert _cli("evolve")() == 0
    repo.commit("Evolved")
    for name, agent in (("wrong-limit", "api-dev"), ("slow-query", "sre")):
        more = {"severity": "blocking", "affected_agents": [agent]}
        repo.jsonl(
            records.FINDINGS, *(records.finding(day, name, **more) for day in (0.5, 1, 2, 3))
        )
    _pending(repo, "missing-error-handling", 4)


def _pending(repo: Repo, pattern: str, count: int) -> None:
    found = [{**_CORRECTION, "id": f"w-{n}", "pattern_inferred": pattern} for n in range(count)]
    repo.jsonl(".git/errata/outbox.jsonl", *found)


def _merged(repo: Repo) -> None:
    _to_evolve(repo)
    base = repo.git("rev-parse", "HEAD")
    repo.git("add", "-A")
    repo.git("commit", "-qm", "More findings")
    repo.git("update-ref", "ORIG_HEAD", base)


def _plain(repo: Repo) -> None:
    repo.write("README.md", "# Widgets\n")
    repo.write(".gitattributes", "*.png binary\n")
    repo.write("CLAUDE.md", "Be kind.\n")
    repo.write(".claude/settings.json", '{\n  "permissions": {"allow": ["Read"]}\n}\n')
    repo.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 0\n").chmod(0o755)
    repo.commit("Begin")


def _framework(repo: Repo) -> None:
    _plain(repo)
    (repo.root / ".git/hooks/pre-commit").unlink()
    repo.write(".pre-commit-config.yaml", "# ours\nrepos: []  # none yet\n")
    repo.commit("Configure")


def _installed(repo: Repo) -> None:
    _plain(repo)
    assert _cli("init", "--yes", "--manager", "plain")() == 0
    repo.git("add", "-A")
    repo.git("commit", "-qm", "errata", "--no-verify")


def _fixed(tracked: bool) -> Callable[[Repo], None]:
    def make(repo: Repo) -> None:
        story = Story(repo, tracked=tracked, hooks=False)
        story.fix(1, 2)

    return make


def _amended(repo: Repo) -> None:
    story = Story(repo, hooks=False)
    story.fix(1)
    assert _hook("capture")() == 0
    path = repo.root / "api.py"
    path.write_text(path.read_text().replace(fixed(1), limit(1)))
    story.edit(2, 3)
    story.git("commit", "-qa", "--amend", "-m", "fix: limits")


def _unfinished(repo: Repo) -> None:
    """A commit of a person that holds an agent's lines, told by the agent's tool."""
    from errata.core.git import Repository
    from errata.state import agent_edits

    repo.write(".gitignore", ".claude/\n")
    repo.commit("Begin")
    code = "def load(path):\n    return open(path).read()\n\n\ndef limit():\n    return 10 * 1024\n"
    writer = agent_edits.Writer("api-dev", "claude-code", "s1")
    for name in ("a.py", "b.py"):
        repo.write(name, code.replace("10 *", "20 *"))
        here = Repository.discover(repo.root)
        agent_edits.add(here, name, None, code.encode(), writer, world.NOW * 1_000_000)
    repo.commit("feat: load")


def _written(repo: Repo) -> None:
    repo.write("src/a.py", "one\ntwo\n")
    repo.commit("Begin")
    for number in (1, 2):
        repo.write(f"src/a{number}.py", f"{number}\n")
        _elsewhere(_event("PostToolUse", **_tool(f"src/a{number}.py")))


def _elsewhere(work: Callable[[], int]) -> None:
    """Run what reads standard input in a child, so that ours stays."""
    child = os.fork()
    if child == 0:
        os._exit(work())
    assert os.waitpid(child, 0)[1] == 0


def _tool(path: str) -> dict[str, Any]:
    return {"tool_name": "Write", "tool_input": {"file_path": path, "content": "x"}}


def _sides(repo: Repo, path: str) -> None:
    """Two branches that both evolved, and the three files that git gives a merge driver."""
    _logs(repo)
    assert _cli("evolve")() == 0
    repo.commit("Base")
    base = repo.git("show", f"HEAD:{path}")
    sides = {}
    for name in ("ours", "theirs"):
        repo.git("switch", "-q", "-c", name, "main")
        more = {"severity": "blocking", "affected_agents": ["api-dev"]}
        found = (records.finding(day, f"of-{name}", **more) for day in (0.5, 1, 2, 3))
        repo.jsonl(records.FINDINGS, *found)
        assert _cli("evolve")() == 0
        repo.commit(name)
        sides[name] = repo.git("show", f"HEAD:{path}"), repo.git("rev-parse", "HEAD")
    repo.git("switch", "-q", "ours")
    repo.write(".git/MERGE_HEAD", sides["theirs"][1] + "\n")
    repo.write("O", base + "\n")
    repo.write("A", sides["ours"][0] + "\n")
    repo.write("B", sides["theirs"][0] + "\n")


def _merge_file(path: str) -> Callable[[], int]:
    return _cli("merge-file", "--ancestor", "O", "--ours", "A", "--theirs", "B", "--path", path)


def _message(repo: Repo) -> None:
    _plain(repo)
    repo.write(".git/COMMIT_EDITMSG", "feat: a widget\n\nIt is round.\n")


def _three(repo: Repo) -> None:
    _logs(repo)
    new = [records.finding(day, id=f"n-{day}") for day in (1, 2, 3)]
    repo.write(".git/more.jsonl", records.lines(*new))


_RUNBOOK = records.runbook()
_ONE = (
    *("log", "finding", "--severity", "warning", "--description", "no check", "--file", "a.py"),
    *("--timestamp", "2025-02-01T00:00:00Z", "--id", "f-new"),
)
OPERATIONS = (
    Operation("log", _logs, _cli(*_ONE)),
    Operation("log, the first", _plain, _cli(*_ONE)),
    Operation("log, after a torn line", _torn, _cli(*_ONE)),
    Operation("log, three", _three, _cli("log", "finding", "--json", ".git/more.jsonl")),
    Operation("flush", _captured, _cli("flush")),
    Operation("evolve", _to_evolve, _cli("evolve")),
    Operation("evolve, the first", _logs, _cli("evolve")),
    Operation("refresh, after a pull", _merged, _hook("refresh", "0"), HOOK),
    Operation(
        "refresh, after a merge",
        _merged,
        _hook("refresh", "0"),
        HOOK,
        (("GIT_REFLOG_ACTION", "merge topic"),),
    ),
    Operation("init, plain", _plain, _cli("init", "--yes", "--manager", "plain")),
    Operation(
        "init, pre-commit",
        _framework,
        _cli("init", "--yes", "--manager", "pre-commit"),
        between=(b" -P -mpre_commit", b" -mpre_commit"),
    ),
    Operation("uninstall", _installed, _cli("uninstall", "--yes")),
    Operation(
        "merge driver, runbook",
        lambda r: _sides(r, _RUNBOOK),
        _merge_file(_RUNBOOK),
        leaves=True,
    ),
    Operation(
        "merge driver, log",
        lambda r: _sides(r, records.PROMOTIONS),
        _merge_file(records.PROMOTIONS),
    ),
    Operation("capture, waiting", _fixed(True), _hook("capture"), HOOK),
    Operation("capture, logged", _fixed(False), _hook("capture"), HOOK),
    Operation("capture, uncommitted", _unfinished, _hook("capture"), HOOK),
    Operation("rewrite", _amended, _hook("rewrite", "amend"), HOOK, later=_hook("capture")),
    Operation(
        "stamp",
        _message,
        _hook("stamp", ".git/COMMIT_EDITMSG", "message"),
        HOOK,
        (("ERRATA_AGENT", "api-dev"), ("ERRATA_FEATURE", "feat-042")),
    ),
    Operation("event, written", _written, _event("PostToolUse", **_tool("src/a.py")), EVENT),
    Operation(
        "event, prompt",
        _written,
        _event("UserPromptSubmit", prompt="No, that's wrong. You forgot to handle the error case."),
        EVENT,
    ),
)
