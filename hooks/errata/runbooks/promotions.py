"""What is promoted, what is due, and why: the one answer that every command gives.

The result depends on the logs alone. ``now`` for every figure and decision is the time of the
newest record, not the clock: two people with the same logs get the same answer, and a quiet week
changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from errata.core.config import Config
from errata.lessons.retirement import Code
from errata.patterns.analysis import Analysis, Pattern, analyse
from errata.patterns.corpus import Corpus
from errata.records.instants import day
from errata.runbooks import promote
from errata.runbooks.entry import RETURNED
from errata.runbooks.promote import Decision, Reason
from errata.runbooks.promotion_log import PromotionEvent, Standing


class State(StrEnum):
    """Where a pattern stands between its records and the runbooks."""

    PROMOTED = "promoted"
    DUE = "due"
    ARCHIVED = "archived"
    NOT_PROMOTED = "not promoted"


@dataclass(frozen=True, slots=True)
class EvolveScope:
    """What an evolve is limited to; everything by default.

    Attributes:
        since: promote only what the last ``since`` days justify.
        agent: change only this agent's runbook.
        pattern: decide only about this pattern.
        rebuild: overwrite blocks that were edited by hand.
    """

    since: int | None = None
    agent: str | None = None
    pattern: str | None = None
    rebuild: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said about the promotion of one pattern.

    Attributes:
        decision: whether it qualifies, criterion by criterion.
        standing: what the promotion log says of it; None if nothing.
        event: what the next evolve adds to the promotion log; None if nothing.
        last: instant of its newest occurrence.
    """

    decision: Decision
    standing: Standing | None
    event: PromotionEvent | None
    last: int

    @property
    def state(self) -> State:
        """Where the pattern stands."""
        if self.standing is None:
            is_due = self.event is not None and self.event.event == "promoted"
            return State.DUE if is_due else State.NOT_PROMOTED
        return State.ARCHIVED if self.standing.archived else State.PROMOTED

    @property
    def why(self) -> str:
        """Why it is in no runbook, with the figures; "" if it is in one, or due."""
        if self.state is State.NOT_PROMOTED:
            return self.decision.unmet_text
        if self.state is State.ARCHIVED:
            return self.why_retired
        return ""

    @property
    def why_retired(self) -> str:
        """Why it leaves, or left, the runbooks; meaningful only if it does, or did."""
        if self.event and self.event.event == "archived" and self.event.reason:
            return self.event.reason
        if self.standing and self.standing.reason:
            return self.standing.reason
        ways = {"agreement", "dismissed", "recent"}
        unmet = [reason.detail for reason in self.decision.unmet if reason.name in ways]
        return "; ".join(unmet) or f"no occurrence since {day(self.last)}"

    @property
    def text(self) -> str:
        """The state, its reasons, and what the next evolve does, on one line."""
        standing = self.standing
        if standing is None:
            if self.state is State.DUE and self.event:
                return f"due for {_names(self.event.agents)}; run `errata evolve`"
            return f"not promoted ({self.why})"
        if standing.archived:
            text = f"archived on {day(standing.changed)}: {self.why}"
        else:
            text = f"promoted to {_names(standing.agents)} on {day(standing.added)}"
            if standing.restored:
                text += f"; {RETURNED}"
        return f"{text}{self._pending}"

    @property
    def _pending(self) -> str:
        if self.event is None:
            return ""
        if self.event.event == "archived":
            aim = f"to be archived: {self.why_retired}"
        elif self.event.event == "restored":
            aim = f"to return to {_names(self.event.agents)}"
        else:
            aim = f"for {_names(self.event.agents)}"
        return f"; due {aim}; run `errata evolve`"

    def to_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "state": self.state.value,
            "verdict": self.text,
            "due": self.event.event if self.event else None,
            "criteria": [
                {"name": reason.name, "met": reason.met, "detail": reason.detail}
                for reason in self.decision.reasons
            ],
        }


@dataclass(frozen=True)
class Promotions:
    """All patterns as of the newest record, and the decision about each.

    Attributes:
        decided: the patterns, with all their records.
        candidates: the patterns that may be promoted, as analysed for that.
        before: the standings as the promotion log has them.
        scope: what is decided about.
        why_gone: None if it is not to be decided which code is gone.
    """

    config: Config
    decided: Analysis
    candidates: Mapping[str, Pattern]
    before: Mapping[str, Standing]
    scope: EvolveScope
    why_gone: promote.WhyGone | None

    @cached_property
    def events(self) -> list[PromotionEvent]:
        """What the next evolve adds to the promotion log."""
        return [event for name in self.candidates if (event := self.event(name))]

    def event(self, name: str) -> PromotionEvent | None:
        """What the next evolve adds to the promotion log about a pattern; None if nothing."""
        candidate = self.candidates.get(name)
        if candidate is None:
            return None
        return promote.due_event(
            self.decided.patterns[name],
            candidate,
            self.before.get(name),
            self.config.evolve,
            self.decided.windows.now,
            self.scope.agent,
            self.why_gone,
        )

    def verdict(self, name: str) -> Verdict:
        """What is to be said about a known pattern."""
        event, standing = self.event(name), self.before.get(name)
        pattern = self.decided.patterns[name]
        decision = self._decide(name, pattern)
        if standing is None and event is None and decision.promoted:
            decision = Decision(False, (*decision.reasons, self._out_of_scope(pattern)), False)
        return Verdict(decision, standing, event, pattern.last)

    def _decide(self, name: str, pattern: Pattern) -> Decision:
        gone = self.why_gone(pattern) if self.why_gone else ""
        candidate = self.candidates.get(name, pattern)
        return promote.decide(candidate, self.config.evolve, self.decided.windows.now, gone)

    def _out_of_scope(self, pattern: Pattern) -> Reason:
        """Why an evolve that is limited leaves out a pattern that qualifies."""
        scope = self.scope
        if pattern.name in self.candidates and scope.agent:
            return Reason("agent", False, f"{scope.agent} is not among those who should learn it")
        if scope.since is not None:
            return Reason("recent", False, f"nothing in the last {scope.since} days")
        return Reason("pattern", False, f"only {scope.pattern} is decided about")


def promotions(
    corpus: Corpus,
    config: Config,
    before: Mapping[str, Standing],
    limit: int,
    scope: EvolveScope | None = None,
    code: Code | None = None,
) -> Promotions | None:
    """Decide about every pattern as of the newest record; None without records.

    Args:
        before: the standings as the promotion log has them.
        limit: records later than this (microseconds UTC) are in the future, and do not count.
        code: decides which lessons retire because what they speak of is gone. Without it, as in a
            hook, those that the log retired stay so, and no other does.
    """
    scope = scope or EvolveScope()
    newest = corpus.newest_until(limit)
    if newest is None:
        return None
    decided = analyse(corpus, config, newest, ahead=0)
    why_gone = _why_gone(corpus, code) if code else None
    candidates = _candidates(corpus, config, decided, scope)
    return Promotions(config, decided, candidates, before, scope, why_gone)


def _why_gone(corpus: Corpus, code: Code) -> promote.WhyGone:
    known: dict[str, str] = {}

    def why_gone(pattern: Pattern) -> str:
        lesson, name = pattern.lesson, pattern.name
        if lesson and name not in known:
            known[name] = code.why_gone(lesson.facts, corpus.files(pattern.columns.place))
        return known.get(name, "")

    return why_gone


def _candidates(
    corpus: Corpus, config: Config, decided: Analysis, scope: EvolveScope
) -> Mapping[str, Pattern]:
    """The patterns that may be promoted."""
    patterns = decided.patterns
    if scope.since is not None:
        now = decided.windows.now
        patterns = analyse(corpus, config, now, since=scope.since, ahead=0).patterns
    if scope.pattern is None:
        return patterns
    return {name: pattern for name, pattern in patterns.items() if name == scope.pattern}


def _names(agents: Iterable[str]) -> str:
    return ", ".join(agents)
