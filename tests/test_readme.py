"""The README is short, and its figures are those of the pages that it sums up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bench.lessons import labels, named

from bench import charts

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
ACCURACY = (ROOT / "docs/accuracy.md").read_text("utf-8")
PERFORMANCE = (ROOT / "docs/performance.md").read_text("utf-8")


def table(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, without its head."""
    section = README.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def shell_block(number: int) -> list[str]:
    """The lines of a shell block, counted from 0."""
    return re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)[number].splitlines()


def test_readme_is_short() -> None:
    assert len(README.splitlines()) <= 200


def test_it_begins_with_three_sentences_and_a_picture() -> None:
    title, statement, picture, *_ = README.split("\n\n")
    assert title == "# errata"
    assert len(re.findall(r"[.](?:\s|$)", statement)) == 3
    assert picture.startswith("![") and picture.endswith("(docs/pictures/try.svg)")


def test_first_command_looks_and_three_set_up() -> None:
    (first,) = shell_block(0)
    assert first.startswith("uvx --from ") and first.endswith(" errata try")
    install, *rest = shell_block(1)
    assert " install " in install
    assert [line.split()[:2] for line in rest] == [["errata", "init"], ["errata", "backfill"]]


@pytest.mark.parametrize(
    ("right", "total"),
    [(259, 333), (259, 390), (314, 350), (314, 390), (134, 166), (134, 294)],
    ids=lambda n: str(n),
)
def test_figures_of_accuracy_are_the_measured_ones(right: int, total: int) -> None:
    # "finds 134 of 294", and "259 of 333 that it reports are right (78%)".
    written = re.search(rf"\b{right} of {total}\b(?:[^(;.]*\((\d+)%\))?", README)
    assert written is not None
    measured = re.search(rf"\| {right}/{total} = (\d\.\d\d) ", ACCURACY)
    assert measured is not None
    assert written[1] in (None, str(round(float(measured[1]) * 100)))


def test_figures_of_lessons_are_the_read_ones() -> None:
    text = " ".join(README.split())
    assert "of 31 groups that readers judged, 21 were right" in text
    assert "judged all 31 groups" in ACCURACY and "found **21 of 31 right**" in ACCURACY
    assert f"Of {92 + 35} lessons that readers found in eight histories, it finds three." in text
    assert "history of eight repositories" in ACCURACY and "tuned: 127\nlessons" in ACCURACY
    assert "few of the lessons that recur: 3 of 92, and none of 35" in ACCURACY


def test_figures_of_named_lessons_are_those_of_the_table() -> None:
    text = " ".join(README.split())
    rows = named.table(named.read_material(), named.read_named(), labels.read_lessons())
    (right, total), _, (found, read), _ = re.findall(r"(\d+)/(\d+) = ", rows[-1])
    assert f"found {found} of {read}, and {right} of the {total} lessons that it named" in text
    assert f"an agent proposed {total}, of which two readers found {right} right" in text


def test_figures_of_cost_are_the_measured_ones() -> None:
    commit = re.search(r"one commit under pre-commit:.*", PERFORMANCE)
    assert commit is not None
    (milliseconds,) = set(re.findall(r"(?:takes about|About) (\d+) ms", README))
    assert int(commit[0].split(" | ")[1].split()[0]) == pytest.approx(int(milliseconds), rel=0.1)
    events = re.findall(r"^\| \w+: .*?\| (\d+) ms \|", PERFORMANCE, re.MULTILINE)
    (limit,) = re.findall(r"less than (\d+) ms for errata at each event", " ".join(README.split()))
    assert len(events) == 13 and 0.8 * int(limit) < max(map(int, events)) < int(limit)
    backfill = ROOT.joinpath("docs/pictures/backfill.svg").read_text("utf-8")
    measured = re.search(r"errata backfill: ([\d.]+) s \(([\d.]+)x\)", backfill)
    assert measured is not None
    assert f"about\n{float(measured[1]):.0f} seconds" in README
    assert round(float(measured[2])) == 5 and "five times slower" in README


def test_every_tick_has_a_source_and_errata_loses_some_rows() -> None:
    rows = table("What people use instead")
    assert len(rows) == 8
    links = set(re.findall(r"^\[([\w-]+)\]: https://", README, re.MULTILINE))
    for _, *cells in rows:
        assert len(cells) == 8
        for cell in cells:
            target = re.fullmatch(r"\[✓\](?:\[([\w-]+)\]|\(([^)]+)\))", cell)
            assert cell in ("", "no") or target is not None, cell
            assert target is None or target[2] or target[1] in links
    lost = [row for row in rows if row[1] == "no"]
    assert lost and all("✓" in "".join(row[2:]) for row in lost)


def test_pictures_exist_and_have_words_for_those_who_do_not_see_them() -> None:
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", README)
    assert all(words and (ROOT / path).exists() for words, path in pictures)
    assert {Path(path).name for _, path in pictures} >= {"try.svg", *charts.charts(PERFORMANCE)}


def test_number_of_tools_with_hooks_is_that_of_their_page() -> None:
    page = (ROOT / "docs/agents.md").read_text("utf-8")
    tools = re.findall(r"^\| [^|]+ \| `[\w-]+` \| `", page, re.MULTILINE)
    assert len(tools) == 12 and "Hooks for [twelve tools](docs/agents.md)" in README
