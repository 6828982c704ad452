"""A marked block of lines in a file that belongs to somebody else."""

from __future__ import annotations

import re
from collections.abc import Sequence

from errata.setup.layout import FileError

BEGIN = b"# >>> errata >>>"
END = b"# <<< errata <<<"
NOTICE = "# Written by `errata init`; `errata uninstall` removes it."
NOTICES = (NOTICE, "# Written by `errata init`; `errata uninstall` takes it out again.")
"""That line as this version and earlier ones write it."""
_MARK = re.compile(rb"^[ \t]*(# >>> errata >>>|# <<< errata <<<)[ \t]*\r?$", re.MULTILINE)


def newline(data: bytes) -> bytes:
    """The line ending of a file, by its first line."""
    return b"\r\n" if data.partition(b"\n")[0].endswith(b"\r") else b"\n"


def find(data: bytes, name: str) -> tuple[int, int] | None:
    """Where the block is: (start, end) with both markers, without the last line ending.

    Raises:
        FileError: a marker has no counterpart, or there are several blocks.
    """
    marks = list(_MARK.finditer(data))
    if not marks:
        return None
    if [mark[1] for mark in marks] != [BEGIN, END]:
        line = data.count(b"\n", 0, marks[-1].start()) + 1
        raise FileError(
            f"{name}:{line}: the marks of errata's block are not one pair",
            f"leave one `{BEGIN.decode()}` and one `{END.decode()}` after it, or none",
        )
    return marks[0].start(), len(data[: marks[1].end()].removesuffix(b"\r"))


def insert(data: bytes, lines: Sequence[str], name: str, at: int | None = None) -> bytes:
    """The file with a block of these lines: in place of the existing block, else at ``at``.

    ``at`` is the start of a line, by default the end of the file. :func:`remove` is the inverse.

    Raises:
        FileError: see :func:`find`.
    """
    ending = newline(data)
    block = ending.join([BEGIN, *(line.encode() for line in lines), END])
    if span := find(data, name):
        return data[: span[0]] + block + data[span[1] :]
    at = len(data) if at is None else at
    if at == len(data) and data and not data.endswith(b"\n"):
        return data + ending + block
    return data[:at] + block + ending + data[at:]


def remove(data: bytes, name: str) -> bytes:
    """The file without the block, as it was before :func:`insert`. Raises FileError: see `find`."""
    span = find(data, name)
    if span is None:
        return data
    before, after = data[: span[0]], data[span[1] :]
    if after:
        return before + re.sub(rb"\A\r?\n", b"", after)
    # The file had no final line ending, so the block added the one before it. A lone carriage
    # return before that is the file's own.
    ending = newline(before)
    return before[: -len(ending)] if before.endswith(ending) else re.sub(rb"\r?\n\Z", b"", before)


def lines(data: bytes, name: str) -> list[str]:
    """The lines between the markers; none if there is no block. Raises FileError: see `find`."""
    span = find(data, name)
    if span is None:
        return []
    text = data[span[0] : span[1]].decode("utf-8", "surrogateescape")
    return [line.removesuffix("\r") for line in text.split("\n")[1:-1]]
