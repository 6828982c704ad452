"""What the fields of an unknown log may hold, judged by their names and by their values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from errata import rules
from errata.records.dialect import moment
from errata.records.pattern_names import PATTERN_NAME, kebab

_MAX_DEPTH = 8
_MAX_FIELDS = 400
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_DATED = re.compile(r"\d{4}-?\d\d-?\d\d|\d{4}/\d")
_PATH = re.compile(r"[^\n]*/[^\n]*|[^\n]*\.\w{1,12}(:\d+.*)?|[^\s]+")
_2000, _2100 = 946_684_800, 4_102_444_800


@dataclass(slots=True)
class Field:
    """One field of the records, at any depth.

    Attributes:
        name: as an alias spells it, the keys joined by dots.
        values: those that are neither null nor empty, in order.
        order: position by first occurrence.
    """

    name: str
    order: int
    values: list[Any] = field(default_factory=list)

    @property
    def depth(self) -> int:
        """The number of objects and lists around it."""
        return self.name.count(".")

    @property
    def texts(self) -> list[str]:
        """The values that are texts."""
        return [value for value in self.values if isinstance(value, str)]

    def share(self, test: Callable[[Any], bool]) -> float:
        """The share of the values that pass a test, 0 to 1; 0 without values."""
        return sum(map(test, self.values)) / len(self.values) if self.values else 0.0

    def distinct(self) -> dict[str, None]:
        """The different values as a value map spells them, in order of occurrence."""
        return dict.fromkeys(
            str(value).lower() if isinstance(value, bool) else str(value)
            for value in self.values
            if isinstance(value, str | int)
        )


def gather(records: Iterable[Mapping[str, Any]]) -> dict[str, Field]:
    """Every field of the records by name. Only the first item of a list is read."""
    fields: dict[str, Field] = {}
    for record in records:
        for name, value in _leaves(record, "", 0):
            if name not in fields:
                if len(fields) >= _MAX_FIELDS:
                    continue
                fields[name] = Field(name, len(fields))
            if value is not None and value != "":
                fields[name].values.append(value)
    return fields


def _leaves(value: Any, name: str, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and depth < _MAX_DEPTH:
        for key, item in value.items():
            yield from _leaves(item, f"{name}.{key}" if name else key, depth + 1)
    elif isinstance(value, list) and value and depth < _MAX_DEPTH:
        yield from _leaves(value[0], f"{name}.0", depth + 1)
    elif name:
        yield name, value


# ------------------------------------------------------------------------------------- by name


@cache
def synonyms() -> dict[tuple[str, bool], tuple[str, ...]]:
    """(our field, whether the names are weak) -> other names for it, the surest first."""
    return {
        (rule["ours"], rule.get("weak", False)): tuple(rule["names"])
        for rule in rules.load("dialects")["field"]
    }


def rank(name: str, ours: str, *, weak: bool = False) -> int | None:
    """How well a name matches our field: 0 is the best match, None means no match."""
    keys = [_snake(key) for key in name.split(".")]
    without_indexes = [key for key in keys if not key.isdecimal()]
    # The end of a range is not where something is.
    if "end" in without_indexes[:-1]:
        return None
    tails = {".".join(keys[-2:]), ".".join(without_indexes[-2:])}
    if not keys[-1].isdecimal():
        tails.add(keys[-1])
    names = synonyms().get((ours, weak), ())
    return next((position for position, known in enumerate(names) if known in tails), None)


def _snake(text: str) -> str:
    return re.sub(r"[\W_]+", "_", _HUMP.sub("_", text)).lower().strip("_")


# ---------------------------------------------------------------------------------- severities


def folded(text: str) -> str:
    """A word of a scale in its normal spelling: ``[MUST_FIX]`` -> ``must fix``."""
    words = " ".join(re.split(r"[\W_]+", text.casefold())).strip()
    return words or text.strip()


@cache
def _scale() -> dict[str, str]:
    tables = rules.load("dialects")["severity"]
    return {word: table["ours"] for table in tables for word in table["words"]}


def severity(text: str) -> str:
    """The severity of ours that a word of another scale means; "" if unknown."""
    phrase = folded(text)
    if phrase in _scale():
        return _scale()[phrase]
    words = phrase.split()
    if len(words) > 4 or {"not", "non", "no"} & set(words):
        return ""
    meanings = {_scale()[word] for word in words if word in _scale() and not word.isdecimal()}
    return meanings.pop() if len(meanings) == 1 else ""


# -------------------------------------------------------------------------------------- shapes


def is_severity(value: Any) -> bool:
    """Is this a severity of any known scale?"""
    return isinstance(value, str | int) and severity(str(value)) != ""


def is_time(value: Any) -> bool:
    """Is this an instant or a day of this century?"""
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return any(_2000 * unit <= value < _2100 * unit for unit in (1, 10**3, 10**6, 10**9))
    if not isinstance(value, str):
        return False
    if value.strip().replace(".", "", 1).isdecimal() and not _DATED.fullmatch(value.strip()):
        return moment(value) is not None
    return bool(_DATED.match(value.strip())) and moment(f" {value}") is not None


def is_path(value: Any) -> bool:
    """Does this look like a path?"""
    return isinstance(value, str) and len(value) < 500 and bool(_PATH.fullmatch(value.strip()))


def is_line(value: Any) -> bool:
    """Is this a line number, or a range of them?"""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return bool(re.match(r"L?\d{1,8}(-L?\d{1,8})?\Z", text)) and text != "0"


def is_text(value: Any) -> bool:
    """Is this a text that is not blank?"""
    return isinstance(value, str) and bool(value.strip())


def is_sentence(value: Any) -> bool:
    """Is this a text of several words?"""
    return is_text(value) and len(value.split()) >= 2


def is_name(value: Any) -> bool:
    """Could this name a pattern: short, on one line, with letters?"""
    if not isinstance(value, str) or len(value) > 100 or len(value.split()) > 8:
        return False
    return "\n" not in value and bool(PATTERN_NAME.match(kebab(value))) and not value.isdecimal()


def is_agent(value: Any) -> bool:
    """Is this an agent's name rather than a person's?"""
    if not isinstance(value, str) or len(value) > 100:
        return False
    known = rules.load("dialects")["agents"]
    name = " ".join(re.split(r"[\W_]+", value.casefold())).strip()
    return name in known["names"] or bool(set(name.split()) & set(known["words"]))
