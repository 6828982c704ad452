"""Captured corrections that are not in their log yet.

A hook that writes into the work tree stands in the way: a changed file blocks rebase, pull and
switch, a new one blocks a checkout that brings the same path, and `git clean` deletes it. So
captured records wait in the git directory that all worktrees share, whether or not git tracks the
log, and every reader reads both. They move into the log only when a person asks for it (flush,
evolve).

The outbox is a log of JSON lines, not a table: a person can read it, and rescue what is in it.
Whoever changes it or the log holds its lock, and reads only after taking the lock.
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
from errata.records import append, deduplication, identity, log_lock, torn_line, undescribed
from errata.records.deduplication import LogSource, Record
from errata.records.description import description_of, is_described, without_description
from errata.state import database, log_sizes

FILE_NAME = deduplication.OUTBOX_FILE
_OLD_NAME = "pending.jsonl"  # In version 0.1.
# pre-commit and prek stash unstaged changes while their hooks run, and with them what was last
# moved into the log; these records count as known all the same.
_MOVED_KEPT = 200
_OPERATIONS = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "BISECT_LOG": "a bisection",
}


def add(
    repo: Repository,
    config: Config,
    records: Sequence[Record],
    *,
    direct: bool = False,
    rejected_too: bool = False,
) -> list[Record]:
    """Keep corrections that are not known yet; returns the new ones, as they were kept.

    Args:
        direct: a person asked for it, so write into the log.
        rejected_too: somebody decides that these are corrections, whatever was decided before.

    Raises:
        LogError: the outbox or the log cannot be written.
    """
    if not records:
        return []
    with _locked(repo):
        if rejected_too:
            new = deduplication.new_records(repo, sources(repo, config), records)
        else:
            new = unlogged(repo, config, sources(repo, config), records)
        _append(repo, config, new, direct)
    return new


def unlogged(
    repo: Repository, config: Config, sources: Sequence[LogSource], records: Sequence[Record]
) -> list[Record]:
    """Those of the records that the sources lack, and that nobody rejected, with their ids."""
    from errata.records.curation import Curation

    unrejected = Curation.read(repo, config).unrejected(records)
    return deduplication.new_records(repo, sources, unrejected)


def withdraw(repo: Repository, config: Config, records: Sequence[Record]) -> int:
    """Withdraw corrections; returns how many were known. Raises as :func:`follow_rewrite`."""
    return follow_rewrite(repo, config, records, [])[1]


def follow_rewrite(
    repo: Repository,
    config: Config,
    removed: Sequence[Record],
    present: Sequence[Record],
    *,
    by_agent: bool = False,
) -> tuple[int, int]:
    """Follow a rewrite of history; returns how many corrections were added and withdrawn.

    One write does all of it, so that no record is lost if it fails.

    Args:
        removed: corrections that only the old commits make, as they are found there.
        present: the corrections of the new commits. Known ones get the new commits' ids.
        by_agent: add those that are new only if others were withdrawn.

    Raises:
        LogError: the outbox cannot be written, and is unchanged.
    """
    if not (removed or present):
        return 0, 0
    with _locked(repo):
        logs, before = _logs(repo, config), read(file_path(repo))
        after, withdrawn = _withdrawn(logs, before, removed)
        after = _updated(logs, after, present)
        can_add = withdrawn or not by_agent
        new = unlogged(repo, config, [*logs, _encode(after)], present) if can_add else []
        _change(repo, config, before, [*after, *new])
    return len(new), withdrawn


def _withdrawn(
    logs: Sequence[LogSource], before: Sequence[Record], removed: Sequence[Record]
) -> tuple[list[Record], int]:
    """The outbox without these corrections, and how many of them were known."""
    sources, ids = [*logs, _encode(before)], list[str]()
    for record in removed:
        id = deduplication.find_id(sources, record, but=ids)
        ids += [id] if id else []
    after = [record for record in before if record.get("id") not in ids]
    # A log is append-only: a further line says that another one no longer counts.
    logged = deduplication.active([*logs, _encode(after)], ids)
    return [*after, *map(_withdrawal, logged)], len(ids)


def _withdrawal(record: Record) -> Record:
    # It repeats what it withdraws, since each record has to be valid by itself.
    plain = without_description(record)
    return {**plain, "id": f"{record['id']}-withdrawn", "withdraws": record["id"]}


def _updated(
    logs: Sequence[LogSource], before: Sequence[Record], present: Sequence[Record]
) -> list[Record]:
    """The outbox with the new commits' ids."""
    if not before:
        return []
    sources = [*logs, _encode(before)]
    by_id = {deduplication.find_id(sources, record): record for record in present}
    return [_with_commit_of(record, by_id) for record in before]


def _with_commit_of(record: Record, by_id: Mapping[str | None, Record]) -> Record:
    new = None if "withdraws" in record else by_id.get(record.get("id"))
    if new is None:
        return record
    description = {} if is_described(new) else description_of(record)
    return {**new, **description, "id": record["id"]}


def _change(
    repo: Repository, config: Config, before: Sequence[Record], after: Sequence[Record]
) -> None:
    """Write the outbox: append to it if nothing else changes."""
    if list(after[: len(before)]) == before:
        _append(repo, config, after[len(before) :])
    else:
        _replace(file_path(repo), after)


def describe(
    repo: Repository, config: Config, detected: Sequence[Record], *, write: bool = True
) -> tuple[int, int]:
    """Add descriptions to recorded corrections that have none.

    Returns how many lacked one, and how many of these got one. In the log, which is append-only, a
    further line repeats the record with its description.

    Args:
        detected: corrections as commits make them, with descriptions.
        write: False only counts.

    Raises:
        LogError: the outbox or the log cannot be written.
    """
    with _locked(repo) if write else contextlib.nullcontext():
        waiting = read(file_path(repo))
        records = [*read(_log(repo, config)), *waiting]
        described = {
            str(record["id"]): record for record in undescribed.describe(records, detected)
        }
        lacking = len(undescribed.undescribed(records))
        if not write:
            return lacking, len(described)
        after = [_described(record, described) for record in waiting]
        in_outbox = {str(record.get("id")) for record in waiting}
        logged = [record for id, record in described.items() if id not in in_outbox]
        if logged:
            append.append(Path(config.logs.corrections), logged, root=repo.root)
        if after != waiting:
            _replace(file_path(repo), after)
    return lacking, len(described)


def _described(record: Record, described: Mapping[str, Record]) -> Record:
    return record if "withdraws" in record else described.get(str(record.get("id")), record)


def _encode(records: Iterable[Record]) -> bytearray:
    return bytearray(b"".join(map(append.encode, records)))


def flush(repo: Repository, config: Config) -> int:
    """Move the outbox into the log; returns how many records moved.

    The log is written before the outbox is emptied: a kill in between leaves records in both, and a
    record that stands twice counts once.

    Raises:
        LogError, StateError: something cannot be written, or :func:`reason_to_wait` gives a reason;
            the records stay in the outbox.
    """
    if repo.root == repo.git_dir or not has_records(repo):
        return 0
    if reason := reason_to_wait(repo, config):
        raise LogError(f"not moved: {reason}", "captured corrections stay where they are")
    with _locked(repo):
        log, logs = _log(repo, config), sources(repo, config)
        records = read(file_path(repo))
        new = [r for r in records if not deduplication.is_logged(repo, log, logs, r)]
        if new:
            append.append(Path(config.logs.corrections), new, root=repo.root)
        _remember_moved(repo, log, records)
        _replace(file_path(repo), [])
    if repo.git_dir is not None:
        # So that the next commit notices if the log is reset before it.
        log_sizes.remember(str(repo.git_dir), config.logs.by_kind().values(), str(repo.root))
    return len(new)


def reason_to_wait(repo: Repository, config: Config) -> str:
    """Why the outbox should not be moved into the log at present; "" if it may."""
    log = config.logs.corrections
    for name, operation in _OPERATIONS.items():
        # Its end, or `--abort`, would be refused because of the changed log, or reset it.
        if repo.git_dir is not None and (repo.git_dir / name).exists():
            return f"{operation} is not finished"
    if not _log(repo, config).exists() and repo.git("ls-files", "-z", "--", log):
        # A new file with these records alone would look like a log whose lines were removed.
        return f"git tracks {log}, which is not in the work tree"
    return ""


def _remember_moved(repo: Repository, log: Path, records: Sequence[Record]) -> None:
    """Remember what is in the log now, also what an earlier run moved that was killed then."""
    by_id = {str(record["id"]): record for record in records if "id" in record}
    logged = {str(record.get("id")) for record in deduplication.search([log], by_id.keys())}
    rows = [(id, append.encode(record)) for id, record in by_id.items() if id in logged]
    if rows:
        with database.transaction(repo) as db:
            db.executemany("INSERT OR IGNORE INTO moved_records (id, record) VALUES (?, ?)", rows)
            last = "(SELECT max(number) FROM moved_records)"
            db.execute(f"DELETE FROM moved_records WHERE number <= {last} - ?", (_MOVED_KEPT,))


def moved(repo: Repository) -> bytes:
    """The records that were last moved into the log, as JSON lines, oldest first."""
    rows = database.fetch(repo, "SELECT record FROM moved_records ORDER BY number")
    return b"".join(record for (record,) in rows)


def find(repo: Repository, config: Config, id: str) -> Record | None:
    """The correction with that id, or the only one whose id begins so; waiting or logged."""
    matches = deduplication.with_prefix(sources(repo, config), id)
    only = next(iter(matches.values())) if len(matches) == 1 else None
    return matches.get(id, only)


def has_records(repo: Repository) -> bool:
    """Whether the outbox holds anything; a look at the file's size."""
    with contextlib.suppress(OSError):
        return repo.state_dir is not None and file_path(repo).stat().st_size > 0
    return False


def count(repo: Repository) -> int:
    """How many records the outbox holds."""
    return sum(_is_record(line) for line in _content(file_path(repo)).splitlines())


def count_unlogged(repo: Repository, config: Config) -> int:
    """How many corrections the outbox holds that are not in the log; withdrawals do not count."""
    if not has_records(repo):
        return 0
    log, logs = _log(repo, config), sources(repo, config)
    records = [record for record in read(file_path(repo)) if "withdraws" not in record]
    return sum(not deduplication.is_logged(repo, log, logs, record) for record in records)


def _is_record(line: bytes) -> bool:
    """Whether a line is a record; for what we wrote ourselves, without loading msgspec."""
    import json

    # Python's parser accepts more than ours; what it alone accepts cannot be encoded again.
    with contextlib.suppress(ValueError, RecursionError, RecordError):
        value = json.loads(line.decode("utf-8"))
        if isinstance(value, dict) and identity.is_plain(value) and identity.encode(value):
            return True
    return _parse(line) is not None


def file_path(repo: Repository) -> Path:
    """The file of the outbox. Raises GitError: a link stands in the place of its folder."""
    assert repo.state_dir is not None
    path, old = repo.state_dir / FILE_NAME, repo.state_dir / _OLD_NAME
    if old.is_file() and not old.is_symlink():
        with contextlib.suppress(LogError):  # Who cannot write there can still read the outbox.
            _migrate(repo, old, path)
    return path


def _migrate(repo: Repository, old: Path, path: Path) -> None:
    log_lock.remember(repo)
    locks = [log_lock.locked(file, root=repo.root) for file in (path, old)]
    with locks[0], locks[1], _mapped(old):  # Hooks of an older version may still run.
        # A kill before the file is gone leaves its records twice; they count once.
        torn_line.set_aside(path, safe_open.read_regular(old))
        old.unlink()


def read(path: Path) -> list[Record]:
    """The records of a small log; lines that are not records are skipped."""
    return [record for line in _content(path).splitlines() if (record := _parse(line)) is not None]


def _content(path: Path) -> bytes:
    with contextlib.suppress(OSError), open(path, "rb", opener=safe_open.open_regular) as file:
        return file.read()
    return b""


def _parse(line: bytes) -> dict[str, Any] | None:
    with contextlib.suppress(RecordError):
        value = identity.decode(line)
        return value if isinstance(value, dict) else None
    return None


def _log(repo: Repository, config: Config) -> Path:
    return repo.root / config.logs.corrections


def _logs(repo: Repository, config: Config) -> list[LogSource]:
    stashed = [bytearray(moved(repo))] if os.environ.get("PRE_COMMIT") == "1" else []
    return [_log(repo, config), *stashed]


def sources(repo: Repository, config: Config) -> list[LogSource]:
    """The logs of corrections, the outbox as the last one."""
    return [*_logs(repo, config), file_path(repo)]


@contextlib.contextmanager
def _locked(repo: Repository) -> Iterator[None]:
    log_lock.remember(repo)
    with log_lock.locked(file_path(repo), root=repo.root):
        yield


def _append(
    repo: Repository, config: Config, records: Sequence[Record], direct: bool = False
) -> None:
    if not records:
        return
    into_log = direct and repo.root != repo.git_dir  # A bare repository has no log.
    path = Path(config.logs.corrections) if into_log else file_path(repo)
    append.append(path, records, root=repo.root)


def _set_aside(path: Path) -> None:
    """Keep lines that are not records in a file where a person can look at them."""
    lines = _content(path).splitlines()
    torn = [line + b"\n" for line in lines if line.strip() and _parse(line) is None]
    if torn:
        torn_path = path.with_name(f"{path.name}.torn")
        with _mapped(torn_path):
            torn_line.set_aside(torn_path, b"".join(torn))


def _replace(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Replace a small file of records atomically, under the lock; set aside its other lines."""
    _set_aside(path)
    with _mapped(path):
        atomic.write(path, [append.encode(record) for record in records])


@contextlib.contextmanager
def _mapped(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LogError(f"{path}: cannot be written: {error.strerror}") from error
