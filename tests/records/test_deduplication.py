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
COMMITS = [digit * 40 for digit in "ab"]


def implicit(id: str, person: str, agent: str, **more: Any) -> dict[str, Any]:
    commits = {"user_correction": {"commit": person}, "ai_action": {"commit": agent}}
    return {"id": id, "agent": "a", "source": "implicit", "marks": [], **commits, **more}


record_of_commits = st.builds(implicit, id_of, st.just(COMMITS[0]), st.sampled_from(COMMITS))


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
@given(
    st.lists(record | record_of_commits, max_size=5),
    st.lists(record | record_of_commits, min_size=20, max_size=30),
)
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


def test_what_a_commit_corrects_in_another_counts_once_whatever_was_seen_of_it() -> None:
    logged = implicit(IDS[0], "c" * 40, "d" * 40)
    log = bytearray(append.encode(logged))

    def is_new(**changed: Any) -> bool:
        new = {**implicit(IDS[1], "c" * 40, "d" * 40, marks=HASHES[:2]), **changed}
        return deduplication.new_records(NOWHERE, [log], [new]) == [new]

    assert not is_new()
    assert deduplication.recorded_as(NOWHERE, [log], implicit(IDS[1], "c" * 40, "d" * 40)) == [
        logged
    ]
    assert is_new(agent="b") and is_new(source="explicit")
    assert is_new(user_correction={"commit": "d" * 40}) and is_new(ai_action={"commit": "c" * 40})
    log += append.encode({"id": f"{IDS[0]}-withdrawn", "withdraws": IDS[0]})
    assert is_new()
