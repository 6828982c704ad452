"""What an agent's tool wrote, kept until it is committed.

Agents' tools tell what they write (errata.agenthooks). Each file has a chain of steps: the file
before the agent changed it, and after. What lies between one step and the next, and between the
last one and the commit, is a person's work.

A chain is one small file in the git directory of its work tree, compressed, readable by its owner
only, and gone once the file is committed.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from errata.core import atomic, safe_open
from errata.core.git import state_folder

if TYPE_CHECKING:
    from errata.core.git import Repository

FOLDER = "errata/written"
LIMIT = 1_000_000
"""Bytes of a file beyond which nothing is kept."""
_STEPS = 16
# Of a chain, compressed and in base64; text that compresses to nothing is far below it.
_LARGEST = 2 * _STEPS * LIMIT
_PATIENCE = 2.0
"""Seconds to wait for another event, or a commit; each takes a moment only."""
_DAY = 86_400_000_000


class Writer(NamedTuple):
    """Who wrote: the agent (role, else tool), its tool and its session."""

    agent: str
    tool: str
    session: str = ""


class AgentEdit(NamedTuple):
    """One stretch of an agent's work on a file.

    Attributes:
        time: of the last write, microseconds UTC.
        before: the file before; None where that is not known, or there was none.
        after: the file afterwards.
    """

    writer: Writer
    time: int
    before: bytes | None
    after: bytes


EditHistory = tuple[AgentEdit, ...]


def add(
    repo: Repository, path: str, before: bytes | None, after: bytes, writer: Writer, now: int
) -> None:
    """Remember that an agent's tool wrote a file.

    Args:
        path: relative to the top of the work tree, with '/'.
        before, after: contents; ``before`` is None where it is not known or there was no file.
        now: microseconds UTC.

    Raises:
        OSError: it cannot be kept.
    """
    if repo.git_dir is None or before == after:
        return
    with _locked(repo.git_dir) as folder:
        file = folder / _name(path)
        if len(after) > LIMIT or len(before or b"") > LIMIT or b"\0" in after[:8000]:
            # What was kept of it no longer tells what is whose.
            file.unlink(missing_ok=True)
            return
        chain = (_read(file) or ("", ()))[1]
        _write(file, path, _grown(chain, AgentEdit(writer, now, before, after)))


def edit_histories(repo: Repository, now: int, days: int) -> dict[str, EditHistory]:
    """The chains of this work tree, by path; those older than so many days are removed."""
    found = {}
    for file in _files(repo):
        got = _read(file)
        if got is None or got[1][-1].time < now - days * _DAY:
            file.unlink(missing_ok=True)
        else:
            found[got[0]] = got[1]
    return found


def forget(repo: Repository, path: str) -> None:
    """The file is committed, or gone. Raises OSError: what is kept of it cannot be removed."""
    if repo.git_dir is None:
        return
    with _locked(repo.git_dir) as folder:
        (folder / _name(path)).unlink(missing_ok=True)


def _grown(chain: EditHistory, step: AgentEdit) -> EditHistory:
    if not chain:
        return (step,)
    last = chain[-1]
    untouched = step.before is None or step.before == last.after
    if untouched and step.writer == last.writer:
        return (*chain[:-1], AgentEdit(step.writer, step.time, last.before, step.after))
    if untouched:
        step = AgentEdit(step.writer, step.time, last.after, step.after)
    # A chain without an end would cost more and more; a short memory only leaves lines unknown.
    return (*chain, step) if len(chain) < _STEPS else (step,)


def _name(path: str) -> str:
    return hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _files(repo: Repository) -> list[Path]:
    if repo.git_dir is None:
        return []
    try:
        folder = state_folder(repo.git_dir, "written")
        return sorted(f for f in folder.iterdir() if len(f.name) == 32)
    except OSError:
        return []


@contextlib.contextmanager
def _locked(git_dir: Path) -> Iterator[Path]:
    folder = state_folder(git_dir, "written")
    folder.mkdir(parents=True, exist_ok=True)
    with atomic.exclusive_lock(folder / "lock", _PATIENCE):
        yield folder


def _write(file: Path, path: str, chain: EditHistory) -> None:
    steps = [
        {
            "agent": step.writer.agent,
            "tool": step.writer.tool,
            "session": step.writer.session,
            "time": step.time,
            "before": _packed(step.before),
            "after": _packed(step.after),
        }
        for step in chain
    ]
    data = json.dumps({"path": path, "steps": steps}).encode()
    atomic.write(file, data, durable=False, private=True)


def _read(file: Path) -> tuple[str, EditHistory] | None:
    """The path and its chain; None if there is none, or it is damaged."""
    try:
        with open(file, "rb", opener=safe_open.open_nofollow) as open_file:
            data = open_file.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            return None
        value = json.loads(data)
        steps = tuple(_step(one) for one in value["steps"])
        return (str(value["path"]), steps) if steps else None
    except (OSError, ValueError, TypeError, KeyError, RecursionError, zlib.error):
        return None


def _step(one: dict[str, Any]) -> AgentEdit:
    writer = Writer(str(one["agent"]), str(one["tool"]), str(one["session"]))
    after = _unpacked(one["after"])
    if after is None:
        raise ValueError("no content")
    return AgentEdit(writer, int(one["time"]), _unpacked(one["before"]), after)


def _packed(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(zlib.compress(data, 1)).decode()


def _unpacked(text: str | None) -> bytes | None:
    if text is None:
        return None
    packed = zlib.decompressobj()
    data = packed.decompress(base64.b64decode(text), LIMIT + 1)
    if len(data) > LIMIT:
        raise ValueError("too large")
    return data
