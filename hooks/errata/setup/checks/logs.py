"""Logs and the state folder: can they be written, and are their contents valid?"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from errata.records import instants, other_logs, staged_logs, validate
from errata.records.instants import day
from errata.records.model import DAY, FUTURE_TOLERANCE
from errata.setup import attributes, uncommitted_files
from errata.setup.checks import Diagnostic, DoctorContext, count, dialects, note, problem, shell
from errata.setup.checks.hooks import on_another_branch, set_up
from errata.setup.checks.log_tail import FUTURE, read_tail
from errata.state import outbox, retry_queue

_LINES = 20
_WEEK = 7 * DAY
_MARKERS = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")


def writable_logs(context: DoctorContext) -> Iterator[Diagnostic]:
    """Each log must be a writable regular file in the work tree, or one that can be created."""
    for name in context.config.logs.by_kind().values():
        yield from _writable(context.root, name)


def uncommitted(context: DoctorContext) -> Iterator[Diagnostic]:
    """Git must be able to commit the files for the team: not ignored, not behind a link."""
    layout = context.layout
    if layout is None or not set_up(context) or on_another_branch(context):
        return
    files = context.manifest.files if context.manifest else ()
    installed = [path for path in files if not path.startswith(".git/")]
    paths = [*installed, *uncommitted_files.shared_paths(context.config)]
    for result in uncommitted_files.find(layout, paths):
        if attributes.FILE_NAME in result.paths:
            # Without it, every merge of two branches that log something is a conflict.
            yield problem(result.message, result.fix)
        elif result.paths:
            yield note(result.message, result.fix)


def _writable(root: Path, name: str) -> Iterator[Diagnostic]:
    path = root / name
    try:
        target = path.resolve()
        # From Python 3.13 on, a loop of links resolves to one of them.
        is_loop = target.is_symlink()
    except (OSError, RuntimeError):
        is_loop = True
    if is_loop:
        yield problem(f"{name}: symbolic links that lead nowhere", f"rm {shell(name)}")
        return
    if not target.is_relative_to(root.resolve()):
        link = next(p for p in (path, *path.parents) if p.is_symlink())
        inside = link.relative_to(root)
        yield problem(f"{name}: a link leads out of the repository", f"rm {shell(inside)}")
    elif target.exists() and not target.is_file():
        kind = "a directory" if target.is_dir() else "no regular file"
        yield problem(f"{name}: is {kind}", f"mv {shell(name)} {shell(f'{name}.old')}")
    elif target.exists() and _is_read_only(target):
        yield problem(f"{name}: cannot be written", f"chmod u+rw {shell(name)}")
    else:
        folder = _nearest(target.parent)
        if folder.is_dir() and _is_read_only(folder):
            where = shell(_relative(root, folder))
            yield problem(f"{name}: its folder cannot be written", f"chmod u+rwx {where}")
        elif not folder.is_dir():
            where = _relative(root, folder)
            yield problem(
                f"{where}: must be a folder", f"mv {shell(where)} {shell(where + '.old')}"
            )


def _nearest(folder: Path) -> Path:
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    return folder


def _relative(root: Path, path: Path) -> str:
    try:
        return str(path.relative_to(root.resolve()))
    except ValueError:
        return str(path)


def _is_read_only(path: Path) -> bool:
    """Not writable for us; root may write anything, but a mode without `w` is meant so."""
    return not os.access(path, os.W_OK) or not path.stat().st_mode & 0o222


def state_folder(context: DoctorContext) -> Iterator[Diagnostic]:
    """The state in the git directory needs a writable folder."""
    state = context.repo.state_dir
    if state is None:
        return
    if os.path.lexists(state) and not state.is_dir():
        yield problem(f"{state}: must be a folder", f"mv {shell(state)} {shell(f'{state}.old')}")
        return
    folder = state if state.is_dir() else state.parent
    if _is_read_only(folder):
        yield problem(f"{folder}: cannot be written", f"chmod u+rwx {shell(folder)}")


def torn_lines(context: DoctorContext) -> Iterator[Diagnostic]:
    """Incomplete lines that were set aside for a person to look at."""
    paths = [context.root / name for name in context.config.logs.by_kind().values()]
    if context.repo.state_dir:
        paths.append(context.repo.state_dir / outbox.FILE_NAME)
    for path in paths:
        torn = path.with_name(f"{path.name}.torn")
        if torn.is_file():
            name = shell(_relative(context.root, torn))
            fix = f"cat {name} && rm {name}"
            yield note(
                f"{_relative(context.root, torn)}: torn lines were set aside; look, remove", fix
            )


def unflushed_corrections(context: DoctorContext) -> Iterator[Diagnostic]:
    """Captured corrections that have waited in the outbox for a week."""
    if not outbox.has_records(context.repo):
        return
    times = []
    for record in outbox.read(outbox.file_path(context.repo)):
        try:
            times.append(instants.parse(str(record.get("timestamp") or record.get("date"))))
        except ValueError:
            continue
    old = [time for time in times if time < context.now - _WEEK]
    if old:
        number = count(len(times), "captured correction")
        since = f"since {day(min(old))}"
        message = (
            f"{number} in the git directory, waiting {since} for {context.config.logs.corrections}"
        )
        yield note(message, "errata flush")


def removed_records(context: DoctorContext) -> Iterator[Diagnostic]:
    """Records that a revert, a checkout or a merge took out of an append-only log."""
    from errata.state import removed_records

    for removed in removed_records.find_all(context.repo, context.config):
        number = count(len(removed.lines), "record")
        how = (
            f"removed by {removed.commit[:12]}"
            if removed.commit
            else "lost: no branch, stash or work tree has it"
        )
        yield note(f"{removed.log}: {number} {how}", "errata flush --restore")


def retry_queue_entries(context: DoctorContext) -> Iterator[Diagnostic]:
    """Commits that a hook could not finish."""
    left = len(retry_queue.entries(context.repo))
    if left:
        yield note(f"{count(left, 'commit')} left to be looked at for corrections", "errata flush")


# -------------------------------------------------------------------------------- what they hold


def damaged_counts(context: DoctorContext) -> Iterator[Diagnostic]:
    """Lines of the counts, or of the decisions of people, that no reader can use."""
    from errata.lessons import chances_log
    from errata.records import curation_log

    parsers: dict[str, Callable[[bytes], tuple[object, list[int]]]]
    parsers = {"chances": chances_log.parse, "curation": curation_log.parse}
    for name, kind in other_logs.paths(context.config).items():
        data = read_tail(context.root / name)
        if not data or _conflicted(data):
            continue
        bad = parsers[kind](data)[1]
        if kind == "curation":
            left_out = curation_log.parse(data, context.now + FUTURE_TOLERANCE)[1]
            if future := len(left_out) - len(bad):
                number = count(future, "decision")
                message = f"{name}: {number} more than a day in the future, left out of everything"
                yield problem(message, f"errata validate {shell(name)}")
        if bad:
            lines = " || ".join(f"$. == {number}" for number in bad[:_LINES])
            message = f"{name}: {count(len(bad), 'bad line')}, the first is line {bad[0]}"
            yield problem(message, f"perl -ni -e 'print unless {lines}' {shell(name)}")


def damaged_lines(context: DoctorContext) -> Iterator[Diagnostic]:
    """Lines that no reader can use. Another check covers other dialects."""
    for name, kind in staged_logs.kinds(context.config.logs).items():
        data = read_tail(context.root / name)
        if not data or _conflicted(data) or dialects.foreign(context, kind, data):
            continue
        alias = context.config.aliases.get(kind)
        report = validate.check(kind, data, now=context.now, alias=alias, detail=50)
        future = {p.line for p in report.problems if FUTURE in p.message}
        bad = {p.line for p in report.problems} - future
        if bad:
            first = next(p for p in report.problems if p.line in bad)
            message = f"{name}: {count(len(bad), 'bad line')}, as {first.path or 'one'}: "
            yield problem(message + first.message, f"errata validate {shell(name)}")
        if future:
            number = count(len(future), "record")
            message = f"{name}: {number} more than a day in the future, left out of everything"
            yield problem(message, f"errata validate {shell(name)}")


def conflict_markers(context: DoctorContext) -> Iterator[Diagnostic]:
    """Conflict markers that a merge left in logs; a log keeps the lines of both sides."""
    for name in staged_logs.checked(context.config):
        data = read_tail(context.root / name)
        if data and _conflicted(data):
            fix = f"perl -ni -e 'print unless /^[<=>|]{{7}}/' {shell(name)}"
            yield problem(f"{name}: conflict markers; the lines of both sides stay", fix)
    name = attributes.promotion_log(context.config)
    data = read_tail(context.root / name)
    if data and _conflicted(data):
        yield problem(f"{name}: conflict markers", "errata evolve")


def _conflicted(data: bytes) -> bool:
    return any(data.startswith(mark) or b"\n" + mark in data for mark in _MARKERS)
