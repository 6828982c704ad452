"""What a person's commit did to the lines of one agent, as numbers."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from errata.corrections.attribution.attributed_hunks import AttributedHunk
from errata.corrections.attribution.diff import FileDiff
from errata.corrections.classify import token_diff
from errata.corrections.classify.entry_lists import is_import
from errata.corrections.classify.relations import Relations, relate
from errata.corrections.classify.token_diff import Difference
from errata.provenance.commits import Commit

_HOUR = 3_600_000_000
_MAX_HUNKS = 150
"""The kinds of their differences stand for those of all others."""
_SMALL_COMMIT = 3
"""Of a commit with fewer lines, no share that was undone is measured."""
_MAX_REMOVED = 500
"""Of the lines that a hunk removes, so many are remembered."""
_SHORTEST = 6
"""Shorter lines are everywhere, as closing brackets are."""
_DIGITS = re.compile(rb"\d+")
_MARKS = re.compile(rb"[`*_~\"'\s]+")
_SURFACE = (Difference.COMMENT, Difference.STRING, Difference.NAME, Difference.PROSE)
_TESTS = re.compile(
    rb"(?:^|/)(?:tests?|specs?|__tests__|testing|e2e|fixtures)/|(?:^|/)(?:test_|conftest\.)[^/]*\Z"
    rb"|[._-](?:tests?|specs?)\.[a-z]+\Z|Tests?\.(?:cs|java|kt|swift|php)\Z"
)
_CONFIGURATION = re.compile(
    rb"\.(?:ya?ml|toml|json|jsonc|ini|cfg|conf|env|properties|xml|csproj|props|lock|gradle)\Z"
    rb"|(?:^|/)(?:Dockerfile|Makefile|Justfile|Gemfile)[^/]*\Z|(?:^|/)\.[^/]+\Z"
)


@dataclass(frozen=True, slots=True)
class AgentChange:
    """What the corrected commit of an agent changed, in short.

    Attributes:
        added: how many lines it added.
        files: how many lines it added or removed in each file whose lines it changed.
        removed: hashes of lines that it removed and did not add again, with some length.
    """

    added: int = 0
    files: Mapping[bytes, int] = field(default_factory=dict)
    removed: frozenset[int] = frozenset()

    @classmethod
    def of(cls, files: Iterable[FileDiff]) -> AgentChange:
        """That of a commit; nothing of a merge, and of files that were only renamed."""
        files = [diff for diff in files if diff.hunks]
        changed = {
            path: _lines([diff]) for diff in files if (path := diff.new_path or diff.old_path)
        }
        hunks = [hunk for diff in files for hunk in diff.hunks]
        removed = _hashes(line for hunk in hunks for line in hunk.old[:_MAX_REMOVED])
        added = _hashes(line for hunk in hunks for line in hunk.new) if removed else frozenset()
        return cls(sum(len(hunk.new) for hunk in hunks), changed, removed - added)

    def removed_before(self, lines: Iterable[bytes]) -> float:
        """The share of lines that the commit removed; 0 without any."""
        hashes = _hashes(lines)
        return len(hashes & self.removed) / len(hashes) if hashes else 0.0


def _hashes(lines: Iterable[bytes]) -> frozenset[int]:
    stripped = map(bytes.strip, lines)
    return frozenset(zlib.crc32(line) for line in stripped if len(line) >= _SHORTEST)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a person's commit did to the lines of one agent; counts are lines unless stated.

    Attributes:
        removed: agent's lines changed or removed; ``added`` the lines that replace them.
        inserted: lines inserted between the agent's lines.
        moved: of the ``replaced`` lines that these hunks remove, the agent's or not, those that
            the same commit adds elsewhere.
        total: lines removed and added by the whole commit; ``files`` the files it changes.
        agent_added: lines that the corrected agent commit added.
        hours: from the agent's commit to the person's, by author time.
        differences: lines by the kind of their difference.
        committed: whether the agent's work was committed before the person edited it.
        hunks: how many places with the agent's lines the commit changes; ``all_hunks``: all places.
        agent_commits: how many commits of the agent they come from.
        new_lines: lines in files that the commit adds, ``new_files`` of them.
        tests, configuration: touched lines in files of that kind.
        imports: touched lines that import something.
        numbers, marks: touched lines in which only digits changed, or only marks in prose.
        shared_files: files of the commit that the agent's commit changed, too.
        agent_files: files that the agent's commit changed; ``agent_tests``: with tests among them.
        restored: share of the lines put in that the agent's commit had removed.
        lines_there: lines that the commit changes in the files with the agent's lines;
            ``agent_lines_there``: those that the agent's commit changed in them.
        next_commit: whether the person's commit follows directly on the agent's.
        relations: how the messages and the lines go together.
    """

    removed: int
    added: int
    inserted: int
    moved: int
    total: int
    files: int
    agent_added: int
    hours: float
    same_person: bool
    differences: Mapping[Difference, int]
    committed: bool = True
    hunks: int = 1
    all_hunks: int = 1
    agent_commits: int = 1
    new_lines: int = 0
    new_files: int = 0
    tests: int = 0
    configuration: int = 0
    imports: int = 0
    numbers: int = 0
    marks: int = 0
    shared_files: int = 0
    agent_files: int = 0
    agent_tests: bool = False
    replaced: int = 0
    restored: float = 0.0
    lines_there: int = 0
    agent_lines_there: int = 0
    next_commit: bool = False
    relations: Relations = field(default_factory=Relations)

    def measures(self) -> dict[str, float]:
        """The numbers that rules refer to as facts, by name."""
        touched = self.removed + self.added + self.inserted
        uncommitted_insertion = not self.committed and not self.removed
        return {
            "share": touched / max(1, self.total),
            "hours": self.hours,
            "undone": self.undone,
            "files": self.files,
            "lines": self.total,
            "same_person": float(self.same_person),
            "touched": touched,
            "removed": self.removed,
            "removed_share": self.removed / max(1, touched),
            "moved_share": self.moved / max(1, self.replaced),
            "inserted_share": self.inserted / max(1, touched),
            "prose_share": self._share(Difference.PROSE),
            "comment_share": self._share(Difference.COMMENT),
            "surface_share": self._share(*_SURFACE),
            "uncommitted": float(not self.committed),
            "uncommitted_insertions": self.inserted if uncommitted_insertion else 0,
            "places": self.hunks,
            "place_share": self.hunks / max(1, self.all_hunks),
            "agent_commits": self.agent_commits,
            "agent_added": self.agent_added,
            "agent_files": self.agent_files,
            "agent_tests": float(self.agent_tests),
            "new_share": self.new_lines / max(1, self.total),
            "new_files": self.new_files,
            "test_share": self.tests / max(1, touched),
            "configuration_share": self.configuration / max(1, touched),
            "import_share": self.imports / max(1, touched),
            "number_share": self.numbers / max(1, touched),
            "mark_share": self.marks / max(1, touched),
            "shared_files": self.shared_files / max(1, self.files),
            "growth": (self.added + self.inserted) / max(1, self.removed),
            "restored": self.restored,
            "size_of_change": self.lines_there / max(1, self.agent_lines_there),
            "net_change": self._net / max(1, self.agent_lines_there),
            "next_commit": float(self.next_commit),
            **self.relations.measures(),
        }

    @property
    def undone(self) -> float:
        """Removed lines as a share of those that the agent's commit added."""
        return self.removed / self.agent_added if self.agent_added >= _SMALL_COMMIT else 0.0

    @property
    def _net(self) -> float:
        """By how many lines the files differ more from those before the agent's commit.

        Removing a line of the agent, or restoring one that it removed, takes its change back; every
        other line that the commit removes or adds is a further difference.
        """
        taken_back = self.removed + self.restored * (self.added + self.inserted)
        return self.lines_there - 2 * taken_back

    def _share(self, *kinds: Difference) -> float:
        lines = sum(self.differences.get(kind, 0) for kind in kinds)
        return lines / max(1, sum(self.differences.values()))


def measure(
    person: Commit,
    agent: Commit,
    hunks: Sequence[AttributedHunk],
    files: Sequence[FileDiff],
    change: AgentChange,
) -> Facts:
    """Measure what ``person`` did to the lines of ``agent``, without splitting lines into tokens.

    All changes of code seem to be changes of logic; :func:`with_tokens` tells them apart.

    Args:
        hunks: the hunks that touch the agent's lines.
        files: the whole commit.
        change: what the agent's commit changed.
    """
    changes = [touched for touched in hunks if touched.hunk.old]
    insertions = [touched for touched in hunks if not touched.hunk.old]
    people = (agent.ident.author_email, agent.ident.committer_email)
    new = [diff for diff in files if diff.old_path is None]
    owners = {owner.sha for each in hunks for owner in each.corrected_owners() if owner}
    paths = {path for each in hunks if (path := each.diff.old_path)}
    return Facts(
        removed=sum(owner is not None for touched in changes for owner in touched.owners),
        added=sum(len(touched.hunk.new) for touched in changes),
        inserted=sum(len(touched.hunk.new) for touched in insertions),
        moved=_moved_lines(changes, files),
        replaced=sum(len(touched.hunk.old) for touched in changes),
        total=_lines(files),
        files=len(files),
        agent_added=change.added,
        hours=max(0, person.author_time - agent.committer_time) / _HOUR,
        same_person=person.ident.author_email in people,
        differences=_differences(hunks, lexed=False),
        committed=bool(agent.sha),
        hunks=len(hunks),
        all_hunks=sum(len(diff.hunks) for diff in files),
        agent_commits=len(owners),
        new_lines=_lines(new),
        new_files=len(new),
        tests=_touched(hunks, _TESTS),
        configuration=_touched(hunks, _CONFIGURATION),
        imports=sum(is_import(line) for each in hunks for line in _touched_lines(each)),
        numbers=_alike(hunks, _DIGITS),
        marks=_alike([each for each in hunks if _is_prose(each)], _MARKS),
        shared_files=sum(diff.old_path in change.files for diff in files),
        agent_files=len(change.files),
        agent_tests=any(map(_TESTS.search, change.files)),
        restored=change.removed_before(line for each in hunks for line in each.hunk.new),
        lines_there=_lines(diff for diff in files if diff.old_path in paths),
        agent_lines_there=sum(change.files.get(path, 0) for path in paths),
        next_commit=bool(agent.sha) and person.parents[:1] == (agent.sha,),
        relations=relate(person, agent, hunks, files),
    )


def with_tokens(facts: Facts, hunks: Sequence[AttributedHunk]) -> Facts:
    """The facts with what takes tokens to measure."""
    return replace(facts, differences=_differences(hunks, lexed=True))


def _lines(files: Iterable[FileDiff]) -> int:
    return sum(len(hunk.old) + len(hunk.new) for diff in files for hunk in diff.hunks)


def _touched(hunks: Sequence[AttributedHunk], kind: re.Pattern[bytes]) -> int:
    """The lines of hunks in files of a kind: the agent's that were removed, and those added."""
    return sum(
        sum(owner is not None for owner in each.owners) + len(each.hunk.new)
        for each in hunks
        if kind.search(each.diff.new_path or each.diff.old_path or b"")
    )


def _touched_lines(each: AttributedHunk) -> Iterator[bytes]:
    """The agent's lines that were removed, and those that were put in."""
    for line, owner in zip(each.hunk.old, each.owners, strict=False):
        if owner is not None:
            yield line
    yield from each.hunk.new


def _alike(hunks: Iterable[AttributedHunk], ignored: re.Pattern[bytes]) -> int:
    """The touched lines of hunks that change nothing but what is ignored."""

    def text(lines: Iterable[bytes]) -> bytes:
        return ignored.sub(b"", b"\n".join(lines))

    alike = (each for each in hunks if each.hunk.old and text(each.hunk.old) == text(each.hunk.new))
    return sum(len([*_touched_lines(each)]) for each in alike)


def _is_prose(each: AttributedHunk) -> bool:
    return token_diff.is_prose(token_diff.path_of(each.diff))


def _moved_lines(changes: Sequence[AttributedHunk], files: Sequence[FileDiff]) -> int:
    """How many removed lines the commit adds outside of the hunk that removes them."""
    added = Counter(line.strip() for diff in files for hunk in diff.hunks for line in hunk.new)
    moved = 0
    for touched in changes:
        here = Counter(line.strip() for line in touched.hunk.new)
        removed = map(bytes.strip, touched.hunk.old)
        moved += sum(added[line] > here[line] for line in removed if line)
    return moved


def _differences(hunks: Sequence[AttributedHunk], *, lexed: bool) -> Counter[Difference]:
    lines: Counter[Difference] = Counter()
    for touched in hunks[:_MAX_HUNKS]:
        old, new = touched.hunk.old, touched.hunk.new
        path = token_diff.path_of(touched.diff)
        is_known = lexed or token_diff.is_prose(path)
        kind = token_diff.compare(path, old, new) if is_known else Difference.LOGIC
        lines[kind] += max(len(old), len(new))
    return lines
