"""Is this correction recorded already, under its own id or as part of others?

The id of a correction is a digest of its content, so a copy of a commit gives the same id. Two
cases need more than the id:

- The same content can be corrected twice. One of the two commits is then an ancestor of the other,
  which a commit never is of its copy. The second correction gets the id with ``.2``, and so on. All
  records of one content (the first, repeated ones, withdrawals) are a family.
- A squash, or a copy that met a conflict, has other content. Its fingerprint
  (errata.corrections.fingerprint) is then covered by those of recorded corrections.

Capture and backfill trace lines in two ways, and can differ in those of a large commit. So what
a commit corrects in another one counts once, whatever the content.

Logs are searched as bytes. Only lines that hold the searched text are parsed.
"""

from __future__ import annotations

import contextlib
import mmap
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from errata.core import safe_open
from errata.core.errors import GitError, RecordError
from errata.core.git import Repository
from errata.records import append, identity
from errata.records.description import is_described

Record = Mapping[str, Any]
Result = TypeVar("Result")
LogSource = Path | bytearray
"""A log: the file, or its content."""
OUTBOX_FILE = "outbox.jsonl"
"""In the git directory: captured corrections that are not in their log yet."""
_WITHDRAWN = "-withdrawn"
_ID, _HASH = re.compile(rb"cor-[0-9a-f]{20}"), re.compile(rb"[0-9a-f]{8}")
_WORD = re.compile(rb'%s|(?<=")(?:%s|[0-9a-f]{40})(?=")' % (_ID.pattern, _HASH.pattern))
_MANY = 20
"""With more records than this, it pays to read the logs as a whole first."""
_SHORTEST = 7
"""Characters of an abbreviated commit id."""


def new_records(
    repo: Repository, sources: Sequence[LogSource], records: Iterable[Record]
) -> list[Record]:
    """Those of the records that the sources lack, with their ids."""
    new: list[Record] = []
    fresh = bytearray()
    wanted = list(records)
    words = _Words(sources) if len(wanted) >= _MANY else None
    for record in wanted:
        id: str | None = str(record["id"])
        if words is None or words.may_hold(record):
            # A record may be a copy of one before it.
            id = new_id(repo, [*sources, fresh], record)
        if id is not None:
            new.append({**record, "id": id})
            line = append.encode(new[-1])
            fresh += line
            if words is not None:
                words.add(line)
    return new


class _Words:
    """The ids, commits and hashes of fingerprints in some logs, which are read once."""

    def __init__(self, sources: Iterable[LogSource]) -> None:
        self._words: set[bytes] = set()
        for source in sources:
            if isinstance(source, bytearray):
                self.add(source)
            else:
                _read(source, self.add)

    def add(self, text: mmap.mmap | bytearray | bytes) -> None:
        """Add those of a text."""
        self._words.update(_WORD.findall(text))

    def may_hold(self, record: Record) -> bool:
        """Whether a search may return anything for the id, commit or fingerprint of a record."""
        id = base_id(record["id"]).encode()
        hashes = [word.encode() for word in _fingerprint(record)]
        if not _ID.fullmatch(id) or not all(map(_HASH.fullmatch, hashes)):
            return True
        return not self._words.isdisjoint([id, commit_of(record).encode(), *hashes])


def new_id(repo: Repository, sources: Sequence[LogSource], record: Record) -> str | None:
    """The id under which to add a correction; None if it is recorded and active.

    A correction that was withdrawn, or that happened again, gets a number after its id.
    """
    family = _family(sources, record["id"])
    if any(_is_same(repo, other, record) for other in _active(family).values()):
        return None
    if _of_same_commits(sources, record) or _is_covered(repo, sources, sources, record):
        return None
    taken = {*family, *_withdrawn_ids(family)}
    id, repetition = str(record["id"]), 1
    while id in taken:
        repetition += 1
        id = f"{base_id(record['id'])}.{repetition}"
    return id


def recorded_as(repo: Repository, sources: Sequence[LogSource], record: Record) -> list[Record]:
    """The active records of a correction for which :func:`new_id` gives None.

    It is one, or those that cover it together.
    """
    family = _active(_family(sources, record["id"])).values()
    if same := [other for other in family if _is_same(repo, other, record)]:
        return same[:1]
    if same := _of_same_commits(sources, record):
        return same
    words = [f'"{line_hash}"' for line_hash in sorted(_fingerprint(record))]
    covering = search(sources, words)
    return [other for other in covering if _can_cover(repo, sources, other, record)]


def find_id(
    sources: Sequence[LogSource], record: Record, *, but: Collection[str] = ()
) -> str | None:
    """The id of the active record of a correction, preferably the one of the same commit.

    Args:
        but: ids to leave out.
    """
    family = _active(_family(sources, record["id"]))
    others = [other for id, other in family.items() if id not in but]
    if not others:
        return None

    def similarity(other: Record) -> tuple[bool, bool]:
        same_time = other.get("timestamp") == record.get("timestamp")
        return commit_of(other) == commit_of(record), same_time

    return str(max(others, key=similarity)["id"])


def active(sources: Sequence[LogSource], ids: Iterable[str]) -> list[Record]:
    """The corrections with these ids that were not withdrawn."""
    records: dict[str, Record] = {}
    for id in ids:
        family = _active(_family(sources, id))
        if id in family:
            records[id] = family[id]
    return list(records.values())


def is_logged(repo: Repository, log: Path, sources: Sequence[LogSource], record: Record) -> bool:
    """Whether the log has a record of the outbox already, or everything that the record covers.

    Args:
        sources: the log and the outbox; either may withdraw a correction of the log.
    """
    id = str(record.get("id", ""))
    if any(other.get("id") == id for other in search([log], [id])):
        return True
    return "withdraws" not in record and _is_covered(repo, [log], sources, record)


def with_prefix(sources: Sequence[LogSource], prefix: str) -> dict[str, Record]:
    """The corrections whose id begins with this text, by id; described where possible."""
    records: dict[str, Record] = {}
    for record in search(sources, [prefix]):
        id = str(record.get("id", ""))
        if id.startswith(prefix) and "withdraws" not in record:
            other = records.get(id)
            if other is None or is_described(record) or not is_described(other):
                records[id] = record
    return records


def of_commit(sources: Sequence[LogSource], sha: str) -> list[Record]:
    """The active corrections that a commit makes, or that correct it, oldest first.

    Args:
        sha: the whole id of the commit; a record may name it by the beginning of its id.
    """
    ids = {
        str(record.get("id", ""))
        for record in search(sources, [sha[:_SHORTEST]])
        if any(sha.startswith(name) for name in _commits(record))
    }
    known = (record for id in ids for record in with_prefix(sources, id).values())
    records = {str(record["id"]): record for record in known if str(record["id"]) in ids}
    kept = {str(record["id"]) for record in active(sources, sorted(ids))}
    return sorted(
        (record for id, record in records.items() if id in kept),
        key=lambda record: (str(record.get("timestamp", "")), str(record["id"])),
    )


def _commits(record: Record) -> Iterator[str]:
    """The commits that a record names: the one that corrects, and the corrected one."""
    for part in (record.get("user_correction"), record.get("ai_action")):
        sha = part.get("commit") if isinstance(part, Mapping) else None
        if isinstance(sha, str) and len(sha) >= _SHORTEST:
            yield sha


def _family(sources: Sequence[LogSource], id: object) -> dict[str, Record]:
    """Every record of the same content, by id: the first one, repeated ones, withdrawals."""
    base = base_id(id)
    return {
        str(record["id"]): record
        for record in search(sources, [base])
        if base_id(record.get("id")) == base
    }


def base_id(id: object) -> str:
    """The id of the first record of the same content."""
    return str(id).removesuffix(_WITHDRAWN).partition(".")[0]


def _active(family: Mapping[str, Record]) -> dict[str, Record]:
    """The corrections of a family that were not withdrawn."""
    withdrawn = _withdrawn_ids(family)
    return {
        id: record
        for id, record in family.items()
        if id not in withdrawn and "withdraws" not in record
    }


def _withdrawn_ids(family: Mapping[str, Record]) -> set[str]:
    return {str(record["withdraws"]) for record in family.values() if "withdraws" in record}


def commit_of(record: Record) -> str:
    """The commit that makes a correction; "" if it names none."""
    part = record.get("user_correction")
    return str(part.get("commit") or "") if isinstance(part, Mapping) else ""


def _of_same_commits(sources: Sequence[LogSource], record: Record) -> list[Record]:
    """The active records of the same two commits, of which one corrects the other."""
    wanted = list(_commits(record))
    if len(wanted) < 2 or record.get("source") != "implicit":
        return []
    ids = [
        str(other.get("id", ""))
        for other in search(sources, [f'"{wanted[0]}"'])
        if list(_commits(other)) == wanted
        and all(other.get(field) == record.get(field) for field in ("agent", "source"))
    ]
    return active(sources, dict.fromkeys(ids)) if ids else []


def _is_same(repo: Repository, old: Record, new: Record) -> bool:
    """Whether two records with the same content are one correction.

    They are two if one commit builds on the other one. The recorded one may be the newer: somebody
    may say later that an older commit is a correction, too.
    """
    commits = commit_of(old), commit_of(new)
    if not all(commits) or commits[0] == commits[1]:
        return True
    try:
        base = repo.git("merge-base", "--end-of-options", *commits).decode().strip()
    except GitError:
        # Status 1: none. 128: this clone lacks the commit, as after a rewrite elsewhere.
        return True
    return not any(base.startswith(commit) for commit in commits)


def _is_covered(
    repo: Repository,
    searched: Sequence[LogSource],
    sources: Sequence[LogSource],
    record: Record,
) -> bool:
    """Whether active corrections cover the whole fingerprint of a record.

    Args:
        searched: where to look for those corrections; ``sources`` may withdraw them.
    """
    remaining = _fingerprint(record)
    if not remaining:
        return False
    for line_hash in sorted(remaining):
        if line_hash not in remaining:
            continue
        for other in search(searched, [f'"{line_hash}"']):
            if _can_cover(repo, sources, other, record):
                remaining -= _fingerprint(other)
        if line_hash in remaining:
            return False
    return True


def _can_cover(
    repo: Repository, sources: Sequence[LogSource], other: Record, record: Record
) -> bool:
    return (
        other.get("agent") == record.get("agent")
        and bool(active(sources, [str(other.get("id", ""))]))
        and _is_same(repo, other, record)
    )


def _fingerprint(record: Record) -> set[str]:
    hashes = record.get("marks")
    return {text for text in hashes if isinstance(text, str)} if isinstance(hashes, list) else set()


def search(sources: Iterable[LogSource], words: Collection[str]) -> list[Record]:
    """The records whose line holds one of the words."""
    return [record for source in sources for record in _search_source(source, words)]


def _search_source(source: LogSource, words: Collection[str]) -> Iterator[Record]:
    for line in _lines_with(source, words):
        with contextlib.suppress(RecordError):
            record = identity.decode(line)
            if isinstance(record, dict):
                yield record


def _lines_with(source: LogSource, words: Collection[str]) -> list[bytes]:
    if isinstance(source, bytearray):
        return _find_lines(source, words)
    return _read(source, lambda text: _find_lines(text, words)) or []


def _read(log: Path, function: Callable[[mmap.mmap], Result]) -> Result | None:
    """What a function returns for the content of a log; None if it is empty or unreadable."""
    try:
        with (
            open(log, "rb", opener=safe_open.open_regular) as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view,
        ):
            return function(view)
    except (OSError, ValueError):  # ValueError: the file is empty
        return None


def _find_lines(text: mmap.mmap | bytearray, words: Collection[str]) -> list[bytes]:
    lines: dict[int, bytes] = {}
    for word in filter(None, words):
        position = text.find(word.encode())
        while position >= 0:
            start = text.rfind(b"\n", 0, position) + 1
            stop = text.find(b"\n", position)
            stop = len(text) if stop < 0 else stop
            lines[start] = bytes(text[start:stop])
            position = text.find(word.encode(), stop)
    return [lines[start] for start in sorted(lines)]
