"""What is not looked for could not have been found: the cheap answer is never a wrong "no"."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errata.messages import redact, secret_prefilter

MESSAGES = Path(__file__).parents[2] / "bench/messages"
KNOWN = redact._known()
SOUGHT = redact._SOUGHT
# Whatever matches is to be covered, so texts are made from the expressions themselves.
AROUND = st.sampled_from(["", " ", "see: ", '"', "é", "\n", "=", "the key is ", "٣"])
FEW = settings(max_examples=20)


def made(expression: str | re.Pattern[str]) -> st.SearchStrategy[str]:
    """Texts with a match of the expression in them."""
    return st.builds("{}{}{}".format, AROUND, st.from_regex(expression), AROUND)


@pytest.mark.parametrize("pattern", KNOWN, ids=lambda pattern: pattern.pattern[:40])
def test_every_token_of_a_service_is_looked_for(pattern: re.Pattern[str]) -> None:
    @FEW
    @given(made(pattern))
    def holds(text: str) -> None:
        if pattern.search(text):
            assert secret_prefilter.Text(text).has_token()

    holds()


@pytest.mark.parametrize("number", range(len(SOUGHT)))
def test_every_match_of_an_expression_is_looked_for(number: int) -> None:
    sought = SOUGHT[number]

    @FEW
    @given(made(sought.text))
    def holds(text: str) -> None:
        if any(sought.secret(match[sought.group]) for match in re.finditer(sought.text, text)):
            assert sought.possible(secret_prefilter.Text(text))

    holds()


def test_the_plugins_are_those_that_were_looked_at() -> None:
    """With another one :mod:`suspicion` has to be read again."""
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

    names = {kind.__name__ for kind in get_mapping_from_secret_type_to_class().values()}
    assert (len(names), len(KNOWN)) == (27, 35), sorted(names)


SHORT = [
    *("eyJa.b", "xoxb-1-a", "XOXB-1-a", "AKCabcdefghij", "AP٣abcdefgh", "APDabcdefgh"),
    *("https://hooks.slack.com/services/T1/B2/c", "sq0csp-" + "\\" * 43),
    "AKIA" + "A" * 16,
    "aws_token = '" + "a/b+c" * 8 + "'",
    "AWS pw '" + "a/b+c" * 8 + "'",
    "clkey abcdefghijklmnopqrstuvwx",
    "N" + "a" * 23 + "." + "b" * 6 + "." + "c" * 27,
    "ghp_" + "a" * 36,
    "glrt-" + "a" * 20,
    "SK" + "a" * 32,
    "12345678:" + "a" * 35,
    "apı key: hunter2",
    "paſſword: hunter2",
    "\u212aEY api_\u212aey=hunter2",
    "PASSWORD İS hunter2",
    "ya29_000000000000000ª",
]


@pytest.mark.parametrize("text", SHORT)
def test_the_shortest_secrets_and_odd_letters(text: str) -> None:
    assert redact.redact(text) == redact.thoroughly(text) != text


def test_no_labelled_message_is_stored_otherwise() -> None:
    count = looked = 0
    for file in sorted(MESSAGES.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            case = json.loads(line)
            text = case["text"]
            assert redact.redact(text) == redact.thoroughly(text)
            if case["label"] == "correction":
                count += 1
                looked += secret_prefilter.Text(text).has_token()
    # Otherwise nothing is gained.
    assert count > 3000
    assert looked * 100 < count


def test_letters_that_only_look_alike_to_an_expression() -> None:
    """Whatever an expression that ignores case takes for a letter or a digit, so do we."""
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    for like, plain in (("[a-z]", "[a-z]"), (r"\d", "[0-9]")):
        found = re.findall(like, every, re.IGNORECASE)
        assert len(found) > 50
        assert all(re.fullmatch(plain, secret_prefilter.Text(char).plain) for char in found)


@given(st.text(st.sampled_from("aB3/+=-_ .:\"'key pass@?&")))
def test_texts_of_the_signs_of_secrets(text: str) -> None:
    assert redact.redact(text) == redact.thoroughly(text)


@pytest.mark.parametrize(
    ("text", "loaded"), [("you forgot the null check", False), ("AKIAIOSFODNN7EXAMPLE is", True)]
)
def test_what_looks_like_no_secret_needs_no_library(text: str, loaded: bool) -> None:
    code = (
        "import sys; from errata.messages.redact import redact; redact(sys.argv[1]);"
        "print('detect_secrets' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, text], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{loaded}\n"
