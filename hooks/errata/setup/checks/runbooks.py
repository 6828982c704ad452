"""Generated blocks of runbooks: whole, untouched, and abreast of the logs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from errata.core.errors import RunbookError
from errata.runbooks import document, paths
from errata.runbooks.planning import plan_evolve
from errata.setup.checks import Case, Found, logs, note, problem

# Deciding reads every log: beyond this only where the cache of an earlier evolve is there.
_LARGE = 24 << 20


def blocks(case: Case) -> Iterator[Found]:
    """Runbooks with conflict markers, with damaged or hand-edited blocks; then stale ones."""
    damaged = False
    for path in sorted((case.root / case.config.paths.runbooks).glob(f"*/{paths.FILE_NAME}")):
        for one in _block(case.root, path):
            damaged = True
            yield one
    if not damaged:
        yield from _stale(case)


def _block(root: Path, path: Path) -> Iterator[Found]:
    name = path.relative_to(root).as_posix()
    try:
        data = paths.read(path) or b""
        if _conflicted(data):
            yield problem(f"{name}: conflict markers", "errata evolve")
            return
        block = document.parse(data, name).block
    except RunbookError as error:
        yield problem(Exception.__str__(error), error.hint)
        return
    if block and not block.intact:
        agent = path.parent.name
        what = f"{name}:{block.begin_line}: the generated block was edited by hand"
        yield problem(
            f"{what}; move your text above it first", f"errata evolve --rebuild --agent {agent}"
        )


def _conflicted(data: bytes) -> bool:
    return b"\n<<<<<<< " in b"\n" + data and b"\n>>>>>>> " in data


def _stale(case: Case) -> Iterator[Found]:
    if any(logs.writable_logs(case)):
        return  # They cannot be relied on, and are spoken of already.
    sizes = [
        path.stat().st_size
        for name in case.config.logs.by_kind().values()
        if (path := case.root / name).is_file()
    ]
    folder = case.repo.git_dir
    if sum(sizes) > _LARGE and not (folder and (folder / "errata/occurrences").is_file()):
        return
    for change in plan_evolve(case.repo, case.config, case.now, write_cache=False).changes:
        if change.changed:
            names = [*change.added, *change.removed, *change.updated]
            about = f" ({', '.join(names[:3])}{', ...' if len(names) > 3 else ''})" if names else ""
            name = change.path.relative_to(case.root).as_posix()
            yield note(f"{name}: the block is behind the logs{about}", "errata evolve")
