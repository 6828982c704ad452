"""Which agents' commits the records of a repository are about: by commit, file or feature."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from errata.lessons.agent_work import AgentWork, files_of
from errata.lessons.described import described
from errata.patterns.corpus import Corpus
from errata.provenance.identity import Provenance
from errata.records.model import DAY, Kind

_COUNTED = frozenset((Kind.CORRECTION, Kind.FINDING, Kind.INCIDENT))
"""A learning says what an agent found out, not that it did something again."""
Timed = list[tuple[int, str]]
"""Instants and object ids of commits, in ascending order."""


class CommitFinder:
    """Puts a record to the agent's commit that it is about.

    Args:
        work: agents' commits.
        makers: who made each.
        window: how long after a commit a record can be about it (microseconds).
    """

    def __init__(self, work: AgentWork, makers: Mapping[str, Provenance], window: int) -> None:
        self._work = work
        self._makers = makers
        self._window = window

    def find(self, when: int, record: Mapping[str, Any]) -> str:
        """The object id of the commit that a record is about; "" if none is found.

        It is the one that the record names. Otherwise it is the newest commit in the window before
        the record that changed one of its files, or else that has its ``Feature:`` trailer.
        """
        action = _mapping(record.get("ai_action"))
        if sha := _text(action.get("commit")):
            return sha if sha in self._shas else ""
        # A plain date means its midnight, but the commit may be of the same day.
        limit = when + DAY - 1 if when % DAY == 0 else when
        span = when - self._window, limit
        newest = [_newest(self._by_path.get(name, []), *span) for name in _files(record)]
        if not any(sha for _, sha in newest):
            feature = record.get("feature_id") or _mapping(record.get("context")).get("feature_id")
            newest = [_newest(self._by_feature.get(_text(feature), []), *span)]
        return max(newest, default=(0, ""))[1]

    @cached_property
    def _shas(self) -> frozenset[str]:
        return frozenset(commit.sha for commit in self._work.commits)

    @cached_property
    def _by_path(self) -> Mapping[str, Timed]:
        paths = self._work.paths()
        return _sorted(
            (paths[number], (commit.time, commit.sha))
            for commit in self._work.commits
            for number, _ in files_of(commit)
        )

    @cached_property
    def _by_feature(self) -> Mapping[str, Timed]:
        features = ((commit, self._makers.get(commit.sha)) for commit in self._work.commits)
        return _sorted(
            (maker.feature, (commit.time, commit.sha))
            for commit, maker in features
            if maker and maker.feature
        )


class Repetition(NamedTuple):
    """A record about an agent's commit.

    Attributes:
        pattern: its name; "" for none.
        facts: of the edit, with coarser forms.
    """

    sha: str
    pattern: str
    facts: frozenset[str]


def repetitions(corpus: Corpus, finder: CommitFinder) -> list[Repetition]:
    """The corrections, findings and incidents that match an agent's commit."""
    return [
        Repetition(sha, name, described(0, 0, 0, corpus.kind(place), record).facts)
        for name, columns in corpus.occurrences.patterns.items()
        for when, place in zip(columns.when, columns.place, strict=True)
        if corpus.kind(place) in _COUNTED
        and (record := corpus.fields(place))
        and (sha := finder.find(when, record))
    ]


def repeated(
    rows: Iterable[Repetition], names: Collection[str], facts: Collection[str]
) -> Counter[str]:
    """Agents' commits that repeated a lesson -> the records that say so.

    Args:
        names: under which a record of it may be.
        facts: that all its corrections have in common; none if that is not known. A record has at
            most one name, that of the most specific lesson, but repeats every one that it fits.
    """
    wanted = frozenset(facts)
    return Counter(
        row.sha for row in rows if row.pattern in names or (wanted and wanted <= row.facts)
    )


def _newest(commits: Timed, start: int, limit: int) -> tuple[int, str]:
    """The newest commit from an instant up to another one; (0, "") if there is none."""
    index = bisect_right(commits, (limit, "~"))
    newest = commits[index - 1] if index else (0, "")
    return newest if newest[0] >= start else (0, "")


def _sorted(rows: Iterable[tuple[str, tuple[int, str]]]) -> Mapping[str, Timed]:
    by_key = defaultdict[str, Timed](list)
    for key, commit in rows:
        by_key[key].append(commit)
    for commits in by_key.values():
        commits.sort()
    return by_key


def _files(record: Mapping[str, Any]) -> Iterator[str]:
    """The files that a record names, without the number of a line."""
    reply = _mapping(record.get("user_correction")).get("files")
    names = [record.get("file"), _mapping(record.get("ai_action")).get("file")]
    names += reply if isinstance(reply, list) else ()
    for name in filter(None, map(_text, names)):
        yield name
        if ":" in name:
            yield name.partition(":")[0]


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
