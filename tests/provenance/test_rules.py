"""The examples in rules/identities.toml, and properties of all rules together."""

from __future__ import annotations

import time
import tomllib
from importlib import resources
from typing import Any

import pytest

from errata.provenance.identity import CommitIdent, classify, load_rules, parse_identity

DATA: dict[str, Any] = tomllib.loads(
    resources.files("errata.rules").joinpath("identities.toml").read_text("utf-8")
)
KINDS = {"agent": "agent", "bot": "bot", "unsure": "unknown"}


def commit(place: str, example: str) -> CommitIdent:
    ann = ("Ann Author", "ann@example.org")
    if place == "author":
        return CommitIdent(*parse_identity(example), *ann, "Subject\n\nBody.\n")
    if place == "committer":
        return CommitIdent(*ann, *parse_identity(example), "Subject\n\nBody.\n")
    if place == "subject":
        return CommitIdent(*ann, *ann, f"{example}\n\nBody.\n")
    line = f"Co-authored-by: {example}" if place == "co-author" else example
    return CommitIdent(*ann, *ann, f"Subject\n\nBody.\n\n{line}\n")


def examples(key: str) -> list[Any]:
    return [
        pytest.param(kind, rule, place, text, id=f"{kind}-{rule.get('tool', '')}-{place}-{text}")
        for kind in ("agent", "bot", "unsure", "person")
        for rule in DATA[kind]
        for place in rule["on"]
        for text in rule[key]
    ]


@pytest.mark.parametrize(("kind", "rule", "place", "text"), examples("match"))
def test_example_is_recognised(kind: str, rule: dict[str, Any], place: str, text: str) -> None:
    got = classify(commit(place, text), load_rules())
    if kind == "person":
        assert (got.kind, len(got.evidence)) == ("person", 1)
        return
    assert (got.kind, got.tool) == (KINDS[kind], rule.get("tool", ""))
    assert got.evidence
    if "session" in rule:
        assert got.session in text.split(":", 1)[1] and got.session


@pytest.mark.parametrize(("kind", "rule", "place", "text"), examples("miss"))
def test_near_miss_is_not_recognised(
    kind: str, rule: dict[str, Any], place: str, text: str
) -> None:
    got = classify(commit(place, text), load_rules())
    if kind in ("unsure", "person"):
        assert (got.kind, got.evidence) == ("person", ())
    elif kind == "agent":
        assert got.kind != "agent" or got.tool != rule["tool"]
    else:
        assert got.kind != "bot"


def test_every_rule_has_positive_and_negative_examples() -> None:
    for kind in ("agent", "bot", "unsure", "person"):
        for rule in DATA[kind]:
            assert rule["match"] and rule["miss"], rule


@pytest.mark.parametrize("line", DATA["policies"]["match"])
def test_policy_trailer_names_a_known_tool(line: str) -> None:
    assert classify(commit("trailer", line), load_rules()).kind == "agent"


@pytest.mark.parametrize("line", DATA["policies"]["miss"])
def test_policy_trailer_may_name_a_person_or_a_program(line: str) -> None:
    assert classify(commit("trailer", line), load_rules()).kind == "person"


HOSTILE = [
    "Claude " + "Opus 4." * 20_000,
    "a" * 100_000,
    "(" * 100_000,
    " " * 100_000 + "x",
    "claude-" * 20_000,
    "Assisted-by: " * 10_000,
    "\\n" * 50_000,
    "🤖 generated with claude " * 5_000,
    "1+" * 50_000 + "@users.noreply.github.com",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_takes_linear_time(text: str) -> None:
    shapes = [
        CommitIdent(text, text, text, text, "Subject\n"),
        CommitIdent("A", "a@x", "A", "a@x", f"S\n\nCo-authored-by: {text} <{text}>\n"),
        CommitIdent("A", "a@x", "A", "a@x", f"S\n\nAssisted-by: {text}\nAgent: {text}\n"),
        CommitIdent("A", "a@x", "A", "a@x", f"S\n\n{text}\nGenerated with {text}\n"),
    ]
    start = time.process_time()
    for shape in shapes:
        classify(shape, load_rules())
    assert time.process_time() - start < 2
