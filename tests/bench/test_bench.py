"""The bench measures every row and updates one table."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from bench.figure import Figure
from bench.rows import ROWS, load

from bench import __main__ as bench
from bench import generate, history, measure, report, settings, workspace
from conftest import Repo
from errata.records import validate
from errata.records.model import Kind
from matrix import few

END = 1_760_000_000
NOW = END * 1_000_000


# ------------------------------------------------------------------------------------ generators


def test_generated_records_are_valid_and_look_like_logs(tmp_path: Path) -> None:
    generate.write(tmp_path / "logs", 3000, END)
    counts = {}
    for kind, path in generate.paths(tmp_path / "logs").items():
        found = validate.check(Kind(kind), path.read_bytes(), now=NOW)
        assert found.problems == []
        counts[kind] = found.checked
    assert sum(counts.values()) == 3000
    assert counts["finding"] > 2500 and counts["learning"] > counts["correction"] > 0


def test_generated_patterns_follow_zipf_and_some_are_missing(tmp_path: Path) -> None:
    generate.write(tmp_path / "logs", 20_000, END)
    path = generate.paths(tmp_path / "logs")["finding"]
    names = Counter(json.loads(line).get("pattern") for line in path.read_text().splitlines())
    assert 0.05 < names.pop(None) / 20_000 < 0.12
    top = [count for _, count in names.most_common()]
    assert 300 < len(top) <= 400
    assert top[0] > 1.5 * top[1] > 2 * top[4]


def test_generated_logs_depend_on_the_seed(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        generate.write(tmp_path / name, 200, END, seed)
    a, b, c = (generate.paths(tmp_path / name)["finding"].read_bytes() for name in "abc")
    assert a == b != c
    assert generate.findings(5, END, 1) != generate.findings(5, END, 2)


def test_synthetic_history_is_valid_and_varied(tmp_path: Path) -> None:
    folder = tmp_path / "history"
    history.make(folder, 300, END)
    assert measure.git(folder, "fsck", "--strict") == ""
    total = int(measure.git(folder, "rev-list", "--count", "main"))
    assert 270 <= total <= 300
    assert int(measure.git(folder, "rev-list", "--count", "--merges", "main")) > 0
    log = measure.git(folder, "log", "--format=%an%n%ct%n%B", "main")
    for mark in ("Co-Authored-By: Claude", "copilot-swe-agent[bot]", "dependabot[bot]", "fix: "):
        assert mark in log
    assert max(map(int, re.findall(r"^\d{10}$", log, re.MULTILINE))) <= END


# ------------------------------------------------------------------------------------------ rows


@pytest.fixture(scope="session")
def small_settings(tmp_path_factory: pytest.TempPathFactory) -> settings.Settings:
    """Data small enough for a test, shared by all rows."""
    cache = tmp_path_factory.mktemp("bench")
    return replace(settings.quick(), records=600, commits=120, cache=cache)


@pytest.mark.slow
@pytest.mark.parametrize("name", few(ROWS, *(set(ROWS) - {"frameworks"})))
def test_row_yields_figures(name: str, small_settings: settings.Settings) -> None:
    figures = list(load(name)(small_settings))
    assert figures
    for figure in figures:
        assert figure.ours > 0
        assert (figure.theirs is None) == (figure.peer == "")
        assert figure.theirs is None or figure.theirs > 0
        assert len(figure.cells()) == 6


def test_every_row_module_is_listed() -> None:
    modules = (measure.ROOT / "bench/rows").glob("[!_]*.py")
    rows = {path.stem for path in modules if "\ndef run(" in path.read_text("utf-8")}
    assert rows == set(ROWS)


def test_bench_measures_a_clone_without_changing_it(
    repo: Repo, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    lines = [f"value_{n} = {n}" for n in range(40)]
    for n in range(3):
        lines[n] += "0"
        repo.write("app.py", "\n".join(lines) + "\n")
        repo.commit(f"Step {n}")
    table = tmp_path / "R.md"
    table.write_text("# R\n\n## Figures\n")
    before = repo.git("for-each-ref")
    args = ["idle", "origins", "--quick", "--repo", str(repo.root), "--markdown"]
    assert bench.main([*args, "--write", str(table)]) == 0
    shown = capsys.readouterr().out
    assert "3 commits, a real clone" in shown
    assert shown.strip() in table.read_text()
    assert repo.git("for-each-ref") == before and repo.git("status", "--porcelain") == ""


def test_failed_row_leaves_other_rows_and_the_table(
    repo: Repo, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    repo.write("app.py", "a = 1\n")
    repo.commit("Begin")
    repo.write("app.py", "b = 2\n" * 30)
    repo.commit("More")
    gone = repo.git("rev-parse", "HEAD~1:app.py")
    (repo.root / ".git/objects" / gone[:2] / gone[2:]).unlink()
    table = tmp_path / "R.md"
    table.write_text("## Figures\n")
    args = ["backfill", "idle", "--quick", "--repo", str(repo.root), "--write", str(table)]
    assert bench.main(args) == 2
    shown = capsys.readouterr()
    assert "bench: backfill: git log -p needs objects that this clone lacks" in shown.err
    assert "post-commit, no recent agent" in shown.out
    assert table.read_text() == "## Figures\n"


@pytest.mark.parametrize(
    ("args", "said"),
    [(["no-such-row"], "no row 'no-such-row'"), (["--runs", "0"], "--runs must be at least 1")],
)
def test_invalid_option_is_an_error(
    args: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        bench.main(args)
    assert stop.value.code == 2
    assert said in capsys.readouterr().err


def test_missing_repository_is_one_line_of_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.main(["idle", "--quick", "--repo", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


# --------------------------------------------------------------------------------------- measure


def test_failed_process_is_not_a_measurement(tmp_path: Path) -> None:
    with pytest.raises(measure.BenchError, match="status 3: no luck"):
        measure.process(["sh", "-c", "echo no luck >&2; exit 3"], tmp_path)
    assert measure.process(["sh", "-c", "exit 3"], tmp_path, ok=(3,)).wall > 0


def test_peak_memory_is_that_of_the_child(tmp_path: Path) -> None:
    # What this process holds counts too, so the amount is larger than a test run's.
    code = "x = b'x' * 400_000_000"
    assert 400e6 < measure.process(["python3", "-c", code], tmp_path).peak < 450e6


def test_contestants_alternate_after_a_warm_up_round() -> None:
    order: list[str] = []

    def sample(name: str) -> measure.Sample:
        order.append(name)
        return measure.Sample(len(order), 0, 0)

    got = measure.take_turns({"a": lambda: sample("a"), "b": lambda: sample("b")}, 2)
    assert "".join(order) == "ab" + "ba" + "ab"
    assert [sample.wall for sample in got["a"]] == [4, 5]


def test_failed_creation_leaves_nothing(tmp_path: Path) -> None:
    def create_half(to: Path) -> None:
        to.mkdir()
        raise OSError

    with pytest.raises(OSError):
        workspace.create_once(tmp_path / "x", create_half)
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------------------------- report


@pytest.mark.parametrize(
    ("figure", "measured", "met"),
    [
        (Figure("a", 2.0, "s", 2, "p", 1.0), 2.0, True),
        (Figure("a", 2.1, "s", 2, "p", 1.0), 2.1, False),
        (Figure("a", 1.0, "s", 30, "p", 31.0, at_least=True), 31.0, True),
        (Figure("a", 1.0, "s", 30, "p", 29.0, at_least=True), 29.0, False),
        (Figure("a", 300.0, "ms", 300, absolute=True), 300.0, True),
        (Figure("a", 301.0, "MB", 300, "p", 1.0, absolute=True), 301.0, False),
        (Figure("a", 99.4, "%", 99.5, absolute=True, at_least=True), 99.4, False),
        (Figure("a", 9.0, "s", None, "p", 1.0), 9.0, True),
    ],
)
def test_goal_is_a_ratio_or_an_amount(figure: Figure, measured: float, met: bool) -> None:
    assert (figure.measured, figure.met) == (measured, met)
    verdict = "" if figure.goal is None else "pass" if met else "miss"
    assert figure.cells()[-1] == verdict


FIGURES = [Figure("one", 2.0, "s", 2, "p", 1.0), Figure("two", 5.0, "ms", 3, absolute=True)]


@pytest.mark.parametrize(
    "before",
    [
        "# A\n\n## Figures\n\nText.\n\n## Next\n\nMore.\n",
        "# A\n\n## Figures\n\nText.\n",
        f"# A\n\nText.\n{report.BEGIN}\nold\n{report.END}\nAfter.\n",
    ],
)
def test_writing_the_table_is_idempotent(tmp_path: Path, before: str) -> None:
    path = tmp_path / "R.md"
    path.write_text(before)
    table = report.markdown(FIGURES)
    report.write(path, table)
    once = path.read_text()
    report.write(path, table)
    assert path.read_text() == once
    assert once.count(report.BEGIN) == once.count(report.END) == once.count("| one |") == 1
    for line in before.replace("old\n", "").splitlines():
        assert line in once
    assert "old" not in once
    assert not once.endswith("\n\n")


@pytest.mark.parametrize("text", ["# A\n", f"{report.BEGIN}\n", f"{report.END}\n## Figures\n"])
def test_file_without_markers_or_heading_is_unchanged(tmp_path: Path, text: str) -> None:
    path = tmp_path / "R.md"
    path.write_text(text)
    with pytest.raises(measure.BenchError, match="bench:"):
        report.write(path, "table")
    assert path.read_text() == text


def test_table_is_written_to_the_page_about_performance() -> None:
    text = report.PAGE.read_text()
    assert text.count(report.BEGIN) == text.count(report.END) == 1
    assert "\n## Figures\n" in text.split(report.BEGIN)[0]
    assert report.BEGIN not in (measure.ROOT / "README.md").read_text()


def test_machine_description_has_no_host_name_or_path() -> None:
    import platform

    said = report.machine()
    assert "git" in said and "Python" in said
    assert platform.node() not in said and "/" not in said
