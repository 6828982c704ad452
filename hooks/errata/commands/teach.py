"""``errata teach``: somebody names what corrections have in common, or writes a lesson."""

from __future__ import annotations

from typing import IO

import click

from errata.commands import complete, deciding


@click.command(name="teach")
@click.argument("ids", nargs=-1, metavar="[ID]...", shell_complete=complete.corrections)
@click.option(
    "--pattern",
    metavar="NAME",
    shell_complete=complete.patterns,
    help="The pattern that they belong to; a new name makes a new pattern.",
)
@click.option("--description", metavar="TEXT", help="What is wrong, in one line.")
@click.option("--instead", metavar="TEXT", help="What to do instead, in one line.")
@click.option(
    "--agent",
    metavar="NAME",
    shell_complete=complete.agents,
    help="Whose runbook gets it. Default: everyone's.",
)
@deciding.kind
@deciding.why
@deciding.json_from
def command(
    ids: tuple[str, ...],
    pattern: str | None,
    description: str | None,
    instead: str | None,
    agent: str | None,
    kind: str | None,
    why: str | None,
    source: IO[bytes] | None,
) -> None:
    """Give corrections a pattern, or write a lesson in your own words.

    ID is the id of a correction as `errata corrections --list` prints it, its beginning, or a
    commit, which means all corrections that it makes; one that errata missed is then logged.
    Without an ID it is a lesson that rests on your word. The next `errata evolve` teaches what a
    person describes; what an agent proposes waits until a person confirms it. `errata undo` takes
    it back.

    With --json, an object has the fields pattern, corrections (a list of ids), type, description,
    instead, agent and why.
    """
    if source is None and not pattern:
        raise click.UsageError("give the name of the pattern: --pattern NAME")
    given = {
        "corrections": list(ids),
        "type": kind,
        "pattern": pattern,
        "description": description,
        "instead": instead,
        "agent": agent,
        "why": why,
    }
    deciding.decide("teach", given, source=source)
