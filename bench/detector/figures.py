"""Puts the figures of the detector together, and into docs/accuracy.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.detector import judged, labels, measure, report, repositories
from bench.detector.labels import Case
from bench.detector.measure import Measured
from bench.detector.outcomes import Outcome, is_measured, probabilities
from bench.detector.train import Model
from bench.detector.weights_file import PROBABILITY
from bench.score import Label
from errata import rules
from errata.corrections.classify.evidence import set_by_hand

PREVIOUS = Path(__file__).with_name("previous.jsonl")
DOCS = Path(__file__).parents[2] / "docs" / "accuracy.md"
_BLOCK = re.compile(
    r"(?<=<!-- figures of the detector -->\n).*?(?=<!-- end of the figures -->)", re.S
)


def lines() -> Iterator[str]:
    """All tables, as Markdown."""
    cases, measured = labels.read(), measure.read()
    yield from report.data(cases, sum(bool(row.skipped) for row in measured.values()))
    usable = [case for case in cases if not measured[case.key].skipped]
    tuning = [case for case in usable if case.part == "tuning"]
    held = [case for case in usable if case.part == "held-back"]
    learned = outcomes(tuning, measured, probabilities(tuning, measured))
    unseen = outcomes(held, measured, _by_weights_file(held, measured))
    for title, chosen in ((_TUNING, learned), (_HELD, unseen)):
        repos = len({outcome.case.repo for outcome in chosen})
        yield from ("", title.format(cases=len(chosen), repos=repos), "")
        yield from report.by_judge(chosen, PROBABILITY)
    for title, chosen in ((_TUNING_PARTS, learned), (_HELD_PARTS, unseen)):
        yield from ("", title, "")
        yield from report.by_group(chosen, PROBABILITY)
    for title, chosen in ((_RELIABLE, learned), (_RELIABLE_HELD, unseen)):
        yield from ("", title, "")
        yield from report.reliability(chosen)
    least = rules.load("evidence")["doubtful_from"]
    yield from ("", report.doubtful(unseen, least, PROBABILITY))
    judgements = judged.read()
    yield from ("", _JUDGED, "")
    yield from judged.table(unseen, judgements, least, PROBABILITY)
    yield from ("", judged.types(unseen, judgements))
    last = [outcome for outcome in unseen if not outcome.earlier]
    yield from ("", _JUDGED_LAST.format(cases=len(last)), "")
    yield from judged.table(last, judgements, least, PROBABILITY)
    yield from ("", judged.types(last, judgements))
    yield from ("", _OTHER, "")
    yield from report.by_threshold(learned)
    yield from ("", _TYPES, "")
    yield from report.types(learned, PROBABILITY)


_TUNING = (
    "The tuning part, {cases} cases from {repos} repositories. Each repository is judged by "
    "weights that were learned from the others:"
)
_HELD = (
    "The part that was held back, {cases} cases from {repos} other repositories, judged by the "
    "weights that come with errata:"
)
_TUNING_PARTS = "The tuning part in groups:"
_HELD_PARTS = "The part that was held back in groups:"
_RELIABLE = "How far the probability can be trusted, in the tuning part:"
_RELIABLE_HELD = "And in the part that was held back:"
_JUDGED = (
    "A coding agent judged those cases of the part that was held back that errata reports or is "
    "not sure about, by the definition that `/corrections --analyze` gives it, without the labels. "
    "What is left if people agree with it:"
)
_JUDGED_LAST = "The same for the {cases} cases labelled last:"
_OTHER = "What other thresholds would give, in the tuning part:"
_TYPES = "Types in the tuning part (rows by the readers, columns by errata):"


def write() -> None:
    """Write the tables between the marks in docs/accuracy.md."""
    text = DOCS.read_text("utf-8")
    block = "\n" + "\n".join(lines()) + "\n\n"
    DOCS.write_text(_BLOCK.sub(lambda _: block, text), "utf-8")


def outcomes(
    cases: Sequence[Case], measured: dict[str, Measured], chances: dict[str, float]
) -> list[Outcome]:
    """The cases with what is known of them."""
    before, repos = previous(), repositories.read()
    return [
        Outcome(
            case,
            measured[case.key],
            chances[case.key],
            before.get(case.key),
            repos[case.repo].by_one_person,
            case.key in before,
        )
        for case in cases
    ]


def previous() -> dict[str, Label]:
    """What the version before said of each case."""
    rows = [json.loads(line) for line in PREVIOUS.read_text("utf-8").splitlines()]
    return {row["key"]: row["type"] for row in rows}


def _by_weights_file(cases: Sequence[Case], measured: dict[str, Measured]) -> dict[str, float]:
    table = rules.load("evidence_weights")
    model = Model(table["start"], {**table["weights"], **set_by_hand()})
    return {
        case.key: model.probability(measured[case.key].held)
        if is_measured(measured[case.key])
        else 0.0
        for case in cases
    }
