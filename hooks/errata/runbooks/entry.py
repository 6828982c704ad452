"""What a runbook says about one pattern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from errata.patterns.analysis import Pattern
    from errata.patterns.lesson import Lesson
    from errata.runbooks.promotion_log import Standing

Kind = Literal["pattern", "anti-pattern", "tip"]
RETURNED = "it was archived and came back"
"""What is said of a pattern that was retired once."""
_EXAMPLES = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One promoted pattern with its current figures. Every text in it is untrusted.

    Attributes:
        name: kebab-case name, the identity of the entry within a runbook.
        kind: what sort of lesson it is.
        description: what was observed.
        fix: what to do instead, only where a person wrote it; else empty.
        confidence: from 0 to 1, as shown elsewhere (two decimals).
        trend: increasing, decreasing, stable, new, resolved, quiet or regressed.
        last_seen: YYYY-MM-DD, in UTC.
        sources: (label in the plural, how many records), in the order to show.
        regressed: it was archived once, and is back.
        examples: what single records said, newest first.
        sessions: number of sessions with an occurrence; 0 if it equals ``occurrences``.
        shipped: whether the description is a sentence of errata's own, not one of a log.
        first_seen: YYYY-MM-DD, in UTC; only of a lesson.
        written, written_on: by whom and when, if somebody wrote the description and the fix.
        source: whether a person wrote or confirmed these, or an agent proposed them; else "".
        pinned: a person wants it taught.
        unhelpful: agents repeat it as often as before it was taught, or more often.
        lesson: what it teaches, if it is a group of corrections with an instruction or example.
    """

    name: str
    kind: Kind
    description: str
    fix: str
    category: str
    severity: str
    confidence: float
    occurrences: int
    trend: str
    last_seen: str
    services: tuple[str, ...]
    sources: tuple[tuple[str, int], ...]
    regressed: bool
    examples: tuple[str, ...] = ()
    sessions: int = 0
    shipped: bool = False
    first_seen: str = ""
    lesson: Lesson | None = None
    written: str = ""
    written_on: str = ""
    source: str = ""
    pinned: bool = False
    unhelpful: bool = False

    @property
    def by_person(self) -> bool:
        """Whether its texts are those of a person, and so an instruction to its readers."""
        return self.source in ("written", "confirmed")


def from_pattern(pattern: Pattern, standing: Standing, *, unhelpful: bool = False) -> Entry:
    """The entry of a promoted pattern."""
    from errata.records.instants import day
    from errata.records.model import Source

    counts = pattern.counts.sources
    lesson = pattern.lesson
    if lesson and not (lesson.instruction or lesson.example):
        lesson = None
    text = pattern.curated.text
    description, fix = pattern.description, pattern.fix
    by_person = text is not None and text.by_person
    if text and by_person:
        # Nothing from a log may pass for the words of a person.
        description = text.description or text.instead
        fix = text.instead if text.description else ""
    kind: Any = pattern.tip if pattern.tip in ("pattern", "tip") else "anti-pattern"
    return Entry(
        name=pattern.name,
        kind=kind,
        description=description,
        fix=fix,
        category=pattern.category,
        severity=pattern.severity.value,
        confidence=pattern.confidence.shown,
        occurrences=pattern.count,
        trend=pattern.trend.value,
        last_seen=day(pattern.last),
        services=tuple(pattern.services),
        sources=tuple((source.label, counts[source]) for source in Source if source in counts),
        regressed=standing.restored,
        examples=() if lesson or by_person else _examples(pattern),
        sessions=pattern.sessions if pattern.sessions != pattern.count else 0,
        shipped=pattern.shipped,
        first_seen=day(pattern.first) if lesson else "",
        lesson=lesson,
        written=text.by if text else "",
        written_on=day(text.when) if text else "",
        source=text.source if text else "",
        pinned=pattern.curated.pinned is not None,
        unhelpful=unhelpful,
    )


def _examples(pattern: Pattern) -> tuple[str, ...]:
    """What the newest records say beyond the description."""
    texts = dict.fromkeys(excerpt.text for excerpt in pattern.excerpts)
    texts.pop(pattern.description, None)
    return tuple(texts)[:_EXAMPLES]
