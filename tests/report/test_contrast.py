"""The numbers in the heat map can be read on every colour of it, in light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import errata
from errata.report import heat_map, vega
from errata.report.model import HeatRow, Share

STYLE = (Path(errata.__file__).parent / "report/style.css").read_text("utf-8")
LIGHT, DARK = STYLE.split("prefers-color-scheme: dark", 1)
# WCAG 2.2, success criterion 1.4.3: for text of this size.
ENOUGH = 4.5


def colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", css))


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("css", [LIGHT, DARK], ids=["light", "dark"])
def test_every_number_of_the_heat_map_stands_out(css: str) -> None:
    rows = [HeatRow("a.py", Share(1, 2), {"2026-01": Share(1, 2)})]
    layers = heat_map.heat_map(rows, ["2026-01"], vega.WIDE)["layer"]
    backs, texts = (layer["encoding"]["color"]["scale"]["range"] for layer in layers)
    known = colours(css)
    pairs = list(zip(backs, texts, strict=True))[1:]
    assert len(pairs) == 6
    for back, text in pairs:
        assert contrast(known[back[6:-1]], known[text[6:-1]]) >= ENOUGH, (back, text)
