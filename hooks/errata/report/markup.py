"""HTML that cannot be broken by the text in it: every string is escaped unless it is :class:`Html`.

Text from a repository goes through :func:`text`, which also drops what could mislead the reader:
control, invisible and bidirectional characters.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from errata.runbooks import sanitise

_VOID = frozenset(("br", "hr", "meta"))
_CODE = re.compile("`([^`]*)`")
LONGEST = 400


class Html(str):
    """HTML that needs no escaping."""

    __slots__ = ()


Child = str | None | Iterable["Child"]


def tag(_name: str, *children: Child, **attributes: str | None) -> Html:
    """An element. A final underscore of an attribute's name is dropped, others become hyphens.

    Args:
        children: text, elements, or sequences of them; None is left out.
        attributes: those that are None are left out.
    """
    rendered = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if _name in _VOID:
        return Html(f"<{_name}{rendered}>")
    return Html(f"<{_name}{rendered}>{joined(children)}</{_name}>")


def joined(child: Child) -> Html:
    """One text or element, or several in a row."""
    if child is None:
        return Html("")
    if isinstance(child, Html):
        return child
    if isinstance(child, str):
        return Html(html.escape(child))
    return Html("".join(map(joined, child)))


def text(value: str, limit: int = LONGEST) -> str:
    """Text from a repository: one line, printable, at most so long; still to be escaped."""
    return sanitise.plain(value, limit)


def with_code(value: str, limit: int = LONGEST) -> Html:
    """Text from a repository, in which what stands between two backticks is code."""
    parts = _CODE.split(text(value, limit))
    return joined(tag("code", part) if at % 2 else part for at, part in enumerate(parts))


def table(
    caption: str, heads: Iterable[str], rows: Iterable[Iterable[Child]], numeric: Iterable[int] = ()
) -> Html:
    """A table with a row of headings; the first cell of each row is its heading.

    Args:
        numeric: the columns whose cells are numbers.
    """
    numbers = frozenset(numeric)

    def cells(values: Iterable[Child]) -> Iterable[Html]:
        for column, value in enumerate(values):
            kind = "number" if column in numbers else None
            if column:
                yield tag("td", value, class_=kind)
            else:
                yield tag("th", value, scope="row", class_=kind)

    head = tag(
        "tr",
        [
            tag("th", name, scope="col", class_="number" if at in numbers else None)
            for at, name in enumerate(heads)
        ],
    )
    body = [tag("tr", cells(row)) for row in rows]
    # A wide table scrolls by itself, by keyboard, too.
    return tag(
        "div",
        tag("table", tag("caption", caption), tag("thead", head), tag("tbody", body)),
        class_="scroll",
        tabindex="0",
        role="region",
        aria_label=caption,
    )
