"""Rows as Parquet: the same bytes for the same rows."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from errata.fleet.schema import Table

_ROW_GROUP = 50_000
"""Rows of a group. Records are ordered by instant, so that old groups need not be read."""


def encode(table: Table, rows: Sequence[tuple[Any, ...]]) -> bytes:
    """The file of a table with these rows, compressed with zstd."""
    columns: Sequence[Any] = [*zip(*rows, strict=True)] if rows else [()] * len(table.columns)
    return encode_columns(table, columns)


def encode_columns(table: Table, columns: Sequence[Any]) -> bytes:
    """The file of a table with these columns: sequences of values, or arrays of numpy."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"text": pa.string(), "int": pa.int64(), "float": pa.float64()}
    fields = [pa.field(c.name, types[c.type], nullable=False) for c in table.columns]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, fields, strict=True)]
    target = io.BytesIO()
    pq.write_table(
        pa.Table.from_arrays(arrays, schema=pa.schema(fields)),
        target,
        compression="zstd",
        row_group_size=_ROW_GROUP,
        store_schema=False,
        version="2.6",
    )
    return target.getvalue()
