"""Which proposals of agents wait for a person: each once, however often agents made it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from errata.records.correction_family import family
from errata.records.standing import Standing

if TYPE_CHECKING:
    from errata.records.curation_log import Decision

_Subject = tuple[object, ...]


class _Settled:
    """What decisions in effect say about each correction."""

    def __init__(self) -> None:
        # By family and by what is said: those who say it.
        self._said: dict[str, dict[str, set[_Subject]]] = {}

    def add(self, decision: Decision) -> None:
        """Take in what a decision settles."""
        if decision.gives_type:
            self._note("typed", decision, (*decision.corrections, *decision.also))
        if decision.action == "accept":
            self._note("accepted", decision, decision.corrections)
        elif decision.action != "reject":
            self._note("named", decision, decision.corrections)
        # Not to count for one pattern says nothing about others.
        elif not decision.pattern:
            self._note("rejected", decision, decision.corrections)

    def _note(self, fact: str, decision: Decision, corrections: Iterable[str]) -> None:
        source = () if decision.by_person else _subject(decision)
        for id in corrections:
            self._said.setdefault(family(id), {}).setdefault(fact, set()).add(source)

    def includes(self, proposal: Decision, correction: str) -> bool:
        """Whether nobody needs to hear what an earlier proposal says about a correction (family).

        What agents proposed about the same subject does not count: the answers to it do.
        """
        same = {_subject(proposal)}
        known = {fact for fact, by in self._said.get(correction, {}).items() if by - same}
        if "rejected" in known:
            return True
        # What is accepted, or has a pattern, may still be of another type.
        if proposal.gives_type and "typed" not in known:
            return False
        # What is accepted may still get a pattern.
        if proposal.action == "teach":
            return "named" in known
        return proposal.gives_type or bool(known - {"typed"})


def pending(decisions: Sequence[Decision], standings: Mapping[str, Standing]) -> list[Decision]:
    """The proposals that no later decision in effect is about, in their order.

    Of several about one subject, the newest stays that has words, and the newest that gives a type,
    which may be the same; else the newest.

    Args:
        decisions: in their order.
    """
    by_id = {decision.id: decision for decision in decisions}
    settled, names = _Settled(), set[str]()
    answers: dict[_Subject, list[tuple[Decision, Decision]]] = {}
    waiting: dict[_Subject, list[Decision]] = {}
    for decision in reversed(decisions):
        if standings[decision.id] is Standing.IN_EFFECT:
            settled.add(decision)
            names.update(decision.names)
            target = by_id.get(decision.of or "")
            if target and not target.by_person:
                answers.setdefault(_subject(target), []).append((decision, target))
        elif standings[decision.id] is Standing.PROPOSED and decision.action != "confirm":
            subject = _subject(decision)
            if _is_answered(decision, answers.get(subject, ())):
                continue
            if not _is_overtaken(decision, settled, names):
                waiting[subject] = _with_older(waiting.get(subject, []), decision)
    kept = (decision for each in waiting.values() for decision in each)
    return sorted(kept, key=lambda decision: decision.order)


def _with_older(kept: list[Decision], older: Decision) -> list[Decision]:
    """What waits about one subject, with an older proposal if it says what the others do not."""
    if kept and _says(older).keys() <= _kinds(kept):
        return kept
    return [*(each for each in kept if not _says_as_much(older, each)), older]


def same_in(proposals: Iterable[Decision], decision: Decision) -> Decision | None:
    """The one of these proposals that proposes what a decision does, also if it says more."""
    subject = _subject(decision)
    same = (each for each in proposals if _subject(each) == subject)
    return next((each for each in same if _says_as_much(each, decision)), None)


def _subject(decision: Decision) -> _Subject:
    """What a decision is about, whoever made it, when, and in which words."""
    families = frozenset(map(family, (*decision.corrections, *decision.also)))
    return decision.action, decision.names, decision.of, families


def _says(decision: Decision) -> dict[str, object]:
    """What a decision says about its subject, by kind: its words, and a type."""
    words = (decision.description, decision.instead)
    result: dict[str, object] = {"words": words} if any(words) else {}
    return result | ({"type": decision.type} if decision.gives_type else {})


def _kinds(decisions: Iterable[Decision]) -> set[str]:
    """The kinds of what some decisions about one subject say together."""
    return {kind for decision in decisions for kind in _says(decision)}


def _says_as_much(decision: Decision, other: Decision) -> bool:
    """Whether a decision says all that another one about its subject does."""
    return _says(other).items() <= _says(decision).items()


def _is_answered(proposal: Decision, answers: Iterable[tuple[Decision, Decision]]) -> bool:
    """Whether the answers to proposals about one subject settle another one of them.

    Who agrees to one has said nothing of what only another one gives: words, or a type. Who refuses
    one wording has not seen the others. What an agent takes back, others may propose.
    """
    content = _says(proposal)
    agreed: list[Decision] = []
    for answer, other in answers:
        if answer.action == "confirm":
            agreed.append(other)
        elif content in ({}, _says(other)) and (answer.by_person or answer.by == proposal.by):
            return True
    return bool(agreed) and content.keys() <= _kinds(agreed)


def _is_overtaken(decision: Decision, settled: _Settled, names: set[str]) -> bool:
    """Whether a later decision is about the same corrections, or the same pattern."""
    families = set(map(family, (*decision.corrections, *decision.also)))
    if families:
        is_later = all(settled.includes(decision, each) for each in families)
    else:
        is_later = decision.pattern in names
    return is_later and (decision.action in ("accept", "reject", "teach") or bool(decision.pattern))
