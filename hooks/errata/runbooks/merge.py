"""Merging what two branches evolved: runbooks and the promotion log.

What a person wrote is merged line by line, as git does it. What errata writes is not merged but
made again, from the logs of both sides: git calls a merge driver before it has written any file, so
the logs are read from the two commits, put together in a folder of their own, and evolved there.
Where the commits cannot be told (a single cherry-pick, a merge base that git made up), our side's
block stays, and the next evolve brings it up to date.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from errata.core import git
from errata.core.config import FILE_NAME, Config, load
from errata.core.errors import ErrataError, GitError, RunbookError
from errata.core.git import Repository
from errata.records import append, instants
from errata.runbooks import document, promotion_log, store
from errata.runbooks.paths import PROMOTION_LOG
from errata.runbooks.planning import plan_evolve

_SHA = re.compile(r"[0-9a-f]{40,64}\Z")
# Beyond this, a merge does not wait for an evolve of all the logs; errata-refresh does it after it.
_LARGEST = 100_000_000


@dataclass(frozen=True, slots=True)
class Three:
    """The versions of one file; ``ancestor`` is empty where there is none."""

    ancestor: bytes
    ours: bytes
    theirs: bytes


@dataclass(frozen=True, slots=True)
class Merged:
    """The file after the merge.

    Attributes:
        clean: whether no person has to settle anything.
        behind: why what errata writes in it is our side's still; "" where it is not, or where that
            could not be known.
    """

    data: bytes
    clean: bool
    behind: str = ""


def merge(repo: Repository, path: str, three: Three, env: Mapping[str, str]) -> Merged:
    """Merge one file that errata writes; any other is merged as git does it.

    Args:
        path: relative to the top of the work tree, with '/'.
        env: of the process; git names the commits that it merges there.

    Raises:
        GitError: git cannot merge.
    """
    try:
        config = load(repo.root)
    except ErrataError:
        config = Config()
    log = path == f"{config.paths.patterns}/{PROMOTION_LOG}"
    merged = Merged(union(three), True) if log else _text(three)
    inside = not path.startswith("/") and ".." not in path.split("/")
    try:
        sides = _sides(repo, path, three, env) if inside else None
        if sides is not None and (log or _generated(merged.data)):
            made = _evolved(repo, config, path, merged.data, sides)
            return Merged(made, merged.clean)
    except (ErrataError, OSError) as error:
        # Of an error of ours the first part: the second says what to do here and now.
        why = error.strerror if isinstance(error, OSError) else Exception.__str__(error)
        return Merged(merged.data, merged.clean, why or type(error).__name__)
    return merged


def union(three: Three) -> bytes:
    """The lines of both sides, each once: those of the ancestor first, then new ones by time.

    A line that one side took out stays out. The order does not depend on which side is ours.
    """
    old = dict.fromkeys(promotion_log.nonblank_lines(three.ancestor))
    ours, theirs = (
        dict.fromkeys(promotion_log.nonblank_lines(three.ours)),
        dict.fromkeys(promotion_log.nonblank_lines(three.theirs)),
    )
    kept = [line for line in old if line in ours and line in theirs]
    new = {line for line in (*ours, *theirs) if line not in old}
    return b"".join(line + b"\n" for line in (*kept, *sorted(new, key=_when)))


def _when(line: bytes) -> tuple[int, bytes]:
    events, _ = promotion_log.parse(line)
    return (events[0].date if events else 0), line


def _text(three: Three) -> Merged:
    """A runbook: the person's text merged, with our block wherever there is one."""
    try:
        documents = [document.parse(side) for side in (three.ancestor, three.ours, three.theirs)]
    except RunbookError:
        return _lines(three)
    blocks = [found.block for found in documents if found.block]
    if not blocks or not all(block.intact for block in blocks):
        return _lines(three)
    # One text for all of them: what is the same on every side is in nobody's way.
    mine = documents[1].block or blocks[-1]
    sides = [
        _with(found, mine.raw) if found.block else side
        for found, side in zip(documents, (three.ancestor, three.ours, three.theirs), strict=True)
    ]
    return _lines(Three(*sides))


def _with(found: document.Document, raw: bytes) -> bytes:
    return found.before + raw + found.after


def _lines(three: Three) -> Merged:
    with tempfile.TemporaryDirectory(prefix="errata-", ignore_cleanup_errors=True) as folder:
        names = []
        for name, data in (
            ("ours", three.ours),
            ("ancestor", three.ancestor),
            ("theirs", three.theirs),
        ):
            Path(folder, name).write_bytes(data)
            names += [name]
        args = ("merge-file", "-p", "-L", "ours", "-L", "ancestor", "-L", "theirs", *names)
        status, out = git.run_status(*args, cwd=folder, ok=None)
    if status > 127:
        raise GitError("git merge-file failed", "merge the file by hand")
    return Merged(out, status == 0)


def _generated(data: bytes) -> bool:
    try:
        return document.parse(data).block is not None
    except RunbookError:
        return False


def _sides(
    repo: Repository, path: str, three: Three, env: Mapping[str, str]
) -> Sequence[str] | None:
    """The commits that are merged: HEAD and the other one; None if that is not certain."""
    for other in _candidates(repo, env):
        with contextlib.suppress(GitError):
            there = [_blob(repo, side, path) for side in ("HEAD", other)]
            if there == [three.ours, three.theirs]:
                return ["HEAD", other]
    return None


def _candidates(repo: Repository, env: Mapping[str, str]) -> Iterator[str]:
    for name in env:
        # `git merge` and `git pull` tell their drivers so what they merge.
        sha = name.removeprefix("GITHEAD_")
        if sha != name and _SHA.match(sha):
            yield sha
    if repo.git_dir is None:
        return
    for name in ("MERGE_HEAD", "CHERRY_PICK_HEAD", "rebase-merge/done", "sequencer/todo"):
        with contextlib.suppress(OSError):
            lines = (repo.git_dir / name).read_text("utf-8", "replace").split("\n")
            # The last instruction that a rebase has begun; the first one of other lists.
            rows = [line for line in lines if line and not line.startswith("#")]
            row = rows[-1 if name.startswith("rebase") else 0].split() if rows else []
            yield from (word for word in row[:2] if re.fullmatch("[0-9a-f]{7,64}", word))


def _blob(repo: Repository, commit: str, path: str) -> bytes:
    return repo.git("cat-file", "blob", f"{commit}:{path}".encode("utf-8", "surrogateescape"))


def _evolved(
    repo: Repository, config: Config, path: str, data: bytes, sides: Sequence[str]
) -> bytes:
    """What evolve makes of a merged file when it sees the logs of both sides.

    Raises:
        ErrataError: a file is damaged, or there is too much to read.
    """
    with tempfile.TemporaryDirectory(prefix="errata-", ignore_cleanup_errors=True) as name:
        root = Path(name)
        _gather(repo, config, root, sides)
        _put(root, path, data)
        plan = plan_evolve(
            Repository(root, None, None), config, instants.clock(), write_cache=False
        )
        if path.endswith(f"/{PROMOTION_LOG}"):
            return data + b"".join(append.encode(event.to_record()) for event in plan.events)
        for change in plan.changes:
            if change.path == root / path and change.new is not None:
                return change.new
    return data


def _gather(repo: Repository, config: Config, root: Path, sides: Sequence[str]) -> None:
    """Write the logs of both sides into a folder; what stands in both, once."""
    log = f"{config.paths.patterns}/{PROMOTION_LOG}"
    base = _ancestor(repo, sides)
    total = 0
    for name in (*config.logs.by_kind().values(), log):
        found = [_or_empty(repo, commit, name) for commit in (base, *sides)]
        total += sum(map(len, found))
        if total > _LARGEST:
            raise GitError("the logs are too large to evolve within a merge")
        merged = union(Three(*found)) if name == log else _appended(*found[1:])
        if merged:
            _put(root, name, merged)
    settings = repo.root / FILE_NAME
    if settings.is_file():
        _put(root, FILE_NAME, settings.read_bytes())


def _appended(ours: bytes, theirs: bytes) -> bytes:
    there = set(ours.split(b"\n"))
    new = [line for line in theirs.split(b"\n") if line not in there]
    return ours + b"".join(line + b"\n" for line in new)


def _ancestor(repo: Repository, sides: Sequence[str]) -> str:
    status, out = git.run_status("merge-base", *sides, cwd=repo.root, ok=None)
    return out.decode().split("\n")[0] if status == 0 else ""


def _or_empty(repo: Repository, commit: str, path: str) -> bytes:
    if not commit:
        return b""
    try:
        return _blob(repo, commit, path)
    except GitError:
        return b""


def _put(root: Path, path: str, data: bytes) -> None:
    target = root / os.path.normpath(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    store.write(target, data)
