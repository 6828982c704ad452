"""From a person's commit to correction records: the one place that capture and backfill share."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from errata.corrections.attribution.attributed_hunks import AttributedHunk, Owner
from errata.corrections.attribution.git_log import FileDiff
from errata.corrections.classify import generated_paths, kinds
from errata.corrections.classify.evidence import Facts, Verdict, measure, weigh
from errata.corrections.fingerprint import fingerprint
from errata.provenance.commits import Commit
from errata.provenance.identity import Provenance
from errata.records import instants
from errata.records.model import CorrectionType

_SUBJECT = 100


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's commit that corrects what one agent wrote.

    Attributes:
        person, agent: the commits; ``agent`` is the one that most of the touched lines come from.
        by: whose commit ``agent`` is.
        touches: the hunks that touch the agent's lines; owners are masked to the agent's.
    """

    person: Commit
    agent: Commit
    by: Provenance
    touches: tuple[AttributedHunk, ...]
    facts: Facts
    verdict: Verdict
    type: CorrectionType
    pattern: str
    sureness: str

    @property
    def id(self) -> str:
        """From content alone, so that amend, rebase, cherry-pick and squash do not change it."""
        what = hashlib.sha256(self.by.name.encode())
        for touch in sorted(self.touches, key=_order):
            what.update(b"\0" + (touch.diff.old_path or b""))
            for sign, lines in ((b"-", touch.hunk.old), (b"+", touch.hunk.new)):
                for line in lines:
                    what.update(sign + line.strip() + b"\n")
        return f"cor-{what.hexdigest()[:20]}"

    def record(self) -> dict[str, Any]:
        """The line of the corrections log."""
        files = list(dict.fromkeys(_shown(touch.diff) for touch in self.touches))
        when = self.person.author_time
        record: dict[str, Any] = {
            "id": self.id,
            "date": instants.day(when),
            "timestamp": instants.iso(when),
            "agent": self.by.name,
            "correction_type": self.type.value,
            "source": "implicit",
            "ai_action": self._action(files[0]),
            "user_correction": {
                "summary": _subject(self.person),
                "commit": self.person.sha,
                "files": files,
            },
            "severity": kinds.severity_of(self.type, self.facts),
            "evidence": {one.name: one.weight for one in self.verdict.evidence},
            "lines": {
                "removed": self.facts.removed,
                "added": self.facts.added,
                "inserted": self.facts.inserted,
            },
            "marks": fingerprint(self.by.name, self.touches),
        }
        if self.pattern:
            record |= {"pattern_inferred": self.pattern, "pattern_confidence": self.sureness}
        if self.by.feature:
            record["context"] = {"feature_id": self.by.feature}
        return record

    def _action(self, file: str) -> dict[str, str]:
        action = {"tool_used": self.by.tool, "file": file}
        if not self.agent.sha:
            return {"summary": f"wrote {file}", **action}
        did = "wrote lines of" if self.agent.wrote else "committed"
        summary = f"{did}: {_subject(self.agent)}"
        return {"summary": summary, **action, "commit": self.agent.sha}


@dataclass(frozen=True, slots=True)
class Detector:
    """What detection needs to know about other commits.

    Attributes:
        who: whose commit it is.
        work: how many lines a commit added.
        window: microseconds between the agent's commit and the person's, at most.
    """

    who: Callable[[Commit], Provenance]
    work: Callable[[Commit], int]
    window: int

    def concerned(self, person: Commit) -> bool:
        """Whether a commit can correct anything: one parent, made by a person."""
        return len(person.parents) == 1 and self.who(person).kind == "person"

    def eligible(self, person: Commit, owner: Owner) -> bool:
        """Whether a line's owner is an agent's commit within the window."""
        return (
            owner is not None
            and 0 <= person.author_time - owner.author_time <= self.window
            and self.who(owner).kind == "agent"
        )

    def corrections(
        self,
        person: Commit,
        files: Sequence[FileDiff],
        touches: Sequence[AttributedHunk],
        generated: Callable[[bytes], bool] = generated_paths.generated,
    ) -> Iterator[Correction]:
        """What a commit corrects, one for each agent whose work it does."""
        files = [diff for diff in files if diff.mode != b"160000"]
        for name, mine in self._by_agent(person, touches, generated).items():
            owners = Counter(owner for touch in mine for owner in touch.owned() if owner)
            # Ties go to the newest commit, then to the name, so that the answer is always the same.
            agent = max(owners, key=lambda c: (owners[c], c.author_time, c.sha))
            facts = measure(person, agent, mine, files, self.work(agent))
            message = person.ident.message
            verdict = weigh(message, facts)
            if verdict.corrective and name:
                pattern, sureness = kinds.pattern_of(message, mine)
                yield Correction(
                    person,
                    agent,
                    self.who(agent),
                    tuple(mine),
                    facts,
                    verdict,
                    kinds.type_of(message, facts, verdict),
                    pattern,
                    sureness,
                )

    def _by_agent(
        self, person: Commit, touches: Sequence[AttributedHunk], generated: Callable[[bytes], bool]
    ) -> Mapping[str, list[AttributedHunk]]:
        found: dict[str, list[AttributedHunk]] = {}
        for touch in touches:
            path = touch.diff.old_path
            if path is None or touch.diff.mode == b"160000" or generated(path):
                continue
            owners = {o for o in (*touch.owners, touch.above, touch.below) if o is not None}
            # By commit and writer: of a mixed commit some lines are an agent's, some are not.
            names = {o: self.who(o).name for o in owners if self.eligible(person, o)}
            for name in sorted(set(names.values())):
                masked = _mask(touch, {owner for owner, n in names.items() if n == name})
                if any(owner is not None for owner in masked.owned()):
                    found.setdefault(name, []).append(masked)
        return found


def _mask(touch: AttributedHunk, owners: set[Commit]) -> AttributedHunk:
    def keep(owner: Owner) -> Owner:
        return owner if owner is not None and owner in owners else None

    return replace(
        touch,
        owners=tuple(keep(owner) for owner in touch.owners),
        above=keep(touch.above),
        below=keep(touch.below),
    )


def _order(touch: AttributedHunk) -> tuple[bytes, int]:
    return touch.diff.old_path or b"", touch.hunk.start


def _shown(diff: FileDiff) -> str:
    """A path as JSON can hold it; bytes that are not UTF-8 are written as \\xNN."""
    return (diff.new_path or diff.old_path or b"").decode("utf-8", "backslashreplace")


def _subject(commit: Commit) -> str:
    line = commit.ident.message.strip().partition("\n")[0]
    clean = "".join(char if char.isprintable() else " " for char in line)
    return clean if len(clean) <= _SUBJECT else clean[: _SUBJECT - 1] + "…"
