"""What a coding agent said of cases that errata reports, or is not sure about."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.detector.outcomes import Outcome, judges, score
from bench.score import Label, row, share

JUDGED = Path(__file__).with_name("judged.jsonl")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the agent said of one case.

    Attributes:
        corrective: whether the person corrects an agent.
        type: one of the correction types; None if not corrective.
    """

    corrective: bool
    type: str | None


def read(path: Path = JUDGED) -> dict[str, Judgement]:
    """All judgements, by the key of the case."""
    rows = map(json.loads, path.read_text("utf-8").splitlines())
    return {row["key"]: Judgement(row["corrective"], row["type"]) for row in rows}


def table(
    outcomes: Sequence[Outcome],
    judgements: Mapping[str, Judgement],
    least: float,
    threshold: float,
) -> Iterator[str]:
    """errata alone, and after the agent's judgement, as Markdown.

    Args:
        least: the probability from which a case is in doubt.
        threshold: the probability from which errata reports it.
    """
    alone = judges(threshold)["errata"]

    def without_rejected(outcome: Outcome) -> Label:
        return alone(outcome) if _is_accepted(outcome, judgements, default=True) else None

    def with_accepted(outcome: Outcome) -> Label:
        if least <= outcome.probability < threshold:
            return (
                outcome.measured.type if _is_accepted(outcome, judgements, default=False) else None
            )
        return without_rejected(outcome)

    yield row("", "Commits to judge", "Precision", "Recall")
    yield "|---" * 4 + "|"
    reported = sum(outcome.probability >= threshold for outcome in outcomes)
    judged = sum(outcome.probability >= least for outcome in outcomes)
    rows = {
        "errata alone": (0, alone),
        "without what the agent rejects": (reported, without_rejected),
        "and with what it accepts of those in doubt": (judged, with_accepted),
    }
    for name, (number, judge) in rows.items():
        yield row(name, number, *score(outcomes, judge).shares()[:2])


def types(outcomes: Sequence[Outcome], judgements: Mapping[str, Judgement]) -> str:
    """How often the agent names the type that the readers name, in a sentence."""
    pairs = [
        (outcome.case.type, said.type)
        for outcome in outcomes
        if (said := judgements.get(outcome.case.key)) and said.corrective and outcome.case.type
    ]
    same = sum(label == said for label, said in pairs)
    return (
        f"The agent gives {share(same, len(pairs))} of the corrections that it recognises the type "
        "that the readers give them."
    )


def _is_accepted(outcome: Outcome, judgements: Mapping[str, Judgement], *, default: bool) -> bool:
    said = judgements.get(outcome.case.key)
    return said.corrective if said else default
