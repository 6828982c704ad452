"""The tables of docs/outcome-statistics.md."""

from __future__ import annotations

from collections.abc import Iterable

from bench.measure import ROOT, BenchError
from bench.outcomes.evaluate import Figures
from bench.outcomes.evaluate_together import Pooled
from bench.outcomes.histories import Scenario
from errata.outcomes import power
from errata.outcomes.effect import Verdict

PAGE = ROOT / "docs/outcome-statistics.md"
RATES = (0.01, 0.02, 0.05, 0.1, 0.2)
DESIGN_EFFECTS = (1.0, 1.5, 2.5)
GONE = 0.1
EFFECTS = {1.0: "none", 0.5: "halved", 0.1: "to 10%", 2.0: "doubled"}
_COLUMNS = (
    *("In force", "Planted", "Commits", "Works", "No effect", "Got worse", "Not enough data"),
    *("Ratio missed", "Difference missed", "Overlap: works, worse", "Fisher: works, worse"),
)


def power_table() -> str:
    """How many chances show a halving, and a fall to a tenth, by rate and design effect."""
    heads = [f"Design effect {effect:g}" for effect in DESIGN_EFFECTS]
    lines = [f"| Repeated before | {' | '.join(heads)} | Falls to 10%, design effect 1.5 |"]
    lines.append("|---" * (len(heads) + 2) + "|")
    for rate in RATES:
        cells = [power.chances(rate, design_effect=effect) for effect in DESIGN_EFFECTS]
        cells.append(power.chances(rate, effect=GONE, design_effect=DESIGN_EFFECTS[1]))
        lines.append(f"| {rate:.0%} | {' | '.join(f'{cell:,}' for cell in cells)} |")
    return "\n".join(lines)


def simulation(rows: Iterable[tuple[str, Scenario, Figures]]) -> str:
    """The rates of verdicts and of intervals that miss, in percent."""
    lines = [f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|"]
    for label, scenario, figures in rows:
        cells = [label, EFFECTS[scenario.effect], commits(scenario)]
        cells += [_percent(figures.verdicts[verdict]) for verdict in Verdict]
        cells += [_percent(figures.ratio_missed), _percent(figures.difference_missed)]
        cells += [", ".join(map(_percent, pair)) for pair in (figures.overlap, figures.fisher)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def together(rows: Iterable[tuple[str, Scenario, Pooled]]) -> str:
    """The same of many lessons together, with the ratio that is found."""
    columns = (*_COLUMNS[:7], "Ratio missed", "Ratio (median)")
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for label, scenario, pooled in rows:
        cells = [label, EFFECTS[scenario.effect], commits(scenario)]
        cells += [_percent(pooled.verdicts[verdict]) for verdict in Verdict]
        cells += [_percent(pooled.missed), f"{pooled.median:.2f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def commits(scenario: Scenario) -> str:
    """The commits before and after, or of both together."""
    if scenario.start == "promoted":
        return f"{scenario.before + scenario.after:,} in all"
    return f"{scenario.before:,} + {scenario.after:,}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def markers(name: str) -> tuple[str, str]:
    """The lines around a table in the page."""
    return f"<!-- outcomes {name}: begin -->", f"<!-- outcomes {name}: end -->"


def table_in(page: str, name: str) -> str:
    """The table between its markers. Raises BenchError: they are not there."""
    begin, end = markers(name)
    _, first, rest = page.partition(f"{begin}\n")
    table, second, _ = rest.partition(f"\n{end}")
    if not first or not second:
        raise BenchError(f"{PAGE}: lacks {begin} or {end}; add both")
    return table


def write(name: str, table: str) -> None:
    """Put a table between its markers in the page."""
    page = PAGE.read_text("utf-8")
    begin, end = markers(name)
    old = f"{begin}\n{table_in(page, name)}\n{end}"
    PAGE.write_text(page.replace(old, f"{begin}\n{table}\n{end}"), "utf-8")
