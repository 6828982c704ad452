"""What shows a generated file matches its examples, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from errata import rules
from errata.corrections.classify.generated_content import is_generated_content, is_tool_changelog
from errata.corrections.classify.generated_paths import is_generated

MARKS: list[dict[str, Any]] = rules.source("generated")["mark"]
STATE: list[dict[str, Any]] = rules.source("generated")["state"]
CHANGELOGS: list[dict[str, Any]] = rules.source("generated")["changelog"]


@pytest.mark.parametrize("comment", [text for mark in MARKS for text in mark["match"]])
def test_comment_marks_a_generated_file(comment: str) -> None:
    assert is_generated_content(f"{comment}\nA = 1\n".encode())


@pytest.mark.parametrize("comment", [text for mark in MARKS for text in mark["miss"]])
def test_comment_marks_no_generated_file(comment: str) -> None:
    assert not is_generated_content(f"{comment}\nA = 1\n".encode())


@pytest.mark.parametrize("path", [path for rule in STATE for path in rule["match"]])
def test_path_is_of_a_tools_data(path: str) -> None:
    assert is_generated(path.encode())


@pytest.mark.parametrize("path", [path for rule in STATE for path in rule["miss"]])
def test_path_is_not_of_a_tools_data(path: str) -> None:
    assert not is_generated(path.encode())


@pytest.mark.parametrize("head", [text for rule in CHANGELOGS for text in rule["match"]])
def test_release_tool_writes_the_change_log(head: str) -> None:
    assert is_tool_changelog(b"docs/CHANGELOG.md", head.encode())
    assert not is_tool_changelog(b"docs/guide.md", head.encode())


@pytest.mark.parametrize("head", [text for rule in CHANGELOGS for text in rule["miss"]])
def test_people_write_the_change_log(head: str) -> None:
    assert not is_tool_changelog(b"docs/CHANGELOG.md", head.encode())
