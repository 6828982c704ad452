"""Patterns as of one instant: what every command shows and promotion decides on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any

from errata.core.config import EVERYONE, Config
from errata.patterns import score, silence
from errata.patterns.categories import CATEGORY_OF_TYPE, category_of
from errata.patterns.columns import PatternColumns, Rejected, repeated
from errata.patterns.corpus import Corpus
from errata.patterns.curated_pattern import CuratedPattern
from errata.patterns.excerpts import Excerpt
from errata.patterns.facets import FacetCounts, most_frequent
from errata.patterns.figures import Figures
from errata.patterns.lesson import Lesson
from errata.patterns.route import Route, Router
from errata.patterns.sessions import SessionWeights, count_sessions
from errata.patterns.windows import Windows
from errata.records.injection import is_name, sign_in
from errata.records.model import DAY, FUTURE_TOLERANCE, Kind, Severity
from errata.records.pattern_names import known_patterns

_SAMPLE = 10
"""How many of the newest records describe a pattern and give examples of it."""


class Pattern:
    """One pattern as of ``windows.now``; everything about it is computed when asked for.

    Attributes:
        name: kebab-case.
        curated: what people decided about it.
        columns: all its occurrences.
        count: occurrences analysed (all, or those since ``since``).
        current, previous, before: occurrences in this window, the one before it, and earlier.
        is_whole: whether all its occurrences are analysed.
    """

    def __init__(
        self,
        name: str,
        corpus: Corpus,
        router: Router,
        windows: Windows,
        since: int | None,
        per_session: bool = True,
    ) -> None:
        self.name = name
        self._corpus, self._router, self._windows = corpus, router, windows
        self.columns: PatternColumns = corpus.occurrences.patterns[name]
        self.curated = CuratedPattern.of(corpus.curation, name)
        self._per_session = per_session
        self._low, self._end = self.columns.window(since, windows.until)
        # Positions where the current window and the previous one begin.
        self._current = min(self.columns.window(windows.start, windows.until)[0], self._end)
        self._previous = min(self.columns.window(windows.earlier, windows.until)[0], self._end)
        self.count = self._end - self._low
        self.current = self._end - self._current
        self.previous = self._current - self._previous
        self.before = self._previous
        self.is_whole = self.count == len(self.columns)
        if self.is_whole and (known := corpus.figures.unchanged(name, self.columns)):
            self.counts, self.weights = known.counts, known.weights
            self.category, self.derived_route = known.category, known.route
            self.services = known.services
            self.excerpts_by_place = known.excerpts_by_place
            if not self.lesson:
                self.derived_description, self.derived_fix = known.description, known.fix

    @property
    def figures(self) -> Figures:
        """What does not depend on the time, to be kept for the next run."""
        return Figures(
            digest=self._corpus.figures.digest(self.name, self.columns),
            counts=self.counts,
            weights=self.weights,
            category=self.category,
            route=self.derived_route,
            services=self.services,
            excerpts_by_place=self.excerpts_by_place,
            description=self.derived_description,
            fix=self.derived_fix,
        )

    @cached_property
    def counts(self) -> FacetCounts:
        """All analysed occurrences, by facet."""
        return self._corpus.facet_counts(self.name, self._low, self._end)

    @cached_property
    def weights(self) -> SessionWeights:
        """The weights of the analysed occurrences: by session, or by record if so configured."""
        if not self._per_session:
            return self._record_weights()
        return self._corpus.session_weights(self.name, self._low, self._end)

    def _record_weights(self) -> SessionWeights:
        return SessionWeights(self.counts.total, ((1, *self.counts.sums),))

    def analysed(self) -> Iterator[tuple[int, int]]:
        """(place, facets) of the analysed occurrences."""
        chosen = slice(self._low, self._end)
        return zip(self.columns.place[chosen], self.columns.facets[chosen], strict=True)

    @property
    def sessions(self) -> int:
        """The number that promotion counts; see :mod:`errata.patterns.sessions`."""
        return self.weights.count

    @cached_property
    def alarming(self) -> bool:
        """Whether it is rising or back, with enough occurrences, and not through one session."""
        urgent = (score.Trend.INCREASING, score.Trend.REGRESSED)
        if self.trend not in urgent or self.current < score.ALERT_OCCURRENCES:
            return False
        if not self._per_session:
            return True
        current = self._sessions_between(self._current, self._end)
        previous = self._sessions_between(self._previous, self._current)
        before = self._sessions_between(0, self._previous)
        trend = score.trend(current, previous, before)
        return current >= score.ALERT_OCCURRENCES and trend in urgent

    def _sessions_between(self, low: int, high: int) -> int:
        return count_sessions(self.columns.when[low:high], self.columns.session[low:high])

    @property
    def first(self) -> int:
        """Instant of the first occurrence ever."""
        return self.columns.when[0] if self.columns else self.last

    @property
    def last(self) -> int:
        """Instant of the newest occurrence; if it has none, when somebody wrote it."""
        if not self._end and self.curated.text:
            return self.curated.text.when
        return self.columns.when[self._end - 1]

    @cached_property
    def trend(self) -> score.Trend:
        """See :func:`errata.patterns.score.trend`."""
        if not len(self.columns):
            return score.Trend.QUIET
        could_recur = bool(self.current) or self._could_recur()
        return score.trend(self.current, self.previous, self.before, could_recur=could_recur)

    def _could_recur(self) -> bool:
        """Whether agents did enough for silence in the current window to mean something.

        Any pattern but a lesson needs a commit of an agent, unless nobody counted; and if only
        people and agents can tell what belongs to it, they must have named corrections meanwhile.
        """
        work, windows = self._corpus.work, self._windows
        if self.lesson is None:
            named_until = self._corpus.curation.named_until(self.name) or windows.now
            acted = work is None or work.agent_commits(windows.start, windows.now) != 0
            return acted and named_until > windows.start
        return (self.missed or 0.0) >= score.MEANINGFUL_SILENCE

    @cached_property
    def missed(self) -> float | None:
        """See :func:`errata.patterns.silence.missed`; None also if it is not a lesson."""
        work, lesson = self._corpus.work, self.lesson
        if work is None or lesson is None:
            return None
        return silence.missed(work, lesson, self.count, self.last, self._windows.now)

    @cached_property
    def confidence(self) -> score.Confidence:
        """See :func:`errata.patterns.score.confidence`."""
        return self._confidence(self.weights)

    @cached_property
    def confidence_of_records(self) -> score.Confidence:
        """The confidence if each record counted."""
        return self._confidence(self._record_weights())

    def _confidence(self, weights: SessionWeights) -> score.Confidence:
        return score.confidence(
            count=weights.count,
            expected=weights.expected,
            severity_sum=weights.severity,
            severity=self.lesson.severity if self.lesson else None,
            weight_sum=weights.weight,
            last=self.last,
            now=self._windows.now,
            services=len(self.counts.services),
            agents=len(self.counts.named_agents),
            places=self.lesson.places if self.lesson else 0,
            missed=self.missed,
        )

    @property
    def severity(self) -> Severity:
        """That of the lesson, else the most frequent one."""
        return (self.lesson and self.lesson.severity) or self.counts.severity

    @cached_property
    def category(self) -> str:
        """The most frequent one recorded; else by name, by type of correction, or convention."""
        categories = self.counts.categories
        if recorded := {name: n for name, n in categories.items() if is_name(name)}:
            return most_frequent(recorded)
        if named := category_of(self.name):
            return named
        if types := self.counts.correction_types:
            return CATEGORY_OF_TYPE.get(most_frequent(types), "convention")
        return "convention"

    @property
    def route(self) -> Route:
        """Who should learn it: those for whom somebody wrote it, else :attr:`derived_route`."""
        if text := self.curated.text:
            return Route((text.agent or EVERYONE,), f"{text.by} wrote it for them")
        return self.derived_route

    @cached_property
    def derived_route(self) -> Route:
        """Who should learn it by the rules."""
        counts = self.counts
        return self._router.route(
            self.name,
            category=self.category,
            affected=counts.affected_agents,
            authors=counts.corrected_agents,
            by_path=counts.path_agents,
            recorded=counts.recording_agents,
            learned=counts.learning_agents,
        )

    @property
    def excerpts(self) -> list[Excerpt]:
        """Excerpts of the newest records, newest first, without instructions to their reader.

        The same whatever the order of the lines.
        """
        return [excerpt for excerpt in self.excerpts_by_place.values() if excerpt]

    @cached_property
    def excerpts_by_place(self) -> dict[int, Excerpt | None]:
        """The newest records by place, newest first; None for an instruction to the reader."""
        newest = islice(self._newest_places(), _SAMPLE)
        corpus = self._corpus
        return {place: corpus.figures.excerpt(self.name, place, corpus.record) for place in newest}

    def _newest_places(self) -> Iterator[int]:
        """Places of the analysed records, newest first; those of one instant ordered by content."""
        end = self._end
        while end > self._low:
            same = self.columns.at(self.columns.when[end - 1])
            low = max(self._low, same.start)
            places = list(self.columns.place[low:end])
            if len(places) > 1:
                places.sort(key=lambda place: (self._corpus.canonical_line(place), place))
            yield from reversed(places)
            end = low

    @property
    def lesson(self) -> Lesson | None:
        """What a group of unnamed records teaches; without instruction if somebody wrote one."""
        lesson = self._corpus.lessons.get(self.name)
        if lesson and self.curated.text:
            return replace(lesson, instruction="", reason="")
        return lesson

    @property
    def shipped(self) -> bool:
        """Whether the description comes from a rule of errata, not from a log."""
        if self.curated.text:
            return False
        return self.name in known_patterns() or bool(self.lesson and self.lesson.instruction)

    @property
    def description(self) -> str:
        """What the pattern is, in a person's words if somebody wrote it."""
        return self.curated.description(self.derived_description if self.count else "")

    @property
    def fix(self) -> str:
        """What to do instead, in a person's words if somebody wrote it."""
        return self.curated.fix(self.description, self.derived_fix)

    @cached_property
    def derived_description(self) -> str:
        """What the pattern is: the rule's sentence for a known name, else that of a recent record.

        The record with the highest source weight counts; of equals the newest. There is none where
        the name, or every record, is an instruction to the reader. A lesson has its instruction
        instead; without one, only the words that its records share can be quoted.
        """
        if rule := known_patterns().get(self.name):
            return rule.description
        if sign_in(self.name.replace("-", " ")):
            return ""
        if (lesson := self.lesson) and (lesson.instruction or not lesson.words):
            return lesson.instruction
        best = max(self.excerpts, key=lambda excerpt: excerpt.weight, default=None)
        return best.text if best else ""

    @cached_property
    def derived_fix(self) -> str:
        """The newest suggested fix; "" if there is none, or an instruction says it."""
        if self.lesson and self.lesson.instruction:
            return ""
        return next((excerpt.fix for excerpt in self.excerpts if excerpt.fix), "")

    @cached_property
    def services(self) -> list[str]:
        """The services in which it was seen, sorted; text that cannot be a name is left out."""
        return sorted(name for name in self.counts.services if is_name(name))

    @property
    def tip(self) -> str:
        """pattern, anti-pattern or tip: what its learnings say if it has no other records."""
        if set(self.counts.kinds) == {Kind.LEARNING}:
            return most_frequent(self.counts.tips)
        return "anti-pattern"


@dataclass(frozen=True)
class Analysis:
    """All patterns at one moment.

    Attributes:
        windows: the moment and its windows.
        patterns: by name; those with an analysed occurrence, and those that somebody wrote.
        unnamed: the occurrences that no rule could name, as one pattern, or None.
        future: records left out because they are more than a day ahead of the moment.
        rejected: lines that are not valid, left out.
        repeated: what several patterns count of the same corrections, but for the first of them.
    """

    windows: Windows
    patterns: dict[str, Pattern]
    unnamed: Pattern | None
    future: int
    rejected: list[Rejected]
    repeated: FacetCounts

    def figures(self) -> dict[str, Figures]:
        """The figures to keep: those of the patterns that are analysed as a whole."""
        return {
            name: pattern.figures for name, pattern in self.patterns.items() if pattern.is_whole
        }

    def counts(self, facet: str) -> Counter[Any]:
        """The analysed records, named or not, each once, by a facet.

        Args:
            facet: a count of :class:`~errata.patterns.facets.FacetCounts`, such as ``kinds``.
        """
        total: Counter[Any] = Counter()
        for pattern in self.all():
            total.update(getattr(pattern.counts, facet))
        total.subtract(getattr(self.repeated, facet))
        return +total

    def all(self) -> Iterator[Pattern]:
        """Every pattern, and the unnamed occurrences as the last one."""
        yield from self.patterns.values()
        if self.unnamed:
            yield self.unnamed


def analyse(
    corpus: Corpus,
    config: Config,
    now: int,
    *,
    since: int | None = None,
    days: int | None = None,
    ahead: int = FUTURE_TOLERANCE,
) -> Analysis:
    """Analyse the corpus as of ``now`` (microseconds UTC).

    Args:
        since: analyse only the last so many days; trends always compare whole windows.
        days: length of the windows; default as configured.
        ahead: how far past ``now`` a record may be; 0 where ``now`` is itself a record's instant.
    """
    windows = Windows(now, days or config.evolve.window_days, ahead)
    after = None if since is None else now - since * DAY
    router = Router(config)
    patterns, future = {}, 0
    for name, columns in sorted(corpus.occurrences.patterns.items()):
        future += len(columns) - columns.window(None, windows.until)[1]
        pattern = Pattern(name, corpus, router, windows, after, config.evolve.per_session)
        if pattern.count or pattern.curated.text:
            patterns[name] = pattern
    unnamed = patterns.pop("", None)
    rows = (pattern.analysed() for pattern in patterns.values())
    again = FacetCounts.of(repeated(corpus.shared, rows), corpus.occurrences.facets)
    return Analysis(windows, patterns, unnamed, future, corpus.rejected, again)
