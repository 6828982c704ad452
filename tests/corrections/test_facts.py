"""What a person's commit did to an agent's lines, as numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment_builders import (
    AGENT,
    AGENT_SHA,
    CHANGES,
    LINE,
    PERSON_SHA,
    Changes,
    Turns,
    attributed,
    between,
    commit,
)
from conftest import Repo
from errata.corrections.attribution.attributed_hunks import AttributedHunk
from errata.corrections.attribution.diff import FileDiff, Hunk
from errata.corrections.classify.facts import AgentChange, Facts, measure

LINES = [f"row_{n} = read_row(source, {n} * width, limit=LIMIT)" for n in range(10)]
OTHERS = [f"column_{n} = names.get({n}, default_{n})" for n in range(10)]


def text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def with_line(n: int, line: str) -> str:
    return text([*LINES[:n], line, *LINES[n + 1 :]])


@pytest.fixture
def turns(repo: Repo) -> Turns:
    return Turns(repo)


@pytest.fixture
def rows(turns: Turns) -> Turns:
    """An agent's commit of ten lines."""
    turns.agent({"rows.py": text(LINES)})
    return turns


# ------------------------------------------------------------------------------------- histories


def test_one_changed_line(rows: Turns) -> None:
    rows.person({"rows.py": with_line(3, "row_3 = read_all(source)")}, "fix: read all", hours=5)
    facts = rows.facts()
    assert (facts.removed, facts.added, facts.inserted, facts.total) == (1, 1, 0, 2)
    assert (facts.files, facts.hunks, facts.agent_commits, facts.agent_added) == (1, 1, 1, 10)
    assert facts.hours == 5
    assert facts.same_person and facts.committed and facts.next_commit
    numbers = facts.measures()
    assert numbers["share"] == 1
    assert numbers["undone"] == pytest.approx(0.1)
    assert (numbers["removed_share"], numbers["growth"]) == (0.5, 1)
    assert (numbers["new_share"], numbers["shared_files"]) == (0, 1)


def test_share_is_of_the_commit_with_all_its_files(rows: Turns) -> None:
    files = {"rows.py": with_line(3, "row_3 = read_all(source)"), "README.md": "a\nb\nc\nd\ne\n"}
    rows.person(files, "Read all")
    facts = rows.facts()
    assert (facts.total, facts.files) == (2 + 1 + 5, 2)
    assert facts.measures()["share"] == 2 / 8
    assert facts.measures()["shared_files"] == 1 / 2


def test_undone_is_the_share_of_what_the_agent_added(rows: Turns) -> None:
    rows.person({"rows.py": text(LINES[4:])}, "Less")
    assert rows.facts().undone == pytest.approx(0.4)
    assert rows.facts().measures()["removed_share"] == 1


def test_of_two_lines_no_share_was_undone(turns: Turns) -> None:
    turns.agent({"rows.py": text(LINES[:2])})
    turns.person({"rows.py": text(["row_0 = read_all(source)", LINES[1]])}, "Read all")
    assert turns.facts().removed == 1
    assert turns.facts().undone == 0


def test_an_insertion_between_the_agents_lines(rows: Turns) -> None:
    rows.person({"rows.py": text([*LINES[:5], *OTHERS[:2], *LINES[5:]])}, "More")
    facts = rows.facts()
    assert (facts.removed, facts.added, facts.inserted) == (0, 0, 2)
    assert facts.measures()["inserted_share"] == 1
    assert facts.measures()["kept"] == -1


def test_new_files(rows: Turns) -> None:
    files = {"rows.py": with_line(0, "row_0 = first(source)"), "columns.py": text(OTHERS[:6])}
    rows.person(files, "Columns")
    facts = rows.facts()
    assert (facts.new_files, facts.new_lines, facts.total) == (1, 6, 8)
    assert facts.measures()["new_share"] == 6 / 8


@pytest.mark.parametrize(
    ("path", "is_test"),
    [
        ("tests/rows.py", True),
        ("src/test_rows.py", True),
        ("src/rows.test.ts", True),
        ("pkg/rows_test.go", True),
        ("src/RowsTests.cs", True),
        ("conftest.py", True),
        ("src/latest.py", False),
        ("src/contest_rows.py", False),
        ("rows.py", False),
    ],
)
def test_lines_of_tests(turns: Turns, path: str, is_test: bool) -> None:
    turns.agent({path: text(LINES)})
    turns.person({path: with_line(3, "row_3 = read_all(source)")}, "Read all")
    assert turns.facts().tests == (2 if is_test else 0)
    assert turns.facts().agent_tests is is_test


@pytest.mark.parametrize(
    ("path", "is_configuration"),
    [("settings.yaml", True), ("app/Dockerfile", True), (".env", True), ("rows.py", False)],
)
def test_lines_of_configuration(turns: Turns, path: str, is_configuration: bool) -> None:
    turns.agent({path: "host: one\nport: two\nname: three\n"})
    turns.person({path: "host: one\nport: other\nname: three\n"}, "Another port")
    assert turns.facts().configuration == (2 if is_configuration else 0)


def test_the_agents_tests_count_wherever_the_person_edits(turns: Turns) -> None:
    turns.agent({"rows.py": text(LINES), "tests/test_rows.py": "import rows\n"})
    turns.person({"rows.py": with_line(3, "row_3 = read_all(source)")}, "Read all")
    facts = turns.facts()
    assert facts.agent_tests and facts.tests == 0 and facts.agent_files == 2
    assert facts.measures()["shared_files"] == 1


def test_imports(turns: Turns) -> None:
    code = ["import json", "import yaml", *LINES]
    turns.agent({"rows.py": text(code)})
    changed = ["import json", "import tomllib", *LINES[:9], "row_9 = last(source)"]
    turns.person({"rows.py": text(changed)}, "No YAML")
    facts = turns.facts()
    assert facts.imports == 2
    assert facts.measures()["import_share"] == 2 / 4


def test_numbers(rows: Turns) -> None:
    other = LINES[7].replace("7 * width", "70 * width")
    rows.person({"rows.py": with_line(7, other)}, "Another row")
    assert rows.facts().measures()["number_share"] == 1
    rows.person({"rows.py": with_line(8, "row_8 = last(source, 8)")}, "The last row")
    assert rows.facts().measures()["number_share"] == 0


def test_the_person_puts_back_what_the_agent_removed(turns: Turns) -> None:
    turns.person({"rows.py": text(LINES)}, "Rows")
    turns.agent({"rows.py": text([*LINES[:4], *OTHERS[:2], *LINES[6:]])}, "refactor: rows")
    turns.person({"rows.py": text(LINES)}, "Rows again")
    assert turns.facts().restored == 1
    turns.agent({"rows.py": text([*LINES[:4], *OTHERS[4:6], *LINES[6:]])}, "refactor: rows")
    turns.person({"rows.py": with_line(5, "row_5 = read_last(source)")}, "Half of it")
    assert turns.facts().restored == 0.5


def test_nothing_is_restored_where_the_agent_only_added(rows: Turns) -> None:
    rows.person({"rows.py": with_line(3, "row_3 = read_all(source)")}, "Read all")
    assert rows.facts().restored == 0


def test_next_commit(rows: Turns) -> None:
    rows.person({"README.md": "Rows and columns\n"}, "Say more")
    rows.person({"rows.py": with_line(3, "row_3 = read_all(source)")}, "Read all")
    assert not rows.facts().next_commit
    rows.agent({"rows.py": text(LINES)}, "fix: rows")
    rows.person({"rows.py": with_line(3, "row_3 = read_all(source)")}, "Read all")
    assert rows.facts().next_commit


def test_several_commits_of_the_agent(rows: Turns) -> None:
    rows.agent({"rows.py": text([*LINES, *OTHERS])}, "feat: columns")
    changed = [*LINES[:9], "row_9 = last(source)", *OTHERS[:9], "column_9 = None"]
    rows.person({"rows.py": text(changed)}, "The last ones")
    assert rows.facts().agent_commits == 2
    assert rows.facts().hunks == 2


def test_another_person(rows: Turns) -> None:
    rows.repo.git("config", "user.email", "ignored@example.org")
    rows.repo.write("rows.py", with_line(3, "row_3 = read_all(source)"))
    rows.repo.git("add", "-A")
    author = {"GIT_AUTHOR_EMAIL": "bob@example.org", "GIT_AUTHOR_NAME": "Bob"}
    when = {"GIT_AUTHOR_DATE": "1737000000 +0000", "GIT_COMMITTER_DATE": "1737000000 +0000"}
    rows.repo.git("commit", "-q", "-m", "Read all", env={**author, **when})
    assert not rows.facts().same_person


# ------------------------------------------------------------------------------------------ laws

LINE_OF_CODE = LINE.map(lambda line: b"value_" + line.strip())


def measured(changes: Changes, change: AgentChange | None = None) -> Facts:
    hunks, files = between(changes)
    person = commit("fix: rows", PERSON_SHA, [AGENT_SHA])
    return measure(person, AGENT, hunks, files, change or AgentChange())


SHARES = {
    *("share", "removed_share", "inserted_share", "prose_share", "comment_share", "surface_share"),
    *("new_share", "test_share", "configuration_share", "import_share", "number_share"),
    *("shared_files", "restored", "moved_share", "place_share"),
}


@given(CHANGES)
def test_shares_are_from_0_to_1(changes: Changes) -> None:
    numbers = measured(changes).measures()
    assert {name for name in SHARES if not 0 <= numbers[name] <= 1} == set()
    assert numbers.keys() >= SHARES


@given(CHANGES)
def test_the_other_numbers_are_not_negative_and_finite(changes: Changes) -> None:
    numbers = measured(changes).measures()
    net = numbers.pop("net_change")
    assert -1e9 < net <= numbers["size_of_change"]
    assert all(-1 <= value < 1e9 for value in numbers.values())
    assert numbers["touched"] <= numbers["lines"]


@given(CHANGES, st.data())
def test_order_of_hunks_and_files_does_not_matter(changes: Changes, data: st.DataObject) -> None:
    hunks, files = between(changes)
    person = commit("fix: rows", PERSON_SHA, [AGENT_SHA])
    change = AgentChange.of(files[:1])
    expected = measure(person, AGENT, hunks, files, change)
    shuffled_hunks = data.draw(st.permutations(hunks))
    shuffled_files = data.draw(st.permutations(files))
    assert measure(person, AGENT, shuffled_hunks, shuffled_files, change) == expected


@given(CHANGES)
def test_tokens_change_only_the_kinds_of_differences(changes: Changes) -> None:
    hunks, files = between(changes)
    person = commit("fix: rows")
    with_tokens = measure(person, AGENT, hunks, files, AgentChange()).measures()
    without = measure(person, AGENT, hunks, files, AgentChange()).measures()
    different = {name for name, value in with_tokens.items() if without[name] != value}
    assert different <= {"comment_share", "surface_share"}


def test_the_moved_share_is_of_all_lines_that_the_hunks_remove() -> None:
    """Of five removed lines one is the agent's; all are added elsewhere."""
    lines = [line.encode() for line in LINES[:5]]
    from_here, to_there = Hunk(0, lines, []), Hunk(0, [], lines)
    here = FileDiff([b"a.py"], b"a.py", hunks=[from_here])
    there = FileDiff([b"b.py"], b"b.py", hunks=[to_there])
    owners = (AGENT, None, None, None, None)
    hunk = AttributedHunk(here, from_here, owners, None, None)
    facts = measure(commit("Move"), AGENT, [hunk], [here, there], AgentChange())
    assert (facts.removed, facts.moved, facts.replaced) == (1, 5, 5)
    assert facts.measures()["moved_share"] == 1


def test_how_far_a_commit_takes_the_agents_change_back() -> None:
    """In a.py, the agent replaced one line by two and added two; a person keeps one of the two."""
    agent = AgentChange.of(
        [
            FileDiff([b"a.py"], b"a.py", hunks=[Hunk(0, [b"rows = load()"], [b"one()", b"two()"])]),
            FileDiff([b"a.py"], b"b.py", hunks=[Hunk(0, [], [b"unrelated line"])]),
        ]
    )
    back = Hunk(0, [b"one()"], [b"rows = load()"])
    more = Hunk(9, [b"of a person"], [b"of the person", b"another line"])
    here = FileDiff([b"a.py"], b"a.py", hunks=[back, more])
    there = FileDiff([b"c.py"], b"c.py", hunks=[Hunk(0, [], [b"new"]), Hunk(5, [], [b"new"])])
    hunks = [attributed(here, back)]
    facts = measure(commit("Edit"), AGENT, hunks, [here, there], agent).measures()
    assert facts["place_share"] == 1 / 4
    assert facts["size_of_change"] == 5 / 3
    # Two lines of the agent's change are taken back, and three others are different now.
    assert facts["net_change"] == (3 - 2) / 3


@given(st.lists(LINE_OF_CODE, min_size=1, max_size=6), st.lists(LINE_OF_CODE, max_size=6))
def test_a_revert_takes_everything_back(new: list[bytes], old: list[bytes]) -> None:
    old = [line for line in old if line not in new]
    agent = AgentChange.of([FileDiff([b"a.py"], b"a.py", hunks=[Hunk(0, old, new)])])
    undo = Hunk(0, new, old)
    diff = FileDiff([b"a.py"], b"a.py", hunks=[undo])
    facts = measure(commit("Revert"), AGENT, [attributed(diff, undo)], [diff], agent).measures()
    assert (facts["net_change"], facts["size_of_change"], facts["place_share"]) == (-1, 1, 1)


# ----------------------------------------------------------------------------- the agent's commit


@given(CHANGES, st.data())
def test_change_of_an_agent_does_not_depend_on_order(changes: Changes, data: st.DataObject) -> None:
    _, files = between(changes)
    change = AgentChange.of(files)
    assert AgentChange.of(data.draw(st.permutations(files))) == change
    assert AgentChange.of(iter(files)) == change
    assert change.files.keys() == {path for path, _ in changes}
    assert change.added == sum(len(new) for _, parts in changes for _, new, _ in parts)


@given(CHANGES)
def test_lines_that_are_added_again_were_not_removed(changes: Changes) -> None:
    _, files = between(changes)
    removed = [line for diff in files for hunk in diff.hunks for line in hunk.old]
    elsewhere = FileDiff([b"other.py"], b"other.py", hunks=[Hunk(0, [], removed)])
    assert AgentChange.of([*files, elsewhere]).removed == frozenset()


@given(st.lists(LINE_OF_CODE, min_size=1, max_size=5), st.lists(LINE_OF_CODE, max_size=5))
def test_share_of_lines_that_were_removed_before(old: list[bytes], others: list[bytes]) -> None:
    change = AgentChange.of([FileDiff([b"a.py"], b"a.py", hunks=[Hunk(0, old, [])])])
    assert change.removed_before(old) == 1
    assert change.removed_before(b"\t" + line + b" " for line in old) == 1
    assert change.removed_before([]) == 0
    expected = len({*others} & {*old}) / max(1, len({*others}))
    assert change.removed_before(others) == expected


@pytest.mark.parametrize("line", [b"", b"}", b"  end", b"else:"])
def test_short_lines_are_everywhere(line: bytes) -> None:
    change = AgentChange.of([FileDiff([b"a.py"], b"a.py", hunks=[Hunk(0, [line], [])])])
    assert change.removed_before([line]) == 0


def test_a_line_that_the_agent_only_indents_was_not_removed() -> None:
    lines = [line.encode() for line in LINES[:3]]
    hunk = Hunk(0, lines, [b"if source:", *(b"    " + line for line in lines)])
    change = AgentChange.of([FileDiff([b"a.py"], b"a.py", hunks=[hunk])])
    assert change.removed_before(b"        " + line for line in lines) == 0


def test_a_removed_and_an_added_file_are_among_the_paths() -> None:
    gone = FileDiff([b"a.py"], None, hunks=[Hunk(0, [b"first line"], [])])
    new = FileDiff([None], b"b.py", hunks=[Hunk(0, [], [b"other line"])])
    change = AgentChange.of([gone, new])
    assert change == AgentChange(1, {b"a.py": 1, b"b.py": 1}, change.removed)
    assert change.removed_before([b"first line"]) == 1


def test_the_agents_lines_of_a_hunk_are_all_that_count() -> None:
    """A hunk may remove a person's lines, too."""
    hunk = Hunk(0, [b"one line", b"other line"], [b"new line"])
    diff = FileDiff([b"a.py"], b"a.py", hunks=[hunk])
    owned = attributed(diff, hunk)
    half = AttributedHunk(diff, hunk, (None, AGENT), None, None)
    counts = [
        measure(commit("Edit"), AGENT, [each], [diff], AgentChange()).removed
        for each in (owned, half)
    ]
    assert counts == [2, 1]
