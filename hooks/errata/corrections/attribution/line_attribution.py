"""CommitClassifier a line of a mixed commit is: some lines an agent's, some a person's.

A commit has one author, but a person commits what an agent wrote, or an agent what a person had
changed. What each wrote is remembered when the commit is made (errata.corrections.uncommitted), as
hashes of lines: enough to answer, not enough to read. An entry is found by author and author time,
which amend, rebase and cherry-pick keep.
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


@dataclass(slots=True)
class MixedCommit:
    """One mixed commit: line hash -> the agent that wrote it; and the hashes of a person's."""

    agents: dict[str, Provenance] = field(default_factory=dict)
    person: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class LineAttribution:
    """All that is known of mixed commits."""

    mixed: Mapping[str, MixedCommit]

    def has_agent_lines(self, commit: Commit) -> bool:
        """Whether a commit holds lines of an agent that it does not say itself."""
        found = self.mixed.get(commit_key(commit)) if self.mixed else None
        return found is not None and bool(found.agents)

    def lines_by_writer(self, commit: Commit) -> dict[str, int]:
        """Different lines of a mixed commit by whose they are: an agent's name, or "person"."""
        found = self.mixed[commit_key(commit)]
        counts = Counter(who.name for who in found.agents.values())
        person = len(found.person)
        return dict(sorted(counts.items())) | ({"person": person} if person else {})

    def owner(self, owner: Owner, line: bytes | None) -> Owner:
        """Who wrote a line that came with a commit; ``line`` is None if it is not known."""
        found = None if owner is None else self.mixed.get(commit_key(owner))
        if owner is None or found is None:
            return owner
        if line is None:
            return None
        told = line_hash(line)
        if told in found.agents:
            # In both, it is anybody's: a bracket, an empty return.
            return None if told in found.person else replace(owner, wrote=found.agents[told])
        return None if told in found.person or found.agents else owner


def load(repo: Repository) -> LineAttribution:
    """What is known in this clone; damaged lines are passed over."""
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
    """Remember whose the lines of a commit are; None stands for the person.

    Raises:
        LogError: it cannot be written.
    """
    from errata.records import append

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
        with append.locked(path, root=repo.root):
            _shorten(path, commit.author_time - _KEPT_DAYS * _DAY)


def refine(
    book: LineAttribution,
    touches: Sequence[AttributedHunk],
    lines: Callable[[bytes], Sequence[bytes]],
) -> list[AttributedHunk]:
    """Touches with the owners of lines of mixed commits told apart.

    Args:
        lines: path -> the old file's lines, asked only where lines beside a hunk are in question.
    """
    return [_refined(book, touch, lines) for touch in touches] if book.mixed else list(touches)


def _refined(
    book: LineAttribution, touch: AttributedHunk, lines: Callable[[bytes], Sequence[bytes]]
) -> AttributedHunk:
    sides = [owner for owner in (touch.above, touch.below) if owner is not None]
    around: Sequence[bytes] = ()
    if any(commit_key(owner) in book.mixed for owner in sides):
        around = lines(touch.diff.old_path or b"")
    start, stop = touch.hunk.start, touch.hunk.start + len(touch.hunk.old)

    def at(index: int) -> bytes | None:
        return around[index] if 0 <= index < len(around) else None

    # An owner stands for each line that exists, so the two lists are of one length.
    pairs = zip(touch.owners, touch.hunk.old, strict=False)
    return replace(
        touch,
        owners=tuple(book.owner(owner, line) for owner, line in pairs),
        above=book.owner(touch.above, at(start - 1)),
        below=book.owner(touch.below, at(stop)),
    )


def commit_key(commit: Commit) -> str:
    """What a copy of a commit has in common with it."""
    return f"{commit.author_time} {commit.ident.author_email}"


def line_hash(line: bytes) -> str:
    """Twelve hexadecimal digits of a line without its indentation."""
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
