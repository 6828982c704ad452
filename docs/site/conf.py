"""Settings of Sphinx for ``make site``.

The source is the whole repository, so that links between pages, and to files beside them, are the
same in the site as in the repository. Pages are plain Markdown without directives; the navigation
is built here.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]

project = "errata"
author = "the authors of errata"
root_doc = "docs/index"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
include_patterns = ["*.md", "docs/**", "bench/**/README.md"]
exclude_patterns = ["docs/site/**"]

# The anchors of headings are those of code hosts.
myst_heading_anchors = 4
# Which lexer shows a block is no reason to fail; pygments does not know every dialect.
suppress_warnings = ["misc.highlighting_failure"]
nitpicky = True
# Quotation marks stay as they are written.
smartquotes = False

html_theme = "furo"
html_title = "errata"
html_extra_path = ["extra"]
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False

_BENCH = [
    f"../{path.relative_to(ROOT).with_suffix('').as_posix()}"
    for path in sorted(ROOT.glob("bench/**/README.md"))
]
NAVIGATION = {
    "Learn": ["tutorial"],
    "How to": [
        "how-to/keep-your-log",
        "import",
        "how-to/many-agents",
        "how-to/monorepo",
        "how-to/ci",
        "how-to/schedule",
        "how-to/write-a-rule",
        "how-to/other-agents",
        "curation",
        "report",
        "fleet",
        "troubleshooting",
    ],
    "Look up": [
        "commands",
        "setup",
        "hooks",
        "logs",
        "agent-events",
        "agents",
        "driven-agents",
        "configuration",
        "formats",
        "runbooks",
        "fitting-lessons",
        "checks",
        "edits",
        "recorders",
    ],
    "Understand": [
        "explanation/attribution",
        "evidence",
        "words",
        "provenance",
        "explanation/lessons",
        "lessons",
        "groups",
        "chances",
        "outcome",
        "outcome-statistics",
        "written-rules",
        "explanation/trust",
        "accuracy",
        "lessons-in-practice",
        "performance",
        "../SECURITY",
    ],
    "The project": ["../README", "../CHANGELOG", "../CONTRIBUTING", "../LICENSES", *_BENCH],
}
"""Title -> pages, without .md. Those that do not exist are left out; others come under "More"."""


def navigation() -> dict[str, list[str]]:
    """The pages that exist, by title."""
    docs = ROOT / "docs"
    named = {page for pages in NAVIGATION.values() for page in pages}
    others = (path.relative_to(docs).with_suffix("").as_posix() for path in docs.rglob("*.md"))
    everything = {**NAVIGATION, "More": sorted({*others} - named - {"index"})}
    found = {
        title: [page for page in pages if (docs / f"{page}.md").exists()]
        for title, pages in everything.items()
    }
    return {title: pages for title, pages in found.items() if pages}


def _title(page: str) -> str:
    """The heading of a page, without what the caption above it says already."""
    first = (ROOT / "docs" / f"{page}.md").read_text("utf-8").partition("\n")[0]
    title = first.removeprefix("# ").removeprefix("How to ").removeprefix("Tutorial: ")
    return title[:1].upper() + title[1:] if first.startswith(("# How", "# Tut")) else title


def _add_navigation(_app: object, name: str, source: list[str]) -> None:
    if name == root_doc:
        for title, pages in navigation().items():
            links = "\n".join(f"{_title(page)} </docs/{page}>" for page in pages)
            links = links.replace("docs/../", "")
            source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n{links}\n```\n"


def setup(app: object) -> None:
    """Called by Sphinx."""
    app.connect("source-read", _add_navigation)  # type: ignore[attr-defined]
