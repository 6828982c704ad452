"""Who wrote each line of a mixed commit: some lines an agent's, others a person's.

A commit has one author, but a person may commit what an agent wrote, and an agent what a person
changed. Who wrote which lines is stored when the commit is made (errata.corrections.uncommitted),
as hashes of lines: enough to compare, not enough to read. The key is the author and the author
time, which amend, rebase and cherry-pick keep.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from errata.core import atomic, safe_open
from errata.core.git import Repository
from errata.corrections import MIXED
from errata.corrections.attribution.attributed_hunks import AttributedHunk, Owner
from errata.provenance.commits import Commit
from errata.provenance.identity import Provenance
from errata.state.agent_edits import Writer

_DAY = 86_400_000_000
_KEPT_DAYS = 120
_SHORTEN = 2_000_000
ReadLines = Callable[[bytes], Sequence[bytes]]
"""Path -> the lines of the old file."""


@dataclass(slots=True)
class MixedCommit:
    """Who wrote the lines of one mixed commit.

    Attributes:
        agents: line hash -> the agent that wrote the line.
        person: the hashes of a person's lines.
    """

    agents: dict[str, Provenance] = field(default_factory=dict)
    person: set[str] = field(default_factory=set)

    def owner_of(self, line: bytes, commit: Commit) -> Owner:
        """The commit, with the writer of the line; None if the writer is not certain."""
        hashed = line_hash(line)
        by_person = hashed in self.person
        if hashed in self.agents:
            # Lines that both wrote, like a bracket or an empty return, prove nothing.
            return None if by_person else replace(commit, wrote=self.agents[hashed])
        return None if by_person or self.agents else commit


@dataclass(frozen=True, slots=True)
class LineAttribution:
    """The mixed commits that are known, by :func:`commit_key`."""

    commits: Mapping[str, MixedCommit]

    def has_agent_lines(self, commit: Commit) -> bool:
        """Whether an agent is known to have written lines of a commit."""
        mixed = self.commits.get(commit_key(commit)) if self.commits else None
        return mixed is not None and bool(mixed.agents)

    def lines_by_writer(self, commit: Commit) -> dict[str, int]:
        """How many different lines of a mixed commit each agent wrote, by name, and "person"."""
        mixed = self.commits[commit_key(commit)]
        counts = Counter(provenance.name for provenance in mixed.agents.values())
        person = len(mixed.person)
        return dict(sorted(counts.items())) | ({"person": person} if person else {})

    def owner(self, owner: Owner, line: bytes | None) -> Owner:
        """Who wrote a line of a commit; ``line`` is None if its text is not known."""
        mixed = None if owner is None else self.commits.get(commit_key(owner))
        if owner is None or mixed is None:
            return owner
        return None if line is None else mixed.owner_of(line, owner)

    def attribute(
        self, hunks: Sequence[AttributedHunk], read_lines: ReadLines
    ) -> list[AttributedHunk]:
        """Hunks in which each line of a mixed commit is owned by who wrote that line.

        Args:
            read_lines: called only for files where a mixed commit owns a line beside a hunk.
        """
        if not self.commits:
            return list(hunks)
        return [self._attribute(hunk, read_lines) for hunk in hunks]

    def _attribute(self, attributed: AttributedHunk, read_lines: ReadLines) -> AttributedHunk:
        hunk = attributed.hunk
        sides = [owner for owner in (attributed.above, attributed.below) if owner is not None]
        lines: Sequence[bytes] = ()
        if any(commit_key(owner) in self.commits for owner in sides):
            lines = read_lines(attributed.diff.old_path or b"")

        def line_at(index: int) -> bytes | None:
            return lines[index] if 0 <= index < len(lines) else None

        pairs = zip(attributed.owners, hunk.old, strict=False)
        return replace(
            attributed,
            owners=tuple(self.owner(owner, line) for owner, line in pairs),
            above=self.owner(attributed.above, line_at(hunk.start - 1)),
            below=self.owner(attributed.below, line_at(hunk.stop)),
        )


def load(repo: Repository) -> LineAttribution:
    """The line attribution stored in this clone; damaged lines are skipped."""
    mixed: dict[str, MixedCommit] = {}
    try:
        lines = _read(_path(repo)) if repo.state_dir else []
    except OSError:
        lines = []
    for line in lines:
        try:
            one = json.loads(line)
            entry = mixed.setdefault(str(one["commit"]), MixedCommit())
            hashes = [str(each) for each in one["lines"]]
            if one["agent"]:
                who = Provenance("agent", str(one["tool"]), str(one["agent"]))
                entry.agents |= dict.fromkeys(hashes, who)
            else:
                entry.person.update(hashes)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            continue
    return LineAttribution(mixed)


def save(repo: Repository, commit: Commit, lines: Mapping[Writer | None, Iterable[bytes]]) -> None:
    """Store who wrote the lines of a commit; None stands for the person.

    Raises:
        LogError: it cannot be written.
    """
    from errata.records import append, log_lock

    records = [
        {
            "commit": commit_key(commit),
            "time": commit.author_time,
            "agent": writer.agent if writer else "",
            "tool": writer.tool if writer else "",
            "lines": sorted({line_hash(line) for line in found if line.strip()}),
        }
        for writer, found in lines.items()
    ]
    path = _path(repo)
    append.append(path, [one for one in records if one["lines"]], root=repo.root)
    if path.stat().st_size > _SHORTEN:
        with log_lock.locked(path, root=repo.root):
            _shorten(path, commit.author_time - _KEPT_DAYS * _DAY)


def commit_key(commit: Commit) -> str:
    """What a commit and its copies have in common."""
    return f"{commit.author_time} {commit.ident.author_email}"


def line_hash(line: bytes) -> str:
    """Twelve hexadecimal digits; the same for a line with other indentation."""
    return hashlib.blake2b(line.strip(), digest_size=6).hexdigest()


def _path(repo: Repository) -> Path:
    assert repo.state_dir is not None
    return repo.state_dir / MIXED


def _read(path: Path) -> list[bytes]:
    with open(path, "rb", opener=safe_open.open_nofollow) as file:
        return file.read().splitlines(keepends=True)


def _shorten(path: Path, since: int) -> None:
    kept = []
    for line in _read(path):
        try:
            if json.loads(line)["time"] >= since:
                kept.append(line)
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
    atomic.write(path, kept)
