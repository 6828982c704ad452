"""The bar charts in docs/pictures show the figures of docs/performance.md."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bench.measure import BenchError

from bench import charts, report

PAGE = """\
| one commit under pre-commit: ours; a note | 100 ms | pre-commit with no hooks: 300 ms | 100 ms |
| one commit under prek: ours | 50 ms | prek with no hooks: 150 ms | 50 ms |
| backfill (1 commit) | 1,000.00 s | blame for each hunk: 2,000.00 s | 2x |
| backfill (1 commit); its defaults | 1,000.00 s | git log -p: 500.00 s | 2x |
"""
SVG = "{http://www.w3.org/2000/svg}"


def widths(chart: str) -> list[tuple[str, float]]:
    """The colour and the width of each bar."""
    bars = ElementTree.fromstring(chart).iter(f"{SVG}rect")
    return [(bar.attrib["class"], float(bar.attrib["width"])) for bar in bars]


def test_charts_show_the_present_figures() -> None:
    drawn = charts.charts(report.PAGE.read_text("utf-8"))
    written = {name: (charts.FOLDER / name).read_text("utf-8") for name in drawn}
    assert written == drawn, "run `make pictures`"


def test_bars_are_as_long_as_their_figures() -> None:
    drawn = charts.charts(PAGE)
    full = dict(widths(drawn["backfill.svg"]))["ours"]
    assert dict(widths(drawn["backfill.svg"]))["peer"] == pytest.approx(full / 2, abs=0.1)
    shares = [("peer", 0.75), ("peer", 0.75), ("ours", 0.25)]
    shares += [("peer", 0.375), ("peer", 0.375), ("ours", 0.125)]
    found = widths(drawn["commit.svg"])
    assert [kind for kind, _ in found] == [kind for kind, _ in shares]
    for (_, width), (_, share) in zip(found, shares, strict=True):
        assert width == pytest.approx(full * share, abs=0.1)


def test_figures_are_written_and_read_out() -> None:
    chart = charts.charts(PAGE)["commit.svg"]
    root = ElementTree.fromstring(chart)
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert "400 ms (+100)" in texts and "pre-commit with errata" in texts
    assert "pre-commit with errata: 400 ms (+100)" in (root.findtext(f"{SVG}desc") or "")


@pytest.mark.parametrize("claim", ["one commit under prek:", "backfill (1 commit); its"])
def test_missing_row_is_named(claim: str) -> None:
    page = re.sub(rf"^\| {re.escape(claim)}.*\n", "", PAGE, flags=re.MULTILINE)
    with pytest.raises(BenchError, match="no row"):
        charts.charts(page)


def test_write_makes_the_folder(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(PAGE)
    charts.write(tmp_path / "page.md", tmp_path / "pictures")
    assert sorted(path.name for path in (tmp_path / "pictures").iterdir()) == [
        "backfill.svg",
        "commit.svg",
    ]
