"""Parse one patch that is in memory, with unidiff.

For single commits and the staged change. The history that backfill reads has millions of lines;
:mod:`errata.corrections.attribution.patch_stream` reads those several times faster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchSet

from errata.core.errors import GitError
from errata.corrections.attribution.diff import DIFF_OPTIONS, FileDiff, Hunk
from errata.corrections.attribution.quoted_path import unquote

if TYPE_CHECKING:
    from unidiff.patch import Hunk as PatchHunk
    from unidiff.patch import PatchedFile

_OLD, _NEW = b"a://", b"b://"
# `diff --git a/x b/y b/x b/y` has several readings. No path holds "//", so these prefixes leave
# unidiff only one.
PATCH_OPTIONS = (
    *DIFF_OPTIONS,
    f"--src-prefix={_OLD.decode()}",
    f"--dst-prefix={_NEW.decode()}",
)
"""Options of ``git diff-tree`` and the like for :func:`parse_patch`."""


def parse_patch(text: bytes) -> list[FileDiff]:
    """The files of a patch that git printed with :data:`PATCH_OPTIONS`.

    Raises:
        GitError: the patch is cut off, or not git's.
    """
    try:
        # Latin-1 keeps every byte.
        return [_file_diff(file) for file in PatchSet(text.decode("latin-1"))]
    except (UnidiffParseError, ValueError) as error:
        raise GitError("could not parse `git diff` output", "is `git` a wrapper?") from error


def _file_diff(file: PatchedFile) -> FileDiff:
    old_path = unquote(file.source_file.encode("latin-1"), _OLD)
    new_path = unquote(file.target_file.encode("latin-1"), _NEW)
    mode = file.target_mode or file.source_mode or ""
    diff = FileDiff([old_path], new_path, mode.encode())
    for hunk in file:
        diff.add_hunk(_hunk(hunk))
    return diff


def _hunk(hunk: PatchHunk) -> Hunk:
    # In `@@ -3,0 +4,2 @@` the 3 is the line before the insertion; otherwise it is the first line.
    start = hunk.source_start - 1 if hunk.source_length else hunk.source_start
    if start < 0:
        raise ValueError("no line is before the first")
    old = [_content(line.value) for line in hunk if line.is_removed]
    new = [_content(line.value) for line in hunk if line.is_added]
    return Hunk(start, old, new)


def _content(line: str) -> bytes:
    return line.removesuffix("\n").encode("latin-1")
