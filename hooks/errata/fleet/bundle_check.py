"""Whether the files of a bundle are what its manifest and the schema say.

A bundle comes from somewhere else. One that is damaged, or forged, is skipped before an engine
reads it: a value that no export writes could stop the work on all the others.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from errata.fleet.manifest import BundleError, read_table
from errata.fleet.schema import TABLES, Column, Table
from errata.fleet.sources import Bundle
from errata.records import instants
from errata.records.model import CorrectionType, Kind, Severity, Source

_TYPES = {"text": ("BYTE_ARRAY", "STRING"), "int": ("INT64", "NONE"), "float": ("DOUBLE", "NONE")}
"""The types of columns, as Parquet has them: in the file, and what they stand for."""
_MAX_TEXT = 100_000
_MAX_COUNT = 1_000_000_000
_INSTANTS = frozenset(
    {"newest", "counted", "instant", "quiet_from", "promoted", "archived", "start", "stop"}
    | {"since", "until"}
)
_MOST = {"certainty": 10, "grouped": 1, "confidence": 1.0}
_WORDS: dict[tuple[str, str], frozenset[str]] = {
    ("records", "kind"): frozenset(Kind),
    ("records", "source"): frozenset(Source),
    ("records", "severity"): frozenset(Severity),
    ("records", "correction_type"): frozenset({"", *CorrectionType}),
    ("outcomes", "source"): frozenset({"lesson", "rule"}),
    ("promotions", "event"): frozenset({"promoted", "updated", "archived", "restored"}),
}
"""The values of the columns that have few."""
_ANY = frozenset({"id", "session"})
"""The columns that may hold any value; nothing is computed of it but whether it is the same."""
_PARTS = {"repeated": "chances", "corrected": "chances"}
"""What is counted -> of what it is a part."""


def sound(bundles: Sequence[Bundle]) -> tuple[list[Bundle], list[str]]:
    """The bundles whose files are as their manifests say, and a line for each other one."""
    good, problems = [], []
    for bundle in bundles:
        try:
            for table in TABLES:
                _check(bundle, table)
            good.append(bundle)
        except BundleError as error:
            problems.append(f"{bundle.source}: {error}")
    return good, problems


def _check(bundle: Bundle, table: Table) -> None:
    """Raise BundleError: the file of a table is damaged, or holds what no export writes."""
    entry = bundle.manifest.tables[table.name]
    data = read_table(bundle.folder, entry)
    rows = _read(data, entry.file, table)
    if rows.num_rows != entry.rows:
        raise BundleError(f"{entry.file} has {rows.num_rows} rows, not {entry.rows}")
    if rows.num_rows:
        _check_values(rows, entry.file, table, bundle.manifest.repository)


def _read(data: bytes, name: str, table: Table) -> Any:
    """The rows of a file. Raises BundleError: it is not Parquet, or not of this table."""
    import pyarrow.parquet as pq

    texts = [column.name for column in table.columns if column.type == "text"]
    try:
        metadata = pq.read_metadata(io.BytesIO(data))
    except Exception as error:
        raise BundleError(f"{name} is not Parquet") from error
    schema = metadata.schema
    columns = [schema.column(number) for number in range(len(schema))]
    actual = [
        (c.path, c.physical_type, c.logical_type.type, c.max_definition_level) for c in columns
    ]
    if actual != [(c.name, *_TYPES[c.type], 0) for c in table.columns]:
        raise BundleError(f"{name} has other columns than its table")
    try:
        file = pq.ParquetFile(io.BytesIO(data), metadata=metadata, read_dictionary=texts)
        # Threads cost more than they save in files of this size.
        return file.read([c.name for c in table.columns if c.name not in _ANY], use_threads=False)
    except Exception as error:
        raise BundleError(f"{name} cannot be read: its content is damaged") from error


def _check_values(rows: Any, name: str, table: Table, repository: str) -> None:
    import pyarrow.compute as pc

    for column in (column for column in table.columns if column.name not in _ANY):
        values = rows.column(column.name)
        if column.type == "text":
            allowed = _WORDS.get((table.name, column.name))
            seen = {value for chunk in values.chunks for value in chunk.dictionary.to_pylist()}
            if column.name == "repository" and seen != {repository}:
                raise BundleError(f"{name} is about another repository")
            is_right = seen <= allowed if allowed else max(map(len, seen), default=0) <= _MAX_TEXT
        else:
            low, high = _limits(column)
            ends = pc.min_max(values)
            # NaN is left out of both, and is not a number that an export writes.
            is_right = low <= ends["min"].as_py() <= ends["max"].as_py() <= high
            is_right = is_right and (column.type == "int" or pc.all(pc.is_finite(values)).as_py())
        if is_right and (total := _total_of(column.name)):
            is_right = pc.all(pc.less_equal(values, rows.column(total))).as_py()
        if not is_right:
            raise BundleError(f"{name} has a value in {column.name!r} that no export writes")
    if table.name == "chances":
        _check_months(rows, name)


def _limits(column: Column) -> tuple[float, float]:
    """The least value of a column of numbers, and the greatest."""
    if column.name in _INSTANTS:
        return instants.FIRST, instants.END
    return 0, _MOST.get(column.name, _MAX_COUNT)


def _total_of(name: str) -> str:
    """The column that this one is a part of; "" of most."""
    start, _, last = name.rpartition("_")
    total = _PARTS.get(last)
    return "_".join(filter(None, (start, total))) if total else ""


def _check_months(rows: Any, name: str) -> None:
    """Raise BundleError: a month is not one, or does not lie where its row says."""
    months = {
        (row["month"], row["start"], row["stop"])
        for row in rows.select(["month", "start", "stop"]).to_pylist()
    }
    for month, start, stop in months:
        try:
            is_right = len(month) == 7 and month[4] == "-"
            is_right = is_right and instants.month_span(month) == (start, stop)
        except ValueError:
            is_right = False
        if not is_right:
            raise BundleError(f"{name} has a value in 'month' that no export writes")
