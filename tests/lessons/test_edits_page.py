"""docs/edits.md lists every kind of edit as ``rules/edits.toml`` has it.

``python tests/lessons/test_edits_page.py`` writes the table anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from errata import rules
from errata.lessons import kinds
from errata.lessons.kinds import Fact

PAGE = Path(__file__).parents[2] / "docs/edits.md"
HEAD = "| Example of a fact | What it teaches |\n|---|---|\n"


def rows() -> Iterator[str]:
    """A row for each kind, with the fact of its example."""
    for kind in rules.source("edits")["kind"]:
        fact = Fact(kind["name"], kind["match"][3])
        teaches = kinds.instruction(fact) or "nothing alone"
        yield f"| `{fact}` | {teaches} |\n"


def with_table(text: str) -> str:
    """The page with the table of today."""
    return text[: text.index(HEAD)] + HEAD + "".join(rows())


def test_the_page_lists_every_kind() -> None:
    text = PAGE.read_text("utf-8")
    assert with_table(text) == text


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
