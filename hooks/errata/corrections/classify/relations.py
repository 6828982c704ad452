"""How the messages of two commits and the lines between them go together, by their words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from errata.corrections.attribution.attributed_hunks import AttributedHunk
from errata.corrections.attribution.diff import FileDiff, Hunk
from errata.provenance.commits import Commit

_MAX_BYTES = 60_000
"""Of longer changes, the first part stands for the rest."""
_MAX_MESSAGE = 3000
_WORD = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}(?![a-z])|\d+|[^\W\d_\x00-\x7f]{2,}")


def words(text: str) -> set[str]:
    """The words of a text or of code in lower case, without their commonest endings."""
    return {_stem(word) for word in {word.lower() for word in set(_WORD.findall(text))}}


@lru_cache(maxsize=8192)
def _stem(word: str) -> str:
    if word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        word = word[:-1]
    for ending in ("ing", "ed", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            return word[: -len(ending)]
    return word


_COMMON = words(
    "the and for with from into that this not use using when all new add only more also are has"
    " have was were will can should its instead feat chore docs refactor fix update remove change"
    " make test of to in on is be as by or an it at if no so we"
)
"""What is done, not to what."""


@dataclass(frozen=True, slots=True)
class Relations:
    """Shares from 0 to 1; -1 where there is nothing to compare.

    Attributes:
        in_lines: words of the person's subject that are in the changed lines or their paths.
        elsewhere: words of the subject that are only in the rest of the commit.
        in_agent_message: words of the subject that are in the agent's message.
        kept: words of the removed lines that are in the lines which replace them.
        removed_elsewhere: words that the lines lose which the rest of the commit loses, too.
        added_elsewhere: words that the lines gain which the rest of the commit gains, too.
    """

    in_lines: float = -1.0
    elsewhere: float = -1.0
    in_agent_message: float = -1.0
    kept: float = -1.0
    removed_elsewhere: float = -1.0
    added_elsewhere: float = -1.0

    def measures(self) -> dict[str, float]:
        """The numbers that rules refer to as facts, by name."""
        return {
            "subject_in_lines": self.in_lines,
            "subject_elsewhere": self.elsewhere,
            "subject_in_agent_message": self.in_agent_message,
            "kept": self.kept,
            "removed_elsewhere": self.removed_elsewhere,
            "added_elsewhere": self.added_elsewhere,
        }


def relate(
    person: Commit, agent: Commit, hunks: Sequence[AttributedHunk], files: Sequence[FileDiff]
) -> Relations:
    """Compare the words of a person's commit with those of the agent's lines it touches."""
    touched = {id(each.hunk) for each in hunks}
    here = [each.hunk for each in hunks]
    rest = [hunk for diff in files for hunk in diff.hunks if id(hunk) not in touched]
    old, new = _words_of(here, old=True), _words_of(here, old=False)
    old_rest, new_rest = _words_of(rest, old=True), _words_of(rest, old=False)
    subject = _words_of_message(person.ident.message.strip().partition("\n")[0]) - _COMMON
    paths = words(_text(each.diff.new_path or each.diff.old_path or b"" for each in hunks))
    lines = old | new | paths
    message = _words_of_message(agent.ident.message[:_MAX_MESSAGE]) if agent.sha else None
    return Relations(
        in_lines=_share(subject & lines, subject),
        elsewhere=_share((subject & (old_rest | new_rest)) - lines, subject),
        in_agent_message=-1.0 if message is None else _share(subject & message, subject),
        kept=_kept(here),
        removed_elsewhere=_share((old - new) & (old_rest - new_rest), old - new),
        added_elsewhere=_share((new - old) & (new_rest - old_rest), new - old),
    )


# The same messages are compared for each agent, and for each commit that touches an agent's.
@lru_cache(maxsize=256)
def _words_of_message(text: str) -> frozenset[str]:
    return frozenset(words(text))


def _share(part: Set[str], of: Set[str]) -> float:
    return len(part) / len(of) if of else -1.0


def _words_of(hunks: Iterable[Hunk], *, old: bool) -> set[str]:
    """The words of the old or the new lines of hunks."""
    return words(_text(line for hunk in hunks for line in (hunk.old if old else hunk.new)))


def _text(lines: Iterable[bytes]) -> str:
    """Lines as one text, as far as they are looked at."""
    taken, size = [], 0
    for line in lines:
        taken.append(line[:_MAX_BYTES])
        size += len(line)
        if size > _MAX_BYTES:
            break
    return b"\n".join(taken).decode("utf-8", "replace")


def _kept(hunks: Iterable[Hunk]) -> float:
    """The share of the words of removed lines that are in the lines which replace them."""
    changes = [hunk for hunk in hunks if hunk.old]
    old = Counter(_text(line for hunk in changes for line in hunk.old).split())
    new = Counter(_text(line for hunk in changes for line in hunk.new).split())
    return sum((old & new).values()) / old.total() if old else -1.0
