"""Every view, to the letter: tests/golden/NAME.txt in a pipe, NAME.rich.txt on a terminal.

After a change that is meant, `make screens` writes them anew; read the difference.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import reference_logs

from errata.cli import main
from record_builders import AS_OF

GOLDEN = Path(__file__).parents[1] / "golden"
WRITE = os.environ.get("ERRATA_TEST_GOLDEN") == "write"
AT = ("--as-of", AS_OF)

VIEWS: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "evolve": (reference_logs.summary, ("evolve", *AT)),
    "evolve-dry-run": (reference_logs.summary, ("evolve", "--dry-run", *AT)),
    "evolve-one-pattern": (
        reference_logs.summary,
        ("evolve", "--pattern", reference_logs.LIST, *AT),
    ),
    "patterns": (reference_logs.table, ("patterns", *AT)),
    "patterns-all": (reference_logs.table, ("patterns", "--all", *AT)),
    "patterns-security": (reference_logs.table, ("patterns", "--category", "security", *AT)),
    "pattern": (reference_logs.table, ("patterns", reference_logs.STATUS, *AT)),
    "trends": (reference_logs.trends, ("trends", *AT)),
    "trends-alerts": (reference_logs.trends, ("trends", "--alerts", *AT)),
    "trends-compare": (reference_logs.trends, ("trends", "--compare", *AT)),
    "corrections": (reference_logs.corrections, ("corrections", *AT)),
    "corrections-analyze": (reference_logs.corrections, ("corrections", "--analyze", *AT)),
    "explain": (reference_logs.summary, ("explain", reference_logs.STATUS, *AT)),
    "runbook": (reference_logs.summary, ()),
}


def without_style(text: str) -> str:
    """The text without colours and bold."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.mark.parametrize("rich", [False, True], ids=["plain", "rich"])
@pytest.mark.parametrize("name", VIEWS)
def test_view(
    name: str,
    rich: bool,
    repo: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make, args = VIEWS[name]
    make(repo.root)
    if name in ("pattern", "explain", "runbook"):
        assert main(["evolve", *AT]) == 0
        capsys.readouterr()
    if name == "runbook":
        got = (repo.root / ".claude/skills/runbooks/api-dev/RUNBOOK.md").read_text()
    else:
        if rich:
            monkeypatch.setenv("FORCE_COLOR", "1")
        status = main(args)
        got, said = capsys.readouterr()
        assert (status, said) == (0, "")
    path = GOLDEN / (f"{name}.rich.txt" if rich and name != "runbook" else f"{name}.txt")
    if WRITE:
        path.write_text(got)
    assert got == path.read_text()
    assert "\x1b" not in got or rich


def test_no_golden_file_is_left_over() -> None:
    wanted = {f"{name}.txt" for name in VIEWS}
    wanted |= {f"{name}.rich.txt" for name in VIEWS if name != "runbook"}
    assert {path.name for path in GOLDEN.iterdir()} == wanted


# The lines of the reference, in its order, as they are on a terminal (and `…` for our own words).
REFERENCE = {
    "evolve": """
ANALYSIS COMPLETE
═══════════════════════════════════════════════════════════════

Findings analyzed: 47
Session learnings: 12
Patterns identified: 18

HIGH CONFIDENCE (>= 0.8):
  missing-status-condition    [12 occurrences] [stable]     → Promoted to: api-dev
  missing-input-validation    [8 occurrences]  [increasing] → Promoted to: api-dev

MEDIUM CONFIDENCE (0.6-0.8):
  inefficient-list-watch      [4 occurrences]  [new]        → Promoted to: api-dev

LOW CONFIDENCE (< 0.6):
  inconsistent-error-message  [2 occurrences]  [new]        → Not promoted (below threshold)

TRENDS:
  ↑ INCREASING: missing-input-validation (was 3, now 8)
  ↓ DECREASING: incorrect-import-order (was 15, now 2)
  ✓ RESOLVED: missing-finalizer (no occurrences in 30 days)
""",
    "patterns": """
TOP PATTERNS (last 30 days)
═══════════════════════════════════════════════════════════════

 #  Pattern                      Count  Trend      Category    Agents
 1  missing-status-condition     12     stable     api         api-dev
 2  missing-input-validation     8      increasing security    api-dev, frontend-dev
 3  incorrect-import-order       5      decreasing convention  api-dev
 4  missing-error-handling       4      stable     correctness api-dev
 5  hardcoded-color-value        4      new        convention  frontend-dev
""",
    "pattern": """
PATTERN: missing-status-condition
═══════════════════════════════════════════════════════════════

Category: api
Severity: warning
Trend: stable (12 occurrences, consistent over 30 days)
Agents affected: api-dev

Description:
  …

Examples:
  - feat-039: VirtualMachine missing Ready condition
  - feat-041: Snapshot missing Progressing condition
  - feat-042: NetworkPolicy missing Ready condition

Runbook entry:
  Location: .claude/skills/runbooks/api-dev/RUNBOOK.md
  Added: …
""",
    "trends": """
TREND ANALYSIS (30-day window)
═══════════════════════════════════════════════════════════════

ALERTS:
  ⚠️  missing-input-validation is INCREASING (3 → 8 occurrences)
      Action: …

IMPROVING:
  ✓  incorrect-import-order is DECREASING (15 → 2 occurrences)
      …

RESOLVED:
  ✓  missing-finalizer has no occurrences in 30 days
      …

STABLE:
  •  missing-status-condition (12 occurrences, no change)
  •  missing-error-handling (4 occurrences, no change)
""",
    "corrections": """
USER CORRECTIONS (last 30 days)
═══════════════════════════════════════════════════════════════

Total: 24 corrections

BY TYPE:
  code_quality         8   (33%)  …
  code_completeness    6   (25%)  …
  approach_rejection   4   (17%)  …
  preference_conflict  3   (12%)  …
  expectation_mismatch 2   (8%)   …
  communication_gap    1   (4%)   …

BY AGENT:
  api-dev             12   (50%)
  frontend-dev         7   (29%)
  sre                  3   (12%)
  test-engineer        2   (8%)

TOP INFERRED PATTERNS:
  use-existing-patterns      4 occurrences  (high confidence)
  missing-error-context      3 occurrences  (high confidence)
  scope-creep                2 occurrences  (medium confidence)
""",
}


@pytest.mark.parametrize("name", REFERENCE)
def test_the_reference_s_lines_are_there_in_its_order(name: str) -> None:
    shown = without_style((GOLDEN / f"{name}.rich.txt").read_text()).splitlines()
    for wanted in REFERENCE[name].strip("\n").splitlines():
        start = wanted.split("…")[0]
        found = [
            number
            for number, line in enumerate(shown)
            if (
                line.startswith(start) and len(line) > len(start)
                if "…" in wanted
                else line == wanted
            )
        ]
        assert found, f"missing: {wanted!r}"
        del shown[: found[0] + 1]
    if name != "evolve":  # there our list is longer, by what the reference leaves out
        assert [line for line in shown if line.strip()] == []
