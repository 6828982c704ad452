"""Count how often agents' commits changed each file and folder, and how often they were corrected.

A change is a commit and a file, or a folder, that it changed. Files and folders with few changes
are not comparable, so they are left out of the sums over all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable
from pathlib import PurePosixPath

from errata.lessons.agent_work import AddedLines, AgentWork, files_of
from errata.lessons.chances_log import MAX_LABEL, MAX_PLACES, ByMonth
from errata.lessons.corrected_commits import CorrectedCommit

MIN_CHANGES, MIN_CORRECTED = 5, 3
"""A file or folder with fewer changes, or fewer that were corrected, is not a hot spot."""


class Places:
    """Changes of files, or of folders."""

    def __init__(self) -> None:
        self._changes = defaultdict[str, list[tuple[AddedLines, bool]]](list)

    def add(self, commit: AddedLines, changed: Iterable[str], corrected: Container[str]) -> None:
        """Add what one commit changed, and where it was corrected."""
        for place in changed:
            self._changes[place].append((commit, place in corrected))

    def comparable(self) -> dict[str, list[tuple[AddedLines, bool]]]:
        """The places with enough changes."""
        return {p: rows for p, rows in self._changes.items() if len(rows) >= MIN_CHANGES}

    def hottest(self) -> dict[str, ByMonth]:
        """The places that may be hot spots; those with the most corrections if they are many."""
        counts = {
            place: sum(corrected for _, corrected in rows)
            for place, rows in self.comparable().items()
            if len(place) <= MAX_LABEL and place.isprintable()
        }
        hot = [place for place, count in counts.items() if count >= MIN_CORRECTED]
        hot.sort(key=lambda place: (-counts[place], place))
        return {place: by_month(self._changes[place]) for place in sorted(hot[:MAX_PLACES])}

    def total(self) -> ByMonth:
        """The sums over all places with enough changes."""
        return by_month(row for rows in self.comparable().values() for row in rows)


def count_places(
    work: AgentWork, corrected: Iterable[CorrectedCommit], present: frozenset[str]
) -> tuple[Places, Places]:
    """The changes of files and of folders by agents.

    Args:
        present: the files that are there now; only they can be hot spots.
    """
    files_by_sha = defaultdict[str, set[str]](set)
    for row in corrected:
        files_by_sha[row.sha].update(row.files)
    files, folders = Places(), Places()
    paths = work.paths()
    for commit in work.commits:
        changed = {paths[number] for number, _ in files_of(commit)} & present
        touched = changed & files_by_sha.get(commit.sha, set())
        files.add(commit, changed, touched)
        folders.add(commit, set(map(_folder, changed)), set(map(_folder, touched)))
    return files, folders


def _folder(path: str) -> str:
    return str(PurePosixPath(path).parent)


def by_month(commits: Iterable[tuple[AddedLines, bool]]) -> ByMonth:
    """Commits, and whether each was corrected, by month."""
    counts: dict[str, tuple[int, int]] = {}
    for commit, is_corrected in commits:
        total, corrected = counts.get(commit.month, (0, 0))
        counts[commit.month] = total + 1, corrected + is_corrected
    return dict(sorted(counts.items()))
