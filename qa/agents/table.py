"""The table of steps and tools in docs/driven-agents.md."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qa.agents.steps import HEADLESS, STEPS, TERMINAL, Result
from qa.agents.tools.base import Tool

DOCUMENT = Path(__file__).parents[2] / "docs/driven-agents.md"
BEGIN, END = "<!-- agents:begin -->", "<!-- agents:end -->"


@dataclass(frozen=True)
class Run:
    """One tool's way through the steps."""

    tool: type[Tool]
    version: str
    results: Sequence[Result]

    def cell(self, step: str) -> tuple[str, list[str]]:
        """What the table shows for a step, and the notes below it."""
        if reason := self.tool.cannot.get(step):
            return "cannot", [f"{self.tool.title}, {step}: {reason}."]
        parts, notes = [], []
        remark = self.tool.remarks.get(step, "")
        # What a remark takes back does not work as a reader would expect.
        passed = "in part" if remark else "works"
        for mode in (HEADLESS, TERMINAL):
            results = [one for one in self.results if (one.step, one.mode) == (step, mode)]
            faults = [one for one in results if one.fault]
            notes += [f"{self.tool.title}, {step}, {mode}: not so: {one.check}." for one in faults]
            if results:
                parts.append(f"{mode} **fails**" if faults else f"{mode} {passed}")
        if remark:
            notes.append(f"{self.tool.title}, {step}: {remark}.")
        return ", ".join(parts) or "not run", notes


def render(runs: Sequence[Run], day: datetime.date) -> str:
    """The table, and the notes that it needs."""
    heads = [f"{run.tool.title} {run.version}" for run in runs]
    lines = [f"Run on {day.isoformat()}.", "", f"| Step | {' | '.join(heads)} |"]
    lines.append("|---" * (len(runs) + 1) + "|")
    notes: list[str] = []
    for step in STEPS:
        cells = [run.cell(step) for run in runs]
        notes += [note for _, more in cells for note in more]
        lines.append(f"| {step} | {' | '.join(text for text, _ in cells)} |")
    return "\n".join([*lines, "", *(f"- {note}" for note in notes)]).strip() + "\n"


def update(document: str, table: str) -> str:
    """A document with this table between its marks.

    Raises:
        ValueError: it has no marks.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{DOCUMENT.name} has no {BEGIN} and {END}")
    return f"{before}{begin}\n{table}{end}{after}"
