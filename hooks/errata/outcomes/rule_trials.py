"""Which agents' commits could have broken a written rule, and which did.

The commit itself shows it; what people did afterwards does not matter.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, NamedTuple

from errata.corrections.classify.generated_paths import is_generated
from errata.lessons import prose, triggers
from errata.lessons.areas import language_of
from errata.lessons.test_paths import is_test
from errata.outcomes import added_code
from errata.outcomes.added_code import Lines
from errata.outcomes.rule_grammar import Construct
from errata.outcomes.written_rules import WrittenRule
from errata.patterns import globs

if TYPE_CHECKING:
    from errata.corrections.attribution.diff import CommitDiff, FileDiff

MAX_RULES = 100
"""The most rules that are measured: those in force first, the newest first."""
_NO_CODE = frozenset(
    (
        *("markdown", "yaml", "toml", "json", "jsonc", "ini", "cfg", "env", "properties", "xml"),
        *("lock", "svg", "csv", "txt", "html", "htm", "snap", "ipynb", "", *prose.EXTENSIONS),
    )
)


class Trial(NamedTuple):
    """One chance and its result: an agent's commit that could have broken a rule.

    Attributes:
        commit: object id.
        time: when it was authored (microseconds UTC).
        repeated: whether it added what the rule forbids.
    """

    commit: str
    time: int
    repeated: bool


@dataclass(frozen=True, slots=True)
class RuleTrials:
    """A rule and the commits that could have broken it."""

    rule: WrittenRule
    trials: list[Trial]


class WrittenRuleTrials:
    """Watches a pass over history; see :class:`errata.corrections.backfill.Observer`.

    Args:
        rules: those that are not measurable are left out.
    """

    def __init__(self, rules: Iterable[WrittenRule]) -> None:
        self._watched = [_Watched(rule) for rule in selected(rules)]
        self._of_path: dict[str, list[int]] = {}

    def clear(self) -> None:
        """Forget all commits: they are read again."""
        for watched in self._watched:
            watched.trials.clear()

    def add(self, diff: CommitDiff, *, by_agent: bool) -> None:
        """Take the next commit; a merge adds nothing by itself."""
        commit = diff.commit
        if not by_agent or not self._watched or len(commit.parents) > 1:
            return
        seen: dict[int, bool] = {}
        for change in _changes(diff):
            for number in self._watching(change.path) if change.is_code else ():
                repeated = None if seen.get(number) else self._watched[number].look(change)
                if repeated is not None:
                    seen[number] = repeated
        for number, repeated in sorted(seen.items()):
            trial = Trial(commit.sha, commit.author_time, repeated)
            self._watched[number].trials.append(trial)

    def _watching(self, path: str) -> list[int]:
        """The numbers of the rules that hold for a file."""
        if path not in self._of_path:
            watched = enumerate(self._watched)
            self._of_path[path] = [n for n, each in watched if each.concerns(path)]
        return self._of_path[path]

    def trials(self) -> list[RuleTrials]:
        """What was seen, in the order of the rules."""
        return [RuleTrials(each.rule, list(each.trials)) for each in self._watched]


def selected(rules: Iterable[WrittenRule]) -> list[WrittenRule]:
    """The measurable rules that are measured."""
    measurable = (rule for rule in rules if rule.statement)
    return sorted(measurable, key=lambda rule: (-rule.until, -rule.since, rule.key))[:MAX_RULES]


class _Change:
    """What one commit did to one file, taken apart only where a rule may be broken.

    Args:
        moved: what the commit removed anywhere, when that is asked for.
    """

    def __init__(self, file: FileDiff, path: str, moved: Callable[[], Counter[bytes]]) -> None:
        self.path = path
        self.raw = added_code.new_text(file)
        self._file = file
        self._moved = moved

    @property
    def is_code(self) -> bool:
        """Whether lines with something in them were added."""
        return bool(self.raw.strip())

    @cached_property
    def text(self) -> str:
        """The lines that were added."""
        return self.raw.decode("utf-8", "replace")

    @cached_property
    def parts(self) -> tuple[Lines, Lines]:
        """The lines that are new, and those that the file lost; what was moved is neither."""
        new = added_code.added(self._file, self._moved())
        kept = {line.strip() for line in new}
        old = [line for line in added_code.old_lines(self._file) if line.strip() not in kept]
        return Lines(self.path, new), Lines(self.path, old)


def _changes(diff: CommitDiff) -> Iterator[_Change]:
    @cache
    def moved() -> Counter[bytes]:
        return added_code.removed(diff.files)

    for file in diff.files:
        if file.new_path is not None and not file.binary and not is_generated(file.new_path):
            path = file.new_path.decode("utf-8", "backslashreplace")
            yield _Change(file, path, moved)


@dataclass(slots=True)
class _Watched:
    """A measurable rule, ready to be looked for."""

    rule: WrittenRule
    trials: list[Trial] = field(default_factory=list)
    _forbidden: list[_Pattern] = field(init=False)
    _wanted: list[_Pattern] = field(init=False)
    _extensions: frozenset[str] = field(init=False)
    _globs: list[Callable[[str], bool]] = field(init=False)

    def __post_init__(self) -> None:
        statement = self.rule.statement
        assert statement
        self._forbidden = [_Pattern(each) for each in statement.forbidden]
        self._wanted = [_Pattern(each) for each in statement.wanted]
        own = {name for each in statement.forbidden for name in each.languages}
        languages = statement.languages & own or own or statement.languages
        self._extensions = frozenset(triggers.extensions(tuple(languages)) if languages else ())
        self._globs = [globs.matcher(f"**/{glob}") for glob in self.rule.globs]

    def concerns(self, path: str) -> bool:
        """Whether the rule holds for a file."""
        statement = self.rule.statement
        assert statement
        extension = path.rpartition("/")[2].rpartition(".")[2].lower()
        if self._extensions:
            is_code = extension in self._extensions
        else:
            is_code = language_of(path) not in _NO_CODE and extension not in _NO_CODE
        return (
            is_code
            and path.lower().startswith(self.rule.scope.lower())
            and (not self._globs or any(matches(path) for matches in self._globs))
            and (statement.tests is None or statement.tests == is_test(path))
        )

    def look(self, change: _Change) -> bool | None:
        """Whether a commit breaks the rule in a file; None if it could not."""
        if any(pattern.is_added(change) for pattern in self._forbidden):
            return True
        if not self._wanted:
            return False
        return False if any(pattern.is_added(change) for pattern in self._wanted) else None


class _Pattern:
    """Code to look for."""

    def __init__(self, construct: Construct) -> None:
        self._part = construct.part
        self._needs = [need.encode() for need in construct.needs]
        self._expression = re.compile(construct.pattern, re.MULTILINE)

    def is_added(self, change: _Change) -> bool:
        """Whether a file has it more often afterwards; most texts fail the cheap checks first."""
        if not all(need in change.raw for need in self._needs):
            return False
        if not self._expression.search(change.text):
            return False
        new, old = change.parts
        count = len(self._expression.findall(new.part(self._part)))
        return count > 0 and count > len(self._expression.findall(old.part(self._part)))
