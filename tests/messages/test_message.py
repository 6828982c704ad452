"""Masking and tokens of messages."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.messages import judge
from errata.messages.message import LIMIT, parse


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("You DIDN'T ask", "you did n't ask"),
        ("it doesnt work", "it does n't work"),
        ("u broke teh build", "you broke the build"),
        ("rename `getUser` please", "rename <code> please"),
        ("look:\n```py\nthis is wrong\n```\nthanks", "look : <block> thanks"),
        ("look:\n```\nnever closed, wrong", "look : <block>"),
        ('translate "that is all wrong" please', "translate <quote> please"),
        ("by 'drop' I meant the column", "by <term> i meant the column"),
        ("> you broke it\nwhat does she mean?", "<quote> what does she mean ?"),
        ("see https://example.org/wrong?a=b", "see <url>"),
        ("fix src/app/main.py:12 and app.loader.start", "fix <path> : <num> and <id>"),
        ("see handle_request() and HttpClient", "see <id> and <id>"),
        ("it takes 12.5s, was 3", "it takes <num> , was <num>"),
        ("broken since 3f2a9c1b7d6e5f4a", "broken since <hash>"),
        ("it's «très faux» and “not my words here”", "it 's <term> and <quote>"),
    ],
)
def test_placeholders_replace_what_is_not_prose(text: str, plain: str) -> None:
    assert parse(text).plain == plain


@pytest.mark.parametrize(
    "text",
    [
        'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\nValueError: wrong',
        "ERROR 1213 (40001): Deadlock found, stop and undo",
        "2025-01-15 12:00:03 reverting, this is wrong",
        "npm ERR! do not do that",
        "\tat com.example.Wrong.undo(Wrong.java:12)",
    ],
)
def test_logs_are_not_the_words_of_a_person(text: str) -> None:
    assert parse(text).is_empty
    assert not judge(text).correction


@pytest.mark.parametrize(
    "text",
    [
        "/undo that is wrong",
        "[Request interrupted by user]",
        "<system-reminder>this is wrong, revert it</system-reminder>",
        "<task-notification><summary>you broke the build</summary></task-notification>",
        "<command-name>/clear</command-name>",
        "",
        "   \n",
        "?!",
        "🤷",
    ],
)
def test_messages_without_words_of_a_person_are_empty(text: str) -> None:
    assert parse(text).is_empty
    assert judge(text).score == 0


def test_tag_in_a_sentence_masks_only_itself() -> None:
    assert parse("the <div> is closed twice").plain == "the <tag> is closed twice"


@pytest.mark.parametrize("text", ["I accidentally reverted it", "E is wrong", "W is missing"])
def test_sentence_is_not_taken_for_a_log_line(text: str) -> None:
    assert not parse(text).is_empty


def test_only_the_beginning_is_read() -> None:
    assert parse("fine. " * LIMIT + "you broke it") == parse("fine. " * LIMIT)


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("das ist falsch, bitte mach es rückgängig", False),
        ("non, ce n'est pas ce que je voulais", False),
        ("это неправильно", False),
        ("这是错的", False),
        ("the München office is closed", True),
        ("Don't rename José's façade", True),
        ("nope, Übersicht and Größe are wrong", True),
        ("wrong: Łódź and Kraków show as ???", True),
        ("hataları gördün ve bunları düzelt", False),
        ("odsaď to trochu níž, je to moc blízko", False),
        ("wrong", True),
        ("die Datei is empty and I did not ask for it", True),
    ],
)
def test_other_languages_are_recognised(text: str, english: bool) -> None:
    assert parse(text).maybe_english is english
    assert english or not judge(text).correction


PIECES = (
    *("a", "a/", "<a-b ", "'a ", "```", "- ", "a.b", "((((", "x_", "\n    =", "0a", "a@", "-a"),
    *('File "', "a.", "you broke it. ", "no, ", "é", "\u2028", "`", '"a', "not the ", "w ? "),
)


@pytest.mark.parametrize("piece", PIECES)
def test_five_million_characters_take_little_time(piece: str) -> None:
    text = piece * (5_000_000 // len(piece))
    judge("warm up")
    begun = time.process_time()
    judge(text)
    assert time.process_time() - begun < 1


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    message = parse(text)
    assert message.plain == " ".join(word for sentence in message.sentences for word in sentence)
    assert 0 <= judge(text).score <= 1
