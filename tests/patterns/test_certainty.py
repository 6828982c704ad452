"""Doubtful corrections count less: reading, laws, promotion, and nothing new for old logs."""

from __future__ import annotations

import json
import math
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errata.core.config import Alias, Config, Evolve
from errata.patterns.analysis import Pattern
from errata.patterns.sessions import SessionWeights
from errata.records.model import Kind, certainty
from errata.records.reader import decoder
from errata.runbooks import promote
from record_builders import CORRECTIONS, FINDINGS, NOW, correction, finding, lines, look, put

MINUTE = 1 / 1440
BY_RECORD = Config(evolve=Evolve(per_session=False))
Row = dict[str, Any]


def doubtful(days: float, probability: Any = None, **more: Any) -> Row:
    """An implicit correction; without the field where there is no probability."""
    row = correction(days, source="implicit", **more)
    return row if probability is None else row | {"probability": probability}


def pattern(rows: Sequence[Row], config: Config | None = None, findings: Sequence[Row] = ()) -> Any:
    """The one pattern of these corrections and findings."""
    with tempfile.TemporaryDirectory() as folder:
        put(Path(folder), CORRECTIONS, lines(*rows))
        put(Path(folder), FINDINGS, lines(*findings))
        (built,) = look(Path(folder), config).patterns.values()
        assert built.confidence and built.confidence_of_records
        return built


def promoted(candidate: Pattern) -> bool:
    return promote.decide(candidate, Evolve(), NOW).promoted


@pytest.mark.parametrize(
    ("probability", "tenths"),
    [
        (0, 1),
        (0.04, 1),
        (0.1, 1),
        (0.16, 2),
        (0.4, 5),
        (0.6, 8),
        (0.7, 9),
        (0.8, 10),
        (0.99, 10),
        (1, 10),
        (None, 10),
        (-0.01, 10),
        (1.01, 10),
        (10**400, 10),
        (math.nan, 10),
        ("0.3", 10),
        (True, 10),
        (False, 10),
        ([0.3], 10),
        ({"is": 0.3}, 10),
    ],
)
def test_certainty_in_tenths(probability: Any, tenths: int) -> None:
    assert certainty(probability) == tenths


@given(st.floats(0, 1), st.floats(0, 1))
def test_certainty_grows_with_probability(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 1 <= certainty(low) <= certainty(high) <= 10


@pytest.mark.parametrize("alias", [None, Alias(fields={"odds": "probability"})])
@pytest.mark.parametrize(
    ("probability", "tenths"), [(0.56, 7), (0, 1), (-1, 10), ("x", 10), ([1], 10), (None, 10)]
)
def test_reading_a_record(alias: Alias | None, probability: Any, tenths: int) -> None:
    decode = decoder(Kind.CORRECTION, alias)
    line = json.dumps(doubtful(1) | {"odds" if alias else "probability": probability}).encode()
    raw = decode(line)
    assert raw.record().certainty == tenths
    assert hash(raw.facet_values()) is not None
    explicit = decode(line.replace(b'"implicit"', b'"explicit"'))
    assert explicit.record().certainty == 10


def test_a_confidence_computed_by_hand() -> None:
    rows = [doubtful(day, p) for day, p in enumerate((1, 0.72, 0.64, 0.4), 1)]
    built = pattern(rows)
    assert [term.inputs for term in built.confidence.terms] == [
        "min(3.2 / 10, 1), expected 3.2 of 4",
        "2.4 / 4",
        "max(0, 1 - 1 days / 90)",
        "min(max(0 services, 1 agents) / 3, 1)",
        "2.56 / 4",
    ]
    assert built.count == built.sessions == 4
    assert built.counts.certainties == {10: 1, 9: 1, 8: 1, 5: 1}
    expected = 0.35 * 0.32 + 0.25 * 0.6 + 0.15 * 89 / 90 + 0.10 / 3 + 0.15 * 0.64
    assert built.confidence.value == pytest.approx(expected)
    assert built.confidence == pattern(rows, BY_RECORD).confidence


def test_a_minute_counts_for_the_mean_of_its_certainties() -> None:
    rows = [doubtful(1, p, agent=f"agent-{p * 10:.0f}") for p in (0.16, 0.24, 1)]
    built = pattern([*rows, doubtful(2, 0.6)])
    assert (built.count, built.sessions) == (4, 2)
    assert built.weights.expected == pytest.approx(0.5 + 0.8)
    assert built.confidence.terms[0].inputs == "min(1.3 / 10, 1), expected 1.3 of 2"
    by_record = pattern([*rows, doubtful(2, 0.6)], BY_RECORD)
    assert by_record.confidence == built.confidence_of_records
    assert by_record.confidence.terms[0].inputs == "min(2.3 / 10, 1), expected 2.3 of 4"


def test_doubtful_corrections_promote_nothing() -> None:
    def seen(probability: float | None) -> Pattern:
        return pattern([doubtful(day, probability, severity="high") for day in range(1, 5)])

    assert promoted(seen(None)) and promoted(seen(1.0))
    doubted = seen(0.3)
    assert not promoted(doubted)
    assert doubted.count == 4, "all are still shown"
    unmet = promote.decide(doubted, Evolve(), NOW).unmet
    assert [reason.name for reason in unmet] == ["confidence"]


# --- laws

# (minute, session, probability in hundredths, high severity or not, service); session 0 is none.
_ROW = st.tuples(
    st.integers(0, 5),
    st.integers(0, 3),
    st.none() | st.integers(0, 100),
    st.booleans(),
    st.integers(0, 2),
)
_ROWS = st.lists(_ROW, min_size=1, max_size=12)
_FINDINGS = st.lists(st.integers(0, 5), max_size=3, unique=True)
_CONFIGS = st.sampled_from([Config(), BY_RECORD])
_LAWS = settings(max_examples=40, deadline=None)


def rows_of(drawn: Sequence[tuple[int, int, int | None, bool, int]]) -> list[Row]:
    return [
        doubtful(
            1 + minute * MINUTE,
            None if hundredths is None else hundredths / 100,
            id=f"c-{number}",
            session_id=f"s-{session}" if session else None,
            severity="high" if high else "low",
            context={"service": f"service-{service}"},
        )
        for number, (minute, session, hundredths, high, service) in enumerate(drawn)
    ]


@_LAWS
@given(_ROWS, _FINDINGS, _CONFIGS, st.integers())
def test_the_order_of_records_changes_nothing(
    drawn: list[Any], minutes: list[int], config: Config, seed: int
) -> None:
    rows = rows_of(drawn)
    findings = [finding(1 + minute * MINUTE) for minute in minutes]
    turned = random.Random(seed).sample(rows, len(rows))
    one, other = pattern(rows, config, findings), pattern(turned, config, findings[::-1])
    assert one.confidence == other.confidence
    assert one.confidence_of_records == other.confidence_of_records
    assert one.weights == other.weights


@_LAWS
@given(_ROWS, _FINDINGS, _CONFIGS, st.data())
def test_a_lower_probability_never_raises_the_confidence(
    drawn: list[Any], minutes: list[int], config: Config, data: st.DataObject
) -> None:
    findings = [finding(1 + minute * MINUTE) for minute in minutes]
    before = pattern(rows_of(drawn), config, findings)
    at = data.draw(st.integers(0, len(drawn) - 1))
    minute, session, hundredths, high, service = drawn[at]
    lower = data.draw(st.integers(0, 100 if hundredths is None else hundredths))
    drawn = [*drawn[:at], (minute, session, lower, high, service), *drawn[at + 1 :]]
    after = pattern(rows_of(drawn), config, findings)
    assert after.confidence.value <= before.confidence.value + 1e-12
    assert (after.count, after.sessions) == (before.count, before.sessions)


def former(weights: SessionWeights) -> tuple[float, float]:
    """The occurrences and the source weight as they were computed before certainties existed."""
    tenths = [(n, weight // 10) for n, _, weight, _ in weights.shares]
    return min(weights.count / 10, 1), math.fsum(weight / n for n, weight in tenths) / 10


@_LAWS
@given(_ROWS, _FINDINGS, _CONFIGS, st.sampled_from([None, 100]))
def test_without_doubt_every_figure_is_as_before(
    drawn: list[Any], minutes: list[int], config: Config, certain: int | None
) -> None:
    rows = rows_of([(m, session, certain, *rest) for m, session, _, *rest in drawn])
    built = pattern(rows, config, [finding(1 + minute * MINUTE) for minute in minutes])
    occurrences, weight = former(built.weights)
    terms = {term.name: term for term in built.confidence.terms}
    count = built.weights.count
    # To the last bit, and in the same words.
    assert terms["occurrences"].value == occurrences
    assert terms["occurrences"].inputs == f"min({count} / 10, 1)"
    assert terms["source quality"].value == weight / count
    assert terms["source quality"].inputs == f"{weight:.1f} / {count}"
