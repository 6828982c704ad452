"""What people decided, and agents proposed, about a pattern or a correction: for ``explain``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from errata.commands.layout import Column
from errata.commands.screen import Screen, safe
from errata.commands.view import View
from errata.curation import effects
from errata.curation.lookup import Known
from errata.patterns.curated_pattern import author_name
from errata.records.curation import Curation
from errata.records.curation_log import Decision
from errata.records.injection import sign_in
from errata.records.instants import day, iso
from errata.records.standing import Standing

_COLUMNS = Column(least=10, gap=1), Column(gap=1), Column()


def show(screen: Screen, decisions: Sequence[Decision], view: View) -> None:
    """Print every decision with its date, author, reason and id; nothing if there is none."""
    if not decisions:
        return
    screen.line("DECISIONS:", bold=True)
    table(screen, decisions, Known(view.corpus, view.standings))
    screen.line()


def table(screen: Screen, decisions: Sequence[Decision], known: Known) -> None:
    """Print one row for each decision."""
    rows = [(day(d.when), d.id, _text(d, known)) for d in decisions]
    screen.table(_COLUMNS, rows, indent=2)


def _text(decision: Decision, known: Known) -> str:
    """``Ann: rename a to b (undone by Ben on 2026-03-02): why``."""
    author = safe(author_name(decision.by.name))
    text = f"{author}: {effects.of_decision(decision, known)}"
    if note := _standing(decision, known.curation):
        text += f" ({note})"
    return f"{text}: {why}" if (why := _why(decision)) else text


def _standing(decision: Decision, curation: Curation) -> str:
    standing = curation.standing(decision)
    if standing is Standing.PROPOSED:
        waits = curation.waiting_as(decision)
        return "proposed; " + (
            "see `errata review`" if waits else "a later decision is about the same"
        )
    if standing is Standing.UNDONE:
        undo = curation.undone_by(decision)
        return f"undone by {_author_and_day(undo)}" if undo else "undone"
    confirm = curation.confirmed_by(decision)
    return f"confirmed by {_author_and_day(confirm)}" if confirm else ""


def _author_and_day(decision: Decision) -> str:
    return f"{safe(author_name(decision.by.name))} on {day(decision.when)}"


def _why(decision: Decision) -> str:
    return "" if sign_in(decision.why) else safe(decision.why)


def to_json(decisions: Sequence[Decision], curation: Curation) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {
            "id": decision.id,
            "timestamp": iso(decision.when),
            "by": {"kind": decision.by.kind, "name": author_name(decision.by.name)},
            "standing": curation.standing(decision).value,
            "why": _why(decision),
            **{k: v for k, v in effects.content_of(decision).items() if k != "why"},
        }
        for decision in decisions
    ]
