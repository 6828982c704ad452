"""Findings logs as other tools and teams write them, each with what must come of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from errata.records import instants

START = instants.parse("2025-01-15")
HOUR = 3_600_000_000
FILES = ("src/api/volumes.py", "src/ui/list.ts", "src/core.py")


@dataclass(frozen=True)
class Sample:
    """One log: its records, and the pattern that has to come out on top, with its count."""

    name: str
    records: list[dict[str, Any]]
    pattern: str
    count: int
    severities: tuple[str, ...]
    first_file: str


def _iso(number: int) -> str:
    return instants.iso(START + number * HOUR)


def _seconds(number: int) -> int:
    return (START + number * HOUR) // 1_000_000


def _sarif(n: int) -> dict[str, Any]:
    region = {"startLine": n + 1, "startColumn": 1, "endLine": n + 3}
    place = {"artifactLocation": {"uri": FILES[n % 3], "uriBaseId": "TOP"}, "region": region}
    return {
        "ruleId": ("js/UnusedLocal", "js/EvalOfInput")[n % 3 == 2],
        "ruleIndex": n % 2,
        "level": ("error", "warning", "note", "none")[n % 4],
        "message": {"text": f"The value of step {n} is never read"},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"primary": f"{n:08x}"},
        "run": {"finishedAt": _iso(n)},
    }


def _reviewdog(n: int) -> dict[str, Any]:
    start, end = {"line": n + 4, "column": 2}, {"line": n + 6, "column": 9}
    return {
        "message": f"Variable v{n} shadows another one",
        "location": {"path": FILES[n % 3], "range": {"end": end, "start": start}},
        "severity": ("ERROR", "WARNING", "INFO", "UNKNOWN_SEVERITY")[n % 4],
        "source": {"name": "house-linter"},
        "code": {"value": ("shadowed_name", "bare-except")[n % 3 == 2], "url": "https://x.test"},
        "logged_at": _seconds(n) * 1000,
    }


def _gitlab(n: int) -> dict[str, Any]:
    return {
        "type": "issue",
        "check_name": ("Style/LongMethod", "no-unused-vars")[n % 3 == 2],
        "description": f"Function number {n} is too long",
        "categories": ["Complexity"],
        "fingerprint": f"{n:032x}",
        "severity": ("blocker", "critical", "major", "minor", "info")[n % 5],
        "location": {"path": FILES[n % 3], "lines": {"begin": n + 1, "end": n + 8}},
        "date": _iso(n)[:10],
    }


def _semgrep(n: int) -> dict[str, Any]:
    return {
        "check_id": ("python.lang.security.evalUse", "go.http.noTimeout")[n % 3 == 2],
        "path": FILES[n % 3],
        "start": {"line": n + 2, "col": 1, "offset": 40},
        "end": {"line": n + 2, "col": 30, "offset": 69},
        "extra": {
            "message": f"Input number {n} is evaluated",
            "severity": ("ERROR", "WARNING", "INFO")[n % 3],
            "metadata": {"category": "security", "cwe": ["CWE-95"]},
        },
        "scan_time": _iso(n).replace("T", " ").replace("Z", " +0000"),
    }


def _bandit(n: int) -> dict[str, Any]:
    return {
        "generated_at": _iso(n),
        "filename": f"./{FILES[n % 3]}",
        "issue_confidence": "HIGH",
        "issue_severity": ("HIGH", "MEDIUM", "LOW")[n % 3],
        "issue_text": f"Subprocess call number {n} goes through a shell",
        "line_number": n + 10,
        "line_range": [n + 10, n + 11],
        "test_id": ("B602", "B101")[n % 3 == 2],
        "test_name": ("shell_true", "assert_used")[n % 3 == 2],
    }


def _priorities(n: int) -> dict[str, Any]:
    return {
        "ts": _seconds(n),
        "priority": ("P0", "P1", "P2", "P3")[n % 4],
        "category": "security",
        "subcategory": ("Missing Input Validation", "secret_in_log")[n % 3 == 2],
        "title": f"Request {n} is not checked",
        "path": FILES[n % 3],
        "line": n + 1,
        "reviewer": "security-reviewer",
        "pr": 40 + n,
    }


def _must_should(n: int) -> dict[str, Any]:
    return {
        "date": _iso(n),
        "level": ("MUST FIX", "SHOULD FIX", "CONSIDER")[n % 3],
        "rule": ("Error swallowed", "Long function")[n % 3 == 2],
        "comment": f"Step {n} drops the error, so that nobody learns of it",
        "location": f"{FILES[n % 3]}:{n + 5}",
        "suggestion": "Return it",
        "author": "Claude Code",
        "context": ["diff", "tests"],
        "id": f"review {n}",
    }


def _rabbit(n: int) -> dict[str, Any]:
    return {
        "id": 90_000 + n,
        "created_at": _iso(n),
        "user": {"login": "coderabbitai[bot]", "id": 7},
        "type": ("potential_issue", "refactor_suggestion", "nitpick")[n % 3],
        "body": f"Loop {n} asks the database once for each row",
        "path": FILES[n % 3],
        "start_line": n + 3,
        "labels": [("n-plus-one-query", "naming")[n % 3 == 2]],
    }


def _levels(n: int) -> dict[str, Any]:
    """Names that nothing lists, so that the values have to tell."""
    return {
        "moment": _iso(n),
        "gravity": ("sev1", "sev2", "sev3")[n % 3],
        "spot": FILES[n % 3],
        "smell": ("unchecked-result", "dead-code")[n % 3 == 2],
        "words": f"The result of call {n} is thrown away",
        "run": "nightly",
    }


def _numbers(n: int) -> dict[str, Any]:
    """Our names in part, and records that lack something."""
    one: dict[str, Any] = {
        "timestamp": str(_seconds(n)),
        "severity": n % 4 + 1,
        "summary": f"Retry {n} has no limit",
        "issueType": ("unbounded-retry", "magic-number")[n % 3 == 2],
    }
    if n % 4:
        one |= {"file_path": FILES[n % 3], "lineNumber": n + 1}
    return one


def _sample(
    name: str, make: Any, pattern: str, severities: tuple[str, ...], file: str = f"{FILES[0]}:1"
) -> Sample:
    return Sample(name, [make(n) for n in range(12)], pattern, 8, severities, file)


_THREE, _FOUR = ("blocking", "warning", "nit"), ("blocking", "warning", "nit", "nit")
SAMPLES = (
    _sample("sarif", _sarif, "js-unused-local", _FOUR),
    _sample(
        "reviewdog",
        _reviewdog,
        "shadowed-name",
        ("blocking", "warning", "nit", "warning"),
        f"{FILES[0]}:4",
    ),
    _sample("gitlab", _gitlab, "style-long-method", ("blocking", "blocking", "warning", "nit")),
    _sample("semgrep", _semgrep, "python-lang-security-eval-use", _THREE, f"{FILES[0]}:2"),
    _sample("bandit", _bandit, "shell-true", _THREE, f"{FILES[0]}:10"),
    _sample(
        "priorities",
        _priorities,
        "missing-input-validation",
        ("blocking", "blocking", "warning", "nit"),
    ),
    _sample("must-should", _must_should, "error-swallowed", _THREE, f"{FILES[0]}:5"),
    _sample("rabbit", _rabbit, "n-plus-one-query", _THREE, f"{FILES[0]}:3"),
    _sample("levels", _levels, "unchecked-result", _THREE, FILES[0]),
    _sample("numbers", _numbers, "unbounded-retry", ("blocking", "warning", "nit", "nit"), "."),
)
