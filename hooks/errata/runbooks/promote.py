"""Promotion: whether a pattern belongs in runbooks, and the event that says so in the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from errata.core.config import Evolve
from errata.patterns.analysis import Pattern
from errata.patterns.curated_pattern import signature
from errata.patterns.score import MEANINGFUL_SILENCE, Confidence
from errata.records.instants import END, day
from errata.records.model import DAY
from errata.runbooks.promotion_log import DISMISSED, MAX_FACTS, MAX_REASON, PromotionEvent, Standing

if TYPE_CHECKING:
    from errata.records.curation_log import Decision as Curated

WhyGone = Callable[[Pattern], str]
"""Why what a pattern speaks of is gone from the code; "" if it is not."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One criterion of promotion, whether it is met, and the figures behind it."""

    name: str
    met: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a pattern qualifies for a runbook, and why.

    Attributes:
        promoted: every criterion is met.
        reasons: all criteria, met or not, in the order to show.
        held_back: it falls short only because its records come from too few sessions.
    """

    promoted: bool
    reasons: tuple[Reason, ...]
    held_back: bool

    @property
    def unmet(self) -> list[Reason]:
        """The criteria that are not met."""
        return [reason for reason in self.reasons if not reason.met]

    @property
    def unmet_text(self) -> str:
        """The criteria that are not met with their figures, on one line; "" if all are met."""
        return "; ".join(f"{reason.name}: {reason.detail}" for reason in self.unmet)


def decide(pattern: Pattern, rules: Evolve, now: int, gone: str = "") -> Decision:
    """Decide whether a pattern qualifies for a runbook.

    Args:
        now: instant of the newest record (microseconds UTC), never the clock.
        gone: why what it speaks of is gone from the code; "" if it is not.
    """
    if pattern.curated.pinned:
        reasons = (*_reasons_of_pinned(pattern, pattern.curated.pinned),)
    else:
        code = [Reason("code", False, gone)] if gone else []
        reasons = (*_reasons(pattern, rules, now), *code)
    unmet = {reason.name for reason in reasons if not reason.met}
    held_back = bool(unmet) and unmet <= {"sessions", "confidence"}
    return Decision(not unmet, reasons, held_back and _enough_if_records_counted(pattern, rules))


def due_event(
    pattern: Pattern,
    candidate: Pattern,
    previous: Standing | None,
    rules: Evolve,
    now: int,
    only_agent: str | None = None,
    why_gone: WhyGone | None = None,
) -> PromotionEvent | None:
    """The event that brings the promotion log up to date about one pattern; None if it is.

    Args:
        pattern: of all its records; ``candidate`` of those that may promote it.
        previous: what the log says of it; None if nothing.
        now: instant of the newest record (microseconds UTC).
        only_agent: only this agent's runbook may change.
        why_gone: None if that is not to be decided now, so that what was retired stays so.
    """
    if previous is None:
        agents = tuple(a for a in pattern.route.agents if only_agent in (None, a))
        event = "promoted" if agents and decide(candidate, rules, now).promoted else None
    else:
        event, agents = _change(pattern, previous, rules, now, only_agent, why_gone is not None)
    reason = ""
    if _is_active(previous, event) and _concerns(only_agent, previous):
        reason = _why_retired(pattern, why_gone)
    if reason:
        # What is retired already stays so.
        event = None if previous and previous.archived else "archived"
        agents = previous.agents if previous else agents
    if not (event and agents):
        return None
    # An event must follow the one that it builds on, even where no record is newer (the
    # routing changed) or the newest was withdrawn: events are folded in order of time.
    # Nor does one precede the decision that it carries out.
    date = max(now, _decided(pattern), previous.changed + 1 if previous else now)
    date = min(date, END - 1)
    figures = (pattern.confidence.shown, pattern.count, pattern.tip)
    facts = _facts(pattern) if event != "archived" else ()
    return PromotionEvent(date, event, pattern.name, agents, *figures, reason[:MAX_REASON], facts)


def _facts(pattern: Pattern) -> tuple[str, ...]:
    """What tells the corrections of a lesson from others; none if words do, too."""
    lesson = pattern.lesson
    if lesson is None or lesson.words or len(lesson.facts) > MAX_FACTS:
        return ()
    return lesson.facts if all(len(fact) <= MAX_REASON for fact in lesson.facts) else ()


def _decided(pattern: Pattern) -> int:
    """When a person decided whether a pattern is taught; 0 if nobody did."""
    decision = pattern.curated.pinned or pattern.curated.dismissed
    return decision.when if decision else 0


def _why_retired(pattern: Pattern, why_gone: WhyGone | None) -> str:
    """Why a pattern must leave the runbooks although it may still occur; "" if it need not."""
    if dismissed := pattern.curated.dismissed:
        return f"{DISMISSED}{signature(dismissed)}"
    return why_gone(pattern) if why_gone and not pattern.curated.pinned else ""


def _is_active(standing: Standing | None, event: str | None) -> bool:
    """Whether a pattern is in a runbook after an event, if there is one."""
    if event is None:
        return standing is not None and not standing.archived
    return event != "archived"


def _concerns(only_agent: str | None, standing: Standing | None) -> bool:
    return only_agent is None or standing is None or only_agent in standing.agents


def _enough_if_records_counted(pattern: Pattern, rules: Evolve) -> bool:
    """Whether the thresholds would be reached if each record counted, not each session."""
    return (
        pattern.sessions != pattern.count
        and pattern.count >= rules.min_occurrences
        and pattern.confidence_of_records.reaches(rules.min_confidence)
    )


def _reasons_of_pinned(pattern: Pattern, pinned: Curated) -> Iterator[Reason]:
    """A person wants it taught: it needs only a text and a reader."""
    text = pattern.curated.text
    if pinned.action == "teach" and text:
        yield Reason(text.source, True, f"by {text.by} on {day(text.when)}")
    else:
        yield Reason("pinned", True, signature(pinned))
    yield _described(pattern)
    yield _has_agent(pattern)


def _described(pattern: Pattern) -> Reason:
    described = bool(pattern.description)
    return Reason("description", described, "says what to watch for" if described else "none")


def _has_agent(pattern: Pattern) -> Reason:
    agents = pattern.route.agents
    return Reason("agent", bool(agents), ", ".join(agents) or "no agent assigned")


def _reasons(pattern: Pattern, rules: Evolve, now: int) -> Iterator[Reason]:
    if dismissed := pattern.curated.dismissed:
        yield Reason("dismissed", False, signature(dismissed))
    minimum = rules.min_occurrences
    yield _at_least("occurrences", pattern.count, minimum)
    if pattern.sessions != pattern.count:
        yield _at_least("sessions", pattern.sessions, minimum)
    yield _confident(pattern.confidence, rules.min_confidence)
    yield _described(pattern)
    if (lesson := pattern.lesson) and lesson.facts and lesson.needs_example:
        shown = lesson.example is not None
        yield Reason("example", shown, "shows a correction" if shown else "none")
    rate = lesson.rate if lesson else None
    if rate and rate.is_comparable and rate.corrected < rate.base * rate.chances:
        share = f"{rate.corrected} of {rate.chances} corrected, {rate.base:.0%} of comparable work"
        yield Reason("rate", False, share)
    if lesson and lesson.contradicts:
        yield Reason("agreement", False, f"contradicts {', '.join(lesson.contradicts)}")
    yield _has_agent(pattern)
    yield _recent(pattern, rules, now)


def _at_least(name: str, count: int, minimum: int) -> Reason:
    enough = count >= minimum
    return Reason(name, enough, f"{count} {'>=' if enough else '<'} {minimum}")


def _confident(confidence: Confidence, minimum: float) -> Reason:
    enough = confidence.reaches(minimum)
    shown = f"{confidence.shown:.2f}"
    if not enough and confidence.shown >= minimum:
        shown = f"{confidence.value:.4f}"  # what is rounded would seem enough
    return Reason("confidence", enough, f"{shown} {'>=' if enough else '<'} {minimum:g}")


def _recent(pattern: Pattern, rules: Evolve, now: int) -> Reason:
    days = (now - pattern.last) // DAY
    recent = not _is_quiet(pattern, rules, now)
    if days < rules.retire_days or pattern.missed is None:
        sign = "<" if days < rules.retire_days else ">="
        return Reason("recent", recent, f"{days} {sign} {rules.retire_days} days since the last")
    expected = f"{pattern.missed:.1f} {'<' if recent else '>='} {MEANINGFUL_SILENCE}"
    return Reason("recent", recent, f"last seen {days} days ago; more expected since: {expected}")


def _change(
    pattern: Pattern,
    standing: Standing,
    rules: Evolve,
    now: int,
    only_agent: str | None,
    can_return: bool,
) -> tuple[str | None, tuple[str, ...]]:
    """The event that a known pattern needs, if any, and the agents that it names.

    Args:
        can_return: whether what is retired for a reason may return.
    """
    route = pattern.route.agents
    if only_agent is not None and only_agent not in {*standing.agents, *route}:
        return None, ()
    quiet = _is_quiet(pattern, rules, now) or _is_contradicted(pattern)
    if standing.archived:
        back = not quiet and _makes_sense_again(pattern, standing, rules, can_return)
        return ("restored" if back or pattern.curated.pinned else None), route
    if quiet:
        return "archived", standing.agents
    agents = route if only_agent is None else _with_agent(standing.agents, route, only_agent)
    return ("updated" if agents != standing.agents else None), agents


def _makes_sense_again(
    pattern: Pattern, standing: Standing, rules: Evolve, can_return: bool
) -> bool:
    """Whether nothing of what a pattern that is not quiet was retired for is true any more."""
    if pattern.curated.dismissed:
        return False
    if standing.reason.startswith(DISMISSED):
        return True
    if standing.reason:
        # It is not quiet, so only a new occurrence shows it.
        return can_return and pattern.last > standing.changed
    # Measured from the archival too: withdrawing a newer record does not count as a return.
    return not _is_quiet(pattern, rules, standing.changed)


def _is_quiet(pattern: Pattern, rules: Evolve, now: int) -> bool:
    """Whether it did not recur for so long, and in so much work of agents, that it seems over."""
    if pattern.curated.pinned:
        return False
    is_long = now - pattern.last >= rules.retire_days * DAY
    return is_long and (pattern.missed is None or pattern.missed >= MEANINGFUL_SILENCE)


def _is_contradicted(pattern: Pattern) -> bool:
    pinned = pattern.curated.pinned is not None
    return not pinned and bool(pattern.lesson and pattern.lesson.contradicts)


def _with_agent(old: tuple[str, ...], new: tuple[str, ...], agent: str) -> tuple[str, ...]:
    """``old``, with only ``agent`` added or removed as ``new`` has it."""
    return tuple(sorted((set(old) - {agent}) | ({agent} & set(new))))
