"""Logs from which the figures of the reference document come out.

Two repositories: in the reference's own examples the table of patterns and the summary of evolve
differ about one pattern (5 occurrences here, 2 there), so that no one log can make both.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from record_builders import (
    CORRECTIONS,
    FINDINGS,
    LEARNINGS,
    ago,
    correction,
    finding,
    learning,
    lines,
    put,
)

STATUS, INPUT = "missing-status-condition", "missing-input-validation"
IMPORTS, ERRORS = "incorrect-import-order", "missing-error-handling"
COLOUR, LIST, MESSAGE = (
    "hardcoded-color-value",
    "inefficient-list-watch",
    "inconsistent-error-message",
)
FINALIZER = "missing-finalizer"


def _some(name: str, count: int, days: int, step: float = 1, **more: Any) -> list[dict[str, Any]]:
    return [
        finding(days + number * step, name, **{"description": f"{name}, no. {number}"} | more)
        for number in range(count)
    ]


def summary(root: Path) -> None:
    """47 findings, 12 learnings, 18 patterns."""
    hard: dict[str, Any] = {"severity": "blocking", "affected_agents": ["api-dev"]}
    findings = [
        *_some(STATUS, 12, 1, service="compute-api", **hard),
        *_some(INPUT, 6, 1, service="compute-api", **hard),
        *_some(INPUT, 2, 40, service="storage-api", **hard),
        *_some(LIST, 4, 2, **hard),
        *_some(MESSAGE, 2, 3, severity="nit"),
        *_some(IMPORTS, 2, 4, severity="nit"),
        *_some(IMPORTS, 15, 31, severity="nit"),
        *_some(FINALIZER, 2, 45),
    ]
    findings += [finding(20, f"oddity-{letter}", severity="nit") for letter in "ab"]
    learnings = [learning(21, f"oddity-{letter}") for letter in "cdefghijkl"]
    learnings += [learning(41, STATUS, service="network-api", timestamp=ago(40.99))]
    learnings += [learning(5, "oddity-c", agent="sre")]
    corrections = [
        *(correction(31 + number, STATUS) for number in range(11)),
        # At another hour than the findings: what one minute says counts once.
        *(
            correction(6 + number, INPUT, agent="sre", timestamp=ago(6 + number - 0.01))
            for number in range(2)
        ),
        correction(42, INPUT, agent="sre"),
    ]
    put(root, FINDINGS, lines(*findings))
    put(root, LEARNINGS, lines(*learnings))
    put(root, CORRECTIONS, lines(*corrections))


def table(root: Path) -> None:
    """The five rows of the table, the pattern in detail, and the trends."""
    both = ["api-dev", "frontend-dev"]
    descriptions = {
        39: "VirtualMachine missing Ready condition",
        41: "Snapshot missing Progressing condition",
        42: "NetworkPolicy missing Ready condition",
    }
    newest = [
        finding(30 - feature / 2, STATUS, feature_id=f"feat-{feature:03}", description=text)
        for feature, text in descriptions.items()
    ]
    findings = [
        *newest,
        *_some(STATUS, 9, 12, file="pkg/apis/a.go"),
        *_some(STATUS, 12, 31),
        *_some(INPUT, 8, 1, affected_agents=both, severity="blocking"),
        *_some(INPUT, 3, 40, affected_agents=both, severity="blocking"),
        *_some(IMPORTS, 5, 1, severity="nit"),
        *_some(IMPORTS, 15, 31, severity="nit"),
        *_some(ERRORS, 4, 1),
        *_some(ERRORS, 4, 40),
        *_some(COLOUR, 4, 1, file="ui/Button.tsx"),
        *_some(FINALIZER, 2, 45),
    ]
    put(root, FINDINGS, lines(*findings))


def trends(root: Path) -> None:
    """One pattern in each section of the trends view, and two that are stable."""
    findings = [
        *_some(INPUT, 8, 1, affected_agents=["api-dev"]),
        *_some(INPUT, 3, 40, affected_agents=["api-dev"]),
        *_some(IMPORTS, 2, 1),
        *_some(IMPORTS, 15, 31),
        *_some(FINALIZER, 2, 45),
        *_some(STATUS, 12, 1),
        *_some(STATUS, 12, 31),
        *_some(ERRORS, 4, 1),
        *_some(ERRORS, 4, 40),
    ]
    put(root, FINDINGS, lines(*findings))


def corrections(root: Path) -> None:
    """24 corrections: 8, 6, 4, 3, 2, 1 by type; 12, 7, 3, 2 by agent; 4, 3, 2 by pattern."""
    types = {
        "code_quality": 8,
        "code_completeness": 6,
        "approach_rejection": 4,
        "preference_conflict": 3,
        "expectation_mismatch": 2,
        "communication_gap": 1,
    }
    agents = {"api-dev": 12, "frontend-dev": 7, "sre": 3, "test-engineer": 2}
    names = {"use-existing-patterns": 4, "missing-error-context": 3, "scope-creep": 2, None: 15}

    def spread(counts: dict[Any, int]) -> list[Any]:
        return [name for name, count in counts.items() for _ in range(count)]

    rows = zip(spread(types), spread(agents), spread(names), strict=True)
    put(
        root,
        CORRECTIONS,
        lines(
            *(
                correction(number, name, correction_type=kind, agent=agent)
                for number, (kind, agent, name) in enumerate(rows, 1)
            )
        ),
    )
