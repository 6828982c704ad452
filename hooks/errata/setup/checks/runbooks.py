"""Generated blocks of runbooks: undamaged, not edited, and up to date with the logs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from errata.core.errors import RunbookError
from errata.runbooks import document, paths
from errata.runbooks.plan_evolve import plan_evolve
from errata.setup.checks import Diagnostic, DoctorContext, logs, note, problem

# Planning reads every log: above this size only if there is the cache of an earlier evolve.
_LARGE = 24 << 20


def blocks(context: DoctorContext) -> Iterator[Diagnostic]:
    """Runbooks with conflict markers, with damaged or hand-edited blocks; then stale ones."""
    damaged = False
    for path in sorted((context.root / context.config.paths.runbooks).glob(f"*/{paths.FILE_NAME}")):
        for diagnostic in _block(context.root, path):
            damaged = True
            yield diagnostic
    if not damaged:
        yield from _stale(context)


def _block(root: Path, path: Path) -> Iterator[Diagnostic]:
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
        message = f"{name}:{block.begin_line}: the generated block was edited by hand"
        yield problem(
            f"{message}; move your text above it first", f"errata evolve --rebuild --agent {agent}"
        )


def _conflicted(data: bytes) -> bool:
    return b"\n<<<<<<< " in b"\n" + data and b"\n>>>>>>> " in data


def _stale(context: DoctorContext) -> Iterator[Diagnostic]:
    if any(logs.writable_logs(context)):
        return  # They cannot be relied on, and are reported already.
    sizes = [
        path.stat().st_size
        for name in context.config.logs.by_kind().values()
        if (path := context.root / name).is_file()
    ]
    folder = context.repo.git_dir
    if sum(sizes) > _LARGE and not (folder and (folder / "errata/occurrences").is_file()):
        return
    for change in plan_evolve(context.repo, context.config, context.now, write_cache=False).files:
        if change.changed:
            names = [*change.added, *change.removed, *change.updated]
            about = f" ({', '.join(names[:3])}{', ...' if len(names) > 3 else ''})" if names else ""
            name = change.path.relative_to(context.root).as_posix()
            yield note(f"{name}: the block is behind the logs{about}", "errata evolve")
