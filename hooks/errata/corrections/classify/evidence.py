"""Is an edit a correction? Named evidence, weighed by one table of data (rules/evidence.toml)."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from errata import rules
from errata.corrections.attribution.attributed_hunks import AttributedHunk
from errata.corrections.attribution.diff import FileDiff
from errata.corrections.classify import token_diff
from errata.corrections.classify.token_diff import Difference
from errata.provenance.commits import Commit

_HOUR = 3_600_000_000
_SURFACE = (Difference.COMMENT, Difference.STRING, Difference.NAME, Difference.PROSE)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence that holds.

    Attributes:
        weight: what it adds; positive speaks for a correction.
        says: one clause for people.
        veto: it decides alone.
    """

    name: str
    weight: float
    says: str
    veto: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The evidence, and what it comes to."""

    evidence: tuple[Evidence, ...]
    threshold: float

    @property
    def score(self) -> float:
        """The sum of the weights."""
        return sum(one.weight for one in self.evidence)

    @property
    def corrective(self) -> bool:
        """Whether the edit counts as a correction."""
        return not any(one.veto for one in self.evidence) and self.score >= self.threshold


@dataclass(frozen=True, slots=True)
class Facts:
    """What can be measured about a person's commit and one agent's lines in it; lines are counts.

    Attributes:
        removed: agent's lines changed or removed; ``added`` what stands there now.
        inserted: lines put between the agent's own.
        moved: removed lines that the same commit adds somewhere else.
        total: lines removed and added by the whole commit; ``files`` files it changes.
        work: lines that the corrected agent commit added.
        hours: from the agent's commit to the person's, by author time.
        kinds: lines by the kind of their difference.
        committed: whether the agent's work had been committed, so that somebody could say why it
            is changed.
    """

    removed: int
    added: int
    inserted: int
    moved: int
    total: int
    files: int
    work: int
    hours: float
    same_person: bool
    kinds: Mapping[Difference, int]
    committed: bool = True

    def measures(self) -> dict[str, float]:
        """The numbers that the rules name."""
        touched = self.removed + self.added + self.inserted
        lines = max(1, sum(self.kinds.values()))
        surface = sum(self.kinds.get(kind, 0) for kind in _SURFACE)
        return {
            "share": touched / max(1, self.total),
            "hours": self.hours,
            "undone": self.removed / self.work if self.work >= 3 else 0.0,
            "files": self.files,
            "lines": self.total,
            "same_person": float(self.same_person),
            "inserted_share": self.inserted / max(1, touched),
            "whitespace_share": self.kinds.get(Difference.WHITESPACE, 0) / lines,
            "prose_share": self.kinds.get(Difference.PROSE, 0) / lines,
            "touched": touched,
            "removed": self.removed,
            "surface_share": surface / lines,
            "comment_share": self.kinds.get(Difference.COMMENT, 0) / lines,
            "moved_share": self.moved / max(1, self.removed),
            "removed_share": self.removed / max(1, touched),
            "unsaid": 0 if self.committed or self.removed else self.inserted,
        }


def measure(
    person: Commit,
    agent: Commit,
    touches: Sequence[AttributedHunk],
    files: Sequence[FileDiff],
    work: int,
) -> Facts:
    """Measure what ``person`` did to ``agent``'s lines.

    Args:
        touches: the hunks that touch the agent's lines.
        files: the whole commit.
        work: lines that the agent's commit added.
    """
    removed = added = inserted = moved = 0
    arrived = Counter(line.strip() for diff in files for hunk in diff.hunks for line in hunk.new)
    kinds: Counter[Difference] = Counter()
    for touch in touches:
        old, new = touch.hunk.old, touch.hunk.new
        path = (touch.diff.new_path or touch.diff.old_path or b"").decode("utf-8", "replace")
        kinds[token_diff.compare(path, old, new)] += max(len(old), len(new))
        if old:
            removed += sum(owner is not None for owner in touch.owners)
            added += len(new)
            here = Counter(line.strip() for line in new)
            moved += sum(arrived[line] > here[line] for line in map(bytes.strip, old) if line)
        else:
            inserted += len(new)
    return Facts(
        removed=removed,
        added=added,
        inserted=inserted,
        moved=moved,
        total=sum(len(hunk.old) + len(hunk.new) for diff in files for hunk in diff.hunks),
        files=len(files),
        work=work,
        hours=(person.author_time - agent.author_time) / _HOUR,
        same_person=person.ident.author_email
        in (agent.ident.author_email, agent.ident.committer_email),
        kinds=kinds,
        committed=bool(agent.sha),
    )


def weigh(message: str, facts: Facts) -> Verdict:
    """Weigh a person's commit message and the facts by the table."""
    subject, _, body = message.lower().partition("\n")
    measures = facts.measures()
    table = rules.load("evidence")
    found = [
        Evidence(rule["name"], 0.0, rule["says"], veto=True)
        for rule in table["veto"]
        if _holds(rule, subject, body, measures)
    ]
    found += [
        Evidence(rule["name"], float(rule["weight"]), rule["says"])
        for rule in table["evidence"]
        if _holds(rule, subject, body, measures)
    ]
    return Verdict(tuple(found), float(table["threshold"]))


def _holds(rule: Mapping[str, Any], subject: str, body: str, measures: Mapping[str, float]) -> bool:
    for where, text in (("words", subject), ("body", body)):
        if where in rule and not rule[where].search(text[:1000]):
            return False
    if "fact" in rule:
        value = measures[rule["fact"]]
        limits: Iterable[tuple[str, Any]] = (("at_least", operator.ge), ("below", operator.lt))
        return all(test(value, rule[limit]) for limit, test in limits if limit in rule)
    return True
