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
@click.option(
    "--list",
    "is_list",
    is_flag=True,
    help="List all decisions, newest first, and take nothing back.",
)
@deciding.why
def command(id: str | None, is_list: bool, why: str | None) -> None:
    """Take back a decision about corrections or patterns.

    ID is the id of the decision (cur-...) or its beginning; every command that decides prints it.
    Without an ID it is your newest decision that is not undone yet. To bring a decision back, undo
    the undo. To refuse what an agent proposed, undo the proposal.
    """
    from errata.curation import contents

    if id == "":
        raise click.UsageError("ID is empty")
    if is_list and (id or why):
        raise click.UsageError("--list takes neither an ID nor --why")
    desk = deciding.open_desk()
    if is_list:
        _list(desk)
        return
    decision = desk.known.decision(id) if id else _newest(desk)
    content = contents.undo(desk.known, decision)
    deciding.decide_at(desk, [{**content, **({"why": why} if why else {})}])
    if not id and (older := [d for d in _open(desk) if d.id != decision.id]):
        _show_next(desk, older[-1])


def _list(desk: deciding.Desk) -> None:
    from errata.commands import explain_decisions
    from errata.commands.screen import Screen

    decisions = desk.known.curation.decisions
    if not decisions:
        Screen().line("Nothing was decided yet; see `errata review`.")
        return
    screen = Screen()
    screen.title("DECISIONS, NEWEST FIRST")
    explain_decisions.table(screen, decisions[::-1], desk.known)
    screen.line()
    if own := _open(desk):
        _show_next(desk, own[-1])


def _show_next(desk: deciding.Desk, decision: Decision) -> None:
    """Print what ``errata undo`` without an id takes back from here on."""
    from errata.commands.screen import Screen
    from errata.curation import effects

    text = effects.of_decision(decision, desk.known)
    Screen().line(f"The next `errata undo` without an ID takes back {decision.id}: {text}.")


def _open(desk: deciding.Desk) -> list[Decision]:
    """The decisions of who is at the keyboard that are not undone, oldest first."""
    curation = desk.known.curation
    return [
        decision
        for decision in curation.decisions
        if decision.by == desk.by
        and decision.action != "undo"
        and curation.undone_by(decision) is None
    ]


def _newest(desk: deciding.Desk) -> Decision:
    if own := _open(desk):
        return own[-1]
    raise ErrataError(
        f"{desk.by.name} decided nothing that could be undone",
        "`errata undo --list` lists all decisions, `errata undo ID` undoes any of them",
    )
