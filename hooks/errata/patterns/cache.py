"""The ledger on disk, so that cost follows the new lines and not the log.

One file per work tree, in the git directory: a header, then the columns, mapped and not copied. It
is used only while it is provably right: a log that did not change (size, times, inode) is trusted,
one that grew must still begin with the same bytes (SHA-256 of its blocks), and anything else means
reading again. Losing the file loses nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from errata import __version__, rules
from errata.core import atomic, safe_open
from errata.core.config import Config
from errata.core.git import Repository, state_folder
from errata.patterns.counts import Tally
from errata.patterns.infer import name_of
from errata.patterns.ingest import Ingest
from errata.patterns.ledger import COLUMNS, Combo, Group, Ledger, Rejected, located
from errata.patterns.logs import WAITING, complete, find_logs
from errata.patterns.newest_text import Memo
from errata.patterns.scan import Log
from errata.patterns.sessions import Weighed

_MAGIC = b"errata ledger 4\n"
# Magic, length of the header, its SHA-256; then the header itself.
_HEAD = 16 + 8 + 32
_BLOCK = 4 << 20
# New lines are read again each time until there are this many bytes of them; then they are saved.
_STALE_BYTES = 1 << 20


class Book:
    """A ledger together with the logs it was read from.

    Attributes:
        ledger: every occurrence.
        ingest: how to get back to a record's line.
        logs: the logs that exist, in a fixed order.
        memo: what the newest records of each pattern tell.
    """

    def __init__(self, ledger: Ledger, ingest: Ingest, logs: list[Log], memo: Memo) -> None:
        self.ledger = ledger
        self.ingest = ingest
        self.logs = logs
        self.memo = memo
        self._counted: dict[int, tuple[int, int]] = {}
        self._tallies: dict[tuple[str, int, int], Tally] = {}

    def tally(self, name: str, low: int, high: int) -> Tally:
        """The occurrences of a pattern between two positions; made once for every view of them."""
        key = (name, low, high)
        if key not in self._tallies:
            codes = self.ledger.groups[name].codes(low, high)
            self._tallies[key] = Tally(codes, self.ledger.combos)
        return self._tallies[key]

    def only(self, wanted: Callable[[Combo], bool], after: int | None = None) -> Book:
        """This book with the occurrences whose combo is wanted; see :meth:`Ledger.only`."""
        return Book(self.ledger.only(wanted, after), self.ingest, self.logs, Memo())

    def keep(self) -> None:
        """Write down what was learnt about the newest records."""
        if self.memo.path and (content := self.memo.content()):
            _keep(self.memo.path, [content])

    def place(self, where: int | Rejected, root: Path) -> str:
        """``path:line`` of a location, for messages."""
        number, offset = (
            (where.log, where.offset) if isinstance(where, Rejected) else located(where)
        )
        path = self.ingest.logs[number].path
        shown = path.relative_to(root) if path.is_relative_to(root) else path
        return f"{shown}:{self._line(number, offset)}"

    def _line(self, number: int, offset: int) -> int:
        # Asked for in the order of offsets, so that a long log is read once for all bad lines.
        done, line = self._counted.get(number, (0, 1))
        if offset < done:
            done, line = 0, 1
        with self.ingest.logs[number].path.open("rb") as file:
            file.seek(done)
            while done < offset and (chunk := file.read(min(1 << 20, offset - done))):
                done += len(chunk)
                line += chunk.count(b"\n")
        self._counted[number] = done, line
        return line


def load(repo: Repository, config: Config, *, write: bool = True) -> Book:
    """Read all logs, through the cache where it holds.

    Args:
        write: whether the cache may be written.
    """
    logs = find_logs(repo.root, config, repo.state_dir)
    lasting = [log for log in logs if log.number != WAITING]
    path = state_folder(repo.git_dir) / "ledger" if repo.git_dir else None
    digest = _digest(config)
    saved = _Saved.open(path, digest, lasting, write) if path else None
    ledger = saved.ledger if saved else Ledger()
    ingest = Ingest(logs, config, ledger)
    done = saved.sizes if saved else {}
    reach = {log.number: complete(log.path) for log in logs}

    def read(which: list[Log]) -> int:
        todo = [
            (log.number, done.get(log.number, 0), reach[log.number])
            for log in which
            if reach[log.number] > done.get(log.number, 0)
        ]
        if todo:
            ingest.read(todo, fresh=not ledger.groups)
        return sum(stop - start for _, start, stop in todo)

    new, memo = read(lasting), Memo()
    if path and write and lasting and (new > _STALE_BYTES or saved is None):
        memo = Memo.open(_beside(path), _save(path, digest, lasting, reach, ledger), reach)
    elif path and saved:
        memo = Memo.open(_beside(path), saved.of, saved.sizes)
    # What waits is never saved: it moves into its log, whose copy must then be the one known.
    read([log for log in logs if log.number == WAITING])
    return Book(ledger, ingest, logs, memo)


def _beside(path: Path) -> Path:
    return path.with_name("ledger.told")


def _digest(config: Config) -> str:
    """Changes when anything that decides how a line is read does."""
    what = hashlib.sha256(__version__.encode())
    for part in (config.aliases, config.routing, config.logs):
        what.update(repr(part).encode())
    for name in ("patterns.toml", "routing.toml"):
        what.update((rules.folder() / name).read_bytes())
    what.update(name_of.__module__.encode())
    return what.hexdigest()


def _stat(path: Path) -> list[int]:
    info = path.stat()
    return [info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino]


def _blocks(path: Path, size: int) -> list[bytes]:
    """SHA-256 of each block of the first ``size`` bytes (hashlib releases the interpreter lock)."""

    def one(start: int) -> bytes:
        with path.open("rb") as file:
            file.seek(start)
            return hashlib.sha256(file.read(min(_BLOCK, size - start))).digest()

    starts = range(0, size, _BLOCK)
    if len(starts) < 4:
        return [one(start) for start in starts]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=4) as pool:
        return list(pool.map(one, starts))


class _Saved:
    """A cache file that still describes the beginning of every log."""

    def __init__(self, ledger: Ledger, sizes: dict[int, int], of: str) -> None:
        self.ledger = ledger
        self.sizes = sizes
        self.of = of

    @classmethod
    def open(cls, path: Path, digest: str, logs: list[Log], write: bool) -> _Saved | None:
        import msgspec

        try:
            with open(path, "rb", opener=safe_open.open_nofollow) as file:
                view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except (OSError, ValueError):
            return None
        if bytes(view[: len(_MAGIC)]) != _MAGIC:
            return None
        try:
            start, length = _HEAD, int.from_bytes(view[16:24], "little")
            key = hashlib.sha256(view[start : start + length])
            if key.digest() != view[24:start]:
                return None
            head = msgspec.msgpack.decode(view[start : start + length])
            note = _Note(path.with_name("ledger.checked"), key.hexdigest(), write)
            if head["digest"] != digest or not _holds(head["logs"], logs, note):
                return None
            ledger = _ledger(head, view[start + length + -length % 8 :])
        except (msgspec.DecodeError, ValueError, KeyError, TypeError, IndexError):
            return None
        sizes = {log["number"]: log["size"] for log in head["logs"]}
        return cls(ledger, sizes, key.hexdigest())


@dataclass(frozen=True, slots=True)
class _Note:
    """Beside a cache: how the logs looked when their beginnings were last compared with it."""

    path: Path
    of: str
    write: bool

    def read(self) -> dict[str, list[int]]:
        try:
            with open(self.path, "rb", opener=safe_open.open_nofollow) as file:
                found = json.loads(file.read())
            return dict(found["checked"]) if found["of"] == self.of else {}
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return {}

    def save(self, checked: dict[str, list[int]]) -> None:
        if self.write:
            content = json.dumps({"of": self.of, "checked": checked})
            _keep(self.path, [content.encode()])


def _holds(saved: list[dict[str, Any]], logs: list[Log], note: _Note) -> bool:
    """Whether every log that was read still begins with what was read."""
    paths = {log.number: log.path for log in logs}
    checked, fresh = note.read(), False
    for log in saved:
        path = paths.get(log["number"])
        if path is None:
            return False
        now = _stat(path)
        if now in (log["stat"], checked.get(str(log["number"]))):
            continue
        if now[0] < log["size"] or _blocks(path, log["size"]) != log["blocks"]:
            return False
        checked[str(log["number"])] = now
        fresh = True
    if fresh:
        note.save(checked)
    return True


def _ledger(head: dict[str, Any], body: memoryview) -> Ledger:
    import msgspec

    total = head["total"]
    views: dict[str, Any] = {}
    begin = 0
    for column, kind in COLUMNS:
        end = begin + total * array(kind).itemsize
        if len(body) < end:
            raise ValueError("cut off")
        cast: Any = body[begin:end].cast
        views[column], begin = cast(kind), end
    groups, start = {}, 0
    for name, count, totals, sessions, shares in head["groups"]:
        stop = start + count
        groups[name] = Group(
            **{column: view[start:stop] for column, view in views.items()},
            totals=Counter(dict(totals)),
            weighed=Weighed(sessions, tuple(map(tuple, shares))),
        )
        start = stop
    return Ledger(
        groups=groups,
        combos=msgspec.convert(head["combos"], list[Combo]),
        rejected=[Rejected(*row) for row in head["rejected"]],
        ids=head["ids"],
        withdrawn=set(head["withdrawn"]),
    )


def _save(
    path: Path,
    digest: str,
    logs: list[Log],
    reach: dict[int, int],
    ledger: Ledger,
) -> str:
    """Write the cache. Returns the digest of what it is."""
    import msgspec

    groups = list(ledger.groups.items())
    head = msgspec.msgpack.encode(
        {
            "digest": digest,
            "logs": [
                {
                    "number": log.number,
                    "size": reach[log.number],
                    "stat": _stat(log.path),
                    "blocks": _blocks(log.path, reach[log.number]),
                }
                for log in logs
            ],
            "total": sum(len(group.when) for _, group in groups),
            "groups": [_described(name, group, ledger) for name, group in groups],
            "combos": [asdict(combo) for combo in ledger.combos],
            "rejected": [(r.log, r.offset, r.why) for r in ledger.rejected],
            "ids": ledger.ids,
            "withdrawn": sorted(ledger.withdrawn),
        }
    )
    columns = (
        values if isinstance(values, memoryview) else array(kind, values)
        for column, kind in COLUMNS
        for values in (getattr(group, column) for _, group in groups)
    )
    size, check = len(head).to_bytes(8, "little"), hashlib.sha256(head)
    _keep(path, chain([_MAGIC, size, check.digest(), head, bytes(-len(head) % 8)], columns))
    return check.hexdigest()


def _described(name: str, group: Group, ledger: Ledger) -> tuple[Any, ...]:
    """What the header says of a group."""
    count = len(group.when)
    weighed = group.weigh(0, count, ledger.worth)
    return name, count, list(group.codes(0, count).items()), weighed.count, weighed.shares


def _keep(path: Path, parts: Iterable[Any]) -> None:
    """Write a file that can be made again; that it cannot be written is not the user's business."""
    with contextlib.suppress(OSError):
        atomic.write(path, parts, durable=False)
