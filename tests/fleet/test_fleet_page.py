"""docs/fleet.md and ``errata export --columns`` list what leaves, as the schema has it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from errata.cli import main
from errata.fleet.schema import WITH_CODE

PAGE = (Path(__file__).parents[2] / "docs/fleet.md").read_text("utf-8")
COLUMNS = [
    (table.name, column.name, column.type, column.says)
    for table in WITH_CODE
    for column in table.columns
]


def test_the_page_lists_every_column() -> None:
    listed = []
    for table, body in re.findall(r"^### `(\w+)`\n(.*?)(?=^#|\Z)", PAGE, re.M | re.S):
        rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*) \|$", body, re.M)
        listed += [(table, *row) for row in rows]
    assert listed == COLUMNS


def test_the_command_lists_every_column(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--columns", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["table"], row["column"], row["type"], row["says"]) for row in rows] == COLUMNS
    assert main(["export", "--columns"]) == 0
    assert "certainty" in capsys.readouterr().out
