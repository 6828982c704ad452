"""What is done at once, and what has to come of it."""

from __future__ import annotations

import importlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from qa.stress.crowd import BIN, Crowd, at, install
from tests import record_builders as records
from tests.conftest import Repo
from tests.githooks.capture_builders import CLAUDE, CODE, LOG, fixed, limit

_LATER = ("errata.commands.group", "errata.records.append", "msgspec", "filelock", "jsonschema_rs")
_WAITS = ".git/errata/outbox.jsonl"
_AGENTS = {"severity": "blocking", "affected_agents": ["api-dev"]}


def _repo(root: Path) -> Repo:
    root.mkdir(parents=True)
    repo = Repo(root)
    repo.git("init", "-q")
    return repo


def read_log(path: Path) -> list[dict[str, Any]]:
    """The records of a log; a line that is torn or glued makes it fail."""
    data = path.read_bytes() if path.exists() else b""
    assert data == b"" or data.endswith(b"\n"), f"{path}: does not end in a line"
    return [json.loads(line) for line in data.split(b"\n")[:-1]]


def miscounts(what: str, found: Counter[str], wanted: set[str]) -> Iterator[str]:
    twice = sorted(id for id, count in found.items() if count > 1)
    if lost := sorted(wanted - found.keys()):
        yield f"{what}: lost: {lost[:5]} ({len(lost)})"
    if more := sorted(found.keys() - wanted):
        yield f"{what}: nobody wrote: {more[:5]} ({len(more)})"
    if twice:
        yield f"{what}: twice: {twice[:5]} ({len(twice)})"


# --------------------------------------------------------------------------------- one log


def writers(folder: Path, count: int, each: int, seconds: float = 300) -> tuple[int, list[str]]:
    """So many writers of one log, by the function and by the command; how many wrote."""
    root = _repo(folder / "writers").root
    for name in ("errata.commands.log", "errata.records.schema", *_LATER):
        # Once here, or each of the writers would spend most of its time on it.
        importlib.import_module(name)
    fork = multiprocessing.get_context("fork")
    into = fork.SimpleQueue()
    works = [_by_command if number % 8 == 0 else _by_function for number in range(count)]
    children = [
        fork.Process(target=work, args=(root, number, each, into))
        for number, work in enumerate(works)
    ]
    for child in children:
        child.start()
    end = time.monotonic() + seconds
    said: list[str] = []
    for child in children:
        child.join(max(0.1, end - time.monotonic()))
        if child.exitcode is None:
            child.kill()
            said.append(f"a writer did not end in {seconds:.0f} s")
    while not into.empty():
        said.append(into.get())
    wanted = {f"{number}-{n}" for number in range(count) for n in range(each)}
    found = Counter(row["id"] for row in read_log(root / records.FINDINGS))
    return count, [*said, *miscounts("writers", found, wanted)]


def _by_function(root: Path, number: int, each: int, into: Any) -> None:
    from errata.core.errors import LogError
    from errata.records.append import append

    for n in range(each):
        record = records.finding(n % 50, id=f"{number}-{n}", context="x" * (n * 97 % 3000))
        while True:
            try:
                append(Path(records.FINDINGS), [record], root=root)
                break
            except LogError as error:
                # Waiting too long is said in one line, and then nothing was written.
                if "has been writing to it" not in str(error):
                    into.put(str(error))
                    return


def _by_command(root: Path, number: int, each: int, into: Any) -> None:
    from errata import cli

    os.chdir(root)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    words = ["log", "finding", "--severity", "nit", "--description", "one", "--file", "a.py"]
    for n in range(each):
        tries = 0
        while status := cli.main([*words, "--timestamp", "2025-01-15", "--id", f"{number}-{n}"]):
            tries += 1
            if tries > 5:
                into.put(f"errata log: status {status}")
                return


# ------------------------------------------------------------------------ two evolves at once


def evolves(folder: Path, count: int, rounds: int) -> tuple[int, list[str]]:
    """Evolves of one repository at once must leave what a single one does."""
    crowd = Crowd(limit=300)
    roots = [_to_evolve(folder / name, rounds) for name in ("serial", "evolves")]
    for round_ in range(rounds):
        for root in roots:
            _more(root, round_)
        crowd.errata("evolve", "--as-of", records.AS_OF, cwd=roots[0])
        one = _evolving(crowd, roots[1])
        crowd.work([one] * count, [])
    trees = [records.tree(root / ".claude") for root in roots]
    said = [
        f"evolves: {path} differs"
        for path in trees[0].keys() | trees[1].keys()
        if trees[0].get(path) != trees[1].get(path)
    ]
    lines = (roots[1] / records.PROMOTIONS).read_bytes().splitlines()
    if len(lines) != len(set(lines)):
        said.append("evolves: an event stands twice in the promotion log")
    return count * rounds, crowd.failures + said


def _to_evolve(root: Path, rounds: int) -> Path:
    repo = _repo(root)
    repo.jsonl(LOG)
    for n in range(rounds):
        repo.jsonl(
            records.FINDINGS, *(records.finding(d, f"old-{n}", **_AGENTS) for d in (9, 8, 7))
        )
    repo.commit("Logs")
    return root


def _more(root: Path, round_: int) -> None:
    repo = Repo(root)
    found = (records.finding(day, f"new-{round_}", **_AGENTS) for day in (4, 3, 2, 1))
    repo.jsonl(records.FINDINGS, *found)
    repo.jsonl(
        _WAITS, *(records.correction(d, f"told-{round_}", id=f"c-{round_}-{d}") for d in (3, 2, 1))
    )


def _evolving(crowd: Crowd, root: Path) -> Callable[[], None]:
    return lambda: _ignore(crowd.errata("evolve", "--as-of", records.AS_OF, cwd=root))


def _ignore(_: object) -> None:
    """What it came to is counted already."""


# ---------------------------------------------------------------------------- linked worktrees


class Team:
    """A repository with linked worktrees, hooks installed, and a remote that others push to."""

    def __init__(self, folder: Path, trees: int, crowd: Crowd) -> None:
        self.crowd = crowd
        repo = _repo(folder / "team")
        self.root = repo.root
        repo.write(".gitattributes", "*.jsonl merge=union\n")
        repo.jsonl(LOG)
        repo.write(".git/info/exclude", ".claude/patterns/\n.claude/skills/\n")
        for number in range(trees):
            repo.write(f"t{number}.py", _code(number))
        repo.git("add", "-A")
        repo.git("commit", "-qm", "feat: handlers", "-m", CLAUDE, env=at(0))
        self.other = Repo(folder / "other")
        repo.git("clone", "-q", str(self.root), str(self.other.root))
        self.trees = [folder / f"tree{number}" for number in range(trees)]
        self.puller = folder / "puller"
        for tree in (*self.trees, self.puller):
            repo.git("worktree", "add", "-q", "-b", tree.name, str(tree))
        install(self.root)
        self._pushed = 0

    def person(self, number: int, fixes: int) -> Callable[[], None]:
        """Fix the agent's lines, one commit each, in a worktree."""
        tree = self.trees[number]

        def work() -> None:
            path = tree / f"t{number}.py"
            for n in range(1, fixes + 1):
                was, now = _rename_for(limit(n), number), _rename_for(fixed(n), number)
                path.write_text(path.read_text().replace(was, now))
                subject = f"fix: wrong limit {n} of {number}"
                self.crowd.must("git", "commit", "-qam", subject, cwd=tree, **at(n * 20 + number))

        return work

    def agent(self, number: int, prompts: int) -> Callable[[], None]:
        """Events of an agent's tool in a worktree."""
        tree = self.trees[number]
        path = tree / f"new{number}.py"

        def work() -> None:
            for n in range(prompts):
                sent: dict[str, Any] = {"session_id": f"s{number}", "cwd": str(tree)}
                path.write_text(f"a = {n}\n")
                wrote = {"tool_name": "Write", "tool_input": {"file_path": str(path)}}
                self._event("PostToolUse", tree, {**sent, **wrote})
                prompt = f"No, that's wrong. You forgot to handle error {n} of {number}."
                self._event("UserPromptSubmit", tree, {**sent, "prompt": prompt})

        return work

    def _event(self, name: str, tree: Path, sent: dict[str, Any]) -> None:
        words = ("agent-hook", name, "--tool", "claude-code")
        self.crowd.errata(*words, cwd=tree, stdin=json.dumps(sent).encode())

    def pull(self) -> None:
        """Others log a finding and push it; it is pulled, and refresh runs."""
        self._pushed += 1
        n = self._pushed
        self.other.jsonl(records.FINDINGS, records.finding(n % 9, f"of-others-{n % 3}", **_AGENTS))
        self.other.git("add", "-A")
        self.other.git("commit", "-qm", f"More {n}", env=at(n))
        words = ("pull", "-q", "--no-rebase", "--no-edit", str(self.other.root), "main")
        self.crowd.must("git", *words, cwd=self.puller)

    def evolve(self) -> None:
        """Evolve in the main work tree."""
        self.crowd.errata("evolve", cwd=self.root)

    def flush(self) -> None:
        """Flush in the main work tree."""
        self.crowd.errata("flush", cwd=self.root)

    def history(self) -> list[dict[str, Any]]:
        """What a search of all branches finds."""
        clone = self.root.with_name("clone")
        self.crowd.must("git", "clone", "-q", str(self.root), str(clone), cwd=self.root)
        names = [f"origin/{tree.name}" for tree in self.trees]
        self.crowd.must("git", "merge", "-q", "--no-edit", *names, cwd=clone, **at(1000))
        words = ("backfill", "HEAD", "--dry-run", "--format", "json")
        return list(json.loads(self.crowd.errata(*words, cwd=clone).out)["corrections"])

    def found(self) -> list[dict[str, Any]]:
        """Every correction, wherever it is by now."""
        logs = [tree / LOG for tree in (self.root, *self.trees, self.puller)]
        return [row for log in (*logs, self.root / _WAITS) for row in read_log(log)]


def _code(number: int) -> str:
    return _rename_for(CODE, number)


def _rename_for(text: str, number: int) -> str:
    """The same in words of each tree's own, or one correction would look like a copy of another."""
    return text.replace("limit", f"limit_{number}").replace("LIMITS", f"LIMITS_{number}")


def worktrees(folder: Path, trees: int, fixes: int, prompts: int) -> tuple[int, list[str]]:
    """Commits in linked worktrees, with capture, evolve, refresh, flush and agents beside them."""
    crowd = Crowd(limit=600)
    team = Team(folder, trees, crowd)
    people = [team.person(number, fixes) for number in range(trees)]
    agents = [team.agent(number, prompts) for number in range(2)]
    crowd.work([*people, *agents], [team.pull, team.evolve, team.flush])
    team.flush()
    rows = team.found()
    # What a search of the history finds, alone and afterwards, is what there should be.
    alone = team.history()
    implicit = Counter(row["id"] for row in rows if row["source"] == "implicit")
    said = list(miscounts("corrections", implicit, {row["id"] for row in alone}))
    if len(alone) != trees * fixes:
        said.append(f"corrections: {len(alone)} in history, and {trees * fixes} were made")
    explicit = Counter(row["id"] for row in rows if row["source"] == "explicit")
    if len(explicit) != 2 * prompts or max(explicit.values(), default=1) > 1:
        said.append(f"prompts: {explicit}, and {2 * prompts} were typed")
    if left := [p for p in (team.root / ".git/errata").rglob("*") if "tmp" in p.name]:
        said.append(f"left behind: {left}")
    return len(crowd.results), crowd.failures + said


# ------------------------------------------------------------------------------------ waiting


def stopped(folder: Path, long: bool) -> tuple[int, list[str]]:
    """A process that holds every lock and does not go on: the others wait, and say so in a line."""
    repo = _repo(folder / "stopped")
    repo.write("a.py", "one\n")
    base = repo.commit("Begin")
    repo.jsonl(records.FINDINGS, *(records.finding(day, **_AGENTS) for day in (3, 2, 1)))
    repo.commit("Merged")
    repo.git("update-ref", "ORIG_HEAD", base)
    repo.jsonl(_WAITS, records.correction(1, id="c-1"))
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD], cwd=repo.root, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout and holder.stdout.readline() == "held\n"
    holder.send_signal(signal.SIGSTOP)
    crowd = Crowd(limit=120)
    one = ("--severity", "nit", "--description", "x", "--file", "a.py", "--timestamp", "2025-01-15")
    event = {"session_id": "s", "cwd": str(repo.root), "tool_name": "Write"}
    sent = json.dumps({**event, "tool_input": {"file_path": "a.py"}}).encode()
    waits: list[tuple[str, list[str | Path], bytes, float]] = [
        ("has been writing to it for 10 s", [BIN / "errata", "log", "finding", *one], b"", 10),
        ("another errata evolve has been running for 10 s", [BIN / "errata-refresh", "0"], b"", 10),
        ("", [BIN / "errata", "agent-hook", "PostToolUse", "--tool", "claude-code"], sent, 2),
    ]
    if long:
        said = "another errata evolve has been running for 60 s"
        waits.append((said, [BIN / "errata", "evolve"], b"", 60))
        waits.append(("has been writing to it for 10 s", [BIN / "errata", "flush"], b"", 10))
    failures: list[str] = []

    def wait(said: str, words: list[str | Path], stdin: bytes, seconds: float) -> None:
        done = crowd.run(*words, cwd=repo.root, stdin=stdin)
        lines = done.err.splitlines()
        # Twice as long, and the start of the process on a machine that is busy.
        if not seconds * 0.9 <= done.seconds <= seconds * 2 + 20:
            failures.append(f"{done.words}: took {done.seconds:.1f} s instead of {seconds:.0f}")
        if (len(lines), said in done.err) != (1 if said else 0, True):
            failures.append(f"{done.words}: said {done.err!r}")

    try:
        crowd.work([lambda w=one: wait(*w) for one in waits], [])  # type: ignore[misc]
    finally:
        holder.kill()
        holder.wait()
    for words in (("log", "finding", *one), ("flush",), ("evolve",)) if long else (("evolve",),):
        done = crowd.errata(*words, cwd=repo.root)
        failures += (
            [f"{done.words}: {done.seconds:.0f} s after the holder's end"]
            if done.seconds > 30
            else []
        )
    return len(waits), crowd.failures + failures


_HOLD = """
import contextlib, signal
from pathlib import Path
from errata.core.config import load
from errata.core.git import Repository
from errata.records import log_lock
from errata import learn
from errata.state import database
repo = Repository.discover()
with contextlib.ExitStack() as held:
    held.enter_context(learn.exclusive(repo, load(repo.root)))
    for log in (".git/errata/outbox.jsonl", ".claude/review-findings.jsonl"):
        held.enter_context(log_lock.locked(Path(log), root=repo.root))
    held.enter_context(database.transaction(repo))
    print("held", flush=True)
    signal.pause()
"""
