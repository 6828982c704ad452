"""Others that compute the table of lessons: pandas, and errata in each repository by itself."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.measure import Sample, process
from errata.fleet.manifest import read
from errata.records.instants import iso

_PANDAS = """
import sys
from pathlib import Path
import pandas as pd
columns = ["repository", "instant", "source", "severity", "lesson", "agent", "service", "session"]
paths = sorted(Path(sys.argv[1]).glob("*/*/records.parquet"))
rows = pd.concat([pd.read_parquet(path, columns=columns) for path in paths])
rows = rows[rows.lesson != ""]
now = rows.instant.max()
window = 30 * 86_400_000_000
rows["minute"] = rows.instant // 60_000_000
bound = rows[rows.session != 0]
first = bound.groupby(["repository", "lesson", "session"], sort=False).minute.transform("min")
opening = pd.concat([rows[rows.session == 0], bound[bound.minute == first]])
sessions = opening.drop_duplicates(["repository", "lesson", "minute"]).groupby("lesson").size()
table = rows.groupby("lesson").agg(
    count=("instant", "size"), first=("instant", "min"), last=("instant", "max"),
    repositories=("repository", "nunique"), agents=("agent", "nunique"),
    services=("service", "nunique"),
)
table["sessions"] = sessions
table["current"] = rows[rows.instant > now - window].groupby("lesson").size()
recent = rows[(rows.instant > now - 2 * window) & (rows.instant <= now - window)]
table["previous"] = recent.groupby("lesson").size()
for column in ("source", "severity"):
    table = table.join(rows.groupby(["lesson", column]).size().unstack(fill_value=0))
print(len(table))
"""


def measure(
    bundles: Path, repositories: int, scratch: Path, show: Callable[[str, Sample], None]
) -> None:
    """Measure pandas on all bundles, and errata in so many repositories, spread over the sizes."""
    show(
        "pandas, table of lessons", process([sys.executable, "-c", _PANDAS, str(bundles)], bundles)
    )
    folders = sorted(bundles.iterdir(), key=lambda path: read(path).records)
    step = max(1, len(folders) // repositories)
    chosen = folders[step // 2 :: step][:repositories]
    total = sum(read(folder).records for folder in folders)
    records = sum(read(folder).records for folder in chosen)
    whole: Sample | None = None
    for number, folder in enumerate(chosen):
        root = scratch / str(number)
        _write_log(folder, root)
        sample = process([sys.executable, "-m", "errata", "patterns", "--json"], root)
        whole = sample if whole is None else whole + sample
    assert whole is not None
    show(f"errata in {len(chosen)} repositories", whole)
    by_record = total / records
    by_repository = len(folders) / len(chosen)
    for what, factor in (("by records", by_record), ("by repositories", by_repository)):
        scaled = Sample(whole.wall * factor, whole.cpu * factor, whole.peak)
        show(f"  for all of them, {what}", scaled)


def _write_log(bundle: Path, root: Path) -> None:
    """Findings with the patterns and instants of a bundle's records."""
    target = root / ".claude" / "review-findings.jsonl"
    target.parent.mkdir(parents=True)
    target.write_text("".join(json.dumps(record) + "\n" for record in _findings(bundle)))


def _findings(bundle: Path) -> Iterator[dict[str, Any]]:
    import pyarrow.parquet as pq

    path = bundle / read(bundle).tables["records"].file
    columns = ["instant", "severity", "pattern", "agent", "session"]
    for row in pq.read_table(path, columns=columns).to_pylist():
        if row["pattern"]:
            yield {
                "timestamp": iso(row["instant"]),
                "severity": row["severity"],
                "description": "A finding of a benchmark",
                "pattern": row["pattern"],
                "agent": row["agent"],
                "session_id": str(row["session"]),
            }
