"""Instants: int microseconds since 1970 UTC; a date means its midnight."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from functools import cache

from errata.core.errors import ErrataError
from errata.records.model import DAY

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
FIRST, END = -30_610_224_000_000_000, 253_402_300_800_000_000
"""From the year 1000 to before the year 10000: years that validation allows."""


def from_datetime(moment: datetime) -> int:
    """The instant of a datetime; a naive one is UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MICROSECOND


def parse(text: str) -> int:
    """The instant of an ISO 8601 date or date-time.

    Raises:
        ValueError: it is neither.
    """
    return from_datetime(datetime.fromisoformat(text))


def parse_recorded(text: str) -> int:
    """The instant of a date or date-time in a log.

    Raises:
        ValueError: it is neither, or its year does not have four digits.
    """
    instant = parse(text)
    if not FIRST <= instant < END:
        raise ValueError("a year has four digits")
    return instant


def clock() -> int:
    """The current instant. Only commands and hooks call this; everything else takes ``now``."""
    return time.time_ns() // 1000


def as_of(text: str) -> int:
    """The instant of an ``--as-of`` option; of a date, its last one.

    Raises:
        ErrataError: not a date.
    """
    try:
        return parse(text) + (DAY - 1 if _is_date(text) else 0)
    except ValueError as error:
        raise ErrataError(
            f"--as-of: {text!r} is not a date", "use 2025-01-31 or 2025-01-31T12:00:00Z"
        ) from error


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def iso(instant: int) -> str:
    """``2025-01-15T14:30:00Z``, with a fraction of a second only if there is one."""
    return (_EPOCH + timedelta(microseconds=instant)).replace(tzinfo=None).isoformat() + "Z"


def day(instant: int) -> str:
    """``2025-01-15``."""
    return (_EPOCH + timedelta(microseconds=instant)).date().isoformat()


@cache
def month_span(month: str) -> tuple[int, int]:
    """The instants between which a month lies, such as ``2026-11``."""
    year, number = int(month[:4]), int(month[5:7])
    start = datetime(year, number, 1, tzinfo=UTC)
    if (year, number) == (9999, 12):
        return from_datetime(start), END
    stop = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return from_datetime(start), from_datetime(stop)
