"""Records that say the same are grouped, whatever their order."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.lessons.candidates import can_stand_alone
from errata.lessons.described import Described, Origin
from errata.lessons.facts import expand
from errata.lessons.groups import Group, group, of_index
from errata.lessons.index import Index
from errata.lessons.stems import stems
from errata.patterns.sessions import count_sessions
from errata.records.pattern_names import PATTERN_NAME

MINUTE = 60_000_000
_FACTS = (
    *("debug-output-removed console.log", "call-removed logger.debug", "call-removed logger_debug"),
    *("comment-removed", "comment-added", "formatting-only", "argument-added open(encoding=)"),
    *("callee-changed os.path.join → Path", "guard-added a == nil", "guard-added a != nil"),
)


def described(key: int, edits: Iterable[str], *, tests: bool = False) -> Described:
    facts = expand(edits, ["src"], ["python"], ["src/a.py"], tests=tests)
    return Described(key, 0, key * MINUTE, "claude", Origin.EDIT, facts)


def corpus(*parts: tuple[int, str], tests: bool = False) -> list[Described]:
    """So many records of each fact."""
    edits = [fact for count, fact in parts for _ in range(count)]
    return [described(key, [fact], tests=tests) for key, fact in enumerate(edits)]


VARIETY = [(1, f"{kind} f{n}") for kind in ("name-removed", "function-added") for n in range(12)]


def found(records: Iterable[Described]) -> dict[str, Group]:
    return {item.name: item for item in group(records)}


def test_a_fact_with_a_subject_is_a_group() -> None:
    records = corpus((3, "debug-output-removed console.log"), *VARIETY)
    (only,) = group(records)
    assert (only.name, only.members) == ("no-console-log", (0, 1, 2))
    assert only.facts == ("debug-output-removed console.log",)
    assert only.sessions == 3 > only.expected


def test_two_sessions_are_not_enough() -> None:
    assert group(corpus((2, "debug-output-removed console.log"), *VARIETY)) == []


def test_records_of_one_minute_are_one_session() -> None:
    records = [described(0, ["debug-output-removed console.log"]) for _ in range(5)]
    records = [Described(key, 0, key, r.agent, r.source, r.facts) for key, r in enumerate(records)]
    assert group([*records, *corpus(*VARIETY)]) == []


def test_what_is_added_as_often_as_removed_is_no_group() -> None:
    records = corpus((3, "call-added send"), (3, "call-removed send"), (3, "comment-added"))
    assert group(records) == []


def test_a_kind_alone_is_a_group_if_it_is_far_more_frequent_than_its_opposite() -> None:
    assert list(found(corpus((9, "comment-removed"), (1, "comment-added"), *VARIETY))) == [
        "fewer-comments"
    ]
    assert group(corpus((9, "comment-removed"), (9, "comment-added"), *VARIETY)) == []


def test_what_teaches_nothing_is_no_group() -> None:
    frequent = [
        (9, "formatting-only"),
        (9, "call-added"),
        (9, "block-added"),
        (9, "string-changed"),
    ]
    assert group(corpus(*frequent, *VARIETY)) == []


def test_names() -> None:
    subjects = {
        "argument-added open(encoding=)": "open-with-encoding",
        "import-moved-to-top json": "import-json-at-top",
        "callee-changed os.path.join → Path": "path-instead-of-os-path-join",
    }
    for fact, name in subjects.items():
        assert list(found(corpus((6, fact), *VARIETY))) == [name]


def test_the_first_of_sets_that_only_differ_in_punctuation_keeps_its_name() -> None:
    # "." is before "_": the second set would come first in any order of its facts.
    records = corpus((3, "call-removed logger_debug"), (3, "call-removed logger.debug"), *VARIETY)
    groups = found(records)
    first = groups.pop("do-not-call-logger-debug")
    assert first.facts == ("call-removed logger_debug",)
    assert found(records[:-3]).keys() >= {first.name}
    (second,) = groups
    assert second.startswith(f"{first.name}-")


def test_a_name_that_is_taken_is_not_given() -> None:
    records = corpus((3, "debug-output-removed console.log"), *VARIETY)
    (only,) = group(records, taken={"no-console-log"})
    assert only.name.startswith("no-console-log-")


records_of_any_kind = st.lists(
    st.builds(
        lambda when, session, edits, tests, words: Described(
            0, session, when * MINUTE, "", Origin.EDIT, expand(edits, tests=tests), words
        ),
        st.integers(0, 9),
        st.integers(0, 2),
        st.sets(st.sampled_from(_FACTS), max_size=4),
        st.booleans(),
        st.frozensets(st.sampled_from(("lint", "retry", "hash", "token")), max_size=3),
    ),
    max_size=40,
).map(
    lambda records: [
        Described(key, r.session, r.when, r.agent, r.source, r.facts, r.stems)
        for key, r in enumerate(records)
    ]
)


@given(records_of_any_kind, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(records: list[Described], random: object) -> None:
    shuffled = [*records, *records[:5]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert group(shuffled) == group(records)


@given(records_of_any_kind, st.permutations(range(40)))
def test_keys_tell_records_apart_and_no_more(records: list[Described], keys: list[int]) -> None:
    renamed = [
        Described(keys[r.key], r.session, r.when, r.agent, r.source, r.facts, r.stems)
        for r in records
    ]
    expected = {g.name: tuple(sorted(keys[key] for key in g.members)) for g in group(records)}
    assert {g.name: g.members for g in group(renamed)} == expected


@given(records_of_any_kind)
def test_every_member_has_the_facts_and_no_other_group(records: list[Described]) -> None:
    members: list[int] = []
    for item in group(records):
        members += item.members
        assert PATTERN_NAME.match(item.name)
        assert len(item.name) <= 60
        assert item.sessions >= 3
        for key in item.members:
            assert set(item.facts) <= records[key].facts
    assert len(members) == len(set(members))


@given(records_of_any_kind, st.sets(st.sampled_from(_FACTS)))
def test_a_new_record_renames_no_set_that_stays(records: list[Described], edits: set[str]) -> None:
    before = {item.facts: item.name for item in group(records)}
    after = {item.facts: item.name for item in group([*records, described(99, edits)])}
    for facts in before.keys() & after.keys():
        assert before[facts] == after[facts]
    assert len(set(after.values())) == len(after)


def said(key: int, text: str, *files: str) -> Described:
    facts = expand([], files=files, tests=False)
    return Described(key, 0, key * MINUTE, "", Origin.TEXT, facts, stems(text))


_SENTENCES = [
    *(
        f"the {noun} is {verb}"
        for noun in ("cursor", "widget", "invoice")
        for verb in ("late", "odd")
    ),
    *(
        f"nobody reads {noun}"
        for noun in ("snapshot", "quota", "tenant", "cookie", "banner", "panel")
    ),
]


def test_words_that_occur_together_are_a_group() -> None:
    texts = ["retries lack backoff", "add jitter: backoff for retry", "a retry without any backoff"]
    texts[1] = "jitter and backoff for a retried call"
    records = [said(key, text) for key, text in enumerate([*texts, *_SENTENCES])]
    (only,) = group(records)
    assert (only.name, only.stems, only.facts) == ("backoff-retry", ("backoff", "retry"), ())
    assert only.members == (0, 1, 2)


def test_words_of_a_place_are_a_group() -> None:
    texts = ["lint the fixtures", "please lint", "lint again"]
    records = [said(key, text, "ci/build.yml") for key, text in enumerate(texts)]
    records += [said(key, text, "a.py") for key, text in enumerate(_SENTENCES, 3)]
    (only,) = group(records)
    assert (only.name, only.stems, only.facts[0]) == (
        "lint-in-ci-build-yml",
        ("lint",),
        "in ci/build.yml",
    )


def test_words_that_repeat_the_name_of_a_file_are_no_group() -> None:
    texts = ["the daemon stops", "daemon is late", "daemon restarts"]
    records = [said(key, text, "cmd/daemon.go") for key, text in enumerate(texts)]
    assert group(records + [said(k, text, "a.py") for k, text in enumerate(_SENTENCES, 3)]) == []


@given(records_of_any_kind, st.integers(0, 2**40 - 1))
def test_sessions_are_counted_as_everywhere(records: list[Described], mask: int) -> None:
    index = Index.of(records)
    mask &= index.everything
    by_key = {record.key: record for record in records}
    chosen = sorted(
        (by_key[index.keys[bit]] for bit in index.bits(mask)), key=lambda r: (r.when, r.session)
    )
    expected = count_sessions([r.when for r in chosen], [r.session for r in chosen])
    assert index.sessions(mask) == expected


@given(records_of_any_kind, st.integers(0, 40))
def test_an_index_that_was_kept_gives_the_same_groups(records: list[Described], cut: int) -> None:
    kept = Index(Index.of(records[:cut]).columns())
    kept.add(records)
    assert of_index(kept) == group(records)


@pytest.mark.parametrize(
    ("fact", "teaches"),
    [
        ("file-removed *.md", True),
        ("file-removed *.json", True),
        ("file-removed *.py", False),
        ("element-removed div", False),
        ("element-removed Overlay", True),
    ],
)
def test_what_every_program_consists_of_is_no_group(fact: str, teaches: bool) -> None:
    assert can_stand_alone(fact) is teaches


@given(records_of_any_kind, st.sets(st.integers(0, 40)), st.integers(0, 40))
def test_a_record_that_is_forgotten_was_never_there(
    records: list[Described], gone: set[int], cut: int
) -> None:
    index, others = Index.of(records[:cut]), [r for r in records if r.key not in gone]
    index.forget(gone)
    assert index.columns() == Index.of(r for r in records[:cut] if r.key not in gone).columns()
    index.add(others)
    assert of_index(index) == group(others)


@given(records_of_any_kind, st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)))
def test_a_record_that_is_left_out_does_not_count(
    records: list[Described], first: set[int], second: set[int]
) -> None:
    index = Index.of(records)
    for keys in (first, second):
        index.leave_out(keys)
    assert of_index(index) == group(r for r in records if r.key not in first | second)
