"""Secrets are redacted, and detect-secrets is imported only if it may find something."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from bench.messages import corpus
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errata.messages.redact import MARK, may_contain_token, redact, service_token_patterns

KNOWN = service_token_patterns()
AROUND = st.sampled_from(["", " ", "see: ", '"', "é", "\n", "=", "the key is ", "٣"])


@pytest.mark.parametrize("pattern", KNOWN, ids=lambda pattern: pattern.pattern[:40])
def test_every_service_token_passes_the_prefilter(pattern: re.Pattern[str]) -> None:
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.builds("{}{}{}".format, AROUND, st.from_regex(pattern), AROUND) | st.just(""))
    def holds(text: str) -> None:
        assert may_contain_token(text) or not pattern.search(text)

    holds()


def test_plugins_are_those_that_the_prefilter_was_written_for() -> None:
    """After a change, check ``[token]`` in secrets.toml."""
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
def test_short_secrets_and_unusual_letters_are_redacted(text: str) -> None:
    assert MARK in redact(text)


def test_prefilter_loses_no_service_token_and_rarely_imports() -> None:
    count = imports = 0
    for case in corpus.read():
        may = may_contain_token(case.text)
        assert may or not any(pattern.search(case.text) for pattern in KNOWN)
        count += case.correction
        imports += case.correction and may
    assert count > 3000
    assert imports * 100 < count


@given(st.text(st.sampled_from("aB3/+=-_ .:\"'key pass@?&")))
def test_prefilter_accepts_texts_made_of_the_characters_of_secrets(text: str) -> None:
    assert may_contain_token(text) or not any(pattern.search(text) for pattern in KNOWN)


@pytest.mark.parametrize(
    ("text", "loaded"), [("you forgot the null check", False), ("AKIAIOSFODNN7EXAMPLE is", True)]
)
def test_text_without_a_token_imports_no_library(text: str, loaded: bool) -> None:
    code = (
        "import sys; from errata.messages.redact import redact; redact(sys.argv[1]);"
        "print('detect_secrets' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, text], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{loaded}\n"
