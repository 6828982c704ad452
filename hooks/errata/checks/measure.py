"""Measure rules on history: in which of the agents' commits they would have spoken.

One pass over the newest commits finds the added lines in which a rule may find something; the files
around them are then read and parsed. Both are bounded, and the figures say what was read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from errata.checks import matching
from errata.checks.staged_lines import new_numbers, single_blanks
from errata.core.errors import GitError
from errata.corrections.attribution.diff import CommitDiff
from errata.corrections.attribution.git_log import NO_DIFFS, PLAIN, GitLog
from errata.corrections.attribution.missing_objects import files_present
from errata.corrections.commit_classifier import CommitClassifier

if TYPE_CHECKING:
    from errata.checks.rule_file import Rule
    from errata.core.config import Config
    from errata.core.git import Repository
    from errata.corrections.attribution.diff import FileDiff
    from errata.provenance.commits import Commit

MAX_COMMITS = 10_000
"""The newest commits that are read, of whomever."""
_MAX_FILES = 4_000
"""The most files that are parsed; those of corrected commits, and the newest, come first."""
MAX_FILES_OF_RULE = 400
"""Of these, the most in which one rule may find something, beside those of corrected commits."""
_MAX_BYTES = 400_000
_MAX_ADDED = 100_000
_BATCH = 200


class Sample(NamedTuple):
    """A line in which a rule found something."""

    sha: str
    path: str
    line: int
    text: str


@dataclass(slots=True)
class Candidate:
    """Rules to measure, and what was found.

    Attributes:
        rules: of one check.
        trigger: what the added lines must contain for the rules to be tried.
        corrected: the agents' commits that were corrected for its lesson.
        spoke: the agents' commits in which it found something, with the lines.
        read: those of ``corrected`` that were read.
        other_commits: how many other commits of agents were read for it.
        files, left_out: of these, in which it may find something: were read, and were not because
            there are too many.
    """

    rules: Sequence[Rule]
    trigger: Mapping[str, Any]
    corrected: frozenset[str]
    spoke: dict[str, list[Sample]] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    other_commits: int = 0
    files: int = 0
    left_out: int = 0


class _Place(NamedTuple):
    """A file of a commit in which candidates may find something."""

    sha: str
    path: bytes
    added: tuple[int, ...]
    is_new: bool
    candidates: list[Candidate]


@dataclass(frozen=True, slots=True)
class Read:
    """What was read.

    Attributes:
        commits: of agents.
        complete: whether all of history was read.
    """

    commits: int
    complete: bool


def measure(
    repo: Repository, config: Config, candidates: Sequence[Candidate], revision: str = "HEAD"
) -> Read:
    """Fill in what the candidates find in the agents' commits of a history."""
    corrected = frozenset().union(*(candidate.corrected for candidate in candidates))
    commits, complete = _commits(repo, config, revision, corrected)
    places: list[_Place] = []
    for diff in _diffs(str(repo.root), commits):
        for candidate in candidates:
            if diff.commit.sha in candidate.corrected:
                candidate.read.add(diff.commit.sha)
        places += _places(diff, candidates)
    for candidate in candidates:
        candidate.other_commits = len(commits) - len(candidate.read)
    _try(repo, places, corrected)
    return Read(len(commits), complete)


def _commits(
    repo: Repository, config: Config, revision: str, corrected: frozenset[str]
) -> tuple[list[Commit], bool]:
    """The newest commits of agents, and corrected ones; and whether these are all of history."""
    log = GitLog(str(repo.root), *NO_DIFFS, f"--max-count={MAX_COMMITS}", revision, "--")
    commits = [diff.commit for diff in log]
    single = [commit for commit in commits if len(commit.parents) < 2]
    classifier = CommitClassifier(config, repo)
    classifier.prefetch(single)
    chosen = [
        commit
        for commit in single
        if commit.sha in corrected or classifier.classify(commit).kind == "agent"
    ]
    return chosen, len(commits) < MAX_COMMITS


def _diffs(root: str, commits: Sequence[Commit]) -> Iterator[CommitDiff]:
    """What commits did; in a clone that lacks contents, to the files that it has."""
    for start in range(0, len(commits), _BATCH):
        left = list(commits[start : start + _BATCH])
        while left:
            for diff in GitLog.of_commits(root, *PLAIN, shas=[commit.sha for commit in left]):
                yield diff
                left.pop(0)
            if left:
                # Git stopped at this one.
                commit = left.pop(0)
                with suppress(GitError):
                    yield CommitDiff(commit, files_present(root, commit))


def _places(diff: CommitDiff, candidates: Sequence[Candidate]) -> Iterator[_Place]:
    sha = diff.commit.sha
    left = Counter(
        single_blanks(line) for file in diff.files for hunk in file.hunks for line in hunk.old
    )
    for file in diff.files:
        if file.new_path is None or file.binary:
            continue
        path = file.new_path.decode("utf-8", "surrogateescape")
        is_new = file.old_path is None
        fit = [
            candidate
            for candidate in candidates
            if any(matching.applies(rule, path, is_new=is_new) for rule in candidate.rules)
        ]
        pairs = list(_added(file))
        numbers = new_numbers(pairs, left)
        if not (fit and numbers) or b"\n" in file.new_path:
            continue
        kept = set(numbers)
        text = b"\n".join(line for number, line in pairs if number in kept)[:_MAX_ADDED]
        decoded = text.decode("utf-8", "replace")
        chosen = [candidate for candidate in fit if _may_find(candidate, decoded)]
        chosen = [c for c in chosen if sha in c.corrected or _takes(c)]
        if chosen:
            yield _Place(sha, file.new_path, tuple(numbers), is_new, chosen)


def _takes(candidate: Candidate) -> bool:
    """Whether one more file is read for a candidate; counts it."""
    is_read = candidate.files < MAX_FILES_OF_RULE
    candidate.files += is_read
    candidate.left_out += not is_read
    return is_read


def _added(file: FileDiff) -> Iterator[tuple[int, bytes]]:
    """The number in the new file, from 1, of each added line."""
    offset = 0
    for hunk in file.hunks:
        number = hunk.start + offset + 1
        for line in hunk.new:
            yield number, line
            number += 1
        offset += len(hunk.new) - len(hunk.old)


def _may_find(candidate: Candidate, text: str) -> bool:
    trigger = candidate.trigger
    if trigger["part"] == "path":
        return True
    if trigger["needs"]:
        return all(need in text for need in trigger["needs"])
    return re.search(trigger["pattern"], text, re.MULTILINE) is not None


def _try(repo: Repository, places: list[_Place], corrected: frozenset[str]) -> None:
    places.sort(key=lambda place: place.sha not in corrected)
    for place in places[_MAX_FILES:]:
        for candidate in place.candidates:
            if place.sha not in candidate.corrected:
                candidate.files -= 1
                candidate.left_out += 1
    for start in range(0, min(len(places), _MAX_FILES), _BATCH):
        part = places[start : min(start + _BATCH, _MAX_FILES)]
        names = (f"{place.sha}:{place.path.decode('utf-8', 'replace')}" for place in part)
        for place, data in zip(part, repo.small_blobs(names, _MAX_BYTES), strict=True):
            if data is not None:
                _try_file(place, data.decode("utf-8", "replace"))


def _try_file(place: _Place, text: str) -> None:
    path = place.path.decode("utf-8", "surrogateescape")
    every = [
        (candidate, rule)
        for candidate in place.candidates
        for rule in candidate.rules
        if matching.applies(rule, path, is_new=place.is_new)
    ]
    lines = text.split("\n")
    for index, line in matching.find_lines([rule for _, rule in every], text, place.added):
        sample = Sample(place.sha, path, line, lines[line - 1] if line <= len(lines) else "")
        every[index][0].spoke.setdefault(place.sha, []).append(sample)


def spoken(candidate: Candidate) -> tuple[int, int]:
    """In how many corrected commits it spoke, and in how many others."""
    among = len(candidate.spoke.keys() & candidate.read)
    return among, len(candidate.spoke) - among


def expected_in_others(candidate: Candidate) -> int:
    """In how many other commits it would speak if all files had been read, not a sample."""
    _, others = spoken(candidate)
    if not candidate.files:
        return others + candidate.left_out
    return round(others * (candidate.files + candidate.left_out) / candidate.files)
