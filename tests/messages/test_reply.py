"""What the same words mean after different turns of the agent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.messages import judge
from errata.messages.reply import as_reply, asks_yes_or_no
from errata.messages.turn import Call, Turn

EDITED = Turn("I've added the size as an int. All tests pass.", True, (Call("Edit", "/r/a.py"),))
STATED = Turn("The sizes are stored as int, so I will use int.", True)
ASKED = Turn("I've added the size. Should I use int for it?", True, EDITED.calls)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Should I use int?", True),
        ("The field is there. Do you want me to commit?", True),
        ("I would put it in utils.py. **Is that ok?**", True),
        ("Two tests fail:\n- a\n- b\n\nShall I fix them?", True),
        ("So should it be int?", True),
        ("Which one do you want?", False),
        ("Should I use int? I think so, so I did.", False),
        ("I used int.", False),
        ("", False),
    ],
)
def test_questions_of_yes_and_no(text: str, asked: bool) -> None:
    assert asks_yes_or_no(Turn(text, True)) is asked
    assert not asks_yes_or_no(Turn(text, False))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("no, use Decimal", "use Decimal"),
        ("No. Use Decimal", "Use Decimal"),
        ("nope — Decimal", "Decimal"),
        ("no use Decimal", "use Decimal"),
        ("no", ""),
        ("No!", ""),
        ("[Image #1] no, use Decimal", "use Decimal"),
        ("no problem, use Decimal", "no problem, use Decimal"),
        ("no need to", "no need to"),
        ("no-cache, please", "no-cache, please"),
        ("none", "none"),
        ("that's wrong, use Decimal", "that's wrong, use Decimal"),
    ],
)
def test_a_no_that_answers_a_question_goes(text: str, left: str) -> None:
    assert as_reply(ASKED, text) == left


@pytest.mark.parametrize(
    ("text", "replaces"),
    [
        ("use Decimal, not int", True),
        ("Decimal instead of an `int`", True),
        ("please use Decimal rather than int", True),
        ("use Decimal, not float", False),
        ("use Decimal", False),
        ("yes, Decimal, not int", False),
        ("no, Decimal, not int", False),
        ("why Decimal, not int?", False),
        (f"{'in the next step ' * 4}use Decimal, not int", False),
    ],
)
def test_words_that_replace_those_of_the_agent(text: str, replaces: bool) -> None:
    assert as_reply(EDITED, text) == (f"no, {text}" if replaces else text)
    assert as_reply(STATED, text) == text


@pytest.mark.parametrize("turn", [EDITED, STATED], ids=["edited", "stated"])
@pytest.mark.parametrize(
    "text",
    [
        "no, that's wrong: use Decimal instead of int",
        "No. Use the helper instead.",
        "no, put it in utils.py",
        "That's wrong, sizes must be Decimal",
        "you should have used Decimal",
    ],
)
def test_a_rejection_of_what_the_agent_did_or_says_is_a_correction(turn: Turn, text: str) -> None:
    assert judge(text, turn).correction


def test_a_request_is_a_correction_if_it_replaces_what_the_agent_did() -> None:
    assert judge("use Decimal, not int", EDITED).correction
    assert not judge("use Decimal, not int", Turn("Hello.", True)).correction
    assert not judge("use Decimal, not int").correction


@pytest.mark.parametrize(
    "text", ["no", "no, use Decimal", "No, Decimal.", "no, put it in utils.py", "no, not needed"]
)
def test_an_answer_is_no_correction(text: str) -> None:
    assert not judge(text, ASKED).correction


@pytest.mark.parametrize("text", ["no, that's wrong: sizes must be Decimal", "no, you broke it"])
def test_a_rejection_after_a_question_is_a_correction(text: str) -> None:
    assert judge(text, ASKED).correction


TURNS = st.builds(Turn, st.text(max_size=40), st.booleans(), st.just(EDITED.calls))


@given(TURNS, st.text(max_size=60))
def test_a_reply_keeps_the_words(turn: Turn, text: str) -> None:
    result = as_reply(turn, text)
    assert result.removeprefix("no, ") == text or text.endswith(result)
