"""Review comments of pull requests, from both of GitHub's APIs."""

from __future__ import annotations

from typing import Any

import pytest

from errata.reviews import github
from errata.reviews.finding import Fault, Item, ReviewFinding, Skipped

HUNK = "@@ -8,3 +8,4 @@ def load():\n     a = 1\n-    b = 2\n+    b = 3\n+    c = 4"


def rest(**fields: Any) -> dict[str, Any]:
    """A comment of the REST API on lines 9 and 10."""
    return {
        "id": 41,
        "pull_request_review_id": 7,
        "pull_request_url": "https://api.github.com/repos/o/r/pulls/12",
        "html_url": "https://github.com/o/r/pull/12#discussion_r41",
        "url": "https://api.github.com/repos/o/r/pulls/comments/41",
        "path": "src/a.py",
        "body": "nit: rename this",
        "user": {"login": "alice", "type": "User"},
        "created_at": "2025-01-15T14:30:00Z",
        "original_commit_id": "a" * 40,
        "commit_id": "b" * 40,
        "line": 30,
        "original_line": 10,
        "original_start_line": 9,
        "start_line": 29,
        "side": "RIGHT",
        "diff_hunk": HUNK,
        **fields,
    }


def thread(*comments: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """An answer of GraphQL with one thread."""
    node = {"isResolved": False, "path": "src/a.py", **fields, "comments": {"nodes": [*comments]}}
    pull = {"reviewThreads": {"nodes": [node]}}
    return {"data": {"repository": {"pullRequest": pull}}}


def said(**fields: Any) -> dict[str, Any]:
    """A comment of GraphQL."""
    return {"databaseId": 41, "body": "Close the file", "author": {"login": "alice"}, **fields}


def read(*comments: dict[str, Any]) -> list[Item]:
    """What comments of the REST API say."""
    return list(github.read_comments([(f"$[{n}]", each) for n, each in enumerate(comments)]))


def only(*comments: dict[str, Any]) -> ReviewFinding:
    """The one finding among comments of the REST API."""
    [finding] = [each for each in read(*comments) if isinstance(each, ReviewFinding)]
    return finding


def of_thread(answer: dict[str, Any]) -> list[Item]:
    """What an answer of GraphQL says."""
    return list(github.read_threads(github.threads_in("$", answer)))


def test_a_comment_is_a_finding_without_the_name_of_its_writer() -> None:
    finding = only(rest())
    assert (finding.by, finding.tool, finding.severity) == ("person", "", "nit")
    assert (finding.description, finding.file, finding.lines) == (
        "rename this",
        "src/a.py",
        (9, 10),
    )
    assert (finding.commit, finding.pr, finding.key) == ("a" * 40, 12, ("41",))
    assert finding.session == "github-review-7"
    assert finding.url == "https://github.com/o/r/pull/12#discussion_r41"
    assert finding.code == "    b = 3\n    c = 4"
    assert "alice" not in repr(finding)


@pytest.mark.parametrize(
    ("user", "by", "tool"),
    [
        ({"login": "coderabbitai[bot]", "type": "Bot"}, "bot", "coderabbit"),
        ({"login": "Copilot", "type": "Bot"}, "bot", "copilot"),
        ({"login": "my-linter[bot]", "type": "User"}, "bot", "my-linter"),
        ({"login": "coderabbitai"}, "bot", "coderabbit"),
        ({"login": "john-dev", "type": "User"}, "person", ""),
        (None, "person", ""),
    ],
)
def test_who_wrote_it(user: Any, by: str, tool: str) -> None:
    finding = only(rest(user=user))
    assert (finding.by, finding.tool) == (by, tool)


def test_nobody_of_the_discussion_is_named() -> None:
    comments = (
        rest(body="@bob-x, close @alice's file; see @dataclass"),
        rest(id=42, in_reply_to_id=41, user={"login": "bob-x"}),
    )
    assert only(*comments).description == "close 's file; see @dataclass"


def test_replies_are_skipped() -> None:
    assert read(rest(), rest(id=42, in_reply_to_id=41))[1:] == [Skipped("a reply")]
    _, reply = of_thread(thread(said(), said(databaseId=42)))
    assert reply == Skipped("a reply")


@pytest.mark.parametrize(
    ("fields", "resolved"),
    [
        ({}, None),
        ({"line": None}, True),
        ({"line": None, "subject_type": "file"}, None),
    ],
)
def test_an_outdated_comment_is_resolved(fields: dict[str, Any], resolved: bool | None) -> None:
    assert only(rest(**fields)).resolved is resolved


@pytest.mark.parametrize(
    ("fields", "resolved"),
    [
        ({"isResolved": True}, True),
        ({"isResolved": False}, False),
        ({"isResolved": False, "isOutdated": True}, True),
    ],
)
def test_a_thread_says_whether_it_is_resolved(fields: dict[str, Any], resolved: bool) -> None:
    [finding] = of_thread(thread(said(), **fields))
    assert isinstance(finding, ReviewFinding) and finding.resolved is resolved


def test_a_comment_is_the_same_in_both_apis() -> None:
    [finding] = of_thread(thread(said(originalCommit={"oid": "c" * 40}, originalLine=4)))
    assert isinstance(finding, ReviewFinding)
    assert finding.key == only(rest()).key
    assert (finding.commit, finding.lines) == ("c" * 40, (4, 4))


def test_lines_that_were_removed_have_no_place_in_the_new_version() -> None:
    finding = only(rest(side="LEFT"))
    assert (finding.lines, finding.code) == (None, "")


def test_a_suggestion_without_words_is_a_finding() -> None:
    assert only(rest(body="```suggestion\nx\n```")).description == "A suggested change"


def test_programs_that_post_rules_name_them() -> None:
    body = "## Unused import\n\nUnused import os."
    finding = only(rest(body=body, user={"login": "github-code-quality", "type": "Bot"}))
    assert (finding.name, finding.description) == ("Unused import", "Unused import os.")


def test_a_bad_comment_is_named_and_loses_no_other() -> None:
    items = read(rest(), rest(created_at=5), rest(path=None), rest(id=43))
    faults = [each for each in items if isinstance(each, Fault)]
    assert [each.place for each in faults] == ["$[1]", "$[2]"]
    assert "created_at" in faults[0].message and "no path" in faults[1].message
    assert sum(isinstance(each, ReviewFinding) for each in items) == 2


def test_hidden_comments_and_empty_threads() -> None:
    assert of_thread(thread(said(isMinimized=True))) == [Skipped("hidden")]
    [fault] = of_thread(thread())
    assert isinstance(fault, Fault)
    assert fault.place == "$.data.repository.pullRequest.reviewThreads.nodes[0]"
