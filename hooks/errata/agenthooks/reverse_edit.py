"""A file as it was before an edit, from the file as it is and what the edit put where.

Only where there is one answer: a text that was put in stands in one place.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Edits = Sequence[tuple[str, str]]
    """(what was taken out, what was put in), in the order in which it was done."""


def before(after: bytes, edits: Edits) -> bytes | None:
    """The file before the edits; None if it could have been more than one, or none fits."""
    crlf = _only_crlf(after)
    text = after.replace(b"\r\n", b"\n") if crlf else after
    for old, new in reversed([pair for pair in edits if pair[0] != pair[1]]):
        if crlf:
            old, new = old.replace("\r\n", "\n"), new.replace("\r\n", "\n")
        put, taken = new.encode("utf-8", "replace"), old.encode("utf-8", "replace")
        at = text.find(put) if put else -1
        if at < 0 or text.find(put, at + 1) >= 0:
            return None
        text = text[:at] + taken + text[at + len(put) :]
    return text.replace(b"\n", b"\r\n") if crlf else text


def before_patch(after: bytes, edits: Edits) -> bytes | None:
    """As :func:`before`, for edits of whole lines."""
    # A line end in front makes sure that a hunk's first line is matched from its beginning.
    crlf = _only_crlf(after)
    head = b"\r\n" if crlf else b"\n"
    found = before(head + after, [(f"\n{old}", f"\n{new}") for old, new in edits])
    return found[len(head) :] if found is not None else None


def as_on_disk(original: str, after: bytes) -> bytes | None:
    """The original that a tool tells, in bytes; tools show text without its marks and line ends.

    None if the file is not text as tools read it, so that the bytes cannot be known.
    """
    try:
        after.decode("utf-8")
    except UnicodeDecodeError:
        return None
    data = original.encode("utf-8", "replace")
    if _only_crlf(after) and b"\r" not in data:
        data = data.replace(b"\n", b"\r\n")
    mark = b"\xef\xbb\xbf"
    return mark + data if after.startswith(mark) and not data.startswith(mark) else data


def _only_crlf(data: bytes) -> bool:
    count = data.count(b"\r\n")
    return count > 0 and count == data.count(b"\n")


def patched(patch: str) -> Iterator[tuple[str, list[tuple[str, str]] | None]]:
    """The files that a patch leaves behind, each with its edits; None for a new file.

    The form is that of apply_patch: ``*** Update File:`` with hunks, ``*** Add File:``,
    ``*** Delete File:`` and ``*** Move to:``.
    """
    path = ""
    hunks: list[list[str]] | None = None
    for line in (*patch.splitlines(), "*** End Patch"):
        if line.startswith("*** Move to: "):
            path = line[13:].strip()
        elif line.startswith("*** ") and not line.startswith("*** End of File"):
            if path:
                yield path, None if hunks is None else [_pair(hunk) for hunk in hunks]
            kind, _, rest = line[4:].partition(" File: ")
            path = rest.strip() if kind in ("Update", "Add") else ""
            hunks = [] if kind == "Update" else None
        elif hunks is not None:
            if line.startswith("@@") or not hunks:
                hunks.append([])
            if not line.startswith("@@"):
                hunks[-1].append(line)


def _pair(hunk: list[str]) -> tuple[str, str]:
    def side(sign: str) -> str:
        return "".join(f"{line[1:]}\n" for line in hunk if line[:1] in (" ", "", sign))

    return side("-"), side("+")
