"""Which lexer is used for a file."""

from __future__ import annotations

import pytest

from errata.corrections.classify import token_diff


@pytest.mark.parametrize("ending", [".py", ".rs", ".ts", ".h", ".m", "Makefile", ".none"])
def test_lexer_is_the_one_that_a_search_by_file_name_finds(ending: str) -> None:
    from pygments.lexers import find_lexer_class_for_filename

    found = find_lexer_class_for_filename(f"x{ending}" if ending[0] == "." else ending)
    lexer = token_diff.lexer_for(ending.lower())
    assert (lexer and type(lexer)) == found
