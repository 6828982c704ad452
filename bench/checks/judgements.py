"""What readers said of hits in real histories that nobody corrected: is it the same mistake?"""

from __future__ import annotations

import json
from pathlib import Path

FILE = Path(__file__).parent / "judgements.jsonl"


def read() -> dict[tuple[str, str, str, str, int], bool]:
    """(repository, check, commit, path, line) -> whether all readers call it the same mistake."""
    if not FILE.exists():
        return {}
    rows = [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]
    return {
        (row["repo"], row["check"], row["sha"], row["path"], row["line"]): all(row["same"])
        for row in rows
    }
