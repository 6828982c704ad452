"""The engines that evaluate the expressions: DuckDB in this process, or Spark."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from errata.core.errors import ErrataError
from errata.fleet import extra

DUCKDB = "duckdb"
MEMORY = "2GB"
"""What DuckDB may use before it writes to its folder for temporary files."""
_MASTERS = ("local", "spark://", "k8s://", "yarn")


class Engine:
    """A connection of Ibis.

    Attributes:
        con: the connection.
        is_duckdb: whether it is DuckDB, which reads and writes the cache.
    """

    def __init__(self, con: Any, *, is_duckdb: bool) -> None:
        self.con = con
        self.is_duckdb = is_duckdb

    def read(self, paths: Sequence[Path]) -> Any:
        """A table of Ibis with the rows of some Parquet files of one schema."""
        names = [str(path) for path in paths]
        if self.is_duckdb:
            return self.con.read_parquet(names)
        import ibis

        frame = self.con._session.read.parquet(*names)
        view = ibis.util.gen_name("parquet")
        frame.createOrReplaceTempView(view)
        return self.con.table(view)

    def rows(self, expression: Any) -> list[dict[str, Any]]:
        """The rows of an expression, in no order."""
        rows: list[dict[str, Any]] = self.con.to_pyarrow(expression).to_pylist()
        return rows

    def write(self, expression: Any, path: Path) -> None:
        """Write the rows of an expression to a Parquet file; on DuckDB only."""
        # DuckDB's sums have 128 bits, which it would write as floats.
        columns = ", ".join(
            f'CAST("{name}" AS BIGINT) AS "{name}"' if kind.is_integer() else f'"{name}"'
            for name, kind in expression.schema().items()
        )
        target = str(path).replace("'", "''")
        self.con.raw_sql(
            f"COPY (SELECT {columns} FROM ({self.con.compile(expression)})) "
            f"TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
        )


@contextlib.contextmanager
def open_engine(name: str, memory: str = MEMORY) -> Iterator[Engine]:
    """An engine: ``duckdb``, or the address of Spark's master, such as ``local[2]``.

    Raises:
        ErrataError: it is not installed, or cannot be started.
    """
    if name == DUCKDB:
        extra.check("fleet")
        with tempfile.TemporaryDirectory(prefix="errata-fleet-") as scratch:
            yield Engine(_duckdb(scratch, memory), is_duckdb=True)
        return
    if not name.startswith(_MASTERS):
        raise ErrataError(
            f"--engine: {name!r} is not an engine",
            "use duckdb, or a Spark master such as local[2] or spark://HOST:7077",
        )
    extra.check("spark")
    con = _spark(name)
    try:
        yield Engine(con, is_duckdb=False)
    finally:
        con._session.stop()


def _duckdb(scratch: str, memory: str) -> Any:
    import duckdb
    import ibis

    try:
        con = ibis.duckdb.connect(
            memory_limit=memory,
            temp_directory=scratch,
            threads=os.cpu_count() or 1,
            preserve_insertion_order=False,
            autoinstall_known_extensions=False,
            autoload_known_extensions=False,
        )
    except duckdb.Error as error:
        raise ErrataError(f"DuckDB: {str(error).splitlines()[0]}", "see --memory") from error
    con.raw_sql("SET enable_progress_bar = false")
    return con


def _spark(master: str) -> Any:
    import ibis
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
    }
    if master.startswith("local"):
        # Each partition is a task, which costs more than the rows of a small fleet.
        settings["spark.sql.shuffle.partitions"] = "4"
    try:
        builder = SparkSession.builder.master(master).appName("errata fleet")
        session = builder.config(map=settings).getOrCreate()
    except Exception as error:
        raise ErrataError(
            f"Spark does not start: {str(error).splitlines()[0]}", "it needs Java 17 or later"
        ) from error
    return ibis.pyspark.connect(session)
