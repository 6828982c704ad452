"""The YAML between the two ``---`` lines of a SKILL.md, read with bounds.

Nearly every skill uses the same small part of YAML, which :mod:`errata.skills.simple` reads at
once; anything else goes to a real parser. Both give the same answer, or the first gives none.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple

from errata.skills import simple

MAX_CHARS = 16_384
_MAX_DEPTH = 12
# More brackets open at once on one line than any value has, be some of them text.
_MAX_OPEN = 64
_FENCE = "---"


class BadFrontmatter(ValueError):
    """The frontmatter cannot be read.

    Attributes:
        line: where, counted from 1 in the file.
        what: what is wrong, and what is allowed.
    """

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what


class Front(NamedTuple):
    """The fields of a skill and its instructions.

    Attributes:
        values: field -> value, as YAML has it.
        lines: field -> its line in the file, from 1.
        body: the text below the second ``---``.
        end: line of the second ``---``.
    """

    values: Mapping[str, Any]
    lines: Mapping[str, int]
    body: str
    end: int


def read(text: str) -> Front:
    """The frontmatter and the body of a SKILL.md.

    Raises:
        BadFrontmatter: there is none, it is too long, not YAML, no mapping, or uses aliases.
    """
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    if text.startswith("\ufeff"):
        raise BadFrontmatter(1, "begins with a byte order mark; the first line must be just '---'")
    if lines[0].rstrip() != _FENCE:
        raise BadFrontmatter(1, "no frontmatter; the first line must be '---', then name, ...")
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == _FENCE), None)
    if end is None:
        raise BadFrontmatter(1, "the frontmatter is not closed; a second line '---' must end it")
    inner = "\n".join(lines[1:end]) + "\n"
    if len(inner) > MAX_CHARS:
        raise BadFrontmatter(1, f"frontmatter of {len(inner)} characters; at most {MAX_CHARS}")
    values, where = simple.parse(inner) or parse_yaml(inner)
    body = "\n".join(lines[end + 1 :])
    return Front(values, {key: line + 1 for key, line in where.items()}, body, end + 1)


# What ruamel.yaml raises besides: of a version, a number, a key or a depth that it does not take.
_ODD = (ValueError, TypeError, OverflowError, AssertionError, RecursionError)


def parse_yaml(text: str) -> tuple[dict[str, Any], dict[str, int]]:
    """Field -> value, and field -> line (from 1 in ``text``), by a YAML 1.2 parser.

    Raises:
        BadFrontmatter: not YAML, not a mapping, aliases, too deep, or a key that is no text.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _flat(text)
            _bounded(YAML(typ="safe", pure=True).parse(text))
            node = YAML(typ="safe", pure=True).compose(text)
            values = YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = error.problem or error.context or "cannot be parsed"
        line = mark.line + 2 if mark else 1
        raise BadFrontmatter(line, f"not YAML: {' '.join(str(what).split())}") from None
    except (YAMLError, *_ODD) as error:
        if isinstance(error, BadFrontmatter):
            raise
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise BadFrontmatter(1, f"not YAML: {first}") from None
    if not isinstance(values, dict):
        raise BadFrontmatter(1, "the frontmatter must be 'key: value' lines, with name among them")
    lines = {}
    for key_node, _ in node.value:
        if key_node.tag.endswith(":merge"):
            raise BadFrontmatter(key_node.start_mark.line + 2, "merge keys (<<) are not allowed")
    for (key_node, _), key in zip(node.value, values, strict=True):
        line = key_node.start_mark.line + 1
        if not isinstance(key, str):
            raise BadFrontmatter(line + 1, f"the key {key!r} is no text; quote it")
        lines[key] = line
    return values, lines


def _flat(text: str) -> None:
    """Refuse a line of brackets in brackets, of which the parser asks at each whether it is a key.

    It looks a line ahead for that, so ten thousand of them would keep it busy for seconds before
    its first event.
    """
    for number, line in enumerate(text.split("\n"), 2):
        depth = 0
        for char in line if len(line) > _MAX_OPEN else "":
            depth += (char in "[{") - (char in "]}")
            if depth > _MAX_OPEN:
                raise BadFrontmatter(number, f"deeper than {_MAX_DEPTH} levels")


def _bounded(events: Any) -> None:
    """Refuse what would be small here and huge, or endless, once it is built."""
    depth = 0
    for event in events:
        kind = type(event).__name__
        if kind == "AliasEvent" or getattr(event, "anchor", None):
            raise BadFrontmatter(
                event.start_mark.line + 2, "anchors and aliases (&, *) are not allowed; quote them"
            )
        depth += kind in ("MappingStartEvent", "SequenceStartEvent")
        depth -= kind in ("MappingEndEvent", "SequenceEndEvent")
        if depth > _MAX_DEPTH:
            raise BadFrontmatter(event.start_mark.line + 2, f"deeper than {_MAX_DEPTH} levels")
