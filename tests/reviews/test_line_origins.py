"""When flagged lines were written, and by which agent."""

from __future__ import annotations

from typing import Any

from errata.core.config import load
from errata.core.git import Repository
from errata.reviews.finding import Lines
from errata.reviews.line_origins import LineOrigins, Origin

AGENT = "feat: more\n\nCo-Authored-By: Claude <noreply@anthropic.com>\n"
ROLE = "feat: most\n\nAgent: api-dev\n"


def origins(seconds: float = 60) -> LineOrigins:
    """The origins of lines here."""
    repo = Repository.discover()
    return LineOrigins(repo, load(repo.root), seconds)


def test_the_newest_line_decides(repo: Any) -> None:
    repo.write("a.py", "one\n")
    repo.commit("feat: one", GIT_AUTHOR_DATE="2025-01-10T00:00:00Z")
    repo.write("a.py", "one\ntwo\n")
    repo.commit(AGENT, GIT_AUTHOR_DATE="2025-01-11T00:00:00Z")
    repo.write("a.py", "one\ntwo\nthree\n")
    head = repo.commit(ROLE, GIT_AUTHOR_DATE="2025-01-12T00:00:00Z")
    answers = [origins().of(head, "a.py", Lines(1, last)) for last in (1, 2, 3)]
    assert [each.agent for each in answers] == ["", "claude-code", "api-dev"]
    assert [each.when for each in answers] == [
        1_736_467_200_000_000,
        1_736_553_600_000_000,
        1_736_640_000_000_000,
    ]


def test_what_git_does_not_know(repo: Any) -> None:
    repo.write("a.py", "one\n")
    head = repo.commit()
    assert origins().of(head, "a.py", Lines(7, 9)) == Origin()
    assert origins().of(head, "b.py", Lines(1, 1)) == Origin()
    assert origins().of("", "a.py", Lines(1, 1)) == Origin()
    assert origins().of(head, "a.py", None) == Origin()


def test_a_time_limit(repo: Any) -> None:
    repo.write("a.py", "one\n")
    head = repo.commit()
    assert origins(0).of(head, "a.py", Lines(1, 1)) == Origin()
