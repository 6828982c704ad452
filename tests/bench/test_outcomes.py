"""The verdicts on lessons are wrong no more often than the documentation promises."""

from __future__ import annotations

import math
import random
import re

import pytest
from bench.outcomes import evaluate_together, tables
from bench.outcomes.evaluate import run, scenarios
from bench.outcomes.histories import MIN_CONFIDENCE, MIN_OCCURRENCES, Scenario, simulate

from errata.core.config import Config
from errata.outcomes.effect import Verdict

PAGE = tables.PAGE.read_text("utf-8")
PROMISED = 0.025
HISTORIES = 250


def at_most(share: float, histories: int) -> float:
    """What a rate that is truly this share stays below in 999 of 1,000 runs."""
    return share + 3.1 * math.sqrt(share * (1 - share) / histories)


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario((0.05, 0.2), 150, 150, drift="drop"),
        Scenario((0.05, 0.2), 150, 150, drift="rise"),
        Scenario((0.02, 0.2), 150, 150, drift="fall", start="promoted"),
    ],
)
def test_no_effect_is_not_called_one(scenario: Scenario) -> None:
    figures = run("test", scenario, HISTORIES)
    assert figures.histories == HISTORIES
    assert figures.verdicts[Verdict.WORKS] <= at_most(PROMISED, HISTORIES)
    assert figures.verdicts[Verdict.GOT_WORSE] <= at_most(PROMISED, HISTORIES)
    assert figures.ratio_missed <= at_most(2 * PROMISED, HISTORIES)
    assert figures.difference_missed <= at_most(2 * PROMISED, HISTORIES)


@pytest.mark.parametrize(
    ("effect", "verdict", "wrong"),
    [
        (0.1, Verdict.WORKS, (Verdict.GOT_WORSE, Verdict.NO_EFFECT)),
        (2.5, Verdict.GOT_WORSE, (Verdict.WORKS,)),
    ],
)
def test_planted_effects_come_out(
    effect: float, verdict: Verdict, wrong: tuple[Verdict, ...]
) -> None:
    histories = 60
    figures = run("test", Scenario((0.15, 0.2), 500, 500, effect, "drop"), histories)
    assert figures.verdicts[verdict] > 0.6
    for other in wrong:
        assert figures.verdicts[other] <= at_most(PROMISED, histories)


def test_a_halving_comes_out_of_many_lessons() -> None:
    scenario = Scenario((0.1, 0.1), 60, 60, 0.4, "drop")
    assert evaluate_together.run("test", scenario, 8).verdicts[Verdict.WORKS] > 0.6


def test_results_are_the_same_in_every_run() -> None:
    scenario = Scenario((0.05, 0.2), 50, 50, drift="fall", start="promoted")
    first, second = (simulate(random.Random(7), scenario) for _ in range(2))
    assert first == second


def test_lessons_are_promoted_by_the_thresholds_of_the_settings() -> None:
    evolve = Config().evolve
    assert (evolve.min_occurrences, evolve.min_confidence) == (MIN_OCCURRENCES, MIN_CONFIDENCE)


# ------------------------------------------------------------------------------------ the page


def rows(name: str) -> list[list[str]]:
    lines = tables.table_in(PAGE, name).splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_page_has_the_table_of_power() -> None:
    assert tables.table_in(PAGE, "power") == tables.power_table()


def test_page_has_a_row_for_each_scenario() -> None:
    expected = [
        [label, tables.EFFECTS[scenario.effect], tables.commits(scenario)]
        for label, scenario in scenarios()
    ]
    assert [row[:3] for row in rows("simulation")] == expected


def test_figures_of_many_lessons_hold_what_the_page_promises() -> None:
    (repositories,) = re.findall(r"20 lessons together, (\d+) times a row", PAGE)
    limit = 100 * at_most(PROMISED, int(repositories))
    expected = [
        [label, tables.EFFECTS[scenario.effect], tables.commits(scenario)]
        for label, scenario in evaluate_together.scenarios()
    ]
    assert [row[:3] for row in rows("together")] == expected
    for _, planted, _, *cells in rows("together"):
        works, no_effect, worse, _, missed = (float(cell.strip("%")) for cell in cells[:5])
        assert works <= limit or planted == "halved"
        assert no_effect <= limit or planted == "none"
        assert max(worse, missed / 2) <= limit


def test_figures_of_the_page_hold_what_it_promises() -> None:
    (histories,) = re.findall(r"([\d,]+) histories a row", PAGE)
    limit = 100 * at_most(PROMISED, int(histories.replace(",", "")))
    for row in rows("simulation"):
        planted = row[1]
        works, no_effect, worse, _, missed, difference, *_ = (
            float(cell.strip("%")) for cell in row[3:9]
        )
        assert works <= limit or planted in ("halved", "to 10%"), row
        assert worse <= limit or planted == "doubled", row
        assert no_effect <= limit or planted in ("none", "doubled"), row
        assert max(missed, difference) <= 2 * limit, row
