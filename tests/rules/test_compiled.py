"""The tables that are read at run time say what the TOML says, and match what it matches."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bench.messages import corpus
from hypothesis import given
from hypothesis import strategies as st

from errata import rules
from errata.rules import compile, expression
from errata.rules.literals import literals

ROOT = Path(__file__).parents[2]
ADDED = {"needs", "only"}


@pytest.mark.parametrize("name", compile.names())
def test_a_table_is_as_its_toml_would_make_it(name: str) -> None:
    """`python -m errata.rules` was run after the last change."""
    file = rules.folder() / f"compiled/{name}.py"
    assert file.read_text("utf-8") == compile.text(name)


def test_no_table_is_left_without_toml() -> None:
    found = {path.stem for path in (rules.folder() / "compiled").glob("[!_]*.py")}
    assert found == set(compile.names())


@pytest.mark.parametrize("name", compile.names())
def test_only_examples_are_left_out(name: str) -> None:
    def same(ours: Any, source: Any) -> None:
        if isinstance(source, dict):
            shown = {key: value for key, value in source.items() if key not in ("match", "miss")}
            added = ours.keys() - shown.keys()
            assert (
                added <= {*ADDED, "sure", "events", "environment"} and shown.keys() <= ours.keys()
            )
            for key, value in shown.items():
                same(ours[key], value)
        elif isinstance(source, list):
            assert len(ours) == len(source)
            for one, other in zip(ours, source, strict=True):
                same(one, other)
        else:
            assert ours == source and type(ours) is type(source)

    same(rules.load(name), rules.source(name))


# -------------------------------------------------------------------------- what is needed to match


@pytest.mark.parametrize(
    ("text", "flags", "needs", "only"),
    [
        ("fix", 0, ["fix"], ["fix"]),
        (r"\bfix(?:e[ds]|ing)?\b", 0, ["fix"], None),
        ("colou?r", 0, ["color", "colour"], ["color", "colour"]),
        ("a|b", 0, ["a", "b"], ["a", "b"]),
        ("(?:ab)+c", 0, ["ab"], None),
        ("(?:ab)*c", 0, ["c"], None),
        ("a{2,3}", 0, ["a"], None),
        (r"x.{0,12}longer", 0, ["longer"], None),
        ("a.*|b", 0, ["a", "b"], None),
        (".*|b", 0, [], None),
        ("", 0, [], [""]),
        ("ab(?=c)", 0, ["ab"], None),
        ("(?!no)yes", 0, ["yes"], None),
        ("[a-z]x[^q]", 0, ["x"], None),
        ("Fix", re.IGNORECASE, ["fix"], ["fix"]),
        ("(?i)Fix", 0, ["fix"], ["fix"]),
        ("(?i:Fix)", 0, [], None),
        ("aſb", re.IGNORECASE, ["a", "b"][:1], None),
        (r"(a)\1", 0, ["a"], None),
        ("(?P<n>ab)c", 0, ["abc"], ["abc"]),
    ],
)
def test_what_an_expression_needs(text: str, flags: int, needs: list[str], only: Any) -> None:
    found = literals(text, flags)
    assert (sorted(found.needs), found.only and list(found.only)) == (needs, only)


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
        inner.map(lambda one: f"({one})"),
        inner.map(lambda one: f"(?={one})"),
        inner.map(lambda one: f"(?!{one})"),
    ),
    max_leaves=8,
)


@given(EXPRESSIONS, st.text(ALPHABET, max_size=8), st.booleans())
def test_an_expression_finds_what_the_plain_one_finds(text: str, subject: str, fold: bool) -> None:
    plain = re.compile(text, re.IGNORECASE if fold else 0)
    needs, only = literals(text, plain.flags & re.IGNORECASE)
    ours = expression.Expression(text, needs, only if fold else None, fold)
    assert ours.found(subject) is (plain.search(subject) is not None)
    assert ours.whole(subject) is (plain.fullmatch(subject) is not None)


def expressions() -> Iterator[tuple[str, dict[str, Any], str, bool]]:
    """(table, rule, field, whether case is ignored) of every rule that is prepared."""

    def walk(node: Any, fields: tuple[str, ...]) -> Iterator[tuple[dict[str, Any], str]]:
        if isinstance(node, dict):
            yield from ((node, key) for key in fields if isinstance(node.get(key), str))
        for inner in node.values() if isinstance(node, dict) else node:
            if isinstance(inner, dict | list):
                yield from walk(inner, fields)

    for name, (fields, fold) in compile._EXPRESSIONS.items():
        yield from ((name, rule, key, fold) for rule, key in walk(rules.load(name), fields))


def subjects() -> list[str]:
    """Texts as the rules meet them: messages, names, trailers, paths, tokens."""
    labelled = (ROOT / "bench/detector/labels.jsonl").read_text("utf-8").splitlines()
    found = [value for line in labelled for value in texts(json.loads(line))]
    found += [case.text for case in corpus.read()][::7]
    for name in compile.names():
        found += texts(rules.source(name), ("match", "miss"))
    found += ["keyword:try name:err other:!= string:'x' number:1", "name:print(", "tests/test_a.py"]
    return list(dict.fromkeys(part for text in found for part in (text, text.lower())))


def texts(node: Any, keys: tuple[str, ...] = ()) -> list[str]:
    if isinstance(node, str):
        return [] if keys else [node]
    if isinstance(node, dict):
        return [t for key, value in node.items() for t in texts(value, () if key in keys else keys)]
    return [t for one in node for t in texts(one, keys)] if isinstance(node, list) else []


def test_the_rules_find_what_their_expressions_find() -> None:
    """On the labelled sets and all examples, looking first for words changes nothing."""
    all_texts = subjects()
    assert len(all_texts) > 2000
    matched = 0
    for _, rule, key, fold in expressions():
        plain = re.compile(rule[key], re.IGNORECASE if fold else 0)
        ours = expression.of(rule, key, fold)
        for text in all_texts:
            found = plain.search(text) is not None
            matched += found
            assert ours.found(text) is found, (rule[key], text)
            if fold:
                assert ours.whole(text) is (plain.fullmatch(text) is not None), (rule[key], text)
    assert matched > 1000


def test_most_expressions_need_something() -> None:
    found = list(expressions())
    known = [one for one in found if one[2] in one[1].get("needs", {})]
    assert len(known) > 0.9 * len(found) > 90


def test_a_text_without_what_is_needed_compiles_nothing() -> None:
    ours = expression.Expression("(", needs=("fix",))
    assert not ours.found("nothing of the kind")
    with pytest.raises(re.error):
        ours.found("a fix")
