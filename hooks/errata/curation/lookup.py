"""What a decision may name: corrections, patterns and earlier decisions of a repository.

Whatever is unknown is refused, with the names that are near.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from errata.core.errors import ErrataError
from errata.core.near_names import did_you_mean
from errata.curation.corrections import CorrectionRow, row_of, rows
from errata.patterns.corpus import Corpus
from errata.records import append, instants
from errata.records.correction_family import family
from errata.records.curation import State
from errata.records.curation_log import Decision
from errata.records.injection import sign_in
from errata.records.pattern_names import PATTERN_NAME, kebab, normal_name
from errata.runbooks.sanitise import terminal

_COMMIT = re.compile(r"[0-9a-f]{4,64}\Z", re.IGNORECASE)
_LEAST_PREFIX = 3
"""Characters of an id that are enough, if only one begins with them."""
_SHOWN = 4
NOWHERE = -1
"""The place of a record that is in no log."""
_LIST = "`errata corrections --list` lists them"
LookAt = Callable[[str, bytearray], Sequence[Mapping[str, Any]]]


class Known:
    """The names of one repository.

    Attributes:
        corpus: with the decisions in effect.
        runbook_patterns: names of patterns that were promoted once.
        uncaptured: the records, by id, of corrections that are in no log: somebody named their
            commits.
    """

    def __init__(
        self,
        corpus: Corpus,
        runbook_patterns: Iterable[str] = (),
        commit_of: Callable[[str], str] = lambda _: "",
        look_at: LookAt = lambda *_: (),
    ) -> None:
        """Take the names of a corpus.

        Args:
            commit_of: the id of the commit that a revision means; "" if none.
            look_at: the records of what a commit corrects, also if they are in no log; takes also
                those of other commits that are in none, as lines of a log.
        """
        self.corpus = corpus
        self.curation = corpus.curation
        self.runbook_patterns = {*runbook_patterns}
        self._commit_of = commit_of
        self._look_at = look_at
        self._looked_at: dict[str, list[CorrectionRow]] = {}
        self.uncaptured: dict[str, Mapping[str, Any]] = {}
        self._uncaptured_lines = bytearray()

    @cached_property
    def rows(self) -> list[CorrectionRow]:
        """All corrections, newest first."""
        return rows(self.corpus)

    @cached_property
    def by_id(self) -> dict[str, CorrectionRow]:
        """All corrections by id."""
        return {row.id: row for row in self.rows}

    @cached_property
    def patterns(self) -> set[str]:
        """The present names of all patterns."""
        names = {*filter(None, self.corpus.occurrences.patterns), *self.curation.lesson_texts}
        return names | {self.curation.name_of(name) for name in self.runbook_patterns}

    # Corrections

    def about(self, decision: Decision) -> list[CorrectionRow]:
        """The corrections that a decision names, as far as they are known here."""
        meant: dict[str, CorrectionRow] = {}
        for id in (*decision.corrections, *decision.also):
            named = [self.by_id[id]] if id in self.by_id else []
            meant |= {row.id: row for row in (*named, *self._by_family.get(family(id), ()))}
        return [*meant.values()]

    @cached_property
    def _by_family(self) -> dict[str, list[CorrectionRow]]:
        families: dict[str, list[CorrectionRow]] = {}
        for row in self.rows:
            families.setdefault(family(row.id), []).append(row)
        return families

    def corrections(self, words: Iterable[str], *, missed: bool = False) -> list[CorrectionRow]:
        """The corrections that ids, beginnings of ids, or commits mean; each once.

        Args:
            missed: whether a commit may also mean what errata did not take for a correction.

        Raises:
            ErrataError: a word means none, or is the beginning of several ids.
        """
        look = self._missed if missed else self.correction
        meant = (row for word in dict.fromkeys(words) for row in look(word))
        return [*{row.id: row for row in meant}.values()]

    def correction(self, word: str) -> Sequence[CorrectionRow]:
        """The corrections that one word means: several if it is a commit. Raises as above."""
        if row := self.by_id.get(word):
            return [row]
        if matches := self._with_prefix(word):
            if len(matches) > 1:
                raise begins_several(word, [row.id for row in matches])
            return matches
        if matches := self._of_commit(word):
            return matches
        beginnings = (word, f"cor-{word}")
        if word and (ids := [row.id for row in self.rows if row.id.startswith(beginnings)]):
            raise begins_several(word, ids)
        raise ErrataError(
            f"no correction {_shown(word)}",
            did_you_mean(word, self.by_id, _LIST) if word.startswith("cor-") else _LIST,
        )

    def _missed(self, word: str) -> Sequence[CorrectionRow]:
        try:
            return self.correction(word)
        except ErrataError:
            commit = "" if word.startswith(("cor-", "-")) else self._commit_of(word)
            if not commit:
                raise
        if rows := self.look_at(commit):
            return rows
        raise ErrataError(
            f"commit {commit[:12]} corrects no agent: it changes nothing that one wrote shortly "
            "before, or brings changes from elsewhere",
            f"`errata explain {commit[:12]}` says what was looked at",
        )

    def look_at(self, commit: str) -> list[CorrectionRow]:
        """What a commit corrects, by its full id, also if that is in no log; may be nothing.

        Raises:
            ErrataError: this clone lacks the commit.
        """
        if commit in self._looked_at:
            return self._looked_at[commit]
        missed = []
        for record in self._look_at(commit, self._uncaptured_lines):
            id = record["id"]
            if id not in self.by_id:
                when = instants.parse_recorded(record["timestamp"])
                self.by_id[id] = row_of(id, record, when, (), State.COUNTED, NOWHERE)
                self.uncaptured[id] = record
                self._uncaptured_lines += append.encode(record)
            missed.append(self.by_id[id])
        return self._looked_at.setdefault(commit, missed)

    def fields(self, row: CorrectionRow) -> Mapping[str, Any]:
        """All fields of a correction's record; {} if they are unreadable."""
        return self.uncaptured.get(row.id) or self.corpus.fields(row.place)

    def _with_prefix(self, word: str) -> list[CorrectionRow]:
        bare = word.removeprefix("cor-")
        if len(bare) < _LEAST_PREFIX or "cor-".startswith(word):
            return []
        # A bare beginning is that of an id only if no commit has it.
        prefixes = (word,) if word != bare or self._of_commit(word) else (word, f"cor-{word}")
        return [row for row in self.rows if row.id.startswith(prefixes)]

    def _of_commit(self, word: str) -> list[CorrectionRow]:
        sha = word.lower() if _COMMIT.match(word) else ""
        by_person = [row for row in self.rows if sha and row.commit.startswith(sha)]
        by_agent = [row for row in self.rows if sha and row.agent_commit.startswith(sha)]
        if matches := by_person or by_agent:
            return matches
        full = "" if word.startswith(("cor-", "-")) else self._commit_of(word)
        of_revision = [row for row in self.rows if full and row.commit == full]
        return of_revision or [row for row in self.rows if full and row.agent_commit == full]

    # Patterns

    def pattern(self, name: str) -> str:
        """The present name of a known pattern, from any spelling, also of a former name.

        Raises:
            ErrataError: there is none.
        """
        present = self.curation.name_of(normal_name(name))
        if present in self.patterns:
            return present
        hint = did_you_mean(normal_name(name), self.patterns, "`errata patterns --all` lists them")
        raise ErrataError(f"no pattern named {_shown(name)}", hint)

    def new_name(self, name: str) -> str:
        """A name that a pattern may get, in its normal form. Raises ErrataError: it may not."""
        normal = normal_name(name)
        if not PATTERN_NAME.match(normal):
            proposal = kebab(name)
            hint = "lower-case words joined by '-', at most 100 characters"
            raise ErrataError(
                f"{_shown(name)} is not a name for a pattern",
                f"{hint}: {proposal}" if PATTERN_NAME.match(proposal) else hint,
            )
        if sign := sign_in(normal.replace("-", " ")):
            raise ErrataError(
                f"{_shown(name)} is not a name for a pattern",
                f"it reads like an order to an agent: {sign}",
            )
        return normal

    # Decisions

    def decision(self, word: str) -> Decision:
        """The decision with this id, or the only one whose id begins so.

        Raises:
            ErrataError: there is none, or several begin so.
        """
        id = word if word.startswith("cur-") else f"cur-{word}"
        matches = self.curation.find(id)
        if len(matches) == 1 and len(id) >= len("cur-") + _LEAST_PREFIX:
            return matches[0]
        if matches:
            raise begins_several(word, [decision.id for decision in matches])
        known = [decision.id for decision in self.curation.decisions]
        hint = "each command that decides prints the id of its decision"
        raise ErrataError(f"no decision {_shown(word)}", did_you_mean(id, known, hint))


def begins_several(word: str, ids: Sequence[str]) -> ErrataError:
    """The error that a word is the beginning of ids, and too short to mean one."""
    listed = ", ".join(map(terminal, ids[:_SHOWN])) + (", ..." if len(ids) > _SHOWN else "")
    number = "1 id" if len(ids) == 1 else f"{len(ids):,} ids"
    return ErrataError(f"{_shown(word)} begins {number}: {listed}", "type more of it")


def _shown(word: str) -> str:
    return repr(terminal(word[:100]))
