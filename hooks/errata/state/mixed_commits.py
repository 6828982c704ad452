"""Who wrote which lines of a mixed commit: hashes of lines, enough to answer, not to read.

See errata.corrections.attribution.mixed_commit_lines, which computes and uses them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple

from errata.state import database, markers

if TYPE_CHECKING:
    from errata.core.git import Repository

_DAY = 86_400_000_000
_DAYS_KEPT = 120
MAX_ROWS = 5_000
"""Rows beyond which those of more than 120 days before the newest commit are removed."""


class Row(NamedTuple):
    """The lines of one writer in one commit; ``agent`` is "" for the person."""

    commit: str
    agent: str
    tool: str
    lines: frozenset[str]


def any_known(repo: Repository) -> bool:
    """Whether there are mixed commits; a look at a file."""
    return repo.common_dir is not None and markers.is_set(repo.common_dir, markers.MIXED_COMMITS)


def load(repo: Repository) -> list[Row]:
    """All that is known in this clone. Raises StateError: it cannot be read."""
    if not any_known(repo):
        return []
    rows = database.fetch(repo, "SELECT commit_key, agent, tool, lines FROM mixed_commits")
    return [
        Row(commit, agent, tool, frozenset(lines.split())) for commit, agent, tool, lines in rows
    ]


def save(
    repo: Repository,
    commit: str,
    time: int,
    lines: Mapping[tuple[str, str], Collection[str]],
) -> None:
    """Add lines of a commit.

    Args:
        commit: what identifies a commit and its copies.
        time: its author time, microseconds UTC.
        lines: (agent, tool) -> hashes of lines; both are "" for the person.

    Raises:
        StateError, OSError: they cannot be kept.
    """
    assert repo.common_dir is not None
    with database.transaction(repo) as db:
        known = dict.fromkeys(lines, "")
        query = "SELECT agent, tool, lines FROM mixed_commits WHERE commit_key = ?"
        known.update({(row[0], row[1]): row[2] for row in db.execute(query, (commit,))})
        rows = [
            (commit, *writer, time, " ".join(sorted({*hashes, *known[writer].split()})))
            for writer, hashes in lines.items()
            if hashes
        ]
        db.executemany("INSERT OR REPLACE INTO mixed_commits VALUES (?, ?, ?, ?, ?)", rows)
        if db.execute("SELECT count(*) FROM mixed_commits").fetchone()[0] > MAX_ROWS:
            db.execute("DELETE FROM mixed_commits WHERE time < ?", (time - _DAYS_KEPT * _DAY,))
        markers.put(repo.common_dir, markers.MIXED_COMMITS)
