"""``errata backfill --doubtful``: commits that errata is not sure about, to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click

from errata.commands import screen as ui
from errata.commands.layout import Column
from errata.commands.progress import progress
from errata.commands.screen import Screen, plural, safe
from errata.core.config import Config
from errata.core.git import Repository
from errata.corrections.backfill import Backfill, CommitRange
from errata.corrections.classify.evidence import doubtful_score
from errata.corrections.correction import Correction
from errata.curation.corrections import row_of
from errata.curation.handout import correction as described
from errata.curation.lookup import NOWHERE
from errata.lessons.describe_correction import describe_correction
from errata.records import instants
from errata.records.curation import State
from errata.records.deduplication import Record
from errata.records.instants import day
from errata.state import outbox

_ROWS = 20
_COLUMNS = Column(), Column(right=True), Column(), Column()


def show(
    repo: Repository,
    config: Config,
    commits: CommitRange,
    wanted: Callable[[Correction], bool] | None,
    form: str,
) -> Backfill:
    """Print the commits, the likeliest first; logs nothing. Returns the finished search.

    Args:
        wanted: which of them to show; None for all.

    Raises:
        GitError: the commits cannot be walked.
    """
    search = Backfill(repo, config, commits, describe_correction, threshold=doubtful_score())
    # The search may report one twice; two commits may also make the same correction.
    by_commit = {
        (each.id, each.person.sha): each.to_record()
        for each in _find(search)
        if not wanted or wanted(each)
    }
    # Those that somebody logged or rejected are not doubtful any more.
    unlogged = outbox.unlogged(repo, config, outbox.sources(repo, config), [*by_commit.values()])
    records = sorted(unlogged, key=lambda record: (-record["probability"], record["id"]))
    if form == "json":
        ui.print_json({"doubtful": [_to_json(record) for record in records]})
    else:
        _print(Screen(), records)
    if search.is_shallow:
        click.echo(
            "This clone is shallow: its older commits are missing. `git fetch --unshallow` helps.",
            err=True,
        )
    return search


def _find(search: Backfill) -> Iterator[Correction]:
    with progress("Reading history", lambda: (search.done, search.total)):
        for each in search:
            if each.is_doubtful:
                yield each


def _to_json(record: Mapping[str, Any]) -> dict[str, Any]:
    when = instants.parse_recorded(record["timestamp"])
    row = row_of(record["id"], record, when, (), State.COUNTED, NOWHERE)
    return {"probability": record["probability"], **described(row, record)}


def _print(screen: Screen, records: Sequence[Record]) -> None:
    if not records:
        screen.line("No commit is in doubt.")
        return
    screen.title("DOUBTFUL CORRECTIONS")
    screen.line(
        f"{plural(len(records), 'commit')} that may correct an agent; errata cannot tell. In "
        "labelled histories, three in ten of these do."
    )
    screen.line()
    rows = [_row(record) for record in records[:_ROWS]]
    screen.table(_COLUMNS, rows, indent=2)
    if (more := len(records) - _ROWS) > 0:
        screen.line(f"  and {more} more; --json lists all")
    screen.line()
    screen.line("`errata explain COMMIT` says what speaks for and against each.")
    screen.line("`errata accept COMMIT` logs one, `errata reject COMMIT` drops it.")


def _row(record: Mapping[str, Any]) -> tuple[str, str, str, str]:
    reply = record["user_correction"]
    when = day(instants.parse_recorded(record["timestamp"]))
    return reply["commit"][:12], f"{record['probability']:.2f}", when, safe(reply["summary"])
