"""The two windows of time that a trend compares."""

from __future__ import annotations

from dataclasses import dataclass

from errata.records.model import DAY, FUTURE_TOLERANCE


@dataclass(frozen=True, slots=True)
class Windows:
    """The half-open windows of a comparison, as instants: (start, now] against (earlier, start]."""

    now: int
    days: int
    # Clocks differ: up to a day ahead of the clock counts as now, not as the future.
    ahead: int = FUTURE_TOLERANCE

    @property
    def until(self) -> int:
        """The newest instant that counts as now."""
        return self.now + self.ahead

    @property
    def start(self) -> int:
        """Where the current window begins (exclusive)."""
        return self.now - self.days * DAY

    @property
    def earlier(self) -> int:
        """Where the previous window begins (exclusive)."""
        return self.now - 2 * self.days * DAY
