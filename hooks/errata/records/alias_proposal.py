"""Read a log in an unknown dialect, and propose the aliases under which it is one of ours.

Nothing is guessed from the outside: names of fields are looked up in ``rules/dialects.toml``, and a
field is taken only if its values have the shape. Then the proposal is tried on the log itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from errata.core.config import Alias
from errata.records import field_guesses, validate
from errata.records.field_guesses import Field
from errata.records.model import Kind

_MOST = 0.9
# 9999-12-31, the last day that validation allows.
_EVER = 253_402_214_400_000_000
_TAKEN_AWAY = "their_"
# What a record cannot do without, and the fields of ours that hold it.
_NEEDED = {
    "a time": ("timestamp", "date"),
    "a description": ("description", "finding"),
}
# (our field, shape of its values, whether a field of an unknown name may be it by its values).
_SHAPES: tuple[tuple[str, Callable[[Any], bool], bool], ...] = (
    ("timestamp", field_guesses.is_time, True),
    ("severity", field_guesses.is_severity, True),
    ("file", field_guesses.is_path, True),
    ("line", field_guesses.is_line, False),
    ("pattern", field_guesses.is_name, True),
    ("description", field_guesses.is_text, True),
    ("agent", field_guesses.is_agent, False),
    ("suggested_fix", field_guesses.is_text, False),
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The aliases for one log, and how far they get.

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

    A time in the future is no matter of dialect, and is not looked at.

    Args:
        exists: whether the repository has a file of that path.
    """
    seen = field_guesses.gather(records)
    maker = _Maker(seen, len(records), exists)
    maker.choose()
    maker.fill(kind)
    alias = maker.mend(kind, records)
    bad = _bad_lines(kind, records, alias)
    missing = maker.missing()
    return Proposal(kind, alias, maker.remarks, missing, len(records) - len(bad), len(records))


class _Maker:
    """Chooses a field of theirs for each of ours, then words for their values."""

    def __init__(self, seen: dict[str, Field], total: int, exists: Callable[[str], bool]) -> None:
        self.seen = seen
        self.total = total
        self.exists = exists
        self.names: dict[str, str] = {}
        self.words: dict[str, dict[str, str]] = {}
        self.remarks: dict[str, str] = {}
        self.has: dict[str, int] = {}

    def choose(self) -> None:
        """A field for each of ours: first by name and shape, then by shape alone."""
        for ours, shape, _ in _SHAPES:
            self._by_name(ours, shape)
        for ours, shape, anonymous in _SHAPES:
            if anonymous and not self.has.get(ours):
                self._by_values(ours, shape)

    def _by_name(self, ours: str, shape: Callable[[Any], bool]) -> None:
        own = self.seen.get(ours)
        if ours == "timestamp" and "date" in self.seen and not (own and own.values):
            own = self.seen["date"]
        if ours == "description" and not (own and own.values):
            own = self.seen.get("finding")
        if own and own.share(shape) >= _MOST:
            self.has[ours] = len(own.values)
        ranked = [
            (place, one.depth, one.order, one)
            for one in self._free()
            if (place := field_guesses.rank(one.name, ours)) is not None
            and one.share(shape) >= _MOST
        ]
        for *_, one in sorted(ranked, key=lambda row: row[:3]):
            if self._enough(ours):
                return
            self._take(one, ours)
        if ours == "pattern" and not self.has.get(ours):
            self._weakly()

    def _weakly(self) -> None:
        """A pattern by a name that says too little, if the values recur and differ."""
        ranked = [
            (place, one.depth, one.order, one)
            for one in self._free()
            if (place := field_guesses.rank(one.name, "pattern", weak=True)) is not None
            and self._recurs(one)
        ]
        for *_, one in sorted(ranked, key=lambda row: row[:3])[:1]:
            self._take(one, "pattern")

    def _by_values(self, ours: str, shape: Callable[[Any], bool]) -> None:
        fit = [one for one in self._free() if self._fits(ours, shape, one)]
        if ours == "description":
            fit.sort(key=lambda one: (-sum(map(len, one.texts)), one.order))
        for one in fit[:1]:
            self._take(one, ours)

    def _fits(self, ours: str, shape: Callable[[Any], bool], one: Field) -> bool:
        others = (other for other, *_ in _SHAPES if other != ours)
        if any(field_guesses.rank(one.name, other) is not None for other in others):
            return False
        if len(one.values) < _MOST * self.total or one.share(shape) < _MOST:
            return False
        # Without a name to go by, the values have to be clearer.
        clear: dict[str, Callable[[], bool]] = {
            "timestamp": lambda: len(one.texts) == len(one.values),
            "severity": lambda: len(one.texts) == len(one.values) and len(one.distinct()) <= 8,
            "file": lambda: one.share(self._there) >= 0.5,
            "pattern": lambda: self._recurs(one) and one.share(_kebab_like) >= _MOST,
            "description": lambda: one.share(field_guesses.is_sentence) >= 0.5,
        }
        return clear[ours]()

    def _there(self, value: Any) -> bool:
        return isinstance(value, str) and self.exists(value.partition(":")[0].removeprefix("./"))

    def _recurs(self, one: Field) -> bool:
        different = len(one.distinct())
        return (
            one.share(field_guesses.is_name) >= _MOST
            and one.share(field_guesses.is_severity) < 0.5
            and 1 < different < len(one.values)
        )

    def _free(self) -> list[Field]:
        """Fields that are neither taken nor one of ours by their name."""
        ours = {name for name, *_ in _SHAPES} | {"date", "finding"}
        return [one for name, one in self.seen.items() if name not in self.names.keys() | ours]

    def _enough(self, ours: str) -> bool:
        return self.has.get(ours, 0) >= self.total or (
            # What a record may lack is not put together from several fields.
            bool(self.has.get(ours)) and ours in ("line", "pattern", "agent", "suggested_fix")
        )

    def _take(self, one: Field, ours: str) -> None:
        self.names[one.name] = ours
        self.has[ours] = max(self.has.get(ours, 0), len(one.values))

    def fill(self, kind: Kind) -> None:
        """Words for the severities seen, and values for what some records lack."""
        sources = [one for name, one in self.seen.items() if self._means(name) == "severity"]
        seen = list(dict.fromkeys(word for one in sources for word in one.distinct()))
        words = _words(seen, kind)
        if remark := _remark(seen, words):
            self.remarks["severity"] = remark
        if self._present("severity") < self.total:
            words[""] = "warning"
            self.remarks.setdefault("severity", "where there is none: warning")
        if words:
            self.words["severity"] = words
        if kind == Kind.FINDING and self._present("file") < self.total:
            self.words["file"] = {"": "."}
            self.remarks["file"] = "where there is none: the whole repository"

    def _means(self, name: str) -> str:
        return self.names.get(name, name)

    def _present(self, *ours: str) -> int:
        """How many records have one of these fields, at least."""
        return max(
            (len(one.values) for name, one in self.seen.items() if self._means(name) in ours),
            default=0,
        )

    def missing(self) -> tuple[str, ...]:
        """What records need and the log does not have."""
        return tuple(what for what, ours in _NEEDED.items() if not self._present(*ours))

    def mend(self, kind: Kind, records: list[dict[str, Any]]) -> Alias:
        """The alias, with fields of ours that hold something else moved out of the way."""
        for _ in range(8):
            alias = self._alias()
            clashes = {
                path.removeprefix("$.").partition(".")[0].partition("[")[0]
                for _, path in _bad_lines(kind, records, alias)
                if path.startswith("$.")
            } & self.seen.keys() | self._nested_clashes(kind, records, alias)
            new = sorted(name for name in clashes if name not in self.names)
            if not new:
                break
            for name in new:
                self.names[name] = f"{_TAKEN_AWAY}{name}"
        if not alias.fields and not alias.values and _bad_lines(kind, records, None):
            # Only the form of some values is another one; any table has them brought into ours.
            self.names[self._formless()] = self._formless()
            alias = self._alias()
        return alias

    def _nested_clashes(self, kind: Kind, records: list[dict[str, Any]], alias: Alias) -> set[str]:
        """As the clashes of :meth:`mend`, for fields that hold objects or lists."""
        top = {name for record in records for name in record}
        paths = {path for _, path in _bad_lines(kind, records, alias)}
        return {name for name in top if any(_within(path, name) for path in paths)}

    def _formless(self) -> str:
        return next((n for n in ("timestamp", "date", "file", "pattern") if n in self.seen), "file")

    def _alias(self) -> Alias:
        order = {ours: at for at, (ours, *_) in enumerate(_SHAPES)}
        rows = sorted(self.names.items(), key=lambda row: order.get(row[1], len(order)))
        return Alias(fields=dict(rows), values=self.words)


def _words(seen: list[str], kind: Kind) -> dict[str, str]:
    """A value map for these severities: the worst first, each word in one spelling."""
    ours = ["blocking", "warning", "nit"]
    own = {*ours, "high", "medium", "low"} if kind == Kind.INCIDENT else set(ours)
    spellings = {word.casefold(): word for word in sorted(seen, reverse=True) if word not in own}
    words = {word: field_guesses.severity(word) or "warning" for word in spellings.values()}
    return dict(sorted(words.items(), key=lambda row: (ours.index(row[1]), row[0])))


def _remark(seen: list[str], words: Mapping[str, str]) -> str:
    unknown = [word for word in seen if not field_guesses.severity(word)]
    if unknown:
        return f"in no list of severities: {', '.join(unknown[:5])}"
    digits = any(word.isdecimal() for word in words)
    return "the smallest number is taken for the worst" if digits else ""


def _kebab_like(value: Any) -> bool:
    return (
        isinstance(value, str) and not set(value) & set(" /.\\:") and field_guesses.is_name(value)
    )


def _within(path: str, name: str) -> bool:
    return path == f"$.{name}" or path.startswith((f"$.{name}.", f"$.{name}["))


def _bad_lines(
    kind: Kind, records: Iterable[dict[str, Any]], alias: Alias | None
) -> list[tuple[int, str]]:
    """(line, path of the value) of each fault; one for each line and path."""
    import msgspec

    text = b"".join(msgspec.json.encode(record) + b"\n" for record in records)
    report = validate.check(kind, text, now=_EVER, alias=alias)
    return sorted({(one.line, one.path) for one in report.problems})
