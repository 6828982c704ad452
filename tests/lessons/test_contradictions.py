"""Lessons that say the opposite of each other are named, and neither is promoted."""

from __future__ import annotations

from pathlib import Path

import pytest

from errata.core.config import Config
from errata.core.git import Repository
from errata.lessons.contradictions import marked
from errata.lessons.load import load_corpus
from errata.patterns.analysis import Analysis, analyse
from errata.patterns.lesson import Example, Lesson
from errata.records.model import DAY
from errata.runbooks.promote import decide
from errata.runbooks.promotion_log import Standing
from errata.runbooks.promotions import EvolveScope, Promotions
from record_builders import CORRECTIONS, NOW, correction, lines, put


@pytest.mark.parametrize(
    ("one", "other", "contradict"),
    [
        (["call-added f"], ["call-removed f"], True),
        (["call-added f"], ["call-removed g"], False),
        (["call-added f"], ["call-added f", "argument-added"], False),
        (["call-added print"], ["debug-output-removed print"], True),
        (["callee-changed a → b"], ["callee-changed b → a"], True),
        (["callee-changed a → b"], ["callee-changed a → c"], False),
        (["callee-changed a → b"], ["assertion-changed b → a"], False),
        (["import-moved-to-top os"], ["import-moved-into-function os"], True),
        (["comment-added in tests"], ["comment-removed in tests"], True),
        (["comment-added in tests"], ["comment-removed"], False),
        (["comment-added in tests"], ["comment-removed in src/"], False),
        (["call-added f", "call-added in a/b/"], ["call-removed f", "call-removed in a/"], True),
        (["call-added f", "call-added in a/"], ["call-removed f", "call-removed in b/"], False),
        (["call-added f", "call-added in go"], ["call-removed f", "call-removed in rust"], False),
        ([], ["call-removed f"], False),
    ],
)
def test_contradictions(one: list[str], other: list[str], contradict: bool) -> None:
    given = {"one": Lesson("one", tuple(one)), "other": Lesson("other", tuple(other))}
    found = marked(given)
    assert found["one"].contradicts == (("other",) if contradict else ())
    assert found["other"].contradicts == (("one",) if contradict else ())
    assert list(marked(dict(reversed(given.items())))) == ["other", "one"]


FACTS = {"paths": "callee-changed join → Path", "joins": "callee-changed Path → join"}


def analysed(root: Path, *, contradicted: bool) -> Analysis:
    """Two promising lessons that say the opposite of each other, marked as such or not."""
    records = [correction(day, name) for name in FACTS for day in (1, 2, 3, 4, 5)]
    put(root, CORRECTIONS, lines(*records))
    corpus = load_corpus(Repository(root, None, None), Config())
    lessons = {
        name: Lesson(name, (fact,), instruction="Do not.", example=Example("a.py", ("a",), ("b",)))
        for name, fact in FACTS.items()
    }
    corpus.lessons = marked(lessons) if contradicted else lessons
    return analyse(corpus, Config(), NOW)


@pytest.mark.parametrize("contradicted", [False, True])
def test_neither_is_promoted(tmp_path: Path, contradicted: bool) -> None:
    patterns = analysed(tmp_path, contradicted=contradicted).patterns
    for name, other in (("paths", "joins"), ("joins", "paths")):
        decision = decide(patterns[name], Config().evolve, NOW)
        assert decision.promoted is not contradicted
        assert decision.unmet_text == (f"agreement: contradicts {other}" if contradicted else "")


@pytest.mark.parametrize(("contradicted", "event"), [(False, ["promoted"]), (True, ["archived"])])
def test_a_lesson_that_is_contradicted_leaves_the_runbook(
    tmp_path: Path, contradicted: bool, event: list[str]
) -> None:
    analysis = analysed(tmp_path, contradicted=contradicted)
    known = {"paths": Standing(("api-dev",), False, False, NOW - 9 * DAY, NOW - 9 * DAY)}
    found = Promotions(Config(), analysis, analysis.patterns, known, EvolveScope(), None)
    assert [one.event for one in found.events] == event
