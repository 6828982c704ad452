"""What ``errata explain`` says of a pattern whose corrections are in doubt."""

from __future__ import annotations

import json
from collections.abc import Callable
from subprocess import CompletedProcess
from typing import Any

from record_builders import AS_OF, CORRECTIONS, correction

Errata = Callable[..., CompletedProcess[str]]
NAME = "missing-widget-check"
AT = ("--as-of", AS_OF)


def log(repo: Any, *probabilities: float | None) -> None:
    """A log of implicit corrections of one pattern, one a day."""
    rows = []
    for day, probability in enumerate(probabilities, 1):
        known = {} if probability is None else {"probability": probability}
        rows.append(correction(day, source="implicit", severity="high", **known))
    repo.jsonl(CORRECTIONS, *rows)


def test_the_terms_say_how_many_are_expected(repo: Any, errata: Errata) -> None:
    log(repo, 0.72, 0.672, 0.4, None)
    output = errata("explain", NAME, *AT).stdout
    assert "0.35 x 0.3200 = 0.1120   min(3.2 / 10, 1), expected 3.2 of 4\n" in output
    assert "0.15 x 0.6400 = 0.0960   2.56 / 4\n" in output
    assert "  sources: implicit corrections 4 x 0.8\n" in output
    assert "  certainty of implicit corrections: 1 x 0.5, 1 x 0.8, 1 x 0.9, 1 x 1.0\n" in output
    answer = json.loads(errata("explain", NAME, *AT, "--json").stdout)
    assert answer["occurrences"] == 4
    assert answer["terms"][0]["inputs"] == "min(3.2 / 10, 1), expected 3.2 of 4"
    assert "4 occurrences" in errata("patterns", NAME, *AT).stdout


def test_without_doubt_nothing_is_said_of_it(repo: Any, errata: Errata) -> None:
    log(repo, None, 1.0, 0.8)
    output = errata("explain", NAME, *AT).stdout
    assert "   min(3 / 10, 1)\n" in output and "   2.4 / 3\n" in output
    assert "certainty" not in output and "expected" not in output


def test_doubtful_corrections_are_not_taught(repo: Any, errata: Errata) -> None:
    log(repo, *[0.16] * 4)
    output = errata("evolve", *AT).stdout
    assert "Promoted to" not in output
    reasons = errata("explain", NAME, *AT).stdout
    assert "  occurrences     yes  4 >= 3\n" in reasons and "  confidence      no " in reasons


def test_certain_corrections_are_taught(repo: Any, errata: Errata) -> None:
    log(repo, *[None] * 4)
    assert "Promoted to" in errata("evolve", *AT).stdout
