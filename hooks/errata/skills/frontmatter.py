"""The YAML between the two ``---`` lines of a SKILL.md, read by PyYAML within bounds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

MAX_CHARS = 16_384
_MAX_DEPTH = 12
_FENCE = "---"


class BadFrontmatter(ValueError):
    """The frontmatter cannot be read.

    Attributes:
        line: where, counted from 1 in the file.
        message: what is wrong, and what is allowed.
    """

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


class Frontmatter(NamedTuple):
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


def read(text: str) -> Frontmatter:
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
    # The first "---" stays, as an empty line, so that lines count alike here and in the file.
    block = "\n".join(["", *lines[1:end], ""])
    if len(block) > MAX_CHARS:
        raise BadFrontmatter(1, f"frontmatter of {len(block)} characters; at most {MAX_CHARS}")
    for number, line in enumerate(lines[1:end], 2):
        # YAML ends lines there, editors do not: what follows would mean something else.
        if any(mark in line for mark in "\x85\u2028\u2029"):
            raise BadFrontmatter(number, "holds a line separator other than a line end; remove it")
    values, line_of = parse_yaml(block)
    return Frontmatter(values, line_of, "\n".join(lines[end + 1 :]), end + 1)


def parse_yaml(text: str) -> tuple[dict[str, Any], dict[str, int]]:
    """Field -> value, and field -> line (from 1 in ``text``), with the types of YAML 1.2.

    Raises:
        BadFrontmatter: not YAML, not a mapping, aliases, too deep, or a key that is not text.
    """
    import yaml

    try:
        _check_bounds(yaml.parse(text, Loader=_loader()))
        loader = _loader()(text)
        node = loader.get_single_node()
        values = loader.construct_document(node) if node else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "cannot be parsed"
        line = mark.line + 1 if mark else 1
        raise BadFrontmatter(line, f"not YAML: {' '.join(str(problem).split())}") from None
    except BadFrontmatter:
        raise
    # Of characters, numbers, dates and keys that PyYAML does not accept.
    except (yaml.YAMLError, ValueError, TypeError, OverflowError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise BadFrontmatter(1, f"not YAML: {first}") from None
    if not isinstance(values, dict):
        raise BadFrontmatter(1, "the frontmatter must be 'key: value' lines, with name among them")
    lines = [key.start_mark.line + 1 for key, _ in node.value]
    for key, line in zip(values, lines, strict=True):
        if not isinstance(key, str):
            raise BadFrontmatter(line, f"the key {key!r} is not text; quote it")
    return values, dict(zip(values, lines, strict=True))


def _check_bounds(events: Any) -> None:
    """Refuse what is small as text and huge, or endless, as a value."""
    import yaml

    depth = 0
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BadFrontmatter(
                line, "anchors and aliases (&, *) are not allowed; quote the value"
            )
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            raise BadFrontmatter(line, f"nested deeper than {_MAX_DEPTH} levels")


@cache
def _loader() -> Any:
    """PyYAML's safe loader with the scalars of YAML 1.2, which also refuses duplicate keys.

    YAML 1.1, PyYAML's own, reads ``yes``, ``on`` and ``1:30`` as a boolean and a number.
    """
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            keys = set()
            for key_node, _ in node.value:
                key = self.construct_object(key_node, deep=True)
                if key in keys:
                    raise yaml.constructor.ConstructorError(
                        problem=f"duplicate key {key!r}", problem_mark=key_node.start_mark
                    )
                keys.add(key)
            return super().construct_mapping(node, deep=deep)

    for kind, pattern, first in (
        ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
        ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
        ("int", r"[-+]?(?:0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
        (
            "float",
            r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?"
            r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
            list("-+.0123456789"),
        ),
        ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", list("0123456789")),
    ):
        tag = f"tag:yaml.org,2002:{kind}"
        Loader.add_implicit_resolver(tag, re.compile(rf"(?:{pattern})\Z"), first)
    return Loader
