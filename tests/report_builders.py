"""Reports to render, whole or empty, with harmless or hostile text everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from errata.patterns.lesson import Example
from errata.report.model import (
    HeatRow,
    LessonRow,
    NearLesson,
    PersonRow,
    Report,
    Row,
    Share,
    Survival,
    SurvivalRow,
    TrendRow,
)
from errata.report.survival import Cluster, kaplan_meier, log_rank

HOSTILE = (
    "<script>document.title='owned'</script>",
    "</style><script>document.title='owned'</script>",
    "</title></head><body onload=document.title='owned'>",
    "]]><script>document.title='owned'</script>",
    "<img src=x onerror=document.title='owned'>",
    "<svg onload=document.title='owned'>",
    '" autofocus onfocus="document.title=\'owned\'" x="',
    "' onmouseover='document.title=1",
    "javascript:document.title='owned'",
    "[x](javascript:document.title='owned')",
    "`</code><script>document.title='owned'</script>`",
    "&lt;script&gt;document.title='owned'&lt;/script&gt;",
    "<!--><script>document.title='owned'</script>-->",
    "a\u202eb\u2066c\u200bd\x1b[31m\x00e\ud800",
    "<base href='https://example.com/'><meta http-equiv=refresh content='0;url=https://example.com'>",
    "url(https://example.com/x)",
    "<link rel=stylesheet href=https://example.com/x.css>",
    "\n```\n# not a heading\n<b>x</b> @someone #1 | x |",
)
"""Text that attacks a page, a drawing, a terminal or Markdown."""

_AGENTS = [Cluster({3: 5, 20: 4}, {100: 30}) for _ in range(20)]
_PEOPLE = [Cluster({50: 2}, {120: 40}) for _ in range(20)]


def survival(label: str = "claude-code") -> Survival:
    """Enough lines of two agents and of people."""
    curve = kaplan_meier(_AGENTS)
    rows = [SurvivalRow(label, curve), SurvivalRow(f"{label} 2", curve)]
    return Survival(curve, kaplan_meier(_PEOPLE), log_rank(_AGENTS, _PEOPLE), rows)


def lesson(text: str = "Do not print; use `logger.debug`.", **changes: Any) -> LessonRow:
    """A lesson that is taught."""
    fields: dict[str, Any] = {
        "name": "no-print",
        "says": text,
        "reason": text,
        "example": Example("src/a.py", ("print(x)",), ("logger.debug(x)",), "0123456789ab"),
        "seen": 12,
        "sessions": 8,
        "confidence": 0.81,
        "for_whom": ("everyone",),
        "since": "2025-03-01",
        "before": Share(10, 80),
        "after": Share(2, 90),
        "outcome": "It works: agents repeat it less often than before.",
        "is_over": False,
    }
    return LessonRow(**{**fields, **changes})


def months(*shares: tuple[int, int]) -> list[Row]:
    """Successive months from January 2025 on."""
    return [Row(f"2025-{at:02}", Share(*share)) for at, share in enumerate(shares, 1)]


def report(text: str | None = None, **changes: Any) -> Report:
    """A report in which everything has something to say.

    Args:
        text: what to use for every text from a repository.
    """

    def said(harmless: str) -> str:
        return harmless if text is None else text

    by = months((9, 40), (12, 50), (8, 44), (4, 60), (3, 70), (2, 66))
    shares = [row.share for row in by]
    heat = {row.label: row.share for row in by}
    fields: dict[str, Any] = {
        "name": said("project"),
        "first": "2024-01-01",
        "last": "2025-06-30",
        "tip": "0123456789abcdef",
        "commits_by": {"agent": 330, "person": 500, "bot": 20, "unknown": 3},
        "corrections": 38,
        "lessons": [
            lesson(said("Do not print."), name=said("no-print"), example=_example(said)),
            lesson(outcome="No longer taught: no occurrence since 2025-01-01.", is_over=True),
        ],
        "together": "",
        "nearest": [NearLesson(said("wrap"), said("Wrap lines."), 2, said("seen twice"))],
        "months": by,
        "agents": [Row(said("claude-code"), Share(30, 300)), Row("codex", Share(8, 30))],
        "models": [Row(said("Claude Opus 4"), shares[0]), Row("not recorded", shares[1])],
        "folders": [Row(said("src/"), shares[0]), Row("tests/", shares[1])],
        "kinds": [Row("code", shares[0]), Row("tests", shares[1])],
        "heat": [HeatRow(said("src/a.py"), shares[0], heat), HeatRow("b.py", shares[1], heat)],
        "heat_months": [row.label for row in by],
        "trends": [
            TrendRow(said("no-print"), "increasing", 2, 6),
            TrendRow("wrap-lines", "decreasing", 5, 1),
        ],
        "window_days": 30,
        "survival": survival(said("claude-code")),
        "people": [_person(said)],
        "has_names": False,
        "notes": [],
    }
    return Report(**{**fields, **changes})


def _example(said: Callable[[str], str]) -> Example:
    return Example(said("src/a.py"), (said("print(x)"),), (said("logger.debug(x)"),), said("ab"))


def _person(said: Callable[[str], str]) -> PersonRow:
    agents, areas = {said("claude-code"): 30}, {said("src/"): 20}
    return PersonRow(said("person 1"), 30, 25, agents, areas, {"code_quality": 30})


def nothing(**changes: Any) -> Report:
    """A repository without commits."""
    empty: dict[str, Any] = {
        "first": "",
        "last": "",
        "tip": "",
        "commits_by": {},
        "corrections": 0,
        **dict.fromkeys(("lessons", "nearest", "months", "agents", "models", "folders"), ()),
        **dict.fromkeys(("kinds", "heat", "heat_months", "trends", "people"), ()),
        "survival": None,
    }
    return report(**{**empty, **changes})
