"""A repository in which every state of a pattern occurs: its commits, its logs, what was evolved.

Everything happens in 2024 and 2025, years before the clock of whoever runs the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from capture_builders import Story

from record_builders import CORRECTIONS, FINDINGS, LEARNINGS, correction, finding, learning

TAUGHT, DUE = "missing-widget-check", "missing-error-context"
RETIRED, RETURNED = "missing-timeout", "missing-retry"
FEW, WEAK, FLOOD = "unclear-name", "long-line", "copied-block"
LESSON = "no-console-log"
PINNED, DISMISSED, REJECTED = "named-tuple", "missing-comment", "use-existing-helper"
DECISIONS = (
    ("patterns", "pin", PINNED),
    ("patterns", "dismiss", DISMISSED, "--why", "we do not want them"),
    ("patterns", "rename", "helper-ignored", REJECTED),
    ("reject", "cor-rejected"),
)
"""What a person decides."""
PATTERNS = (TAUGHT, DUE, RETIRED, RETURNED, FEW, WEAK, FLOOD, PINNED, DISMISSED, REJECTED)
"""The names that records give; the lessons of unnamed records come on top."""
PAST = "2024-09-01"
"""A day on which some of it had happened: two patterns were taught, and none was retired."""
_FILES, _PAGE = 6, "web/page{}.js"

Evolve = Callable[[], object]


def _some(name: str, *days: float, **more: Any) -> list[dict[str, Any]]:
    hard = {"severity": "blocking", "affected_agents": ["api-dev"]}
    return [finding(day, name, **{**hard, **more}) for day in days]


def build(repo: Any, evolve: Evolve) -> Story:
    """The repository, with one pattern that the next evolve promotes.

    Args:
        evolve: runs ``errata evolve`` in it.
    """
    story = Story(repo, hooks=False)
    repo.write(".git/info/exclude", "")
    _corrected_commits(story)
    repo.jsonl(FINDINGS, *_some(RETIRED, *range(200, 206)), *_some(RETURNED, *range(190, 196)))
    evolve()
    repo.jsonl(FINDINGS, *_some(FEW, 99, severity="nit"))
    evolve()
    repo.jsonl(
        FINDINGS,
        *_some(TAUGHT, 1, 2, 3, 4, 5, 40, affected_agents=["api-dev", "sre"], file=_PAGE.format(0)),
        *_some(RETURNED, 6, 8, 10),
        *_some(FEW, 7, severity="nit"),
        *_some(WEAK, *range(11, 16), severity="nit"),
        *_some(FLOOD, *range(1, 13), session_id="s-1"),
    )
    repo.jsonl(LEARNINGS, learning(2.5, TAUGHT), learning(20, "prefer-small-steps"))
    evolve()
    # None of these is newer than what was evolved: the moment of all figures stays.
    more = {"severity": "high", "agent": "api-dev"}
    repo.jsonl(CORRECTIONS, *(correction(day, DUE, **more) for day in range(2, 7)))
    repo.jsonl(FINDINGS, *_some(PINNED, 3), *_some(DISMISSED, *range(3, 9)))
    ids = ("cor-rejected", "cor-counted")
    repo.jsonl(CORRECTIONS, *(correction(9, "helper-ignored", id=id) for id in ids))
    story.commit("logs")
    return story


def _corrected_commits(story: Story) -> None:
    """An agent leaves debug output in some files, and a person removes it from each."""
    for number in range(_FILES):
        name = _PAGE.format(number)
        body = f"export function page{number}(user) {{\n  const id = user.id{number};\n"
        rest = f"  return render{number}(id);\n}}\n"
        story.agent(f"feat: page {number}", **{name: f"{body}  console.log(user);\n{rest}"})
        story.repo.write(name, f"{body}{rest}")
        story.commit(f"fix: page {number} prints users")
