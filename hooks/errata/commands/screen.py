"""What all views share: options, the clock, plain or rich text, and what to say without data."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from errata.core.config import Config, load
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.patterns import infer
from errata.patterns.analysis import Analysis, Pattern
from errata.patterns.corpus import Corpus, load_corpus
from errata.records import instants
from errata.runbooks.sanitise import terminal

WIDTH = 63
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Symbols:
    """The signs of the text output; a terminal that lacks them, or a pipe, gets ASCII or none."""

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
    """Standard output, with colour and symbols only where they are wanted and can be shown."""

    def __init__(self) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            # A terminal that lacks a letter gets its number, and nobody a traceback.
            sys.stdout.reconfigure(errors="backslashreplace")
        self.rich = _is_rich()
        self.signs = _RICH if self.rich else Symbols()

    def line(self, text: str = "", **style: Any) -> None:
        """Print one line; ``style`` as of :func:`click.style`, used on a terminal only."""
        click.echo(click.style(text, **style) if style and self.rich else text, color=self.rich)

    def title(self, text: str) -> None:
        """A heading with its rule and a blank line."""
        self.line(text, bold=True)
        self.line(self.signs.rule * WIDTH)
        self.line()


def _is_rich() -> bool:
    if os.environ.get("FORCE_COLOR"):
        return True
    if os.environ.get("NO_COLOR") is not None or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout.isatty() and (sys.stdout.encoding or "").lower().startswith("utf")


def as_of(function: F) -> F:
    """The option ``--as-of``."""
    return click.option(
        "--as-of",
        metavar="DATE",
        help="Look from this day or instant (UTC) instead of now.",
        callback=lambda _ctx, _param, value: instants.as_of(value),
    )(function)


def output(function: F) -> F:
    """The option ``--format``."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="Text for people, JSON for programs.",
    )(function)


def days(name: str, help: str, default: int | None = None) -> Callable[[F], F]:
    """An option that takes a number of days."""
    return click.option(
        name, type=click.IntRange(1, 36_500), metavar="DAYS", default=default, help=help
    )


def open_corpus() -> tuple[Repository, Config, Corpus]:
    """The repository around the current directory, its settings and its records."""
    repo = Repository.discover()
    config = load(repo.root)
    return repo, config, load_corpus(repo, config)


def safe(text: str) -> str:
    """Text from a log, harmless on a terminal."""
    return terminal(text)


def find(analysis: Analysis, name: str) -> Pattern:
    """The pattern of that name, however it is spelled. Raises ErrataError with the nearest one."""
    wanted = infer.normal_name(name)
    if wanted in analysis.patterns:
        return analysis.patterns[wanted]
    import difflib

    near = difflib.get_close_matches(wanted, list(analysis.patterns), n=1)
    hint = f"did you mean {safe(near[0])!r}?" if near else "`errata patterns --all` lists them"
    raise ErrataError(f"no pattern named {safe(name)!r}", hint)


def plural(count: int, noun: str) -> str:
    """``1 occurrence``, ``2 occurrences``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def seen(pattern: Pattern) -> str:
    """``12 occurrences``, and in how many sessions where that number is what counts."""
    occurrences = plural(pattern.count, "occurrence")
    if pattern.sessions == pattern.count:
        return occurrences
    return f"{occurrences} in {plural(pattern.sessions, 'session')}"


def print_json(value: Any) -> None:
    """One JSON document; non-ASCII escaped, so that nothing in it can reach a terminal raw."""
    import json

    click.echo(json.dumps(value, indent=2))


def report_left_out(corpus: Corpus, repo: Repository, future: int) -> int:
    """Say on standard error which records were left out; how many lines are damaged."""
    rejected = corpus.rejected
    for line in rejected[:20]:
        where = corpus.location(line, repo.root)
        click.echo(f"{where}: left out: {safe(line.why)}", err=True)
    if len(rejected) > 20:
        click.echo(f"... and {len(rejected) - 20} more; `errata validate` lists them", err=True)
    if future:
        click.echo(f"{plural(future, 'record')} left out: more than a day in the future", err=True)
    return len(rejected)


def say_no_data(screen: Screen, what: str) -> None:
    """What to do when there is nothing to show."""
    screen.line(f"No {what} yet.")
    screen.line("Log one with `errata log finding --help`, or install the hooks; see the README.")
