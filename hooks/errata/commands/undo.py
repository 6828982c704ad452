"""``errata undo``: somebody takes a decision back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from errata.commands import deciding
from errata.core.errors import ErrataError

if TYPE_CHECKING:
    from errata.records.curation_log import Decision


@click.command(name="undo")
@click.argument("id", required=False, metavar="[ID]", shell_complete=deciding.names)
@deciding.why
def command(id: str | None, why: str | None) -> None:
    """Take back a decision about corrections or patterns.

    ID is the id of the decision (cur-...) or its beginning; every command that decides prints it.
    Without an ID it is your newest decision that is not undone yet. To undo an undo brings the
    decision back. Saying no to what an agent proposes is to undo the proposal.
    """
    from errata.curation import contents

    desk = deciding.open_desk()
    decision = desk.known.decision(id) if id else _newest(desk)
    content = contents.undo(desk.known, decision)
    deciding.decide_at(desk, [{**content, **({"why": why} if why else {})}])


def _newest(desk: deciding.Desk) -> Decision:
    curation = desk.known.curation
    own = [
        decision
        for decision in curation.decisions
        if decision.by == desk.by
        and decision.action != "undo"
        and curation.undone_by(decision) is None
    ]
    if not own:
        raise ErrataError(
            f"{desk.by.name} decided nothing that could be undone",
            "`errata undo ID` undoes what somebody else decided",
        )
    return own[-1]
