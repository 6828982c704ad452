"""Which commits were corrected, by month, agent, model, folder and kind of file."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from errata.report import rates
from errata.report.model import Row, Share
from errata.report.rates import WorkRow


def row(month: str = "2025-01", **changes: object) -> WorkRow:
    fields = {
        "month": month,
        "agent": "claude-code",
        "model": rates.NOT_RECORDED,
        "files": {"src/a.py": "code"},
        "corrected": None,
    }
    return WorkRow(**{**fields, **changes})  # type: ignore[arg-type]


def shown(rows: list[Row]) -> list[tuple[str, int, int]]:
    return [(each.label, each.share.count, each.share.total) for each in rows]


def test_months_without_work_are_there_too() -> None:
    rows = [row("2024-11", corrected=frozenset({"src/a.py"})), row("2025-02")]
    assert shown(rates.by_month(rows)) == [
        ("2024-11", 1, 1),
        ("2024-12", 0, 0),
        ("2025-01", 0, 0),
        ("2025-02", 0, 1),
    ]
    assert rates.by_month([]) == []


def test_a_commit_counts_for_each_folder_but_is_corrected_in_one() -> None:
    files = {"src/a.py": "code", "tests/test_a.py": "tests", "README.md": "documentation"}
    rows = [row(files=files, corrected=frozenset({"src/a.py"}))]
    assert shown(rates.by_folder(rows)) == [(rates.TOP, 0, 1), ("src/", 1, 1), ("tests/", 0, 1)]
    assert shown(rates.by_kind(rows)) == [
        ("code", 1, 1),
        ("documentation", 0, 1),
        ("tests", 0, 1),
    ]


def test_a_correction_in_no_file_of_the_commit_counts_for_the_agent_only() -> None:
    rows = [row(corrected=frozenset({"elsewhere.py"}))]
    assert shown(rates.by_agent(rows)) == [("claude-code", 1, 1)]
    assert shown(rates.by_folder(rows)) == [("src/", 0, 1)]


def test_models_are_shown_if_any_is_known() -> None:
    assert rates.by_model([row()]) == []
    assert shown(rates.by_model([row(), row(model="Opus")])) == [
        ("Opus", 0, 1),
        (rates.NOT_RECORDED, 0, 1),
    ]


def test_many_agents_are_summed_up() -> None:
    rows = [row(agent=f"agent-{number:02}") for number in range(20)]
    found = rates.by_agent(rows)
    assert len(found) == 12
    assert found[-1] == Row("all others", Share(0, 9))


def test_a_folder_with_most_of_the_work_is_divided() -> None:
    paths = [f"src/app/{name}/x.py" for name in "abcd" for _ in range(5)] + ["tests/t.py", "a.md"]
    area = rates.areas(paths)
    assert [area(path) for path in ("src/app/a/x.py", "src/app/y.py", "src/z.py", "a.md")] == [
        "src/app/a/",
        "src/app/",
        "src/",
        rates.TOP,
    ]
    assert area("never/seen.py") == "never/"


def test_the_heat_map_has_the_files_that_are_there_and_were_corrected() -> None:
    hit = frozenset({"a.py"})
    rows = [
        row("2025-01", files={"a.py": "code", "gone.py": "code"}, corrected=hit | {"gone.py"}),
        row("2025-03", files={"a.py": "code", "fine.py": "code"}),
    ]
    (found,), months = rates.heat(rows, {"a.py", "fine.py"})
    assert (found.path, found.share) == ("a.py", Share(1, 2))
    assert found.by_month == {"2025-01": Share(1, 1), "2025-03": Share(0, 1)}
    assert months == ["2025-01", "2025-02", "2025-03"]


names = st.sampled_from(["a.py", "src/b.py", "src/c/d.py", "tests/e.py", "src/c/f/g.py"])
works = st.lists(
    st.builds(
        row,
        st.sampled_from(["2025-01", "2025-02", "2025-05"]),
        agent=st.sampled_from("xy"),
        files=st.dictionaries(names, st.sampled_from(["code", "tests"]), min_size=1),
        corrected=st.none() | st.frozensets(names, min_size=1),
    )
)


@given(works)
def test_law_each_sum_counts_each_commit_once(rows: list[WorkRow]) -> None:
    corrected = sum(each.corrected is not None for each in rows)
    for found in (rates.by_month(rows), rates.by_agent(rows)):
        assert sum((each.share for each in found), Share(0, 0)) == Share(corrected, len(rows))
    for found in (rates.by_folder(rows), rates.by_kind(rows)):
        assert all(each.share.count <= each.share.total <= len(rows) for each in found)
