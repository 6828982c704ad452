"""The table of docs/written-rules.md, from the stored results."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from bench.written_rules.results import Result
from errata.outcomes.outcome import Outcome, share_of
from errata.records import instants
from errata.records.instants import day

PAGE = Path(__file__).parents[2] / "docs" / "written-rules.md"
FEWEST = 5
"""Chances that a rule of the table has before it and after it."""
_BEGIN, _END = "<!-- table -->", "<!-- end of table -->"


def write(results: Iterable[Result], page: Path = PAGE) -> None:
    """Write the table between the marks of the page."""
    text = page.read_text("utf-8")
    before, _, rest = text.partition(_BEGIN)
    after = rest.partition(_END)[2]
    page.write_text(f"{before}{_BEGIN}\n{markdown(results)}{_END}{after}", "utf-8")


def markdown(results: Iterable[Result]) -> str:
    """The rules with enough chances, and how many there are without."""
    results = list(results)
    lines = [
        "",
        "| Repository | Rule | In force | Before | After | Difference (95%) | Verdict | Else |",
        "|---|---|---|---|---|---|---|---|",
        *(row for result in results for row in _rows(result)),
        "",
        "| Repository | Commit | Agents' commits | Rules | Measurable | With a chance | Shown |",
        "|---|---|---|---|---|---|---|",
        *map(_summary, results),
        "",
    ]
    return "\n".join(lines) + "\n"


def shown(result: Result) -> list[Outcome]:
    """The rules with enough chances, those with most first."""
    outcomes = [Outcome(name, counts) for name, counts in result.outcomes.items()]
    enough = [each for each in outcomes if _least(each) >= FEWEST]
    return sorted(enough, key=lambda each: (-_least(each), each.name))


def _least(outcome: Outcome) -> int:
    return min(outcome.counts.before.chances, outcome.counts.after.chances)


def _rows(result: Result) -> Iterator[str]:
    for outcome in shown(result):
        counts, effect = outcome.counts, outcome.effect
        until = f" to {day(instants.parse_recorded(counts.until))}" if counts.until else ""
        cells = (
            result.repository,
            f"“{_cell(counts.says)}” (`{counts.file}`)",
            day(instants.parse_recorded(counts.since)) + until,
            share_of(counts.before),
            share_of(counts.after),
            _difference(effect.difference, effect.low, effect.high),
            outcome.verdict.value,
            "; ".join(map(_cell, counts.shifts[:3])),
        )
        yield f"| {' | '.join(cells)} |"


def _difference(value: float | None, low: float, high: float) -> str:
    if value is None:
        return ""
    return f"{100 * value:+.0f} points ({100 * low:+.0f} to {100 * high:+.0f})"


def _cell(text: str) -> str:
    return re.sub(r"([\\|<>\[\]])", r"\\\1", text)


def _summary(result: Result) -> str:
    cells = (
        f"[{result.repository}](https://github.com/{result.repository})",
        f"`{result.commit[:12]}`",
        *map(str, (result.agent_commits, result.rules, result.measurable)),
        str(len(result.outcomes)),
        str(len(shown(result))),
    )
    return f"| {' | '.join(cells)} |"
