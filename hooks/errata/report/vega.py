"""What all plots have in common: Vega-Lite specifications, in the colours of the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from errata.report.markup import text

Values = list[dict[str, Any]]
WIDE, NARROW = 880, 340
"""Widths of the two drawings of each plot, for a page and for a phone."""
LABEL = {WIDE: 34, NARROW: 18}
"""Characters of a label on an axis."""
INTERVAL = {"type": "rule", "strokeWidth": 5, "color": "var(--band)"}
"""The mark of an interval."""
_FONT = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif"
_LETTER = 7.4
"""Width of a letter of the widest common font, for the library knows none of the reader's."""


def spec(
    width: int | dict[str, int], height: int | dict[str, int], values: Values, **rest: Any
) -> dict[str, Any]:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": width,
        "height": height,
        "autosize": {"type": _fit(width, height), "contains": "padding"},
        "padding": 4,
        "background": None,
        "data": {"values": values},
        "config": _CONFIG,
        **rest,
    }


def dot(size: int, **more: str) -> dict[str, Any]:
    """The mark of a figure."""
    return {"type": "point", "filled": True, "size": size, "opacity": 1, **more}


def _fit(width: int | dict[str, int], height: int | dict[str, int]) -> str:
    """How to make room for the axes: where a size is fixed, it is that of the whole drawing."""
    if isinstance(width, dict):
        return "pad"
    return "fit-x" if isinstance(height, dict) else "fit"


def names(field: str, labels: Sequence[str]) -> dict[str, Any]:
    """The axis of the names of rows, as wide as the longest."""
    width = round(max(map(len, labels), default=0) * _LETTER) + 14
    axis = {"title": None, "labelLimit": 0, "minExtent": width, "labelPadding": 12}
    return {"field": field, "type": "ordinal", "sort": None, "axis": axis}


def percent(field: str, top: float | None = None) -> dict[str, Any]:
    scale = {"domain": [0, top]} if top else {"zero": True}
    return {
        "field": field,
        "type": "quantitative",
        "scale": scale,
        "axis": {"title": None, "format": "%", "tickCount": 5, "labelOverlap": "greedy"},
    }


def scale(field: str, domain: Sequence[Any], colours: Sequence[str]) -> dict[str, Any]:
    return {
        "field": field,
        "type": "nominal",
        "scale": {"domain": [*domain], "range": [*colours]},
        "legend": None,
    }


def labels(names: Iterable[str], limit: int) -> list[str]:
    """Labels for an axis: short, the ends of long paths, and all different."""
    distinct: list[str] = []
    for name in names:
        shown = text(name)
        label = shown if len(shown) <= limit else f"…{shown[-(limit - 1) :]}"
        while label in distinct:
            label += "\u2009′"
        distinct.append(label)
    return distinct


_AXIS = {
    "labelColor": "var(--muted)",
    "titleColor": "var(--muted)",
    "titleFontWeight": "normal",
    "titlePadding": 8,
    "labelFontSize": 12,
    "titleFontSize": 12,
    "gridColor": "var(--grid)",
    "domain": False,
    "ticks": False,
    "labelPadding": 6,
}
_CONFIG: dict[str, Any] = {
    "aria": False,
    "font": _FONT,
    "view": {"stroke": None},
    "axis": _AXIS,
    "axisBand": {"grid": False},
    "text": {"color": "var(--text)"},
}
