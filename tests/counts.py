"""The last line of a long harness, and its row in SECURITY.md: what was tried, and what failed.

``make faults``, ``make stress``, ``make attacks`` and ``make fuzz`` end with it.
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
    """What one harness did.

    Attributes:
        name: of the make target.
        tried: what was counted, in words -> how many; in the order to be shown.
        failures: one line for each.
    """

    name: str
    tried: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def add(self, what: str, count: int = 1) -> None:
        """Count something."""
        self.tried[what] = self.tried.get(what, 0) + count

    def line(self) -> str:
        """The closing line."""
        return f"{self.name}: {self._said()}, {len(self.failures)} failures"

    def close(self, write: bool = False) -> int:
        """Print the failures and the closing line; the exit status.

        Args:
            write: put the counts into SECURITY.md, in place of those of the last run.
        """
        for failure in self.failures:
            print(f"FAILED {failure}", file=sys.stderr)
        print(self.line())
        if write:
            DOCUMENT.write_text(self.into(DOCUMENT.read_text("utf-8")), "utf-8")
        return 1 if self.failures else 0

    def into(self, text: str) -> str:
        """A document with this run in its table.

        Raises:
            ValueError: there is no place for it.
        """
        before, begin, rest = text.partition(BEGIN)
        table, end, after = rest.partition(END)
        if not (begin and end):
            raise ValueError(f"no {BEGIN} and {END} in the document")
        rows = {row.split("|")[1].strip(): row for row in table.splitlines()[3:] if "|" in row}
        run = f"`make {self.name}`"
        where = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}; {machine()}"
        rows[run] = f"| {run} | {self._said()} | {len(self.failures)} | {where} |"
        lines = [begin, *_HEAD, *(rows[name] for name in sorted(rows)), end]
        return before + "\n".join(lines) + after

    def _said(self) -> str:
        return ", ".join(f"{count:,} {what}" for what, count in self.tried.items())
