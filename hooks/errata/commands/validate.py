"""``errata validate``: check logs as they are in the work tree."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

import click

from errata.commands import options, place
from errata.core import config
from errata.core.errors import LogError
from errata.core.git import Repository
from errata.records import staged_logs, validate
from errata.records.instants import clock
from errata.records.model import Kind
from errata.runbooks.sanitise import terminal


@dataclass(frozen=True, slots=True)
class Target:
    """A file to check, and its name in messages."""

    kind: str
    path: Path
    name: str


@click.command(name="validate")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in Kind]),
    help="The kind of records in the files; default: known from their names.",
)
@options.as_of(help="Judge what is in the future by this day or instant (UTC).")
def command(paths: tuple[Path, ...], kind: str | None, as_of: int | None) -> int:
    """Check logs against their schemas and report every bad line.

    Without PATH: every log of the repository that exists. The files are read as they are, staged or
    not.
    """
    # A named file may be anywhere.
    repo, settings = place.anywhere() if paths else place.with_logs()
    logs = staged_logs.checked(settings)
    chosen = Kind(kind) if kind else None
    if paths:
        targets = [_target(path, chosen, repo, logs) for path in paths]
    else:
        targets = list(_existing(repo, logs, chosen))
    if not targets:
        _print_next_step(logs, chosen)
        return 0
    now = clock() if as_of is None else as_of
    # Read every file first, so that the error for a wrong PATH does not drown in problems.
    contents = [_read(target) for target in targets]
    results = [
        _report(target, content, settings.aliases.get(target.kind), now)
        for target, content in zip(targets, contents, strict=True)
    ]
    return 0 if all(results) else 1


def _report(target: Target, content: bytes, alias: config.Alias | None, now: int) -> bool:
    """Print the result for one file; True if it has no problems."""
    report = validate.check(target.kind, content, now=now, alias=alias)
    name = terminal(target.name)
    for problem in report.problems:
        click.echo(problem.at(name), err=True)
    if report.problems:
        bad = len({problem.line for problem in report.problems})
        click.echo(f"{name}: {_count(bad, 'bad line')}", err=True)
    else:
        click.echo(f"{name}: {_count(report.checked, 'record')} valid")
    return not report.problems


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _existing(repo: Repository, logs: dict[str, str], kind: Kind | None) -> Iterable[Target]:
    for name, log_kind in logs.items():
        if kind in (None, log_kind) and os.path.lexists(repo.root / name):
            yield Target(log_kind, repo.root / name, name)


def _target(path: Path, kind: Kind | None, repo: Repository, logs: dict[str, str]) -> Target:
    name = terminal(str(path))
    if path.is_dir():
        raise LogError(f"{name}: is a directory", "give a log, or no PATH to check all logs")
    if not os.path.lexists(path):
        raise LogError(f"{name}: does not exist")
    return Target(kind or _kind_of(path, repo, logs), path, str(path))


def _kind_of(path: Path, repo: Repository, logs: dict[str, str]) -> str:
    try:
        inside = path.resolve().relative_to(repo.root.resolve()).as_posix()
    except (ValueError, OSError, RuntimeError):
        inside = ""
    if inside in logs:
        return logs[inside]
    kinds = [kind for kind in Kind if kind.value in PurePath(path).name.lower()]
    if len(kinds) != 1:
        raise LogError(
            f"{terminal(str(path))}: its name does not say which kind of log it is",
            f"add --kind {'|'.join(Kind)}",
        )
    return kinds[0]


def _read(target: Target) -> bytes:
    name = terminal(target.name)
    # A pipe or a device may never end.
    if target.path.exists() and not target.path.is_file():
        raise LogError(f"{name}: is not a regular file")
    try:
        return target.path.read_bytes()
    except OSError as error:
        raise LogError(f"{name}: {error.strerror or error}") from error


def _print_next_step(logs: dict[str, str], kind: Kind | None) -> None:
    names = [name for name, log_kind in logs.items() if kind in (None, log_kind)]
    click.echo(f"Nothing to check: there is no {' or '.join(names)} yet.")
    click.echo(
        f"Start one with `errata log {kind or 'finding'} ...` (`errata log {kind or 'finding'} "
        "--help` shows the fields)."
    )
