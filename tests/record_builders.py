"""Records of every kind, dated back from one moment, and a look at a whole tree of files."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from errata.core.config import Config
from errata.core.git import Repository
from errata.patterns.analysis import Analysis, analyse
from errata.patterns.corpus import load_corpus
from errata.records import instants
from errata.records.model import DAY

AS_OF = "2025-03-01"
NOW = instants.parse(AS_OF)
FINDINGS = ".claude/review-findings.jsonl"
LEARNINGS = ".claude/session-learnings.jsonl"
CORRECTIONS = ".claude/user-corrections.jsonl"
INCIDENTS = ".claude/incidents.jsonl"
PROMOTIONS = ".claude/patterns/promotion-log.jsonl"
PATTERNS = ".claude/patterns/patterns.json"
TRENDS = ".claude/patterns/trends.json"


def runbook(agent: str = "api-dev") -> str:
    """Where an agent's runbook is."""
    return f".claude/skills/runbooks/{agent}/RUNBOOK.md"


def ago(days: float, now: int = NOW) -> str:
    """The instant so many days before the moment of the tests."""
    return instants.iso(now - int(days * DAY))


def finding(days: float, pattern: str = "missing-widget-check", **more: Any) -> dict[str, Any]:
    return {
        "timestamp": ago(days),
        "severity": "warning",
        "description": f"The widget of {days} days ago is not checked",
        "file": "pkg/apis/types.go",
        "pattern": pattern,
        **more,
    }


def learning(days: float, name: str = "missing-widget-check", **more: Any) -> dict[str, Any]:
    return {
        "timestamp": ago(days),
        "agent": "api-dev",
        "insight": f"Widgets of {days} days ago need a check",
        "name": name,
        **more,
    }


def correction(days: float, pattern: str = "missing-widget-check", **more: Any) -> dict[str, Any]:
    return {
        "timestamp": ago(days),
        "agent": "api-dev",
        "correction_type": "code_completeness",
        "source": "explicit",
        "ai_action": {"summary": "Wrote a handler"},
        "user_correction": {"summary": f"Check the widget of {days} days ago"},
        "pattern_inferred": pattern,
        **more,
    }


def implicit(days: float, *edits: str, **more: Any) -> dict[str, Any]:
    """A correction without a pattern that a commit made, with a description of its edit."""
    fields: dict[str, Any] = {
        "pattern_inferred": None,
        "source": "implicit",
        "user_correction": {"summary": f"Edit {days}", "commit": f"{int(days):040x}"},
        "edits": sorted(edits),
        "area": {"folders": ["src"], "languages": ["python"], "tests": False, "symbols": []},
    }
    return correction(days, **{**fields, **more})


def shown(*edits: str, before: Sequence[str] = (), after: Sequence[str] = ()) -> dict[str, Any]:
    """An example of a correction: lines that show some facts."""
    return {
        "edits": sorted(edits),
        "file": "src/user.py",
        "before": list(before),
        "after": list(after),
    }


def incident(days: float, pattern: str = "missing-widget-check", **more: Any) -> dict[str, Any]:
    return {
        "timestamp": ago(days),
        "severity": "high",
        "description": f"The widget of {days} days ago broke",
        "pattern": pattern,
        **more,
    }


def lines(*records: dict[str, Any]) -> bytes:
    """A log with these records."""
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def put(root: Path, path: str, data: bytes) -> Path:
    """Write a file, making its folders."""
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return target


def repository(root: Path) -> Repository:
    """A new git repository."""
    root.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "init", "-q", root], check=True)
    return Repository.discover(root)


def look(root: Path, config: Config | None = None, now: int = NOW, **how: Any) -> Analysis:
    """Patterns of the logs in a folder that is not a repository, so that nothing is cached."""
    used = config or Config()
    return analyse(load_corpus(Repository(root, None, None), used), used, now, **how)


def tree(root: Path) -> dict[str, bytes]:
    """Every file below a folder, git's own included: path -> bytes."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
