"""Which decisions of the curation log count: not those that are undone, or only proposed."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from errata.records.curation_log import Decision


class Standing(StrEnum):
    """Whether a decision counts."""

    IN_EFFECT = "in effect"
    PROPOSED = "proposed"
    UNDONE = "undone"


def judge(decisions: Sequence[Decision], *, trust: bool) -> dict[str, Standing]:
    """Which decisions count, by id. A decision undoes, or confirms, only earlier ones.

    Args:
        decisions: in their order.
        trust: those of agents count without a person.
    """
    undone, confirmed, names = set[str](), set[str](), set[str]()
    standings = {}
    for decision in reversed(decisions):
        named = decision.id in confirmed or not names.isdisjoint(decision.names)
        is_confirmed = named and decision.action != "confirm"
        if decision.id in undone:
            standings[decision.id] = Standing.UNDONE
        elif not (trust or decision.by_person or is_confirmed):
            standings[decision.id] = Standing.PROPOSED
        else:
            standings[decision.id] = Standing.IN_EFFECT
            if decision.action == "undo" and decision.of:
                undone.add(decision.of)
            elif decision.action == "confirm":
                confirmed.update(filter(None, [decision.of]))
                names.update(filter(None, [decision.pattern]))
    _take_back(decisions, standings)
    return standings


def _take_back(decisions: Sequence[Decision], standings: dict[str, Standing]) -> None:
    """Let each agent undo its own proposals, which nobody confirmed."""
    by_id = {decision.id: decision for decision in decisions}
    for undo in reversed(decisions):
        target = by_id.get(undo.of or "") if undo.action == "undo" else None
        if target is None or target.by != undo.by or target.order > undo.order:
            continue
        if standings[undo.id] is standings[target.id] is Standing.PROPOSED:
            standings[undo.id], standings[target.id] = Standing.IN_EFFECT, Standing.UNDONE


def confirms(confirm: Decision, decision: Decision) -> bool:
    """Whether a confirmation means this decision."""
    return confirm.of == decision.id or confirm.pattern in decision.names
