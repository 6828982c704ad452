"""``errata explain`` for one correction: what is stored of its edit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from errata.commands.explain_lesson import in_words
from errata.commands.screen import Screen, safe


def print_description(screen: Screen, record: dict[str, Any]) -> None:
    """What the edit did, where, and lines that show it; nothing if it was not described."""
    edits = _texts(record.get("edits"))
    if not edits:
        return
    screen.line("EDITS:", bold=True)
    for edit in edits:
        screen.line(f"  {in_words(edit)}")
    if where := _area(record.get("area")):
        screen.line(f"  in {where}")
    for example in _dicts(record.get("examples")):
        screen.line()
        screen.line(f"  {safe(str(example.get('file') or '?'))}")
        for sign, lines in (("-", "before"), ("+", "after")):
            for line in _texts(example.get(lines)):
                screen.change(sign, safe(line))
    screen.line()


def _area(area: object) -> str:
    """Folders, languages and symbols in one line."""
    if not isinstance(area, dict):
        return ""
    folders = ["the top folder" if name == "." else name for name in _texts(area.get("folders"))]
    parts = [", ".join(folders), ", ".join(_texts(area.get("languages")))]
    parts += ["tests"] if area.get("tests") is True else []
    parts.append(", ".join(_texts(area.get("symbols"))))
    return safe("; ".join(filter(None, parts)))


# A log may hold anything.
def _texts(value: object) -> list[str]:
    return [item for item in _items(value) if isinstance(item, str)]


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in _items(value) if isinstance(item, dict)]


def _items(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else []
