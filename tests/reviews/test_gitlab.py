"""Discussions of merge requests, from GitLab's API."""

from __future__ import annotations

from typing import Any

from errata.reviews import gitlab
from errata.reviews.finding import Fault, Item, Lines, ReviewFinding, Skipped


def note(**fields: Any) -> dict[str, Any]:
    """A note on line 14."""
    position = {"head_sha": "a" * 40, "new_path": "src/a.py", "new_line": 14}
    return {
        "id": 1126,
        "body": "Close the file",
        "author": {"username": "alice"},
        "created_at": "2025-01-15T14:30:00.000Z",
        "resolvable": True,
        "resolved": False,
        "noteable_iid": 5,
        "position": position,
        **fields,
    }


def read(*notes: dict[str, Any]) -> list[Item]:
    """What one discussion says."""
    return list(gitlab.read([("$[0]", {"id": "x", "notes": [*notes]})]))


def test_the_first_note_is_a_finding_without_a_name() -> None:
    finding, reply = read(note(), note(id=2, body="@alice done"))
    assert isinstance(finding, ReviewFinding) and reply == Skipped("a reply")
    assert (finding.format, finding.by, finding.key) == ("gitlab", "person", ("1126",))
    assert (finding.file, finding.lines, finding.commit) == ("src/a.py", Lines(14, 14), "a" * 40)
    assert (finding.pr, finding.resolved) == (5, False)
    assert "alice" not in repr(finding)


def test_a_range_of_lines() -> None:
    ends = {"start": {"new_line": 12}, "end": {"new_line": 14}}
    position = {"new_path": "a.py", "new_line": 14, "line_range": ends}
    [finding] = read(note(position=position))
    assert isinstance(finding, ReviewFinding) and finding.lines == Lines(12, 14)


def test_what_is_skipped() -> None:
    assert read(note(system=True)) == [Skipped("a summary or status")]
    assert read(note(position=None)) == [Skipped("about no line")]
    assert read(note(body="LGTM")) == [Skipped("praise or agreement")]


def test_a_program() -> None:
    [finding] = read(note(author={"username": "project_7_bot_ab", "bot": True}))
    assert isinstance(finding, ReviewFinding)
    assert (finding.by, finding.tool) == ("bot", "project-7-bot-ab")


def test_a_bad_discussion_is_named() -> None:
    [fault] = gitlab.read([("$[3]", {"notes": [{"id": "x"}]})])
    assert isinstance(fault, Fault) and fault.place == "$[3]"
    assert fault.message == "notes[0].id: Expected `int | null`, got `str`"
