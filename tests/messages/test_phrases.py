"""The phrase rules match their examples, and the weights file is up to date with the rules."""

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
def test_example_matches(name: str, text: str) -> None:
    assert PHRASES[name].words.search(message.parse(text).plain)


@pytest.mark.parametrize(("name", "text"), MISS)
def test_near_miss_does_not_match(name: str, text: str) -> None:
    assert not PHRASES[name].words.search(message.parse(text).plain)


@pytest.mark.parametrize("rule", TABLE, ids=lambda rule: rule["name"])
def test_rule_is_complete(rule: dict[str, Any]) -> None:
    assert set(rule) == {*("name", "type", "weight", "severity", "stems", "words", "match", "miss")}
    assert rule["type"] in ("", *(kind.value for kind in CorrectionType))
    assert rule["severity"] in ("high", "medium", "low")
    assert rule["weight"] > 0 or not rule["type"]
    assert rule["match"] and rule["miss"]
    assert not re.search(r"(?<!\\)[A-Z]", rule["words"])


def test_names_are_unique() -> None:
    assert len(PHRASES) == len(TABLE)


@pytest.mark.parametrize("rule", TABLE, ids=lambda rule: rule["name"])
def test_rule_is_fast_on_any_text(rule: dict[str, Any]) -> None:
    compiled = re.compile(rule["words"])
    begun = time.process_time()
    for piece in ("you just ", "no , ", "i did n't ", "the a ", "still ", "ok , now please "):
        compiled.search((piece * 700)[:700])
    assert time.process_time() - begun < 0.5


def test_weights_are_up_to_date_with_rules_and_words() -> None:
    """After a change of the rules, run ``python -m bench.messages train``."""
    shipped = json.loads(model.FILE.read_text("utf-8"))
    assert shipped["phrases"] == train.phrase_table()
    assert shipped["words"] == train.words()
    assert shipped["threshold"] == train.THRESHOLD


def test_weights_file_is_small() -> None:
    assert model.FILE.stat().st_size <= 400_000


def test_each_word_class_has_a_code() -> None:
    classes = rules.source("words")["classes"]
    assert len(classes) <= len(features.CODES)
    lexicon = model.lexicon(train.words())
    assert all(lexicon.classes[word] for text in classes.values() for word in text.split())


@pytest.mark.parametrize(
    ("word", "sign"),
    [("fails", "fail"), ("dropped", "drop"), ("retried", "retry"), ("took", "take")],
)
def test_word_has_its_stem_as_a_feature(word: str, sign: str) -> None:
    lexicon = model.lexicon(train.words())
    assert f"~{sign}" in features.features(message.parse(word), lexicon, ())
