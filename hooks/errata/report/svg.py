"""Plots as static SVG, drawn by Vega-Lite in vl-convert: no browser, no network, no script.

The result takes its colours from custom properties of the page, so one drawing serves a light and a
dark page. Only elements and attributes that draw are kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from errata.core.errors import ErrataError
from errata.report.markup import Html

Spec = Mapping[str, Any]
"""A specification in Vega-Lite."""
VEGA_LITE = "6.1"
INSTALL = (
    "install the extra `report`: `pip install 'errata-hooks[report]'`, or of a clone "
    "`uv tool install 'CLONE[report]'`; `errata report --format md` works without it"
)
_SVG = "{http://www.w3.org/2000/svg}"
_ELEMENTS = frozenset(("svg", "g", "path", "line", "rect", "text", "tspan", "circle"))
_ATTRIBUTES = frozenset(
    (
        *("d", "transform", "x", "y", "x1", "x2", "y1", "y2", "dx", "dy", "r", "cx", "cy"),
        *("width", "height", "fill", "fill-opacity", "opacity", "stroke", "stroke-width"),
        *("stroke-opacity", "stroke-dasharray", "stroke-linejoin", "stroke-linecap"),
        *("stroke-miterlimit", "text-anchor", "font-family", "font-size", "font-weight"),
        *("font-style", "display", "viewBox"),
    )
)
_REFERENCE = re.compile(r"(?i)url\s*\(|:\s*//|[<>]|javascript:|data:")


def check() -> None:
    """Raise ErrataError where the library for plots is not installed."""
    try:
        import vl_convert  # noqa: F401
    except ImportError as error:
        raise ErrataError("plots need a library that is not installed", INSTALL) from error


def draw(spec: Spec) -> Html:
    """The drawing, hidden from screen readers: the page has its figures in a table.

    Raises:
        ErrataError: the library is not installed.
        ValueError: the specification is not valid.
    """
    check()
    import vl_convert

    source = vl_convert.vegalite_to_svg(dict(spec), vl_version=VEGA_LITE, allowed_base_urls=[])
    return clean(source)


def clean(source: str) -> Html:
    """The drawing with nothing but what draws. Raises ValueError: it is not SVG."""
    try:
        root = ElementTree.fromstring(source)
    except ElementTree.ParseError as error:
        raise ValueError(f"not SVG: {error}") from error
    if root.tag != f"{_SVG}svg":
        raise ValueError(f"not SVG: {root.tag}")
    _clean(root)
    root.attrib |= {"aria-hidden": "true", "focusable": "false"}
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
    return Html(ElementTree.tostring(root, encoding="unicode"))


def _clean(element: ElementTree.Element) -> None:
    for child in [*element]:
        if child.tag.removeprefix(_SVG) not in _ELEMENTS or not _draws(child):
            element.remove(child)
        else:
            _clean(child)
    for name, value in [*element.attrib.items()]:
        if name not in _ATTRIBUTES or _REFERENCE.search(value):
            del element.attrib[name]


def _draws(element: ElementTree.Element) -> bool:
    """Whether it is more than one of the empty paths that frame each group."""
    is_empty = element.tag == f"{_SVG}path" and not element.get("d")
    return not is_empty and element.get("display") != "none"
