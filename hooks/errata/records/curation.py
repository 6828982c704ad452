"""What people decided about corrections and patterns, in effect.

Decisions take effect in the order of their time, then of their id, and the newest about a thing
wins. Those of agents are proposals until a person confirms them, unless ``errata.toml`` trusts
agents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from errata.core.config import CURATION_LOG, Config
from errata.core.git import Repository
from errata.records.correction_family import family
from errata.records.pattern_renames import Names
from errata.records.pending_proposals import pending, same_in
from errata.records.standing import Standing, confirms, judge
from errata.records.verdicts import Verdict, fold, retyped

if TYPE_CHECKING:
    from errata.records.curation_log import Decision
    from errata.records.model import CorrectionType

TextSource = Literal["written", "confirmed", "proposed"]


class State(StrEnum):
    """What is decided about a correction.

    Attributes:
        COUNTED: it counts, for its own pattern or for the one that a person gave it.
        REJECTED: it is none.
        PROPOSED_REJECT: it counts; an agent proposes to reject it, or to take it from its pattern.
        PROPOSED_PATTERN: it counts; an agent proposes another pattern.
    """

    COUNTED = "counted"
    REJECTED = "rejected"
    PROPOSED_REJECT = "proposed-reject"
    PROPOSED_PATTERN = "proposed-pattern"


@dataclass(frozen=True, slots=True)
class LessonText:
    """What somebody wrote about a pattern.

    Attributes:
        description: what is wrong; "" if only ``instead`` was written.
        instead: what to do.
        agent: whose runbook gets it; "" for everyone.
        by: the person who wrote it, or confirmed it; the agent if none did.
        when: when they did, in microseconds UTC.
        source: ``written`` or ``confirmed`` by a person, or ``proposed`` by an agent.
    """

    description: str
    instead: str
    agent: str
    by: str
    when: int
    source: TextSource = "written"

    @property
    def by_person(self) -> bool:
        """Whether a person stands behind it, so that agents may take it as an instruction."""
        return self.source != "proposed"


class Curation:
    """The decisions of a repository; false if there are none.

    Attributes:
        decisions: all of them, in their order.
        in_effect: those that count: neither undone nor only proposed.
        proposals: those of agents that wait for a person, each once, and that no later decision
            overtook.
        invalid: numbers of the log's invalid lines.
    """

    def __init__(
        self,
        decisions: Sequence[Decision] = (),
        *,
        trust: bool = False,
        invalid: Sequence[int] = (),
    ) -> None:
        """Take decisions in any order, repeated or not.

        Args:
            trust: those of agents count at once.
        """
        by_id = {decision.id: decision for decision in decisions}
        self.decisions = sorted(by_id.values(), key=lambda decision: decision.order)
        self.invalid = list(invalid)
        self._standings = judge(self.decisions, trust=trust)
        self.in_effect = [d for d in self.decisions if self.is_in_effect(d)]
        self.proposals = pending(self.decisions, self._standings)

    @classmethod
    def read(cls, repo: Repository, config: Config, until: int | None = None) -> Curation:
        """The decisions in a repository's log; none if there is no such file.

        Args:
            until: decisions later than this (microseconds UTC) are left out.

        Raises:
            LogError: the log cannot be read, or a link leads out of the work tree.
        """
        if not (repo.root / config.paths.patterns / CURATION_LOG).exists():
            return cls()
        from errata.records import curation_log

        decisions, invalid = curation_log.present(repo.root, config, until)
        if until is not None:
            decisions = [decision for decision in decisions if decision.when <= until]
        return cls(decisions, trust=config.curation.agents == "trusted", invalid=invalid)

    def __bool__(self) -> bool:
        return bool(self.decisions)

    # Decisions

    def standing(self, decision: Decision) -> Standing:
        """Whether a decision counts, and if not, why."""
        return self._standings[decision.id]

    def is_in_effect(self, decision: Decision) -> bool:
        """Whether a decision counts."""
        return self.standing(decision) is Standing.IN_EFFECT

    def find(self, prefix: str) -> list[Decision]:
        """The decisions whose id begins so."""
        return [decision for decision in self.decisions if decision.id.startswith(prefix)]

    def undone_by(self, decision: Decision) -> Decision | None:
        """The newest decision in effect that undoes this one, or None."""
        undoing = [d for d in self.in_effect if d.action == "undo" and d.of == decision.id]
        return undoing[-1] if undoing else None

    def confirmed_by(self, decision: Decision) -> Decision | None:
        """The first decision in effect that confirms an agent's one, or None."""
        if decision.by_person:
            return None
        confirming = (d for d in self.in_effect if d.action == "confirm")
        later = (d for d in confirming if d.order > decision.order)
        return next((d for d in later if confirms(d, decision)), None)

    def waiting_as(self, decision: Decision) -> Decision | None:
        """The proposal in which what a decision proposes waits for a person, or None."""
        is_proposed = self.standing(decision) is Standing.PROPOSED
        return same_in(self.proposals, decision) if is_proposed else None

    # Corrections

    @cached_property
    def _verdicts(self) -> dict[str, Verdict]:
        """By the family of the correction."""
        return fold(self.in_effect)

    @property
    def decided_corrections(self) -> set[str]:
        """The families (:func:`family`) of all corrections that a decision in effect is about."""
        return {*self._verdicts}

    def state_of(self, correction: str) -> State:
        """What is decided about the correction with this id."""
        verdict = self._verdicts.get(family(correction))
        if verdict and verdict.rejected:
            return State.REJECTED
        proposals = [d for d in self.proposals_about(correction) if d.action != "accept"]
        if not proposals:
            return State.COUNTED
        proposed = proposals[-1].action == "teach"
        return State.PROPOSED_PATTERN if proposed else State.PROPOSED_REJECT

    def is_rejected(self, correction: str) -> bool:
        """Whether a person decided that it is not a correction."""
        verdict = self._verdicts.get(family(correction))
        return verdict is not None and verdict.rejected

    def is_accepted(self, correction: str) -> bool:
        """Whether somebody said that it is one, or gave it a pattern: it counts without doubt."""
        verdict = self._verdicts.get(family(correction))
        return verdict is not None and verdict.accepted

    def type_of(self, correction: str) -> CorrectionType | None:
        """The type that somebody gave it last; None if nobody did."""
        verdict = self._verdicts.get(family(correction))
        return verdict.typed.type if verdict and verdict.typed else None

    def as_typed(self, correction: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """The fields of the record of a correction, with the type that somebody gave it.

        Its severity changes with the type if it follows from that.
        """
        kind = self.type_of(correction)
        return retyped(fields, kind) if kind else fields

    def taught_patterns(self, correction: str) -> tuple[str, ...]:
        """The patterns that people gave a correction, by their present names, each once.

        The one that it was moved to comes first; see :meth:`is_moved`.
        """
        verdict = self._verdicts.get(family(correction)) or Verdict()
        names = filter(None, (verdict.pattern, *verdict.shares))
        return tuple(dict.fromkeys(map(self.name_of, names)))

    def own_first(self, correction: str, patterns: Iterable[str]) -> list[str]:
        """The patterns of a correction: the one that is its own, then those that it shares."""
        taught = self.taught_patterns(correction)
        shared = taught[1:] if self.is_moved(correction) else taught
        return sorted(patterns, key=lambda name: (name in shared, name))

    def is_moved(self, correction: str) -> bool:
        """Whether somebody gave it a pattern of its own, instead of the one that it has by rule."""
        verdict = self._verdicts.get(family(correction))
        return verdict is not None and bool(verdict.pattern)

    def named_until(self, pattern: str) -> int | None:
        """When somebody last gave corrections a name; None if none of them got this one.

        What came later may belong to the pattern, and have no name yet.
        """
        return self._named.get(pattern)

    @cached_property
    def _named(self) -> dict[str, int]:
        """Present name of each pattern that corrections were given -> when the last name was."""
        naming = [d for d in self.in_effect if d.action == "teach" and (d.corrections or d.also)]
        names = {self.name_of(decision.pattern) for decision in naming}
        return dict.fromkeys(names, naming[-1].when) if naming else {}

    @cached_property
    def rejected_fingerprints(self) -> frozenset[str]:
        """The fingerprints of the rejected corrections; see ``corrections/fingerprint.py``."""
        return frozenset(
            line_hash
            for decision in self.in_effect
            for id, hashes in decision.fingerprints.items()
            if self.is_rejected(id)
            for line_hash in hashes
        )

    def unrejected(self, records: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """Those of some captured corrections that are not rejected, nor copies of rejected ones."""
        for record in records:
            verdict = self._verdicts.get(family(str(record.get("id"))))
            hashes = set(record.get("marks") or ())
            copied = verdict is None and bool(hashes) and hashes <= self.rejected_fingerprints
            if not (copied or (verdict and verdict.rejected)):
                yield record

    def is_not_for(self, correction: str, pattern: str) -> bool:
        """Whether a person decided that a correction does not count for a pattern."""
        verdict = self._verdicts.get(family(correction))
        names = {pattern, self.name_of(pattern)}
        return verdict is not None and not names.isdisjoint(verdict.not_for)

    def proposals_about(self, correction: str) -> list[Decision]:
        """The proposals about a correction, oldest first."""
        wanted = family(correction)
        verdict = self._verdicts.get(wanted)
        return [
            decision
            for decision in self.proposals
            if wanted in map(family, (*decision.corrections, *decision.also))
            and (not verdict or not verdict.decided or decision.order > verdict.decided.order)
        ]

    def newest_about(self, correction: str) -> Decision | None:
        """The newest decision in effect about a correction."""
        verdict = self._verdicts.get(family(correction))
        return verdict.decided if verdict else None

    def history_of_correction(self, correction: str) -> list[Decision]:
        """All decisions about a correction, oldest first."""
        wanted = family(correction)
        return [d for d in self.decisions if wanted in map(family, (*d.corrections, *d.also))]

    # Patterns

    @cached_property
    def _names(self) -> Names:
        return Names(self.in_effect)

    def name_of(self, pattern: str) -> str:
        """The present name of a pattern: it may have been renamed, or merged into another one."""
        return self._names.present(pattern)

    def former_names(self, pattern: str) -> list[str]:
        """The names of patterns that have this name now, sorted."""
        return self._names.former(pattern)

    @cached_property
    def _statuses(self) -> dict[str, Decision]:
        """Present name -> the newest decision whether it is taught."""
        statuses = {}
        for decision in self.in_effect:
            written = decision.action == "teach" and (decision.description or decision.instead)
            if decision.action in ("dismiss", "pin") or (written and self._is_persons(decision)):
                statuses[self._names.renamed(decision.pattern)] = decision
        return statuses

    def _is_persons(self, decision: Decision) -> bool:
        return decision.by_person or self.confirmed_by(decision) is not None

    def is_dismissed(self, pattern: str) -> bool:
        """Whether it is not to be taught."""
        decision = self._statuses.get(pattern)
        return decision is not None and decision.action == "dismiss"

    def is_pinned(self, pattern: str) -> bool:
        """Whether it is taught whatever its confidence: pinned, or in a person's own words."""
        decision = self._statuses.get(pattern)
        return decision is not None and decision.action != "dismiss"

    def status(self, pattern: str) -> Decision | None:
        """The decision that dismissed or pinned a pattern, or taught it in a person's words."""
        return self._statuses.get(pattern)

    def proposed(self, pattern: str) -> list[Decision]:
        """The proposals about a pattern, by any of its names, oldest first."""
        names = {pattern, *self.former_names(pattern)}
        return [d for d in self.proposals if not names.isdisjoint(d.names)]

    @cached_property
    def lesson_texts(self) -> dict[str, LessonText]:
        """Present name -> the newest text that somebody wrote about a pattern."""
        texts = {}
        for decision in self.in_effect:
            name = self._names.renamed(decision.pattern)
            if decision.action == "teach" and name and (decision.description or decision.instead):
                confirm = self.confirmed_by(decision)
                source: TextSource = "written" if decision.by_person else "proposed"
                if confirm and confirm.by_person:
                    source, decided = "confirmed", confirm
                else:
                    decided = decision
                texts[name] = LessonText(
                    decision.description,
                    decision.instead,
                    decision.agent,
                    decided.by.name,
                    decided.when,
                    source,
                )
        return texts

    def lesson_text(self, pattern: str) -> LessonText | None:
        """What somebody wrote about a pattern, or None."""
        return self.lesson_texts.get(pattern)

    def history_of_pattern(self, pattern: str) -> list[Decision]:
        """All decisions that name a pattern, by any of its names, oldest first."""
        names = {pattern, self.name_of(pattern), *self.former_names(self.name_of(pattern))}
        return [decision for decision in self.decisions if not names.isdisjoint(decision.names)]
