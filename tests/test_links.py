"""Every link between files of the project leads somewhere; nothing is asked of the network."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/**/*.md")])
_HTML = re.compile(r"""\b(?:href|src|srcset)=["']([^"'\s]+)""")


def tokens(text: str) -> Iterator[Token]:
    """All tokens of a page, those inside paragraphs too."""
    for token in MarkdownIt().enable("table").parse(text):
        yield token
        yield from token.children or ()


def targets(text: str) -> Iterator[str]:
    """Where the links and pictures of a page lead."""
    for token in tokens(text):
        if token.type in ("html_block", "html_inline"):
            yield from _HTML.findall(token.content)
        elif token.type in ("link_open", "image"):
            yield str(token.attrs.get("href") or token.attrs.get("src"))


def anchors(text: str) -> set[str]:
    """The fragments of the headings of a page, as code hosts make them."""
    found: set[str] = set()
    heading = False
    for token in tokens(text):
        if token.type == "inline" and heading:
            plain = "".join(part.content for part in token.children or ())
            slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
            numbered = (f"{slug}-{number}" for number in range(1, 99))
            found.add(slug if slug not in found else next(n for n in numbered if n not in found))
        heading = token.type == "heading_open"
    return found


def broken(page: Path) -> list[str]:
    """The links of a page that lead nowhere, or out of the project."""
    wrong = []
    for target in targets(page.read_text("utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, fragment = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        inside = file.is_relative_to(ROOT) or file.is_relative_to(page.parent)
        if not (inside and file.exists() and _has(file, fragment)):
            wrong.append(target)
    return wrong


def _has(file: Path, fragment: str) -> bool:
    return not fragment or fragment in anchors(file.read_text("utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert broken(page) == []


def test_broken_links_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    (tmp_path / "other.md").write_text("# One `two`\n\n# One `two`\n\n```\n# code\n```\n")
    good = "[a](other.md#one-two) [b](other.md#one-two-1) [c](#top) [d](https://example.org/x)"
    bad = (
        "[f](none.md) [g](other.md#code) ![h](none.png) [i][i]\n\n[i]: gone.md\n\n<img src='x.svg'>"
    )
    page.write_text(f"# Top\n\n{good} `[e](no)`\n\n{bad}\n")
    assert broken(page) == ["none.md", "other.md#code", "none.png", "gone.md", "x.svg"]


def test_navigation_of_the_site_has_every_page() -> None:
    navigation = runpy.run_path(str(ROOT / "docs/site/conf.py"))["navigation"]
    shown = [page for pages in navigation().values() for page in pages]
    docs = ROOT / "docs"
    written = {path.relative_to(docs).with_suffix("").as_posix() for path in docs.rglob("*.md")}
    assert sorted(page for page in shown if not page.startswith("..")) == sorted(
        written - {"index"}
    )
