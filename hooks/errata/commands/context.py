"""``errata context``: what an agent should read before it starts."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from errata.commands import complete, options, place
from errata.core.config import Config
from errata.core.git import Repository
from errata.runbooks import paths


@click.command(name="context")
@click.option(
    "--agent",
    metavar="NAME",
    envvar="ERRATA_AGENT",
    shell_complete=complete.agents,
    callback=options.not_empty,
    help="The agent to print this for.",
)
@click.option(
    "--files",
    multiple=True,
    type=click.Path(),
    metavar="PATH",
    help="A file that the agent works on; matching entries come first. More may follow.",
)
@click.option(
    "--max-chars",
    "limit",
    type=click.IntRange(500, 100_000),
    metavar="N",
    help="At most N characters (default: 10000, or as configured).",
)
@click.option(
    "--export",
    "formats",
    multiple=True,
    type=click.Choice(["claude-rules", "agents-md", "cursor", "copilot"]),
    help="Write the lessons to the files that this tool reads, instead (repeatable).",
)
@click.argument("more", nargs=-1, type=click.Path(), metavar="[PATH]...")
def command(
    agent: str | None,
    files: tuple[str, ...],
    limit: int | None,
    formats: tuple[str, ...],
    more: tuple[str, ...],
) -> None:
    """Print what an agent should read: its runbooks, and the skills that fit.

    These are the runbook of its own and the one for everyone, together within the limit.

    Prints nothing if there is nothing to read.

    With --export, the lessons of all runbooks go into rules for the folders that they are about, or
    into a block of AGENTS.md. `errata evolve` brings these files up to date from then on.
    """
    from errata.skills.context import context

    repo, config = place.with_logs()
    if formats:
        _export(repo, config, formats)
        return
    if agent == "off":  # As a variable it means that a person is at work.
        agent = None
    if agent is not None:
        paths.path_for(repo.root, config, agent)
    here = Path.cwd()
    at_work = [str(here / file) for file in (*files, *more)]
    text = context(repo, config, agent, at_work, limit or config.agent.max_chars)
    if text:
        click.echo(text)
    elif sys.stdout.isatty():
        # Nothing for an agent, which reads all that is printed.
        click.echo(
            "Nothing to read yet: `errata backfill` finds corrections in the history, `errata "
            "evolve` teaches what recurs, `errata teach` a lesson of your own.",
            err=True,
        )


def _export(repo: Repository, config: Config, formats: tuple[str, ...]) -> None:
    from errata import learn
    from errata.commands.screen import Screen, safe
    from errata.records.instants import clock
    from errata.runbooks import exports

    screen = Screen()
    for change in learn.export(repo, config, clock(), dict.fromkeys(formats)):
        path = change.path.relative_to(repo.root)
        screen.line(f"{safe(str(path))}: {safe(change.summary or 'rewritten')}")
    missing = set(formats).difference(exports.existing(repo.root))
    if missing:
        screen.line(f"{', '.join(sorted(missing))}: nothing is promoted yet; see `errata evolve`")
