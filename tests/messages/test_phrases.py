"""The phrase rules hold to their own examples, and the weights file to the rules."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from bench.messages import train

from errata import rules
from errata.messages import features, message, model
from errata.messages.phrases import phrases
from errata.records.model import CorrectionType

TABLE: list[dict[str, Any]] = rules.source("phrases")["phrase"]
PHRASES = {phrase.name: phrase for phrase in phrases(TABLE)}
MATCH = [pytest.param(rule["name"], text, id=text) for rule in TABLE for text in rule["match"]]
MISS = [pytest.param(rule["name"], text, id=text) for rule in TABLE for text in rule["miss"]]


@pytest.mark.parametrize(("name", "text"), MATCH)
def test_an_example_matches(name: str, text: str) -> None:
    assert PHRASES[name].words.search(message.read(text).plain)


@pytest.mark.parametrize(("name", "text"), MISS)
def test_a_near_miss_does_not(name: str, text: str) -> None:
    assert not PHRASES[name].words.search(message.read(text).plain)


@pytest.mark.parametrize("rule", TABLE, ids=lambda rule: rule["name"])
def test_a_rule_is_complete(rule: dict[str, Any]) -> None:
    assert set(rule) == {*("name", "type", "weight", "severity", "stems", "words", "match", "miss")}
    assert rule["type"] in ("", *(kind.value for kind in CorrectionType))
    assert rule["severity"] in ("high", "medium", "low")
    assert rule["weight"] > 0 or not rule["type"]
    assert rule["match"] and rule["miss"]
    assert not re.search(r"(?<!\\)[A-Z]", rule["words"])


def test_names_are_unique() -> None:
    assert len(PHRASES) == len(TABLE)


@pytest.mark.parametrize("rule", TABLE, ids=lambda rule: rule["name"])
def test_no_text_keeps_a_rule_busy(rule: dict[str, Any]) -> None:
    compiled = re.compile(rule["words"])
    begun = time.process_time()
    for piece in ("you just ", "no , ", "i did n't ", "the a ", "still ", "ok , now please "):
        compiled.search((piece * 700)[:700])
    assert time.process_time() - begun < 0.5


def test_the_weights_were_made_with_these_rules_and_words() -> None:
    """Whoever edits a rule trains again: ``python -m bench.messages train``."""
    shipped = json.loads(model.FILE.read_text("utf-8"))
    assert shipped["phrases"] == train.phrase_table()
    assert shipped["words"] == train.words()
    assert shipped["threshold"] == train.THRESHOLD


def test_the_weights_are_small() -> None:
    assert model.FILE.stat().st_size <= 400_000


def test_each_class_of_words_has_a_sign_of_its_own() -> None:
    classes = rules.source("words")["classes"]
    assert len(classes) <= len(features.CODES)
    lexicon = model.lexicon(train.words())
    assert all(lexicon.classes[word] for text in classes.values() for word in text.split())


@pytest.mark.parametrize(
    ("word", "sign"),
    [("fails", "fail"), ("dropped", "drop"), ("retried", "retry"), ("took", "take")],
)
def test_a_word_is_found_by_its_stem(word: str, sign: str) -> None:
    lexicon = model.lexicon(train.words())
    assert f"~{sign}" in features.features(message.read(word), lexicon, ())
