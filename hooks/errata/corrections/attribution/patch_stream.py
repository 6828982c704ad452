"""Parse patches as they arrive from ``git log -p``: the fast path of backfill.

Hunks are read by the counts in their headers, so nothing in a file (form feeds, U+2028, a line that
looks like a header) is mistaken for the format.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import IO

from errata.core.errors import GitError
from errata.corrections.attribution.diff import CombinedHunk, FileDiff, Hunk
from errata.corrections.attribution.quoted_path import unquote

_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_STARTS = re.compile(rb"-(\d+)")
_COLUMNS = (b" ", b"+", b"-", b"\\")
_NO_FILE = b"000000"


def read_line(line: bytes, out: IO[bytes], files: list[FileDiff]) -> bytes:
    """Read what begins with one line of a diff into ``files``; returns the line after it.

    Raises:
        GitError: the diff is cut off, or not git's.
    """
    try:
        if line.startswith(b"@") and files:
            return _read_hunk(line, out, files[-1])
        _read_header(line, files)
    except (ValueError, IndexError, OverflowError) as error:
        raise GitError("could not parse `git diff` output", "is `git` a wrapper?") from error
    return out.readline()


def _read_header(line: bytes, files: list[FileDiff]) -> None:
    if line.startswith(b"diff --git "):
        files.append(_from_diff_line(line))
    elif line.startswith(b"::"):
        files.append(_from_raw_line(line))
    elif line.startswith(b"diff --"):
        _move_to_end(line, files)
    elif files and not line.startswith(b":"):
        _read_extended_header(line, files[-1])


def _from_diff_line(line: bytes) -> FileDiff:
    """A file from its ``diff --git`` line; later lines correct the paths of renames."""
    names = line[len(b"diff --git ") : -1]
    # Without a rename both names are the same: cut the line in its middle.
    path = unquote(names[: len(names) // 2], b"a/")
    return FileDiff([path], path)


def _from_raw_line(line: bytes) -> FileDiff:
    """A file of a merge from its raw line: modes, object ids, a status for each parent, paths."""
    fields, *names = line[:-1].split(b"\t")
    parents = len(fields) - len(fields.lstrip(b":"))
    words = fields[parents:].split(b" ")
    *olds, new = (unquote(name) for name in names)
    statuses = words[-1].decode()
    # A link that became a file is another file, as in the diff of a plain commit.
    old_paths = [None if s in "AT" else old for s, old in zip(statuses, olds, strict=False)]
    if not old_paths:
        raise ValueError("a merge without parents")
    deleted = words[parents] == _NO_FILE
    mode = words[0] if deleted else words[parents]
    blobs = tuple(words[parents + 1 : 2 * parents + 2])
    return FileDiff(old_paths, None if deleted else new, mode, blobs=blobs)


def _move_to_end(line: bytes, files: list[FileDiff]) -> None:
    """Make the file of a ``diff --combined`` line, known from its raw line, the current one."""
    path = unquote(line.split(b" ", 2)[2][:-1])
    for index, diff in enumerate(files):
        if path == (diff.new_path if diff.new_path is not None else diff.old_path):
            files.append(files.pop(index))
            return


def _read_extended_header(line: bytes, diff: FileDiff) -> None:
    """One of the lines between ``diff`` and the first hunk."""
    key, _, rest = line[:-1].partition(b" ")
    if key == b"Binary":
        diff.binary = True
    elif diff.blobs:
        # The raw line of a merge has given the paths and modes.
        return
    elif key == b"---":
        diff.old_paths = [unquote(rest, b"a/")]
    elif key == b"+++":
        diff.new_path = unquote(rest, b"b/")
    elif key in (b"rename", b"copy"):
        _read_rename(rest, diff, copied=key == b"copy")
    elif key in (b"new", b"deleted", b"index") and b" " in rest:
        _read_mode(key, rest, diff)


def _read_rename(rest: bytes, diff: FileDiff, *, copied: bool) -> None:
    side, _, name = rest.partition(b" ")
    if side == b"from":
        diff.old_paths = [unquote(name)]
        diff.copied = copied
    else:
        diff.new_path = unquote(name)


def _read_mode(key: bytes, rest: bytes, diff: FileDiff) -> None:
    diff.mode = rest.rpartition(b" ")[2]
    if rest.startswith(b"file mode"):
        if key == b"new":
            diff.old_paths = [None]
        else:
            diff.new_path = None


def _read_hunk(line: bytes, out: IO[bytes], diff: FileDiff) -> bytes:
    """Read a hunk; returns the line after it."""
    match = _HUNK.match(line)
    if match is None:
        return _read_combined_hunk(line, out, diff)
    start, count = int(match[1]), int(match[2] or 1)
    if count and not start:
        raise ValueError("no line is before the first")
    old, line = _read_lines(out, count, out.readline())
    new, line = _read_lines(out, int(match[3] or 1), line)
    # In `@@ -3,0 +4,2 @@` the 3 is the line before the insertion; otherwise it is the first line.
    diff.add_hunk(Hunk(start - 1 if count else start, old, new))
    return line


def _read_lines(out: IO[bytes], count: int, line: bytes) -> tuple[list[bytes], bytes]:
    """The next ``count`` lines, of which ``line`` is the first; and the line after them."""
    lines: list[bytes] = []
    if count and line:
        # islice, because nearly all output goes through here.
        lines = [line[1:-1], *(more[1:-1] for more in islice(out, count - 1))]
        line = out.readline()
        # "\ No newline at end of file" belongs to the line before it and is not counted.
        if line.startswith(b"\\"):
            line = out.readline()
    return lines, line


def _read_combined_hunk(line: bytes, out: IO[bytes], diff: FileDiff) -> bytes:
    """Read a hunk of a merge; returns the line after it.

    Not by the counts: git 2.39 prints -1 as 18446744073709551615 where a side has no lines left at
    the end of the file. Every line begins with a column for each parent, which shows the end.
    """
    # Unlike plain hunks, combined ones give the next line also where they have no lines.
    starts = tuple(max(0, int(start) - 1) for start in _STARTS.findall(line.partition(b" +")[0]))
    lines: list[bytes] = []
    line = out.readline()
    while line.startswith(_COLUMNS):
        if not line.startswith(b"\\"):
            lines.append(line[:-1])
        line = out.readline()
    diff.combined.append(CombinedHunk(starts, lines))
    return line
