"""Drawings: only what draws is kept, whatever the library or a label brings."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from errata.core.errors import ErrataError
from errata.report import heat_map, plots, svg, vega
from errata.report.model import HeatRow, Row, Share, TrendRow
from report_builders import HOSTILE

SPACE = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def cleaned(inner: str) -> str:
    return str(svg.clean(f'<svg {SPACE} width="9" height="9">{inner}</svg>'))


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        "<style>@import url(https://example.com)</style>",
        '<a xlink:href="javascript:alert(1)"><text>x</text></a>',
        '<image href="https://example.com/x.png"/>',
        '<use xlink:href="https://example.com/x.svg#a"/>',
        "<foreignObject><body/></foreignObject>",
        '<animate attributeName="href" values="javascript:alert(1)"/>',
        '<html:script xmlns:html="http://www.w3.org/1999/xhtml">alert(1)</html:script>',
    ],
)
def test_what_does_not_draw_is_left_out(inner: str) -> None:
    kept = cleaned(f"<g>{inner}</g>")
    assert kept == cleaned("<g></g>")


@pytest.mark.parametrize(
    "attribute",
    [
        'onload="alert(1)"',
        'style="background: url(https://example.com)"',
        'fill="url(https://example.com/#a)"',
        'fill="url(#a)"',
        'clip-path="url(#a)"',
        'xlink:href="#x"',
        'id="main"',
        'class="lesson"',
    ],
)
def test_attributes_that_do_not_draw_are_left_out(attribute: str) -> None:
    assert cleaned(f'<path d="M0,0" {attribute}/>') == cleaned('<path d="M0,0"/>')


def test_what_draws_is_kept() -> None:
    kept = cleaned('<text x="1" fill="var(--text)">a &lt;b&gt; &amp; c</text>')
    assert '<text x="1" fill="var(--text)">a &lt;b&gt; &amp; c</text>' in kept
    assert kept.startswith('<svg width="9" height="9" aria-hidden="true" focusable="false">')


@pytest.mark.parametrize("source", ["", "<svg", "<html/>", "text"])
def test_anything_else_is_an_error(source: str) -> None:
    with pytest.raises(ValueError, match="not SVG"):
        svg.clean(source)


def test_without_the_library_one_line_says_what_to_install(monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(ErrataError) as caught:
        svg.check()
    assert "pip install 'errata-hooks[report]'" in str(caught.value)
    assert "--format md" in str(caught.value)


@pytest.mark.parametrize("width", [vega.WIDE, vega.NARROW])
def test_labels_are_drawn_as_they_are(width: int) -> None:
    pytest.importorskip("vl_convert", reason="the extra `report` is not installed")
    rows = [Row(text, Share(3, 30)) for text in ("a & b", "<b>", "datum.x", "{{x}}", 'q"q')]
    drawn = svg.draw(plots.rates_by_label(rows, 0.1, width))
    for label in ("a &amp; b", "&lt;b&gt;", "datum.x", "{{x}}"):
        assert f">{label}</text>" in drawn


def test_equal_and_long_labels_stay_apart() -> None:
    pytest.importorskip("vl_convert", reason="the extra `report` is not installed")
    rows = [Row(f"{folder}/{'x' * 60}.py", Share(3, 30)) for folder in "ab"]
    drawn = svg.draw(plots.rates_by_label(rows, 0.1, vega.NARROW))
    assert drawn.count(".py") == 2


def test_hostile_labels_make_a_drawing() -> None:
    pytest.importorskip("vl_convert", reason="the extra `report` is not installed")
    months = ["2025-01", "2025-02"]
    shares = {month: Share(1, 3) for month in months}
    heat = [HeatRow(text, Share(2, 6), shares) for text in HOSTILE]
    trends = [TrendRow(text, "new", 0, 4) for text in HOSTILE]
    rows = [Row(text, Share(3, 30)) for text in HOSTILE]
    for spec in (
        heat_map.heat_map(heat, months, vega.WIDE),
        plots.trends(trends, vega.WIDE),
        plots.rates_by_label(rows, 0.1, vega.WIDE),
    ):
        drawn = svg.draw(spec)
        assert drawn.startswith("<svg ")
        assert "<script" not in drawn
