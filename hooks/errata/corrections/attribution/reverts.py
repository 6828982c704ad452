"""Lines that a revert brought back belong to who wrote them first, not to who reverted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from errata.core.errors import GitError
from errata.core.git import Repository
from errata.corrections.attribution.attributed_hunks import AttributedHunk, Owner
from errata.corrections.attribution.blame import LOOK_THROUGH, max_age, parse_spans
from errata.corrections.attribution.file_contents import MAX_BYTES
from errata.provenance.commits import Commit, read_commits

_REVERTS = re.compile(r"^This reverts commit ([0-9a-f]{40}(?:[0-9a-f]{24})?)\b", re.MULTILINE)
_MAX_DEPTH = 4
"""How deeply reverts of reverts are followed."""
_MAX_LINES = 50
OwnersByText = dict[bytes, Owner]
"""The text of a line, without the space around it -> the commit that wrote it, if certain."""


def reverted_commit(commit: Commit) -> str:
    """The object id of the commit that a commit reverts, or ""."""
    match = _REVERTS.search(commit.ident.message)
    return match[1] if match else ""


@dataclass(slots=True)
class RevertedLines:
    """Finds out who wrote the lines that reverts brought back.

    Attributes:
        since: instant (microseconds); who wrote a line earlier is not looked for.
    """

    repo: Repository
    since: int
    _owners: dict[tuple[str, bytes], OwnersByText] = field(default_factory=dict)

    def resolve(
        self, hunks: Sequence[AttributedHunk], read_lines: Callable[[bytes], Sequence[bytes]]
    ) -> list[AttributedHunk]:
        """Hunks in which no revert owns a line that it brought back.

        Args:
            read_lines: path -> the lines of the old file.

        Raises:
            GitError: git is missing.
        """
        return [
            self._resolve_hunk(hunk, read_lines)
            if any(map(reverted_commit, hunk.all_owners()))
            else hunk
            for hunk in hunks
        ]

    def _resolve_hunk(
        self, attributed: AttributedHunk, read_lines: Callable[[bytes], Sequence[bytes]]
    ) -> AttributedHunk:
        path, hunk = attributed.diff.old_path or b"", attributed.hunk
        lines = read_lines(path)
        wanted = {line.strip() for line in lines[max(0, hunk.start - 1) : hunk.stop + 1]}

        def resolve(owner: Owner, index: int) -> Owner:
            if owner is None or not 0 <= index < len(lines):
                return owner
            return self._owner(owner, path, lines[index].strip(), wanted)

        return replace(
            attributed,
            owners=tuple(map(resolve, attributed.owners, range(hunk.start, hunk.stop))),
            above=resolve(attributed.above, hunk.start - 1),
            below=resolve(attributed.below, hunk.stop),
        )

    def _owner(
        self, owner: Commit, path: bytes, text: bytes, wanted: Iterable[bytes], depth: int = 0
    ) -> Owner:
        reverted = reverted_commit(owner)
        if not reverted or not text:
            return owner
        key = reverted, path
        known = self._owners.setdefault(key, {})
        if text not in known:
            known.update(dict.fromkeys(wanted, owner) | self._written_before(*key, {*wanted}))
        before = known[text]
        if before is None or before is owner or depth == _MAX_DEPTH:
            return before
        return self._owner(before, path, text, wanted, depth + 1)

    def _written_before(self, sha: str, path: bytes, wanted: set[bytes]) -> OwnersByText:
        """Who wrote lines of the file as it was before a commit."""
        try:
            content = self.repo.git("cat-file", "blob", sha.encode() + b"^:" + path)
            if len(content) > MAX_BYTES:
                # To follow its moved lines, git may take an hour.
                return dict.fromkeys(wanted)
            lines = [line.strip() for line in content.split(b"\n")]
            numbers = [number for number, line in enumerate(lines) if line in wanted]
            return self._blame(f"{sha}^", path, lines, numbers[:_MAX_LINES]) if numbers else {}
        except GitError:
            # The commit is not in this clone, or the file had another name.
            return dict.fromkeys(wanted)

    def _blame(
        self, revision: str, path: bytes, lines: Sequence[bytes], numbers: Sequence[int]
    ) -> OwnersByText:
        command = (*LOOK_THROUGH, max_age(self.since), revision, "--", path)
        wanted = {*numbers}
        origins = {
            line: span.sha
            for span in parse_spans(self.repo.git(*command))
            for line in range(span.start, span.start + span.lines)
            if line in wanted
        }
        shas = filter(None, origins.values())
        commits = {commit.sha: commit for commit in read_commits(self.repo, shas)}
        owners: OwnersByText = {}
        for line, sha in origins.items():
            owner = commits.get(sha)
            # The same text may stand in several places.
            owners[lines[line]] = owner if owners.get(lines[line], owner) == owner else None
        return owners
