"""Words of repair and of new work in other languages than English."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from errata import rules
from errata.corrections.classify.evidence import Facts, normalise, score_evidence

RULES: list[dict[str, Any]] = rules.source("commit_words")["rule"]
COMPILED: list[dict[str, Any]] = rules.load("commit_words")["rule"]
EXAMPLES = [
    pytest.param(rule, example, matches, id=f"{RULES[rule]['language']}-{example}")
    for rule in range(len(RULES))
    for examples, matches in (("match", True), ("miss", False))
    for example in RULES[rule][examples]
]
FACTS = Facts(1, 1, 0, 0, 200, 4, 50, 48.0, same_person=False, differences={})
OLD, NEW = "words-of-repair", "words-of-new-work"


def evidence(message: str) -> list[str]:
    return [item.name for item in score_evidence(message, FACTS).evidence]


@pytest.mark.parametrize(("rule", "example", "matches"), EXAMPLES)
def test_public_commits(rule: int, example: str, matches: bool) -> None:
    source, _, subject = example.partition(" ")
    assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{7,40}", source)
    assert (COMPILED[rule]["words"].search(normalise(subject)) is not None) is matches
    assert (re.search(RULES[rule]["words"], normalise(subject)) is not None) is matches


def test_twelve_languages_have_both_kinds_of_words() -> None:
    languages = {rule["language"] for rule in RULES}
    assert len(languages) == 12
    assert {(rule["language"], rule["evidence"]) for rule in RULES} == {
        (language, name) for language in languages for name in (OLD, NEW)
    }


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("修复空指针问题", OLD),
        ("ﾊﾞｸﾞを修正", OLD),  # half-width katakana
        ("correc\u0327a\u0303o do total", OLD),  # decomposed
        ("ИСПРАВЛЕНА ОШИБКА", OLD),
        ("添加缓存", NEW),
        ("キャッシュを追加", NEW),
        ("prefix all keys", ""),
    ],
)
def test_evidence_in_any_language(subject: str, expected: str) -> None:
    assert [name for name in evidence(subject) if name in (OLD, NEW)] == (
        [expected] if expected else []
    )


def test_a_word_counts_once_in_two_languages() -> None:
    assert evidence("fix: 修复空指针问题").count(OLD) == 1


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule['language']}-{rule['evidence']}")
def test_search_is_fast_on_any_text(rule: dict[str, Any]) -> None:
    begun = time.perf_counter()
    for piece in ("处理", "修改 ", "오류 ", "a: ", "corrig ", "fehler", "ошибка "):
        re.search(rule["words"], (piece * 1000)[:1000])
    assert time.perf_counter() - begun < 0.5
