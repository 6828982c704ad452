"""The labelled messages and the training."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from bench.messages import __main__ as program
from bench.messages import corpus, evaluate, train
from bench.score import interval

from errata.messages import model
from errata.records.model import CorrectionType

CASES = corpus.read()


def test_corpus_agrees_with_the_readme() -> None:
    text = (corpus.FOLDER / "README.md").read_text("utf-8")
    counts = Counter(case.set for case in CASES)
    assert set(counts) == {path.stem for path in corpus.FOLDER.glob("*.jsonl")}
    assert f"| `authored_f` | {counts['authored_f']} |" in text
    assert f"| `authored_h` | {counts['authored_h']} |" in text
    assert f"| `authored_i` | {counts['authored_i']} |" in text
    assert f"| `authored_j` | {counts['authored_j']} |" in text
    assert f"| `verdicts` | {counts['verdicts']} |" in text
    assert f"| `short` | {counts['short']} |" in text
    assert f"| `real` | {counts['real']} |" in text
    assert {counts[f"authored_{letter}"] for letter in "abcdeg"} == {700}
    assert counts["adversarial"] == 400


def test_labels_are_complete() -> None:
    kinds = {kind.value for kind in CorrectionType}
    for case in CASES:
        assert case.text.strip()
        assert (case.type in kinds) if case.correction else not case.type
        assert (case.source == "authored") is (case.set != "real")


def test_halves_are_disjoint() -> None:
    held = {case.text for case in CASES if case.half == "held-back"}
    learnt = {case.text for case in corpus.tuning(CASES)}
    assert len(held) >= 300
    assert not held & learnt
    assert {case.text for case in CASES if case.set in corpus.HELD_BACK} <= held


def test_half_of_the_adversarial_messages_are_traps() -> None:
    labels = Counter(case.correction for case in CASES if case.set == "adversarial")
    assert abs(labels[True] - labels[False]) <= 20


def test_training_is_reproducible() -> None:
    some = corpus.tuning(CASES)[::12]
    once = train.as_json(train.train(some))
    assert once == train.as_json(train.train(some))
    assert once != train.as_json(train.train(some[1:]))


def test_committed_weights_are_up_to_date() -> None:
    """After a change of rules, words, features or messages, train and commit the weights."""
    result = train.digests(corpus.tuning(CASES), model.FILE.read_text("utf-8"))
    assert result == train.DIGESTS.read_text("utf-8")


def test_digests_depend_on_messages_labels_and_weights() -> None:
    some = corpus.tuning(CASES)[:3]
    first, *rest = some
    other = [replace(first, correction=not first.correction), *rest]
    results = {train.digests(some, "a"), train.digests(some, "b"), train.digests(rest, "a")}
    assert len({*results, train.digests(other, "a")}) == 4


@pytest.mark.long
def test_training_on_everything_gives_the_committed_bytes() -> None:
    result = train.as_json(train.train(corpus.tuning(CASES)))
    assert result == model.FILE.read_text("utf-8")


def test_precision_and_recall_on_the_tuning_half() -> None:
    cases = [c for c in corpus.tuning(CASES) if c.set == "adversarial"]
    ours = evaluate.score(cases, map(evaluate.model, (c.text for c in cases)))
    peers = [
        evaluate.score(cases, map(judge, (c.text for c in cases)))
        for judge in (evaluate.triggers, evaluate.rules_only())
    ]
    assert ours.tp / (ours.tp + ours.fp) >= 0.92
    assert all(ours.tp > peer.tp for peer in peers)


@pytest.mark.parametrize(
    ("part", "total", "low", "high"),
    [(0, 0, 0, 1), (0, 10, 0, 0.2775), (8, 10, 0.4902, 0.9433), (10, 10, 0.7225, 1)],
)
def test_interval(part: int, total: int, low: float, high: float) -> None:
    """Values of the Wilson score interval, computed independently."""
    assert interval(part, total) == pytest.approx((low, high), abs=2e-4)


def test_no_message_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--tuning"]) == 0
    printed = capsys.readouterr().out
    assert "held-back" not in printed
    messages, turns = printed.split("\n\n", 1)
    assert len(messages.splitlines()) == 2 + 3 * 2 * 3
    assert "with the conversation, by weights of other owners |" in turns
    assert not any(case.text in printed for case in CASES if len(case.text) > 20)


def test_variation_changes_the_text() -> None:
    changed = [case for case in CASES[:300] if train.varied(case.text) != case.text]
    assert len(changed) > 200


def test_a_phrase_rule_counts_more_than_a_word() -> None:
    """In a longer message, one rule would be lost among the words."""
    some = corpus.tuning(CASES)[::12]
    table = train.train(some)
    weights = model.build(table).correction.weights
    rules = sorted(abs(weight) for feature, weight in weights.items() if feature[0] == "#")
    words = sorted(abs(weight) for feature, weight in weights.items() if feature[0] != "#")
    assert rules[len(rules) // 2] > 2 * words[len(words) // 2]
