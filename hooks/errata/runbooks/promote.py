"""Which patterns belong in runbooks: the promotion log, and what to add to it.

The log is the memory: append-only, tracked, merged by union. Its events are folded in order of
time, so the order of its lines does not matter, nor does an event that stands there twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from errata.core.config import AGENT_NAME, Evolve
from errata.core.errors import RecordError
from errata.patterns.analysis import Analysis, Pattern
from errata.patterns.infer import PATTERN_NAME
from errata.records import identity, instants
from errata.records.model import DAY

_ORDER = {"promoted": 0, "updated": 1, "archived": 2, "restored": 3}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a pattern stands after the events of the log.

    Attributes:
        agents: whose runbooks hold it.
        archived: it was retired and is not in the runbooks now.
        restored: it was retired once and came back.
        added: instant of its first promotion; ``changed`` of its newest event.
    """

    agents: tuple[str, ...]
    archived: bool
    restored: bool
    added: int
    changed: int


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the promotion log."""

    date: int
    event: str
    pattern: str
    agents: tuple[str, ...]
    confidence: float
    occurrences: int
    entry_type: str

    def line(self) -> dict[str, Any]:
        """As it is written."""
        return {
            "date": instants.iso(self.date),
            "event": self.event,
            "pattern": self.pattern,
            "agents": list(self.agents),
            "confidence": self.confidence,
            "occurrences": self.occurrences,
            "entry_type": self.entry_type,
        }


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition of promotion, whether it is met, and the figures."""

    name: str
    met: bool
    detail: str


def read(data: bytes) -> tuple[list[Event], list[int]]:
    """The events of a promotion log, and the numbers of the lines that are not valid.

    An unfinished last line that is no event is as absent: the next append sets it aside.
    """
    events, bad = [], []
    lines = data.split(b"\n")
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                events.append(_event(identity.decode(line)))
            except (ValueError, KeyError, TypeError, OverflowError, RecordError):
                if number < len(lines):
                    bad.append(number)
    return events, bad


def rows(data: bytes) -> list[bytes]:
    """The lines that hold anything, without their line ends."""
    return [line.rstrip(b"\r") for line in data.split(b"\n") if line.strip()]


def healed(data: bytes) -> bytes:
    """A promotion log without the marks of git's conflicts: all sides stay, each line once.

    A log without a complete conflict comes back as it is.
    """
    found = rows(data)
    starts = (b"<<<<<<<", b"=======", b">>>>>>>")
    if not all(any(row.startswith(mark) for row in found) for mark in starts):
        return data
    kept = dict.fromkeys(row for row in found if not row.startswith((*starts, b"|||||||")))
    return b"".join(row + b"\n" for row in kept)


def _event(raw: Any) -> Event:
    agents = tuple(sorted({str(agent) for agent in raw["agents"]}))
    named = all(AGENT_NAME.match(agent) and len(agent) <= 64 for agent in agents)
    if raw["event"] not in _ORDER or not named or not PATTERN_NAME.match(raw["pattern"]):
        raise ValueError("not an event of the promotion log")
    date = instants.parse(raw["date"])
    if not instants.FIRST <= date < instants.END:
        raise ValueError("a year has four digits")
    confidence = float(raw["confidence"])
    if not 0 <= confidence <= 1:
        raise ValueError("a confidence is from 0 to 1")
    return Event(
        date=date,
        event=raw["event"],
        pattern=raw["pattern"],
        agents=agents,
        confidence=confidence,
        occurrences=int(raw["occurrences"]),
        entry_type=str(raw["entry_type"]),
    )


def fold(events: Iterable[Event]) -> dict[str, Standing]:
    """The standing of every pattern; the order of ``events`` does not matter."""
    standing: dict[str, Standing] = {}
    for event in sorted(set(events), key=lambda e: (e.date, _ORDER[e.event], e.agents)):
        old = standing.get(event.pattern)
        standing[event.pattern] = Standing(
            agents=event.agents,
            archived=event.event == "archived",
            restored=event.event == "restored" or (old is not None and old.restored),
            added=old.added if old else event.date,
            changed=event.date,
        )
    return standing


def criteria(pattern: Pattern, rules: Evolve) -> list[Criterion]:
    """The conditions that a pattern must meet to enter a runbook."""
    least, confidence = rules.min_occurrences, pattern.confidence
    found = [Criterion("occurrences", pattern.count >= least, f"{pattern.count} >= {least}")]
    if pattern.sessions != pattern.count:
        detail = f"{pattern.sessions} >= {least}"
        found.append(Criterion("sessions", pattern.sessions >= least, detail))
    return [
        *found,
        Criterion(
            "confidence",
            confidence.reaches(rules.min_confidence),
            f"{confidence.value:.4f} >= {rules.min_confidence:g}",
        ),
        Criterion("description", bool(pattern.description), "says what to watch for"),
        Criterion(
            "agent",
            bool(pattern.route.agents),
            ", ".join(pattern.route.agents) or "nobody to teach",
        ),
    ]


def flooded(pattern: Pattern, rules: Evolve) -> bool:
    """Whether a pattern is held back only because its records come from too few sessions."""
    if pattern.sessions == pattern.count or pattern.count < rules.min_occurrences:
        return False
    missing = {criterion.name for criterion in criteria(pattern, rules) if not criterion.met}
    by_records = pattern.confidence_of_records.reaches(rules.min_confidence)
    return bool(missing) and missing <= {"sessions", "confidence"} and by_records


def decide(
    decided: Analysis,
    candidates: Mapping[str, Pattern],
    standing: Mapping[str, Standing],
    rules: Evolve,
    agent: str | None = None,
) -> Iterator[Event]:
    """The events that bring the log up to date.

    Args:
        decided: all records, as of the newest one.
        candidates: the patterns that may be promoted now, with what was analysed of them.
        agent: only this agent's runbook may change.
    """
    now = decided.windows.now
    for name, pattern in decided.patterns.items():
        if name not in candidates:
            continue
        route = pattern.route.agents
        old = standing.get(name)
        quiet = now - pattern.last >= rules.retire_days * DAY
        event, agents = None, route
        if old is None:
            if not quiet and all(c.met for c in criteria(candidates[name], rules)):
                event = "promoted"
                agents = tuple(a for a in route if agent in (None, a))
        elif agent is not None and agent not in {*old.agents, *route}:
            continue
        elif old.archived:
            # Measured from the archival too: that a newer record was withdrawn is no return.
            silent = old.changed - pattern.last >= rules.retire_days * DAY
            event = None if quiet or silent else "restored"
        elif quiet:
            event, agents = "archived", old.agents
        elif route != old.agents:
            agents = route if agent is None else _one(old.agents, route, agent)
            event = "updated" if agents != old.agents else None
        if event and agents:
            # An event must follow the one it builds on, also where no record is newer (a change of
            # routing) or the newest was withdrawn; else folding would put it before that one.
            yield Event(
                now if old is None else max(now, old.changed + 1),
                event,
                name,
                agents,
                pattern.confidence.shown,
                pattern.count,
                pattern.tip,
            )


def _one(old: tuple[str, ...], new: tuple[str, ...], agent: str) -> tuple[str, ...]:
    """``old`` with only ``agent`` brought to what ``new`` says of it."""
    return tuple(sorted((set(old) - {agent}) | ({agent} & set(new))))
