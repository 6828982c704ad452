"""Bar charts of two claims, drawn from the table in docs/performance.md.

``python -m bench.charts`` writes docs/pictures/commit.svg and backfill.svg; `python -m bench
--write` does the same after a run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from bench import report
from bench.measure import ROOT, BenchError

FOLDER = ROOT / "docs/pictures"
_WIDTH, _LABEL, _ROW, _TOP, _BAR = 760, 230, 34, 52, 20
_AXIS = _WIDTH - _LABEL - 150
"""The length in pixels of the longest bar; to its right is space for its figures."""
_STYLE = """\
text { font: 14px -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
.title { font-weight: 600; } .peer { fill: #8c959f; } .ours { fill: #bc4c00; }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc; } .peer { fill: #656c76; } .ours { fill: #f0883e; } }"""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: the peer's share, then ours.

    Attributes:
        peer, ours: in the unit of the chart; 0 for a share that this bar lacks.
        figures: what is written at its end.
    """

    label: str
    peer: float
    ours: float
    figures: str


def charts(page: str) -> dict[str, str]:
    """Name of each file -> the chart, from the text of docs/performance.md.

    Raises:
        BenchError: a row is missing.
    """
    commits = [
        Bar(f"{name}, hooks that do nothing", peer, 0, f"{peer:.0f} ms")
        if idle
        else Bar(f"{name} with errata", peer, ours, f"{peer + ours:.0f} ms (+{ours:.0f})")
        for name in ("pre-commit", "prek")
        for ours, peer in [_row(page, f"one commit under {name}:")]
        for idle in (True, False)
    ]
    ours, peer = _row(page, "backfill (", "git log -p:")
    backfill = [
        Bar("git log -p", peer, 0, f"{peer:.1f} s"),
        Bar("errata backfill", 0, ours, f"{ours:.1f} s ({ours / peer:.1f}x)"),
    ]
    return {
        "commit.svg": _drawn("One commit in a history of 13,000", commits),
        "backfill.svg": _drawn("Reading a history of 13,000 commits, once", backfill),
    }


def write(page: Path = report.PAGE, folder: Path = FOLDER) -> None:
    """Write the charts."""
    folder.mkdir(exist_ok=True)
    for name, chart in charts(page.read_text("utf-8")).items():
        (folder / name).write_text(chart, "utf-8")


def _row(page: str, claim: str, peer: str = "") -> tuple[float, float]:
    """Our figure and the peer's in the first row with this claim and this peer."""
    for line in page.splitlines():
        cells = line.strip("| ").split(" | ")
        if len(cells) > 2 and cells[0].startswith(claim) and cells[2].startswith(peer):
            return _number(cells[1]), _number(cells[2].rpartition(": ")[2])
    raise BenchError(f"{report.PAGE}: no row {claim!r} beside {peer!r}; run `make bench`")


def _number(cell: str) -> float:
    return float(cell.split()[0].replace(",", ""))


def _drawn(title: str, bars: Sequence[Bar]) -> str:
    height = _TOP + _ROW * len(bars)
    description = "; ".join(f"{bar.label}: {bar.figures}" for bar in bars)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
            f'width="{_WIDTH}" height="{height}" aria-labelledby="title about">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="about">{escape(description)}</desc>',
            f"<style>{_STYLE}</style>",
            f'<text class="title" x="0" y="24">{escape(title)}</text>',
            *_rows(bars),
            "</svg>\n",
        ]
    )


def _rows(bars: Sequence[Bar]) -> Iterator[str]:
    scale = _AXIS / max(bar.peer + bar.ours for bar in bars)
    for number, bar in enumerate(bars):
        top = _TOP + number * _ROW
        left, end = _LABEL + bar.peer * scale, _LABEL + (bar.peer + bar.ours) * scale
        base = top + _BAR - 5
        yield f'<text x="{_LABEL - 10}" y="{base}" text-anchor="end">{escape(bar.label)}</text>'
        for kind, start, stop in (("peer", _LABEL, left), ("ours", left, end)):
            if stop > start:
                yield (
                    f'<rect class="{kind}" x="{start:.1f}" y="{top}" width="{stop - start:.1f}" '
                    f'height="{_BAR}"/>'
                )
        yield f'<text x="{end + 10:.1f}" y="{base}">{escape(bar.figures)}</text>'


if __name__ == "__main__":
    write()
