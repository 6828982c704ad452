"""``errata context``: what an agent should read before it starts."""

from __future__ import annotations

from pathlib import Path

import click

from errata.core.config import load
from errata.core.git import Repository
from errata.runbooks import paths


@click.command(name="context")
@click.option("--agent", metavar="NAME", envvar="ERRATA_AGENT", help="The agent to print this for.")
@click.option(
    "--files",
    multiple=True,
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
@click.argument("more", nargs=-1, metavar="[PATH]...")
def command(
    agent: str | None, files: tuple[str, ...], limit: int | None, more: tuple[str, ...]
) -> None:
    """Print what an agent should read: its runbooks, and the skills that fit.

    These are the runbook of its own and the one for everyone, together within the limit.

    Prints nothing if there is nothing to read.
    """
    from errata.skills.context import context

    repo = Repository.discover()
    config = load(repo.root)
    if agent == "off":  # As a variable it means that a person is at work.
        agent = None
    if agent is not None:
        paths.path_for(repo.root, config, agent)
    here = Path.cwd()
    at_work = [str(here / file) for file in (*files, *more)]
    text = context(repo, config, agent, at_work, limit or config.agent.max_chars)
    if text:
        click.echo(text)
