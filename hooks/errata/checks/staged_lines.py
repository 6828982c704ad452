"""The lines that the next commit adds: those that are new, not moved and not re-indented.

A hook imports this: keep imports few.
"""

from __future__ import annotations

import os
from collections import Counter

from errata.checks.isolated import File
from errata.core import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_MAX_FILE = 1_000_000
_REGULAR = b"100"
"""What the modes of regular files begin with."""
_OPTIONS = (
    *("-p", "-U0", "--full-index", "--no-renames", "--diff-filter=d", "--diff-algorithm=myers"),
    *("--src-prefix=a/", "--dst-prefix=b/", "--output-indicator-new=+", "--inter-hunk-context=0"),
    *("--output-indicator-old=-", "--submodule=short"),
    # Without it, the setting diff.orderFile names a file, and git fails if there is none.
    f"-O{os.devnull}",
)


class ChangedFile:
    """What a diff does to one file.

    Attributes:
        path: as git has it.
        blob: the object id of its new content.
        is_new: there was none before.
        is_file: neither a link nor a submodule.
        added: (number from 1, line) of its new lines.
        removed: its old lines.
    """

    __slots__ = ("added", "blob", "is_file", "is_new", "path", "removed")

    def __init__(self) -> None:
        self.path = b""
        self.blob = ""
        self.is_new = False
        self.is_file = True
        self.added: list[tuple[int, bytes]] = []
        self.removed: list[bytes] = []


def staged(wanted: Callable[[str, bool], bool]) -> Iterator[File]:
    """The files with lines that the next commit adds, from the index that git names.

    Args:
        wanted: whether to look at a path; whether it is new comes second.

    Raises:
        GitError: git is missing, or cannot read the index.
    """
    command = (*git.STAGED, *_OPTIONS, "--")
    status, out = git.spawn_status(*command)
    if status:
        # Again, for what git says about it.
        out = git.run(*command)
    changed = parse(out)
    left = Counter(key for file in changed for key in map(single_blanks, file.removed))
    chosen = []
    for file in changed:
        numbers = new_numbers(file.added, left)
        path = os.fsdecode(file.path)
        if numbers and file.is_file and wanted(path, file.is_new):
            chosen.append((file, path, numbers))
    yield from _with_texts(chosen)


def parse(out: bytes) -> list[ChangedFile]:
    """The files of a diff without context lines."""
    files: list[ChangedFile] = []
    file = ChangedFile()
    number = 0
    lines = out.split(b"\n")
    place, end = 0, len(lines)
    while place < end:
        line = lines[place]
        place += 1
        if line.startswith(b"diff --git "):
            file = ChangedFile()
            files.append(file)
        elif line.startswith(b"new file mode "):
            file.is_new = True
            file.is_file = line.startswith(_REGULAR, 14)
        elif line.startswith(b"index "):
            blob, _, mode = line[6:].partition(b"..")[2].partition(b" ")
            file.blob = blob.decode("ascii", "replace")
            file.is_file = file.is_file and (not mode or mode.startswith(_REGULAR))
        elif line.startswith(b"+++ "):
            file.path = _path(line[4:])
        elif line.startswith(b"@@ "):
            old, new = line.split(b" ", 3)[1:3]
            number, count = _span(new)
            for _ in range(_span(old)[1]):
                file.removed.append(lines[place][1:])
                place += 1
            if place < end and lines[place].startswith(b"\\"):
                place += 1
            for _ in range(count):
                file.added.append((number, lines[place][1:]))
                number += 1
                place += 1
    return [file for file in files if file.path]


def _span(text: bytes) -> tuple[int, int]:
    """The first line of ``-3,2`` or ``+3``, and how many there are."""
    start, _, count = text[1:].partition(b",")
    return int(start), int(count) if count else 1


def _path(text: bytes) -> bytes:
    from errata.corrections.attribution.quoted_path import unquote

    # Git ends a path with blanks in it by a tab.
    return unquote(text.removesuffix(b"\t"), b"b/") or b""


def single_blanks(line: bytes) -> bytes:
    """A line by which it is found again when it is moved or re-indented."""
    return b" ".join(line.split())


def new_numbers(added: Iterable[tuple[int, bytes]], left: Counter[bytes]) -> list[int]:
    """The numbers of the added lines that no removed line accounts for, whatever its indentation.

    Args:
        left: how often each removed line occurs, with single blanks; each accounts for one.
    """
    numbers = []
    for number, line in added:
        key = single_blanks(line)
        if not key:
            continue
        if left[key] > 0:
            left[key] -= 1
        else:
            numbers.append(number)
    return numbers


def _with_texts(chosen: Iterable[tuple[ChangedFile, str, list[int]]]) -> Iterator[File]:
    texts: dict[str, bytes] = {}
    wanted = []
    for file, path, _ in chosen:
        if file.is_new:
            texts[file.blob] = b"\n".join(line for _, line in file.added) + b"\n"
        elif _size(path) <= _MAX_FILE:
            wanted.append(file.blob)
    # Names of a size that a pipe takes before git reads it.
    for start in range(0, len(wanted), 100):
        part = wanted[start : start + 100]
        names = "".join(f"{oid}\n" for oid in part).encode()
        command = ("cat-file", "--batch")
        status, out = git.spawn_status(*command, stdin=names)
        if status:
            out = git.run(*command, stdin=names)
        texts.update(_objects(out, part))
    for file, path, numbers in chosen:
        data = texts.get(file.blob, b"")
        if data and len(data) <= _MAX_FILE and b"\0" not in data:
            yield File(path, data.decode("utf-8", "replace"), numbers, file.is_new)


def _size(path: str) -> int:
    """The size of the file as it is; what is staged is hardly ever of another order."""
    try:
        return os.stat(path).st_size  # noqa: PTH116
    except OSError:
        return 0


def _objects(out: bytes, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The objects in the output of ``git cat-file --batch``."""
    place = 0
    for oid in oids:
        end = out.find(b"\n", place)
        header = out[place:end].split()
        place = end + 1
        if len(header) == 3:
            size = int(header[2])
            yield oid, out[place : place + size]
            place += size + 1
