"""What ids, commits and names mean."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from errata.core.errors import ErrataError
from errata.curation.corrections import CorrectionRow
from errata.curation.lookup import Known
from errata.records.curation import Curation, State

HEX = "0123abcd"


def row(id: str, commit: str = "") -> CorrectionRow:
    return CorrectionRow(id, 0, commit, "", "api-dev", "code_quality", "", "", (), State.COUNTED, 0)


def known(*rows: CorrectionRow) -> Known:
    corpus: Any = SimpleNamespace(curation=Curation(), occurrences=SimpleNamespace(patterns={}))
    names = Known(corpus)
    # Without a repository, the rows are set instead of read.
    names.__dict__["rows"] = list(rows)
    return names


IDS = st.lists(st.text(HEX, min_size=6, max_size=6).map("cor-{}".format), min_size=1, unique=True)


@given(IDS, st.data())
def test_law_a_word_means_what_it_begins_or_is_refused(ids: list[str], data: Any) -> None:
    id = data.draw(st.sampled_from(ids))
    word = id[: data.draw(st.integers(1, len(id)))]
    alike = [other for other in ids if other.startswith(word)]
    meant = None
    with contextlib.suppress(ErrataError):
        (meant,) = known(*map(row, ids)).corrections([word])
    is_enough = len(word) >= len("cor-") + 3
    assert (meant.id if meant else None) == (id if is_enough and alike == [id] else None)


@given(IDS, st.lists(st.text(HEX, min_size=40, max_size=40), min_size=1), st.data())
def test_law_a_commit_means_all_its_corrections(
    ids: list[str], commits: list[str], data: Any
) -> None:
    rows = [row(id, data.draw(st.sampled_from(commits))) for id in ids]
    commit = data.draw(st.sampled_from(rows)).commit
    of_commit = [item for item in rows if item.commit == commit]
    assert known(*rows).corrections([commit, commit]) == of_commit


def test_beginning_without_the_prefix_of_ids() -> None:
    names = known(row("cor-abc123"), row("cor-def456", "abc9" * 10))
    assert [item.id for item in names.corrections(["abc1"])] == ["cor-abc123"]
    assert [item.id for item in names.corrections(["abc9"])] == ["cor-def456"]


def test_a_commit_is_looked_at_once_however_often_it_is_named() -> None:
    looked_at = []

    def look_at(commit: str, _: bytearray) -> list[dict[str, Any]]:
        looked_at.append(commit)
        reply = {"commit": commit, "summary": "fix: one"}
        return [{"id": "cor-abc123", "timestamp": "2025-01-15T00:00:00Z", "user_correction": reply}]

    corpus: Any = SimpleNamespace(curation=Curation(), occurrences=SimpleNamespace(patterns={}))
    names = Known(corpus, (), lambda _: "f" * 40, look_at)
    names.__dict__["rows"] = []
    words = ["HEAD", "f" * 40, "HEAD"]
    assert [item.id for item in names.corrections(words, missed=True)] == ["cor-abc123"]
    assert looked_at == ["f" * 40]
