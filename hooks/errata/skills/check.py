"""The rules for a SKILL.md, and every violation of them with its line.

The open standard (agentskills.io/specification) has name, description, license, compatibility,
metadata and allowed-tools; the other fields are those in Claude Code's reference of skills. Of
those only the type of the value is checked: what they may hold changes with the tool.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from errata.core.near_names import did_you_mean
from errata.skills.find import MAX_BYTES, Skill

OUTSIDE = "a symbolic link leads out of the repository, where others do not have it; copy it"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_NAME_MAX, _DESCRIPTION_MAX, _COMPATIBILITY_MAX = 64, 1024, 500


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """One broken rule: ``path:line: what is wrong, what is allowed``."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def violations(skill: Skill) -> list[Violation]:
    """What is wrong with one skill, top to bottom."""
    if len(skill.data) > MAX_BYTES:
        message = f"larger than {MAX_BYTES} bytes; move details to other files"
        return [Violation(skill.path, 1, message)]
    if skill.bad:
        return [Violation(skill.path, skill.bad.line, skill.bad.message)]
    assert skill.frontmatter
    broken = [
        Violation(skill.path, line, _one_line(message)) for line, message in _broken_rules(skill)
    ]
    if not skill.frontmatter.body.strip():
        end = skill.frontmatter.end
        broken.append(Violation(skill.path, end, "no instructions below; write them"))
    return sorted(broken)


def name_clashes(skills: Iterable[tuple[str, object]]) -> Iterator[Violation]:
    """Different skills with the same name.

    ``skills`` holds the path of each skill, and what identifies its content (bytes, or git's object
    id).
    """
    first: dict[str, tuple[str, object]] = {}
    for path, content in skills:
        name = PurePosixPath(path).parent.name
        first_path, first_content = first.setdefault(name, (path, content))
        if content != first_content:
            message = (
                f"name: {name!r} is taken by {first_path}, which differs; rename one, or make equal"
            )
            yield Violation(path, 1, _one_line(message))


def _broken_rules(skill: Skill) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) of each field."""
    assert skill.frontmatter
    values, lines = skill.frontmatter.values, skill.frontmatter.lines
    for field, limit in (("name", _NAME_MAX), ("description", _DESCRIPTION_MAX)):
        if field not in values:
            yield 1, f"{field}: missing; 1 to {limit} characters are required"
    for key, value in values.items():
        if key not in FIELDS:
            yield lines[key], _unknown(key)
        elif message := FIELDS[key](value):
            yield lines[key], f"{key}: {message}"
        elif key == "name" and value != skill.folder:
            yield lines[key], f"name: {value!r} must be the name of the folder, {skill.folder!r}"


def _unknown(key: str) -> str:
    hint = did_you_mean(key, FIELDS, f"known: {', '.join(FIELDS)}")
    return f"unknown field {key[:60]!r}; {hint} (put your own fields below metadata)"


def _name(value: Any) -> str:
    if not isinstance(value, str):
        return f"must be text, not {_shown(value)}; quote it"
    if not 1 <= len(value) <= _NAME_MAX:
        return f"{len(value)} characters; 1 to {_NAME_MAX} are allowed"
    return "" if _NAME.match(value) else f"{value!r}; lower-case words and digits joined by '-'"


def _text(limit: int) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if not isinstance(value, str):
            return f"must be text, not {_shown(value)}; quote it"
        length = len(value.strip())
        return "" if 1 <= length <= limit else f"{length} characters; 1 to {limit} are allowed"

    return check


def _texts(value: Any) -> str:
    """Text, or a list of texts."""
    good = isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(item, str) for item in value)
    )
    return "" if good else f"must be text or a list of texts, not {_shown(value)}"


def _switch(value: Any) -> str:
    return "" if isinstance(value, bool) else f"must be true or false, not {_shown(value)}"


def _word(value: Any) -> str:
    good = isinstance(value, str | int) and not isinstance(value, bool)
    return "" if good else f"must be text, not {_shown(value)}"


def _map(value: Any) -> str:
    return "" if isinstance(value, dict) else f"must be 'key: value' lines, not {_shown(value)}"


def _metadata(value: Any) -> str:
    if not isinstance(value, dict):
        return _map(value)
    for key, item in value.items():
        if not isinstance(key, str) or not isinstance(item, str):
            return f"{str(key)[:60]}: must be text, not {_shown(item)}; quote it"
    return ""


def _shown(value: Any) -> str:
    kinds = {dict: "'key: value' lines", list: "a list", bool: str(value).lower()}
    if value is None:
        return "empty"
    return kinds.get(type(value)) or str(value)[:40]


FIELDS: dict[str, Callable[[Any], str]] = {
    "name": _name,
    "description": _text(_DESCRIPTION_MAX),
    "license": _text(_DESCRIPTION_MAX),
    "compatibility": _text(_COMPATIBILITY_MAX),
    "metadata": _metadata,
    "allowed-tools": _texts,
    "disallowed-tools": _texts,
    "when_to_use": _text(_DESCRIPTION_MAX),
    "argument-hint": _texts,
    "arguments": _texts,
    "disable-model-invocation": _switch,
    "user-invocable": _switch,
    "model": _word,
    "effort": _word,
    "context": _word,
    "agent": _word,
    "hooks": _map,
    "paths": _texts,
    "shell": _word,
}


def _one_line(text: str) -> str:
    """The text on one line, whatever a value holds."""
    return "".join(char if char.isprintable() else "?" for char in text)
