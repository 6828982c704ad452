"""Computes a file before an edit from the file after it and the edit.

There is a result only if it is unambiguous: the new text occurs exactly once.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Edits = Sequence[tuple[str, str]]
    """(old text, new text) of each edit, in order."""


def before(after: bytes, edits: Edits) -> bytes | None:
    """The file before the edits; None if there is no unambiguous result."""
    crlf = _only_crlf(after)
    text = after.replace(b"\r\n", b"\n") if crlf else after
    for old, new in reversed([pair for pair in edits if pair[0] != pair[1]]):
        if crlf:
            old, new = old.replace("\r\n", "\n"), new.replace("\r\n", "\n")
        added, removed = new.encode("utf-8", "replace"), old.encode("utf-8", "replace")
        start = text.find(added) if added else -1
        if start < 0 or text.find(added, start + 1) >= 0:
            return None
        text = text[:start] + removed + text[start + len(added) :]
    return text.replace(b"\n", b"\r\n") if crlf else text


def before_patch(after: bytes, edits: Edits) -> bytes | None:
    """Like :func:`before`, for edits of whole lines."""
    # With a line end in front, the first line of a hunk only matches at the start of a line.
    crlf = _only_crlf(after)
    head = b"\r\n" if crlf else b"\n"
    result = before(head + after, [(f"\n{old}", f"\n{new}") for old, new in edits])
    return result[len(head) :] if result is not None else None


def as_on_disk(original: str, after: bytes) -> bytes | None:
    """The bytes of an original that a tool reports, which omits the BOM and normalises line ends.

    None if the file is not UTF-8, so that the bytes are not known.
    """
    try:
        after.decode("utf-8")
    except UnicodeDecodeError:
        return None
    data = original.encode("utf-8", "replace")
    if _only_crlf(after) and b"\r" not in data:
        data = data.replace(b"\n", b"\r\n")
    bom = b"\xef\xbb\xbf"
    return bom + data if after.startswith(bom) and not data.startswith(bom) else data


def _only_crlf(data: bytes) -> bool:
    count = data.count(b"\r\n")
    return count > 0 and count == data.count(b"\n")


def parse_patch(patch: str) -> Iterator[tuple[str, list[tuple[str, str]] | None]]:
    """The files that exist after a patch, each with its edits; None for a new file.

    The format is that of apply_patch: ``*** Update File:`` with hunks, ``*** Add File:``,
    ``*** Delete File:`` and ``*** Move to:``.
    """
    path = ""
    hunks: list[list[str]] | None = None
    for line in (*patch.splitlines(), "*** End Patch"):
        if line.startswith("*** Move to: "):
            path = line[13:].strip()
        elif line.startswith("*** ") and not line.startswith("*** End of File"):
            if path:
                yield path, None if hunks is None else [_old_and_new(hunk) for hunk in hunks]
            kind, _, rest = line[4:].partition(" File: ")
            path = rest.strip() if kind in ("Update", "Add") else ""
            hunks = [] if kind == "Update" else None
        elif hunks is not None:
            if line.startswith("@@") or not hunks:
                hunks.append([])
            if not line.startswith("@@"):
                hunks[-1].append(line)


def _old_and_new(hunk: list[str]) -> tuple[str, str]:
    def side(sign: str) -> str:
        return "".join(f"{line[1:]}\n" for line in hunk if line[:1] in (" ", "", sign))

    return side("-"), side("+")
