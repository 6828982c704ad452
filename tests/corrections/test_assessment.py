"""What was looked at agrees with what is captured, and a record says how likely it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assessment_builders import CLAUDE, Turns
from attribution import backfill_records, capture_records
from conftest import Repo
from errata.corrections.classify.evidence import least_probability, says

ROWS = [f"row_{n} = read_row(source, {n} * width, limit=LIMIT)\n" for n in range(30)]


def changed(*numbers: int, to: str = "last(source)") -> str:
    return "".join(f"row_{n} = {to}\n" if n in numbers else row for n, row in enumerate(ROWS))


def fix(turns: Turns) -> str:
    return turns.person({"rows.py": changed(3)}, "fix: wrong last row")


def removal(turns: Turns) -> str:
    return turns.person({"rows.py": "".join(ROWS[12:])}, "Remove needless rows")


def insertion(turns: Turns) -> str:
    lines = [*ROWS[:9], "check(source)\n", "check(width)\n", *ROWS[9:]]
    return turns.person({"rows.py": "".join(lines)}, "Forgot to check the source")


def feature(turns: Turns) -> str:
    columns = "".join(f"column_{n} = names.get({n})\n" for n in range(1500))
    files = {"rows.py": changed(3, to="read_row(columns)"), "columns.py": columns}
    return turns.person(files, "feat: add columns", hours=300)


def release(turns: Turns) -> str:
    return turns.person({"rows.py": changed(3)}, "Release 1.2")


def spaces(turns: Turns) -> str:
    return turns.person({"rows.py": "".join(ROWS).replace(", ", ",  ")}, "fix: wrong spaces")


def unrelated(turns: Turns) -> str:
    return turns.person({"notes.md": "Rows\n"}, "fix: wrong notes")


def of_an_agent(turns: Turns) -> str:
    return turns.person({"rows.py": changed(3)}, f"fix: wrong last row\n\n{CLAUDE}")


def revert(turns: Turns) -> str:
    return turns.person({"rows.py": None}, 'Revert "feat: rows"')


EDITS = [fix, removal, insertion, feature, release, spaces, unrelated, of_an_agent, revert]


@pytest.fixture
def turns(repo: Repo) -> Turns:
    turns = Turns(repo)
    turns.agent({"rows.py": "".join(ROWS)})
    return turns


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_assessment_agrees_with_capture(turns: Turns, edit: Callable[[Turns], str]) -> None:
    sha = edit(turns)
    records = capture_records(turns.repo.root, [sha]).get(sha, [])
    assessed = turns.assessed()
    corrective = [item for item in assessed if item.verdict and item.verdict.corrective]
    assert [record["agent"] for record in records] == [item.provenance.name for item in corrective]
    for record, item in zip(records, corrective, strict=True):
        assert item.verdict is not None and item.facts is not None
        assert record["probability"] == round(item.verdict.probability, 2)
        assert record["ai_action"]["commit"] == item.agent.sha
        assert record["lines"]["removed"] == item.facts.removed


@pytest.mark.parametrize("edit", [fix, removal, revert], ids=lambda edit: edit.__name__)
def test_a_record_says_how_likely_it_is(turns: Turns, edit: Callable[[Turns], str]) -> None:
    sha = edit(turns)
    captured = capture_records(turns.repo.root, [sha])[sha]
    assert captured == backfill_records(turns.repo.root)[sha]
    for record in captured:
        assert round(least_probability(), 2) <= record["probability"] <= 1
        assert 0 < len(record["evidence"]) <= 10
        assert record["evidence"].keys() <= says().keys()
        assert all(record["evidence"].values())
