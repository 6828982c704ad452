"""``errata accept``: somebody says what is a correction, also where errata missed it."""

from __future__ import annotations

from typing import IO

import click

from errata.commands import complete, deciding


@click.command(name="accept")
@click.argument("ids", nargs=-1, metavar="[ID]...", shell_complete=complete.corrections)
@deciding.kind
@deciding.why
@deciding.json_from
def command(
    ids: tuple[str, ...], kind: str | None, why: str | None, source: IO[bytes] | None
) -> None:
    """Accept corrections, and log those that errata missed.

    ID is a commit, such as one that `errata backfill --doubtful` lists, and means all corrections
    that it makes; or the id of a correction as `errata corrections --list` prints it, or the
    beginning of one. What you accept counts fully, however doubtful it was, and `errata review`
    does not ask about it again. `errata undo` takes it back; what was logged stays in the log. What
    an agent accepts is logged once a person confirms it.

    With --type, they are of this type and not of the one that errata chose. It can be given again
    for what is accepted already: the newest type counts.

    With --json, an object has the fields corrections (a list of ids or commits), type and why.
    """
    given = {"corrections": list(ids), "type": kind, "why": why}
    if not ids and source is None:
        raise click.UsageError("give an ID; `errata backfill --doubtful` lists commits")
    deciding.decide("accept", given, source=source)
