"""A correction: what a person's commit changed in the lines of one agent, and its record."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from errata.corrections.attribution.attributed_hunks import AttributedHunk
from errata.corrections.attribution.diff import FileDiff
from errata.corrections.classify import kinds
from errata.corrections.classify.evidence import Verdict, least_probability
from errata.corrections.classify.facts import Facts
from errata.corrections.fingerprint import fingerprint
from errata.corrections.remark import Remark
from errata.provenance.commits import Commit
from errata.provenance.identity import Provenance
from errata.records import instants
from errata.records.model import CorrectionType

_SUBJECT_LENGTH = 100
_STRONGEST = 10
"""How many pieces of evidence a record keeps."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's commit that corrects what one agent wrote.

    Attributes:
        person: the commit that corrects.
        agent: the commit that most of the touched lines come from.
        provenance: who made ``agent``.
        hunks: those that touch the agent's lines; all other lines in them have no owner.
        pattern: the pattern it shows, or "".
        contents: the files before the correction by old path, for those that could be read.
        description: fields of the record that say what the edit did; see :meth:`described`.
        remark: the words, if the commit corrects the agent in a comment; None if it edits.
    """

    person: Commit
    agent: Commit
    provenance: Provenance
    hunks: tuple[AttributedHunk, ...]
    facts: Facts
    verdict: Verdict
    type: CorrectionType
    pattern: str
    contents: Mapping[bytes, bytes] = field(default_factory=dict, compare=False, repr=False)
    description: Mapping[str, Any] = field(default_factory=dict, compare=False)
    remark: Remark | None = None

    def described(self, describe: Describe | None) -> Correction:
        """The correction with its description, and without the files, which may be large."""
        description: Mapping[str, Any] = {}
        if describe:
            # The words of a remark are stored; as an edit it is not even a comment.
            description = {"edits": []} if self.remark else describe(self)
        files = {id(each.diff): replace(each.diff, hunks=[]) for each in self.hunks}
        hunks = tuple(replace(each, diff=files[id(each.diff)]) for each in self.hunks)
        return replace(self, hunks=hunks, contents={}, description=description)

    @property
    def is_doubtful(self) -> bool:
        """Whether it is too unlikely to count as a correction by itself."""
        # Words in a comment are not judged by evidence.
        return self.remark is None and self.verdict.probability < least_probability()

    @property
    def id(self) -> str:
        """A digest of the content only: amend, rebase, cherry-pick and squash do not change it."""
        digest = hashlib.sha256(self.provenance.name.encode())
        for attributed in sorted(self.hunks, key=_position):
            digest.update(b"\0" + (attributed.diff.old_path or b""))
            for sign, lines in ((b"-", attributed.hunk.old), (b"+", attributed.hunk.new)):
                for line in lines:
                    digest.update(sign + line.strip() + b"\n")
        return f"cor-{digest.hexdigest()[:20]}"

    def to_record(self) -> dict[str, Any]:
        """The line of the corrections log."""
        files = list(dict.fromkeys(display_path(hunk.diff) for hunk in self.hunks))
        when = self.person.author_time
        record: dict[str, Any] = {
            "id": self.id,
            "date": instants.day(when),
            "timestamp": instants.iso(when),
            "agent": self.provenance.name,
            "correction_type": self.type.value,
            "source": "implicit",
            "ai_action": self._ai_action(files[0]),
            "user_correction": {
                "summary": _subject(self.person),
                "commit": self.person.sha,
                "files": files,
            },
            "severity": kinds.severity_of(self.type, self.facts),
            **_evidence(self.verdict),
            "lines": {
                "removed": self.facts.removed,
                "added": self.facts.added,
                "inserted": self.facts.inserted,
            },
            # The key of the fingerprint in existing logs.
            "marks": fingerprint(self.provenance.name, self.hunks),
        }
        if self.pattern:
            record["pattern_inferred"] = self.pattern
            record["pattern_confidence"] = "high"
        if self.provenance.feature:
            record["context"] = {"feature_id": self.provenance.feature}
        words = self.remark.to_fields(record) if self.remark else {}
        return {**record, **words, **self.description}

    def _ai_action(self, file: str) -> dict[str, str]:
        action = {"tool_used": self.provenance.tool, "file": file}
        if not self.agent.sha:
            return {"summary": f"wrote {file}", **action}
        verb = "wrote lines of" if self.agent.writer else "committed"
        summary = f"{verb}: {_subject(self.agent)}"
        return {"summary": summary, **action, "commit": self.agent.sha}


def _evidence(verdict: Verdict) -> dict[str, Any]:
    """How likely it is a correction, and what weighs most for and against it."""
    if not verdict.evidence:
        return {"evidence": {}}
    strongest = verdict.strongest(_STRONGEST)
    return {
        "probability": round(verdict.probability, 2),
        "evidence": {item.name: item.weight for item in strongest},
    }


Describe = Callable[[Correction], Mapping[str, Any]]
"""Says what the edit of a correction did, as fields of the record; never raises an error."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was looked at where a commit touches the lines of one agent.

    Attributes:
        agent: the commit that most of the touched lines come from.
        hunks: those of the changes there that mean something.
        facts, verdict: None if there are none.
    """

    agent: Commit
    provenance: Provenance
    hunks: tuple[AttributedHunk, ...] = ()
    facts: Facts | None = None
    verdict: Verdict | None = None


def _position(attributed: AttributedHunk) -> tuple[bytes, int]:
    return attributed.diff.old_path or b"", attributed.hunk.start


def display_path(diff: FileDiff) -> str:
    """A path as JSON can hold it; bytes that are not UTF-8 become ``\\xNN``."""
    return (diff.new_path or diff.old_path or b"").decode("utf-8", "backslashreplace")


def _subject(commit: Commit) -> str:
    line = commit.ident.message.strip().partition("\n")[0]
    clean = "".join(char if char.isprintable() else " " for char in line)
    return clean if len(clean) <= _SUBJECT_LENGTH else clean[: _SUBJECT_LENGTH - 1] + "…"
