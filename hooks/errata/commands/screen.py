"""Shared by the views: the corpus, plain or rich text, and messages if there is no data."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.core.near_names import did_you_mean
from errata.lessons.hot_spots import HotSpot
from errata.patterns.analysis import Analysis, Pattern
from errata.patterns.corpus import Corpus
from errata.records.pattern_names import normal_name
from errata.runbooks.sanitise import terminal

WIDTH = 63


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
    """Standard output, with colour and symbols only where wanted and supported."""

    def __init__(self) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            # Escape characters that the terminal cannot show, instead of failing.
            sys.stdout.reconfigure(errors="backslashreplace")
        self.rich = _is_rich()
        self.symbols = _RICH if self.rich else Symbols()

    def line(self, text: str = "", **style: Any) -> None:
        """Print one line; ``style`` as for :func:`click.style`, used on a terminal only."""
        click.echo(click.style(text, **style) if style and self.rich else text, color=self.rich)

    def title(self, text: str) -> None:
        """Print a heading, a rule and a blank line."""
        self.line(text, bold=True)
        self.line(self.symbols.rule * WIDTH)
        self.line()


def _is_rich() -> bool:
    if os.environ.get("FORCE_COLOR"):
        return True
    if os.environ.get("NO_COLOR") is not None or os.environ.get("TERM") == "dumb":
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
    for where in corpus.invalid_counts:
        click.echo(f"{where}: left out: not valid", err=True)
    if future:
        click.echo(f"{plural(future, 'record')} left out: more than a day in the future", err=True)
    return len(rejected)


def print_hot_spots(screen: Screen, spots: Sequence[HotSpot]) -> None:
    """Print where agents are corrected far more often than elsewhere, if there are such places."""
    if spots:
        screen.line()
        screen.line("HOT SPOTS:", bold=True)
    for spot in spots:
        screen.line(f"  {safe(spot.place):<28} {spot.figures}")


def print_no_data(screen: Screen, noun: str) -> None:
    """Print how to get data when there is nothing to show."""
    screen.line(f"No {noun} yet.")
    screen.line("Log one with `errata log finding --help`, or install the hooks; see the README.")
