"""The evidence that an edit is a correction, and what follows from it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from errata import rules
from errata.corrections.classify.evidence import (
    Evidence,
    Verdict,
    decides_without_tokens,
    held,
    least_probability,
    normalise,
    says,
    score_evidence,
)
from errata.corrections.classify.facts import Facts
from errata.corrections.classify.relations import Relations
from errata.corrections.classify.token_diff import Difference

SOURCE: dict[str, Any] = rules.source("evidence")
TABLE: dict[str, Any] = rules.load("evidence")
ROWS: list[dict[str, Any]] = [*SOURCE["veto"], *SOURCE["evidence"]]
SCALES: list[dict[str, Any]] = SOURCE["scale"]
WEIGHTS: dict[str, float] = rules.load("evidence_weights")["weights"]
EXPRESSIONS = {
    rule["name"]: rule["words"] for rule in TABLE["veto"] + TABLE["evidence"] if "words" in rule
}
EXAMPLES = [
    pytest.param(rule["name"], subject, matches, id=f"{rule['name']}-{subject}")
    for rule in ROWS
    for examples, matches in (("match", True), ("miss", False))
    for subject in rule.get(examples, [])
]
FACTS = Facts(1, 1, 0, 0, 2, 1, 20, 5.0, same_person=True, differences={Difference.LOGIC: 1})


# ----------------------------------------------------------------------------------------- table


@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: scale["fact"])
def test_scale_is_complete(scale: dict[str, Any]) -> None:
    edges = scale["edges"]
    assert len(scale["names"]) == len(scale["says"]) == len(edges) + 1 >= 2
    assert edges == sorted(set(edges))
    assert len(set(scale["says"])) == len(scale["says"])


def test_names_are_unique_and_have_a_sentence() -> None:
    names = [rule["name"] for rule in ROWS] + [name for scale in SCALES for name in scale["names"]]
    assert len(set(names)) == len(names)
    sentences = says()
    assert sentences.keys() == {*names}
    for sentence in sentences.values():
        assert sentence.strip() == sentence and len(sentence) > 10
        assert not sentence.endswith(".")


def test_a_fact_has_one_scale() -> None:
    facts = [scale["fact"] for scale in SCALES]
    assert len(set(facts)) == len(facts)


def test_rules_refer_to_facts_that_are_measured() -> None:
    named = {rule["fact"] for rule in [*ROWS, *SCALES] if "fact" in rule}
    assert named <= FACTS.measures().keys()


@pytest.mark.parametrize("rule", ROWS, ids=lambda rule: rule["name"])
def test_rule_is_complete(rule: dict[str, Any]) -> None:
    keys = {"name", "says", "weight", "words", "body", "agent", "match", "miss"}
    assert rule.keys() <= keys | {"fact", "at_least", "below"}
    assert rule.keys() & {"words", "body", "agent", "fact"}
    assert ("fact" in rule) is bool(rule.keys() & {"at_least", "below"})
    assert bool(rule.get("match") and rule.get("miss")) is ("words" in rule)
    if rule in SOURCE["veto"]:
        assert "weight" not in rule


@pytest.mark.parametrize(("name", "subject", "matches"), EXAMPLES)
def test_examples(name: str, subject: str, matches: bool) -> None:
    assert bool(EXPRESSIONS[name].search(normalise(subject))) is matches


VETOES = [
    pytest.param(rule["name"], text, id=text) for rule in SOURCE["veto"] for text in rule["match"]
]


@pytest.mark.parametrize(("name", "subject"), VETOES)
def test_a_subject_with_a_veto(name: str, subject: str) -> None:
    verdict = score_evidence(subject, FACTS)
    assert name in [veto.name for veto in verdict.vetoes]
    assert not verdict.corrective


def test_words_in_the_body_are_not_those_of_the_subject() -> None:
    assert "words-of-repair" in held("fix the rows", FACTS, "")
    assert "words-of-repair" not in held("Rows\n\nfix the rows", FACTS, "")
    assert "body-of-repair" in held("Rows\n\nfix the rows", FACTS, "")
    assert "agent-fixed" in held("Rows", FACTS, "fix: rows")
    assert "agent-fixed" not in held("Rows", FACTS, "feat: rows\n\nfix: rows")


COUNTED = {
    "hours": "hours",
    "files": "files",
    "lines": "total",
    "agent_added": "agent_added",
    "agent_commits": "agent_commits",
    "places": "hunks",
    "restored": "restored",
}
EDGES = [
    pytest.param(COUNTED[scale["fact"]], edge, *scale["names"][place : place + 2])
    for scale in SCALES
    if scale["fact"] in COUNTED
    for place, edge in enumerate(scale["edges"])
]


@pytest.mark.parametrize(("field", "edge", "below", "above"), EDGES)
def test_a_bin_begins_at_its_edge(field: str, edge: float, below: str, above: str) -> None:
    for value, name in ((edge, above), (edge - 1e-9, below)):
        number: dict[str, Any] = {field: value}
        assert {below, above} & {*held("Rows", replace(FACTS, **number), "")} == {name}


# --------------------------------------------------------------------------------------- weights


def test_weights_are_of_rules_that_leave_theirs_to_learn() -> None:
    learned = {rule["name"] for rule in SOURCE["evidence"] if "weight" not in rule}
    learned |= {name for scale in SCALES for name in scale["names"]}
    assert WEIGHTS.keys() <= learned
    assert all(math.isfinite(weight) and weight for weight in WEIGHTS.values())


def test_the_table_of_weights_is_compiled() -> None:
    assert rules.load("evidence_weights") == rules.source("evidence_weights")


def test_weights_that_are_set_by_hand_are_applied() -> None:
    by_hand = {rule["name"]: rule["weight"] for rule in SOURCE["evidence"] if "weight" in rule}
    assert "added-before-the-commit" in by_hand
    early = replace(FACTS, removed=0, added=0, inserted=6, total=6, committed=False)
    applied = {item.name: item.weight for item in score_evidence("Rows", early).evidence}
    assert applied["added-before-the-commit"] == by_hand["added-before-the-commit"]


# -------------------------------------------------------------------------------------- verdicts

FINITE = st.floats(-20, 20)
PIECES = st.builds(Evidence, st.sampled_from("abcdef"), FINITE, st.just(False))
VERDICTS = st.builds(Verdict, st.lists(PIECES, max_size=8).map(tuple), FINITE, FINITE)


def scored(score: float) -> Verdict:
    return Verdict((Evidence("a", score),), 0.0)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_probability_rises_with_the_score(first: float, second: float) -> None:
    low, high = sorted((first, second))
    assert 0 < scored(low).probability <= scored(high).probability <= 1
    if abs(low) < 20 and high - low > 1e-3:
        assert scored(low).probability < scored(high).probability


@given(st.floats(-25, 25))
def test_probability_of_the_opposite(score: float) -> None:
    assert scored(score).probability + scored(-score).probability == pytest.approx(1)


def test_least_probability_is_that_of_the_threshold() -> None:
    threshold = rules.load("evidence_weights")["threshold"]
    assert scored(threshold).probability == least_probability()
    assert 0 < least_probability() < 1


@given(VERDICTS)
def test_it_is_corrective_from_the_threshold_on(verdict: Verdict) -> None:
    assert verdict.corrective is (verdict.score >= verdict.threshold)
    assert replace(verdict, threshold=verdict.score).corrective


@given(VERDICTS, st.integers(0, 8))
def test_a_veto_is_never_corrective(verdict: Verdict, place: int) -> None:
    veto = Evidence("release", 0.0, veto=True)
    evidence = (*verdict.evidence[:place], veto, *verdict.evidence[place:])
    refused = replace(verdict, evidence=evidence)
    assert not refused.corrective
    assert refused.vetoes == (veto,)
    assert decides_without_tokens(refused)


@given(VERDICTS, st.integers(0, 10), st.data())
def test_strongest(verdict: Verdict, count: int, data: st.DataObject) -> None:
    strongest = verdict.strongest(count)
    assert len(strongest) == min(count, len(verdict.evidence))
    left = [*verdict.evidence]
    for item in strongest:
        left.remove(item)
    least = min((abs(item.weight) for item in strongest), default=math.inf)
    assert all(abs(item.weight) <= least for item in left)
    shuffled = replace(verdict, evidence=tuple(data.draw(st.permutations(verdict.evidence))))
    assert [abs(item.weight) for item in shuffled.strongest(count)] == [
        abs(item.weight) for item in strongest
    ]


# ---------------------------------------------------------------------------------- random facts

SMALL, SHARE = st.integers(0, 60), st.floats(0, 1)
OR_NOTHING = SHARE | st.just(-1.0)
RELATIONS = st.builds(Relations, *(OR_NOTHING for _ in range(6)))
ALL_FACTS = st.builds(
    Facts,
    removed=SMALL,
    added=SMALL,
    inserted=SMALL,
    moved=SMALL,
    total=st.integers(1, 3000),
    files=st.integers(1, 60),
    agent_added=st.integers(0, 2000),
    hours=st.floats(0, 400),
    same_person=st.booleans(),
    differences=st.dictionaries(st.sampled_from(Difference), st.integers(1, 40)),
    committed=st.booleans(),
    hunks=st.integers(1, 40),
    agent_commits=st.integers(1, 8),
    new_lines=SMALL,
    new_files=st.integers(0, 5),
    tests=SMALL,
    configuration=SMALL,
    imports=SMALL,
    numbers=SMALL,
    shared_files=SMALL,
    agent_files=st.integers(1, 40),
    agent_tests=st.booleans(),
    restored=SHARE,
    next_commit=st.booleans(),
    relations=RELATIONS,
)
MESSAGES = st.sampled_from([text for rule in ROWS for text in rule.get("match", [])]) | st.text(
    max_size=30
)


def without_tokens(facts: Facts) -> Facts:
    """The same as it is measured without splitting lines into tokens."""
    prose = facts.differences.get(Difference.PROSE, 0)
    rest = sum(facts.differences.values()) - prose
    return replace(facts, differences={Difference.PROSE: prose, Difference.LOGIC: rest})


@given(MESSAGES, ALL_FACTS, MESSAGES)
@example("fix: wrong limit", FACTS, "feat: limits")
def test_what_is_decided_without_tokens_stays_so(message: str, facts: Facts, agent: str) -> None:
    early = score_evidence(message, without_tokens(facts), agent, lexed=False)
    if decides_without_tokens(early):
        assert early.corrective is score_evidence(message, facts, agent).corrective


@given(MESSAGES, ALL_FACTS, st.floats(0.05, 0.95))
def test_tokens_that_would_decide_are_asked_for(message: str, facts: Facts, part: float) -> None:
    """With a threshold between the scores without and with tokens."""
    early = score_evidence(message, without_tokens(facts), lexed=False)
    late = score_evidence(message, facts)
    assume(abs(late.score - early.score) > 1e-6 and not early.vetoes)
    between = early.score + part * (late.score - early.score)
    assert not decides_without_tokens(replace(early, threshold=between))


def test_far_from_the_threshold_no_tokens_are_needed() -> None:
    early = score_evidence("Rows", FACTS, lexed=False)
    for distance in (-100, 100):
        assert decides_without_tokens(replace(early, threshold=early.score + distance))


@given(MESSAGES, ALL_FACTS, MESSAGES)
def test_one_bin_of_each_scale_holds(message: str, facts: Facts, agent: str) -> None:
    names = held(message, facts, agent)
    assert len(set(names)) == len(names)
    for scale in SCALES:
        assert len({*scale["names"]} & {*names}) == 1
    assert {*names} <= says().keys()


@given(MESSAGES, ALL_FACTS, MESSAGES)
def test_the_score_is_the_sum_of_what_holds(message: str, facts: Facts, agent: str) -> None:
    verdict = score_evidence(message, facts, agent)
    learned = [WEIGHTS.get(name, 0.0) for name in held(message, facts, agent)]
    by_hand = [
        rule["weight"]
        for rule in SOURCE["evidence"]
        if "weight" in rule and rule["name"] in {item.name for item in verdict.evidence}
    ]
    assert verdict.score == pytest.approx(verdict.start + sum(learned) + sum(by_hand))
    assert all(item.weight or item.veto for item in verdict.evidence)


@given(MESSAGES, ALL_FACTS)
def test_case_and_form_of_letters_do_not_matter(message: str, facts: Facts) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "a" <= c <= "z" else c for c in message)
    if message.isascii():
        assert score_evidence(message.upper(), facts) == score_evidence(message, facts)
        assert score_evidence(wide, facts) == score_evidence(message, facts)


@given(st.lists(st.integers(-200, 200), min_size=1, max_size=40), st.integers(-100, 100))
def test_what_sums_to_the_threshold_counts_whatever_the_last_bit_says(
    hundredths: list[int], start: int
) -> None:
    evidence = tuple(Evidence(str(n), n / 100) for n in hundredths)
    total = start + sum(hundredths)
    assert Verdict(evidence, total / 100, start / 100).corrective
    assert not Verdict(evidence, (total + 1) / 100, start / 100).corrective
