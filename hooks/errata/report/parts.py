"""What the sections of the HTML report are made of: headings, figures, and their tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from errata.report import words
from errata.report.markup import Child, Html, table, tag, text
from errata.report.model import Row, Share
from errata.report.svg import draw
from errata.report.words import percent

LABEL = 120
"""Characters of a label in a table."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the page, and its name in the list of sections."""

    id: str
    short: str
    html: Html


def section(id: str, short: str, title: str, content: Child) -> Section:
    heading = tag("h2", title, id=f"{id}-title")
    return Section(
        id, short, tag("section", heading, content, id=id, aria_labelledby=f"{id}-title")
    )


def empty(*content: Child) -> Html:
    return tag("p", content, class_="empty")


def plot(specs: Iterable[dict[str, object]], caption: str) -> Html:
    """A figure with a drawing for a page and one for a phone."""
    drawings = [
        tag("div", draw(spec), class_=name)
        for spec, name in zip(specs, ("wide", "narrow"), strict=True)
    ]
    return tag("figure", drawings, tag("figcaption", caption))


def key(names: Iterable[str]) -> Html:
    """What the colours of lines stand for: ``agents`` and ``people``."""
    items = (
        tag("li", tag("span", class_=f"key {name}", aria_hidden="true"), name) for name in names
    )
    return tag("ul", items, class_="keys")


def behind(content: Html) -> Html:
    return tag("details", tag("summary", "The table behind it"), content)


def cleaned(rows: Sequence[Row]) -> list[Row]:
    return [Row(text(row.label, LABEL), row.share) for row in rows]


def rates(caption: str, head: str, rows: Sequence[Row]) -> Html:
    heads = [head.capitalize(), "Agent commits", "Corrected", "Share", "95% interval"]
    cells = [
        [
            label(row.label),
            f"{row.share.total:,}",
            f"{row.share.count:,}",
            *share_cells(row.share),
        ]
        for row in rows
    ]
    return table(caption, heads, cells, range(1, 5))


def label(label: str) -> str:
    return words.month_name(label) if words.is_month(label) else text(label, LABEL)


def share_cells(share: Share) -> tuple[str, str]:
    if not share.total:
        return "\u2013", "\u2013"
    low, high = map(percent, share.interval)
    return percent(share.value), f"{low} to {high}"
