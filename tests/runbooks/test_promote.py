"""The promotion log: folded in any order, and the events that bring it up to date."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.core.config import Config, Evolve, Routing
from errata.core.git import Repository
from errata.lessons.load import load_corpus
from errata.patterns.analysis import analyse
from errata.patterns.lesson import Rate
from errata.records import instants, schema
from errata.records.model import DAY
from errata.runbooks.promote import decide
from errata.runbooks.promotion_log import PromotionEvent, Standing, fold, parse
from errata.runbooks.promotions import EvolveScope, Promotions
from record_builders import (
    CORRECTIONS,
    FINDINGS,
    NOW,
    finding,
    implicit,
    lines,
    look,
    put,
    shown,
)

NAME = "missing-widget-check"
RULES = Evolve()
LOG = "debug-output-removed console.log"
EXAMPLE = shown(LOG, before=["console.log(user)"], after=[])


def event(
    kind: str, date: int, agents: tuple[str, ...] = ("api-dev",), name: str = NAME
) -> PromotionEvent:
    return PromotionEvent(date, kind, name, agents, 0.7, 3, "anti-pattern")


def events(
    root: Path,
    rows: Iterable[dict[str, Any]],
    standing: dict[str, Standing] | None = None,
    agent: str | None = None,
    config: Config | None = None,
) -> list[PromotionEvent]:
    """What is decided as of the newest record."""
    put(root, FINDINGS, lines(*rows))
    newest = max(instants.parse(row["timestamp"]) for row in rows)
    decided = look(root, config, newest, ahead=0)
    scope = EvolveScope(agent=agent)
    return Promotions(
        config or Config(), decided, decided.patterns, standing or {}, scope, None
    ).events


def strong(*days: float, name: str = NAME, **more: Any) -> list[dict[str, Any]]:
    return [finding(day, name, severity="blocking", **more) for day in days]


@pytest.mark.parametrize(
    ("rows", "missing"),
    [
        (strong(1, 2, 3, 4, 5), set()),
        (strong(1, 2), {"occurrences", "confidence"}),
        ([finding(day, severity="nit") for day in range(5)], {"confidence"}),
    ],
)
def test_criteria(tmp_path: Path, rows: list[dict[str, Any]], missing: set[str]) -> None:
    put(tmp_path, FINDINGS, lines(*rows))
    (pattern,) = look(tmp_path).patterns.values()
    decision = decide(pattern, RULES, NOW)
    assert decision.promoted is not bool(missing)
    assert {reason.name for reason in decision.unmet} == missing
    assert [reason.name for reason in decision.reasons] == [
        "occurrences",
        "confidence",
        "description",
        "agent",
        "recent",
    ]


def test_strong_pattern_is_promoted_once(tmp_path: Path) -> None:
    rows = strong(1, 2, 3, 4, 5)
    (first,) = events(tmp_path, rows)
    assert first.to_record() == {
        "date": "2025-02-28T00:00:00Z",
        "event": "promoted",
        "pattern": NAME,
        "agents": ["api-dev"],
        "confidence": 0.68,
        "occurrences": 5,
        "entry_type": "anti-pattern",
    }
    assert schema.is_valid("promotion-log", first.to_record())
    assert events(tmp_path, rows, fold([first])) == []


def test_promoted_pattern_stays_when_it_weakens(tmp_path: Path) -> None:
    standing = fold([event("promoted", NOW - 60 * DAY)])
    assert events(tmp_path, [finding(50, severity="nit")], standing) == []


def test_quiet_pattern_is_archived_and_restored_on_return(tmp_path: Path) -> None:
    log = [event("promoted", NOW - 200 * DAY)]
    rows = strong(190, 191, 192)
    # A record of another pattern moves the clock: 89 days are not a reason, 90 are.
    assert events(tmp_path, [*rows, finding(101, "other")], fold(log)) == []
    (gone,) = events(tmp_path, [*rows, finding(100, "other")], fold(log))
    assert (gone.event, gone.date, gone.agents) == ("archived", NOW - 100 * DAY, ("api-dev",))
    log.append(gone)
    assert fold(log)[NAME].archived
    assert events(tmp_path, [*rows, finding(20, "other")], fold(log)) == []
    (back,) = events(tmp_path, [*rows, *strong(10)], fold(log))
    assert (back.event, back.date) == ("restored", NOW - 10 * DAY)
    log.append(back)
    standing = fold(log)[NAME]
    assert standing.restored and not standing.archived
    assert standing.added == NOW - 200 * DAY
    assert events(tmp_path, [*rows, *strong(10)], fold(log)) == []


def test_return_at_the_instant_of_archival(tmp_path: Path) -> None:
    # Dates have no time of day, so that this is common.
    log = [event("promoted", NOW - 200 * DAY), event("archived", NOW - 100 * DAY)]
    (back,) = events(tmp_path, strong(190, 100), fold(log))
    assert back.event == "restored" and back.date > NOW - 100 * DAY
    log.append(back)
    assert not fold(log)[NAME].archived
    assert events(tmp_path, strong(190, 100), fold(log)) == []


def test_withdrawn_record_does_not_restore(tmp_path: Path) -> None:
    # What retired it is gone, and the newest record is older than the archival.
    log = [event("promoted", NOW - 200 * DAY), event("archived", NOW - 100 * DAY)]
    assert events(tmp_path, [*strong(190), finding(150, "other")], fold(log)) == []


def test_change_of_agents_is_a_lasting_update(tmp_path: Path) -> None:
    rows = strong(1, 2, 3, 4, 5)
    log = events(tmp_path, rows)
    # The records stay as they are; the repository changes its mind three times.
    for agents in (("zed",), ("abel",), ("api-dev",)):
        config = Config(routing=Routing(patterns={NAME: agents}))
        (update,) = events(tmp_path, rows, fold(log), config=config)
        assert (update.event, update.agents) == ("updated", agents)
        log.append(update)
        assert fold(log)[NAME].agents == agents
        assert events(tmp_path, rows, fold(log), config=config) == []


def test_only_one_agent_may_change(tmp_path: Path) -> None:
    rows = strong(1, 2, 3, 4, 5, affected_agents=["api-dev", "sre"])
    assert events(tmp_path, rows, agent="test-engineer") == []
    (first,) = events(tmp_path, rows, agent="sre")
    assert first.agents == ("sre",)
    assert events(tmp_path, rows, fold([first]), agent="sre") == []
    (both,) = events(tmp_path, rows, fold([first]))
    assert (both.event, both.agents) == ("updated", ("api-dev", "sre"))
    assert fold([first, both])[NAME].agents == ("api-dev", "sre")


def test_a_quiet_pattern_is_never_promoted(tmp_path: Path) -> None:
    rows = [*strong(*range(100, 112), affected_agents=["a", "b", "c"]), finding(1, "other")]
    assert events(tmp_path, rows) == []
    newest = NOW - DAY
    quiet = look(tmp_path, None, newest, ahead=0).patterns[NAME]
    decision = decide(quiet, RULES, newest)
    assert not decision.promoted
    assert decision.unmet_text == "recent: 99 >= 90 days since the last"


def test_reading_a_log(tmp_path: Path) -> None:
    del tmp_path
    good = event("promoted", NOW)
    line = json.dumps(good.to_record()).encode()
    damaged = [
        b"{",
        b"[]",
        b"<<<<<<< HEAD",
        json.dumps(good.to_record() | {"event": "sold"}).encode(),
        json.dumps(good.to_record() | {"agents": ["../../x"]}).encode(),
        json.dumps(good.to_record() | {"agents": ["x" * 65]}).encode(),
        json.dumps(good.to_record() | {"pattern": "\x1b[31mred"}).encode(),
        json.dumps(good.to_record() | {"pattern": 7}).encode(),
        json.dumps(good.to_record() | {"date": "then"}).encode(),
        json.dumps(good.to_record() | {"confidence": None}).encode(),
        json.dumps({"event": "promoted"}).encode(),
    ]
    found, bad = parse(b"\n".join([line, b"", *damaged, line + b"\r", b""]))
    assert found == [good, good]
    assert bad == list(range(3, 3 + len(damaged)))
    assert parse(b"") == ([], [])


_EVENTS = st.lists(
    st.builds(
        event,
        st.sampled_from(["promoted", "updated", "archived", "restored"]),
        st.integers(0, 5).map(lambda day: NOW + day * DAY),
        st.sampled_from([("api-dev",), ("sre",), ("api-dev", "sre")]),
        st.sampled_from(["a-name", "b-name"]),
    ),
    max_size=8,
)


@given(_EVENTS, st.integers(0, 9))
def test_fold_ignores_order_and_repetition(log: list[PromotionEvent], seed: int) -> None:
    turned = [*log, *log[:3]]
    random.Random(seed).shuffle(turned)
    assert fold(turned) == fold(log)


@given(_EVENTS)
def test_events_round_trip(log: list[PromotionEvent]) -> None:
    written = b"".join(json.dumps(one.to_record()).encode() + b"\n" for one in log)
    assert parse(written) == (log, [])
    assert all(schema.is_valid("promotion-log", one.to_record()) for one in log)


def test_torn_last_line_is_ignored_and_damaged_line_is_reported() -> None:
    """A kill in the middle of its write: the next evolve decides the same again, and appends it."""
    event = PromotionEvent(NOW, "promoted", "one-check", ("api-dev",), 0.7, 3, "tip")
    whole = lines(event.to_record())
    assert parse(whole + whole[:40]) == ([event], [])
    assert parse(whole + whole[:40] + b"\n") == ([event], [2])
    assert parse(whole + whole[:-1]) == ([event] * 2, [])


def test_a_lesson_that_is_corrected_less_than_other_work_is_not_taught(tmp_path: Path) -> None:
    edits = [implicit(day, LOG, examples=[EXAMPLE]) for day in (1, 2, 3, 4, 5, 6)]
    others = [implicit(day, f"call-added f{day}", f"call-removed g{day}") for day in range(10, 40)]
    put(tmp_path, CORRECTIONS, lines(*edits, *others))
    corpus = load_corpus(Repository(tmp_path, None, None), Config())
    (taught,) = corpus.lessons.values()
    unmet = []
    for base, is_comparable in ((0.2, True), (0.4, True), (0.4, False)):
        rate = Rate(3, 10, 0.1, 0.6, base, "other work", is_comparable)
        corpus.lessons = {taught.name: replace(taught, rate=rate)}
        pattern = analyse(corpus, Config(), NOW).patterns[taught.name]
        unmet.append([reason.name for reason in decide(pattern, RULES, NOW).unmet])
    assert unmet == [[], ["rate"], []]
