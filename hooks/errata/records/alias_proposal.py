"""Read a log in an unknown dialect, and propose the aliases that translate it into ours.

Field names are looked up in ``rules/dialects.toml``, and a field counts only if its values have the
right shape. Then the proposal is tried on the log itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from errata.core.config import Alias
from errata.records import field_guesses, validate
from errata.records.field_guesses import Field
from errata.records.field_matcher import TARGETS, FieldMatcher
from errata.records.model import Kind

# 9999-12-31, the last day that validation allows.
_END_OF_TIME = 253_402_214_400_000_000
_RENAMED = "their_"
_ATTEMPTS = 8
# What a record needs, and the fields of ours that hold it.
_REQUIRED = {
    "a time": ("timestamp", "date"),
    "a description": ("description", "finding"),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """The aliases for one log, and how many of its records they make valid.

    Attributes:
        alias: to be put under ``[aliases.KIND]``.
        remarks: our field -> what a person should look at.
        missing: what the log does not have and a record needs.
        valid: how many of ``total`` records are valid under it.
    """

    kind: Kind
    alias: Alias
    remarks: Mapping[str, str]
    missing: tuple[str, ...]
    valid: int
    total: int

    @property
    def complete(self) -> bool:
        """Whether every record is valid under it."""
        return not self.missing and self.valid == self.total > 0


def propose(
    kind: Kind,
    records: list[dict[str, Any]],
    exists: Callable[[str], bool] = lambda _path: False,
) -> Proposal:
    """Aliases for a log of findings or incidents with these records.

    A time in the future is not a matter of dialect, and is ignored.

    Args:
        exists: whether the repository has a file of that path.
    """
    fields = field_guesses.gather(records)
    names = FieldMatcher(fields, len(records), exists).match()
    sources = _Sources(fields, names)
    values, remarks = _values(kind, sources, len(records))
    alias = _without_clashes(kind, records, names, values)
    if not alias.fields and not alias.values and _faults(kind, records, None):
        # Only the format of some values differs; an alias of any field makes errata convert them.
        plain = _plain_field(fields)
        alias = Alias(fields={plain: plain})
    bad = {line for line, _ in _faults(kind, records, alias)}
    translated = _Sources(fields, alias.fields)
    missing = tuple(name for name, ours in _REQUIRED.items() if not translated.present(*ours))
    return Proposal(kind, alias, remarks, missing, len(records) - len(bad), len(records))


@dataclass(frozen=True, slots=True)
class _Sources:
    """Their fields, under the names that an alias gives them."""

    fields: Mapping[str, Field]
    names: Mapping[str, str]

    def of(self, *ours: str) -> list[Field]:
        """The fields that are read as one of these."""
        return [f for name, f in self.fields.items() if self.names.get(name, name) in ours]

    def present(self, *ours: str) -> int:
        """How many records have one of these fields, at least."""
        return max((len(field.values) for field in self.of(*ours)), default=0)


# -------------------------------------------------------------------------------------- values


def _values(
    kind: Kind, sources: _Sources, total: int
) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Our field -> {their value -> ours}, and remarks; "" means that the value is absent."""
    values: dict[str, dict[str, str]] = {}
    remarks: dict[str, str] = {}
    seen = list(dict.fromkeys(word for f in sources.of("severity") for word in f.distinct()))
    words = _severity_words(seen, kind)
    if remark := _severity_remark(seen, words):
        remarks["severity"] = remark
    if sources.present("severity") < total:
        words[""] = "warning"
        remarks.setdefault("severity", "where there is none: warning")
    if words:
        values["severity"] = words
    if kind == Kind.FINDING and sources.present("file") < total:
        values["file"] = {"": "."}
        remarks["file"] = "if absent: the entire repository"
    return values, remarks


def _severity_words(seen: list[str], kind: Kind) -> dict[str, str]:
    """Their severity -> ours, the worst first, each word in one spelling."""
    ours = ["blocking", "warning", "nit"]
    own = {*ours, "high", "medium", "low"} if kind == Kind.INCIDENT else set(ours)
    spellings = {word.casefold(): word for word in sorted(seen, reverse=True) if word not in own}
    words = {word: field_guesses.severity(word) or "warning" for word in spellings.values()}
    return dict(sorted(words.items(), key=lambda row: (ours.index(row[1]), row[0])))


def _severity_remark(seen: list[str], words: Mapping[str, str]) -> str:
    unknown = [word for word in seen if not field_guesses.severity(word)]
    if unknown:
        return f"in no list of severities: {', '.join(unknown[:5])}"
    digits = any(word.isdecimal() for word in words)
    return "the smallest number is taken for the worst" if digits else ""


# ------------------------------------------------------------------------------------- clashes


def _without_clashes(
    kind: Kind,
    records: list[dict[str, Any]],
    names: Mapping[str, str],
    values: Mapping[str, Mapping[str, str]],
) -> Alias:
    """The alias, with fields renamed that have a name of ours but hold something else."""
    names = dict(names)
    for _ in range(_ATTEMPTS):
        alias = Alias(fields=_ordered(names), values=values)
        clashes = _faulty_fields(kind, records, alias) - names.keys()
        if not clashes:
            break
        names |= {name: f"{_RENAMED}{name}" for name in sorted(clashes)}
    return alias


def _ordered(names: Mapping[str, str]) -> dict[str, str]:
    order = {target.name: position for position, target in enumerate(TARGETS)}
    return dict(sorted(names.items(), key=lambda row: order.get(row[1], len(order))))


def _faulty_fields(kind: Kind, records: list[dict[str, Any]], alias: Alias) -> set[str]:
    """The fields of the records in which a fault lies."""
    paths = {path for _, path in _faults(kind, records, alias)}
    fields = {name for record in records for name in record}
    return {name for name in fields if any(_is_within(path, name) for path in paths)}


def _is_within(path: str, name: str) -> bool:
    return path == f"$.{name}" or path.startswith((f"$.{name}.", f"$.{name}["))


def _plain_field(fields: Mapping[str, Field]) -> str:
    ours = ("timestamp", "date", "file", "pattern")
    return next((name for name in ours if name in fields), "file")


def _faults(
    kind: Kind, records: Iterable[dict[str, Any]], alias: Alias | None
) -> list[tuple[int, str]]:
    """(line, path of the value) of each fault; one for each line and path."""
    import msgspec

    text = b"".join(msgspec.json.encode(record) + b"\n" for record in records)
    report = validate.check(kind, text, now=_END_OF_TIME, alias=alias)
    return sorted({(problem.line, problem.path) for problem in report.problems})
