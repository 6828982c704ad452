"""Where captured corrections go: into their log, or, while that would dirty the tree, into waiting.

A post-commit hook that writes to a tracked log would leave the tree dirty, and a dirty tree blocks
rebase, pull and switch. So then records wait in the git directory that all worktrees share, and
every reader sees both. They move when a person asks (flush, evolve) or after a merge.

Whoever changes either place holds the lock of the waiting file, and looks only once it has it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from errata.core import atomic, safe_open
from errata.core.config import Config
from errata.core.errors import LogError, RecordError
from errata.core.git import Repository
from errata.records import append, deduplication, identity, log_lock, torn_line
from errata.records.deduplication import Record

FILE_NAME = "pending.jsonl"
# What was moved last: pre-commit and prek take changes of the log that are not staged away while
# their hooks run, and what stands there is known all the same.
MOVED = "moved.jsonl"
_MOVED_KEPT = 200


def tracked(repo: Repository, config: Config) -> bool:
    """Whether git tracks the corrections log (or there is no work tree to write it in)."""
    if repo.root == repo.git_dir:
        return True
    # In the index or in HEAD: a log that is staged for its first commit counts as well.
    return bool(repo.git("ls-files", "-z", "--", config.logs.corrections))


def add(
    repo: Repository, config: Config, records: Sequence[Record], *, direct: bool = False
) -> list[Record]:
    """Keep corrections that are not known yet; returns those that were new, as they were kept.

    Args:
        direct: a person asked for it, so write into the log even if it is tracked.

    Raises:
        LogError: neither place can be written.
    """
    if not records:
        return []
    with _locked(repo):
        new: list[Record] = []
        fresh = bytearray()
        for record in records:
            # What the first of them says may be what the second one is known by.
            id = deduplication.new_id(repo, [*_places(repo, config), fresh], record)
            if id is not None:
                new.append({**record, "id": id})
                fresh += append.encode(new[-1])
        _add(repo, config, new, direct)
    return new


def withdraw(repo: Repository, config: Config, records: Sequence[Record]) -> int:
    """Take back corrections that a rewrite of history dissolved; returns how many were there.

    Args:
        records: as they are found in the old commits.
    """
    if not records:
        return 0
    with _locked(repo):
        gone: list[str] = []
        for record in records:
            id = deduplication.find_id(_places(repo, config), record, but=gone)
            gone += [id] if id else []
        waiting = read(file_path(repo))
        rest = [record for record in waiting if record.get("id") not in gone]
        if len(rest) < len(waiting):
            _replace(file_path(repo), rest)
        # Append-only logs take nothing back: a line says that another one no longer counts.
        _add(
            repo,
            config,
            [_withdrawal(r) for r in deduplication.active(_logs(repo, config), gone)],
        )
    return len(gone)


def _withdrawal(record: Record) -> Record:
    # It repeats what it takes back, for the record has to be valid by itself.
    return {**record, "id": f"{record['id']}-withdrawn", "withdraws": record["id"]}


def update(repo: Repository, config: Config, records: Sequence[Record]) -> None:
    """Bring waiting records up to date with the new ids of their commits.

    Args:
        records: as they are found in the new commits.
    """
    if not records or not has_records(repo):
        return
    with _locked(repo):
        places = _places(repo, config)
        fresh = {deduplication.find_id(places, record): record for record in records}
        old = read(file_path(repo))
        new = [
            r if "withdraws" in r or r.get("id") not in fresh else {**fresh[r["id"]], "id": r["id"]}
            for r in old
        ]
        if new != old:
            _replace(file_path(repo), new)


def flush(repo: Repository, config: Config) -> int:
    """Move what waits into the log; returns how many records moved.

    The log is written before the waiting file is emptied: a kill in between leaves records in both,
    and a record that stands twice counts once.

    Raises:
        LogError: one of them cannot be written; what waits goes on waiting.
    """
    if repo.root == repo.git_dir or not has_records(repo):
        return 0
    with _locked(repo):
        log, places = _log(repo, config), _places(repo, config)
        waiting = read(file_path(repo))
        new = [r for r in waiting if not deduplication.is_logged(repo, log, places, r)]
        if new:
            append.append(Path(config.logs.corrections), new, root=repo.root)
        _note_moved(repo, log, waiting)
        _set_aside(file_path(repo))
        _replace(file_path(repo), [])
    return len(new)


def _note_moved(repo: Repository, log: Path, records: Sequence[Record]) -> None:
    """Remember what the log has now, also what an earlier run moved that was stopped then."""
    before = read(_moved(repo))
    ids = {str(r["id"]) for r in records if "id" in r} - {str(r.get("id")) for r in before}
    there = {record.get("id") for record in deduplication.search([log], ids)}
    if moved := [record for record in records if record.get("id") in ids & there]:
        _replace(_moved(repo), [*before, *moved][-_MOVED_KEPT:])


def find(repo: Repository, config: Config, id: str) -> Record | None:
    """The correction of that id, or the only one that begins so; waiting or logged."""
    found = deduplication.with_prefix(_places(repo, config), id)
    if id in found:
        return found[id]
    return next(iter(found.values())) if len(found) == 1 else None


def has_records(repo: Repository) -> bool:
    """Whether anything waits; a look at the file's size."""
    try:
        return repo.state_dir is not None and file_path(repo).stat().st_size > 0
    except OSError:
        return False


def count(repo: Repository) -> int:
    """How many lines wait."""
    try:
        with open(file_path(repo), "rb", opener=safe_open.open_regular) as file:
            return sum(map(_is_record, file.read().splitlines()))
    except OSError:
        return 0


def _is_record(line: bytes) -> bool:
    """Whether a line is a record; of what we wrote ourselves Python's own parser can say so."""
    import json

    # Where it is the more patient one, what it took cannot be written as it stands there.
    with contextlib.suppress(ValueError, RecursionError, RecordError):
        value = json.loads(line.decode("utf-8"))
        if isinstance(value, dict) and identity.plain(value) and identity.encode(value):
            return True
    with contextlib.suppress(RecordError):
        return isinstance(identity.decode(line), dict)
    return False


def file_path(repo: Repository) -> Path:
    """The file of what waits."""
    assert repo.state_dir is not None
    return repo.state_dir / FILE_NAME


def read(path: Path) -> list[Record]:
    """The records of a small log; lines that are not records are passed over."""
    return [record for _, record in _lines(path) if record is not None]


def _lines(path: Path) -> Iterator[tuple[bytes, dict[str, Any] | None]]:
    try:
        with open(path, "rb", opener=safe_open.open_regular) as file:
            data = file.read()
    except OSError:
        return
    for line in data.splitlines():
        record = None
        with contextlib.suppress(RecordError):
            value = identity.decode(line)
            record = value if isinstance(value, dict) else None
        yield line, record


def _log(repo: Repository, config: Config) -> Path:
    return repo.root / config.logs.corrections


def _moved(repo: Repository) -> Path:
    return file_path(repo).with_name(MOVED)


def _logs(repo: Repository, config: Config) -> list[Path]:
    hidden = [_moved(repo)] if os.environ.get("PRE_COMMIT") == "1" else []
    return [_log(repo, config), *hidden]


def _places(repo: Repository, config: Config) -> list[Path]:
    return [*_logs(repo, config), file_path(repo)]


def _locked(repo: Repository) -> contextlib.AbstractContextManager[None]:
    log_lock.remember(repo)
    return log_lock.locked(file_path(repo), root=repo.root)


def _add(repo: Repository, config: Config, records: Sequence[Record], direct: bool = False) -> None:
    if not records:
        return
    bare = repo.root == repo.git_dir
    waiting = bare or (not direct and tracked(repo, config))
    path = file_path(repo) if waiting else Path(config.logs.corrections)
    append.append(path, records, root=repo.root)


def _set_aside(path: Path) -> None:
    """Keep lines that are no records where a person can look at them."""
    torn = [line + b"\n" for line, record in _lines(path) if record is None and line.strip()]
    if torn:
        beside = path.with_name(f"{path.name}.torn")
        with _mapped(beside):
            torn_line.set_aside(beside, b"".join(torn))


def _replace(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Replace a small file of records whole, under the lock."""
    with _mapped(path):
        atomic.write(path, [append.encode(record) for record in records])


@contextlib.contextmanager
def _mapped(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LogError(f"{path}: cannot be written: {error.strerror}") from error
