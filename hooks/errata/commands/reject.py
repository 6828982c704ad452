"""``errata reject``: somebody says that corrections are none, or have the wrong pattern."""

from __future__ import annotations

from typing import IO

import click

from errata.commands import complete, deciding


@click.command(name="reject")
@click.argument("ids", nargs=-1, metavar="[ID]...", shell_complete=complete.corrections)
@click.option(
    "--pattern",
    metavar="NAME",
    shell_complete=complete.patterns,
    help="They are corrections, but not of this pattern.",
)
@deciding.why
@deciding.json_from
def command(
    ids: tuple[str, ...], pattern: str | None, why: str | None, source: IO[bytes] | None
) -> None:
    """Say that corrections are not corrections; they never come back.

    ID is the id of a correction as `errata corrections --list` prints it, its beginning, or a
    commit, which means all corrections that it makes, doubtful ones too. `errata undo` takes it
    back. What an agent rejects still counts until a person confirms it.

    With --json, an object has the fields corrections (a list of ids), pattern and why.
    """
    given = {"corrections": list(ids), "pattern": pattern, "why": why}
    if not ids and source is None:
        raise click.UsageError("give an ID; `errata corrections --list` lists them")
    deciding.decide("reject", given, source=source)
