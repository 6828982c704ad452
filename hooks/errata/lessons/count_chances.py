"""Count the chances: how many of the agents' commits could have called for each recurring edit."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from errata.lessons.agent_work import AddedLines, AgentWork, files_of
from errata.lessons.areas import language_of
from errata.lessons.chance_terms import Alternative, alternatives
from errata.lessons.chances_log import MAX_FACTS, MAX_LABEL, ByMonth, ChancesLine
from errata.lessons.corrected_commits import CorrectedCommit
from errata.lessons.count_places import by_month, count_places
from errata.lessons.facts import Form, form_of
from errata.lessons.kinds import Fact
from errata.records import instants

MIN_CORRECTIONS = 3
"""Edits that occur in fewer corrections are not counted."""


def count(
    work: AgentWork,
    corrections: Sequence[CorrectedCommit],
    template: Callable[[str], str | None],
    tip: str,
    paths: Iterable[str],
) -> ChancesLine:
    """The line of ``chances.jsonl`` for a history.

    Args:
        corrections: each once, also those of commits that are not in the history.
        template: kind -> the chance of ``rules/edits.toml``, None if there is no telling.
        tip: the object id that history was read from.
        paths: the files that are there now; only they can be hot spots.
    """
    known = {commit.sha for commit in work.commits}
    corrected = [row for row in corrections if row.sha in known]
    shas = {row.sha for row in corrected}
    files, folders = count_places(work, corrected, frozenset(paths))
    return ChancesLine(
        as_of=instants.iso(work.newest),
        commit=tip,
        agent_commits=by_month((commit, commit.sha in shas) for commit in work.commits),
        edits=_count_edits(work, corrections, template),
        kinds=_count_kinds(work, corrected, template),
        files=files.hottest(),
        folders=folders.hottest(),
        file_changes=files.total(),
        folder_changes=folders.total(),
        compared_files=len(files.comparable()),
        compared_folders=len(folders.comparable()),
    )


def _count_edits(
    work: AgentWork,
    corrections: Iterable[CorrectedCommit],
    template: Callable[[str], str | None],
) -> dict[str, ByMonth]:
    """For each edit that recurs: the commits that could have called for it, by month."""
    shas = defaultdict[str, list[str]](list)
    for row in corrections:
        for fact in row.facts:
            shas[fact].append(row.sha)
    wanted: dict[str, list[Alternative]] = {}
    for fact in sorted(shas, key=lambda fact: (-len(shas[fact]), fact)):
        # What was added there at all could have called for an edit that only has a place.
        in_place = form_of(fact) is Form.PLACE
        chance = ":any" if in_place else template(Fact.parse(fact).kind)
        if len(shas[fact]) < MIN_CORRECTIONS or len(wanted) == MAX_FACTS:
            break
        if chance is not None and len(fact) <= MAX_LABEL:
            wanted[fact] = alternatives(fact, chance)
    corrected = {fact: set(shas[fact]) for fact, terms in wanted.items() if terms}
    matcher = Matcher({fact: wanted[fact] for fact in corrected}, work.paths())
    chances = defaultdict[str, list[tuple[AddedLines, bool]]](list)
    for commit in work.commits:
        # A commit that was corrected was a chance, whatever the words say.
        called_for = {fact for fact, of_fact in corrected.items() if commit.sha in of_fact}
        for fact in called_for | matcher.facts(commit):
            chances[fact].append((commit, fact in called_for))
    return {fact: by_month(chances[fact]) for fact in sorted(chances)}


def _count_kinds(
    work: AgentWork,
    corrected: Iterable[CorrectedCommit],
    template: Callable[[str], str | None],
) -> dict[str, ByMonth]:
    """For each kind of edits with subjects: the names that agents added, by month."""
    pairs = defaultdict[str, set[tuple[str, str]]](set)
    for row in corrected:
        for fact in row.facts:
            kind = Fact.parse(fact).kind
            if form_of(fact) is Form.SUBJECT and "{" in (template(kind) or ""):
                pairs[kind].add((row.sha, fact))
    names = Counter[str]()
    for commit in work.commits:
        names[commit.month] += len(commit.words)
    months = {commit.sha: commit.month for commit in work.commits}
    counts = {}
    for kind in sorted(pairs):
        by_kind = Counter(months[sha] for sha, _ in pairs[kind])
        counts[kind] = {
            month: (max(count, by_kind[month]), by_kind[month])
            for month, count in sorted(names.items())
        }
    return counts


class Matcher:
    """Finds the facts that a commit could have called for.

    Args:
        wanted: the terms of each fact.
        paths: the paths of files by number.
    """

    def __init__(self, wanted: Mapping[str, list[Alternative]], paths: Sequence[str]) -> None:
        self._by_word = defaultdict[int, list[tuple[str, Alternative]]](list)
        self._without_words = defaultdict[str, list[tuple[str, Alternative]]](list)
        for fact, terms in wanted.items():
            for term in terms:
                if term.words:
                    self._by_word[min(term.words)].append((fact, term))
                else:
                    self._without_words[term.place].append((fact, term))
        self._words = frozenset(
            word for terms in wanted.values() for t in terms for word in t.words
        )
        self._languages = [language_of(path) for path in paths]
        self._paths = paths
        self._folders = [f"{PurePosixPath(path).parent}/" for path in paths]

    def facts(self, commit: AddedLines) -> set[str]:
        """The facts that a commit could have called for."""
        present = self._words.intersection(commit.words)
        added = self._added_by_place(commit)
        candidates = [item for place in added for item in self._without_words.get(place, ())]
        for word in present:
            candidates += self._by_word.get(word, ())
        return {
            fact
            for fact, term in candidates
            if term.words <= present
            and any(flags & term.flags == term.flags for flags in added.get(term.place, ()))
        }

    def _added_by_place(self, commit: AddedLines) -> Mapping[str, set[int]]:
        """Place -> what a commit added to the files there; "" stands for all places."""
        added = defaultdict[str, set[int]](set)
        for number, flags in files_of(commit):
            languages, folders, paths = self._languages, self._folders, self._paths
            for place in ("", languages[number], folders[number], paths[number]):
                added[place].add(flags)
        return added
