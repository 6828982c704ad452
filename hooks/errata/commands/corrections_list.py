"""``errata corrections --list``: each correction in one line, with its id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise, takewhile
from typing import Any, TypeVar

import click

from errata.commands import agent_names, complete, options
from errata.commands import screen as ui
from errata.commands.layout import cells, cut
from errata.commands.screen import START, Screen, plural, safe
from errata.commands.view import View
from errata.curation.corrections import CorrectionRow
from errata.curation.lookup import Known
from errata.curation.rows_filter import RowFilter
from errata.records.curation import State
from errata.records.instants import day
from errata.records.model import DAY

F = TypeVar("F", bound=Callable[..., Any])
_SHORT = 12
"""Characters of an id on a narrow screen, if they are enough to tell it from the others."""
_WIDE = 120


def choices(function: F) -> F:
    """The options that only make sense in a list."""
    for flag, help in (
        ("--proposed", "List those about which an agent proposes something."),
        ("--rejected", "List those that people rejected."),
        ("--unnamed", "List those without a pattern."),
    ):
        function = click.option(flag, is_flag=True, help=help)(function)
    return click.option(
        "--pattern",
        metavar="NAME",
        shell_complete=complete.patterns,
        callback=options.not_empty,
        help="List those of this pattern.",
    )(function)


def show(view: View, form: str, since: int | None, **choices: Any) -> None:
    """Print the corrections that fit, newest first. Raises ErrataError: there is no such pattern.

    Args:
        since: how many days to look back from the newest record; None for everything.
        choices: as for :class:`RowFilter`.
    """
    known = Known(view.corpus, view.standings)
    after = None if since is None else view.now - since * DAY
    accept = RowFilter(known, after=after, **choices)
    rows = [row for row in known.rows if row.when <= view.until and accept(row)]
    every = (row.agent for row in known.rows)
    nobody = "" if rows else agent_names.not_corrected(choices["agent"], every)
    if form == "json":
        ui.print_json({"corrections": [row.to_json() for row in rows]})
        agent_names.warn(nobody)
        return
    screen = Screen()
    if rows:
        show_rows(screen, rows, known.rows)
        screen.line()
        screen.line(
            f"{plural(len(rows), 'correction')}. `errata explain ID` says why; `errata reject ID`, "
            "`errata teach ID --pattern NAME` or `errata review` decide."
        )
    elif nobody:
        screen.line(nobody)
    else:
        total = plural(len(known.rows), "correction")
        screen.line(
            f"No correction matches ({total} in all)."
            if known.rows
            else f"No corrections yet. {START}."
        )


def show_rows(
    screen: Screen, rows: Sequence[CorrectionRow], every: Sequence[CorrectionRow] = ()
) -> None:
    """Print one line for each row.

    Args:
        every: all corrections, from which a short id must be told apart.
    """
    narrow = screen.width is not None and screen.width < _WIDE
    # Of a narrow screen, a quarter is for the names of patterns, and what is left for subjects.
    most = screen.width // 4 if screen.width and narrow else None
    ids = _short_ids(rows, every or rows) if narrow else [safe(row.id) for row in rows]
    columns = [
        _column(ids),
        _column([day(row.when) for row in rows]),
        _column([safe(row.agent) for row in rows], most, only_if_different=True),
        _column([_STATES[row.state] for row in rows], only_if_different=True),
        _column([safe(", ".join(row.patterns)) or "-" for row in rows], most),
    ]
    for number, row in enumerate(rows):
        facts = [column[number] for column in columns if column]
        line = "  ".join([*facts, safe(row.subject)]).rstrip()
        screen.code(line, dim=row.state is State.REJECTED or None)


_STATES = {
    State.COUNTED: "",
    State.REJECTED: "rejected",
    State.PROPOSED_REJECT: "proposed: reject",
    State.PROPOSED_PATTERN: "proposed: pattern",
}


def _short_ids(rows: Sequence[CorrectionRow], every: Sequence[CorrectionRow]) -> list[str]:
    """Beginnings of ids, as long as the longest that is needed."""
    ids = sorted({row.id for row in every})
    length = _SHORT
    for pair in pairwise(ids):
        same = takewhile(lambda chars: chars[0] == chars[1], zip(*pair, strict=False))
        length = max(length, sum(1 for _ in same) + 1)
    return [safe(row.id[:length]) for row in rows]


def _column(
    texts: Sequence[str], most: int | None = None, *, only_if_different: bool = False
) -> list[str]:
    """The cells of a column with one width; none if all are the same and that says nothing."""
    if only_if_different and len({*texts}) < 2:
        return []
    shown = [cut(text, most) for text in texts]
    width = max(map(cells, shown), default=0)
    return [text + " " * (width - cells(text)) for text in shown]
