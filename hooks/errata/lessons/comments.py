"""Comments: what kind they are, and which lines belong together."""

from __future__ import annotations

import re
from collections.abc import Sequence

from errata.lessons.element import Element
from errata.lessons.texts import flat

_SUPPRESSION = re.compile(
    r"(?i)(?<![\w-])(?:noqa|type: ?ignore|pylint: ?disable|eslint-disable[\w-]*"
    r"|@?ts-(?:ignore|expect-error|nocheck)|nolint|nosec|rubocop:disable|noinspection"
    r"|istanbul ignore|pragma: ?no cover|fmt: ?(?:off|skip)|prettier-ignore|biome-ignore"
    r"|shellcheck disable|phpcs:ignore|NOSONAR)(?![\w-])"
)
_TODO = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
_BANNER = re.compile(r"[-=#*~─═]{4,}")
_MARKER = re.compile(r"^(?:/\*+|//+!?|#+!?|--|;+|<!--|\*)\s*|\s*(?:\*/|-->)$")
_CODE = re.compile(
    r"^(?:(?:const|let|var|return|import|from|if|for|while|def|class|func|fn|print|await|var)\b"
    r".*[=(:;{].*|[\w.\[\]]+\s*[:+-]?=\s*\S.*|[\w.:]+\(.*\)[;,]?|[})\]]+[;,]?)$"
)
_SENTENCE = re.compile(r"(?:\b[a-z]{2,}\b[ ,]+){3}")


def kind_of(text: str) -> str:
    """``noqa`` and the like for a suppression, TODO, banner, code, or "" for all others."""
    if match := _SUPPRESSION.search(text):
        return match[0].lower().replace(" ", "").lstrip("@")
    if _TODO.search(text):
        return "TODO"
    if _BANNER.search(text):
        return "banner"
    plain = _MARKER.sub("", text)
    return "code" if _CODE.match(plain) and not _SENTENCE.search(plain) else ""


def merged(elements: Sequence[Element], text: str) -> list[Element]:
    """The elements, with line comments that follow each other as one."""
    kept: list[Element] = []
    for element in elements:
        last = kept[-1] if kept else None
        if last is not None and _continues(last, element, text):
            both = flat(f"{last.text} {_MARKER.sub('', element.text)}")
            kept[-1] = last._replace(text=both, stop=element.stop, last=element.last)
        else:
            kept.append(element)
    return kept


def _continues(last: Element, element: Element, text: str) -> bool:
    return (
        last.kind == element.kind == "comment"
        and last.subject == element.subject
        and element.first == last.last + 1
        and last.hunk == element.hunk
        and all(_is_alone(each, text) for each in (last, element))
    )


def _is_alone(element: Element, text: str) -> bool:
    """Whether nothing stands before a comment on its line."""
    return not text[text.rfind("\n", 0, element.start) + 1 : element.start].strip()
