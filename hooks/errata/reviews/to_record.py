"""From what a reviewer wrote to a record of the findings log.

The id of a record is a digest of what makes the finding the same in a later export: the forge's
number of the comment, the tool's fingerprints, else rule, file and the code that the export
quotes, else rule, file and message. Neither the time of the import nor a line number is part of
it, and nothing that is read from the repository, which goes on.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import Any

from errata.core.config import Alias
from errata.records import field_guesses, instants
from errata.records.dialect import translate
from errata.records.model import Kind, Severity
from errata.records.pattern_names import PATTERN_NAME, kebab
from errata.reviews.finding import ReviewFinding

PREFIX = "imp-"
"""What the id of an imported record begins with."""
DEFAULT = Severity.WARNING
"""The severity of a finding whose reviewer names none."""
EVERYTHING = "."
"""The file of a finding about the repository as a whole."""
_NUMBERS = re.compile(r"(?<!\w)\d+(?!\w)")
_SPACES = re.compile(r"\s+")


class Ids:
    """Gives each finding its id. The same text twice in a file counts as two, in their order."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, ...]] = Counter()

    def of(self, finding: ReviewFinding, file: str) -> str:
        """The id of a finding in a file of the repository."""
        content = self._content(finding, file)
        parts = (finding.format, *content)
        if not (finding.key and finding.format != "sarif"):
            self._seen[parts] += 1
            parts += (str(self._seen[parts]),)
        return PREFIX + hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:20]

    @staticmethod
    def _content(finding: ReviewFinding, file: str) -> tuple[str, ...]:
        if finding.key and finding.format != "sarif":
            return finding.key
        where = (finding.tool, finding.rule, file)
        if finding.key:
            return (*where, *finding.key)
        if finding.rule and finding.code.strip():
            return (*where, "code", _SPACES.sub(" ", finding.code).strip())
        words = _SPACES.sub(" ", _NUMBERS.sub("0", finding.description.casefold())).strip()
        return (*where, "text", words)


def order(finding: ReviewFinding, file: str) -> tuple[object, ...]:
    """Findings in the order of the lines, so that the order of an export does not matter."""
    return file, finding.lines or (0, 0), finding.rule, finding.description


def record(
    finding: ReviewFinding,
    id: str,
    file: str,
    resolved: bool | None,
    alias: Alias | None,
    now: int,
) -> dict[str, Any]:
    """The record of a finding, in our vocabulary.

    Args:
        alias: how the repository's log is translated; applies to the reviewer's words, too.
        now: its time if the export has none; microseconds.
    """
    line = finding.lines.first if finding.lines else 0
    raw: dict[str, Any] = {
        "id": id,
        "timestamp": instants.iso(now if finding.when is None else finding.when),
        "severity": finding.severity,
        "description": finding.description,
        "file": f"{file}:{line}" if file and line else file or EVERYTHING,
        "pattern": finding.name,
        "category": finding.category,
        "suggested_fix": finding.fix,
        "pr": finding.pr,
        "session_id": finding.session,
        "resolved": resolved,
        "imported": _origin(finding),
    }
    if alias is not None:
        raw = translate(Kind.FINDING, {**raw, "pattern": finding.name or None}, alias)
    raw["severity"] = severity(raw.get("severity"))
    raw["pattern"] = pattern(raw.get("pattern"))
    return {name: value for name, value in raw.items() if value not in ("", None, {})}


def _origin(finding: ReviewFinding) -> dict[str, Any]:
    origin = {
        "from": finding.format,
        "by": finding.by,
        "tool": finding.tool,
        "rule": finding.rule,
        "commit": finding.commit,
        "url": finding.url,
    }
    return {name: value for name, value in origin.items() if value}


def severity(word: object) -> str:
    """The severity of ours that a reviewer's word means."""
    text = word if isinstance(word, str) else ""
    return text if text in set(Severity) else field_guesses.severity(text) or DEFAULT.value


def pattern(name: object) -> str:
    """The name of a pattern; "" if the reviewer's name cannot be one."""
    words = kebab(name) if isinstance(name, str) and name.strip() else ""
    return words if PATTERN_NAME.match(words) else ""
