"""A bundle that somebody made up: it is named and left out, and the others are shown."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from errata.fleet import bundle_check, manifest
from errata.fleet.parquet import encode
from errata.fleet.schema import MANIFEST, OUTCOMES, table
from errata.fleet.sources import Bundle
from errata.records.instants import END
from errata.runbooks.promotion_log import PromotionEvent
from fleet_builders import CHANCES, bundle_of, counted, grouped, noise, write_logs
from record_builders import CORRECTIONS, NOW, PROMOTIONS, ago

BIG = (1 << 63) - 1
ESCAPE = "\x1b[31m<script>alert(1)</script>|[a](http://example.org)`\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("made")
    event = PromotionEvent(NOW, "promoted", "do-not-call-log-x", ("sre",), 0.8, 7, "tip")
    logs = {
        CORRECTIONS: grouped("x", [1, 2, 3, 4, 5, 6, 7]) + noise("y"),
        CHANCES: [counted("x", {"2025-02": 40}, ago(0))],
        PROMOTIONS: [event.to_record()],
    }
    return bundle_of(write_logs(top / "x", logs), top / "bundle")


def outcome(repository: str = "x", **changed: Any) -> dict[str, Any]:
    values = {"text": "lesson", "int": 10, "float": 1.0}
    return {c.name: values[c.type] for c in OUTCOMES.columns} | {
        "repository": repository,
        **changed,
    }


def forged(made: Path, target: Path, name: str, data: bytes, count: int) -> Bundle:
    """The bundle with another file for a table, which its manifest vouches for."""
    described = json.loads((made / MANIFEST).read_text())
    for entry in described["tables"].values():
        place = target / entry["file"]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes((made / entry["file"]).read_bytes())
    entry = described["tables"][name]
    (target / entry["file"]).write_bytes(data)
    entry |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), "rows": count}
    (target / MANIFEST).write_text(json.dumps(described))
    return Bundle(str(target), target, manifest.read(target))


def rows_of(made: Path, name: str) -> list[dict[str, Any]]:
    entry = manifest.read(made).tables[name]
    rows: list[dict[str, Any]] = pq.read_table(made / entry.file).to_pylist()
    return rows or [outcome()]


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("records", {"severity": "fatal"}),
        ("records", {"kind": ESCAPE}),
        ("records", {"correction_type": "x"}),
        ("records", {"instant": -BIG}),
        ("records", {"instant": END + 1}),
        ("records", {"certainty": 1 << 62}),
        ("records", {"pattern": "x" * 200_000}),
        ("chances", {"chances": -5}),
        ("chances", {"corrected": 41}),
        ("chances", {"month": "9999-99"}),
        ("chances", {"start": 0}),
        ("repositories", {"counted": BIG}),
        ("lessons", {"confidence": float("nan")}),
        ("lessons", {"confidence": 1.5}),
        ("lessons", {"grouped": 7}),
        ("promotions", {"event": "deleted"}),
        ("outcomes", {"before_chances": -1}),
        ("outcomes", {"after_repeated": 11}),
        ("outcomes", {"after_design_effect": float("inf")}),
        ("outcomes", {"source": "x"}),
        ("facts", {"repository": "somebody/else"}),
    ],
)
def test_value_that_no_export_writes(
    made: Path, tmp_path: Path, name: str, changed: dict[str, Any]
) -> None:
    rows = rows_of(made, name)
    rows[-1] |= changed
    data = encode(table(name), [tuple(row.values()) for row in rows])
    sound, (problem,) = bundle_check.sound([forged(made, tmp_path, name, data, len(rows))])
    column = next(iter(changed))
    column = "month" if column == "start" else column
    says = "another repository" if column == "repository" else f"a value in {column!r} that no"
    assert sound == [] and says in problem and problem.isprintable()


def test_values_of_an_export_are_sound(made: Path, tmp_path: Path) -> None:
    rows = [outcome(before_repeated=10, since=END - 1, until=0)]
    data = encode(OUTCOMES, [tuple(row.values()) for row in rows])
    assert bundle_check.sound([forged(made, tmp_path, "outcomes", data, 1)])[1] == []


@pytest.mark.parametrize(
    ("name", "column", "kind"),
    [
        ("records", "pattern", pa.binary()),
        ("records", "instant", pa.timestamp("us")),
        ("records", "session", pa.uint64()),
        ("records", "certainty", pa.int32()),
        ("facts", "says", pa.list_(pa.string())),
        # As it should be, but it may be null.
        ("lessons", "name", pa.string()),
    ],
)
def test_column_of_another_type(
    made: Path, tmp_path: Path, name: str, column: str, kind: pa.DataType
) -> None:
    rows = rows_of(made, name)
    known = pq.read_schema(made / manifest.read(made).tables[name].file)
    schema = known.set(known.get_field_index(column), pa.field(column, kind))
    target = io.BytesIO()
    values = {c: [row[c] for row in rows] for c in known.names}
    if kind in (pa.uint64(), pa.list_(pa.string())):
        values[column] = [None] * len(rows)
    arrays = [pa.array(values[field.name], field.type) for field in schema]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), target, store_schema=False)
    bundle = forged(made, tmp_path, name, target.getvalue(), len(rows))
    sound, (problem,) = bundle_check.sound([bundle])
    assert sound == [] and "has other columns than its table" in problem


@pytest.mark.parametrize("name", ["../x", "a|b", "<b>x</b>", ESCAPE, "x" * 200, ""])
def test_name_that_no_repository_has(made: Path, tmp_path: Path, name: str) -> None:
    described = json.loads((made / MANIFEST).read_text()) | {"repository": name}
    (tmp_path / MANIFEST).write_text(json.dumps(described))
    with pytest.raises(manifest.BundleError, match="cannot be the name of a repository") as caught:
        manifest.read(tmp_path)
    assert str(caught.value).isprintable() and len(str(caught.value)) < 200


def test_manifest_with_an_instant_beyond_all_years(made: Path, tmp_path: Path) -> None:
    """Of two bundles with one name the newer counts: nobody is newest forever."""
    described = json.loads((made / MANIFEST).read_text()) | {"newest": BIG}
    (tmp_path / MANIFEST).write_text(json.dumps(described))
    with pytest.raises(manifest.BundleError, match="an instant is not one"):
        manifest.read(tmp_path)


def test_rows_that_the_manifest_does_not_know(made: Path, tmp_path: Path) -> None:
    rows = rows_of(made, "records")
    data = encode(table("records"), [tuple(row.values()) for row in rows])
    bundle = forged(made, tmp_path, "records", data, 2)
    assert f"has {len(rows)} rows, not 2" in bundle_check.sound([bundle])[1][0]
