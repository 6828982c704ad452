"""Is an edit a correction? Named evidence, weighted by a table (``rules/evidence.toml``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from errata import rules
from errata.corrections.attribution.attributed_hunks import AttributedHunk
from errata.corrections.attribution.diff import FileDiff
from errata.corrections.classify import token_diff
from errata.corrections.classify.token_diff import Difference
from errata.provenance.commits import Commit

_HOUR = 3_600_000_000
_MAX_CHARACTERS = 1000
_MAX_HUNKS = 150
"""The kinds of their differences stand for those of all others."""
_SMALL_COMMIT = 3
"""Of a commit with fewer lines, no share that was undone is measured."""
_LEXED = ("comment_share", "surface_share")
"""The facts that take tokens to measure."""
_SURFACE = (Difference.COMMENT, Difference.STRING, Difference.NAME, Difference.PROSE)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One rule that holds; a positive weight speaks for a correction, a veto rules it out."""

    name: str
    weight: float
    veto: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The evidence that holds, and the score that a correction must reach."""

    evidence: tuple[Evidence, ...]
    threshold: float

    @property
    def score(self) -> float:
        """The sum of the weights."""
        return sum(item.weight for item in self.evidence)

    @property
    def corrective(self) -> bool:
        """Whether the edit counts as a correction."""
        return not any(item.veto for item in self.evidence) and self.score >= self.threshold


@dataclass(frozen=True, slots=True)
class Facts:
    """What a person's commit did to the lines of one agent; counts are lines unless stated.

    Attributes:
        removed: agent's lines changed or removed; ``added`` the lines that replace them.
        inserted: lines inserted between the agent's lines.
        moved: removed lines that the same commit adds elsewhere.
        total: lines removed and added by the whole commit; ``files`` the files it changes.
        agent_added: lines that the corrected agent commit added.
        hours: from the agent's commit to the person's, by author time.
        differences: lines by the kind of their difference.
        committed: whether the agent's work was committed before the person edited it.
    """

    removed: int
    added: int
    inserted: int
    moved: int
    total: int
    files: int
    agent_added: int
    hours: float
    same_person: bool
    differences: Mapping[Difference, int]
    committed: bool = True

    def measures(self) -> dict[str, float]:
        """The numbers that rules refer to as facts, by name."""
        touched = self.removed + self.added + self.inserted
        uncommitted_insertion = not self.committed and not self.removed
        return {
            "share": touched / max(1, self.total),
            "hours": self.hours,
            "undone": self.undone,
            "files": self.files,
            "lines": self.total,
            "same_person": float(self.same_person),
            "touched": touched,
            "removed": self.removed,
            "removed_share": self.removed / max(1, touched),
            "moved_share": self.moved / max(1, self.removed),
            "inserted_share": self.inserted / max(1, touched),
            "prose_share": self._share(Difference.PROSE),
            "comment_share": self._share(Difference.COMMENT),
            "surface_share": self._share(*_SURFACE),
            "uncommitted_insertions": self.inserted if uncommitted_insertion else 0,
        }

    @property
    def undone(self) -> float:
        """Removed lines as a share of those that the agent's commit added."""
        return self.removed / self.agent_added if self.agent_added >= _SMALL_COMMIT else 0.0

    def _share(self, *kinds: Difference) -> float:
        lines = sum(self.differences.get(kind, 0) for kind in kinds)
        return lines / max(1, sum(self.differences.values()))


def measure(
    person: Commit,
    agent: Commit,
    hunks: Sequence[AttributedHunk],
    files: Sequence[FileDiff],
    agent_added: int,
    *,
    lexed: bool = True,
) -> Facts:
    """Measure what ``person`` did to the lines of ``agent``.

    Args:
        hunks: the hunks that touch the agent's lines.
        files: the whole commit.
        agent_added: lines that the agent's commit added.
        lexed: whether to split lines into tokens; without them all changes of code seem to be
            changes of logic.
    """
    changes = [touched for touched in hunks if touched.hunk.old]
    insertions = [touched for touched in hunks if not touched.hunk.old]
    people = (agent.ident.author_email, agent.ident.committer_email)
    return Facts(
        removed=sum(owner is not None for touched in changes for owner in touched.owners),
        added=sum(len(touched.hunk.new) for touched in changes),
        inserted=sum(len(touched.hunk.new) for touched in insertions),
        moved=_moved_lines(changes, files),
        total=sum(len(hunk.old) + len(hunk.new) for diff in files for hunk in diff.hunks),
        files=len(files),
        agent_added=agent_added,
        hours=max(0, person.author_time - agent.committer_time) / _HOUR,
        same_person=person.ident.author_email in people,
        differences=_differences(hunks, lexed=lexed),
        committed=bool(agent.sha),
    )


def _moved_lines(changes: Sequence[AttributedHunk], files: Sequence[FileDiff]) -> int:
    """How many removed lines the commit adds outside of the hunk that removes them."""
    added = Counter(line.strip() for diff in files for hunk in diff.hunks for line in hunk.new)
    moved = 0
    for touched in changes:
        here = Counter(line.strip() for line in touched.hunk.new)
        removed = map(bytes.strip, touched.hunk.old)
        moved += sum(added[line] > here[line] for line in removed if line)
    return moved


def _differences(hunks: Sequence[AttributedHunk], *, lexed: bool) -> Counter[Difference]:
    lines: Counter[Difference] = Counter()
    for touched in hunks[:_MAX_HUNKS]:
        old, new = touched.hunk.old, touched.hunk.new
        path = token_diff.path_of(touched.diff)
        is_known = lexed or token_diff.is_prose(path)
        kind = token_diff.compare(path, old, new) if is_known else Difference.LOGIC
        lines[kind] += max(len(old), len(new))
    return lines


def decides_without_tokens(verdict: Verdict) -> bool:
    """Whether tokens would not change if an edit is corrective, of which none were measured."""
    weights = [rule["weight"] for rule in rules.load("evidence")["evidence"] if _is_lexed(rule)]
    least = verdict.score + sum(weight for weight in weights if weight < 0)
    most = verdict.score + sum(weight for weight in weights if weight > 0)
    has_veto = any(item.veto for item in verdict.evidence)
    return has_veto or least >= verdict.threshold or most < verdict.threshold


def _is_lexed(rule: Mapping[str, Any]) -> bool:
    return rule.get("fact") in _LEXED


def score_evidence(message: str, facts: Facts) -> Verdict:
    """Apply the rules to the facts and to the message of the person's commit."""
    subject, _, body = normalise(message).partition("\n")
    texts = {"words": subject[:_MAX_CHARACTERS], "body": body[:_MAX_CHARACTERS]}
    measures = facts.measures()
    table = rules.load("evidence")
    evidence = [
        Evidence(rule["name"], float(rule.get("weight", 0.0)), veto=kind == "veto")
        for kind in ("veto", "evidence")
        for rule in table[kind]
        if _holds(rule, texts, measures)
    ]
    return Verdict(tuple(evidence), float(table["threshold"]))


def normalise(message: str) -> str:
    """A message as the expressions of rules expect it: lower case, and Unicode in form NFKC."""
    if message.isascii():
        return message.lower()
    import unicodedata

    return unicodedata.normalize("NFKC", message).lower()


def _holds(
    rule: Mapping[str, Any], texts: Mapping[str, str], measures: Mapping[str, float]
) -> bool:
    for field, text in texts.items():
        if field in rule and not (
            rule[field].search(text) or (field == "words" and _in_languages(rule["name"], text))
        ):
            return False
    if "fact" not in rule:
        return True
    value = measures[rule["fact"]]
    return bool(rule.get("at_least", value) <= value < rule.get("below", float("inf")))


def _in_languages(evidence: str, subject: str) -> bool:
    """Whether words of another language than English support the evidence."""
    return any(
        rule["words"].search(subject)
        for rule in rules.load("commit_words")["rule"]
        if rule["evidence"] == evidence
    )
