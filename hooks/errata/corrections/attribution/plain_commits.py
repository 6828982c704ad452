"""From the lines of a commit's parent to the lines of the commit."""

from __future__ import annotations

from array import array
from collections.abc import Collection

from errata.core.git import run
from errata.corrections.attribution.blame import LOOK_THROUGH, parse_spans
from errata.corrections.attribution.diff import CommitDiff, FileDiff
from errata.corrections.attribution.file_lines import FileLines, Tree, replace_lines
from errata.corrections.attribution.moved_lines import MovedLines, take_moved_blocks
from errata.corrections.attribution.older_files import OlderFiles
from errata.corrections.attribution.whitespace import WhitespaceDiffs, whitespace_differs
from errata.provenance.commits import Commit


class PlainCommits:
    """Applies commits that have one parent, or none, to trees.

    Args:
        moved: gets the lines that the commits move.
        ignored: object ids of commits that write no lines, as far as git finds older ones.
    """

    def __init__(self, root: str, moved: MovedLines, ignored: Collection[str]) -> None:
        self._root = root
        self._moved = moved
        self._ignored = ignored
        self._older_files = OlderFiles(root)
        self._whitespace_diffs = WhitespaceDiffs(root)

    def close(self) -> None:
        """End the git processes."""
        self._older_files.close()
        self._whitespace_diffs.close()

    def apply(self, tree: Tree, diff: CommitDiff, number: int) -> None:
        """Bring a tree from a commit's only parent to the commit, which has ``number``.

        Raises:
            GitError: an object is missing.
        """
        for path in diff.unknown:
            tree.pop(path, None)
        # Renames may swap names: take every old file before any new one is stored.
        old_files = {
            path: self._old_lines(tree, diff.commit, path)
            for path in (file.old_path for file in diff.files)
            if path is not None
        }
        for file in diff.files:
            if file.old_path is not None and not file.copied:
                tree.pop(file.old_path, None)
        for file in self._without_whitespace(diff):
            if file.new_path is not None:
                old = FileLines() if file.old_path is None else old_files[file.old_path]
                tree[file.new_path] = self._new_lines(old, diff.commit, file, number)

    def _old_lines(self, tree: Tree, commit: Commit, path: bytes) -> FileLines:
        if path in tree or not commit.parents:
            return tree.get(path, FileLines())
        return self._older_files.read(commit.parents[0], path)

    def _without_whitespace(self, diff: CommitDiff) -> list[FileDiff]:
        """The files with hunks in which more than whitespace differs."""
        # Git stops at contents that are missing.
        if diff.unknown or not any(whitespace_differs(file.hunks) for file in diff.files):
            return diff.files
        files = self._whitespace_diffs.files(diff.commit.sha)
        named = {file.new_path for file in files}
        # Git does not name files of which only whitespace differs.
        indented = [file for file in diff.files if file.new_path not in named]
        return [*files, *(FileDiff(file.old_paths, file.new_path) for file in indented)]

    def _new_lines(self, old: FileLines, commit: Commit, file: FileDiff, number: int) -> FileLines:
        if not file.hunks:
            return old
        if commit.sha in self._ignored and file.old_path is not None:
            return self._look_through(old, commit, file, number)
        new = replace_lines(old, file.hunks, number)
        take_moved_blocks(new, old, number, self._moved)
        return new

    def _look_through(
        self, old: FileLines, commit: Commit, file: FileDiff, number: int
    ) -> FileLines:
        """The lines after an ignored commit, with the origins of those that git takes them for.

        Raises:
            GitError: an object is missing.
        """
        assert file.new_path is not None
        new = replace_lines(old, file.hunks, 0)
        revisions = (f"--ignore-rev={commit.sha}", f"{commit.parents[0]}..{commit.sha}")
        out = run(*LOOK_THROUGH, *revisions, "--", file.new_path, cwd=self._root)
        for span in parse_spans(out):
            source = old.part(span.source, span.source + span.lines).numbers
            if span.sha:
                source = array("I", [number]) * span.lines
            new.numbers[span.start : span.start + span.lines] = source
        return new
