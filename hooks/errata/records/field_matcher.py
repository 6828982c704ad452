"""Which fields of an unknown log are ours: by name and values, or by the values alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from errata.records import field_guesses
from errata.records.field_guesses import Field

MOST = 0.9
"""The share of the values that must have the shape of our field."""
_HALF = 0.5

Shape = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Target:
    """One of our fields.

    Attributes:
        shape: whether a value could stand in it.
        by_values: whether a field of an unknown name may be it, by its values alone.
        one_source: whether it is filled from one field only; others may be put together from
            several.
    """

    name: str
    shape: Shape
    by_values: bool = False
    one_source: bool = False


TARGETS = (
    Target("timestamp", field_guesses.is_time, by_values=True),
    Target("severity", field_guesses.is_severity, by_values=True),
    Target("file", field_guesses.is_path, by_values=True),
    Target("line", field_guesses.is_line, one_source=True),
    Target("pattern", field_guesses.is_name, by_values=True, one_source=True),
    Target("description", field_guesses.is_text, by_values=True),
    Target("agent", field_guesses.is_agent, one_source=True),
    Target("suggested_fix", field_guesses.is_text, one_source=True),
)
# Other names of ours for the same thing.
_SYNONYMS = {"timestamp": "date", "description": "finding"}
_OURS = {target.name for target in TARGETS} | set(_SYNONYMS.values())


class FieldMatcher:
    """Matches the fields of a log with ours.

    Attributes:
        names: their field -> ours.
    """

    def __init__(self, fields: dict[str, Field], total: int, exists: Callable[[str], bool]) -> None:
        self.names: dict[str, str] = {}
        self._fields = fields
        self._total = total
        self._exists = exists
        # Our field -> the most records that one source of it fills.
        self._filled: dict[str, int] = {}

    def match(self) -> dict[str, str]:
        """Their field -> ours: first by name and shape, then by values alone."""
        for target in TARGETS:
            self._match_by_name(target)
        for target in TARGETS:
            if target.by_values and not self._filled.get(target.name):
                self._match_by_values(target)
        return self.names

    def _match_by_name(self, target: Target) -> None:
        own = self._own_field(target.name)
        if own and own.share(target.shape) >= MOST:
            self._filled[target.name] = len(own.values)
        for field in self._ranked(target.name):
            if self._is_full(target):
                break
            if field.share(target.shape) >= MOST:
                self._take(field, target)
        if target.name == "pattern" and not self._filled.get("pattern"):
            # A name that says too little counts if the values recur and differ.
            recurring = filter(self._recurs, self._ranked("pattern", weak=True))
            for field in list(recurring)[:1]:
                self._take(field, target)

    def _own_field(self, name: str) -> Field | None:
        """The field that has our name already, or its synonym."""
        own = self._fields.get(name)
        if own and own.values:
            return own
        return self._fields.get(_SYNONYMS.get(name, ""), own)

    def _ranked(self, ours: str, *, weak: bool = False) -> list[Field]:
        """The free fields whose names may mean ours, the surest first."""
        ranks = {
            field.name: field_guesses.rank(field.name, ours, weak=weak) for field in self._free()
        }
        named = [field for field in self._free() if ranks[field.name] is not None]
        return sorted(named, key=lambda field: (ranks[field.name], field.depth, field.order))

    def _match_by_values(self, target: Target) -> None:
        fields = [field for field in self._free() if self._fits_by_values(field, target)]
        if target.name == "description":
            # The longest texts describe.
            fields.sort(key=lambda field: (-sum(map(len, field.texts)), field.order))
        if fields:
            self._take(fields[0], target)

    def _fits_by_values(self, field: Field, target: Target) -> bool:
        others = (other.name for other in TARGETS if other is not target)
        if any(field_guesses.rank(field.name, other) is not None for other in others):
            return False
        if len(field.values) < MOST * self._total or field.share(target.shape) < MOST:
            return False
        return self._is_clear(field, target.name)

    def _is_clear(self, field: Field, ours: str) -> bool:
        """Whether the values alone, without a name, leave no doubt."""
        only_texts = len(field.texts) == len(field.values)
        if ours == "timestamp":
            return only_texts
        if ours == "severity":
            return only_texts and len(field.distinct()) <= 8
        if ours == "file":
            return field.share(self._is_existing_path) >= _HALF
        if ours == "pattern":
            return self._recurs(field) and field.share(_is_kebab_like) >= MOST
        return field.share(field_guesses.is_sentence) >= _HALF

    def _is_existing_path(self, value: Any) -> bool:
        return isinstance(value, str) and self._exists(value.partition(":")[0].removeprefix("./"))

    def _recurs(self, field: Field) -> bool:
        """Whether the values could name patterns: short names, some of them more than once."""
        return (
            field.share(field_guesses.is_name) >= MOST
            and field.share(field_guesses.is_severity) < _HALF
            and 1 < len(field.distinct()) < len(field.values)
        )

    def _free(self) -> list[Field]:
        """The fields that are not matched and do not have one of our names."""
        taken = self.names.keys() | _OURS
        return [field for name, field in self._fields.items() if name not in taken]

    def _is_full(self, target: Target) -> bool:
        filled = self._filled.get(target.name, 0)
        return filled >= self._total or (target.one_source and filled > 0)

    def _take(self, field: Field, target: Target) -> None:
        self.names[field.name] = target.name
        self._filled[target.name] = max(self._filled.get(target.name, 0), len(field.values))


def _is_kebab_like(value: Any) -> bool:
    return (
        isinstance(value, str) and not set(value) & set(" /.\\:") and field_guesses.is_name(value)
    )
