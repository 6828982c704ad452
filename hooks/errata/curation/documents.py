"""Decisions from JSON: one object, a list of objects, or one object a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from errata.core.errors import ErrataError, RecordError
from errata.curation import contents
from errata.curation.contents import Content
from errata.curation.lookup import Known
from errata.records import identity

_SHOWN = 20


class DecisionErrors(ErrataError):
    """Several decisions cannot be taken as they are; nothing was decided.

    Attributes:
        lines: one for each of them.
    """

    def __init__(self, lines: list[str]) -> None:
        last = f"nothing was decided: {len(lines)} of the decisions are not valid"
        super().__init__(last if len(lines) > 1 else lines[0])
        self.lines = lines if len(lines) > 1 else []


def read(known: Known, action: str, data: bytes, name: str) -> list[Content]:
    """The contents of all decisions in ``data``; either all are valid or none is taken.

    Args:
        name: what to call the data in messages.

    Raises:
        DecisionErrors: ``name:line: what is wrong`` of each that is not valid.
    """
    decisions, errors = [], []
    patterns: dict[str, str] = {}
    for where, value in _objects(data, name):
        try:
            if not isinstance(value, dict):
                raise ErrataError("must be an object")
            content = contents.content(known, action, value)
            decisions.append(_shared(content, patterns))
        except ErrataError as error:
            errors.append(f"{where}: {error}")
    if errors:
        more = [f"... and {len(errors) - _SHOWN} more"] if len(errors) > _SHOWN else []
        raise DecisionErrors([*errors[:_SHOWN], *more] if len(errors) > 1 else errors)
    if not decisions:
        raise ErrataError(f"{name}: is empty: nothing was decided", _FORMS)
    return decisions


def _shared(content: Content, patterns: dict[str, str]) -> Content:
    """Let a correction belong to the first of its patterns; the others share it (``also``).

    Otherwise each would take it from the one before.

    Args:
        patterns: id of a correction -> the pattern that an earlier decision gave it.
    """
    if content["action"] != "teach":
        return content
    name, ids = content["pattern"], content["corrections"]
    own = [id for id in ids if patterns.setdefault(id, name) == name]
    also = [id for id in ids if id not in own]
    return {**content, "corrections": own, "also": also} if also else content


_FORMS = "give a JSON object, a list of them, or one a line"


def _objects(data: bytes, name: str) -> Iterator[tuple[str, Any]]:
    """Each value, and where it is."""
    try:
        document = identity.decode(data)
    except RecordError:
        yield from _lines(data, name)
        return
    if isinstance(document, list):
        yield from ((f"{name}[{number}]", value) for number, value in enumerate(document))
    else:
        yield name, document


def _lines(data: bytes, name: str) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            try:
                yield f"{name}:{number}", identity.decode(line)
            except RecordError as error:
                raise ErrataError(
                    f"{name}:{number}: {error}: nothing was decided", _FORMS
                ) from None
