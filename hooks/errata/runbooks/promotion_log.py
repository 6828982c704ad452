"""The promotion log: which patterns entered which runbooks, and when.

The log is append-only, tracked, and merged by union. Its events are folded in order of time, so
neither the order of its lines nor a repeated line matters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from errata.core.config import AGENT_NAME, Config
from errata.records import identity, instants, patterns_folder
from errata.records.pattern_names import PATTERN_NAME
from errata.runbooks import paths

# Events of one instant are folded in this order.
_EVENT_ORDER = {"promoted": 0, "updated": 1, "archived": 2, "restored": 3}
MAX_REASON = 300
"""Characters of a reason, or of a fact."""
MAX_FACTS = 20
MAX_OCCURRENCES = 1_000_000_000
DISMISSED = "dismissed "
"""What the reason begins with if somebody dismissed a pattern."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CONFLICT_MARKERS = (b"<<<<<<<", b"=======", b">>>>>>>")
_BASE_MARKER = b"|||||||"


@dataclass(frozen=True, slots=True)
class PromotionEvent:
    """One line of the promotion log.

    Attributes:
        date: instant, in microseconds UTC.
        event: promoted, updated, archived or restored.
        agents: whose runbooks hold the pattern from then on.
        occurrences, confidence: figures at that moment.
        entry_type: pattern, anti-pattern or tip.
        reason: why it was archived, if not because nothing occurred for long.
        facts: what all corrections have in common that a lesson was made of; its name may change.
    """

    date: int
    event: str
    pattern: str
    agents: tuple[str, ...]
    confidence: float
    occurrences: int
    entry_type: str
    reason: str = ""
    facts: tuple[str, ...] = ()

    def to_record(self) -> dict[str, Any]:
        """The JSON object of its line."""
        record = {
            "date": instants.iso(self.date),
            "event": self.event,
            "pattern": self.pattern,
            "agents": list(self.agents),
            "confidence": self.confidence,
            "occurrences": self.occurrences,
            "entry_type": self.entry_type,
        }
        record |= {"reason": self.reason} if self.reason else {}
        return record | ({"facts": list(self.facts)} if self.facts else {})


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a pattern after the events of the log.

    Attributes:
        agents: whose runbooks hold it.
        archived: it was retired and is in no runbook now.
        restored: it was retired once and came back, not only because somebody dismissed it and
            took that back.
        added: instant of its first promotion; ``changed`` of its newest event.
        reason: why it was retired although it may still occur; "" otherwise.
    """

    agents: tuple[str, ...]
    archived: bool
    restored: bool
    added: int
    changed: int
    reason: str = ""


def load(root: Path, config: Config, until: int | None = None) -> dict[str, Standing]:
    """The standing of every pattern in a repository's promotion log.

    Args:
        until: as if nothing later than this instant were in it; None for everything.

    Raises:
        LogError, RunbookError: the log cannot be read, or a link leads out of the work tree.
    """
    events, _ = parse(read(root, config))
    return fold(event for event in events if until is None or event.date <= until)


def read(root: Path, config: Config) -> bytes:
    """The bytes of the log; empty if there is none. Raises as :func:`load`."""
    return paths.read(paths.patterns_file(root, config, paths.PROMOTION_LOG)) or b""


def taught(standings: Mapping[str, Standing]) -> frozenset[str]:
    """The patterns that are in a runbook."""
    return frozenset(name for name, standing in standings.items() if not standing.archived)


def status(config: Config, standing: Standing | None) -> tuple[str, list[str]]:
    """``tracked``, ``promoted`` or ``archived``, and the runbooks that hold the pattern."""
    if standing is None:
        return "tracked", []
    if standing.archived:
        return "archived", []
    folder = PurePosixPath(config.paths.runbooks)
    return "promoted", [f"{folder}/{agent}/{paths.FILE_NAME}" for agent in standing.agents]


def parse(data: bytes) -> tuple[list[PromotionEvent], list[int]]:
    """The events of a log, and the numbers of its invalid lines."""
    return patterns_folder.parse(data, lambda line: _event(identity.decode(line)))


def nonblank_lines(data: bytes) -> list[bytes]:
    """The lines that are not blank, without their line ends."""
    return [line.rstrip(b"\r") for line in data.split(b"\n") if line.strip()]


def resolve_conflicts(data: bytes) -> bytes:
    """The log without git's conflict markers: the lines of all sides, each once.

    A log without a complete conflict is returned unchanged.
    """
    lines = nonblank_lines(data)
    if not all(any(line.startswith(mark) for line in lines) for mark in _CONFLICT_MARKERS):
        return data
    markers = (*_CONFLICT_MARKERS, _BASE_MARKER)
    kept = dict.fromkeys(line for line in lines if not line.startswith(markers))
    return b"".join(line + b"\n" for line in kept)


def _order(event: PromotionEvent) -> tuple[int, int, tuple[str, ...], str, tuple[str, ...]]:
    return event.date, _EVENT_ORDER[event.event], event.agents, event.reason, event.facts


def in_order(events: Iterable[PromotionEvent]) -> list[PromotionEvent]:
    """The events by time, each once."""
    return sorted(set(events), key=_order)


def fold(events: Iterable[PromotionEvent]) -> dict[str, Standing]:
    """The standing of every pattern; the order of ``events`` does not matter."""
    standings: dict[str, Standing] = {}
    for event in in_order(events):
        previous = standings.get(event.pattern)
        came_back = event.event == "restored" and not (
            previous is not None and previous.reason.startswith(DISMISSED)
        )
        standings[event.pattern] = Standing(
            agents=event.agents,
            archived=event.event == "archived",
            restored=came_back or (previous is not None and previous.restored),
            added=previous.added if previous else event.date,
            changed=event.date,
            reason=event.reason if event.event == "archived" else "",
        )
    return standings


def _event(raw: Any) -> PromotionEvent:
    agents = tuple(sorted({str(agent) for agent in raw["agents"]}))
    valid_agents = all(AGENT_NAME.match(agent) and len(agent) <= 64 for agent in agents)
    valid_pattern = PATTERN_NAME.match(raw["pattern"])
    if raw["event"] not in _EVENT_ORDER or not valid_agents or not valid_pattern:
        raise ValueError("not an event of the promotion log")
    date = instants.parse_recorded(raw["date"])
    confidence = float(raw["confidence"])
    if not 0 <= confidence <= 1:
        raise ValueError("a confidence is from 0 to 1")
    occurrences = int(raw["occurrences"])
    if not 0 <= occurrences <= MAX_OCCURRENCES:
        raise ValueError("nothing occurs so often")
    return PromotionEvent(
        date=date,
        event=raw["event"],
        pattern=raw["pattern"],
        agents=agents,
        confidence=confidence,
        occurrences=occurrences,
        entry_type=str(raw["entry_type"]),
        reason=_line(raw.get("reason", "")),
        facts=_facts(raw.get("facts", [])),
    )


def _line(raw: Any) -> str:
    """A text on one line. Raises ValueError: it is not one."""
    if not isinstance(raw, str) or len(raw) > MAX_REASON or _CONTROL.search(raw):
        raise ValueError("not a text on one line")
    return raw


def _facts(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list) or len(raw) > MAX_FACTS:
        raise ValueError("facts are a list of texts")
    return tuple(sorted(set(map(_line, raw))))
