from __future__ import annotations

import pytest
from tests.counts import BEGIN, END, Counts

EMPTY = f"# Security\n\n{BEGIN}\n{END}\n\nMore.\n"


def test_the_last_line_counts_what_was_tried_and_what_failed() -> None:
    counts = Counts("faults")
    counts.add("faults", 1200)
    counts.add("faults")
    counts.add("commands", 6)
    counts.failures.append("append, write 3: a line is missing")
    assert counts.line() == "faults: 1,201 faults, 6 commands, 1 failures"
    assert counts.close() == 1


def test_a_run_takes_the_place_of_the_one_before_it_and_of_no_other() -> None:
    first = Counts("fuzz", {"inputs": 1}).into(EMPTY)
    both = Counts("faults", {"faults": 2}).into(first)
    again = Counts("fuzz", {"inputs": 3}).into(both)
    rows = [row for row in again.splitlines() if row.startswith("| `")]
    assert [row.split("|")[1:4] for row in rows] == [
        [" `make faults` ", " 2 faults ", " 0 "],
        [" `make fuzz` ", " 3 inputs ", " 0 "],
    ]
    assert again.startswith("# Security\n\n") and again.endswith("\n\nMore.\n")


def test_a_document_without_the_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no <!-- counts:begin"):
        Counts("fuzz").into("# Security\n")
