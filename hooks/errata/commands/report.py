"""``errata report``: how agents do in a repository, as a file to look at or to send."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from errata.commands import place
from errata.commands.history import History, count_outcomes, files_at, plan_lessons, read_history
from errata.commands.preview import preview
from errata.commands.progress import progress
from errata.core import atomic
from errata.core.config import Config
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.corrections.backfill import CommitRange
from errata.corrections.line_lifetimes import LineLifetimes
from errata.lessons.chances import Chances
from errata.lessons.outcome_counts import OutcomeCounts
from errata.records import instants
from errata.runbooks.plan_evolve import EvolvePlan

_FILE = "errata-report.html"
_STANDARD_OUTPUT = "-"


@click.command(name="report")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help=f"Where to write it; - is standard output. Default: {_FILE}, or for Markdown standard "
    "output.",
)
@click.option("--open", "is_opened", is_flag=True, help="Open it in the browser.")
@click.option("--people", is_flag=True, help="Name the people who correct agents.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "md"]),
    default="html",
    show_default=True,
    help="A page, or short Markdown for an issue or a pull request.",
)
def command(output: str | None, is_opened: bool, people: bool, form: str) -> int:
    """Write a report for a lead: how agents do here, and what they were taught.

    One HTML file with the lessons, how often agents are corrected over time, by agent, model and
    part of the code, and how long their lines live beside people's. It has no script and loads
    nothing, so it can be mailed or published. Plots need the extra `report`; Markdown does not.

    The history of HEAD is read once. Nothing but the file is written, and nothing is sent.
    """
    is_page = form == "html"
    target = (_FILE if is_page else _STANDARD_OUTPUT) if output is None else output
    if is_opened and target == _STANDARD_OUTPUT:
        raise ErrataError("--open needs a file", "name one with -o FILE")
    repo, config = place.with_commits()
    _check_target(target)
    if is_page:
        from errata.report import svg

        svg.check()
    data = _render(repo, config, is_page=is_page, with_names=people)
    _write(target, data)
    if is_opened:
        click.launch(Path(target).resolve().as_uri())
    return 0


def _render(repo: Repository, config: Config, *, is_page: bool, with_names: bool) -> bytes:
    from errata.report.collect import Material, report_of

    commits = CommitRange.resolve(repo, ())
    lifetimes = LineLifetimes(instants.clock())
    history = read_history(repo, config, commits, lifetimes=lifetimes)
    records = [correction.to_record() for correction in history.corrections]
    with preview(repo, config, records, history.chances) as logs:
        plan = plan_lessons(repo, logs, config)
        material = Material(
            name=repo.root.name.removesuffix(".git"),
            tip=commits.tips[0] if commits.tips else "",
            search=history.search,
            work=history.work,
            corrections=history.corrections,
            lines=lifetimes.commits(),
            plan=plan,
            paths=files_at(repo, commits.tips[0]) if commits.tips else frozenset(),
            window_days=config.evolve.window_days,
            outcomes=_outcomes(repo, logs, config, history, plan),
        )
        report = report_of(material, with_names=with_names)
    with progress("Drawing"):
        if is_page:
            from errata.report import page

            return page.render(report)
        from errata.report import markdown

        return markdown.render(report).encode()


def _outcomes(
    repo: Repository, logs: Repository, config: Config, history: History, plan: EvolvePlan
) -> Mapping[str, OutcomeCounts]:
    """Counted now, where the whole history is there; else as they were counted last."""
    if history.chances:
        return count_outcomes(repo, logs, config, history, plan.corpus)
    return Chances.read(logs.root, config).outcomes


def _check_target(target: str) -> None:
    """Raise ErrataError before the work if the file cannot be written."""
    path = Path(target)
    if target == _STANDARD_OUTPUT:
        return
    if not target:
        raise ErrataError("-o: no name of a file", "name one, or - for standard output")
    if path.is_dir():
        raise ErrataError(f"-o: {target!r} is a folder", "name a file in it")
    if not path.absolute().parent.is_dir():
        raise ErrataError(f"-o: the folder of {target!r} does not exist", "make it first")
    if path.exists() and not os.access(path, os.W_OK):
        raise ErrataError(f"-o: {target!r} is read-only", "name another file")


def _write(target: str, data: bytes) -> None:
    if target == _STANDARD_OUTPUT:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        return
    path = Path(target)
    try:
        if path.exists() and not path.is_file():
            # A pipe or a device takes the data; it is not replaced.
            path.write_bytes(data)
        else:
            atomic.write(path.resolve(), data)
    except OSError as error:
        raise ErrataError(f"{target!r} cannot be written: {error.strerror}") from error
    click.echo(f"Report: {target}")
