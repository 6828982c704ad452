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
    """The corrections that decisions in effect are about, by what these say."""

    def __init__(self) -> None:
        self._named, self._accepted = set[str](), set[str]()
        self._rejected, self._typed = set[str](), set[str]()

    def add(self, decision: Decision) -> None:
        """Take in what a decision settles."""
        if decision.gives_type:
            self._typed.update(map(family, (*decision.corrections, *decision.also)))
        if decision.action == "accept":
            self._accepted.update(map(family, decision.corrections))
        elif decision.action != "reject":
            self._named.update(map(family, decision.corrections))
        # Not to count for one pattern says nothing about others.
        elif not decision.pattern:
            self._rejected.update(map(family, decision.corrections))

    def about(self, proposal: Decision) -> set[str]:
        """The corrections about which nobody needs to hear what an earlier proposal says."""
        if proposal.action == "accept" and proposal.gives_type:
            # What is accepted, or has a pattern, may still be of another type.
            return self._rejected | self._typed
        if proposal.action == "teach":
            # What is accepted may still get a pattern.
            return self._rejected | self._named
        return self._rejected | self._named | self._accepted


def pending(decisions: Sequence[Decision], standings: Mapping[str, Standing]) -> list[Decision]:
    """The proposals that no later decision in effect is about, in their order.

    Of several about one subject, the newest stays that has words, or gives a type, else the newest.

    Args:
        decisions: in their order.
    """
    by_id = {decision.id: decision for decision in decisions}
    settled, names = _Settled(), set[str]()
    answers: dict[_Subject, list[tuple[Decision, Decision]]] = {}
    waiting: dict[_Subject, Decision] = {}
    for decision in reversed(decisions):
        if standings[decision.id] is Standing.IN_EFFECT:
            settled.add(decision)
            names.update(decision.names)
            target = by_id.get(decision.of or "")
            if target and not target.by_person:
                answers.setdefault(_subject(target), []).append((decision, target))
        elif standings[decision.id] is Standing.PROPOSED and decision.action != "confirm":
            subject = _subject(decision)
            is_answered = any(_answers(*each, decision) for each in answers.get(subject, ()))
            if is_answered or _is_overtaken(decision, settled.about(decision), names):
                continue
            kept = waiting.get(subject)
            if kept is None or (_words(decision) and not _words(kept)):
                waiting[subject] = decision
    return sorted(waiting.values(), key=lambda decision: decision.order)


def same_in(proposals: Iterable[Decision], decision: Decision) -> Decision | None:
    """The one of these proposals that proposes what a decision does, also if it says more."""
    subject = _subject(decision)
    same = (each for each in proposals if _subject(each) == subject)
    return next((each for each in same if _says_as_much(each, decision)), None)


def _subject(decision: Decision) -> _Subject:
    """What a decision is about, whoever made it, when, and in which words."""
    families = frozenset(map(family, (*decision.corrections, *decision.also)))
    return decision.action, decision.names, decision.of, families


def _words(decision: Decision) -> tuple[str, ...]:
    return tuple(filter(None, (decision.description, decision.instead, decision.type)))


def _says_as_much(decision: Decision, other: Decision) -> bool:
    """Whether a decision has all the words that another one about its subject has."""
    return not _words(other) or _words(decision) == _words(other)


def _answers(answer: Decision, proposal: Decision, other: Decision) -> bool:
    """Whether the answer to a proposal settles another one about the same subject.

    Who refuses one wording has not seen the others. What an agent takes back, others may propose.
    """
    if answer.action == "confirm":
        return True
    return _says_as_much(proposal, other) and (answer.by_person or answer.by == other.by)


def _is_overtaken(decision: Decision, corrections: set[str], names: set[str]) -> bool:
    """Whether a later decision is about the same corrections, or the same pattern."""
    families = set(map(family, (*decision.corrections, *decision.also)))
    is_later = families <= corrections if families else decision.pattern in names
    return is_later and (decision.action in ("accept", "reject", "teach") or bool(decision.pattern))
