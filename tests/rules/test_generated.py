"""The marks of generated files match their examples, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from errata import rules
from errata.corrections.classify.generated_content import is_generated_content

MARKS: list[dict[str, Any]] = rules.source("generated")["mark"]


@pytest.mark.parametrize("comment", [text for mark in MARKS for text in mark["match"]])
def test_comment_marks_a_generated_file(comment: str) -> None:
    assert is_generated_content(f"{comment}\nA = 1\n".encode())


@pytest.mark.parametrize("comment", [text for mark in MARKS for text in mark["miss"]])
def test_comment_marks_no_generated_file(comment: str) -> None:
    assert not is_generated_content(f"{comment}\nA = 1\n".encode())
