"""From a person's commit to corrections: shared by capture and backfill."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from errata.core.config import Explicit
from errata.corrections.attribution.attributed_hunks import GITLINK, AttributedHunk
from errata.corrections.attribution.diff import FileDiff
from errata.corrections.classify import kinds
from errata.corrections.classify.evidence import (
    Facts,
    Verdict,
    decides_without_tokens,
    measure,
    score_evidence,
)
from errata.corrections.classify.instruction_comments import instructions
from errata.corrections.classify.substance import may_be_insubstantial
from errata.corrections.fingerprint import fingerprint
from errata.corrections.remark import Remark
from errata.corrections.substantial_hunks import NO_SOURCES, Sources, SubstantialHunks
from errata.provenance.commits import Commit
from errata.provenance.identity import Provenance
from errata.records import instants
from errata.records.model import CorrectionType

_SUBJECT_LENGTH = 100
_EXPLICIT = Explicit()
_MANY_HUNKS = 100
"""With more hunks, looking first for those that matter costs less than measuring all."""


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
        files = list(dict.fromkeys(_display_path(hunk.diff) for hunk in self.hunks))
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
            "evidence": {evidence.name: evidence.weight for evidence in self.verdict.evidence},
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


Describe = Callable[[Correction], Mapping[str, Any]]
"""Says what the edit of a correction did, as fields of the record; never raises an error."""


@dataclass(frozen=True, slots=True)
class Detector:
    """Decides which hunks of a commit correct an agent.

    Attributes:
        classify: who made a commit.
        lines_added: how many lines a commit added.
        in_window: whether an agent's commit is in the window before a person's commit.
        sources: where to read the files that changed.
        explicit: whether and how corrections in words are recorded.
    """

    classify: Callable[[Commit], Provenance]
    lines_added: Callable[[Commit], int]
    in_window: Callable[[Commit, Commit], bool]
    sources: Sources = NO_SOURCES
    explicit: Explicit = _EXPLICIT

    def can_correct(self, commit: Commit) -> bool:
        """Whether a commit can correct anything: it has one parent, and a person made it."""
        return len(commit.parents) == 1 and self.classify(commit).kind == "person"

    def corrections(
        self,
        person: Commit,
        files: Sequence[FileDiff],
        hunks: Sequence[AttributedHunk],
        generated: Container[bytes],
    ) -> Iterator[Correction]:
        """What a commit corrects: one correction for each agent whose lines it touches.

        Args:
            files: everything that the commit changes.
            hunks: those that may touch an agent's lines.
            generated: the old paths of ``hunks`` that a tool writes.
        """
        files = [diff for diff in files if diff.mode != GITLINK]
        hunks = [
            attributed
            for attributed in hunks
            if attributed.diff.old_path is not None
            and attributed.diff.mode != GITLINK
            and attributed.diff.old_path not in generated
        ]
        comments = {id(each.hunk): text for each in hunks if (text := _instructions(each))}
        if comments:
            yield from self._remarks(person, files, hunks, comments)
            hunks = [attributed for attributed in hunks if id(attributed.hunk) not in comments]
            files = [*_without_hunks(files, comments)]
        substantial = SubstantialHunks(person, files, self.sources)
        for agent_hunks in self._hunks_by_agent(person, hunks).values():
            correction = self._correction(person, files, agent_hunks, substantial)
            if correction is not None:
                yield correction

    def _remarks(
        self,
        person: Commit,
        files: Sequence[FileDiff],
        hunks: Sequence[AttributedHunk],
        comments: Mapping[int, str],
    ) -> Iterator[Correction]:
        """The corrections in comments for an agent, on or beside its lines: one for each agent.

        Args:
            comments: id of a hunk that does nothing else -> the text of its comments.
        """
        commented = [attributed for attributed in hunks if id(attributed.hunk) in comments]
        for agent_hunks in self._hunks_by_agent(person, commented, beside=True).values():
            text = "\n".join(comments[id(attributed.hunk)] for attributed in agent_hunks)
            remark = Remark.of(text, self.explicit)
            if remark is None:
                continue
            counts = Counter(owner for each in agent_hunks for owner in each.all_owners())
            agent = _main_agent(counts)
            added = self.lines_added(agent)
            yield Correction(
                person,
                agent,
                self.classify(agent),
                tuple(agent_hunks),
                measure(person, agent, agent_hunks, files, added),
                Verdict((), 0.0),
                remark.type,
                remark.pattern,
                remark=remark,
            )

    def _correction(
        self,
        person: Commit,
        files: Sequence[FileDiff],
        hunks: Sequence[AttributedHunk],
        substantial: SubstantialHunks,
    ) -> Correction | None:
        """The correction of one agent; None if the evidence does not suffice."""
        if len(hunks) < _MANY_HUNKS and not self._may_be_corrective(person, files, hunks):
            return None
        kept = substantial.select(hunks)
        if not kept:
            return None
        agent, facts, verdict = self._weigh(person, files, hunks, kept)
        if not verdict.corrective:
            return None
        message = person.ident.message
        return Correction(
            person,
            agent,
            self.classify(agent),
            tuple(kept),
            facts,
            verdict,
            kinds.type_of(message, facts, verdict),
            kinds.pattern_of(message),
            substantial.contents(kept),
        )

    def _may_be_corrective(
        self, person: Commit, files: Sequence[FileDiff], hunks: Sequence[AttributedHunk]
    ) -> bool:
        """Whether it is worth looking for hunks that mean nothing."""
        certain = [hunk for hunk in hunks if not may_be_insubstantial(hunk.hunk)]
        return self._is_corrective(person, files, hunks, hunks) or (
            len(certain) < len(hunks) and self._is_corrective(person, files, hunks, certain)
        )

    def _is_corrective(
        self,
        person: Commit,
        files: Sequence[FileDiff],
        hunks: Sequence[AttributedHunk],
        kept: Sequence[AttributedHunk],
    ) -> bool:
        if not kept:
            return False
        verdict = self._weigh(person, files, hunks, kept, lexed=False)[2]
        if not decides_without_tokens(verdict):
            verdict = self._weigh(person, files, hunks, kept)[2]
        return verdict.corrective

    def _weigh(
        self,
        person: Commit,
        files: Sequence[FileDiff],
        hunks: Sequence[AttributedHunk],
        kept: Sequence[AttributedHunk],
        *,
        lexed: bool = True,
    ) -> tuple[Commit, Facts, Verdict]:
        """The agent's commit, the facts and the verdict, as if only ``kept`` touched the agent."""
        counts = Counter(owner for hunk in kept for owner in hunk.corrected_owners() if owner)
        agent = _main_agent(counts)
        dropped = {id(hunk.hunk) for hunk in hunks} - {id(hunk.hunk) for hunk in kept}
        if dropped:
            files = [*_without_hunks(files, dropped)]
        facts = measure(person, agent, kept, files, self.lines_added(agent), lexed=lexed)
        return agent, facts, score_evidence(person.ident.message, facts)

    def _hunks_by_agent(
        self, person: Commit, hunks: Sequence[AttributedHunk], *, beside: bool = False
    ) -> Mapping[str, list[AttributedHunk]]:
        """The hunks that touch an agent's lines, by the agent's name, with only its lines owned.

        Args:
            beside: also those that only stand beside the agent's lines.
        """
        by_agent: dict[str, list[AttributedHunk]] = {}
        for attributed in hunks:
            # The key holds the writer, too: a mixed commit has lines of several.
            names = {
                owner: self.classify(owner).name
                for owner in attributed.all_owners()
                if self._can_be_corrected(owner, person)
            }
            for name in sorted(set(names.values()) - {""}):
                of_agent = attributed.keep_owners({o for o, n in names.items() if n == name})
                owners = of_agent.all_owners() if beside else of_agent.corrected_owners()
                if any(owner is not None for owner in owners):
                    by_agent.setdefault(name, []).append(of_agent)
        return by_agent

    def _can_be_corrected(self, owner: Commit, person: Commit) -> bool:
        """Whether the owner of a line is an agent's commit in the window."""
        return self.classify(owner).kind == "agent" and self.in_window(owner, person)


def _main_agent(counts: Counter[Commit]) -> Commit:
    """The most frequent commit; of equals the newest, then by id: always the same one."""
    return max(counts, key=lambda commit: (counts[commit], commit.author_time, commit.sha))


def _instructions(attributed: AttributedHunk) -> str:
    return instructions(_display_path(attributed.diff), attributed.hunk)


def _without_hunks(files: Sequence[FileDiff], dropped: Container[int]) -> Iterator[FileDiff]:
    """The files without some hunks, by id; without the files that have no others."""
    for diff in files:
        hunks = [hunk for hunk in diff.hunks if id(hunk) not in dropped]
        if hunks or not diff.hunks:
            yield replace(diff, hunks=hunks)


def _position(attributed: AttributedHunk) -> tuple[bytes, int]:
    return attributed.diff.old_path or b"", attributed.hunk.start


def _display_path(diff: FileDiff) -> str:
    """A path as JSON can hold it; bytes that are not UTF-8 become ``\\xNN``."""
    return (diff.new_path or diff.old_path or b"").decode("utf-8", "backslashreplace")


def _subject(commit: Commit) -> str:
    line = commit.ident.message.strip().partition("\n")[0]
    clean = "".join(char if char.isprintable() else " " for char in line)
    return clean if len(clean) <= _SUBJECT_LENGTH else clean[: _SUBJECT_LENGTH - 1] + "…"
