"""Measure rules on history: in which of the agents' commits they would have spoken.

One pass over the newest commits finds the added lines in which a rule may find something; the files
around them are then read and parsed. Both are bounded, and the figures say what was read. A commit
with a file that could not be read does not count for the rules that may find something there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import compress
from operator import not_
from typing import TYPE_CHECKING, Any, NamedTuple

from errata.checks import matching
from errata.checks.staged_lines import new_numbers, single_blanks
from errata.core.errors import GitError
from errata.corrections.attribution.diff import CommitDiff
from errata.corrections.attribution.git_log import NO_DIFFS, PLAIN, GitLog
from errata.corrections.attribution.missing_objects import read_present
from errata.corrections.commit_classifier import CommitClassifier
from errata.records import instants

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
MAX_BYTES = 400_000
"""Of a file; a longer one is not read."""
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
        unread: the agents' commits with a file in which it may find something and that could not
            be read: its content is not in this clone, or is too long.
        read: those of ``corrected`` that were read.
        other_commits: how many other commits of agents were read for it.
        files, left_out: of these, in which it may find something: were read, and were not because
            there are too many.
    """

    rules: Sequence[Rule]
    trigger: Mapping[str, Any]
    corrected: frozenset[str]
    spoke: dict[str, list[Sample]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
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
        unread: those of the commits that were not read completely; a candidate that may find
            something in the rest of such a commit does not count it.
        newest: when the newest commit was made, of whomever (microseconds UTC); 0 without one.
    """

    commits: int
    complete: bool
    unread: int = 0
    newest: int = 0


def measure(
    repo: Repository,
    config: Config,
    candidates: Sequence[Candidate],
    revision: str = "HEAD",
    *,
    now: int = instants.END,
    window: int = 0,
) -> Read:
    """Fill in what the candidates find in the agents' commits of a history.

    Args:
        now: the latest instant that a commit can be from, whatever its clock said.
        window: how long people may take to correct a commit (microseconds). What was committed in
            such a time before the newest commit does not count, corrected or not: of the rest of
            it, nobody knows yet.
    """
    corrected = frozenset().union(*(candidate.corrected for candidate in candidates))
    known = _newest_commits(repo, revision)
    newest = max((min(commit.committer_time, now) for commit in known), default=0)
    old = (commit for commit in known if min(commit.author_time, now) <= newest - window)
    commits = _of_agents(repo, config, old, corrected)
    places: list[_Place] = []
    read: set[str] = set()
    for diff in _diffs(str(repo.root), commits):
        read.add(diff.commit.sha)
        places += _places(diff, candidates)
        for path in diff.unknown:
            _leave_out(diff.commit.sha, _fit(candidates, _text(path)))
    _try(repo, places, corrected)
    unread = {commit.sha for commit in commits} - read
    for candidate in candidates:
        counted = read - (candidate.unread - candidate.spoke.keys())
        candidate.read = counted & candidate.corrected
        candidate.other_commits = len(counted) - len(candidate.read)
        unread |= read - counted
    return Read(len(commits), len(known) < MAX_COMMITS, len(unread), newest)


def _newest_commits(repo: Repository, revision: str) -> list[Commit]:
    log = GitLog(str(repo.root), *NO_DIFFS, f"--max-count={MAX_COMMITS}", revision, "--")
    return [diff.commit for diff in log]


def _of_agents(
    repo: Repository, config: Config, commits: Iterable[Commit], corrected: frozenset[str]
) -> list[Commit]:
    """The commits of agents, and corrected ones, without merges."""
    single = [commit for commit in commits if len(commit.parents) < 2]
    classifier = CommitClassifier(config, repo)
    classifier.prefetch(single)
    return [
        commit
        for commit in single
        if commit.sha in corrected or classifier.classify(commit).kind == "agent"
    ]


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
                    yield read_present(root, commit)


def _places(diff: CommitDiff, candidates: Sequence[Candidate]) -> Iterator[_Place]:
    sha = diff.commit.sha
    left = Counter(
        single_blanks(line) for file in diff.files for hunk in file.hunks for line in hunk.old
    )
    for file in diff.files:
        if file.new_path is None or file.binary:
            continue
        is_new = file.old_path is None
        fit = _fit(candidates, _text(file.new_path), is_new=is_new)
        pairs = list(_added(file))
        numbers = new_numbers(pairs, left)
        if not (fit and numbers):
            continue
        kept = set(numbers)
        text = b"\n".join(line for number, line in pairs if number in kept)
        decoded = text[:_MAX_ADDED].decode("utf-8", "replace")
        may_find = [_may_find(candidate, decoded) for candidate in fit]
        chosen = list(compress(fit, may_find))
        if len(text) > _MAX_ADDED:
            _leave_out(sha, compress(fit, map(not_, may_find)))
        if b"\n" in file.new_path:
            # Git is asked for one file a line.
            _leave_out(sha, chosen)
            continue
        chosen = [c for c in chosen if sha in c.corrected or _takes(c)]
        if chosen:
            yield _Place(sha, file.new_path, tuple(numbers), is_new, chosen)


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")


def _fit(
    candidates: Sequence[Candidate], path: str, *, is_new: bool | None = None
) -> list[Candidate]:
    """Those with a rule for a file; None if it is not known whether that is new."""
    kinds = (True, False) if is_new is None else (is_new,)
    return [
        candidate
        for candidate in candidates
        if any(matching.applies(rule, path, is_new=k) for rule in candidate.rules for k in kinds)
    ]


def _leave_out(sha: str, candidates: Iterable[Candidate]) -> None:
    """Note that a file of a commit was not read for them."""
    for candidate in candidates:
        candidate.unread.add(sha)


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
            if place.sha in candidate.corrected:
                candidate.unread.add(place.sha)
            else:
                candidate.files -= 1
                candidate.left_out += 1
    for start in range(0, min(len(places), _MAX_FILES), _BATCH):
        part = places[start : min(start + _BATCH, _MAX_FILES)]
        names = (f"{place.sha}:{_text(place.path)}" for place in part)
        for place, data in zip(part, repo.small_blobs(names, MAX_BYTES), strict=True):
            if data is not None:
                _try_file(place, data.decode("utf-8", "replace"))
                continue
            _leave_out(place.sha, place.candidates)
            for candidate in place.candidates:
                candidate.files -= place.sha not in candidate.corrected


def _try_file(place: _Place, text: str) -> None:
    path = _text(place.path)
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
