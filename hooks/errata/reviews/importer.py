"""From an export to the records that its findings become in this repository."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from errata.core.config import Config
from errata.core.git import Repository
from errata.corrections.classify.generated_paths import GeneratedPaths
from errata.records import explain_invalid, identity, schema
from errata.records.model import Kind
from errata.reviews import to_record
from errata.reviews.files import RepositoryFiles
from errata.reviews.finding import Fault, Item, ReviewFinding, Skipped
from errata.reviews.line_origins import LineOrigins
from errata.reviews.resolved import Resolutions


@dataclass(slots=True)
class Imported:
    """What became of an export.

    Attributes:
        records: one for each finding, in the order of files and lines.
        faults: what could not be read.
        skipped: why parts of it are not findings, and how many each.
    """

    records: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


class Importer:
    """Makes records of findings.

    Args:
        commit: the reviewed commit, for exports that do not name it; "" for HEAD.
        now: the time of a finding where neither the export nor git has one, microseconds.
    """

    def __init__(self, repo: Repository, config: Config, commit: str, now: int) -> None:
        self._alias = config.aliases.get(Kind.FINDING)
        self._files = RepositoryFiles(repo, commit)
        self._generated = GeneratedPaths(repo)
        self._resolutions = Resolutions(repo)
        self._origins = LineOrigins(repo, config)
        self._commit = commit
        self._now = now

    def run(self, items: Iterable[Item]) -> Imported:
        """Read an export to its end."""
        result = Imported()
        findings: list[ReviewFinding] = []
        for item in items:
            if isinstance(item, Fault):
                result.faults.append(item)
            elif isinstance(item, Skipped):
                result.skipped[item.why] += 1
            else:
                findings.append(item)
        placed = self._placed(findings, result)
        ids = to_record.Ids()
        for finding, file in sorted(placed, key=lambda pair: to_record.order(*pair)):
            record = self._record(finding, file, ids)
            if isinstance(record, Fault):
                result.faults.append(record)
            else:
                result.records.append(record)
        return result

    def _placed(
        self, findings: Iterable[ReviewFinding], result: Imported
    ) -> list[tuple[ReviewFinding, str]]:
        """The findings with their files; those that cannot count are noted in the result."""
        placed = []
        for finding in findings:
            file = self._files.find(finding.file) if finding.file else ""
            if finding.file and not file:
                message = f"{finding.file[:200]!r} is not a file of this repository"
                result.faults.append(Fault(finding.place, message))
            else:
                placed.append((finding, file))
        self._generated.check({os.fsencode(file) for _, file in placed if file})
        kept = [pair for pair in placed if not self._is_generated(*pair)]
        if len(kept) < len(placed):
            result.skipped["in files that nobody writes by hand"] += len(placed) - len(kept)
        return kept

    def _is_generated(self, finding: ReviewFinding, file: str) -> bool:
        """Whether a tool, which looks at everything, found something in a generated file."""
        return finding.format == "sarif" and os.fsencode(file) in self._generated

    def _record(
        self, finding: ReviewFinding, file: str, ids: to_record.Ids
    ) -> dict[str, Any] | Fault:
        id = ids.of(finding, file)
        named = finding.commit or self._commit or ("HEAD" if finding.format == "sarif" else "")
        commit = self._resolutions.commit(named)
        origin = self._origins.of(commit, file, finding.lines)
        takes_origin = finding.when is None or finding.format == "sarif"
        # A commit that is not here is kept as the export has it.
        placed = replace(
            finding,
            commit=commit or finding.commit,
            when=(origin.when if takes_origin else None) or finding.when,
        )
        resolved = self._resolutions.of(placed, file)
        record = to_record.record(placed, id, file, resolved, self._alias, self._now)
        if origin.agent:
            record = {**record, "affected_agents": [origin.agent]}
        return self._checked(record, finding.place)

    def _checked(self, record: dict[str, Any], place: str) -> dict[str, Any] | Fault:
        is_plain = self._alias is None and schema.is_valid(Kind.FINDING, record)
        if is_plain and not explain_invalid.future(record, self._now):
            return record
        line = identity.encode(record)
        faults = explain_invalid.of_line(Kind.FINDING, line, self._alias, self._now)
        return Fault(place, ": ".join(filter(None, faults[0]))) if faults else record
