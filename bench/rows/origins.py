"""Whether the forward pass and `git blame` give the same commit for each line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

from bench.figure import Figure
from bench.measure import ROOT, BenchError, output
from bench.settings import Settings

_FILES, _FEW = 150, 20


def run(settings: Settings) -> Iterator[Figure]:
    """The share of lines, in a sample of HEAD's files, on which both agree."""
    repo = str(settings.history().resolve())
    files = _FILES if settings.runs > 1 else _FEW
    command = [sys.executable, "-m", "bench.origins", "--json", "--files", str(files), repo]
    row = json.loads(output(command, ROOT))
    if not row["lines"]:
        raise BenchError("no text file at HEAD to compare")
    yield Figure(
        f"line origins as git blame ({settings.where()})",
        100 * row["equal"] / row["lines"],
        "%",
        99.5,
        absolute=True,
        at_least=True,
        note=f"{row['lines']:,} lines of {row['files']:,} files at HEAD",
    )
