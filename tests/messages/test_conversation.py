"""A prompt judged together with the end of the agent's turn before it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errata import rules
from errata.messages import judge, message, model
from errata.messages.conversation import AFTER, ALONE, WORDS, Described, describe, load
from errata.messages.judge import score_by_words
from errata.messages.turn import Call, Turn

DONE = Turn("I've fixed the login, and all tests pass.", True, (Call("Edit", "/r/login.py"),))
TABLE = rules.source("conversation")


def of(turn: Turn | None, text: str) -> Described:
    """A prompt after a turn."""
    weights, parsed = model.load(), message.parse(text)
    score, features = score_by_words(parsed, weights)
    return describe(turn, text, parsed, features, score, weights)


def described(turn: Turn, text: str) -> set[str]:
    """The names of what is described of a prompt after a turn."""
    result = of(turn, text)
    return {*result.agent, *result.prompt}


@pytest.mark.parametrize("row", TABLE["prompt"], ids=lambda row: row["name"])
def test_cues_of_prompts(row: dict[str, Any]) -> None:
    name = f"prompt {row['name']}"
    assert all(name in described(DONE, text) for text in row["match"])
    assert not any(name in described(DONE, text) for text in row["miss"])


@pytest.mark.parametrize("row", TABLE["text"], ids=lambda row: row["name"])
def test_cues_of_the_agent(row: dict[str, Any]) -> None:
    name = f"agent {row['name']}"
    assert all(name in described(Turn(text, True), "and now?") for text in row["match"])
    assert not any(name in described(Turn(text, True), "and now?") for text in row["miss"])


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        (Turn("Which one?", True), {"agent asked", "agent only spoke"}),
        (Turn("See:\n- one\n- two", True), {"agent listed"}),
        (Turn("I look.", False, (Call("Bash"),)), {"agent called last", "agent did run last"}),
        (Turn("x", True, (Call("Bash"), Call("Edit"))), {"agent did write", "agent did run last"}),
        (Turn(rejected=True, calls=(Call("ExitPlanMode"),)), {"agent rejected", "agent did plan"}),
        (Turn(interrupted=True, failed=True), {"agent interrupted", "agent failed"}),
        (Turn(), {"agent unknown"}),
    ],
)
def test_features_of_a_turn(turn: Turn, expected: set[str]) -> None:
    assert expected <= described(turn, "and now?")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("login.py is empty", {"prompt names a file of the agent", "begins is", "3-6 words"}),
        ("the login still fails in tests", {"prompt shares many words", "prompt repeats"}),
        ("ok, so why?", {"begins why", "1 line"}),
        ("DO NOT TOUCH THE DATABASE AGAIN", {"prompt is in capitals"}),
        ("x\n{a: [1], b: <2>}\n== >> || && %%", {"prompt has many symbols", "2-4 lines"}),
    ],
)
def test_features_of_a_prompt(text: str, expected: set[str]) -> None:
    assert expected <= described(DONE, text)


def test_the_same_words_after_different_turns() -> None:
    after_claim = judge("still nothing", DONE).score
    after_question = judge("still nothing", Turn("Do you see any output?", True)).score
    assert after_claim > after_question


def test_terms_name_the_turn() -> None:
    judgement = judge("it still does not work", DONE)
    assert judgement.correction
    assert judgement.terms
    assert all(name.startswith("turn: ") for name, _ in judgement.terms)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("turn: prompt denies", True),
        ("turn: class wrong", True),
        ("turn: the words alone", True),
        ("turn: says still", False),
        ("turn: begins why", False),
        ("text: denies", True),
        ("rule you-did", True),
        ("rule for", False),
        ("rule for this", False),
        ("[count] of", False),
        ("[request]ed [count]", True),
        ("^ [wrong] |", True),
        ("n't [intend] a", False),
        ("~fail", False),
        ("a", False),
        ("<code> [wrong]ing +ed", True),
        ("words<=4", True),
        ("text: says still", False),
    ],
)
def test_terms_with_words_of_the_person(term: str, expected: bool) -> None:
    """They are left out where the settings say that words are not kept."""
    assert model.has_no_words(term) is expected


@pytest.mark.parametrize("text", ["[Image #1] ", "[image #1][Image #22]\n"])
def test_pictures_at_the_beginning(text: str) -> None:
    assert judge(f"{text}that is still wrong", DONE) == judge("that is still wrong", DONE)
    assert judge(text, DONE).score == 0
    assert judge("[Image #1 is wrong", DONE).score == 0
    assert judge(f"{text}that is still wrong") == judge("that is still wrong")


@pytest.mark.parametrize("text", ["", "???", "das ist nicht richtig, bitte nochmal", "/fix it"])
def test_what_is_never_judged(text: str) -> None:
    assert judge(text, DONE) == judge(text)


TURNS = st.builds(
    Turn,
    st.text(max_size=60),
    st.booleans(),
    st.lists(st.builds(Call, st.text(max_size=8), st.text(max_size=8)), max_size=3).map(tuple),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(TURNS, st.text(max_size=80))
def test_any_turn_gives_a_probability(turn: Turn, text: str) -> None:
    judgement = judge(text, turn)
    assert 0 <= judgement.score <= 1
    assert judgement.correction is (judgement.score >= load(AFTER).threshold)


def test_without_a_turn_nothing_is_said_of_one() -> None:
    known = set(of(DONE, "the login still fails in login.py").features())
    alone = set(of(None, "the login still fails in login.py").features())
    assert {name for name in known - alone if not name.startswith("agent ")} == {
        "prompt names a file of the agent",
        "prompt shares few words",
    }
    assert alone < known


@pytest.mark.parametrize("text", ["still broken, the button does nothing", "it still fails, why?"])
def test_terms_without_a_turn_are_words_and_features(text: str) -> None:
    judgement = judge(text)
    assert judgement.correction
    kinds = {name.startswith("text: ") for name, _ in judgement.terms}
    assert kinds == {True, False}
    assert not any(name.startswith("turn: ") for name, _ in judgement.terms)


@pytest.mark.parametrize("turn", [None, DONE])
@pytest.mark.parametrize("text", ["it still fails", "add a page", "why did you remove it?", "no"])
def test_the_score_is_the_sum_of_what_is_shown(turn: Turn | None, text: str) -> None:
    weights, known = load(AFTER if turn else ALONE), of(turn, text)
    summands = weights.summands(known)
    odds = weights.bias + sum(summands.values())
    assert judge(text, turn).score == pytest.approx(1 / (1 + math.exp(-odds)))
    step = weights.factor / model.SCALE
    assert summands.pop(WORDS) == pytest.approx(weights.slope * known.odds)
    assert summands == {
        name: weights.weights[name] * step for name in known.features() if name in weights.weights
    }
    assert judge(text, turn).correction is (judge(text, turn).score >= weights.threshold)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_any_prompt_without_a_turn_gives_a_probability(text: str) -> None:
    assert 0 <= judge(text).score <= 1
