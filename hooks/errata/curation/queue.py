"""What a person has to look at: proposals of agents, then corrections that nobody decided about."""

from __future__ import annotations

from collections.abc import Callable

from errata.curation import effects
from errata.curation.corrections import CorrectionRow
from errata.curation.lookup import Known
from errata.curation.walk import Item
from errata.records.correction_family import family
from errata.records.curation import State
from errata.records.curation_log import Decision


def items(known: Known, accept: Callable[[CorrectionRow], bool] = lambda _: True) -> list[Item]:
    """The items in the order in which to look at them.

    Proposals come first, oldest first; then corrections with a pattern, then the others, newest
    first.

    Args:
        accept: which corrections to look at; a proposal about other ones is left out.
    """
    proposals = [d for d in known.curation.proposals if _is_about(d, known, accept)]
    # What an agent proposes to accept is asked about once.
    decisions = [*known.curation.in_effect, *proposals]
    decided = {family(id) for d in decisions for id in (*d.corrections, *d.also)}
    rows = [
        row
        for row in known.rows
        if row.state is State.COUNTED and family(row.id) not in decided and accept(row)
    ]
    rows.sort(key=lambda row: not row.pattern)
    return [*(_proposal(d, known) for d in proposals), *map(_correction, rows)]


def _is_about(decision: Decision, known: Known, accept: Callable[[CorrectionRow], bool]) -> bool:
    ids = (*decision.corrections, *decision.also)
    rows = [known.by_id[id] for id in ids if id in known.by_id]
    return any(map(accept, rows)) if rows else True


def _proposal(decision: Decision, known: Known) -> Item:
    rows = [id for id in (*decision.corrections, *decision.also) if id in known.by_id]
    return Item(
        id=decision.id,
        yes={"action": "confirm", "of": decision.id},
        no={"action": "undo", "of": decision.id},
        corrections=tuple(rows),
        question=f"{effects.when(decision)} proposes: {effects.of_decision(decision, known)}",
        proposal=decision,
    )


def _correction(row: CorrectionRow) -> Item:
    only = [row.id]
    wrong = {"action": "reject", "corrections": only, "pattern": row.pattern}
    return Item(
        id=row.id,
        yes={"action": "teach", "pattern": row.pattern, "corrections": only}
        if row.pattern
        else {"action": "accept", "corrections": only},
        no={"action": "reject", "corrections": only},
        wrong_pattern=wrong if row.pattern else None,
        corrections=(row.id,),
    )
