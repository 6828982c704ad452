"""Read ``git log -p`` as it arrives: commits, the files they change, and the hunks.

Everything is bytes, and hunks are read by the counts in their headers, so nothing that stands in a
file (form feeds, U+2028, a line that looks like a header) can be mistaken for the format. There is
no context in the diffs (``-U0``): a hunk is lines removed and lines added.
"""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import IO

from errata.core.errors import GitError
from errata.core.git import SAFE, environment
from errata.provenance.commits import Commit, commit_of

# The message goes last and ends at a NUL, the one byte that no message can hold.
_FIELDS = ("%H", "%P", "%at", "%ct", "%an", "%ae", "%cn", "%ce", "%B")
_HEADER = "--format=%x01" + "%x00".join(_FIELDS) + "%x00"
# Blame's own settings, whatever the repository's configuration says: Myers with the indent
# heuristic, whole-file renames, no drivers, no textconv, and every file is text.
DIFF_OPTIONS = (
    "-p",
    "-U0",
    "-M",
    "-l1000",
    "-O/dev/null",
    "--text",
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
    "--output-indicator-new=+",
    "--output-indicator-old=-",
)
_LOG = (
    "--root",
    "--encoding=UTF-8",
    "--no-show-signature",
    "--no-notes",
    "--no-mailmap",
    _HEADER,
)
PLAIN = (*_LOG, "--diff-merges=off", *DIFF_OPTIONS)
"""Options of ``git log`` for what commits did; of merges the message only."""
MERGES = (
    *_LOG,
    "-c",
    "--combined-all-paths",
    # A file that was renamed in the merge and not changed has no diff, but it has a raw line.
    "--raw",
    "--no-abbrev",
    *DIFF_OPTIONS,
    # Without context, git drops lines that all parents share also between the lines of a hunk.
    "-U1",
)
"""Options of ``git log`` for the files of merges that differ from every parent."""
BARE = (*_LOG, "--no-patch", "--diff-merges=off", "--no-renames")
"""Options of ``git log`` for messages only."""
ORDER = ("--reverse", "--topo-order")
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_STARTS = re.compile(rb"-(\d+)")
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
class CombinedHunk:
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
        binary: the content is not lines of text. The hunks have the right number of lines, all
            empty; of a merge there are none.
        copied: the old file is still there.
        blobs: of a merge, the object ids in each parent and afterwards.
    """

    old_paths: list[bytes | None]
    new_path: bytes | None
    mode: bytes = b""
    binary: bool = False
    copied: bool = False
    blobs: tuple[bytes, ...] = ()
    hunks: list[Hunk] = field(default_factory=list)
    combined: list[CombinedHunk] = field(default_factory=list)

    @property
    def old_path(self) -> bytes | None:
        """The path in the first parent."""
        return self.old_paths[0]


@dataclass(slots=True)
class CommitDiff:
    """One commit and what it did; for merges only files that differ from every parent.

    Attributes:
        unknown: paths that it also changed, but their content is not in this clone.
    """

    commit: Commit
    files: list[FileDiff] = field(default_factory=list)
    unknown: frozenset[bytes] = frozenset()


class GitLog:
    """A running ``git log -p``; iterate it once.

    Attributes:
        error: what git said when it stopped early (a missing object), or "".
    """

    def __init__(self, root: str, *args: str, stdin: Sequence[bytes] = ()) -> None:
        """``args`` are options and the revisions that choose the commits; or ``stdin`` does."""
        self.error = ""
        self._command = ["git", *SAFE, "log", *args]
        self._root = root
        self._stdin = b"".join(line + b"\n" for line in stdin)

    @classmethod
    def of_commits(
        cls, root: str, *options: str, shas: Sequence[str], paths: Sequence[bytes] = ()
    ) -> GitLog:
        """These commits in this order; with ``paths``, what they did to those."""
        lines = [sha.encode() for sha in shas]
        if paths:
            # Literal and from the top: a path is not a pattern.
            lines += [b"--", *(b":(top,literal)" + path for path in paths)]
        return cls(root, *options, "--no-walk=unsorted", "--stdin", stdin=lines)

    def __iter__(self) -> Generator[CommitDiff, None, None]:
        # A commit that corrects something starts no log, and would import this for nothing.
        import tempfile

        # A file takes any number of warnings; a pipe that nobody reads yet would stop git.
        with (
            tempfile.TemporaryFile() as errors,
            subprocess.Popen(
                self._command,
                cwd=self._root,
                env=environment(GIT_LITERAL_PATHSPECS="0"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                bufsize=1 << 20,
            ) as process,
        ):
            assert process.stdin and process.stdout
            try:
                # Git reads all of it before it writes anything.
                process.stdin.write(self._stdin)
                process.stdin.close()
                yield from parse_log(process.stdout)
            except BrokenPipeError:
                pass
            except GitError as error:
                # What git says of its own end, if it says anything, tells more.
                self.error = str(error)
            finally:
                process.stdout.close()
                status = process.wait()
                errors.seek(0)
                said = errors.read().decode("utf-8", "replace").strip().splitlines()
                if status not in (0, -13, 141):
                    self.error = said[-1] if said else f"git log: exit {status}"


def parse_log(out: IO[bytes]) -> Iterator[CommitDiff]:
    """The commits of the output of ``git log`` with the options of this module.

    Raises:
        GitError: the output is cut off, or not git's.
    """
    change: CommitDiff | None = None
    files: list[FileDiff] = []
    line = out.readline()
    while line:
        if line[:1] == b"\x01":
            if change is not None:
                yield change
            change = CommitDiff(_commit(line, out), files := [])
            line = out.readline()
        else:
            line = _file_line(line, out, files)
    if change is not None:
        yield change


def parse_diff(text: bytes) -> list[FileDiff]:
    """The files of one plain diff. Raises GitError: it is cut off, or not git's."""
    out = io.BytesIO(text)
    files: list[FileDiff] = []
    line = out.readline()
    while line:
        line = _file_line(line, out, files)
    return files


def _file_line(line: bytes, out: IO[bytes], files: list[FileDiff]) -> bytes:
    """Take in one line of a diff, and what belongs to it; returns the next line."""
    try:
        return _taken_in(line, out, files)
    except (ValueError, IndexError, OverflowError) as error:
        raise GitError("a diff of git's cannot be read", "is git itself at work?") from error


def _taken_in(line: bytes, out: IO[bytes], files: list[FileDiff]) -> bytes:
    if line[:1] == b"@" and files:
        return _hunk(line, out, files[-1])
    if line.startswith(b"diff --git "):
        files.append(_begin(line))
    elif line[:2] == b"::":
        files.append(_raw(line))
    elif line.startswith(b"diff --"):
        _resume(line, files)
    elif files and line[:1] != b":":
        _extended(line, files[-1])
    return out.readline()


def _commit(line: bytes, out: IO[bytes]) -> Commit:
    parts = [line[1:]]
    missing = len(_FIELDS) - line.count(b"\0")
    while missing > 0 and (more := out.readline()):
        parts.append(more)
        missing -= more.count(b"\0")
    if missing > 0:
        raise GitError("the history that git gives ends within a commit", "run it again")
    *head, message, _ = b"".join(parts).split(b"\0")
    return commit_of(head, message)


def _begin(line: bytes) -> FileDiff:
    """A file from its ``diff`` line; only sure of the paths where no later line gives them."""
    names = line[len(b"diff --git ") : -1]
    # Without a rename both names are the same, so the line is cut in its middle.
    path = _path(names[: len(names) // 2], b"a/")
    return FileDiff([path], path)


def _raw(line: bytes) -> FileDiff:
    """A file of a merge from its raw line: modes, object ids and status for each parent, paths."""
    about, *names = line[:-1].split(b"\t")
    width = len(about) - len(about.lstrip(b":"))
    words = about[width:].split(b" ")
    *olds, new = (_path(name, b"") for name in names)
    statuses = words[-1].decode()
    # A link that became a file is another file, as in plain diffs.
    old_paths = [None if s in "AT" else old for s, old in zip(statuses, olds, strict=False)]
    if not old_paths:
        raise ValueError("a merge of nothing")
    gone = words[width] == b"000000"
    mode = words[0] if gone else words[width]
    return FileDiff(
        old_paths, None if gone else new, mode, blobs=tuple(words[width + 1 : 2 * width + 2])
    )


def _resume(line: bytes, files: list[FileDiff]) -> None:
    """Bring the file of a ``diff --combined`` line, known from its raw line, to the end."""
    path = _path(line.split(b" ", 2)[2][:-1], b"")
    for at, diff in enumerate(files):
        if path == (diff.new_path if diff.new_path is not None else diff.old_path):
            files.append(files.pop(at))
            return


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
    key, _, rest = line[:-1].partition(b" ")
    if key == b"Binary":
        diff.binary = True
    elif diff.blobs:
        return
    elif key == b"---":
        diff.old_paths = [_path(rest, b"a/")]
    elif key == b"+++":
        diff.new_path = _path(rest, b"b/")
    elif key in (b"rename", b"copy"):
        way, _, name = rest.partition(b" ")
        if way == b"from":
            diff.old_paths = [_path(name, b"")]
            diff.copied = key == b"copy"
        else:
            diff.new_path = _path(name, b"")
    elif key in (b"new", b"deleted", b"index") and b" " in rest:
        _mode(key, rest, diff)


def _mode(key: bytes, rest: bytes, diff: FileDiff) -> None:
    diff.mode = rest.rpartition(b" ")[2]
    if rest.startswith(b"file mode"):
        if key == b"new":
            diff.old_paths = [None]
        else:
            diff.new_path = None


def _hunk(line: bytes, out: IO[bytes], diff: FileDiff) -> bytes:
    """Read a hunk; returns the line after it."""
    match = _HUNK.match(line)
    if match is None:
        return _combined_hunk(line, out, diff)
    start, count = int(match[1]), int(match[2] or 1)
    if count and not start:
        raise ValueError("no line is before the first")
    old, line = _lines(out, count, out.readline())
    new, line = _lines(out, int(match[3] or 1), line)
    if diff.binary or b"\0" in b"".join(old) or b"\0" in b"".join(new):
        diff.binary = True
        old, new = [b""] * len(old), [b""] * len(new)
    diff.hunks.append(Hunk(start - 1 if count else start, old, new))
    return line


def _combined_hunk(line: bytes, out: IO[bytes], diff: FileDiff) -> bytes:
    starts = tuple(max(0, int(start) - 1) for start in _STARTS.findall(line.partition(b" +")[0]))
    lines, after = _combined_lines(out)
    # Unlike plain hunks, combined ones begin at the next line also where they have no lines.
    diff.combined.append(CombinedHunk(starts, lines))
    return after


def _lines(out: IO[bytes], count: int, line: bytes) -> tuple[list[bytes], bytes]:
    """The next ``count`` lines, of which ``line`` is the first; and the line after them."""
    found: list[bytes] = []
    if count and line:
        # By the block: this is where nearly all of the output goes through.
        found = [line[1:-1], *(more[1:-1] for more in islice(out, count - 1))]
        line = out.readline()
        # "\ No newline at end of file" belongs to the line before it and is not counted.
        if line[:1] == b"\\":
            line = out.readline()
    return found, line


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
