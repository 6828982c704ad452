"""The closing line of a long harness, and its row in SECURITY.md: what it tried and what failed.

Used by ``make attacks``, ``make faults``, ``make fuzz`` and ``make stress``.
"""

from __future__ import annotations

import datetime
import sys
from dataclasses import dataclass, field
from pathlib import Path

from bench.report import machine

DOCUMENT = Path(__file__).parents[1] / "SECURITY.md"
BEGIN, END = "<!-- counts:begin -->", "<!-- counts:end -->"
_HEAD = ["| Run | Counts | Failures | When, and on what |", "|---|---|---|---|"]


@dataclass
class Counts:
    """The counts of one run.

    Attributes:
        name: the make target.
        tried: label -> count, in the order of display.
        failures: one line per failure.
    """

    name: str
    tried: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def add(self, label: str, count: int = 1) -> None:
        """Add to a count."""
        self.tried[label] = self.tried.get(label, 0) + count

    def line(self) -> str:
        """The closing line."""
        return f"{self.name}: {self._summary()}, {len(self.failures)} failures"

    def close(self, write: bool = False) -> int:
        """Print the failures and the closing line; return the exit status.

        Args:
            write: also replace the row of the last run in SECURITY.md.
        """
        for failure in self.failures:
            print(f"FAILED {failure}", file=sys.stderr)
        print(self.line())
        if write:
            DOCUMENT.write_text(self.update(DOCUMENT.read_text("utf-8")), "utf-8")
        return 1 if self.failures else 0

    def update(self, document: str) -> str:
        """A document with this run in its table.

        Raises:
            ValueError: the document has no table of counts.
        """
        before, begin, rest = document.partition(BEGIN)
        table, end, after = rest.partition(END)
        if not (begin and end):
            raise ValueError(f"no {BEGIN} and {END} in the document")
        rows = {row.split("|")[1].strip(): row for row in table.splitlines()[3:] if "|" in row}
        run = f"`make {self.name}`"
        where = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}; {machine()}"
        rows[run] = f"| {run} | {self._summary()} | {len(self.failures)} | {where} |"
        lines = [begin, *_HEAD, *(rows[name] for name in sorted(rows)), end]
        return before + "\n".join(lines) + after

    def _summary(self) -> str:
        return ", ".join(f"{count:,} {label}" for label, count in self.tried.items())
