"""The figures of docs/accuracy.md, as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from bench.detector.labels import Case, agreement
from bench.detector.outcomes import Judge, Outcome, earlier_judges, judges, score
from bench.detector.repositories import language_of
from bench.score import row, share

BINS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
NOT_ATTRIBUTED = ("no lines of an agent", "no candidate")
"""Why errata is silent where it takes all lines for a person's."""
_FEWEST = 15
"""Groups with fewer cases are not shown."""


def data(cases: Sequence[Case], skipped: int) -> Iterator[str]:
    """How many cases there are, and how far their readers agree."""
    same, kappa = agreement(cases)
    repos = {case.repo for case in cases}
    corrective = sum(case.corrective for case in cases)
    both = [c for c in cases if c.readings[0].type and c.readings[1].type]
    types = sum(c.readings[0].type == c.readings[1].type for c in both)
    yield (
        f"{len(cases):,} cases of {len(repos)} repositories; {corrective} are corrections. "
        f"Two readers agree on {same:.3f} of them (kappa {kappa:.2f}), and on the type "
        f"of {types} of the {len(both)} that both call corrective. {skipped} could not be "
        "measured: objects are missing in the clones."
    )


def by_judge(outcomes: Sequence[Outcome], threshold: float) -> Iterator[str]:
    """errata beside its peers; beside the version before on the cases that this was asked about."""
    yield from _head("Judge", "Precision", "Recall", "Same type")
    for name, judge in judges(threshold).items():
        yield _scores(name, outcomes, judge)
    earlier = [outcome for outcome in outcomes if outcome.earlier]
    later = [outcome for outcome in outcomes if not outcome.earlier]
    for name, judge in earlier_judges(threshold).items():
        yield _scores(f"{name}, the {len(earlier):,} cases labelled first", earlier, judge)
    if later:
        judge = judges(threshold)["errata"]
        yield _scores(f"errata, the {len(later):,} cases labelled last", later, judge)


def _scores(name: str, outcomes: Sequence[Outcome], judge: Judge) -> str:
    counts = score(outcomes, judge)
    precision, recall, kind = counts.shares()
    has_types = any(predicted for _, predicted in counts.types)
    return row(name, precision, recall, kind if has_types else "-")


def by_group(outcomes: Sequence[Outcome], threshold: float) -> Iterator[str]:
    """errata on parts of the cases."""
    judge = judges(threshold)["errata"]
    yield from _head("Cases", "Number", "Precision", "Recall", "Same type")
    for name, chosen in _groups(outcomes):
        if len(chosen) >= _FEWEST:
            counts = score(chosen, judge)
            yield row(name, len(chosen), *counts.shares())


def reliability(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """How many are corrections of those with a probability in each range."""
    yield from _head("Probability", "Cases", "Mean probability", "Corrections")
    for low, high in pairwise(BINS):
        chosen = [
            o
            for o in outcomes
            if low <= o.probability < high or (high == 1.0 and o.probability == 1.0)
        ]
        if chosen:
            mean = sum(o.probability for o in chosen) / len(chosen)
            right = sum(o.case.corrective for o in chosen)
            yield row(
                f"{low:.1f} to {high:.1f}", len(chosen), f"{mean:.2f}", share(right, len(chosen))
            )


def by_threshold(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What other thresholds would give."""
    yield from _head("Probability from", "Precision", "Recall")
    for threshold in (0.5, 0.6, 0.7, 0.8, 0.9):
        yield row(f"{threshold:.1f}", *score(outcomes, judges(threshold)["errata"]).shares()[:2])


def doubtful(outcomes: Sequence[Outcome], least: float, threshold: float) -> str:
    """What somebody finds who looks at the cases of which errata is not sure, in a sentence."""
    unsure = [o for o in outcomes if least <= o.probability < threshold]
    right = sum(o.case.corrective for o in unsure)
    every = sum(o.case.corrective for o in outcomes)
    found = sum(o.case.corrective for o in outcomes if o.probability >= threshold)
    return (
        f"With a probability from {least:.1f} to {threshold:.1f}, {share(right, len(unsure))} are "
        f"corrections: `errata backfill --doubtful` lists them. Whoever looks at them finds "
        f"{share(found + right, every)} of all corrections, instead of {share(found, every)}."
    )


def types(outcomes: Sequence[Outcome], threshold: float) -> Iterator[str]:
    """Types of true positives: rows labelled, columns said."""
    counts = score(outcomes, judges(threshold)["errata"]).types
    names = sorted({name for pair in counts for name in pair})
    yield from _head("", *names)
    for label in names:
        yield row(label, *(counts[label, said] for said in names))


def _groups(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, list[Outcome]]]:
    def those(holds: Callable[[Outcome], bool]) -> list[Outcome]:
        return [outcome for outcome in outcomes if holds(outcome)]

    yield "all", list(outcomes)
    yield "those the readers are sure of", those(lambda o: o.case.certain)
    attributed = those(lambda o: o.measured.silent not in NOT_ATTRIBUTED)
    yield "with lines that errata attributes to an agent", attributed
    yield "teams", those(lambda o: not o.by_one_person)
    yield "mostly one person", those(lambda o: o.by_one_person)
    for name, holds in _KINDS.items():
        yield name, those(lambda o, holds=holds: holds(o))  # type: ignore[misc]
    languages = Counter(map(_language, outcomes))
    for name, _ in languages.most_common():
        yield name, those(lambda o, name=name: _language(o) == name)  # type: ignore[misc]


def _language(outcome: Outcome) -> str:
    return language_of(next(iter(outcome.case.files), ""))


_KINDS: Mapping[str, Callable[[Outcome], bool]] = {
    "the agent's own driver": lambda o: o.fact("same_person") > 0,
    "another person": lambda o: bool(o.measured.facts) and not o.fact("same_person"),
    "tests": lambda o: o.fact("test_share") >= 0.7,
    "documentation": lambda o: o.fact("prose_share") >= 0.7,
    "configuration files": lambda o: o.fact("configuration_share") >= 0.5,
    "one or two lines": lambda o: bool(o.measured.facts) and o.fact("touched") < 3,
    "40 lines and more": lambda o: o.fact("touched") >= 40,
    "only insertions": lambda o: o.fact("inserted_share") >= 1,
    "mostly removals": lambda o: o.fact("removed_share") >= 0.9,
    "one file": lambda o: o.fact("files") == 1,
    "10 files and more": lambda o: o.fact("files") >= 10,
    "within an hour": lambda o: o.hours < 1,
    "after more than a week": lambda o: bool(o.measured.facts) and o.hours >= 168,
}


def _head(*names: str) -> Iterator[str]:
    yield row(*names)
    yield "|---" * len(names) + "|"
