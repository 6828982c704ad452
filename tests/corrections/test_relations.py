"""How the messages of two commits and the lines between them go together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment_builders import AGENT_SHA, CHANGES, Changes, between, commit
from errata.corrections.classify.relations import Relations, relate, words

RENAME = [b"def read_rows(source):", b"    return parse(source)"]
RENAMED = [b"def read_columns(source):", b"    return parse(source)"]


def relations(
    subject: str, changes: Changes, agent: str = "feat: rows", sha: str = AGENT_SHA
) -> Relations:
    """What is compared if the agent committed with this message, or (without an id) not yet."""
    return relate(commit(subject), commit(agent, sha), *between(changes))


# ----------------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    "text", ["read user names", "read_user_names", "readUserNames", "READ User.names()"]
)
def test_identifiers_are_split_into_words(text: str) -> None:
    assert words(text) == words("read user names")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("fix", "fixes"),
        ("fix", "fixed"),
        ("fix", "fixing"),
        ("cache", "caching"),
        ("cache", "caches"),
        ("HTTPServer", "http server"),
        ("rows, columns", "columns rows"),
        ("page2", "page 2"),
    ],
)
def test_the_same_words(first: str, second: str) -> None:
    assert words(first) == words(second) != set()


@pytest.mark.parametrize("text", ["", " ", "a", "!? (,)", "\u00e9", "\x00"])
def test_no_words(text: str) -> None:
    assert words(text) == set()


@given(st.text(), st.text())
def test_words_of_two_texts_are_those_of_both(first: str, second: str) -> None:
    assert words(f"{first}\n{second}") == words(first) | words(second)
    assert all(word == word.lower() and word for word in words(first))


# --------------------------------------------------------------------------------------- subject


def test_subject_in_the_lines() -> None:
    result = relations("fix: columns of the source", [(b"a.py", [(RENAME, RENAMED, True)])])
    assert (result.in_lines, result.elsewhere) == (1, 0)


def test_subject_in_the_path() -> None:
    assert relations("fix parser", [(b"src/parser.py", [([b"x"], [b"y"], True)])]).in_lines == 1


def test_subject_elsewhere() -> None:
    changes: Changes = [
        (b"a.py", [(RENAME, RENAMED, True), ([], [b"deadline = None"], False)]),
        (b"b.py", [([b"timeout = 3"], [], False)]),
    ]
    result = relations("columns, timeout, deadline, nothing", changes)
    assert (result.in_lines, result.elsewhere) == (1 / 4, 2 / 4)


def test_a_word_in_the_lines_is_not_elsewhere() -> None:
    changes: Changes = [(b"a.py", [(RENAME, RENAMED, True), (RENAME, RENAMED, False)])]
    assert relations("columns", changes).elsewhere == 0


def test_only_the_subject_counts() -> None:
    changes: Changes = [(b"a.py", [(RENAME, RENAMED, True)])]
    assert relations("nothing\n\ncolumns of the source", changes).in_lines == 0


@pytest.mark.parametrize("subject", ["", "fix: update", "Add a new test", "\n\n", "!"])
def test_a_subject_that_names_nothing(subject: str) -> None:
    result = relations(subject, [(b"a.py", [(RENAME, RENAMED, True)])])
    assert (result.in_lines, result.elsewhere, result.in_agent_message) == (-1, -1, -1)


def test_subject_in_the_agents_message() -> None:
    changes: Changes = [(b"a.py", [(RENAME, RENAMED, True)])]
    assert relations("columns, deadline", changes, "feat: columns").in_agent_message == 1 / 2
    assert relations("columns", changes, "feat: rows\n\nAlso columns.").in_agent_message == 1
    assert relations("columns", changes, "feat: rows").in_agent_message == 0


def test_work_that_was_not_committed_has_no_message() -> None:
    changes: Changes = [(b"a.py", [(RENAME, RENAMED, True)])]
    assert relations("columns", changes, "columns", sha="").in_agent_message == -1


# ----------------------------------------------------------------------------------------- lines


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ([b"one two three four"], [b"one two three four"], 1),
        ([b"one two three four"], [b"four three", b"two one"], 1),
        ([b"one two three four"], [b"one two five"], 1 / 2),
        ([b"one one"], [b"one"], 1 / 2),
        ([b"one two"], [], 0),
        ([b"one two"], [b"three"], 0),
        ([b"  "], [b"three"], -1),
        ([], [b"three"], -1),
    ],
)
def test_kept_words(old: list[bytes], new: list[bytes], kept: float) -> None:
    assert relations("Edit", [(b"a.py", [(old, new, True)])]).kept == kept


def test_an_insertion_beside_a_change_keeps_nothing() -> None:
    parts = [([b"one two"], [b"one"], True), ([], [b"two"], True)]
    assert relations("Edit", [(b"a.py", parts)]).kept == 1 / 2


def test_words_that_the_whole_commit_loses_and_gains() -> None:
    """The person renames something everywhere, and something only at the agent's lines."""
    here = ([b"rows(old_width)"], [b"columns(new_width, limit)"], True)
    there = ([b"print(rows)"], [b"print(columns)"], False)
    result = relations("Rename", [(b"a.py", [here]), (b"b.py", [there])])
    assert result.removed_elsewhere == 1 / 2  # rows, not old
    assert result.added_elsewhere == 1 / 3  # columns, not new and limit


def test_a_word_that_is_only_moved_is_neither_lost_nor_gained() -> None:
    here = ([b"rows(width)"], [b"width(rows)"], True)
    there = ([b"rows"], [b"width"], False)
    result = relations("Turn around", [(b"a.py", [here]), (b"b.py", [there])])
    assert (result.removed_elsewhere, result.added_elsewhere) == (-1, -1)


def test_lines_that_the_rest_keeps() -> None:
    here = ([b"rows(width)"], [b"columns(width)"], True)
    there = ([b"rows columns"], [b"columns rows limit"], False)
    result = relations("Edit", [(b"a.py", [here, there])])
    assert (result.removed_elsewhere, result.added_elsewhere) == (0, 0)


def test_a_large_change_is_bounded() -> None:
    lines = [b"value_%d = read_row(source)" % n for n in range(60_000)]
    result = relations("value of the source", [(b"a.py", [(lines, lines[::2], True)])])
    assert result.in_lines == 1
    assert 0 < result.kept <= 1


# ------------------------------------------------------------------------------------------ laws

SUBJECTS = st.text("abcXY1 :_\n", max_size=20)


@given(SUBJECTS, CHANGES, SUBJECTS)
def test_numbers_are_shares_or_nothing(subject: str, changes: Changes, agent: str) -> None:
    numbers = relations(subject, changes, agent).measures()
    assert all(value == -1 or 0 <= value <= 1 for value in numbers.values())
    if numbers["subject_in_lines"] >= 0:
        assert numbers["subject_in_lines"] + numbers["subject_elsewhere"] <= 1


@given(SUBJECTS, CHANGES, st.data())
def test_order_of_hunks_and_files_does_not_matter(
    subject: str, changes: Changes, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(changes))
    shuffled = [(path, data.draw(st.permutations(parts))) for path, parts in shuffled]
    assert relations(subject, shuffled) == relations(subject, changes)


@given(SUBJECTS, CHANGES, st.sampled_from([b" ", b"\t", b"  \t ", b"\r"]))
def test_white_space_at_line_ends_does_not_matter(
    subject: str, changes: Changes, space: bytes
) -> None:
    spaced: Changes = [
        (path, [(old, [line + space for line in new], owned) for old, new, owned in parts])
        for path, parts in changes
    ]
    assert relations(subject, spaced) == relations(subject, changes)


@given(CHANGES)
def test_what_stays_the_same_is_kept(changes: Changes) -> None:
    same: Changes = [
        (path, [(old, old, owned) for old, _, owned in parts if old]) for path, parts in changes
    ]
    result = relations("Edit", same)
    assert result.kept in (-1, 1)
    assert (result.removed_elsewhere, result.added_elsewhere) == (-1, -1)
