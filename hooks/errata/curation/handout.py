"""What an agent gets in order to name what recurs: a bounded JSON document.

It holds the groups that errata found, under the names that errata gave them; the lessons that
people wrote, and what agents propose; and the newest corrections without a pattern, each with its
commits, the facts of its edit and lines of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from errata.curation.corrections import CorrectionRow
from errata.curation.lookup import Known
from errata.lessons.members import Member
from errata.records.curation import LessonText, State
from errata.records.curation_log import Decision
from errata.records.injection import sign_in
from errata.runbooks.sanitise import terminal

_GROUPS, _LESSONS, _MEMBERS, _UNNAMED = 20, 100, 50, 150
_EXAMPLES, _LINES, _WIDTH, _FACTS = 2, 3, 160, 12

ANSWER = {
    "command": "errata teach --json -",
    "object": {
        "pattern": "two-to-four-words",
        "corrections": ["cor-..."],
        "description": "What is wrong, in one line.",
        "instead": "What to do instead, in one line.",
        "why": "What these corrections have in common.",
    },
}
"""How an agent answers: with one such object for each name, in a list or one a line."""


def handout(known: Known, accept: Callable[[CorrectionRow], bool]) -> dict[str, Any]:
    """The groups and the unnamed corrections that a name would help."""
    rows = [row for row in known.rows if row.state is State.COUNTED and accept(row)]
    named = [name for name in sorted(known.corpus.lessons) if not known.curation.proposed(name)]
    groups = [(name, [row for row in rows if name in row.patterns]) for name in named]
    groups = sorted(
        ((name, members) for name, members in groups if members),
        key=lambda group: (-len(group[1]), group[0]),
    )
    unnamed = [row for row in rows if not row.pattern]
    lessons = [*_lessons(known)]
    return {
        "groups": [_group(known, *group) for group in groups[:_GROUPS]],
        "lessons": lessons[:_LESSONS],
        "unnamed_corrections": [correction(row, known.fields(row)) for row in unnamed[:_UNNAMED]],
        "left_out": {
            "groups": max(0, len(groups) - _GROUPS),
            "lessons": max(0, len(lessons) - _LESSONS),
            "unnamed_corrections": max(0, len(unnamed) - _UNNAMED),
        },
        "answer": ANSWER,
    }


def _lessons(known: Known) -> Iterator[dict[str, Any]]:
    """The lessons that somebody wrote, by name, then those that agents propose."""
    for name, text in sorted(known.curation.lesson_texts.items()):
        if not known.curation.is_dismissed(name) and _is_plain(name, text):
            yield _lesson(name, text.description, text.instead, "taught")
    for decision in known.curation.proposals:
        if decision.action == "teach" and _is_plain(decision.pattern, decision):
            yield _lesson(decision.pattern, decision.description, decision.instead, "proposed")


def _is_plain(name: str, text: LessonText | Decision) -> bool:
    """Whether nothing speaks to the agent: a line of the log may be from anybody."""
    return not any(map(sign_in, (name.replace("-", " "), text.description, text.instead)))


def _lesson(name: str, description: str, instead: str, state: str) -> dict[str, Any]:
    texts = {"description": terminal(description), "instead": terminal(instead)}
    return {"name": name, **{key: text or None for key, text in texts.items()}, "state": state}


def _group(known: Known, name: str, members: Sequence[CorrectionRow]) -> dict[str, Any]:
    lesson = known.corpus.lessons[name]
    return {
        "name": name,
        "instruction": terminal(lesson.instruction) or None,
        "facts": [terminal(fact) for fact in lesson.facts],
        "count": len(members),
        "corrections": [row.id for row in members[:_MEMBERS]],
        "commits": [row.commit or None for row in members[:_MEMBERS]],
        "examples": [correction(row, known.fields(row)) for row in members[:_EXAMPLES]],
    }


def correction(row: CorrectionRow, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What tells somebody what a correction is about.

    Args:
        fields: of its record.
    """
    member = Member.of(row.when, fields)
    return {
        "id": row.id,
        "commit": row.commit or None,
        "agent_commit": row.agent_commit or None,
        "agent": row.agent,
        "type": row.type,
        "subject": _cut(row.subject),
        "files": [terminal(name) for name in row.files[:_LINES]],
        "facts": [terminal(fact) for fact in member.edits[:_FACTS]],
        "examples": [
            {
                "file": terminal(example.file),
                "before": [_cut(line) for line in example.before[:_LINES]],
                "after": [_cut(line) for line in example.after[:_LINES]],
            }
            for example in member.examples[:_EXAMPLES]
        ],
    }


def _cut(text: str) -> str:
    plain = terminal(text)
    return plain if len(plain) <= _WIDTH else f"{plain[: _WIDTH - 3]}..."
