"""Where captured corrections go: into their log, or, while that would dirty the tree, into waiting.

A post-commit hook that writes to a tracked log would leave the tree dirty, and a dirty tree blocks
rebase, pull and switch. So then records wait in the git directory that all worktrees share, and
every reader sees both. They move when a person asks (flush, evolve) or after a merge.
"""

from __future__ import annotations

import contextlib
import mmap
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from errata.config import Config
from errata.errors import RecordError
from errata.git import Repository
from errata.records import append, identity

PENDING = "pending.jsonl"
DEFERRED = "deferred"

Record = Mapping[str, Any]


def tracked(repo: Repository, config: Config) -> bool:
    """Whether git tracks the corrections log (or there is no work tree to write it in)."""
    if repo.root == repo.git_dir:
        return True
    # In the index or in HEAD: a log that is staged for its first commit counts as well.
    return bool(repo.git("ls-files", "-z", "--", config.logs.corrections))


def save(
    repo: Repository, config: Config, records: Sequence[Record], *, direct: bool = False
) -> int:
    """Keep corrections that are not known yet; returns how many were new.

    Args:
        direct: a person asked for it, so write into the log even if it is tracked.

    Raises:
        LogError: neither place can be written.
    """
    pending = _pending(repo)
    log = repo.root / config.logs.corrections
    bare = repo.root == repo.git_dir
    new = _fresh([log, pending], records)
    if not new:
        return 0
    if bare or (not direct and tracked(repo, config)):
        append.append(pending, new, root=repo.root)
    else:
        append.append(Path(config.logs.corrections), new, root=repo.root)
    return len(new)


def withdraw(repo: Repository, config: Config, ids: Collection[str]) -> int:
    """Take back corrections that a rewrite of history dissolved; returns how many were there."""
    if not ids:
        return 0
    pending = _pending(repo)
    waiting = read(pending)
    gone = [record for record in waiting if record.get("id") in ids]
    if gone:
        _rewrite(repo, pending, [r for r in waiting if r.get("id") not in ids])
    log = repo.root / config.logs.corrections
    logged = [r for r in _with_ids(log, ids) if r.get("id") in ids]
    taken_back = {r["withdraws"] for r in _with_ids(log, ids) if "withdraws" in r}
    lines = [
        {**record, "id": f"{record['id']}-withdrawn", "withdraws": record["id"]}
        for record in logged
        if record["id"] not in taken_back
    ]
    if lines:
        # Append-only logs take nothing back: a line says that another one no longer counts.
        if tracked(repo, config):
            append.append(pending, lines, root=repo.root)
        else:
            append.append(Path(config.logs.corrections), lines, root=repo.root)
    return len(gone) + len(lines)


def flush(repo: Repository, config: Config) -> int:
    """Move what waits into the log; returns how many records moved.

    The log is written before the waiting file is emptied: a kill in between leaves records in both,
    and a record that stands twice counts once.
    """
    if repo.root == repo.git_dir or not (waiting := read(_pending(repo))):
        return 0
    with append.locked(_pending(repo), root=repo.root):
        waiting = read(_pending(repo))
        new = _fresh([repo.root / config.logs.corrections], waiting)
        if new:
            append.append(Path(config.logs.corrections), new, root=repo.root)
        _rewrite(repo, _pending(repo), [])
    return len(new)


def renew(repo: Repository, records: Mapping[str, Record]) -> None:
    """Bring waiting records up to date with their commits' new ids; ``records`` by id."""
    old = read(_pending(repo))
    new = [records.get(str(record.get("id")), record) for record in old]
    if new != old:
        _rewrite(repo, _pending(repo), new)


def find(repo: Repository, config: Config, id: str) -> Record | None:
    """The correction of that id, or the only one that begins so; waiting or logged."""
    records = [*read(_pending(repo)), *_with_ids(repo.root / config.logs.corrections, [id])]
    own = {r["id"]: r for r in records if str(r.get("id", "")).startswith(id)}
    if id in own:
        return own[id]
    return next(iter(own.values())) if len(own) == 1 else None


def count(repo: Repository) -> int:
    """How many corrections wait."""
    return len(read(_pending(repo)))


def defer(repo: Repository, sha: str) -> None:
    """Remember a commit whose capture could not be finished."""
    if repo.state_dir is None:
        return
    with contextlib.suppress(OSError):
        repo.state_dir.mkdir(parents=True, exist_ok=True)
        with (repo.state_dir / DEFERRED).open("a") as file:
            file.write(f"{sha}\n")


def take_deferred(repo: Repository) -> list[str]:
    """The commits that were deferred; they are no longer, unless deferred again."""
    if repo.state_dir is None:
        return []
    path = repo.state_dir / DEFERRED
    mine = path.with_name(f"{DEFERRED}.{os.getpid()}")
    try:
        # Renamed first: whoever renames it has it, and nothing is picked up twice.
        path.rename(mine)
        shas = mine.read_text().split()
        mine.unlink()
    except OSError:
        return []
    return list(dict.fromkeys(sha for sha in shas if sha.isalnum()))


def read(path: Path) -> list[Record]:
    """The records of a small log; lines that are not records are passed over."""
    try:
        data = path.read_bytes()
    except OSError:
        return []
    return list(_records(data.splitlines()))


def _pending(repo: Repository) -> Path:
    assert repo.state_dir is not None
    return repo.state_dir / PENDING


def _records(lines: Iterable[bytes]) -> Iterable[Record]:
    for line in lines:
        with contextlib.suppress(RecordError):
            record = identity.decode(line)
            if isinstance(record, dict):
                yield record


def _with_ids(path: Path, words: Collection[str]) -> list[Record]:
    """The records of a log whose line holds one of the words; a search in bytes, not a parse."""
    try:
        with path.open("rb") as file:
            view = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # ValueError: the file is empty
        return []
    lines: dict[int, bytes] = {}
    with view:
        for word in words:
            at = view.find(word.encode())
            while at >= 0:
                start = view.rfind(b"\n", 0, at) + 1
                stop = view.find(b"\n", at)
                stop = len(view) if stop < 0 else stop
                lines[start] = view[start:stop]
                at = view.find(word.encode(), stop)
    return list(_records(lines[start] for start in sorted(lines)))


def _fresh(places: Sequence[Path], records: Sequence[Record]) -> list[Record]:
    """Those of ``records`` that stand in none of the places; one that was withdrawn comes again."""
    ids = [str(record["id"]) for record in records]
    known: set[str] = set()
    withdrawn: set[str] = set()
    for place in places:
        for other in _with_ids(place, ids):
            if "withdraws" in other:
                withdrawn.add(str(other["withdraws"]))
            else:
                known.add(str(other.get("id")))
    new: list[Record] = []
    for record in records:
        name = str(record["id"])
        again = 1
        while (name if again == 1 else f"{name}.{again}") in withdrawn:
            again += 1
        name = name if again == 1 else f"{name}.{again}"
        if name not in known:
            known.add(name)
            new.append({**record, "id": name})
    return new


def _rewrite(repo: Repository, path: Path, records: Sequence[Record]) -> None:
    """Replace a waiting file whole, under the lock that its writers take."""
    with append.locked(path, root=repo.root):
        temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        with temporary.open("wb") as file:
            for record in records:
                file.write(append.encode(record))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
