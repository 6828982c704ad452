"""What a person has to look at: proposals of agents, then corrections that nobody decided about."""

from __future__ import annotations

from collections import Counter
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

    Proposals come first, those with the most corrections behind them at the top, of equal ones the
    newest; then corrections with a pattern, then the others, newest first.

    Args:
        accept: which corrections to look at; a proposal about other ones is left out.
    """
    proposals = [d for d in known.curation.proposals if _is_about(d, known, accept)]
    behind = _Behind(known)
    proposals.sort(key=lambda d: (-behind.count(d), -d.when, d.names, d.id))
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


class _Behind:
    """How many corrections are behind proposals: those that they name, or those of the pattern."""

    def __init__(self, known: Known) -> None:
        self._curation = known.curation
        self._by_pattern = Counter(name for row in known.rows for name in row.patterns)

    def count(self, decision: Decision) -> int:
        """Of one proposal; if it undoes a decision, of that."""
        while decision.of and (undone := self._curation.find(decision.of)):
            decision = undone[0]
        named = {family(id) for id in (*decision.corrections, *decision.also)}
        return len(named) or self._by_pattern[self._curation.name_of(decision.pattern)]


def _is_about(decision: Decision, known: Known, accept: Callable[[CorrectionRow], bool]) -> bool:
    rows = known.about(decision)
    return any(map(accept, rows)) if rows else True


def _proposal(decision: Decision, known: Known) -> Item:
    return Item(
        id=decision.id,
        yes={"action": "confirm", "of": decision.id},
        no={"action": "undo", "of": decision.id},
        corrections=tuple(row.id for row in known.about(decision)),
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
