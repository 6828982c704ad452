"""Entries, and strategies for hostile ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from errata.core.config import Config
from errata.patterns.lesson import Example, Lesson, Rate
from errata.runbooks import store
from errata.runbooks.entry import Entry

BEGIN = "<!-- errata:begin sha256=0123456789abcdef -->"
END = "<!-- errata:end -->"

_DEFAULTS: dict[str, Any] = {
    "name": "missing-status-condition",
    "kind": "pattern",
    "description": "API types lack the standard conditions",
    "fix": "",
    "category": "api",
    "severity": "warning",
    "confidence": 0.834,
    "occurrences": 12,
    "trend": "stable",
    "last_seen": "2025-01-15",
    "services": (),
    "sources": (("review findings", 8), ("corrections", 4)),
    "regressed": False,
}


def update_runbook(
    root: Path, config: Config, agent: str, entries: Sequence[Entry], *, rebuild: bool = False
) -> store.RunbookChange:
    """Plan the change of one runbook and write it, as an evolve does."""
    change = store.plan_change(root, config, agent, entries, rebuild=rebuild)
    if change.changed and change.new is not None:
        store.write(change.path, change.new)
    return change


def lesson(**fields: Any) -> Lesson:
    """A lesson that is unremarkable but for what the test names."""
    example = Example("src/api/user.js", ("console.log(user)",), ("logger.debug(user)",))
    defaults: dict[str, Any] = {
        "name": "no-console-log",
        "facts": ("debug-output-removed console.log",),
        "instruction": "Do not leave `console.log` in committed code; use the logger.",
        "example": example,
        "folders": ("src/api/",),
    }
    return Lesson(**{**defaults, **fields})


def lesson_entry(taught: Lesson, **fields: Any) -> Entry:
    """An entry of a lesson."""
    defaults: dict[str, Any] = {
        "kind": "anti-pattern",
        "occurrences": 5,
        "sessions": 3,
        "first_seen": "2026-03-02",
        "last_seen": "2026-04-11",
        "category": "convention",
        "sources": (("implicit corrections", 5),),
        "shipped": True,
    }
    given = {**defaults, "description": taught.instruction, **fields}
    return entry(taught.name, lesson=taught, **given)


def entry(name: str = "missing-status-condition", **fields: Any) -> Entry:
    """An entry that is unremarkable but for what the test names."""
    return Entry(**{**_DEFAULTS, "name": name, **fields})


PIECES = st.sampled_from(
    [
        *(BEGIN, END, "<!--", "-->", "```", "~~~", "# ", "## Recent learnings", "===", "---", "> "),
        *("- ", "1. ", "    ", "\t", "<div>", "</div>", "<pre>", "[a]: b", "[a](b)", "|", "text"),
        *("\n", "\n", "\n\n", "\r\n", "\r", "\f", "\u2028", "\0", "\ufeff", "é", "<?", "<![CDATA["),
        *("<<<<<<< ours", "=======", ">>>>>>> theirs", "- **bold**: x", "\\", "&#60;", "`"),
    ]
)
MARKDOWN = st.lists(PIECES, max_size=14).map("".join)
TEXT = st.one_of(st.text(max_size=60), MARKDOWN)
LINES = st.lists(TEXT, max_size=5).map(tuple)
LESSONS = st.builds(
    Lesson,
    name=TEXT,
    facts=LINES,
    instruction=TEXT,
    reason=st.one_of(st.just(""), TEXT),
    example=st.none() | st.builds(Example, file=TEXT, before=LINES, after=LINES),
    rate=st.none() | st.just(Rate(5, 20, 0.1, 0.5, 0.03, "other agent commits")),
    folders=LINES,
)
ENTRIES = st.lists(
    st.builds(
        Entry,
        name=st.one_of(st.from_regex(r"[a-z]{1,8}(-[a-z]{1,8}){0,3}", fullmatch=True), TEXT),
        kind=st.sampled_from(["pattern", "anti-pattern", "tip"]),
        description=TEXT,
        fix=st.one_of(st.just(""), TEXT),
        category=TEXT,
        severity=TEXT,
        confidence=st.floats(0, 1),
        occurrences=st.integers(0, 10**6),
        trend=TEXT,
        last_seen=TEXT,
        services=st.lists(TEXT, max_size=7).map(tuple),
        sources=st.lists(st.tuples(TEXT, st.integers(0, 99)), max_size=3).map(tuple),
        regressed=st.booleans(),
        first_seen=TEXT,
        lesson=st.none() | LESSONS,
        written=st.one_of(st.just(""), TEXT),
        written_on=TEXT,
        source=st.sampled_from(["", "written", "confirmed", "proposed"]),
    ),
    max_size=6,
)
