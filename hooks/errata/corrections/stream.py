"""Read ``git log -p`` as it arrives: commits, the files they change, and the hunks.

Everything is bytes, and hunks are read by the counts in their headers, so nothing that stands in a
file (form feeds, U+2028, a line that looks like a header) can be mistaken for the format. There is
no context in the diffs (``-U0``): a hunk is lines removed and lines added.
"""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

from errata.git import SAFE, environment
from errata.provenance.commits import Commit
from errata.provenance.identity import CommitIdent

_SECOND = 1_000_000
_HEADER = "--format=%x01%H%x00%P%x00%at%x00%ct%x00%an%x00%ae%x00%cn%x00%ce%x00%B%x02"
# Blame's own settings, whatever the repository's configuration says: Myers with the indent
# heuristic, whole-file renames, no drivers, no textconv.
DIFF_OPTIONS = (
    "-p",
    "-U0",
    "-M",
    "--diff-algorithm=myers",
    "--indent-heuristic",
    "--inter-hunk-context=0",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-relative",
    "--full-index",
    "--ignore-submodules=none",
    "--submodule=short",
    "--src-prefix=a/",
    "--dst-prefix=b/",
)
_LOG_OPTIONS = (
    "--reverse",
    "--topo-order",
    "--encoding=UTF-8",
    "--no-show-signature",
    "--no-notes",
    "--no-mailmap",
    _HEADER,
)
_HUNK = re.compile(rb"@@+ ((?:-\d+(?:,\d+)? )+)\+(\d+)(?:,(\d+))? @@+")
_COLUMNS = (b" ", b"+", b"-", b"\\")
_ESCAPE = re.compile(rb'\\([abtnvfr"\\]|[0-7]{3})')
_ESCAPED = dict(zip(b'abtnvfr"\\', b'\a\b\t\n\v\f\r"\\', strict=True))


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines ``[start, start + len(old))`` of the old file become ``new``; lines without line ends.

    ``start`` counts from 0; for a pure insertion it is the index before which the lines stand.
    """

    start: int
    old: list[bytes]
    new: list[bytes]


@dataclass(frozen=True, slots=True)
class Combined:
    """One hunk of a merge: ``lines`` are (prefix column per parent, text) as git prints them."""

    starts: tuple[int, ...]
    lines: list[bytes]


@dataclass(slots=True)
class FileDiff:
    """What one commit did to one file.

    Attributes:
        old_paths: the path in each parent (one, but for merges); None where it did not exist.
        new_path: None where the file was deleted.
        mode: of the file afterwards, or before if it was deleted; "" if git did not say.
        binary: the content changed, and git does not show it as lines.
        copied: the old file is still there.
    """

    old_paths: list[bytes | None]
    new_path: bytes | None
    mode: bytes = b""
    binary: bool = False
    copied: bool = False
    hunks: list[Hunk] = field(default_factory=list)
    combined: list[Combined] = field(default_factory=list)

    @property
    def old_path(self) -> bytes | None:
        """The path in the first parent."""
        return self.old_paths[0]


@dataclass(slots=True)
class Change:
    """One commit and what it did; for merges only files that differ from every parent."""

    commit: Commit
    files: list[FileDiff] = field(default_factory=list)


class Log:
    """A running ``git log -p``; iterate it once, oldest commit first.

    Attributes:
        trouble: what git said when it stopped early (a missing object), or "".
    """

    def __init__(
        self, root: str, revisions: Sequence[str], without: Collection[bytes] = ()
    ) -> None:
        self.trouble = ""
        # Literal and from the top: a path is not a pattern. The plain ":(top)" is what they exclude
        # from; --full-history --sparse keeps the commits that are left with nothing.
        left_out = [b":(top,exclude,literal)" + path for path in sorted(without)]
        self._command: list[str | bytes] = [
            "git",
            *SAFE,
            "log",
            *_LOG_OPTIONS,
            "-c",
            "--combined-all-paths",
            *DIFF_OPTIONS,
            *(["--full-history", "--sparse"] if left_out else []),
            "--end-of-options",
            *revisions,
            "--",
            *([b":(top)", *left_out] if left_out else []),
        ]
        self._root = root

    def __iter__(self) -> Iterator[Change]:
        with subprocess.Popen(
            self._command,
            cwd=self._root,
            env=environment(GIT_LITERAL_PATHSPECS="0"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=1 << 20,
        ) as process:
            assert process.stdout and process.stderr
            try:
                yield from parse(process.stdout)
            finally:
                process.stdout.close()
                said = process.stderr.read().decode("utf-8", "replace").strip().splitlines()
                if process.wait() not in (0, -13, 141):
                    self.trouble = said[-1] if said else f"git log: exit {process.returncode}"


def parse(out: IO[bytes]) -> Iterator[Change]:
    """The commits of the output of ``git log`` with the options of this module."""
    change: Change | None = None
    files: list[FileDiff] = []
    line = out.readline()
    while line:
        if line[:1] == b"\x01":
            if change is not None:
                yield change
            change = Change(_commit(line, out), files := [])
            line = out.readline()
        else:
            line = _file_line(line, out, files)
    if change is not None:
        yield change


def parse_diff(text: bytes) -> list[FileDiff]:
    """The files of one plain diff."""
    out = io.BytesIO(text)
    files: list[FileDiff] = []
    line = out.readline()
    while line:
        line = _file_line(line, out, files)
    return files


def _file_line(line: bytes, out: IO[bytes], files: list[FileDiff]) -> bytes:
    """Take in one line of a diff, and what belongs to it; returns the next line."""
    if line[:1] == b"@" and files:
        return _hunk(line, out, files[-1])
    if line.startswith(b"diff --"):
        files.append(_begin(line))
    elif files:
        _extended(line, files[-1])
    return out.readline()


def _commit(line: bytes, out: IO[bytes]) -> Commit:
    while not line.endswith(b"\x02\n"):
        more = out.readline()
        if not more:
            break
        line += more
    fields = line[1:].rstrip(b"\n").rstrip(b"\x02").decode("utf-8", "replace").split("\0", 8)
    sha, parents, author_time, committer_time, name, email, committer, address, message = fields
    return Commit(
        sha=sha,
        parents=tuple(parents.split()),
        author_time=int(author_time or 0) * _SECOND,
        committer_time=int(committer_time or 0) * _SECOND,
        ident=CommitIdent(name, email, committer, address, message),
    )


def _begin(line: bytes) -> FileDiff:
    """A file from its ``diff`` line; only sure of the paths where no later line gives them."""
    if not line.startswith(b"diff --git "):
        path = _path(line.split(b" ", 2)[2].rstrip(b"\n"), b"")
        return FileDiff([], path)
    names = line[len(b"diff --git ") : -1]
    # Without a rename both names are the same, so the line is cut in its middle.
    path = _path(names[: len(names) // 2], b"a/")
    return FileDiff([path], path)


def _path(name: bytes, prefix: bytes) -> bytes | None:
    name = name.removesuffix(b"\t")
    if name.startswith(b'"') and name.endswith(b'"'):
        name = _ESCAPE.sub(_unescape, name[1:-1])
    if name == b"/dev/null":
        return None
    return name.removeprefix(prefix)


def _unescape(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([_ESCAPED[code[0]] if len(code) == 1 else int(code, 8) & 255])


def _extended(line: bytes, diff: FileDiff) -> None:
    """The lines between ``diff`` and the first hunk."""
    key, _, rest = line.rstrip(b"\n").partition(b" ")
    if key == b"---":
        path = _path(rest, b"a/")
        if not diff.hunks and not diff.combined:
            if diff.old_paths == [diff.new_path]:
                diff.old_paths = []
            diff.old_paths.append(path)
    elif key == b"+++":
        diff.new_path = _path(rest, b"b/")
    elif key in (b"rename", b"copy"):
        way, _, name = rest.partition(b" ")
        if way == b"from":
            diff.old_paths = [_path(name, b"")]
            diff.copied = key == b"copy"
        else:
            diff.new_path = _path(name, b"")
    elif key == b"new" and rest.startswith(b"file mode"):
        diff.mode = rest.rpartition(b" ")[2]
        diff.old_paths = [None]
    elif key == b"deleted" and rest.startswith(b"file mode"):
        diff.mode = rest.rpartition(b" ")[2].rpartition(b",")[2]
        diff.new_path = None
    elif key == b"index" and b" " in rest:
        diff.mode = rest.rpartition(b" ")[2]
    elif key == b"Binary":
        diff.binary = True


def _hunk(line: bytes, out: IO[bytes], diff: FileDiff) -> bytes:
    """Read a hunk; returns the line after it."""
    match = _HUNK.match(line)
    if match is None:
        return out.readline()
    olds = [
        (int(start), int(count or 1))
        for start, _, count in (part[1:].partition(b",") for part in match[1].split())
    ]
    if len(olds) > 1:
        # Unlike plain hunks, combined ones begin at the next line also where they have no lines.
        lines, after = _combined_lines(out)
        diff.combined.append(Combined(tuple(max(0, start - 1) for start, _ in olds), lines))
        return after
    start, count = olds[0]
    old = _lines(out, count)
    new = _lines(out, int(match[3] or 1))
    diff.hunks.append(Hunk(start - 1 if count else start, old, new))
    return out.readline()


def _lines(out: IO[bytes], count: int) -> list[bytes]:
    found: list[bytes] = []
    while len(found) < count:
        line = out.readline()
        if not line:
            break
        # "\ No newline at end of file" belongs to the line before it and is not counted.
        if line[:1] != b"\\":
            found.append(line[1:-1])
    return found


def _combined_lines(out: IO[bytes]) -> tuple[list[bytes], bytes]:
    """The lines of a combined hunk, prefix columns included, and the line after them.

    Not read by the counts: git 2.39 writes -1 as 18446744073709551615 there when a side has
    no lines left at the end of the file. Every line begins with a column: that shows the end.
    """
    found: list[bytes] = []
    line = out.readline()
    while line[:1] in _COLUMNS and line:
        if line[:1] != b"\\":
            found.append(line[:-1])
        line = out.readline()
    return found, line
