"""What a runbook says of single lessons, in few characters: whole lessons only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from errata.runbooks.sanitise import plain
from errata.skills.runbook_excerpt import notices
from errata.skills.runbook_sections import Section, names_path

LIMIT = 600
"""The most characters that an agent is told at one moment."""
_PATH_MAX, _TITLE_MAX = 80, 80
_ITEM = re.compile(r"[-*+] \*\*((?:[^*\\]|\\.)+)\*\*")
# The line of figures of a generated entry, which says nothing about what to do.
_FIGURES = re.compile(r"\n  (?:Seen|People corrected this) \d[^\n]*\Z")
_INSTEAD = "  Instead: "


def name_of(section: Section) -> str:
    """The name of an entry, or the first line of what a person wrote."""
    line = section.text.split("\n", 1)[0]
    item = _ITEM.match(line)
    return re.sub(r"\\(.)", r"\1", item[1]) if item else plain(line.lstrip("#-*+> "), _TITLE_MAX)


def is_generated(section: Section) -> bool:
    """Whether errata wrote it, with figures."""
    return _FIGURES.search(section.text) is not None


def naming(sections: Iterable[Section], paths: Sequence[str]) -> list[Section]:
    """What people wrote about one of these files, by its path or that of a folder above it."""
    return [
        section for section in sections if not is_generated(section) and names_path(section, paths)
    ]


def excerpt(about: str, sections: Sequence[Section]) -> tuple[str, list[Section]]:
    """What the sections say, and which of them fit into :data:`LIMIT` characters.

    One that does not fit is told without its example, or not at all.

    Args:
        about: what they are about: a path, or "" for a prompt.
    """
    intro = f"This repository's runbook says about {plain(about, _PATH_MAX) or 'such a task'}:"
    chosen: list[Section] = []
    texts: list[str] = []
    for section in sections:
        for text in _forms(section):
            whole = "\n".join([intro, *texts, text, *notices([*chosen, section])])
            if len(whole) <= LIMIT:
                chosen.append(section)
                texts.append(text)
                break
    return "\n".join([intro, *texts, *notices(chosen)]) if chosen else "", chosen


def _forms(section: Section) -> list[str]:
    """The text without figures, and the same without an example."""
    text = _FIGURES.sub("", section.text)
    if text == section.text:
        return [text]
    first, *rest = text.split("\n")
    return [text, "\n".join([first, *(line for line in rest if line.startswith(_INSTEAD))])]
