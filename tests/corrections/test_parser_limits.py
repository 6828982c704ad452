"""Texts that end the process of a parser are not parsed."""

from __future__ import annotations

import pytest

from errata.corrections.classify.parser_limits import is_foreign, may_abort
from errata.lessons.describe import describe
from errata.lessons.description import EditedFile, Hunk

ABORTING = {
    "deep.yaml": "".join(" " * depth + "k:\n" for depth in range(300)),
    "dashes.yaml": "- " * 300 + "a\n",
    "keys.yml": "? " * 300 + "a\n",
    "heredoc.rb": "a = <<" + "E" * 300 + "\nx\n",
    "interpolation.kt": '"${' * 800,
    "raw.kt": '"""${' * 300,
}
LANGUAGES = {"yaml": "yaml", "yml": "yaml", "rb": "ruby", "kt": "kotlin"}


@pytest.mark.parametrize("path", ABORTING)
def test_aborting_text_is_described_without_its_parser(path: str) -> None:
    text = ABORTING[path]
    assert may_abort(text, LANGUAGES[path.rpartition(".")[2]])
    lines = text.count("\n") + 1
    describe([EditedFile(path, text, text + "b: 1\n", [Hunk((0, lines), (0, lines + 1))])])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("a:\n  - b: 1\n    c: |\n      text\n" * 200, "yaml"),
        ("#" + "-" * 300 + "\na: 1\n", "yaml"),
        ("a = <<~SQL\n  SELECT 1\nSQL\n" * 300, "ruby"),
        ("a << b << c << d\n" * 100, "ruby"),
        ('println("${a} of ${b}")\n' * 500, "kotlin"),
        ("f(" * 300, "python"),
    ],
)
def test_usual_text_is_parsed(text: str, language: str) -> None:
    assert not may_abort(text, language)


LONG = {
    "go": 'package a\n\nimport "fmt"\n\n' + "func f() {\n" + "\tfmt.Println(1)\n" * 900 + "}\n",
    "typescript": "import a from 'a';\n" * 40
    + "export class A {\n"
    + "  b() { c(); }\n" * 900
    + "}\n",
    "python": "import a\n\n\n" * 40 + "def f():\n" + "    g(1)\n" * 2000,
}


@pytest.mark.parametrize("language", LONG)
def test_a_long_function_is_of_its_language(language: str) -> None:
    assert not is_foreign(LONG[language], language)


@pytest.mark.parametrize("language", LONG)
def test_text_of_no_language_is_foreign(language: str) -> None:
    assert is_foreign("alpha { gamma ' ) \\ \" => [ # /* ; ( if ) ] :\n" * 300, language)
