"""``errata import``: findings of reviewers and tools, from what they already write."""

from __future__ import annotations

import mmap
import sys
from pathlib import Path

import click

from errata.commands import options, place
from errata.commands import screen as ui
from errata.commands.screen import Screen, plural, safe
from errata.core import safe_open
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.provenance import revisions
from errata.records import append, instants
from errata.records.model import Kind
from errata.reviews import export, log_changes
from errata.reviews.export import Format
from errata.reviews.importer import Imported, Importer

_ROWS = 10
_FAULTS = 20


@click.command(name="import")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--from",
    "only",
    type=click.Choice([each.value for each in Format]),
    help="Format of FILE. Default: recognised by its content.",
)
@click.option(
    "--commit",
    metavar="REV",
    help="Commit that was reviewed, where FILE does not say.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be logged, and log nothing.")
@options.output
def command(file: Path, only: str | None, commit: str | None, dry_run: bool, form: str) -> int:
    """Log the findings of reviews and linters from their own output.

    FILE (-: stdin) is SARIF 2.1.0, the output of `cr review --agent`, or review comments or threads
    as `gh api` or GitLab's API prints them. A finding that was imported before is not logged again.
    """
    repo, config = place.with_logs()
    reviewed = _resolve(repo, commit) if commit else ""
    name = "stdin" if str(file) == "-" else str(file)
    items = export.read(_content(file), name, Format(only) if only else None)
    imported = Importer(repo, config, reviewed, _time_of(file)).run(items)
    log = config.logs.by_kind()[Kind.FINDING]
    changes = log_changes.compare(imported.records, log_changes.imported(repo.root / log))
    if not dry_run:
        _write(repo, log, changes)
    if form == "json":
        ui.print_json(_to_json(imported, changes))
    else:
        _print(Screen(), imported, changes, log, dry_run)
    for fault in imported.faults[:_FAULTS]:
        click.echo(f"{safe(name)}:{fault.place}: {safe(fault.message)}", err=True)
    if len(imported.faults) > _FAULTS:
        click.echo(f"{safe(name)}: {len(imported.faults) - _FAULTS} more", err=True)
    return 1 if imported.faults else 0


def _resolve(repo: Repository, revision: str) -> str:
    repo.require_git()
    commits = revisions.read_revisions(repo, [revision])
    if len(commits) != 1:
        raise ErrataError(
            f"--commit: {revision!r} names {len(commits)} commits", "name one of them"
        )
    return commits[0].sha


def _content(file: Path) -> bytes | memoryview:
    """The bytes of the file, which may be large: mapped, not read."""
    if str(file) == "-":
        return sys.stdin.buffer.read()
    with open(file, "rb", opener=safe_open.open_regular) as source:
        try:
            return memoryview(mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ))
        except ValueError:
            return b""


def _time_of(file: Path) -> int:
    """When the file was written, or now: the time of a review that does not say its own."""
    now = instants.clock()
    return now if str(file) == "-" else min(now, file.stat().st_mtime_ns // 1000)


def _write(repo: Repository, log: str, changes: log_changes.Changes) -> None:
    if changes.new:
        added = append.append(Path(log), changes.new, root=repo.root, unique=True)
        # Another import may have logged some of them meanwhile.
        changes.known += len(changes.new) - added
    if changes.updated:
        append.append(Path(log), changes.updated, root=repo.root)


def _print(
    screen: Screen, imported: Imported, changes: log_changes.Changes, log: str, dry_run: bool
) -> None:
    for record in changes.new[:_ROWS] if dry_run else ():
        screen.line(f"{record['severity']:<8}  {safe(record['file'])}", bold=True)
        screen.line(f"  {safe(record['description'])}")
    if dry_run and len(changes.new) > _ROWS:
        screen.line(f"and {plural(len(changes.new) - _ROWS, 'more finding')}")
    done = "would be logged" if dry_run else "logged"
    screen.line(f"{plural(len(changes.new), 'finding')} {done} to {log}; {_others(changes)}")
    reasons = [f"{count} {why}" for why, count in imported.skipped.most_common() if why]
    if reasons:
        screen.line(f"Not findings: {', '.join(reasons)}.")


def _others(changes: log_changes.Changes) -> str:
    resolved = sum(record["resolved"] for record in changes.updated)
    counts = ((resolved, "resolved since"), (len(changes.updated) - resolved, "not resolved"))
    parts = [f"{changes.known} already in it", *(f"{n} {label}" for n, label in counts if n)]
    return "; ".join(parts)


def _to_json(imported: Imported, changes: log_changes.Changes) -> dict[str, object]:
    return {
        "new": changes.new,
        "updated": changes.updated,
        "known": changes.known,
        "not_findings": {why: count for why, count in imported.skipped.items() if why},
        "faults": [{"place": each.place, "message": each.message} for each in imported.faults],
    }
