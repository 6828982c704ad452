"""Read a file of rules: YAML of ast-grep, or of patterns of words, within bounds.

The files belong to the repository, so they may hold anything. What is read here is only data; what
a rule looks for is tried in a process of its own (:mod:`errata.checks.isolated`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from errata.checks import languages

MAX_BYTES = 64_000
_MAX_DEPTH = 24
_MAX_DOCUMENTS = 24
_MAX_NODES = 2_000
_MAX_MESSAGE = 500
_MATCHER = ("rule", "constraints", "utils")
_NAME = re.compile(r"(?<![\w$])[A-Za-z_]\w*")
Rule = dict[str, Any]
"""A rule as JSON, with the keys ``id``, ``language``, ``message``, ``config`` (what ast-grep
looks for), ``files`` and ``ignores`` (globs), ``new`` (only new files, at their first line) and
``needs`` (names that a file must contain for the rule to find anything)."""


class BadRuleError(ValueError):
    """A file of rules cannot be used; says where, what is wrong, and what is allowed."""


def read(data: bytes) -> list[Rule]:
    """The rules of a file.

    Raises:
        BadRuleError: it cannot be used.
    """
    return [_rule(number, document) for number, document in enumerate(documents(data), 1)]


def documents(data: bytes) -> list[dict[str, Any]]:
    """The YAML documents of a file, each a mapping. Raises BadRuleError."""
    import yaml

    if len(data) > MAX_BYTES:
        raise BadRuleError(f"{len(data)} bytes; at most {MAX_BYTES}")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        text = data.decode("utf-8-sig")
        _check_bounds(yaml.parse(text, Loader=loader))
        values = [
            document for document in yaml.load_all(text, Loader=loader) if document is not None
        ]
    except UnicodeDecodeError:
        raise BadRuleError("not UTF-8") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}: " if mark else ""
        problem = " ".join(str(error.problem or error.context or "cannot be parsed").split())
        raise BadRuleError(f"{where}not YAML: {problem}") from None
    except (yaml.YAMLError, ValueError, TypeError, OverflowError, RecursionError) as error:
        if isinstance(error, BadRuleError):
            raise
        raise BadRuleError(f"not YAML: {(str(error).splitlines() or [''])[0]}") from None
    if not values:
        raise BadRuleError("no rule in it; a rule has id, language, message and rule")
    for document in values:
        if not isinstance(document, dict):
            raise BadRuleError("a rule must be 'key: value' lines, with id, language and rule")
    return values


def _check_bounds(events: Any) -> None:
    """Refuse what is small as text and huge, or endless, as a value."""
    import yaml

    depth = nodes = documents = 0
    for event in events:
        where = f"line {event.start_mark.line + 1}: "
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BadRuleError(
                f"{where}anchors and aliases (&, *) are not allowed; quote the value"
            )
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        nodes += isinstance(event, yaml.NodeEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if depth > _MAX_DEPTH:
            raise BadRuleError(f"{where}nested deeper than {_MAX_DEPTH} levels")
        if nodes > _MAX_NODES or documents > _MAX_DOCUMENTS:
            raise BadRuleError(f"{where}more than {_MAX_NODES} values or {_MAX_DOCUMENTS} rules")


def _rule(number: int, document: dict[str, Any]) -> Rule:
    name = document.get("id")
    where = f"rule {number}: "
    if not isinstance(name, str) or not name.isprintable() or not name.strip():
        raise BadRuleError(f"{where}'id' must be a name")
    language = document.get("language")
    if not isinstance(language, str) or language.lower() not in languages.known():
        some = ", ".join(sorted(languages.known()))
        raise BadRuleError(f"{where}'language' is {str(language)[:40]!r}; allowed: {some}")
    if not isinstance(document.get("rule"), dict) or not document["rule"]:
        raise BadRuleError(f"{where}'rule' must be what to look for, such as 'pattern: f($$$)'")
    language = language.lower()
    config = {key: document[key] for key in _MATCHER if document.get(key)}
    _check_json(config, where)
    if language == languages.TEXT and not _is_words(config):
        raise BadRuleError(f"{where}'rule' of the language text must be 'regex: ...' alone")
    metadata = document.get("metadata")
    message = document.get("message")
    return {
        "id": name,
        "language": language,
        "message": " ".join(str(message or name).split())[:_MAX_MESSAGE],
        "config": config,
        "files": _globs(document, "files", where),
        "ignores": _globs(document, "ignores", where),
        "new": isinstance(metadata, dict) and metadata.get("only-new-files") is True,
        "needs": sorted(set(_names(config["rule"]))),
    }


def _check_json(value: Any, where: str) -> None:
    """Refuse what YAML has and JSON has not, such as dates: ast-grep cannot use it."""
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise BadRuleError(f"{where}the key {str(key)[:40]!r} is not a text; quote it")
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            _check_json(part, where)
    elif not (value is None or isinstance(value, str | int | float)):
        raise BadRuleError(
            f"{where}{str(value)[:40]!r} is a {type(value).__name__}; a rule has texts, numbers, "
            "lists and mappings: quote it"
        )


def _names(rule: Any) -> Iterator[str]:
    """The names in the patterns that must all match; none of alternatives."""
    if isinstance(rule, dict):
        if isinstance(pattern := rule.get("pattern"), str):
            yield from _NAME.findall(pattern)
        parts = rule.get("all")
        for part in parts if isinstance(parts, list) else ():
            yield from _names(part)


def _is_words(config: dict[str, Any]) -> bool:
    rule = config["rule"]
    return set(config) == {"rule"} and set(rule) == {"regex"} and isinstance(rule["regex"], str)


def _globs(document: dict[str, Any], key: str, where: str) -> list[str]:
    globs = document.get(key) or []
    if not isinstance(globs, list) or not all(isinstance(glob, str) for glob in globs):
        raise BadRuleError(f"{where}'{key}' must be a list of globs, such as 'src/**'")
    return globs
