"""``errata backfill``: find the corrections that history holds."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from errata.commands import screen as ui
from errata.commands.screen import Screen, plural, safe
from errata.core.config import Config, load
from errata.core.git import Repository
from errata.corrections.backfill import Backfill, CommitRange
from errata.corrections.detect import Correction
from errata.records import append, instants
from errata.records.model import DAY
from errata.state import outbox

_BATCH = 200
_SHOWN = 20


@click.command(name="backfill")
@click.argument("revisions", nargs=-1, metavar="[RANGE]")
@ui.days("--since", "Only commits of the last DAYS days.")
@click.option("--path", "prefix", metavar="PATH", help="Only corrections below this path.")
@click.option("--dry-run", is_flag=True, help="Show what would be logged, and log nothing.")
@ui.output
def command(
    revisions: tuple[str, ...], since: int | None, prefix: str | None, dry_run: bool, form: str
) -> int:
    """Find the corrections in history that nobody logged.

    Reads the history of HEAD, or of RANGE (main, v1.0..main), once. What is found is logged as it
    is found and never twice, so it can be stopped and run again.
    """
    repo = Repository.discover()
    config = load(repo.root)
    after = instants.clock() - since * DAY if since else 0
    search = Backfill(repo, config, CommitRange.resolve(repo, revisions, after))
    found: dict[str, Correction] = {}
    new = 0
    batch: list[Correction] = []
    for correction in _watched(search, form == "text"):
        if correction.id in found or not _below(correction, prefix):
            continue
        found[correction.id] = correction
        batch.append(correction)
        if len(batch) >= _BATCH and not dry_run:
            new += len(outbox.add(repo, config, [c.record() for c in batch], direct=True))
            batch.clear()
    if not dry_run:
        new += len(outbox.add(repo, config, [c.record() for c in batch], direct=True))
    if form == "json":
        ui.print_json({"corrections": [c.record() for c in found.values()]})
    else:
        _text(Screen(), search, list(found.values()), new, dry_run)
    if search.missing:
        paths = plural(len(search.missing), "path")
        click.echo(f"{paths} left out: their content is not in this clone", err=True)
    return 0


def _below(correction: Correction, prefix: str | None) -> bool:
    if prefix is None:
        return True
    wanted = prefix.strip("/").removeprefix("./").encode("utf-8", "surrogateescape")
    paths = [touch.diff.new_path or touch.diff.old_path or b"" for touch in correction.touches]
    return any(path == wanted or path.startswith(wanted + b"/") for path in paths)


def _watched(search: Backfill, text: bool) -> Iterator[Correction]:
    """The corrections, with a progress bar on standard error if somebody is looking."""
    if not (text and sys.stderr.isatty()):
        yield from search
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Reading history", total=None)
        for correction in search:
            progress.update(task, total=search.total, completed=search.done)
            yield correction


def _text(
    screen: Screen, search: Backfill, found: list[Correction], new: int, dry_run: bool
) -> None:
    screen.title("BACKFILL (dry run)" if dry_run else "BACKFILL")
    screen.line(f"Commits read: {search.done}")
    screen.line(f"Corrections found: {len(found)}")
    if not dry_run:
        screen.line(f"New in the log: {new}")
    for title, counts in (
        ("BY TYPE:", Counter(c.type.value for c in found)),
        ("BY AGENT:", Counter(c.by.name for c in found)),
        ("BY PATTERN:", Counter(c.pattern for c in found if c.pattern)),
    ):
        if counts:
            screen.line()
            screen.line(title, bold=True)
            for name, count in sorted(counts.items(), key=lambda i: (-i[1], i[0]))[:_SHOWN]:
                screen.line(f"  {safe(name):<28} {count}")
    if found and dry_run:
        _lessons(screen, found)
    if found:
        screen.line()
        screen.line("NEWEST:", bold=True)
        for c in sorted(found, key=lambda c: (c.person.author_time, c.id))[:-6:-1]:
            subject = c.person.ident.message.strip().partition("\n")[0][:60]
            screen.line(f"  {c.person.sha[:12]} corrects {c.agent.sha[:12]}: {safe(subject)}")
        screen.line()
        screen.line(
            "`errata explain ID` says why each was counted; `errata evolve` learns from them."
        )


def _lessons(screen: Screen, found: list[Correction]) -> None:
    """What evolve would promote if these corrections were all that is known."""
    import tempfile

    from errata.runbooks import evolve

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        config = Config()
        log = root / config.logs.corrections
        log.parent.mkdir(parents=True)
        log.write_bytes(b"".join(append.encode(c.record()) for c in found))
        plan = evolve.plan(Repository(root, None, None), config, instants.clock(), write=False)
    screen.line()
    screen.line("WOULD BE LEARNT:", bold=True)
    for event in plan.events:
        screen.line(
            f"  {safe(event.pattern):<28} {plural(event.occurrences, 'occurrence')}, confidence "
            f"{event.confidence:.2f} {screen.signs.arrow} {', '.join(event.agents)}"
        )
    if not plan.events:
        screen.line("  No pattern is sure enough yet (3 occurrences, confidence 0.6).")
