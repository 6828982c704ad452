"""From lessons to proposed checks: rules, their tests, and what history says about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from errata.checks import languages, matching, measure, rule_file, rule_text, templates
from errata.checks.measure import Candidate, Sample
from errata.lessons import triggers
from errata.lessons.corrected_commits import CorrectedCommit, read_corrected
from errata.lessons.instructions import lead_fact
from errata.lessons.statistics import wilson
from errata.messages.redact import redact
from errata.records.injection import sign_in
from errata.records.instants import day
from errata.records.model import DAY

if TYPE_CHECKING:
    from errata.core.config import Config
    from errata.core.git import Repository
    from errata.patterns.corpus import Corpus
    from errata.patterns.lesson import Lesson

MIN_CORRECTED = 3
"""The fewest corrected commits of agents in the history for a rule to be judged."""
MIN_COVERAGE = 0.5
"""The least share of the corrected commits in which a proposed rule would have spoken."""
MIN_PRECISION = 0.5
"""The least share that corrected commits have of those in which it would have spoken."""
MIN_CERTAIN = 1 / 3
"""The least lower limit of the 95% interval of that share: of few commits, most must be right."""
_MAX_TESTS = 5
_MAX_LINE = 160
# A handler cannot be parsed by itself.
_AROUND = ("{}", "try:\n    pass\n{}", "try:\n    pass\n{}\n    pass", "try {{\n{}\n}}")


@dataclass(frozen=True, slots=True)
class Figures:
    """What history says about a rule, in commits of agents.

    Attributes:
        corrected: those that were corrected for the lesson.
        spoke: those of them in which it would have spoken.
        others: all others that were read.
        spoke_in_others: those of them in which it would have spoken.
        expected_in_others: those of them in which it would speak as far as a sample tells; None if
            all were read.
        until: the day of the newest commit of the history; "" if that is not known.
    """

    corrected: int = 0
    spoke: int = 0
    others: int = 0
    spoke_in_others: int = 0
    expected_in_others: int | None = None
    until: str = ""

    @property
    def rest(self) -> int:
        """How many commits it would speak in that nobody corrected, as far as is known."""
        expected = self.expected_in_others
        return self.spoke_in_others if expected is None else expected

    @property
    def coverage(self) -> float:
        """The share of the corrected commits in which it would have spoken."""
        return self.spoke / self.corrected if self.corrected else 0.0

    @property
    def precision(self) -> float:
        """The share of corrected commits among those in which it would have spoken."""
        every = self.spoke + self.rest
        return self.spoke / every if every else 0.0

    def to_fields(self) -> dict[str, Any]:
        """As the metadata of a rule."""
        return {
            "corrected-commits": self.corrected,
            "spoke-in-corrected": self.spoke,
            "other-commits": self.others,
            "spoke-in-others": self.spoke_in_others,
            **({} if self.expected_in_others is None else {"sample": True}),
            **({"measured-until": self.until} if self.until else {}),
        }


@dataclass(frozen=True, slots=True)
class Proposal:
    """A check for a lesson, or why there is none.

    Attributes:
        reason: why nothing is proposed; "" if something is.
        documents: the rules, with their figures.
        tests: one for each rule, as ast-grep has them.
        samples: lines in which it would have spoken in commits that were not corrected for it.
    """

    name: str
    instruction: str
    reason: str = ""
    documents: list[dict[str, Any]] = field(default_factory=list)
    tests: list[dict[str, Any]] = field(default_factory=list)
    figures: Figures = field(default_factory=Figures)
    samples: list[Sample] = field(default_factory=list)
    is_checkable: bool = True


def propose(
    repo: Repository,
    config: Config,
    corpus: Corpus,
    lessons: Sequence[Lesson],
    now: int,
    revision: str = "HEAD",
) -> tuple[list[Proposal], measure.Read]:
    """A proposal for each lesson, in their order, and what was read of the history.

    Args:
        now: the latest instant that a commit can be from, whatever its clock said.
        revision: the commit up to which history is read.
    """
    drafts = {lesson.name: templates.documents(lesson) for lesson in lessons}
    candidates: dict[str, Candidate] = {}
    corrected = read_corrected(corpus)
    for lesson in lessons:
        if not (documents := drafts[lesson.name]):
            continue
        rules = [rule for text in map(rule_text.dump, documents) for rule in rule_file.read(text)]
        candidates[lesson.name] = Candidate(
            rules, triggers.of_lesson(lesson), corrected_commits(corpus, lesson, corrected)
        )
    read = measure.Read(0, complete=True)
    if candidates and repo.git_dir is not None:
        window = config.capture.window_days * DAY
        read = measure.measure(
            repo, config, [*candidates.values()], revision, now=now, window=window
        )
    every = [
        _proposal(config, corpus, lesson, drafts[lesson.name], candidates.get(lesson.name), read)
        for lesson in lessons
    ]
    return every, read


def corrected_commits(
    corpus: Corpus, lesson: Lesson, corrected: Sequence[CorrectedCommit]
) -> frozenset[str]:
    """The agents' commits that were corrected for a lesson, also beside something else.

    A correction of several things is a member of one lesson; its facts tell of the others.
    """
    columns = corpus.occurrences.patterns[lesson.name]
    members = (CorrectedCommit.from_record(corpus.fields(place)).sha for place in columns.place)
    lead = lead_fact(lesson.facts)
    others = (row.sha for row in corrected if lead in row.facts)
    return frozenset(filter(None, (*members, *others)))


def _proposal(
    config: Config,
    corpus: Corpus,
    lesson: Lesson,
    documents: list[dict[str, Any]],
    candidate: Candidate | None,
    read: measure.Read,
) -> Proposal:
    if candidate is None:
        reason = (
            "a rule cannot see this in the text of an edit"
            if not templates.is_checkable(lesson)
            else "no rule for this kind of edit in these languages"
        )
        return Proposal(
            lesson.name, lesson.instruction, reason, is_checkable=templates.is_checkable(lesson)
        )
    figures = _figures(candidate, read)
    tests = [
        _test(corpus, lesson.name, document, rule, candidate)
        for document, rule in zip(documents, candidate.rules, strict=True)
    ]
    # Of the languages that are corrected alike, those in which nothing was seen are guesses.
    shown = [index for index, test in enumerate(tests) if test["invalid"]]
    reason = _reason(figures, config.capture.window_days, has_example=bool(shown))
    for document in documents:
        document["metadata"] |= figures.to_fields()
    return Proposal(
        lesson.name,
        lesson.instruction,
        reason,
        documents,
        [tests[index] for index in shown],
        figures,
        [
            samples[0]
            for sha, samples in sorted(candidate.spoke.items())
            if sha not in candidate.read
        ],
    )


def _figures(candidate: Candidate, read: measure.Read) -> Figures:
    spoke, others = measure.spoken(candidate)
    expected = measure.expected_in_others(candidate) if candidate.left_out else None
    until = day(read.newest) if read.newest > 0 else ""
    return Figures(len(candidate.read), spoke, candidate.other_commits, others, expected, until)


def _reason(figures: Figures, days: int, *, has_example: bool) -> str:
    """Why a rule is not proposed; "" if it is.

    Args:
        days: the capture window.
    """
    if figures.corrected < MIN_CORRECTED:
        return (
            f"only {figures.corrected} corrected commits of agents are in this history before its "
            f"last {days} days; at least {MIN_CORRECTED} are needed"
        )
    if figures.coverage < MIN_COVERAGE:
        return f"would have spoken in only {figures.spoke} of {figures.corrected} corrected commits"
    every = figures.spoke + figures.rest
    if figures.precision < MIN_PRECISION or wilson(figures.spoke, every)[0] < MIN_CERTAIN:
        about = "" if figures.expected_in_others is None else "about "
        return (
            f"would have spoken in {about}{figures.rest} commits that nobody corrected for "
            f"this, and in {figures.spoke} that somebody did"
        )
    return "" if has_example else "the rule matches none of the corrected examples"


def _test(
    corpus: Corpus,
    name: str,
    document: dict[str, Any],
    rule: rule_file.Rule,
    candidate: Candidate,
) -> dict[str, Any]:
    """The test of a rule: what people corrected, and what they made of it."""
    before: dict[str, None] = {}
    after: dict[str, None] = {}
    if not rule["new"]:
        for file, old, new in _examples(corpus, name):
            if rule["language"] in (languages.TEXT, languages.of_path(file)):
                before[old], after[new] = None, None
    invalid = [whole for text in before if (whole := _parsable(rule, text))]
    valid = [text for text in after if text and not matching.matches(rule, text)]
    if len(invalid) < _MAX_TESTS:
        invalid += [text for text in _lines(candidate, rule) if text not in invalid]
    return {"id": document["id"], "valid": valid[:_MAX_TESTS], "invalid": invalid[:_MAX_TESTS]}


def _parsable(rule: rule_file.Rule, text: str) -> str:
    """A text around lines in which a rule finds something; "" if it finds nothing."""
    around = (form.format(text) for form in _AROUND if text)
    return next((whole for whole in around if matching.matches(rule, whole)), "")


def _examples(corpus: Corpus, name: str) -> Iterator[tuple[str, str, str]]:
    """(file, before, after) of the members of a pattern, the newest first."""
    from errata.lessons.members import members_of

    for member in members_of(corpus, name):
        for example in member.examples:
            texts = "\n".join(example.before), "\n".join(example.after)
            if not any(map(sign_in, texts)):
                yield example.file, *texts


def _lines(candidate: Candidate, rule: rule_file.Rule) -> Iterator[str]:
    """Lines of corrected commits in which a rule finds something by themselves."""
    for sha in sorted(candidate.spoke.keys() & candidate.read):
        for sample in candidate.spoke[sha]:
            text = redact(sample.text.strip())
            if len(text) > _MAX_LINE or sign_in(text) or not text:
                continue
            if rule["new"]:
                yield sample.path
            elif matching.applies(rule, sample.path) and (whole := _parsable(rule, text)):
                yield whole
