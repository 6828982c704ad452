"""Lessons that say the opposite of each other are named, and neither is promoted."""

from __future__ import annotations

from pathlib import Path

import pytest

from errata.core.config import Config
from errata.core.git import Repository
from errata.lessons.contradictions import marked
from errata.lessons.load import load_corpus
from errata.patterns.analysis import analyse
from errata.patterns.lesson import Example, Lesson
from errata.runbooks.promote import decide
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


def test_neither_is_promoted(tmp_path: Path) -> None:
    facts = {"paths": "callee-changed join → Path", "joins": "callee-changed Path → join"}
    records = [correction(day, name) for name in facts for day in (1, 2, 3, 4, 5)]
    put(tmp_path, CORRECTIONS, lines(*records))
    corpus = load_corpus(Repository(tmp_path, None, None), Config())
    lessons = {
        name: Lesson(name, (fact,), instruction="Do not.", example=Example("a.py", ("a",), ("b",)))
        for name, fact in facts.items()
    }
    for contradicted in (False, True):
        corpus.lessons = marked(lessons) if contradicted else lessons
        patterns = analyse(corpus, Config(), NOW).patterns
        for name, other in (("paths", "joins"), ("joins", "paths")):
            decision = decide(patterns[name], Config().evolve, NOW)
            assert decision.promoted is not contradicted
            assert decision.unmet_text == (
                f"agreement: contradicts {other}" if contradicted else ""
            )
