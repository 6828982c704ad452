"""Shared by the views: the corpus, plain or rich text, and messages if there is no data."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

from errata.commands import layout
from errata.commands.layout import Cell, Column
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.core.near_names import did_you_mean
from errata.lessons.hot_spots import HotSpot
from errata.patterns.analysis import Analysis, Pattern
from errata.patterns.corpus import Corpus
from errata.patterns.score import Trend
from errata.records.pattern_names import normal_name
from errata.runbooks.sanitise import terminal

WIDTH = 63
START = "`errata backfill` finds corrections in the history, `errata init` sets up the hooks"
"""What to run where nothing is logged yet."""


_SIGNS = {"-": "red", "+": "green"}


@dataclass(frozen=True, slots=True)
class Symbols:
    """Symbols of the text output; pipes and terminals without them get ASCII or nothing."""

    rule: str = "="
    arrow: str = "->"
    up: str = ""
    down: str = ""
    check: str = ""
    done: str = ""
    warn: str = ""
    bullet: str = ""


_RICH = Symbols("═", "→", "↑ ", "↓ ", "✓ ", "✓  ", "⚠️  ", "•  ")


class Screen:
    """Standard output, with colour, symbols and line breaks only where wanted and supported.

    Attributes:
        colour: whether lines may have a style.
        symbols: what to draw with.
        width: the cells that a line should fit in; None if there is no limit.
    """

    def __init__(self) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            # Escape characters that the terminal cannot show, instead of failing.
            sys.stdout.reconfigure(errors="backslashreplace")
        self.colour = _has_colour()
        utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        drawn = self.colour or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")
        self.symbols = _RICH if utf8 and drawn else Symbols()
        self.width = layout.terminal_width()

    def line(self, text: str = "", *, hang: int | None = None, **style: Any) -> None:
        """Print a text, in several lines if it is wider than the terminal.

        Args:
            hang: the indentation of further lines; default: that of the first and 2 more.
            style: as for :func:`click.style`.
        """
        for part in layout.wrap(text, self.width, hang):
            self._print(self.styled(part, **style))

    def code(self, text: str, **style: Any) -> None:
        """Print a line of code or of a diff, which is cut where it is wider than the terminal."""
        self._print(self.styled(layout.cut(text, self.width), **style))

    def command(self, text: str, **style: Any) -> None:
        """Print a line that somebody may copy into a shell; it is never broken or cut."""
        self._print(self.styled(text, **style))

    def change(self, sign: str, text: str, indent: int = 2) -> None:
        """Print a line of an edit, with its sign in a diff."""
        self.code(f"{' ' * indent}{sign} {text}", fg=_SIGNS.get(sign))

    def styled(self, text: str, **style: Any) -> str:
        """A text in a style, where there are styles."""
        wanted = any(style.values()) and text and self.colour
        return click.style(text, **style) if wanted else text

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[str | Cell]],
        *,
        indent: int = 0,
        notes: Sequence[str] = (),
    ) -> None:
        """Print rows of cells; text from a log must be made safe first.

        Args:
            notes: for each row a text to print below it, or "".
        """
        headings = any(column.title for column in columns)
        below = ["", *notes] if headings else [*notes]
        lead = indent + sum(4 for column in columns[:1] if column.right)
        for number, lines in enumerate(layout.table(columns, rows, self.width, indent)):
            for line in lines:
                styled = "".join(self.styled(cell.text, **cell.style) for cell in line.cells)
                self._print(styled if self.colour else line.text)
            if number < len(below) and below[number]:
                self.line(" " * lead + below[number], hang=lead)

    def title(self, text: str) -> None:
        """Print a heading, a rule and a blank line."""
        self.line(text, bold=True)
        self.line(self.symbols.rule * min(WIDTH, self.width or WIDTH))
        self.line()

    def _print(self, text: str) -> None:
        click.echo(text, color=self.colour)


def _has_colour() -> bool:
    context, env = click.get_current_context(silent=True), os.environ
    if context and context.color is not None:
        return context.color
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        if env.get(name):
            return env[name] != "0"
    if env.get("NO_COLOR") or env.get("CLICOLOR") == "0" or env.get("TERM") == "dumb":
        return False
    return sys.stdout.isatty() and (sys.stdout.encoding or "").lower().startswith("utf")


def safe(text: str) -> str:
    """Text from a log, without anything that could control the terminal."""
    return terminal(text)


def find(analysis: Analysis, name: str) -> Pattern:
    """The pattern with this name in any spelling.

    Raises:
        ErrataError: there is none; the hint suggests a similar name.
    """
    wanted = normal_name(name)
    if wanted in analysis.patterns:
        return analysis.patterns[wanted]
    hint = did_you_mean(wanted, analysis.patterns, "`errata patterns --all` lists them")
    raise ErrataError(f"no pattern named {safe(name)!r}", hint)


_TREND_STYLES: dict[Trend, dict[str, Any]] = {
    Trend.INCREASING: {"fg": "red"},
    Trend.REGRESSED: {"fg": "red", "bold": True},
    Trend.DECREASING: {"fg": "green"},
    Trend.RESOLVED: {"fg": "green"},
}


def trend_cell(trend: Trend) -> Cell:
    """A trend for a table: red where it gets worse, green where it gets better."""
    return Cell(trend.value, _TREND_STYLES.get(trend, {}))


def plural(count: int, noun: str) -> str:
    """``1 occurrence``, ``2 occurrences``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def sentence(text: str) -> str:
    """The text with a capital letter."""
    return text[:1].upper() + text[1:]


def seen(pattern: Pattern) -> str:
    """``12 occurrences in 3 sessions``; without the sessions where each record is its own."""
    occurrences = plural(pattern.count, "occurrence")
    if pattern.sessions == pattern.count:
        return occurrences
    return f"{occurrences} in {plural(pattern.sessions, 'session')}"


def print_json(value: Any) -> None:
    """Print a JSON document, with non-ASCII escaped so that no text can control the terminal."""
    import json

    click.echo(json.dumps(value, indent=2))


def report_omitted(corpus: Corpus, repo: Repository, future: int) -> int:
    """Report omitted records on standard error. Returns the number of invalid lines."""
    rejected = corpus.rejected
    for line in rejected[:20]:
        where = corpus.location(line, repo.root)
        click.echo(f"{where}: left out: {safe(line.why)}", err=True)
    if len(rejected) > 20:
        click.echo(f"... and {len(rejected) - 20} more; `errata validate` lists them", err=True)
    for where in corpus.invalid_lines:
        click.echo(f"{where}: left out: not valid", err=True)
    if future:
        click.echo(f"{plural(future, 'record')} left out: more than a day in the future", err=True)
    return len(rejected)


def print_hot_spots(screen: Screen, spots: Sequence[HotSpot]) -> None:
    """Print where agents are corrected far more often than elsewhere, if there are such places."""
    if spots:
        screen.line()
        screen.line("HOT SPOTS:", bold=True)
    columns = Column(least=28, gap=1), Column()
    screen.table(columns, [(safe(spot.place), spot.figures) for spot in spots], indent=2)


def print_no_data(screen: Screen, noun: str) -> None:
    """Print how to get data when there is nothing to show."""
    screen.line(f"No {noun} yet.")
    screen.line(f"{START}, or log a finding: `errata log finding --help`.")
