"""Who wrote each line of a mixed commit: some lines an agent's, others a person's.

A commit has one author, but a person may commit what an agent wrote, and an agent what a person
changed. Who wrote which lines is stored when the commit is made (errata.corrections.uncommitted),
as hashes of lines: enough to compare, not enough to read. The key is the author and the author
time, which amend, rebase and cherry-pick keep.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from errata.core.git import Repository
from errata.corrections.attribution.attributed_hunks import AttributedHunk, Owner
from errata.provenance.commits import Commit
from errata.provenance.identity import Provenance
from errata.state import mixed_commits
from errata.state.agent_edits import Writer

_REMOVED = "-"
ReadLines = Callable[[bytes], Sequence[bytes]]
"""Path -> the lines of the old file."""
FindMixedCommit = Callable[[Commit], "MixedCommit | None"]


@dataclass(slots=True)
class MixedCommit:
    """Who wrote the lines of one mixed commit.

    Attributes:
        agent_by_line: line hash -> the agent that wrote the line.
        person_lines: the hashes of the lines that no agent reported.
        removed_by_agents: the hashes of the parent's lines that agents removed.
    """

    agent_by_line: dict[str, Provenance] = field(default_factory=dict)
    person_lines: set[str] = field(default_factory=set)
    removed_by_agents: set[str] = field(default_factory=set)

    def resolve_owner(self, line: bytes, commit: Commit) -> Owner:
        """The commit, with the writer of the line; None if the writer is not certain."""
        hashed = line_hash(line)
        by_person = hashed in self.person_lines
        if hashed in self.agent_by_line:
            # Lines that both wrote, like a bracket or an empty return, prove nothing.
            return None if by_person else replace(commit, writer=self.agent_by_line[hashed])
        return None if by_person else commit

    def keep_persons_part(self, attributed: AttributedHunk) -> AttributedHunk:
        """A hunk of this commit without the owners of lines that an agent changed, not a person."""
        path, hunk = attributed.diff.old_path or b"", attributed.hunk
        pairs = zip(attributed.owners, hunk.old, strict=False)
        owners = tuple(
            None if removal_hash(path, line) in self.removed_by_agents else owner
            for owner, line in pairs
        )
        inserted = {line_hash(line) for line in hunk.new if line.strip()}
        by_agents = inserted and inserted <= self.agent_by_line.keys() - self.person_lines
        if by_agents and not hunk.old:
            return replace(attributed, above=None, below=None)
        return replace(attributed, owners=owners)


@dataclass(frozen=True, slots=True)
class MixedCommitLines:
    """The mixed commits that are known.

    Attributes:
        commits: those whose edits an agent's tool reported, by :func:`commit_key`.
        recorded: finds a mixed commit in the records of other tools, or None.
    """

    commits: dict[str, MixedCommit]
    recorded: FindMixedCommit | None = None

    def find(self, commit: Commit) -> MixedCommit | None:
        """What is known about the lines of a commit; reported edits before other tools' records."""
        mixed = self.commits.get(commit_key(commit)) if self.commits else None
        if mixed is None and self.recorded is not None:
            mixed = self.recorded(commit)
        return mixed

    def add(self, commit: Commit, changes: Changes) -> None:
        """Add what is known of the changes of a commit."""
        mixed = self.commits.setdefault(commit_key(commit), MixedCommit())
        for (agent, tool), hashes in changes.rows().items():
            _add_row(mixed, agent, tool, hashes)

    def has_agent_lines(self, commit: Commit) -> bool:
        """Whether an agent's tool is known to have reported lines of a commit."""
        mixed = self.commits.get(commit_key(commit)) if self.commits else None
        return mixed is not None and bool(mixed.agent_by_line)

    def is_removed_by_agent(self, commit: Commit, path: bytes, line: bytes) -> bool:
        """Whether an agent removed a line that a commit removes."""
        mixed = self.commits.get(commit_key(commit))
        return mixed is not None and removal_hash(path, line) in mixed.removed_by_agents

    def keep_persons_part(
        self, commit: Commit, hunks: Sequence[AttributedHunk]
    ) -> list[AttributedHunk]:
        """The hunks of a commit without the owners of lines that an agent changed."""
        mixed = self.commits.get(commit_key(commit)) if self.commits else None
        return [mixed.keep_persons_part(hunk) for hunk in hunks] if mixed else list(hunks)

    def lines_by_writer(self, commit: Commit, others: str = "person") -> dict[str, int]:
        """How many different lines of a mixed commit each agent wrote, by name.

        Args:
            others: the name for who wrote the lines that no agent reported.
        """
        mixed = self.commits[commit_key(commit)]
        counts = Counter(provenance.name for provenance in mixed.agent_by_line.values())
        unreported = len(mixed.person_lines)
        return dict(sorted(counts.items())) | ({others: unreported} if unreported else {})

    def resolve_owner(self, owner: Owner, line: bytes | None) -> Owner:
        """Who wrote a line of a commit; ``line`` is None if its text is not known."""
        mixed = None if owner is None else self.find(owner)
        if owner is None or mixed is None:
            return owner
        return None if line is None else mixed.resolve_owner(line, owner)

    def resolve_owners(
        self, hunks: Sequence[AttributedHunk], read_lines: ReadLines
    ) -> list[AttributedHunk]:
        """Hunks in which each line of a mixed commit is owned by who wrote that line.

        Args:
            read_lines: called only for files where a mixed commit owns a line beside a hunk.
        """
        if not self.commits and self.recorded is None:
            return list(hunks)
        return [self._resolve_owners(hunk, read_lines) for hunk in hunks]

    def _resolve_owners(self, attributed: AttributedHunk, read_lines: ReadLines) -> AttributedHunk:
        hunk = attributed.hunk
        sides = [owner for owner in (attributed.above, attributed.below) if owner is not None]
        lines: Sequence[bytes] = ()
        if any(self.find(owner) is not None for owner in sides):
            lines = read_lines(attributed.diff.old_path or b"")

        def line_at(index: int) -> bytes | None:
            return lines[index] if 0 <= index < len(lines) else None

        pairs = zip(attributed.owners, hunk.old, strict=False)
        return replace(
            attributed,
            owners=tuple(self.resolve_owner(owner, line) for owner, line in pairs),
            above=self.resolve_owner(attributed.above, line_at(hunk.start - 1)),
            below=self.resolve_owner(attributed.below, line_at(hunk.stop)),
        )


def load(repo: Repository) -> MixedCommitLines:
    """What is stored in this clone. Raises StateError: it cannot be read."""
    mixed: dict[str, MixedCommit] = {}
    for row in mixed_commits.load(repo):
        _add_row(mixed.setdefault(row.commit, MixedCommit()), row.agent, row.tool, row.lines)
    return MixedCommitLines(mixed)


def _add_row(mixed: MixedCommit, agent: str, tool: str, hashes: Iterable[str]) -> None:
    removed = {hashed for hashed in hashes if hashed.startswith(_REMOVED)}
    mixed.removed_by_agents |= removed
    if agent:
        mixed.agent_by_line |= dict.fromkeys({*hashes} - removed, Provenance("agent", tool, agent))
    else:
        mixed.person_lines |= {*hashes} - removed


@dataclass(slots=True)
class Changes:
    """The changes of one commit that are not all of its author's.

    Attributes:
        added: the lines that each agent added; those of None no agent reported.
        removed: (path, line) of the parent's lines that agents removed.
    """

    added: dict[Writer | None, list[bytes]] = field(default_factory=dict)
    removed: list[tuple[bytes, bytes]] = field(default_factory=list)

    def rows(self) -> dict[tuple[str, str], set[str]]:
        """The hashes of these lines by agent and tool; both are "" for what nobody reported."""
        rows: dict[tuple[str, str], set[str]] = {}
        for writer, lines in self.added.items():
            key = (writer.agent, writer.tool) if writer else ("", "")
            rows.setdefault(key, set()).update(line_hash(line) for line in lines if line.strip())
        if self.removed:
            rows.setdefault(("", ""), set()).update(removal_hash(*pair) for pair in self.removed)
        return rows

    def add_role(self, maker: Provenance) -> None:
        """Give the role of the agent that commits to what its tool reported without a role."""
        for writer in [*self.added]:
            if writer is None or writer.agent != writer.tool:
                continue
            if not maker.role or maker.tool not in ("", writer.tool):
                continue
            lines = self.added.pop(writer)
            self.added.setdefault(writer._replace(agent=maker.role), []).extend(lines)

    @property
    def by_agents(self) -> bool:
        """Whether any of the changes is an agent's."""
        return bool(self.removed) or any(writer is not None for writer in self.added)


def save(repo: Repository, commit: Commit, changes: Changes) -> None:
    """Store who made the changes of a commit.

    Raises:
        StateError: it cannot be written.
    """
    mixed_commits.save(repo, commit_key(commit), commit.author_time, changes.rows())


def commit_key(commit: Commit) -> str:
    """What a commit and its copies have in common."""
    return f"{commit.author_time} {commit.ident.author_email}"


def line_hash(line: bytes) -> str:
    """Twelve hexadecimal digits; the same for a line with other indentation."""
    return hashlib.blake2b(line.strip(), digest_size=6).hexdigest()


def removal_hash(path: bytes, line: bytes) -> str:
    """What stands for a removed line of a file; no :func:`line_hash` is the same."""
    return _REMOVED + line_hash(path + b"\0" + line.strip())
