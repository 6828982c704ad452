"""What errata and its peers say of the labelled cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.detector.labels import Case
from bench.detector.measure import Measured
from bench.detector.train import Row, leave_one_out
from bench.score import Label, Score

_SURE, _UNSURE = 1.0, 0.5


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case with what was measured and how likely errata thinks it.

    Attributes:
        probability: 0 where errata is silent whatever the weights.
        previous: the type that the version before gave it; None if it was silent or not asked.
        earlier: whether the version before was asked: the case is one of those labelled first.
        by_one_person: whether one person makes nearly all commits of the repository.
    """

    case: Case
    measured: Measured
    probability: float
    previous: Label
    by_one_person: bool
    earlier: bool = True

    @property
    def hours(self) -> float:
        """From the agent's commit to the person's."""
        return (self.measured.facts or {}).get("hours", 1e9)

    def fact(self, name: str) -> float:
        """A number that was measured; 0 if nothing was."""
        return (self.measured.facts or {}).get(name, 0.0)


Judge = Callable[[Outcome], Label]


def row_of(case: Case, measured: Measured) -> Row:
    """A case to learn from; doubtful ones count half."""
    weight = _SURE if case.certain else _UNSURE
    return Row(frozenset(measured.held), case.corrective, weight)


def is_measured(measured: Measured) -> bool:
    """Whether the weights decide on a case."""
    return not measured.skipped and not measured.silent


def probabilities(cases: Sequence[Case], measured: Mapping[str, Measured]) -> dict[str, float]:
    """Of each case, by weights learned from all other repositories."""
    groups: dict[str, list[Row]] = {}
    keys: dict[str, list[str]] = {}
    for case in cases:
        if is_measured(measured[case.key]):
            groups.setdefault(case.repo, []).append(row_of(case, measured[case.key]))
            keys.setdefault(case.repo, []).append(case.key)
    result = {case.key: 0.0 for case in cases}
    for repo, values in leave_one_out(groups).items():
        result |= zip(keys[repo], values, strict=True)
    return result


def judges(threshold: float) -> dict[str, Judge]:
    """errata and its peers by name; a judge that knows no types says ""."""
    return {
        "errata": lambda o: o.measured.type if o.probability >= threshold else None,
        "words of repair": lambda o: "" if "words-of-repair" in o.measured.held else None,
        "within 24 hours": lambda o: "" if o.hours < 24 else None,
        "every touch": lambda _: "",
    }


def earlier_judges(threshold: float) -> dict[str, Judge]:
    """errata and what was asked of the earlier cases only, by name."""
    return {
        "errata": judges(threshold)["errata"],
        "the table of weights before": lambda o: o.previous,
    }


def score(outcomes: Sequence[Outcome], judge: Judge) -> Score:
    """Count what a judge says of outcomes."""
    return Score.of((o.case.type, judge(o)) for o in outcomes)
