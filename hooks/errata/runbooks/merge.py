"""Merging what two branches evolved: runbooks and the promotion log.

What a person wrote is merged line by line, as git does it. What errata writes is not merged but
generated again from the logs of both sides. Git calls a merge driver before it has written any
file, so the logs are read from the two commits, combined in a temporary folder, and evolved there.
Where the two commits are unknown (a single cherry-pick, a virtual merge base), our side's block
stays, and the next evolve brings it up to date.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from errata.core import git
from errata.core.config import FILE_NAME, Config, load
from errata.core.errors import ErrataError, GitError, RunbookError
from errata.core.git import Repository
from errata.records import append, instants, staged_logs
from errata.runbooks import document, promotion_log, store
from errata.runbooks.paths import PROMOTION_LOG
from errata.runbooks.plan_evolve import plan_evolve

_SHA = re.compile(r"[0-9a-f]{40,64}\Z")
_ABBREVIATED_SHA = re.compile(r"[0-9a-f]{7,64}\Z")
# Bytes of logs. Above this a merge does not wait for an evolve; errata-refresh does it afterwards.
MAX_LOG_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class FileVersions:
    """The three versions of a file in a merge; ``ancestor`` is empty if there is none."""

    ancestor: bytes
    ours: bytes
    theirs: bytes


@dataclass(frozen=True, slots=True)
class MergeResult:
    """A file after the merge.

    Attributes:
        clean: whether the file has no conflict.
        stale_because: why the generated block is still our side's; "" if it is up to date, or if
            the merged commits are unknown.
    """

    data: bytes
    clean: bool
    stale_because: str = ""


def merge(
    repo: Repository, path: str, versions: FileVersions, env: Mapping[str, str]
) -> MergeResult:
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
    if is_log := path == f"{config.paths.patterns}/{PROMOTION_LOG}":
        merged = MergeResult(union(versions), clean=True)
    else:
        merged = _merge_runbook(versions)
    inside = not path.startswith("/") and ".." not in path.split("/")
    if not inside or not (is_log or _has_block(merged.data)):
        return merged
    try:
        if commits := _merged_commits(repo, path, versions, env):
            data = _regenerate(repo, config, path, merged.data, commits)
            return MergeResult(data, merged.clean)
    except OSError as error:
        return MergeResult(merged.data, merged.clean, error.strerror or type(error).__name__)
    except ErrataError as error:
        # Without its hint, which is about an evolve.
        return MergeResult(merged.data, merged.clean, Exception.__str__(error))
    return merged


def union(versions: FileVersions) -> bytes:
    """The lines of both sides, each once: those of the ancestor first, then new ones by time.

    A line that one side removed stays removed. The order does not depend on which side is ours.
    """
    ancestor, ours, theirs = (
        dict.fromkeys(promotion_log.nonblank_lines(data))
        for data in (versions.ancestor, versions.ours, versions.theirs)
    )
    kept = [line for line in ancestor if line in ours and line in theirs]
    new = {line for line in (*ours, *theirs) if line not in ancestor}
    return b"".join(line + b"\n" for line in (*kept, *sorted(new, key=_time_and_line)))


def _time_and_line(line: bytes) -> tuple[int, bytes]:
    events, _ = promotion_log.parse(line)
    return (events[0].date if events else 0), line


def _merge_runbook(versions: FileVersions) -> MergeResult:
    """The text of people merged, with our block in every version that has one."""
    sides = (versions.ancestor, versions.ours, versions.theirs)
    try:
        documents = [document.parse(side) for side in sides]
    except RunbookError:
        return _merge_lines(versions)
    blocks = [doc.block for doc in documents if doc.block]
    if not blocks or not all(block.intact for block in blocks):
        return _merge_lines(versions)
    # One block for all versions: what is the same on every side does not conflict.
    block = documents[1].block or blocks[-1]
    ancestor, ours, theirs = (
        doc.before + block.raw + doc.after if doc.block else side
        for doc, side in zip(documents, sides, strict=True)
    )
    return _merge_lines(FileVersions(ancestor, ours, theirs))


def _merge_lines(versions: FileVersions) -> MergeResult:
    names = ("ours", "ancestor", "theirs")
    labels = [argument for name in names for argument in ("-L", name)]
    with tempfile.TemporaryDirectory(prefix="errata-", ignore_cleanup_errors=True) as folder:
        for name in names:
            Path(folder, name).write_bytes(getattr(versions, name))
        status, out = git.run_status("merge-file", "-p", *labels, *names, cwd=folder, ok=None)
    if status > 127:
        raise GitError("git merge-file failed", "merge the file by hand")
    return MergeResult(out, clean=status == 0)


def _has_block(data: bytes) -> bool:
    try:
        return document.parse(data).block is not None
    except RunbookError:
        return False


def _merged_commits(
    repo: Repository, path: str, versions: FileVersions, env: Mapping[str, str]
) -> tuple[str, str] | None:
    """The commits that are merged, HEAD and the other one; None if that is not certain."""
    for other in _possible_commits(repo, env):
        with contextlib.suppress(GitError):
            sides = (_blob(repo, "HEAD", path), _blob(repo, other, path))
            if sides == (versions.ours, versions.theirs):
                return "HEAD", other
    return None


def _possible_commits(repo: Repository, env: Mapping[str, str]) -> Iterator[str]:
    for name in env:
        # `git merge` and `git pull` tell their drivers what they merge by such variables.
        sha = name.removeprefix("GITHEAD_")
        if sha != name and _SHA.match(sha):
            yield sha
    if repo.git_dir is None:
        return
    # With reftable, this is not a file.
    picked = ("rev-parse", "--quiet", "--verify", "CHERRY_PICK_HEAD")
    yield from repo.git(*picked, ok=(0, 1)).decode().split()
    for name in ("MERGE_HEAD", "rebase-merge/done", "sequencer/todo"):
        with contextlib.suppress(OSError):
            lines = (repo.git_dir / name).read_text("utf-8", "replace").split("\n")
            rows = [line for line in lines if line and not line.startswith("#")]
            # A rebase lists what it has begun, the last one last; the others what is next.
            row = rows[-1 if name == "rebase-merge/done" else 0].split() if rows else []
            yield from (word for word in row[:2] if _ABBREVIATED_SHA.match(word))


def _blob(repo: Repository, commit: str, path: str) -> bytes:
    return repo.git("cat-file", "blob", f"{commit}:{path}".encode("utf-8", "surrogateescape"))


def _regenerate(
    repo: Repository, config: Config, path: str, data: bytes, commits: tuple[str, str]
) -> bytes:
    """What an evolve makes of a merged file, given the logs of both sides.

    Raises:
        ErrataError: a file is damaged, or the logs are too large.
    """
    with tempfile.TemporaryDirectory(prefix="errata-", ignore_cleanup_errors=True) as name:
        root = Path(name)
        _write_merged_logs(repo, config, root, commits)
        _write(root, path, data)
        plan = plan_evolve(
            Repository(root, None, None), config, instants.clock(), write_cache=False
        )
        if path.endswith(f"/{PROMOTION_LOG}"):
            return data + b"".join(append.encode(event.to_record()) for event in plan.events)
        for change in plan.changes:
            if change.path == root / path and change.new is not None:
                return change.new
    return data


def _write_merged_logs(
    repo: Repository, config: Config, root: Path, commits: tuple[str, str]
) -> None:
    """Write the logs of both sides into a folder; lines that both have, once."""
    promotions = f"{config.paths.patterns}/{PROMOTION_LOG}"
    base = _merge_base(repo, commits)
    total = 0
    for path in (*staged_logs.checked(config), promotions):
        versions = FileVersions(*(_blob_or_empty(repo, c, path) for c in (base, *commits)))
        total += len(versions.ancestor) + len(versions.ours) + len(versions.theirs)
        if total > MAX_LOG_BYTES:
            raise GitError("the logs are too large to evolve within a merge")
        is_log = path != promotions
        if merged := _concatenate(versions) if is_log else union(versions):
            _write(root, path, merged)
    settings = repo.root / FILE_NAME
    if settings.is_file():
        _write(root, FILE_NAME, settings.read_bytes())


def _concatenate(versions: FileVersions) -> bytes:
    """Our lines, then those that only their side has."""
    ours = set(versions.ours.split(b"\n"))
    new = [line for line in versions.theirs.split(b"\n") if line not in ours]
    return versions.ours + b"".join(line + b"\n" for line in new)


def _merge_base(repo: Repository, commits: tuple[str, str]) -> str:
    """The merge base; "" if there is none."""
    status, out = git.run_status("merge-base", *commits, cwd=repo.root, ok=None)
    return out.decode().split("\n")[0] if status == 0 else ""


def _blob_or_empty(repo: Repository, commit: str, path: str) -> bytes:
    if not commit:
        return b""
    try:
        return _blob(repo, commit, path)
    except GitError:
        return b""


def _write(root: Path, path: str, data: bytes) -> None:
    target = root / os.path.normpath(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    store.write(target, data)
