"""One session, or one minute, counts once: attacks, honest cases, and properties."""

from __future__ import annotations

import random
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.core.config import Config, Evolve
from errata.patterns import registry, sessions
from errata.patterns.analysis import Pattern
from errata.patterns.score import Trend
from errata.records.model import DAY
from errata.runbooks import promote
from record_builders import (
    CORRECTIONS,
    FINDINGS,
    INCIDENTS,
    LEARNINGS,
    NOW,
    ago,
    correction,
    finding,
    incident,
    learning,
    lines,
    look,
    put,
)

MINUTE = 1 / 1440
NAIVE = Config(evolve=Evolve(per_session=False))
Row = dict[str, Any]


def hard(days: float, **more: Any) -> Row:
    """A severe finding: a few of them are enough for a runbook."""
    more = {"severity": "blocking", "affected_agents": ["api-dev"], **more}
    return finding(days, **{"description": f"The widget of {more}, {days}"} | more)


def pattern(root: Path, rows: Iterable[Row], config: Config | None = None) -> Pattern:
    put(root, FINDINGS, lines(*rows))
    (built,) = look(root, config).patterns.values()
    return built


def promoted(candidate: Pattern, rules: Evolve) -> bool:
    return promote.decide(candidate, rules, NOW).promoted


ATTACKS = {
    "one author within a minute": [hard(1, agent="mallory", file=f"{n}.go") for n in range(40)],
    "one author within a minute, a second apart": [
        hard(1 - n / 86_400, agent="mallory") for n in range(40)
    ],
    "no author within a minute": [hard(1 - n / 86_400) for n in range(40)],
    "one session spread over days": [hard(1 + n, session_id="s-1") for n in range(40)],
    "one session under many authors": [
        hard(1 + n, session_id="s-1", agent=f"agent-{n}") for n in range(40)
    ],
    "many authors within a minute": [hard(1, agent=f"agent-{n}") for n in range(40)],
    "many sessions within a minute": [hard(1, session_id=f"s-{n}") for n in range(40)],
    "many sessions within a minute, and one spread over days": [
        *(hard(40, session_id=f"s-{n}") for n in range(40)),
        *(hard(n / 2, session_id="s-0") for n in range(40)),
    ],
    "a day without an hour": [hard(1, timestamp=ago(1)[:10], file=f"{n}.go") for n in range(40)],
    "a day in the field for it": [
        hard(1, file=f"{n}.go", date=ago(1)[:10]) | {"timestamp": None} for n in range(40)
    ],
    "other services and words each time": [
        hard(1 + n, session_id="s-1", service=f"service-{n}", category=f"c{n}") for n in range(40)
    ],
}


@pytest.mark.parametrize("rows", ATTACKS.values(), ids=ATTACKS.keys())
def test_a_flood_promotes_nothing(tmp_path: Path, rows: list[Row]) -> None:
    naive = pattern(tmp_path, rows, NAIVE)
    assert promoted(naive, NAIVE.evolve), "counting records, the attack succeeds"
    result = pattern(tmp_path, rows)
    assert result.count == len(rows), "the number of records is still shown"
    assert result.sessions == 1
    assert not promoted(result, Evolve())
    assert promote.decide(result, Evolve(), NOW).held_back
    assert not promote.decide(naive, NAIVE.evolve, NOW).held_back
    # Two honest sessions more, and it is a pattern.
    honest = [hard(5, session_id="ann"), hard(9, session_id="ben")]
    more = pattern(tmp_path, [*rows, *honest])
    assert more.sessions == 3
    assert promoted(more, Evolve(min_confidence=0.5))


def test_a_flood_of_every_kind_of_record(tmp_path: Path) -> None:
    put(tmp_path, LEARNINGS, lines(*(learning(n, session_id="s") for n in range(9))))
    put(tmp_path, CORRECTIONS, lines(*(correction(n, session_id="s") for n in range(9))))
    put(tmp_path, INCIDENTS, lines(*(incident(n, session_id="s") for n in range(9))))
    result = pattern(tmp_path, (finding(n, session_id="s") for n in range(9)))
    assert (result.count, result.sessions) == (36, 1)


def test_a_flood_changes_neither_severity_nor_source_weight(tmp_path: Path) -> None:
    honest = [finding(10 + n, severity="nit") for n in range(3)]
    calm = pattern(tmp_path, honest).weights
    for flood in (
        [hard(1, file=f"{n}.go") for n in range(300)],
        [hard(1 + n, session_id="s") for n in range(80)],
        [hard(1, session_id=f"s-{n}") for n in range(300)],
    ):
        put(tmp_path, FINDINGS, lines(*honest, *flood[:1]))
        single = next(iter(look(tmp_path).patterns.values())).weights
        flooded = pattern(tmp_path, [*honest, *flood]).weights
        assert flooded.count == single.count == calm.count + 1
        assert (flooded.severity, flooded.weight) == (single.severity, single.weight)


def test_twelve_findings_of_one_reviewer_keep_their_figures(tmp_path: Path) -> None:
    rows = [finding(1 + n, agent="code-reviewer", service="compute-api") for n in range(12)]
    result = pattern(tmp_path, rows)
    assert (result.count, result.sessions) == (12, 12)
    assert [term.inputs for term in result.confidence.terms] == [
        "min(12 / 10, 1)",
        "7.2 / 12",
        "max(0, 1 - 1 days / 90)",
        "min(max(1 services, 1 agents) / 3, 1)",
        "6.0 / 12",
    ]
    assert result.confidence == pattern(tmp_path, rows, NAIVE).confidence
    assert [reason.name for reason in promote.decide(result, Evolve(), NOW).reasons][:2] == [
        "occurrences",
        "confidence",
    ]


def test_sessions_and_minutes_count_once_across_logs(tmp_path: Path) -> None:
    put(tmp_path, LEARNINGS, lines(learning(3, session_id="s"), learning(9)))
    result = pattern(tmp_path, [finding(5, session_id="s"), finding(9), finding(7, session_id="t")])
    assert (result.count, result.sessions) == (5, 3)


@pytest.mark.parametrize("session_id", [7, 7.5, True, ["s"], {"a": 1}])
def test_a_session_id_of_another_type_is_a_session(tmp_path: Path, session_id: Any) -> None:
    result = pattern(tmp_path, [finding(day, session_id=session_id) for day in range(3)])
    assert (result.count, result.sessions) == (3, 1)


@pytest.mark.parametrize("none", [None, ""])
def test_an_empty_session_id_is_none(tmp_path: Path, none: Any) -> None:
    assert pattern(tmp_path, [finding(day, session_id=none) for day in range(3)]).sessions == 3


def test_a_flood_raises_no_alert(tmp_path: Path) -> None:
    before = [finding(40 + n / 9, file="a.go") for n in range(10)]
    calm = [finding(3 + n, file="b.go") for n in range(10)]
    flood = [finding(2 + n / 9, session_id="s", file="c.go") for n in range(90)]
    burst = [finding(2, session_id=f"s-{n}", file="d.go") for n in range(90)]

    def alerts(rows: list[Row], config: Config | None = None) -> list[Pattern]:
        put(tmp_path, FINDINGS, lines(*rows))
        return registry.alerts(look(tmp_path, config))

    assert alerts([*before, *calm]) == []
    for attack in (flood, burst):
        # On top of honest records, and alone where there were few.
        for rows in ([*before, *calm, *attack], [*before[:1], *attack]):
            (naive,) = alerts(rows, NAIVE)
            assert naive.trend is Trend.INCREASING
            assert alerts(rows) == []
    honest = [finding(1 + n, session_id=f"s-{n}", file="e.go") for n in range(20)]
    assert len(alerts([*before, *honest])) == 1


# --- properties

# (minute, session, weight); session 0 is none. The third weight is that of a doubtful correction.
_ROW = st.tuples(st.integers(0, 6), st.integers(0, 4), st.integers(0, 2))
_ROWS = st.lists(_ROW, min_size=1, max_size=30)
_WEIGHTS = [(10, 70, 10), (6, 50, 10), (6, 24, 3)]


def weights(rows: Iterable[tuple[int, int, int]]) -> sessions.SessionWeights:
    ordered = sorted(rows)
    when = [minute * sessions.MINUTE + number for number, (minute, _, _) in enumerate(ordered)]
    return sessions.session_weights(
        when, [s for _, s, _ in ordered], [w for _, _, w in ordered], _WEIGHTS
    )


def naive_weights(
    rows: list[tuple[int, int, int]],
) -> tuple[int, Fraction, Fraction, Fraction]:
    """A direct implementation of the rule in docs/lessons.md."""
    minutes: dict[int, list[int]] = {}
    for minute, session, weight in rows:
        earlier = any(s == session and m < minute for m, s, _ in rows)
        if session == 0 or not earlier:
            minutes.setdefault(minute, []).append(weight)

    def total(which: int, unit: int) -> Fraction:
        return sum(
            (Fraction(sum(_WEIGHTS[w][which] for w in result), len(result) * unit))
            for result in minutes.values()
        )  # type: ignore[return-value]

    return len(minutes), total(0, 10), total(1, 100), total(2, 10)


@given(_ROWS)
def test_weights_equal_a_naive_implementation(rows: list[tuple[int, int, int]]) -> None:
    result, (count, severity, weight, expected) = weights(rows), naive_weights(rows)
    assert result.count == count >= 1
    assert result.severity == pytest.approx(float(severity), rel=1e-12)
    assert result.weight == pytest.approx(float(weight), rel=1e-12)
    assert result.expected == pytest.approx(float(expected), rel=1e-12)
    when = [minute * sessions.MINUTE for minute, _, _ in sorted(rows)]
    assert sessions.count_sessions(when, [s for _, s, _ in sorted(rows)]) == count


@given(_ROWS, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(
    rows: list[tuple[int, int, int]], chance: random.Random
) -> None:
    turned = chance.sample(rows, len(rows))
    assert weights(turned) == weights(rows)
    assert weights([*rows, *turned]).count == weights(rows).count


@given(_ROWS, _ROW)
def test_later_records_of_a_session_add_nothing(
    rows: list[tuple[int, int, int]], extra: tuple[int, int, int]
) -> None:
    minute, session, weight = rows[0]
    later = (minute + extra[0], session or 1, extra[2])
    base = [*rows, (minute, session or 1, weight)]
    assert weights([*base, later]).count == weights(base).count
    # And nobody adds more than one, whatever it is.
    assert weights([*rows, extra]).count <= weights(rows).count + 1


@given(_ROWS)
def test_never_more_than_sessions_or_minutes(rows: list[tuple[int, int, int]]) -> None:
    count = weights(rows).count
    assert count <= len({minute for minute, _, _ in rows})
    assert count <= len({(s, 0) if s else (0, m) for m, s, _ in rows})


@given(
    st.lists(
        st.tuples(st.integers(0, 500), st.integers(0, 2)), min_size=1, unique_by=lambda r: r[0]
    )
)
def test_without_shared_sessions_or_minutes_records_count(
    rows: list[tuple[int, int]],
) -> None:
    result = weights([(minute, number + 1, weight) for number, (minute, weight) in enumerate(rows)])
    severity, weight, certainty = (sum(_WEIGHTS[w][which] for _, w in rows) for which in range(3))
    assert result == sessions.SessionWeights(len(rows), ((1, severity, weight, certainty),))
    assert (result.severity, result.expected) == (severity / 10, certainty / 10)
    assert result.weight == pytest.approx(weight / 100, rel=1e-12)


def test_session_keys_are_stable() -> None:
    assert sessions.session_key("s-1") == 0xDDED4C959102303 != sessions.session_key("s-2")
    assert sessions.session_key("") == sessions.session_key(None) == 0
    assert 0 < sessions.session_key("\ud800") < 2**64


def test_minutes_before_1970(tmp_path: Path) -> None:
    rows = [finding(0, timestamp=f"1969-12-31T23:59:{n:02}Z") for n in (0, 59)]
    rows.append(finding(0, timestamp="1970-01-01T00:00:00Z"))
    assert pattern(tmp_path, rows).sessions == 2
    assert DAY % sessions.MINUTE == 0
