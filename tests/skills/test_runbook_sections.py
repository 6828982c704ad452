"""A runbook in sections: nothing is lost or cut, and sections relevant to a file are found."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from runbook_builders import ENTRIES, MARKDOWN, entry

from errata.core.config import RunbookBudget
from errata.runbooks import document, entry_layout, render
from errata.runbooks.entry import Entry
from errata.runbooks.paths import NOTHING
from errata.skills.runbook_sections import Section, relevance, sections

TEXT = b"""\
# api-dev runbook

Intro.

## Patterns

- **one**: first
  more of it

  and a paragraph of it
- two

  ```
- not an item
## not a heading
<!-- errata:end -->
  ```

A paragraph
of two lines.

### An entry

- its item

Its text.

#### Deeper

text

### Another

text

## Anti-patterns

1. never
"""


def test_sections_are_whole() -> None:
    texts = [(section.headings, section.text) for section in sections(TEXT)]
    patterns = ("## Patterns",)
    assert texts == [
        ((), "Intro."),
        (patterns, "- **one**: first\n  more of it\n\n  and a paragraph of it"),
        (
            patterns,
            "- two\n\n  ```\n- not an item\n## not a heading\n<!-- errata:end -->\n  ```",
        ),
        (patterns, "A paragraph\nof two lines."),
        (patterns, "### An entry\n\n- its item\n\nIts text.\n\n#### Deeper\n\ntext"),
        (patterns, "### Another\n\ntext"),
        (("## Anti-patterns",), "1. never"),
    ]


def test_line_ends_do_not_matter() -> None:
    assert (
        sections(TEXT.replace(b"\n", b"\r\n")) == sections(TEXT) == sections(b"\xef\xbb\xbf" + TEXT)
    )


def test_the_generated_block_is_its_entries() -> None:
    body = render.render([entry("b-c"), entry("d")], frozenset(), RunbookBudget())
    data = document.replace(document.parse(b"# x\n\n## Recent learnings\n"), body)
    found = sections(data)
    assert [section.text.split("\n")[0][:9] for section in found] == ["- **b-c**", "- **d** ("]
    assert {section.headings for section in found} == {("## Recent learnings",)}
    assert "errata:" not in "".join(section.text for section in found)


def test_a_block_without_entries_says_nothing() -> None:
    data = document.replace(document.parse(b"## Recent learnings\n"), NOTHING)
    assert sections(data) == []


@given(ENTRIES)
def test_every_entry_is_one_section(entries: list[Entry]) -> None:
    body = render.render(entries, frozenset(), RunbookBudget())
    data = document.replace(document.parse(b"# x\n\n## Recent learnings\n"), body)
    items = entry_layout.items(body)
    texts = {section.text for section in sections(data)}
    assert {text.replace("\t", " ").rstrip() for text in items.values()} <= texts


@given(MARKDOWN)
@example("## Recent learningstext")
def test_no_word_is_lost(text: str) -> None:
    text = re.sub("[\0\f\ufeff]", "", text)  # What cannot be seen is dropped, and lines begin anew.
    found = sections(text.encode())
    joined = "\n".join(line for section in found for line in (*section.headings, section.text))
    # The title, and a heading with nothing below it, are not told.
    kept = [line for line in re.split(r"[\r\n]+", text) if not line.startswith(("# ", "## "))]
    for word in ("text", "é"):
        assert word in joined or not any(word in line for line in kept)
    assert not any(ord(char) < 32 and char != "\n" for char in joined)


FIGURES = (
    "- **x** (pattern): y\n  Seen 3 times (new), last 2025-01-15; confidence 0.70; category {0}; "
    "severity warning; services {1}; from corrections (3)."
)


@pytest.mark.parametrize(
    ("text", "file", "score"),
    [
        ("- see api/volumes.py", "api/volumes.py", 4),
        ("- see `volumes.py`:12", "api/volumes.py", 4),
        ("- see api\\_v1/x\\_y.py", "api_v1/x_y.py", 4),
        ("- all of pkg/apis/ is odd", "pkg/apis/compute/types.go", 4),
        ("- see myvolumes.py", "api/volumes.py", 0),
        ("- see volumes.pyc", "api/volumes.py", 0),
        ("- the api is odd", "api/volumes.py", 0),
        ("- Makefile", "Makefile", 0),
        (FIGURES.format("security", "compute-api, other"), "services/compute-api/x.go", 2),
        (FIGURES.format("security", "a and 3 more"), "a/x.go", 2),
        (FIGURES.format("testing", "a"), "tests/x.go", 1),
        (FIGURES.format("api", "compute-api"), "compute-api/api/x.go", 3),
        (FIGURES.format("api", "b"), "c/d.go", 0),
        ("- anything", "", 0),
    ],
)
def test_relevance_to_a_file(text: str, file: str, score: int) -> None:
    assert relevance(Section((), text), [file]) == score
