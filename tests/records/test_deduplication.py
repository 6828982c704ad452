"""Which corrections are recorded already; a search in many gives what one after the other gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errata.core.git import Repository
from errata.records import append, deduplication

NOWHERE = Repository(Path("/"), None, None)
IDS = [f"cor-{number:020x}" for number in range(6)]
HASHES = [f"{number:08x}" for number in range(8)]
id_of = st.one_of(
    st.sampled_from(IDS),
    st.sampled_from([f"{IDS[0]}.2", f"{IDS[1]}-withdrawn", "corr-1", HASHES[0], "cor-1"]),
)
record = st.fixed_dictionaries(
    {
        "id": id_of,
        "agent": st.sampled_from(["a", "b"]),
        "marks": st.lists(st.sampled_from([*HASHES, "00000001f", "x"]), max_size=3),
    },
    optional={"withdraws": st.sampled_from(IDS)},
)


def one_by_one(sources: list[Any], records: list[Any]) -> list[Any]:
    """Each with a search of its own."""
    seen = [*sources, bytearray()]
    new = []
    for each in records:
        for found in deduplication.new_records(NOWHERE, seen, [each]):
            new.append(found)
            seen[-1] += append.encode(found)
    return new


@settings(max_examples=200, deadline=None)
@given(st.lists(record, max_size=5), st.lists(record, min_size=20, max_size=30))
def test_many_at_once(logged: list[Any], records: list[Any]) -> None:
    log = bytearray(b"".join(map(append.encode, logged)))
    assert deduplication.new_records(NOWHERE, [log], records) == one_by_one([log], records)


@pytest.mark.parametrize("content", [None, b"", b"not JSON\n"])
def test_a_log_that_says_nothing(tmp_path: Path, content: bytes | None) -> None:
    log = tmp_path / "log.jsonl"
    if content is not None:
        log.write_bytes(content)
    records = [{"id": f"cor-{number:020x}", "marks": []} for number in range(30)]
    assert deduplication.new_records(NOWHERE, [log], records) == records
    log.write_bytes(b"".join(map(append.encode, records)))
    assert deduplication.new_records(NOWHERE, [log], records) == []
