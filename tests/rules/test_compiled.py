"""The compiled tables say what the TOML says, and expressions match what their patterns match."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import pytest
from bench.messages import corpus
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errata import rules
from errata.rules import compile
from errata.rules.expression import Expression
from errata.rules.literals import exact_strings, expression

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", compile.names())
def test_compiled_table_is_up_to_date(name: str) -> None:
    """`python -m errata.rules` was run after the last change."""
    file = rules.folder() / f"compiled/{name}.py"
    assert file.read_text("utf-8") == compile.text(name)


def test_every_compiled_table_has_toml() -> None:
    modules = {path.stem for path in (rules.folder() / "compiled").glob("[!_]*.py")}
    assert modules == set(compile.names())


@pytest.mark.parametrize("name", compile.names())
def test_compiled_table_omits_only_examples(name: str) -> None:
    fragments = rules.source(name).get("fragments", {})

    def same(ours: Any, source: Any) -> None:
        if isinstance(source, dict):
            kept = {k: v for k, v in source.items() if k not in ("match", "miss", "fragments")}
            added = ours.keys() - kept.keys()
            assert added <= {"sure", "events", "environment"} and kept.keys() <= ours.keys()
            for key, value in kept.items():
                same(ours[key], value)
        elif isinstance(source, list):
            assert len(ours) == len(source)
            for item, other in zip(ours, source, strict=True):
                same(item, other)
        elif isinstance(ours, Expression):
            for key, fragment in fragments.items():
                source = source.replace(f"<{key}>", fragment)
            assert ours.pattern.removeprefix("(?i)") == source.removeprefix("(?i)")
        else:
            assert ours == source and type(ours) is type(source)

    same(rules.load(name), rules.source(name))


# --- literals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "literals", "exact"),
    [
        ("fix", ["fix"], ["fix"]),
        (r"\bfix(?:e[ds]|ing)?\b", ["fix"], []),
        ("colou?r", ["color", "colour"], ["color", "colour"]),
        ("a|b", ["a", "b"], ["a", "b"]),
        ("(?:ab)+c", ["ab"], []),
        ("(?:ab)*c", ["c"], []),
        ("a{2,3}", ["a"], []),
        (r"x.{0,12}longer", ["longer"], []),
        ("a.*|b", ["a", "b"], []),
        (".*|b", [], []),
        ("", [], [""]),
        ("ab(?=c)", ["ab"], []),
        ("(?!no)yes", ["yes"], []),
        ("[a-z]x[^q]", ["x"], []),
        ("(?i)Fix", ["fix"], ["fix"]),
        ("(?i:Fix)ED", ["fixed"], ["fixed"]),
        ("(?>ab)c", ["abc"], ["abc"]),
        ("(?i)aſb", ["a"], []),
        (r"(a)\1", ["a"], []),
        ("(?P<n>ab)c", ["abc"], ["abc"]),
    ],
)
def test_literals_of_a_pattern(pattern: str, literals: list[str], exact: list[str]) -> None:
    assert list(expression(pattern).literals) == literals
    assert exact_strings(pattern) == exact


ALPHABET = "abAk\u212asſ🤖 "
ATOMS = st.sampled_from(
    ["a", "b", "k", "s", "A", "ſ", "🤖", ".", "[ab]", "[^a]", r"\b", "^", "$", r"\w", " "]
)
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{0,2}", "??"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
        inner.map(lambda inner: f"({inner})"),
        inner.map(lambda inner: f"(?={inner})"),
        inner.map(lambda inner: f"(?!{inner})"),
        inner.map(lambda inner: f"(?i:{inner})"),
    ),
    max_leaves=8,
)


def assert_same_matches(ours: Expression, plain: re.Pattern[str], text: str) -> None:
    spans = [match.span() for match in plain.finditer(text)]
    assert [match.span() for match in ours.finditer(text)] == spans
    assert bool(ours.search(text)) is bool(plain.search(text))
    assert bool(ours.match(text)) is bool(plain.match(text))
    assert bool(ours.fullmatch(text)) is bool(plain.fullmatch(text))
    assert ours.sub("<>", text) == plain.sub("<>", text)


@given(EXPRESSIONS, st.text(ALPHABET, max_size=8), st.booleans())
def test_expression_matches_what_re_matches(pattern: str, text: str, ignore_case: bool) -> None:
    pattern = f"(?i){pattern}" if ignore_case else pattern
    assert_same_matches(expression(pattern), re.compile(pattern), text)


def expressions(node: Any) -> Iterator[Expression]:
    if isinstance(node, Expression):
        yield node
    for inner in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        yield from expressions(inner)


ALL = [ours for name in compile.EXPRESSION_FIELDS for ours in expressions(rules.load(name))]
AROUND = st.sampled_from(["", " ", "a", ". ", "\n", "\x00", "ı", "(", '"'])


@pytest.mark.parametrize("ours", [e for e in ALL if e.literals], ids=lambda ours: ours.pattern[:30])
def test_prefilter_accepts_every_match(ours: Expression) -> None:
    matching = st.builds("{}{}{}".format, AROUND, st.from_regex(ours.pattern), AROUND)

    # Lookaround makes hypothesis discard many texts.
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(matching | st.just(""))
    def holds(text: str) -> None:
        assert ours.may_match(text) or not re.search(ours.pattern, text)

    holds()


def subjects() -> list[str]:
    """Texts as the rules meet them: messages, names, trailers, paths, tokens."""
    labelled = (ROOT / "bench/detector/labels.jsonl").read_text("utf-8").splitlines()
    result = [value for line in labelled for value in texts(json.loads(line))]
    result += [case.text for case in corpus.read()][::7]
    for name in compile.names():
        result += texts(rules.source(name), ("match", "miss"))
    result += [
        "keyword:try name:err other:!= string:'x' number:1",
        "name:print(",
        "tests/test_a.py",
    ]
    return list(dict.fromkeys(part for text in result for part in (text, text.lower())))


def texts(node: Any, keys: tuple[str, ...] = ()) -> list[str]:
    if isinstance(node, str):
        return [] if keys else [node]
    if isinstance(node, dict):
        return [t for key, value in node.items() for t in texts(value, () if key in keys else keys)]
    return [t for item in node for t in texts(item, keys)] if isinstance(node, list) else []


def test_rules_match_what_their_patterns_match() -> None:
    """On the labelled sets and all examples, the prefilter changes nothing."""
    all_texts = subjects()
    assert len(all_texts) > 2000
    matched = 0
    for ours in ALL:
        plain = re.compile(ours.pattern)
        for text in all_texts:
            matches = plain.search(text) is not None
            matched += matches
            assert bool(ours.search(text)) is matches, (ours.pattern, text)
    assert matched > 1000


def test_most_expressions_have_literals() -> None:
    assert sum(bool(ours.literals) for ours in ALL) > 0.9 * len(ALL) > 150


def test_prefilter_rejects_most_texts() -> None:
    messages = [case.text[:1000] for case in corpus.read()][::5]
    masks = list(expressions(rules.load("masks")))
    accepted = sum(ours.may_match(text) for ours in masks for text in messages)
    assert accepted * 2 < len(masks) * len(messages)


def test_case_folding_covers_every_letter_that_re_folds() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    folded = re.findall("(?i)[a-z]", every)
    assert len(folded) > 50
    letters = Expression("", ascii_lowercase, ignore_case=True)
    assert all(map(letters.may_match, folded))


def test_nothing_is_compiled_for_a_text_without_literals() -> None:
    ours = Expression("(", ("fix",))
    assert not ours.search("nothing of the kind")
    with pytest.raises(re.error):
        ours.search("a fix")
