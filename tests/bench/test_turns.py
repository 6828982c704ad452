"""The labelled turns, and the weights that come from them."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest
from bench.messages import turns
from bench.messages.train import MIN_CASES, as_json

from errata.messages import conversation
from errata.messages.conversation import AFTER, ALONE
from errata.records.model import CorrectionType

CASES = turns.read()
TRAINING = [case for case in CASES if case.half == "training"]


def test_an_owner_is_in_one_half() -> None:
    halves: dict[str, set[str]] = {}
    for case in CASES:
        halves.setdefault(case.repo.partition("/")[0].lower(), set()).add(case.half)
    assert all(len(names) == 1 for names in halves.values())
    assert {name for names in halves.values() for name in names} == set(turns.HALVES)


def test_there_are_enough() -> None:
    repos = Counter(case.repo for case in CASES)
    assert len(CASES) >= 3_000
    assert len(repos) >= 120
    assert max(repos.values()) <= 60
    assert 0.25 <= 1 - len(TRAINING) / len(CASES) <= 0.4


def test_labels_are_those_of_the_readers() -> None:
    kinds = {kind.value for kind in CorrectionType}
    for case in CASES:
        assert case.label is None or case.label in kinds
        votes = [bool(reader) for reader in case.readers]
        assert votes[-1] is (case.label is not None)
        assert len(votes) == (2 if votes[0] == votes[1] else 3)


def test_no_text_is_kept() -> None:
    """Only names of features, and words that several owners' turns share."""
    known = {"repo", "commit", "blob", "kind", "position", "half", "sample", "label", "type"}
    known.add("readers")
    made = {"by_words", "words_type", "odds", "agent", "prompt", "terms"}
    raws = [json.loads(line) for line in turns.FILE.read_text("utf-8").splitlines()]
    where: dict[str, list[str]] = {}
    for raw in raws:
        assert raw.keys() == known | made
        assert raw["kind"] in ("claude", "specstory", "aider")
        assert re.fullmatch("[0-9a-f]{40}", raw["blob"])
        for term in raw["terms"] if raw["half"] == "training" else ():
            where.setdefault(term, []).append(raw["repo"].partition("/")[0].lower())
    shared = {
        term
        for term, owners in where.items()
        if len(owners) >= MIN_CASES and len(set(owners)) >= 2 and len(term.split(" ")) <= 2
    }
    assert where.keys() == shared
    assert all(shared.issuperset(raw["terms"]) for raw in raws)


def test_committed_weights_are_up_to_date() -> None:
    """After a change of turns or training, train and commit the weights: the same bytes."""
    weights = as_json(turns.train_weights(TRAINING))
    assert weights == conversation.FILE.read_text("utf-8")


@pytest.mark.parametrize(
    ("scores", "threshold"),
    [
        ([(0.9, True), (0.8, True), (0.2, False)], 0.21),
        ([(0.9, True), (0.5, False), (0.4, True), (0.3, True), (0.2, True)], 0.0),
        ([(0.9, False)], 1.0),
        ([], 1.0),
    ],
)
def test_threshold(scores: list[tuple[float, bool]], threshold: float) -> None:
    assert turns.lowest_threshold(scores) == threshold


def test_the_conversation_helps_on_the_training_half() -> None:
    with_turn = turns.score(TRAINING, turns.judge(conversation.load(AFTER)))
    without = turns.score(TRAINING, turns.by_words)
    assert with_turn.tp > without.tp
    assert with_turn.fp < without.fp


def test_what_turns_teach_helps_where_no_turn_is_known() -> None:
    alone = turns.score(map(turns.without_turn, TRAINING), turns.judge(conversation.load(ALONE)))
    without = turns.score(TRAINING, turns.by_words)
    assert alone.tp > without.tp
    assert alone.fp < without.fp


def test_rare_features_are_ignored() -> None:
    counts = Counter(
        name for case in TRAINING if case.described for name in case.described.features()
    )
    for table in (AFTER, ALONE):
        weights = conversation.load(table).weights
        assert weights
        assert all(counts[name] >= MIN_CASES for name in weights)
