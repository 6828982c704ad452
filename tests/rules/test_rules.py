"""The rules match their examples."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from errata import rules
from errata.core.config import AGENT_NAME, Config, Routing
from errata.patterns.categories import category_of
from errata.patterns.globs import matcher
from errata.patterns.route import Router
from errata.records import field_guesses, pattern_names

PATTERNS: list[dict[str, Any]] = rules.source("patterns")["pattern"]
ROUTING = rules.load("routing")
CATEGORIES = {
    "security",
    "correctness",
    "completeness",
    "performance",
    "convention",
    "api",
    "testing",
    "infrastructure",
}
MATCH = [pytest.param(rule, text, id=text) for rule in PATTERNS for text in rule["match"]]
MISS = [pytest.param(rule, text, id=text) for rule in PATTERNS for text in rule["miss"]]


@pytest.mark.parametrize(("rule", "text"), MATCH)
def test_example_gets_the_name_of_its_rule(rule: dict[str, Any], text: str) -> None:
    assert pattern_names.known_patterns()[rule["name"]].words.search(text.lower())
    assert pattern_names.name_of(text) == rule["name"]


@pytest.mark.parametrize(("rule", "text"), MISS)
def test_near_miss_does_not_match(rule: dict[str, Any], text: str) -> None:
    assert not pattern_names.known_patterns()[rule["name"]].words.search(text.lower())
    assert pattern_names.name_of(text) != rule["name"]


@pytest.mark.parametrize("rule", PATTERNS, ids=lambda rule: rule["name"])
def test_rule_is_complete(rule: dict[str, Any]) -> None:
    keys = {"name", "category", "description", "words", "match", "miss"}
    assert set(rule) - {"in_subjects"} == keys
    assert pattern_names.PATTERN_NAME.match(rule["name"])
    assert rule["category"] in CATEGORIES
    assert rule["match"] and rule["miss"]
    assert rule["description"].endswith(".")
    # Matched against lower-cased text, an upper-case letter could never be found.
    assert not re.search(r"(?<!\\)[A-Z]", rule["words"])


def test_names_are_unique() -> None:
    assert len(pattern_names.known_patterns()) == len(PATTERNS)


@pytest.mark.parametrize("rule", PATTERNS, ids=lambda rule: rule["name"])
def test_rule_is_fast_on_any_text(rule: dict[str, Any]) -> None:
    import time

    compiled = re.compile(rule["words"])
    begun = time.perf_counter()
    for piece in ("missing ", "no error ", "hard", "a" * 10, "query error validat ", "- "):
        compiled.search((piece * 2000)[:2000])
    assert time.perf_counter() - begun < 0.5


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    assert pattern_names.name_of("x " * 1100 + "hardcoded timeout") == ""
    assert pattern_names.name_of("hardcoded timeout" + " x" * 100_000) == "hardcoded-value"


@pytest.mark.parametrize("text", ["", "  ", "Lorem ipsum dolor sit amet", "ok", "\x00\ud800"])
def test_text_without_a_rule_has_no_name(text: str) -> None:
    assert pattern_names.name_of(text) == ""


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("Missing_Status Condition", "missing-status-condition"),
        (" missing-status-condition\t", "missing-status-condition"),
        ("missing__status - condition", "missing-status-condition"),
        ("n-plus-1", "n-plus-1"),
        ("_", ""),
    ],
)
def test_names_are_normalised(spelled: str, name: str) -> None:
    assert pattern_names.normal_name(spelled) == name
    assert pattern_names.normal_name(name) == name


def test_digits_and_negations_distinguish_names() -> None:
    names = ["use-http-1", "use-http-2", "use-cache", "do-not-use-cache"]
    assert [pattern_names.normal_name(name) for name in names] == names


@pytest.mark.parametrize("name", ["a", "a-b-1", "x" * 100])
def test_valid_pattern_names(name: str) -> None:
    assert pattern_names.PATTERN_NAME.match(name)


@pytest.mark.parametrize(
    "name", ["", "-a", "a-", "a--b", "A", "a b", "../a", "a\n", "é", "x" * 101]
)
def test_invalid_pattern_names(name: str) -> None:
    assert not pattern_names.PATTERN_NAME.match(name)


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("missing-status-condition", "api"),  # a rule
        ("weak-password-token", "security"),  # words
        ("slow-startup", "performance"),
        ("missing-thing", "completeness"),
        ("something-else", ""),
    ],
)
def test_categories_of_names(name: str, category: str) -> None:
    assert category_of(name) == category


# --- routing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "agents"),
    [
        ("pkg/store_test.go", ["test-engineer"]),
        ("test_app.py", ["test-engineer"]),
        ("src/deep/er/button.test.tsx", ["test-engineer"]),
        ("tests/x.py", ["test-engineer"]),
        ("e2e/x/y.ts", ["test-engineer"]),
        ("src/Button.tsx", ["frontend-dev"]),
        ("styles.css", ["frontend-dev"]),
        ("ui/main.go", ["frontend-dev"]),
        ("pkg/components/x.go", ["frontend-dev"]),
        (".github/workflows/ci.yml", ["sre"]),
        ("config/base/x.yaml", ["sre"]),
        ("Dockerfile", ["sre"]),
        ("build/Dockerfile.dev", ["sre"]),
        ("main.tf", ["sre"]),
        ("a/kustomization.yml", ["sre"]),
        ("pkg/apis/types.go", ["api-dev"]),
        ("./pkg/apis/types.go", ["api-dev"]),
        ("pkg/apis/types.go:12:3", ["api-dev"]),
        ("internal/controllers/x.go", ["api-dev"]),
        # near misses
        ("src/latest.py", []),
        ("src/contest_thing.py", []),
        ("guide/main.go", []),
        ("src/tests/x.py", []),
        ("terraform.md", []),
        ("apis.go", []),
        ("", []),
    ],
)
def test_path_is_routed_to_agents(path: str, agents: list[str]) -> None:
    assert list(Router(Config()).by_path(path)) == agents


@pytest.mark.parametrize("pattern", ROUTING["paths"])
def test_every_glob_matches_its_example_path(pattern: str) -> None:
    example = re.sub(r"\{([^,}]*)[^}]*\}", r"\1", pattern)
    example = example.replace("**/", "a/b/").replace("**", "c/d").replace("*", "x")
    assert matcher(pattern)(example)


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("*.py", "a.py", True),
        ("*.py", "d/a.py", False),
        ("**/*.py", "a.py", True),
        ("**/*.py", "d/e/a.py", True),
        ("a/**", "a/b/c", True),
        ("a/**", "ab/c", False),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("*.{ts,tsx}", "x.tsx", True),
        ("*.{ts,tsx}", "x.js", False),
        ("a.b", "axb", False),
        ("a+(b)[c]", "a+(b)[c]", True),
        ("{a,b", "a", True),  # an open brace ends with the glob
        ("a}b", "a}b", True),
    ],
)
def test_globs(pattern: str, path: str, fits: bool) -> None:
    assert matcher(pattern)(path) is fits


def test_every_agent_in_routing_has_a_valid_name() -> None:
    named = [ROUTING["reviewers"], ROUTING["default"]]
    named += [*ROUTING["paths"].values(), *ROUTING["categories"].values()]
    assert all(AGENT_NAME.match(agent) for agents in named for agent in agents)
    assert set(ROUTING["categories"]) <= CATEGORIES


def test_configured_paths_come_first() -> None:
    own = Routing(paths={"pkg/**": ("owner",), "**/*_test.go": ("never-asked",)})
    router = Router(Config(routing=own))
    assert router.by_path("pkg/a_test.go") == ("owner",)
    assert router.by_path("src/a_test.py") == ("test-engineer",)


def test_rules_that_name_commits_were_read_as_right() -> None:
    lines = (Path(__file__).parents[2] / "bench/names/labels.jsonl").read_text("utf-8").splitlines()
    readers = defaultdict(list)
    for label in map(json.loads, lines):
        readers[label["rule"]].append(label["right"])
    passed = {
        rule
        for rule, answers in readers.items()
        if len(answers) >= 5
        and all(sum(column) >= 0.8 * len(answers) for column in zip(*answers, strict=True))
    }
    assert {rule["name"] for rule in PATTERNS if rule.get("in_subjects")} == passed


def test_a_subject_that_adds_a_thing_does_not_name_its_absence() -> None:
    for subject in ("Add debug logs", "test: add missing tests", "docs: document the missing flag"):
        assert pattern_names.name_of_subject(subject) == ""
    assert pattern_names.name_of_subject("fix off-by-one error in pager") == "off-by-one"


REVIEWS = [
    (table, row)
    for table in ("mark", "label", "skip")
    for row in zip(rules.source("reviews")[table], rules.load("reviews")[table], strict=True)
]


@pytest.mark.parametrize(("table", "row"), REVIEWS)
def test_words_of_review_comments_match_their_examples(table: str, row: Any) -> None:
    written, compiled = row
    words = compiled["words"]
    assert written["match"] and written["miss"]
    for text in written["match"]:
        assert words.search(text.casefold() if table == "skip" else text), text
    for text in written["miss"]:
        match = words.search(text.casefold() if table == "skip" else text)
        assert not match, text


def test_marks_name_severities_and_programs_have_names() -> None:
    for written, compiled in (row for table, row in REVIEWS if table == "mark"):
        words = [compiled["words"].search(text)[1] for text in written["match"]]
        assert any(field_guesses.severity(word) for word in words), written["about"]
    for login, name in rules.load("reviews")["bots"].items():
        assert login == login.lower() and AGENT_NAME.match(name)
