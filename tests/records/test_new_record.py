"""Records from options: a pure function of what is given and of the present."""

from __future__ import annotations

import pytest

from errata.core.errors import ErrataError, RecordError
from errata.records import instants, new_record
from errata.records.model import DAY, Kind

NOW = instants.parse("2025-01-15T14:30:00Z")


def test_build_is_a_function_of_its_inputs() -> None:
    given = {"severity": "nit", "file": "a", "description": "d", "affected-agent": ()}
    assert new_record.build(Kind.FINDING, given, [], NOW) == {
        "timestamp": "2025-01-15T14:30:00Z",
        "severity": "nit",
        "description": "d",
        "file": "a",
    }
    dated = new_record.build(Kind.FINDING, {**given, "date": "2025-01-02"}, [], NOW)
    assert (dated["date"], "timestamp" in dated) == ("2025-01-02", False)
    with pytest.raises(ErrataError, match="--severity is missing"):
        new_record.build(Kind.FINDING, {}, [], NOW)


@pytest.mark.parametrize(
    ("given", "date", "timestamp"),
    [
        ({}, "2025-01-15", "2025-01-15T14:30:00Z"),
        ({"date": "2025-01-02"}, "2025-01-02", "2025-01-02T00:00:00Z"),
        ({"timestamp": "2025-01-02T23:30:00-02:00"}, "2025-01-03", "2025-01-02T23:30:00-02:00"),
        ({"date": "2024-12-31", "timestamp": "2025-01-01T00:00:00Z"}, "2024-12-31", None),
    ],
)
def test_a_correction_has_both_its_times(
    given: dict[str, str], date: str, timestamp: str | None
) -> None:
    filled = new_record.with_time(Kind.CORRECTION, given, NOW)
    assert filled["date"] == date
    assert filled["timestamp"] == (timestamp or given["timestamp"])


def test_a_day_of_clock_difference_is_no_future() -> None:
    given = {"severity": "nit", "file": "a", "description": "d"}
    soon = {**given, "timestamp": instants.iso(NOW + DAY)}
    record = new_record.build(Kind.FINDING, soon, [], NOW)
    new_record.validate(Kind.FINDING, record, "", NOW)


def test_two_days_ahead_is_the_future() -> None:
    late = {"severity": "nit", "file": "a", "description": "d"}
    record = new_record.build(Kind.FINDING, {**late, "timestamp": "2025-01-17T14:30:00Z"}, [], NOW)
    with pytest.raises(RecordError, match="in the future"):
        new_record.validate(Kind.FINDING, record, "", NOW)
