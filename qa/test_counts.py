from __future__ import annotations

import pytest
from qa.counts import BEGIN, END, Counts

EMPTY = f"# Security\n\n{BEGIN}\n{END}\n\nMore.\n"


def test_closing_line_has_counts_and_failures() -> None:
    counts = Counts("faults")
    counts.add("faults", 1200)
    counts.add("faults")
    counts.add("commands", 6)
    counts.failures.append("append, write 3: a line is missing")
    assert counts.line() == "faults: 1,201 faults, 6 commands, 1 failures"
    assert counts.close() == 1


def test_run_replaces_only_its_own_row() -> None:
    first = Counts("fuzz", {"inputs": 1}).update(EMPTY)
    both = Counts("faults", {"faults": 2}).update(first)
    again = Counts("fuzz", {"inputs": 3}).update(both)
    rows = [row for row in again.splitlines() if row.startswith("| `")]
    assert [row.split("|")[1:4] for row in rows] == [
        [" `make faults` ", " 2 faults ", " 0 "],
        [" `make fuzz` ", " 3 inputs ", " 0 "],
    ]
    assert again.startswith("# Security\n\n") and again.endswith("\n\nMore.\n")


def test_document_without_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no <!-- counts:begin"):
        Counts("fuzz").update("# Security\n")
