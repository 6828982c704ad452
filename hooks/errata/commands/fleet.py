"""``errata fleet``: what many repositories have in common."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from errata.commands import fleet_text, options
from errata.commands import screen as ui
from errata.commands.screen import Screen
from errata.core.errors import ErrataError
from errata.records.instants import clock

if TYPE_CHECKING:
    from errata.fleet.fleet import Fleet

_VIEWS = ("patterns", "trends", "corrections", "outcome", "shared", "report")
_TOP = 10


@click.command(name="fleet")
@click.argument("view", metavar="VIEW", type=click.Choice(_VIEWS))
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option(
    "--manifest",
    "listed",
    metavar="FILE",
    help="Read sources from a file: one path per line, or TOML with [[source]] tables.",
)
@click.option(
    "--service",
    metavar="NAME",
    callback=options.not_empty,
    help="Only this repository, or records of this service.",
)
@click.option("--all", "everything", is_flag=True, help="All lessons, not just the top ten.")
@options.days("--window", "Length of the windows that are compared.", default=30)
@options.days("--since", "How far back corrections are counted.", default=30)
@click.option(
    "--engine",
    default="duckdb",
    show_default=True,
    metavar="ENGINE",
    help="duckdb, or a Spark master such as local[2] or spark://HOST:7077.",
)
@click.option(
    "--memory",
    default="2GB",
    show_default=True,
    metavar="SIZE",
    help="Memory that DuckDB may use before it writes to a temporary folder.",
)
@click.option(
    "--cache",
    metavar="DIR",
    help="The folder for exports and sums. Default: ~/.cache/errata.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 if a source was skipped.")
@options.output
def command(
    view: str,
    sources: tuple[str, ...],
    listed: str | None,
    cache: str | None,
    strict: bool,
    form: str,
    **how: Any,
) -> int:
    """Show what many repositories have in common.

    VIEW is one of patterns, trends, corrections, outcome (whether each lesson works, with the
    verdicts of `errata outcome`), shared (which repositories repeat a lesson, where agents should
    be taught it, and which lessons a check should replace) and report (all of them, as Markdown). A
    SOURCE is a repository, a bundle that `errata export` wrote, a folder of bundles, or a pattern
    such as 'bundles/*'.

    Two repositories have the same lesson if its facts are the same, whatever it is called there.
    Figures are as of the newest record of all. A source that cannot be read is reported and
    skipped. Nothing is sent, and no repository is changed. The extra `fleet` must be installed; for
    Spark, the extra `spark`.
    """
    from errata.fleet import extra
    from errata.fleet.sources import Source, find, parse_list

    wanted = [Source(Path(source)) for source in sources]
    wanted += parse_list(Path(listed)) if listed else []
    if not wanted:
        raise ErrataError("no sources", "name repositories or bundles, or use --manifest FILE")
    extra.check()
    folder = Path(cache) if cache else _default_cache()
    resolved = find(wanted, folder)
    if not resolved.bundles:
        raise ErrataError("; ".join(["no repository can be read", *resolved.problems[:1]]))
    shown = [str(source.path) for source in wanted]
    problems = resolved.problems + _show(view, resolved.bundles, form, folder, shown, **how)
    for problem in problems:
        click.echo(f"errata fleet: skipped {ui.safe(problem)}", err=True)
    return 1 if strict and problems else 0


def _default_cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache") / "errata"


def _show(
    view: str,
    bundles: Any,
    form: str,
    cache: Path,
    sources: list[str],
    *,
    service: str | None,
    everything: bool,
    window: int,
    since: int,
    engine: str,
    memory: str,
) -> list[str]:
    """Print a view; returns a line for each bundle that is damaged."""
    from errata.fleet import partials
    from errata.fleet.engine import open_engine
    from errata.fleet.load import Options, open_fleet

    used = Options(clock(), cache, window, service or "")
    used = used.with_cache(partials.cache_of(cache, sources, used.span))
    with (
        open_engine(engine, memory) as opened,
        open_fleet(opened, bundles, used) as (
            fleet,
            problems,
        ),
    ):
        value = _views(everything, since)[view](fleet)
        if form == "json":
            ui.print_json(value)
        else:
            fleet_text.PRINTERS[view](Screen(), value, fleet.names)
    return problems


def _views(everything: bool, since: int) -> dict[str, Callable[[Fleet], Any]]:
    from errata.fleet import report, views

    return {
        "patterns": lambda fleet: views.patterns(fleet, None if everything else _TOP),
        "trends": views.trends,
        "corrections": lambda fleet: views.corrections(fleet, since),
        "outcome": views.outcome,
        "shared": views.shared,
        "report": lambda fleet: report.collect(fleet, since),
    }
