"""Rules that people write for agents into AGENTS.md, CLAUDE.md and the like, each with its dates.

A rule is one list item or one sentence. It comes into force when a commit brings it to the main
line. Rewording it, or moving it to another place or file, changes nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from errata.core.git import Repository
from errata.outcomes import instruction_files
from errata.outcomes.instruction_files import Version
from errata.outcomes.rule_grammar import Statement, measure
from errata.outcomes.rule_texts import Parser, RuleFile, RuleText
from errata.outcomes.watched import STILL, Period, union

MAX_RULES = 20_000
"""The most rules that are followed through history at a time."""
MAX_EVER = 100_000
"""The most rules of all of history."""
MAX_READ = 1_000_000_000
"""The bytes of all versions in history; it is followed no further."""
MAX_PARSED = 50_000_000
"""The characters of the different sections in them, likewise."""
MAX_COMPARED = 5_000_000
"""The pairs of an old text and a new one that are compared, in all of history."""
_SIMILAR = 0.6
"""The share of words that a reworded rule keeps."""
_MAX_PAIRS = 400**2
"""With more pairs of texts in one commit, none is taken for the other in other words."""
_CODE = re.compile(r"`([^`]*)`")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class WrittenRule:
    """A rule and when it was in force.

    Attributes:
        text: as last written.
        file: the instruction file in which it came into force.
        scope: the folder below which it holds, with a final slash; "" for all.
        globs: of the files that it holds for; all if empty.
        periods: when it was in force, oldest first.
        commit: that brought it.
        statement: what it forbids; None if a machine cannot see that.
        name: unique among the measurable rules of its file; "" of the others.
    """

    text: str
    file: str
    scope: str
    globs: tuple[str, ...]
    periods: tuple[Period, ...]
    commit: str
    statement: Statement | None
    name: str = ""

    @property
    def key(self) -> str:
        """``FILE: name``."""
        return f"{self.file}: {self.name}"

    @property
    def since(self) -> int:
        """When it came into force first (microseconds UTC)."""
        return self.periods[0][0]

    @property
    def until(self) -> int:
        """When it left last; :data:`STILL` if it is in force."""
        return self.periods[-1][1]


@dataclass(slots=True)
class _Followed:
    """A rule that is followed from commit to commit."""

    text: RuleText
    file: str
    scope: str
    globs: tuple[str, ...]
    since: int
    commit: str
    order: int
    places: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    until: int = STILL


def read_rules(repo: Repository, tip: str) -> list[WrittenRule]:
    """All rules in the history of a commit, in the order in which they came.

    Raises:
        GitError: the commits cannot be walked.
    """
    return follow(instruction_files.versions(repo, tip))


def follow(commits: Iterable[Sequence[Version]]) -> list[WrittenRule]:
    """The rules in versions of instruction files, one list a commit, oldest first."""
    history = _History()
    for versions in commits:
        history.add(versions)
        if history.is_exhausted:
            break
    written = [_written(rule) for rule in sorted(history.rules, key=lambda rule: rule.order)]
    return _named(_merged(written))


class _History:
    def __init__(self) -> None:
        self.rules: list[_Followed] = []
        self._parser = Parser()
        self._read = 0
        self._pairs = MAX_COMPARED
        self._files: dict[str, RuleFile] = {}
        self._present: dict[tuple[str, str], _Followed] = {}

    @property
    def is_exhausted(self) -> bool:
        """Whether so much was read that no people can have written it."""
        return self._read > MAX_READ or self._parser.parsed > MAX_PARSED

    def add(self, versions: Sequence[Version]) -> None:
        """Take the changes of one commit."""
        removed: list[tuple[str, RuleText]] = []
        added: list[tuple[str, RuleText]] = []
        for version in sorted(versions, key=lambda version: version.path):
            old = self._files.get(version.path, RuleFile(()))
            data = version.data or b""
            new = self._parser.parse(data)
            self._read += len(data)
            removed += ((version.path, text) for text in _minus(old.texts, new.texts))
            added += ((version.path, text) for text in _minus(new.texts, old.texts))
            self._files[version.path] = new
        lost = [rule for each in removed if (rule := self._take(*each))]
        arrived = [each for each in added if not self._again(*each)]
        self._match(lost, arrived, versions[0])

    def _take(self, path: str, text: RuleText) -> _Followed | None:
        """Take a text out of a file; its rule if it is in no other place."""
        rule = self._present.get((_scope(path), _key(text)))
        if rule is None:
            return None
        rule.places[path] -= 1
        if rule.places[path] <= 0:
            del rule.places[path]
        return None if rule.places else rule

    def _again(self, path: str, text: RuleText) -> bool:
        """Whether a text is in force in this folder already, or just left another place."""
        rule = self._present.get((_scope(path), _key(text)))
        if rule is None:
            return False
        rule.places[path] += 1
        return True

    def _match(
        self, lost: Sequence[_Followed], added: Sequence[tuple[str, RuleText]], at: Version
    ) -> None:
        """Which new texts are old rules in other words; the others begin or end now."""
        left = list({id(rule): rule for rule in lost if not rule.places}.values())
        for rule in left:
            self._present.pop((rule.scope, _key(rule.text)), None)
        pairs = self._reworded(left, added)
        for number, (path, text) in enumerate(added):
            each = pairs.get(number)
            if each is None and self._again(path, text):
                continue
            if each is None and self._may_add():
                each = self._new(path, text, at)
            if each is not None:
                self._say(each, path, text)
        for rule in left:
            if not rule.places:
                rule.until = max(at.time, rule.since)

    def _reworded(
        self, left: Sequence[_Followed], added: Sequence[tuple[str, RuleText]]
    ) -> dict[int, _Followed]:
        """Number of a new text -> the rule that it says in other words; each at most once."""
        if not left or not added or len(left) * len(added) > _MAX_PAIRS:
            return {}
        by_code = defaultdict[frozenset[str], list[tuple[int, frozenset[str]]]](list)
        for index, rule in enumerate(left):
            by_code[_codes(rule.text.text)].append((index, _words(rule.text.text)))
        self._pairs -= sum(len(by_code.get(_codes(text.text), ())) for _, text in added)
        return _best_pairs(left, added, by_code) if self._pairs >= 0 else {}

    def _may_add(self) -> bool:
        return len(self._present) < MAX_RULES and len(self.rules) < MAX_EVER

    def _new(self, path: str, text: RuleText, at: Version) -> _Followed:
        place = path, _scope(path), self._files[path].globs
        rule = _Followed(text, *place, at.time, at.commit, len(self.rules))
        self.rules.append(rule)
        return rule

    def _say(self, rule: _Followed, path: str, text: RuleText) -> None:
        """Let a rule be in a file in these words."""
        scope = _scope(path)
        if rule.scope != scope:
            rule.file, rule.scope, rule.globs = path, scope, self._files[path].globs
        rule.text = text
        rule.places[path] += 1
        self._present[scope, _key(text)] = rule


def _best_pairs(
    left: Sequence[_Followed],
    added: Sequence[tuple[str, RuleText]],
    by_code: Mapping[frozenset[str], Sequence[tuple[int, frozenset[str]]]],
) -> dict[int, _Followed]:
    """The most similar pairs of those with the same code, each text and each rule in one."""
    ranked = sorted(
        (-score, left[index].scope != _scope(path), number, index)
        for number, (path, text) in enumerate(added)
        for score, index in similar(_words(text.text), by_code.get(_codes(text.text), ()))
    )
    pairs: dict[int, _Followed] = {}
    used: set[int] = set()
    for _, _, number, index in ranked:
        if number not in pairs and index not in used:
            pairs[number] = left[index]
            used.add(index)
    return pairs


@lru_cache(maxsize=100_000)
def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(text))


@lru_cache(maxsize=100_000)
def _codes(text: str) -> frozenset[str]:
    return frozenset(_CODE.findall(text))


def similar(
    words: frozenset[str], others: Iterable[tuple[int, frozenset[str]]]
) -> Iterator[tuple[float, int]]:
    """The share of words in common with each numbered set that has enough of them."""
    for number, other in others:
        # Most pairs differ too much in length, or in their words.
        if min(len(words), len(other)) < _SIMILAR * max(len(words), len(other)):
            continue
        common = len(words & other)
        share = common / max(1, len(words) + len(other) - common)
        if share >= _SIMILAR:
            yield share, number


def _minus(left: Sequence[RuleText], right: Sequence[RuleText]) -> list[RuleText]:
    """The texts that the other file has less often."""
    counts: dict[str, int] = defaultdict(int)
    for text in right:
        counts[_key(text)] += 1
    result = []
    for text in left:
        counts[_key(text)] -= 1
        if counts[_key(text)] < 0:
            result.append(text)
    return result


def _scope(path: str) -> str:
    return instruction_files.scope_of(path) or ""


def _key(text: RuleText) -> str:
    return f"{text.lead}\n{text.text}"


def _written(rule: _Followed) -> WrittenRule:
    return WrittenRule(
        rule.text.text,
        rule.file,
        rule.scope,
        rule.globs,
        ((rule.since, rule.until),),
        rule.commit,
        measure(rule.text),
    )


def _merged(written: Sequence[WrittenRule]) -> list[WrittenRule]:
    """The rules; those that forbid the same in the same place are one, with all of their time."""
    kept: dict[object, WrittenRule] = {}
    for number, rule in enumerate(written):
        key: object = number
        if rule.statement:
            forbidden = frozenset(each.pattern for each in rule.statement.forbidden)
            key = (forbidden, rule.statement.tests, rule.scope, rule.globs)
        kept[key] = _both(kept[key], rule) if key in kept else rule
    return list(kept.values())


def _both(first: WrittenRule, second: WrittenRule) -> WrittenRule:
    """Two rules that say the same, as one: that which came first, in the words of the newest."""
    earlier, later = sorted((first, second), key=lambda rule: (rule.since, rule.key, rule.text))
    text = later.text if later.until >= earlier.until else earlier.text
    return replace(earlier, periods=union(first.periods + second.periods), text=text)


def _named(written: Iterable[WrittenRule]) -> list[WrittenRule]:
    """The rules with names that are unique within each file."""
    return list(_names(written))


def _names(written: Iterable[WrittenRule]) -> Iterator[WrittenRule]:
    taken: dict[tuple[str, str], int] = defaultdict(int)
    for rule in written:
        if rule.statement is None:
            yield rule
            continue
        name = rule.statement.name
        taken[rule.file, name] += 1
        number = taken[rule.file, name]
        yield replace(rule, name=name if number == 1 else f"{name}-{number}")
