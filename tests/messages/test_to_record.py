"""Records of messages: they are valid, without secrets, and limited in length."""

from __future__ import annotations

import json
import re
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.core.config import Explicit
from errata.messages import Judgement, judge, record
from errata.messages.redact import redact
from errata.records import validate
from errata.records.model import Kind

NOW = 1_736_951_400_000_000
TEXT = "you forgot the null check, it may be None here"


def recorded(text: str, judgement: Judgement | None = None, **settings: Any) -> dict[str, Any]:
    return record(
        judgement or judge(text),
        text,
        agent="api-dev",
        tool="claude-code",
        session="s-1",
        action={"summary": "edited a file", "file": "api/a.py"},
        now=NOW,
        settings=Explicit(**settings),
    )


YES = judge(TEXT)


def test_record_is_valid_and_has_evidence() -> None:
    result = recorded(TEXT)
    line = json.dumps(result).encode() + b"\n"
    assert validate.check(Kind.CORRECTION, line, (), now=NOW).problems == []
    assert result["source"] == "explicit"
    assert result["timestamp"] == "2025-01-15T14:30:00Z"
    assert result["ai_action"] == {
        "summary": "edited a file",
        "tool_used": "claude-code",
        "file": "api/a.py",
    }
    assert result["pattern_inferred"] == "nil-dereference"
    assert result["evidence"]
    assert result["user_correction"]["verbatim"] == TEXT


def test_no_word_is_stored_without_the_setting() -> None:
    result = recorded("the flurbles never grommet", YES, verbatim=False)
    assert "verbatim" not in result["user_correction"]
    assert "flurble" not in json.dumps(result)
    assert result["user_correction"]["summary"] == f"said in words: {result['correction_type']}"


@given(st.text(min_size=1), st.integers(20, 200))
def test_stored_words_are_short_and_printable(text: str, limit: int) -> None:
    words = recorded(text, YES, max_chars=limit)["user_correction"].get("verbatim", "")
    assert len(words) <= limit
    assert all(char.isprintable() for char in words)


def test_evidence_contains_no_word_without_the_setting() -> None:
    with_words, without = recorded(TEXT)["evidence"], recorded(TEXT, verbatim=False)["evidence"]
    assert any("forgot" in term for term in with_words)
    assert without
    words = re.findall(r"\w+", TEXT.lower())
    shown = " ".join(re.sub(r"\[.*?\]\w*|^rule \S+$|^(?:text|turn): .*", "", t) for t in without)
    assert not any(re.search(rf"\b{word}\b", shown) for word in words)
    assert not any(term.startswith(("text: says", "text: begins")) for term in without)
    assert without.items() <= with_words.items()


def test_other_messages_are_not_recorded() -> None:
    with pytest.raises(ValueError, match="only a correction"):
        recorded("thanks")


KEY = "MIIEowIBAAKCAQEAx1y2z3"
SECRETS = [
    ("token=abc123 is in the log", "abc123"),
    ("password: hunter2 is printed", "hunter2"),
    ("DB_PASSWORD='correct horse' leaks", "correct horse"),
    ("my password is hunter2!", "hunter2"),
    ("push to https://bob:s3cr3t@example.org/x.git fails", "s3cr3t"),
    ("https://example.org/?a=1&access_token=zzz&b=2 is logged", "zzz"),
    ("you printed ghp_" + "a1B2" * 9, "a1B2a1B2"),
    ("AKIAIOSFODNN7EXAMPLE is in the file", "IOSFODNN7"),
    ("curl -H 'Authorization: Bearer abcdef123456789xyz' fails", "abcdef123456789xyz"),
    ("you use aB3dE5fG7hJ9kL1mN3pQ5rS7 there", "aB3dE5fG7"),
    (f"-----BEGIN RSA PRIVATE KEY-----\n{KEY}\n-----END RSA PRIVATE KEY-----\nis there", KEY),
    (f"-----BEGIN OPENSSH PRIVATE KEY-----\n{KEY}", KEY),
    ("mysql --password=s3cr3t fails", "s3cr3t"),
    ("DB_PASS: sup3rs3cret", "sup3rs3cret"),
    ("run curl -u bob:secretpw https://x", "secretpw"),
    ("mysql -psecretpw -u root fails", "secretpw"),
    ("the password is correcthorse", "correcthorse"),
    ("try my password hunter2 there", "hunter2"),
    ("passwort: geheim99", "geheim99"),
    ("set SECRET_KEY_BASE deadbeefdeadbeef", "deadbeef"),
    ("postgres://u:p@ss@h/db", "ss@h"),
    ("api key: 12345-abcde", "12345"),
    ("passphrase 'correct horse battery'", "horse"),
]
PLAIN = [
    "you broke src/components/CheckoutForm/index.tsx in 3f2a9c1b7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a",
    "wrong password: the form accepts it",
    "the password is wrong still",
    "the token refresh is slow and secrets are missing",
    "ConfigurationManager2FactoryBuilderImpl is too long a name",
    "id 123e4567-e89b-12d3-a456-426614174000 is there twice",
    "see https://example.org/a/b?page=2#top",
    "npm-check-updates-configuration is not what I asked for",
    "the key: value pairs come out in the wrong order",
]


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a request over the network")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_secret_is_not_stored(text: str, secret: str) -> None:
    clean = redact(text)
    assert secret not in clean
    assert "[redacted]" in clean
    assert secret not in json.dumps(recorded(text, YES))


@pytest.mark.parametrize("text", PLAIN)
def test_words_paths_and_hashes_are_not_redacted(text: str) -> None:
    assert redact(text) == text


def test_secret_at_the_limit_is_not_stored_in_part() -> None:
    text = "x " * 30 + "ghp_" + "a1B2" * 9
    words = recorded(text, YES, max_chars=70)["user_correction"]["verbatim"]
    assert not re.search(r"ghp|a1B2", words)


@given(st.text())
def test_redaction_is_idempotent(text: str) -> None:
    once = redact(text)
    assert redact(once) == once
