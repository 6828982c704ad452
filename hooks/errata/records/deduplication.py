"""Is this correction known already, under its own id or as part of another one?

The id of a correction is its content, so a copy of the commit has the same one. Two things are not
that simple. The same content can be corrected twice: one of the two commits then stands in the
history of the other, which no copy of a commit does. And a squash, or a copy that met a conflict,
has other content: it is known by its marks (errata.corrections.fingerprint), what it did away with.

Logs are searched as bytes; only lines that hold what is looked for are parsed.
"""

from __future__ import annotations

import contextlib
import mmap
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from errata.core import safe_open
from errata.core.errors import GitError, RecordError
from errata.core.git import Repository
from errata.records import identity

Record = Mapping[str, Any]
LogSource = Path | bytearray
"""A log: the file, or its lines."""


def new_id(repo: Repository, sources: Sequence[LogSource], record: Record) -> str | None:
    """The id under which to keep a correction; None if it is known and counts.

    What was withdrawn, and what happened again, gets a number behind its id.
    """
    family = _family(sources, record["id"])
    counted = [r for id, r in family.items() if id not in _withdrawn(family.values())]
    if any(_same(repo, other, record) for other in counted if "withdraws" not in other):
        return None
    if _covered(repo, sources, sources, record):
        return None
    taken = {*family, *_withdrawn(family.values())}
    id, again = str(record["id"]), 1
    while id in taken:
        again += 1
        id = f"{record['id']}.{again}"
    return id


def find_id(
    sources: Sequence[LogSource], record: Record, *, but: Collection[str] = ()
) -> str | None:
    """The id under which a correction is known and counts: of that very commit, if of any."""
    family = standing(sources, [str(record["id"])], whole_family=True)
    others = [other for other in family if other["id"] not in but]
    if not others:
        return None

    def fits(other: Record) -> tuple[bool, bool]:
        return _commit(other) == _commit(record), other.get("timestamp") == record.get("timestamp")

    return str(max(others, key=fits)["id"])


def standing(
    sources: Sequence[LogSource], ids: Iterable[str], *, whole_family: bool = False
) -> list[Record]:
    """The corrections of these ids that were not withdrawn."""
    found: dict[str, Record] = {}
    wanted = list(ids)
    for id in wanted:
        family = _family(sources, id)
        gone = _withdrawn(family.values())
        for name, record in family.items():
            if name not in gone and "withdraws" not in record and (whole_family or name == id):
                found[name] = record
    return list(found.values())


def is_logged(repo: Repository, log: Path, sources: Sequence[LogSource], record: Record) -> bool:
    """Whether the log makes a waiting line needless: it holds it, or what it is part of.

    Args:
        sources: the log and the waiting file, where a line may take back what the log holds.
    """
    id = str(record.get("id", ""))
    if any(other.get("id") == id for other in search([log], [id])):
        return True
    return "withdraws" not in record and _covered(repo, [log], sources, record)


def with_prefix(sources: Sequence[LogSource], start: str) -> dict[str, Record]:
    """The corrections whose id begins so, by id."""
    return {
        str(record["id"]): record
        for record in search(sources, [start])
        if str(record.get("id", "")).startswith(start) and "withdraws" not in record
    }


def _base(id: object) -> str:
    return str(id).removesuffix("-withdrawn").partition(".")[0]


def _family(sources: Sequence[LogSource], id: object) -> dict[str, Record]:
    """Every line about one content, by id: the first time, again, and withdrawals."""
    base = _base(id)
    return {
        str(record["id"]): record
        for record in search(sources, [base])
        if _base(record.get("id")) == base
    }


def _withdrawn(records: Iterable[Record]) -> set[str]:
    return {str(record["withdraws"]) for record in records if "withdraws" in record}


def _commit(record: Record) -> str:
    part = record.get("user_correction")
    return str(part.get("commit") or "") if isinstance(part, Mapping) else ""


def _same(repo: Repository, old: Record, new: Record) -> bool:
    """Whether two records of one content are one correction: not if one builds on the other."""
    before, after = _commit(old), _commit(new)
    if not before or not after or before == after:
        return True
    try:
        repo.git("merge-base", "--is-ancestor", "--end-of-options", before, after)
    except GitError:
        # 1: it does not. 128: a commit that is not here, as it is after a rewrite elsewhere.
        return True
    return False


def _covered(
    repo: Repository, here: Sequence[LogSource], sources: Sequence[LogSource], record: Record
) -> bool:
    """Whether all that a correction did away with is known from others that count.

    Args:
        here: where the others stand; ``sources`` is where they may be taken back.
    """
    left = _marks(record)
    for mark in sorted(left):
        if mark not in left:
            continue
        for other in search(here, [f'"{mark}"']):
            if _stands_for(repo, sources, other, record):
                left -= _marks(other)
        if mark in left:
            return False
    return bool(_marks(record))


def _stands_for(
    repo: Repository, sources: Sequence[LogSource], other: Record, record: Record
) -> bool:
    return (
        other.get("agent") == record.get("agent")
        and bool(standing(sources, [str(other.get("id", ""))]))
        and _same(repo, other, record)
    )


def _marks(record: Record) -> set[str]:
    found = record.get("marks")
    return {mark for mark in found if isinstance(mark, str)} if isinstance(found, list) else set()


def search(sources: Iterable[LogSource], words: Collection[str]) -> list[Record]:
    """The records of these logs whose line holds one of the words."""
    return [record for source in sources for record in _search(source, words)]


def _search(source: LogSource, words: Collection[str]) -> Iterator[Record]:
    for line in _found(source, words):
        with contextlib.suppress(RecordError):
            record = identity.decode(line)
            if isinstance(record, dict):
                yield record


def _found(source: LogSource, words: Collection[str]) -> list[bytes]:
    if isinstance(source, bytearray):
        return _lines(source, words)
    try:
        with (
            open(source, "rb", opener=safe_open.open_regular) as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view,
        ):
            return _lines(view, words)
    except (OSError, ValueError):  # ValueError: the file is empty
        return []


def _lines(text: mmap.mmap | bytearray, words: Collection[str]) -> list[bytes]:
    lines: dict[int, bytes] = {}
    for word in filter(None, words):
        at = text.find(word.encode())
        while at >= 0:
            start = text.rfind(b"\n", 0, at) + 1
            stop = text.find(b"\n", at)
            stop = len(text) if stop < 0 else stop
            lines[start] = bytes(text[start:stop])
            at = text.find(word.encode(), stop)
    return [lines[start] for start in sorted(lines)]
