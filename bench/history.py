"""A long synthetic history, made with ``git fast-import``, and commits put on top of any history.

People, agents and bots change lines of some hundred files; a part of what people change is what
agents wrote shortly before; every so often a branch is merged. It is simpler than a real history
(few renames, small files), which is why the bench takes a real clone too.
"""

from __future__ import annotations

import contextlib
import random
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from bench.measure import BenchError, environment, git

_PEOPLE = [
    (f"{name} Example", f"{name.lower()}@example.org") for name in ["Ada", "Ben", "Cy", "Dee"]
]
_CLAUDE = "\n\nCo-Authored-By: Claude <noreply@anthropic.com>"
_COPILOT = ("copilot-swe-agent[bot]", "198982749+Copilot@users.noreply.github.com")
_BOT = ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com")
_FILES, _LONGEST = 240, 400
_SPAN = 900 * 86_400
_MAIN, _TOPIC = "refs/heads/main", "refs/heads/topic"


@dataclass(frozen=True, slots=True)
class Ident:
    """An author, and what the message ends with."""

    name: str
    email: str
    tail: str = ""


PERSON = Ident(*_PEOPLE[0])
AGENT = Ident(*_PEOPLE[1], _CLAUDE)


@dataclass(frozen=True, slots=True)
class NewCommit:
    """A commit to be made: files by path, with their whole new content.

    ``parents`` are commands of fast-import: ``from ID`` or ``merge ID``; without one, the commit
    goes on top of its branch.
    """

    who: Ident
    when: int
    message: str
    files: Mapping[str, bytes]
    parents: tuple[str, ...] = ()


def import_commits(repo: Path, commits: Iterable[tuple[str, NewCommit]]) -> None:
    """Make commits, each on top of the branch that stands before it.

    Raises:
        BenchError: git refuses them.
    """
    child = subprocess.Popen(
        ["git", "fast-import", "--quiet", "--force"],
        cwd=repo,
        env=environment(),
        stdin=subprocess.PIPE,
    )
    assert child.stdin
    # If git stops early, its exit status says so.
    with contextlib.suppress(BrokenPipeError), child.stdin as to:
        for branch, commit in commits:
            _write(to, branch, commit)
    if child.wait():
        raise BenchError("git fast-import failed")


def _write(to: IO[bytes], branch: str, commit: NewCommit) -> None:
    who, text = commit.who, (commit.message + commit.who.tail + "\n").encode()
    head = [f"commit {branch}"]
    head += [
        f"{role} {who.name} <{who.email}> {commit.when} +0000" for role in ("author", "committer")
    ]
    to.write("\n".join([*head, f"data {len(text)}\n"]).encode() + text)
    for parent in commit.parents:
        to.write(f"{parent}\n".encode())
    for path, content in commit.files.items():
        to.write(f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n")


def make(folder: Path, commits: int, end: int, seed: int = 3) -> None:
    """Make a bare repository of so many commits, the last at ``end`` (seconds since 1970)."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "--bare", "-b", "main")
    world = _World(random.Random(seed))
    import_commits(folder, world.commits(commits, end))
    git(folder, "update-ref", "-d", _TOPIC)
    # As a clone would be: one pack with good deltas, and a commit graph.
    git(folder, "-c", "gc.auto=0", "repack", "-adq")
    git(folder, "commit-graph", "write", "--reachable")


@dataclass
class _World:
    """All files as they are now, and who wrote what lately.

    A branch works on files of odd numbers while main works on the even ones, so merges have no
    conflicts and every content is known.
    """

    rng: random.Random
    files: list[list[str]] = field(default_factory=list)
    fresh: list[tuple[int, int]] = field(default_factory=list)
    branch: int = 0
    touched: set[int] = field(default_factory=set)
    line: int = 0

    def commits(self, count: int, end: int) -> Iterable[tuple[str, NewCommit]]:
        """Branch and commit, one after the other."""
        start = end - _SPAN
        self.files = [self._lines(self.rng.randrange(10, 120)) for _ in range(_FILES)]
        everything = {_path(n): _text(lines) for n, lines in enumerate(self.files)}
        yield _MAIN, NewCommit(PERSON, start, "Begin", everything)
        for number in range(1, count):
            when = start + _SPAN * number // count
            if self.branch == 1 and self.touched:
                yield _MAIN, self._merge(when)
            else:
                yield self._work(when)
            self.branch = max(0, self.branch - 1)

    def _lines(self, count: int) -> list[str]:
        first, self.line = self.line, self.line + count
        words = ("total", "limit", "owner", "cursor", "payload")
        return [
            f"    {words[n % 5]}_{n % 97} = compute_{n % 31}(item_{n}, {n % 13})"
            for n in range(first, first + count)
        ]

    def _work(self, when: int) -> tuple[str, NewCommit]:
        rng = self.rng
        if not self.branch and rng.random() < 0.03:
            self.branch, self.touched = rng.randrange(8, 24), set()
        topic = self.branch > 1 and rng.random() < 0.5
        who = self._who()
        if who.tail or who.name == _COPILOT[0]:
            message, changed = self._agent(topic)
        elif self.fresh and rng.random() < 0.25:
            message, changed = self._correct(topic)
        else:
            message, changed = f"Add step {self.line}", self._edit(topic, False)
        files = {_path(n): _text(self.files[n]) for n in sorted(changed)}
        if not topic:
            return _MAIN, NewCommit(who, when, message, files)
        # Main has not touched the branch's files since the branch began.
        parents = () if self.touched else (f"from {_MAIN}",)
        self.touched |= changed
        return _TOPIC, NewCommit(who, when, message, files, parents)

    def _who(self) -> Ident:
        draw = self.rng.random()
        if draw < 0.25:
            return Ident(*self.rng.choice(_PEOPLE), _CLAUDE)
        if draw < 0.32:
            return Ident(*_COPILOT)
        if draw < 0.35:
            return Ident(*_BOT)
        return Ident(*self.rng.choice(_PEOPLE))

    def _agent(self, topic: bool) -> tuple[str, set[int]]:
        changed = self._edit(topic, True)
        self.fresh = self.fresh[-40:]
        return f"feat: add handler {self.line}", changed

    def _edit(self, topic: bool, remember: bool) -> set[int]:
        """Replace, insert or remove lines of one to three files that this branch may touch."""
        rng = self.rng
        odd = topic if self.branch else rng.random() < 0.5
        # Squaring the draw makes some files change far more often than others.
        picks = {int(rng.random() ** 2 * _FILES / 2) * 2 + odd for _ in range(rng.randrange(1, 4))}
        for number in picks:
            lines = self.files[number]
            at = rng.randrange(len(lines) + 1)
            gone = rng.randrange(0, 4) if len(lines) < _LONGEST else 12
            lines[at : at + gone] = self._lines(rng.randrange(1, 9))
            if remember:
                self.fresh.append((number, at))
        return picks

    def _correct(self, topic: bool) -> tuple[str, set[int]]:
        """Change a line that an agent wrote lately, if it is on this branch's side."""
        mine = [spot for spot in self.fresh if not self.branch or spot[0] % 2 == topic]
        if not mine:
            return "Tidy up", self._edit(topic, False)
        number, at = self.rng.choice(mine)
        lines = self.files[number]
        at = min(at, len(lines) - 1)
        lines[at] = lines[at].replace("(item", "(checked_item").replace(" 1)", " 2)")
        lines.insert(at, f"    if item_{self.line} is None: raise ValueError({self.line})")
        self.line += 1
        return "fix: handle the missing item", {number}

    def _merge(self, when: int) -> NewCommit:
        files = {_path(n): _text(self.files[n]) for n in sorted(self.touched)}
        return NewCommit(PERSON, when, "Merge branch 'topic'", files, (f"merge {_TOPIC}",))


def _path(number: int) -> str:
    return f"src/part{number % 12}/module_{number}.py"


def _text(lines: Sequence[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
