"""The JSON Schemas of every file format, and checking a value against one.

jsonschema-rs decides whether a value is valid; jsonschema explains why it is not. The schemas use
no ``format``, and only regular expressions that mean the same everywhere (a pattern that knows the
calendar checks dates), so that the two agree; a test compares them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

NAMES = (
    "finding",
    "learning",
    "correction",
    "incident",
    "patterns",
    "trends",
    "promotion-log",
    "chances",
    "curation",
    "errata-toml",
)
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@cache
def load(name: str) -> dict[str, Any]:
    """The schema of that name (see :data:`NAMES`), as parsed JSON; must not be modified."""
    import json
    from importlib import resources

    text = resources.files("errata.schemas").joinpath(f"{name}.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    assert isinstance(schema, dict)
    return schema


@cache
def checker(name: str) -> Callable[[Any], bool]:
    """The function that says whether a value is valid. Built once per schema and process."""
    import jsonschema_rs

    is_valid: Callable[[Any], bool] = jsonschema_rs.Draft202012Validator(load(name)).is_valid
    return is_valid


def is_valid(name: str, value: Any) -> bool:
    """Whether a parsed JSON value is valid."""
    return checker(name)(value)


def explain(name: str, value: Any) -> list[tuple[str, str]]:
    """Every error in the value: (``$.path``, what is wrong; what is allowed), by path.

    Empty if jsonschema finds nothing wrong.
    """
    errors = _explainer(name).iter_errors(value)
    return sorted({(_path(error), _reason(error)) for error in errors})


@cache
def _explainer(name: str) -> Validator:
    from jsonschema import Draft202012Validator, ValidationError, validators

    def pattern(_: Any, expression: str, value: Any, __: Any) -> Iterator[ValidationError]:
        # Python's `$` also matches before a last newline, JSON Schema's does not. Our patterns have
        # no `$` with another meaning.
        if isinstance(value, str) and not re.search(expression.replace("$", r"\Z"), value):
            yield ValidationError("pattern")

    extend: Any = validators.extend
    cls = extend(Draft202012Validator, {"pattern": pattern})
    validator: Validator = cls(load(name))
    return validator


def _path(error: ValidationError) -> str:
    parts = ["$"]
    for key in error.absolute_path:
        if isinstance(key, int):
            parts.append(f"[{key}]")
        else:
            parts.append(f".{key}" if _PLAIN_KEY.match(key) else f"[{show(key)}]")
    return "".join(parts)


def show(value: Any) -> str:
    """A value as one short printable line, whatever it holds."""
    import reprlib

    for word, constant in (("null", None), ("true", True), ("false", False)):
        if value is constant:
            return word
    short = reprlib.Repr()
    short.maxstring = short.maxlong = short.maxother = 60
    short.maxlevel = 2
    short.maxdict = short.maxlist = 3
    return short.repr(value)


_TYPES = {"object": "an object", "array": "a list", "string": "a text", "null": "null"} | {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


def _reason(error: ValidationError) -> str:
    schema, value = error.schema, error.instance
    assert isinstance(schema, dict)
    kind = str(error.validator)
    if explain_kind := _REASONS.get(kind):
        return explain_kind(error, schema)
    subject = f"key {show(value)}" if "propertyNames" in error.schema_path else show(value)
    return f"{subject} is not allowed; allowed: {_allowed(schema, kind)}"


def _allowed(schema: dict[str, Any], kind: str) -> str:
    if "enum" in schema:
        return ", ".join("null" if word is None else str(word) for word in schema["enum"])
    if kind == "const":
        return show(schema["const"])
    if "title" in schema and "$id" not in schema:
        return str(schema["title"])
    types = schema.get("type", [])
    return " or ".join(_TYPES[name] for name in ([types] if isinstance(types, str) else types))


def _missing(error: ValidationError, schema: dict[str, Any]) -> str:
    value: Any = error.instance
    absent = [name for name in schema["required"] if name not in value]
    named = next((name for name in absent if error.message.startswith(repr(name))), absent[0])
    return f"{named!r} is missing; required: {', '.join(schema['required'])}"


def _one_of(error: ValidationError, schema: dict[str, Any]) -> str:  # noqa: ARG001
    names = [name for branch in schema["anyOf"] for name in branch["required"]]
    return f"{' or '.join(map(repr, names))} is missing; one of them is required"


def _unknown(error: ValidationError, schema: dict[str, Any]) -> str:
    known = schema["properties"]
    value: Any = error.instance
    extra = [key for key in value if key not in known]
    return f"unknown key {', '.join(map(show, extra))}; allowed: {', '.join(known)}"


_REASONS: dict[str, Callable[[Any, dict[str, Any]], str]] = {
    "required": _missing,
    "anyOf": _one_of,
    "additionalProperties": _unknown,
}
