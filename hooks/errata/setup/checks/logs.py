"""Logs and the state folder: can they be written, and is what they hold whole?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from errata.records import instants, staged_logs, validate
from errata.records.instants import day
from errata.records.model import DAY
from errata.setup.checks import Case, Found, dialects, note, problem, shell
from errata.setup.checks.ends import FUTURE, read_end
from errata.state import outbox, retry_queue

_WEEK = 7 * DAY
_MARKERS = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")


def writable_logs(case: Case) -> Iterator[Found]:
    """Each log must be a plain file in the work tree that can be written, or be makeable."""
    for name in case.config.logs.by_kind().values():
        yield from _writable(case.root, name)


def _writable(root: Path, name: str) -> Iterator[Found]:
    path = root / name
    try:
        target = path.resolve()
    except (OSError, RuntimeError):
        yield problem(f"{name}: symbolic links that lead nowhere", f"rm {shell(name)}")
        return
    if not target.is_relative_to(root.resolve()):
        link = next(p for p in (path, *path.parents) if p.is_symlink())
        inside = link.relative_to(root)
        yield problem(f"{name}: a link leads out of the repository", f"rm {shell(inside)}")
    elif target.exists() and not target.is_file():
        kind = "a directory" if target.is_dir() else "no regular file"
        yield problem(f"{name}: is {kind}", f"mv {shell(name)} {shell(f'{name}.old')}")
    elif target.exists() and _locked(target):
        yield problem(f"{name}: cannot be written", f"chmod u+rw {shell(name)}")
    else:
        folder = _nearest(target.parent)
        if folder.is_dir() and _locked(folder):
            where = shell(_from(root, folder))
            yield problem(f"{name}: its folder cannot be written", f"chmod u+rwx {where}")
        elif not folder.is_dir():
            where = _from(root, folder)
            yield problem(
                f"{where}: must be a folder", f"mv {shell(where)} {shell(where + '.old')}"
            )


def _nearest(folder: Path) -> Path:
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    return folder


def _from(root: Path, path: Path) -> str:
    try:
        return str(path.relative_to(root.resolve()))
    except ValueError:
        return str(path)


def _locked(path: Path) -> bool:
    """Not writable for us; root may write anything, but a mode without `w` is meant so."""
    return not os.access(path, os.W_OK) or not path.stat().st_mode & 0o222


def state_folder(case: Case) -> Iterator[Found]:
    """What is kept in the git directory needs a folder that can be written."""
    state = case.repo.state_dir
    if state is None:
        return
    if os.path.lexists(state) and not state.is_dir():
        yield problem(f"{state}: must be a folder", f"mv {shell(state)} {shell(f'{state}.old')}")
        return
    folder = state if state.is_dir() else state.parent
    if _locked(folder):
        yield problem(f"{folder}: cannot be written", f"chmod u+rwx {shell(folder)}")


def torn_lines(case: Case) -> Iterator[Found]:
    """What was cut off, and set aside for a person to look at."""
    paths = [case.root / name for name in case.config.logs.by_kind().values()]
    if case.repo.state_dir:
        paths.append(case.repo.state_dir / outbox.FILE_NAME)
    for path in paths:
        torn = path.with_name(f"{path.name}.torn")
        if torn.is_file():
            name = shell(_from(case.root, torn))
            mend = f"cat {name} && rm {name}"
            yield note(f"{_from(case.root, torn)}: torn lines were set aside; look, remove", mend)


def waiting_corrections(case: Case) -> Iterator[Found]:
    """Captured corrections that nobody moved into their log for a week."""
    if not outbox.has_records(case.repo):
        return
    whens = []
    for record in outbox.read(outbox.file_path(case.repo)):
        try:
            whens.append(instants.parse(str(record.get("timestamp") or record.get("date"))))
        except ValueError:
            continue
    old = [when for when in whens if when < case.now - _WEEK]
    if old:
        count = _count(len(whens), "captured correction")
        since = f"since {day(min(old))}"
        what = f"{count} in the git directory, waiting {since} for {case.config.logs.corrections}"
        yield note(what, "errata flush")


def deferred_commits(case: Case) -> Iterator[Found]:
    """Commits that a hook could not finish."""
    left = len(retry_queue.entries(case.repo))
    if left:
        yield note(f"{_count(left, 'commit')} left to be looked at for corrections", "errata flush")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


# -------------------------------------------------------------------------------- what they hold


def damaged_lines(case: Case) -> Iterator[Found]:
    """Lines that no reader can use. Those in another dialect are another check's."""
    for name, kind in staged_logs.kinds(case.config.logs).items():
        data = read_end(case.root / name)
        if not data or _conflicted(data) or dialects.foreign(case, kind, data):
            continue
        alias = case.config.aliases.get(kind)
        report = validate.check(kind, data, now=case.now, alias=alias, detail=50)
        future = {one.line for one in report.problems if FUTURE in one.message}
        bad = {one.line for one in report.problems} - future
        if bad:
            first = next(one for one in report.problems if one.line in bad)
            what = f"{name}: {_count(len(bad), 'bad line')}, as {first.path or 'one'}: "
            yield problem(what + first.message, f"errata validate {shell(name)}")
        if future:
            count = _count(len(future), "record")
            what = f"{name}: {count} more than a day in the future, left out of everything"
            yield problem(what, f"errata validate {shell(name)}")


def conflict_markers(case: Case) -> Iterator[Found]:
    """What a merge left in logs; a log keeps the lines of both sides."""
    for name in case.config.logs.by_kind().values():
        data = read_end(case.root / name)
        if data and _conflicted(data):
            mend = f"perl -ni -e 'print unless /^[<=>|]{{7}}/' {shell(name)}"
            yield problem(f"{name}: conflict markers; the lines of both sides stay", mend)
    name = f"{case.config.paths.patterns}/promotion-log.jsonl"
    data = read_end(case.root / name)
    if data and _conflicted(data):
        yield problem(f"{name}: conflict markers", "errata evolve")


def _conflicted(data: bytes) -> bool:
    return any(data.startswith(mark) or b"\n" + mark in data for mark in _MARKERS)
