"""To which agents' commits records are put."""

from __future__ import annotations

from array import array

import pytest

from errata.lessons.agent_work import AddedLines, AgentWork
from errata.outcomes.members import CommitFinder
from errata.provenance.identity import Provenance
from errata.records.model import DAY

WINDOW = 14 * DAY
NOON = DAY // 2
COMMITTED = 100 * DAY + NOON


@pytest.fixture
def finder() -> CommitFinder:
    work = AgentWork(200 * DAY)
    work.commits.append(AddedLines("c", "2025-01", array("q"), array("Q"), COMMITTED, "a"))
    return CommitFinder(work, {"c": Provenance("agent", feature="feat-1")}, WINDOW)


@pytest.mark.parametrize(
    ("when", "sha"),
    [
        (COMMITTED - 1, ""),
        (COMMITTED, "c"),
        (COMMITTED + WINDOW, "c"),
        (COMMITTED + WINDOW + 1, ""),
        # A date is all of its day.
        (100 * DAY, "c"),
        (99 * DAY, ""),
        (114 * DAY, "c"),
        (115 * DAY, ""),
    ],
)
def test_a_record_is_about_a_commit_in_the_window_before_it(
    finder: CommitFinder, when: int, sha: str
) -> None:
    assert finder.find(when, {"feature_id": "feat-1"}) == sha
    assert finder.find(when, {"ai_action": {"commit": "c"}}) == "c"
