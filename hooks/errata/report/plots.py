"""The plots of a report as Vega-Lite specifications. Colours are custom properties of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from errata.report.model import Row, TrendRow
from errata.report.survival import Curve
from errata.report.vega import (
    INTERVAL,
    LABEL,
    WIDE,
    Values,
    dot,
    labels,
    names,
    percent,
    scale,
    spec,
)
from errata.report.words import month_name

_CURVE_POINTS = 150
FEWEST = 5
"""A month, an agent or an area with fewer commits of agents has no dot."""


def rates_by_month(rows: Sequence[Row], width: int) -> dict[str, Any]:
    """The share that was corrected, month by month, with intervals."""
    shown = between_enough(rows)
    # A month without a dot interrupts the line.
    values = [
        _interval(row, month=month_name(row.label))
        if is_enough(row)
        else {"month": month_name(row.label), "share": None}
        for row in shown
    ]
    every = -(-len(shown) // (width // 70))
    ticks = [month_name(row.label) for at, row in enumerate(reversed(shown)) if at % every == 0]
    x = {
        "field": "month",
        "type": "ordinal",
        "scale": {"domain": [month_name(row.label) for row in shown]},
        "axis": {"values": ticks, "labelAngle": 0, "title": None, "labelOverlap": True},
    }
    return spec(
        width,
        260 if width == WIDE else 220,
        values,
        layer=[
            {
                "mark": INTERVAL,
                "encoding": {"y": percent("low"), "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "line", "strokeWidth": 2, "color": "var(--agent)"},
                "encoding": {"y": percent("share")},
            },
            {
                "mark": dot(42, color="var(--agent)"),
                "encoding": {"y": percent("share")},
            },
        ],
        encoding={"x": x},
    )


def is_enough(row: Row) -> bool:
    """Whether a row has enough commits for a dot."""
    return row.share.total >= FEWEST


def _interval(row: Row, **label: str) -> dict[str, Any]:
    low, high = row.share.interval
    return {**label, "share": row.share.value, "low": low, "high": high}


def between_enough(rows: Sequence[Row]) -> list[Row]:
    """The months from the first to the last that have enough commits for a dot."""
    enough = [at for at, row in enumerate(rows) if is_enough(row)]
    return [*rows[enough[0] : enough[-1] + 1]] if enough else []


def rates_by_label(rows: Sequence[Row], overall: float, width: int) -> dict[str, Any]:
    """The share that was corrected, one row for each label, with intervals."""
    shown_labels = labels([row.label for row in rows], LABEL[width])
    values = [_interval(row, label=label) for label, row in zip(shown_labels, rows, strict=True)]
    y = names("label", shown_labels)
    return spec(
        width,
        {"step": 26},
        values,
        layer=[
            {
                "data": {"values": [{"share": overall}]},
                "mark": {"type": "rule", "strokeDash": [4, 4], "color": "var(--muted)"},
                "encoding": {"x": percent("share")},
            },
            {
                "mark": INTERVAL,
                "encoding": {"y": y, "x": percent("low"), "x2": {"field": "high"}},
            },
            {
                "mark": dot(60, color="var(--agent)"),
                "encoding": {"y": y, "x": percent("share")},
            },
        ],
    )


def survival(curves: Mapping[str, Curve], longest: int, width: int) -> dict[str, Any]:
    """The share of lines that is still there, by age in days, with intervals.

    Args:
        curves: ``agents`` and ``people``.
        longest: the greatest age to show.
    """
    values: Values = []
    for who, curve in curves.items():
        for point in _thinned(curve, longest):
            values.append(
                {"who": who, "age": point[0], "share": point[1], "low": point[2], "high": point[3]}
            )
    colour = {
        "field": "who",
        "type": "nominal",
        "scale": {"domain": ["agents", "people"], "range": ["var(--agent)", "var(--person)"]},
        "legend": None,
    }
    x = {
        "field": "age",
        "type": "quantitative",
        "scale": {"domain": [0, longest], "nice": False},
        "axis": {"title": "days since the line came", "grid": False, "tickCount": width // 90},
    }
    dash = {**colour, "scale": {"domain": ["agents", "people"], "range": [[1, 0], [7, 3]]}}
    return spec(
        width,
        300 if width == WIDE else 240,
        values,
        layer=[
            {
                "mark": {"type": "area", "interpolate": "step-after", "opacity": 0.2},
                "encoding": {"y": percent("low", 1), "y2": {"field": "high"}, "color": colour},
            },
            {
                "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2.5},
                "encoding": {"y": percent("share", 1), "color": colour, "strokeDash": dash},
            },
        ],
        encoding={"x": x},
    )


def trends(rows: Sequence[TrendRow], width: int) -> dict[str, Any]:
    """The occurrences of each pattern in two windows, joined by a line."""
    shown_labels = labels([row.name for row in rows], LABEL[width])
    values = [
        {
            "pattern": label,
            "previous": row.previous,
            "current": row.current,
            "way": "worse" if row.current > row.previous else "better",
        }
        for label, row in zip(shown_labels, rows, strict=True)
    ]
    y = names("pattern", shown_labels)
    colour = scale("way", ["worse", "better"], ["var(--bad)", "var(--good)"])

    return spec(
        width,
        {"step": 26},
        values,
        layer=[
            {
                "mark": {"type": "rule", "strokeWidth": 3},
                "encoding": {"x": _count("previous"), "x2": {"field": "current"}, "color": colour},
            },
            {
                "mark": {"type": "point", "size": 60, "fill": "var(--page)", "opacity": 1},
                "encoding": {
                    "x": _count("previous"),
                    "stroke": scale("way", ["worse", "better"], ["var(--bad)", "var(--good)"]),
                },
            },
            {
                "mark": dot(70),
                "encoding": {"x": _count("current"), "color": colour},
            },
        ],
        encoding={"y": y},
    )


def _count(field: str) -> dict[str, Any]:
    axis = {"title": "occurrences", "tickMinStep": 1, "format": "d"}
    return {"field": field, "type": "quantitative", "axis": axis}


def _thinned(curve: Curve, longest: int) -> list[tuple[int, float, float, float]]:
    """The points of a curve up to an age, few enough to draw, and the last one at its end."""
    points = [point for point in curve.points if point.age <= longest]
    every = -(-len(points) // _CURVE_POINTS)
    kept = [*points[::every]]
    if points and kept[-1] is not points[-1]:
        kept.append(points[-1])
    rows = [(p.age, p.share, p.low, p.high) for p in kept]
    end = min(longest, curve.longest)
    if rows and rows[-1][0] < end:
        rows.append((end, *rows[-1][1:]))
    return rows
