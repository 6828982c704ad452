"""The heat map of a report: which files were corrected when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from errata.report.model import HeatRow
from errata.report.vega import LABEL, WIDE, Values, labels, names, scale, spec
from errata.report.words import month_name

_STEPS = 5
"""Colours above zero."""
_NARROW_MONTHS = 5
_CELL = {"type": "rect", "cornerRadius": 2}
_MONTHS = {
    "title": None,
    "orient": "top",
    "labelAngle": 0,
    "labelExpr": "split(datum.value, ' ')",
    "labelFontSize": 11,
    # Two lines, of which the library places the first.
    "labelPadding": 17,
    "labelLineHeight": 12,
}


def heat_months(rows: Sequence[HeatRow], months: Sequence[str], width: int) -> list[str]:
    """The months that a heat map shows: for a phone the newest in which something was corrected."""
    if width == WIDE:
        return [*months]
    hit = [m for m in months if any(m in r.by_month and r.by_month[m].count for r in rows)]
    return hit[-_NARROW_MONTHS:]


def heat_map(rows: Sequence[HeatRow], months: Sequence[str], width: int) -> dict[str, Any]:
    """Which files were corrected when: the darker, the more agents' commits."""
    shown = heat_months(rows, months, width)
    shown_labels = labels([row.path for row in rows], LABEL[width] + (14 if width == WIDE else 0))
    values = _cells(rows, shown_labels, shown)
    colours = ["transparent", *(f"var(--heat-{step})" for step in range(_STEPS + 1))]
    texts = ["var(--text)"] * 5 + ["var(--heat-text)"] * 2
    steps = [*range(-1, _STEPS + 1)]
    x = {"field": "month", "type": "ordinal", "sort": None, "axis": _MONTHS}
    y = names("file", shown_labels)
    column = {"step": min(70, (width - 300) // max(1, len(shown)))} if width == WIDE else width
    return spec(
        column,
        {"step": 24},
        values,
        layer=[
            {"mark": _CELL, "encoding": {"color": scale("step", steps, colours)}},
            {
                "mark": {"type": "text", "fontSize": 11},
                "encoding": {"text": {"field": "text"}, "color": scale("step", steps, texts)},
            },
        ],
        encoding={"x": x, "y": y},
        resolve={"scale": {"color": "independent"}},
    )


def _cells(rows: Sequence[HeatRow], shown_labels: Sequence[str], months: Sequence[str]) -> Values:
    """One value for each file and month; its step is -1 where no agent changed the file."""
    most = max((share.count for row in rows for share in row.by_month.values()), default=1)
    values: Values = []
    for label, row in zip(shown_labels, rows, strict=True):
        for month in months:
            share = row.by_month.get(month)
            step = -(-share.count * _STEPS // max(1, most)) if share else -1
            values.append(
                {
                    "file": label,
                    "month": month_name(month),
                    "step": step,
                    "text": str(share.count) if share and share.count else "",
                }
            )
    return values
