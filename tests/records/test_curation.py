"""Decisions about corrections and patterns: which count, and what they say together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import Repo

from errata.core.config import load
from errata.core.errors import RecordError
from errata.core.git import Repository
from errata.records import curation_log, schema
from errata.records.curation import Curation, State
from errata.records.curation_log import Author, Decision
from errata.records.standing import Standing

CASES = Path(__file__).parent.parent / "schemas" / "curation"
ANN = {"kind": "person", "name": "Ann Author"}
AGENT = {"kind": "agent", "name": "claude-code"}
OTHER = {"kind": "agent", "name": "cursor"}
PATTERNS = ("a", "b", "c")
CORRECTIONS = ("cor-1a", "cor-2b", "cor-3c")


def decision(minute: int = 0, by: dict[str, str] = ANN, **fields: Any) -> Decision:
    content = {"timestamp": f"2026-03-02T09:{minute:02}:00Z", "by": by, **fields}
    line = json.dumps({"id": curation_log.id_of(content), **content})
    return curation_log.decode(line.encode())


def of(*fields: dict[str, Any], trust: bool = False) -> Curation:
    """Decisions at one minute after the other."""
    decided: list[Decision] = []
    for minute, content in enumerate(fields):
        chosen = dict(content)
        if isinstance(number := chosen.get("of"), int):
            chosen["of"] = decided[number].id
        decided.append(decision(minute, **chosen))
    return Curation(decided, trust=trust)


@pytest.mark.parametrize("path", sorted(CASES.glob("*/*.json")), ids=lambda path: path.stem)
def test_reading_agrees_with_the_schema(path: Path) -> None:
    case = json.loads(path.read_bytes())
    value = case.get("instance", case)
    decisions, invalid = curation_log.parse(json.dumps(value).encode() + b"\n")
    assert bool(decisions) == schema.is_valid("curation", value) == (not invalid)


def test_a_changed_line_is_not_valid() -> None:
    line = curation_log.decode(
        json.dumps(json.loads((CASES / "valid/pin.json").read_bytes())).encode()
    )
    changed = {
        "id": line.id,
        "timestamp": line.timestamp,
        "by": ANN,
        "action": "pin",
        "pattern": "x",
    }
    assert curation_log.parse(json.dumps(changed).encode() + b"\n") == ([], [1])


REJECT = {"action": "reject", "corrections": ["cor-1a"]}
TEACH = {"action": "teach", "corrections": ["cor-1a"], "pattern": "a"}


@pytest.mark.parametrize(
    ("decisions", "state", "pattern"),
    [
        ([], State.COUNTED, ""),
        ([REJECT], State.REJECTED, ""),
        ([{**REJECT, "corrections": ["cor-1a.2"]}], State.REJECTED, ""),
        ([REJECT, {"action": "undo", "of": 0}], State.COUNTED, ""),
        ([REJECT, {"action": "undo", "of": 0}, {"action": "undo", "of": 1}], State.REJECTED, ""),
        ([REJECT, TEACH], State.COUNTED, "a"),
        ([TEACH, REJECT], State.REJECTED, "a"),
        ([TEACH, {**TEACH, "pattern": "b"}], State.COUNTED, "b"),
        ([TEACH, {**REJECT, "pattern": "a"}], State.COUNTED, ""),
        ([TEACH, {**REJECT, "pattern": "b"}], State.COUNTED, "a"),
        ([TEACH, {"action": "rename", "pattern": "a", "to": "c"}], State.COUNTED, "c"),
        ([{**REJECT, "by": AGENT}], State.PROPOSED_REJECT, ""),
        ([{**TEACH, "by": AGENT}], State.PROPOSED_PATTERN, ""),
        ([{**TEACH, "by": AGENT}, {"action": "confirm", "pattern": "a"}], State.COUNTED, "a"),
        ([{**TEACH, "by": AGENT}, {"action": "confirm", "of": 0}], State.COUNTED, "a"),
        (
            [{**TEACH, "by": AGENT}, {"action": "confirm", "of": 0, "by": AGENT}],
            "proposed-pattern",
            "",
        ),
        ([{**REJECT, "by": AGENT}, {"action": "undo", "of": 0}], State.COUNTED, ""),
        ([{**REJECT, "by": AGENT}, {"action": "undo", "of": 0, "by": AGENT}], "counted", ""),
        (
            [{**REJECT, "by": AGENT}, {"action": "undo", "of": 0, "by": OTHER}],
            "proposed-reject",
            "",
        ),
        ([REJECT, {"action": "undo", "of": 0, "by": AGENT}], State.REJECTED, ""),
        ([{**REJECT, "by": AGENT}, TEACH], State.COUNTED, "a"),
    ],
)
def test_correction(decisions: Sequence[dict[str, Any]], state: str, pattern: str) -> None:
    curation = of(*decisions)
    taught = curation.taught_patterns("cor-1a")
    assert (curation.state_of("cor-1a"), "".join(taught)) == (state, pattern)


def _rename(old: str, new: str) -> dict[str, str]:
    return {"action": "rename", "pattern": old, "to": new}


def _merge(old: str, new: str) -> dict[str, str]:
    return {"action": "merge", "pattern": old, "into": new}


@pytest.mark.parametrize(
    ("decisions", "names"),
    [
        ([_rename("a", "b")], "bbc"),
        ([_rename("a", "b"), _rename("b", "c")], "ccc"),
        ([_rename("a", "b"), _rename("b", "a")], "aac"),
        ([_rename("c", "a"), _rename("b", "c"), _rename("a", "b")], "bbb"),
        # Two branches that renamed the same pattern, or renamed and merged it, are merged.
        ([_rename("a", "b"), _rename("a", "c")], "ccc"),
        ([_rename("a", "b"), _rename("a", "b")], "bbc"),
        ([_rename("a", "b"), _merge("a", "c")], "ccc"),
        ([_merge("a", "b"), _rename("a", "c")], "ccc"),
        ([_merge("a", "b"), _rename("b", "c")], "ccc"),
        ([_rename("a", "b"), {"action": "undo", "of": 0}], "abc"),
        ([{**_rename("a", "b"), "by": AGENT}], "abc"),
    ],
)
def test_names(decisions: Sequence[dict[str, Any]], names: str) -> None:
    curation = of(*decisions)
    assert "".join(map(curation.name_of, PATTERNS)) == names


PIN, DISMISS = {"action": "pin", "pattern": "a"}, {"action": "dismiss", "pattern": "a"}
OWN = {"action": "teach", "pattern": "a", "corrections": [], "instead": "Use the logger."}


@pytest.mark.parametrize(
    ("decisions", "status", "shown"),
    [
        ([PIN], "pinned", "a"),
        ([DISMISS], "dismissed", "a"),
        ([PIN, DISMISS], "dismissed", "a"),
        ([DISMISS, PIN], "pinned", "a"),
        ([DISMISS, PIN, {"action": "undo", "of": 1}], "dismissed", "a"),
        ([DISMISS, _rename("a", "b")], "dismissed", "b"),
        ([DISMISS, _merge("a", "b")], "", "b"),
        ([OWN], "pinned", "a"),
        ([OWN, DISMISS], "dismissed", "a"),
        ([{**OWN, "by": AGENT}], "", "a"),
        ([{**OWN, "by": AGENT}, {"action": "confirm", "of": 0}], "pinned", "a"),
        ([TEACH], "", "a"),
    ],
)
def test_status(decisions: Sequence[dict[str, Any]], status: str, shown: str) -> None:
    curation = of(*decisions)
    found = {"pinned": curation.is_pinned(shown), "dismissed": curation.is_dismissed(shown)}
    assert [name for name, holds in found.items() if holds] == ([status] if status else [])


STYLE, BUG = "preference_conflict", "code_quality"
ACCEPT = {"action": "accept", "corrections": ["cor-1a"]}
TYPED = {**ACCEPT, "by": AGENT, "type": BUG}
PROPOSED = {**TEACH, "by": AGENT}
AGAIN = {**PROPOSED, "by": OTHER, "corrections": ["cor-1a.2"], "why": "seen again"}
WORDED = {**AGAIN, "instead": "Use the logger."}
REWORDED = {**PROPOSED, "instead": "Log it."}
OF_TYPE = {**PROPOSED, "type": BUG}
BOTH = {**WORDED, "type": STYLE}


@pytest.mark.parametrize(
    ("decisions", "pending"),
    [
        ([PROPOSED, AGAIN], [1]),
        ([PROPOSED, AGAIN, {**PROPOSED, "pattern": "b"}], [1, 2]),
        ([PROPOSED, {**AGAIN, "corrections": ["cor-1a", "cor-2b"]}], [0, 1]),
        ([PROPOSED, {**REJECT, "pattern": "a", "by": AGENT}], [0, 1]),
        ([{**PIN, "by": AGENT}, {**PIN, "by": OTHER}], [1]),
        ([REJECT, *({"action": "undo", "of": 0, "by": by} for by in (AGENT, OTHER))], [2]),
        # The words of the newest that has some.
        ([WORDED, PROPOSED], [0]),
        ([WORDED, REWORDED, PROPOSED], [1]),
        # A person's answer to one is an answer to all that say no more.
        ([PROPOSED, AGAIN, {"action": "undo", "of": 1}], []),
        ([PROPOSED, AGAIN, {"action": "undo", "of": 0}], []),
        ([PROPOSED, AGAIN, {"action": "confirm", "of": 0}], []),
        ([PROPOSED, WORDED, {"action": "undo", "of": 1}], []),
        ([WORDED, REWORDED, {"action": "undo", "of": 1}], [0]),
        ([WORDED, REWORDED, {"action": "confirm", "of": 0}], []),
        ([PROPOSED, {"action": "undo", "of": 0}, AGAIN], [2]),
        ([PROPOSED, AGAIN, {"action": "undo", "of": 1}, {"action": "undo", "of": 2}], [1]),
        # What is accepted, or has a pattern, may still be of another type.
        ([TYPED, ACCEPT], [0]),
        ([TYPED, TEACH], [0]),
        ([TYPED, REJECT], []),
        ([TYPED, {**ACCEPT, "type": STYLE}], []),
        ([TYPED, {**TEACH, "type": STYLE}], []),
        ([TYPED, {**ACCEPT, "by": OTHER}], [0]),
        ([TYPED, {**TYPED, "type": STYLE}], [1]),
        ([TYPED, {**TYPED, "type": STYLE}, {"action": "confirm", "of": 1}], []),
        ([TYPED, {**TYPED, "type": STYLE}, {"action": "undo", "of": 1}], [0]),
        ([ACCEPT, TYPED], [1]),
        # The same of what would have a pattern; what has a type may still get a pattern.
        ([OF_TYPE, TEACH], [0]),
        ([OF_TYPE, {**TEACH, "pattern": "b"}], [0]),
        ([OF_TYPE, {**TEACH, "pattern": "b", "type": STYLE}], []),
        ([OF_TYPE, {**ACCEPT, "type": STYLE}], [0]),
        ([OF_TYPE, {**ACCEPT, "type": STYLE}, TEACH], []),
        ([OF_TYPE, REJECT], []),
        # Words and a type are two things: an answer about one of them leaves the other.
        ([WORDED, OF_TYPE], [0, 1]),
        ([OF_TYPE, WORDED, PROPOSED], [0, 1]),
        ([WORDED, OF_TYPE, {**OF_TYPE, "type": STYLE}], [0, 2]),
        ([WORDED, OF_TYPE, {"action": "confirm", "of": 1}], [0]),
        ([WORDED, OF_TYPE, {"action": "confirm", "of": 0}], [1]),
        ([WORDED, OF_TYPE, {"action": "undo", "of": 1}], [0]),
        ([WORDED, OF_TYPE, *({"action": "confirm", "of": of} for of in (0, 1))], []),
        ([WORDED, OF_TYPE, {"action": "confirm", "pattern": "a"}], []),
        ([WORDED, OF_TYPE, REJECT], []),
        ([WORDED, OF_TYPE, BOTH], [2]),
        ([WORDED, OF_TYPE, BOTH, {"action": "confirm", "of": 2}], []),
        ([WORDED, OF_TYPE, BOTH, {"action": "undo", "of": 2}], [0, 1]),
        ([BOTH, OF_TYPE], [0, 1]),
        ([BOTH, OF_TYPE, {"action": "confirm", "of": 1}], [0]),
        ([BOTH, {**OF_TYPE, "type": STYLE}], [0]),
        ([BOTH, WORDED, OF_TYPE], [1, 2]),
        ([BOTH, WORDED, OF_TYPE, *({"action": "confirm", "of": of} for of in (1, 2))], []),
        # What an agent takes back, another one may still propose.
        ([AGAIN, PROPOSED, {"action": "undo", "of": 1, "by": AGENT}], [0]),
        ([PROPOSED, PROPOSED, {"action": "undo", "of": 1, "by": AGENT}], []),
        # What a person decided and undid says nothing about it.
        ([PROPOSED, TEACH, {"action": "undo", "of": 1}], [0]),
    ],
)
def test_what_waits_for_a_person(decisions: Sequence[dict[str, Any]], pending: list[int]) -> None:
    curation = of(*decisions)
    assert [curation.decisions.index(one) for one in curation.proposals] == pending


@pytest.mark.parametrize(
    ("decisions", "type"),
    [
        ([ACCEPT], None),
        ([{**ACCEPT, "type": STYLE}], STYLE),
        ([{**TEACH, "type": STYLE}], STYLE),
        ([{**TEACH, "corrections": [], "also": ["cor-1a.2"], "type": STYLE}], STYLE),
        ([{**ACCEPT, "type": STYLE}, {**ACCEPT, "type": BUG}], BUG),
        ([{**ACCEPT, "type": STYLE}, ACCEPT, TEACH], STYLE),
        ([{**ACCEPT, "type": STYLE}, {**ACCEPT, "type": BUG}, {"action": "undo", "of": 1}], STYLE),
        ([{**ACCEPT, "type": STYLE}, {"action": "undo", "of": 0}], None),
        ([{**REJECT, "type": STYLE}], None),
        ([TYPED], None),
        ([TYPED, {"action": "confirm", "of": 0}], BUG),
        # What a person decides after a proposal counts, also if it is confirmed later.
        ([TYPED, {**ACCEPT, "type": STYLE}, {"action": "confirm", "of": 0}], STYLE),
    ],
)
def test_the_type_that_a_person_gave(decisions: Sequence[dict[str, Any]], type: str | None) -> None:
    assert of(*decisions).type_of("cor-1a") == type


def test_a_shared_correction_counts_for_each_of_its_patterns() -> None:
    shared = {"action": "teach", "pattern": "b", "corrections": [], "also": ["cor-a"]}
    taught = {"action": "teach", "pattern": "a", "corrections": ["cor-a"]}
    assert of(taught, shared).taught_patterns("cor-a") == ("a", "b")
    assert of(shared, taught).taught_patterns("cor-a") == ("a",)  # Moved away.
    alone = of(shared)
    assert alone.taught_patterns("cor-a") == ("b",)
    assert alone.named_until("b") == alone.decisions[0].when
    assert of({**taught, "by": AGENT}, shared).taught_patterns("cor-a") == ("b",)
    rejected = {"action": "reject", "corrections": ["cor-a"], "pattern": "b"}
    assert of(shared, rejected).taught_patterns("cor-a") == ()
    assert of(taught, shared, rejected).taught_patterns("cor-a") == ("a",)
    assert of(taught, rejected, shared).taught_patterns("cor-a") == ("a", "b")
    assert of(taught, shared, {**taught, "pattern": "c"}).taught_patterns("cor-a") == ("c",)
    renamed = {"action": "rename", "pattern": "b", "to": "z"}
    again = {**rejected, "pattern": "z"}
    assert of(taught, shared, renamed).taught_patterns("cor-a") == ("a", "z")
    assert of(taught, shared, renamed, again).taught_patterns("cor-a") == ("a",)
    # By the old name, as on a branch that does not know the new one yet.
    assert of(taught, shared, renamed, rejected).taught_patterns("cor-a") == ("a",)
    assert of(taught, renamed, shared).taught_patterns("cor-a") == ("a", "z")
    # What is not for a pattern may be for the one that it is merged into later.
    into = {"action": "merge", "pattern": "b", "into": "a"}
    assert of(taught, shared, rejected, into).taught_patterns("cor-a") == ("a",)
    assert of(taught, shared, into, {**rejected, "pattern": "a"}).taught_patterns("cor-a") == ()
    merged = of(taught, shared, {"action": "merge", "pattern": "b", "into": "a"})
    assert merged.taught_patterns("cor-a") == ("a",)


def test_a_correction_that_is_only_shared_stays_in_the_pattern_that_it_has_by_rule() -> None:
    shared = of({"action": "teach", "pattern": "b", "corrections": [], "also": ["cor-a"]})
    assert not shared.is_moved("cor-a")
    assert shared.own_first("cor-a", ["b", "by-rule"]) == ["by-rule", "b"]
    moved = of({"action": "teach", "pattern": "z", "corrections": ["cor-a"]}, *_SHARED)
    assert moved.is_moved("cor-a")
    assert moved.own_first("cor-a", ["b", "z"]) == ["z", "b"]


_SHARED = [{"action": "teach", "pattern": "b", "corrections": [], "also": ["cor-a"]}]


def test_a_proposal_that_only_shares_waits_until_its_corrections_are_decided() -> None:
    proposed = {**_SHARED[0], "by": AGENT}
    other = {"action": "teach", "pattern": "b", "corrections": ["cor-b"]}
    for later in ([], [other]):
        curation = of(proposed, *later)
        assert [p.pattern for p in curation.proposals] == ["b"]
        assert curation.state_of("cor-a") == State.PROPOSED_PATTERN
        assert curation.history_of_correction("cor-a") == curation.proposals
    rejected = {"action": "reject", "corrections": ["cor-a"]}
    assert of(proposed, rejected).proposals == []
    assert len(of(proposed, {**rejected, "pattern": "by-rule"}).proposals) == 1
    assert of(proposed, {**other, "corrections": ["cor-a"], "pattern": "c"}).proposals == []


def test_the_proposal_in_which_another_one_waits() -> None:
    curation = of(PROPOSED, WORDED, {**PROPOSED, "pattern": "b"}, {"action": "undo", "of": 2})
    first, second, refused, _ = curation.decisions
    assert [curation.waiting_as(one) for one in (first, second)] == [second, second]
    assert curation.waiting_as(refused) is None
    assert of(WORDED, REWORDED).waiting_as(decision(0, **WORDED)) is None


def _content(agents: bool) -> st.SearchStrategy[dict[str, Any]]:
    name, ids = st.sampled_from(PATTERNS), st.lists(st.sampled_from(CORRECTIONS), min_size=1)
    by = st.just(AGENT) if agents else st.just(ANN)
    pairs = st.permutations(PATTERNS)
    return st.one_of(
        st.fixed_dictionaries(
            {"action": st.just("reject"), "corrections": ids, "by": by}, optional={"pattern": name}
        ),
        st.fixed_dictionaries(
            {"action": st.just("teach"), "corrections": ids, "pattern": name, "by": by},
            optional={"instead": st.just("Use the logger."), "also": ids},
        ),
        st.fixed_dictionaries(
            {"action": st.just("accept"), "corrections": ids, "by": by},
            optional={"type": st.sampled_from([STYLE, BUG])},
        ),
        pairs.map(lambda p: {**_rename(p[0], p[1])}).flatmap(
            lambda c: by.map(lambda b: {**c, "by": b})
        ),
        pairs.map(lambda p: {**_merge(p[0], p[1])}).flatmap(
            lambda c: by.map(lambda b: {**c, "by": b})
        ),
        st.fixed_dictionaries(
            {"action": st.sampled_from(["pin", "dismiss"]), "pattern": name, "by": by}
        ),
        st.fixed_dictionaries({"action": st.just("undo"), "of": st.integers(0, 30), "by": by}),
        st.fixed_dictionaries({"action": st.just("confirm"), "pattern": name, "by": by}),
    )


@st.composite
def _decisions(draw: st.DrawFn, agents: bool = True) -> list[Decision]:
    anyone = st.one_of(_content(False), _content(True)) if agents else _content(False)
    decided: list[Decision] = []
    for content in draw(st.lists(anyone, max_size=12)):
        if "of" in content:
            if not decided:
                continue
            content["of"] = decided[content["of"] % len(decided)].id
        # Several in one minute: the id decides then.
        decided.append(decision(len(decided) // draw(st.integers(1, 3)), **content))
    return decided


def _lines(decisions: Sequence[Decision]) -> list[bytes]:
    return [msgspec.json.encode(one) + b"\n" for one in decisions]


def _effect(curation: Curation) -> object:
    """Everything that decisions have an effect on."""
    corrections = [
        (
            curation.is_rejected(id),
            curation.is_accepted(id),
            curation.type_of(id),
            curation.taught_patterns(id),
            [curation.is_not_for(id, name) for name in PATTERNS],
        )
        for id in CORRECTIONS
    ]
    patterns = [
        (
            curation.name_of(name),
            curation.is_pinned(name),
            curation.is_dismissed(name),
            curation.lesson_text(name),
        )
        for name in PATTERNS
    ]
    return corrections, patterns


def _read(lines: Sequence[bytes]) -> Curation:
    decisions, invalid = curation_log.parse(b"".join(lines))
    assert not invalid
    return Curation(decisions)


@given(_decisions(), st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_of_lines_matters(
    decisions: list[Decision], random: Any
) -> None:
    lines = _lines(decisions)
    mixed = [*lines, *random.sample(lines, len(lines) // 2)]
    random.shuffle(mixed)
    one, other = _read(lines), _read(mixed)
    assert (one.decisions, one.in_effect, one.proposals) == (
        other.decisions,
        other.in_effect,
        other.proposals,
    )
    assert _effect(one) == _effect(other)


@given(_decisions(), st.data())
def test_splitting_the_log_over_branches_changes_nothing(
    decisions: list[Decision], data: st.DataObject
) -> None:
    lines = _lines(decisions)
    base = data.draw(st.integers(0, len(lines)))
    branches = [data.draw(st.sampled_from(["ours", "theirs", "both"])) for _ in lines[base:]]
    # As git's union merge writes it: the base, then all of ours, then all of theirs.
    merged = lines[:base] + [
        line
        for side in ("ours", "theirs")
        for line, branch in zip(lines[base:], branches, strict=True)
        if branch in (side, "both")
    ]
    assert _effect(_read(merged)) == _effect(_read(lines))


@given(_decisions(), st.integers(-1, 13), st.randoms(use_true_random=False))
def test_what_is_in_the_future_has_no_effect_wherever_its_line_is(
    decisions: list[Decision], minute: int, random: Any
) -> None:
    now = decision(**TEACH).when + minute * 60_000_000
    lines = _lines(decisions)
    random.shuffle(lines)
    read, left_out = curation_log.parse(b"".join(lines), now)
    past = [one for one in decisions if one.when <= now]
    assert Curation(read).decisions == Curation(past).decisions
    assert len({lines[number - 1] for number in left_out}) == len({*_lines(decisions)}) - len(read)
    assert _effect(Curation(read)) == _effect(Curation(past))


@given(_decisions())
def test_undoing_an_undo_restores_what_was(decisions: list[Decision]) -> None:
    before = Curation(decisions)
    for target in before.in_effect:
        undo = decision(58, action="undo", of=target.id)
        again = decision(59, action="undo", of=undo.id)
        assert target not in Curation([*decisions, undo]).in_effect
        assert _effect(Curation([*decisions, undo, again])) == _effect(before)


@given(_decisions(agents=False), st.lists(_content(True), max_size=8))
def test_decisions_of_agents_change_nothing(
    decisions: list[Decision], proposed: list[dict[str, Any]]
) -> None:
    targets = [one.id for one in decisions]
    chosen = [
        {**content, "of": targets[content["of"] % len(targets)]} if "of" in content else content
        for content in proposed
        if targets or "of" not in content
    ]
    agents = [decision(30 + number, **content) for number, content in enumerate(chosen)]
    with_agents = Curation([*decisions, *agents])
    assert _effect(with_agents) == _effect(Curation(decisions))
    in_effect = [one for one in agents if with_agents.standing(one) is Standing.IN_EFFECT]
    # An agent may take back what an agent of its name proposed.
    assert {one.action for one in in_effect} <= {"undo"}


def test_append_is_read_back(repo: Repo) -> None:
    repository = Repository.discover(repo.root)
    config = load(repo.root)
    by = curation_log.author(repository, {})
    first = curation_log.append_decision(
        repository, config, by, {**REJECT, "why": "asked for"}, now=10**15
    )
    second = curation_log.append_decision(
        repository, config, Author("agent", "cursor"), {**TEACH, "why": ""}, now=10**15 - 1
    )
    curation = Curation.read(repository, config)
    assert curation.decisions == [first, second]
    assert first.by == Author("person", "Ann Author") and first.why == "asked for"
    assert curation.state_of("cor-1a") is State.REJECTED
    assert Curation.read(repository, config, until=first.when).decisions == [first]


def test_nothing_is_written_that_is_not_valid(repo: Repo) -> None:
    repository = Repository.discover(repo.root)
    config = load(repo.root)
    for content in (
        {"action": "pin"},
        {"action": "pin", "pattern": "No"},
        {"action": "rename", "pattern": "a", "to": "a"},
    ):
        with pytest.raises(RecordError, match="not decided"):
            curation_log.append_decision(
                repository, config, Author("person", "x"), content, now=10**15
            )
    assert not (repo.root / curation_log.relative_path(config)).exists()


def test_an_agent_decides_as_an_agent(repo: Repo) -> None:
    repository = Repository.discover(repo.root)
    assert curation_log.author(repository, {"CLAUDECODE": "1"}) == Author("agent", "claude-code")
    assert curation_log.author(repository, {"ERRATA_AGENT": "api-dev"}) == Author(
        "agent", "api-dev"
    )
