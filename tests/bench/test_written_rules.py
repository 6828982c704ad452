"""docs/written-rules.md and the README say what the stored results say."""

from __future__ import annotations

import re

from bench.written_rules import results, table

from errata.outcomes.effect import Verdict

RESULTS = results.read()
SHOWN = [outcome for result in RESULTS for outcome in table.shown(result)]
WORKS = sum(outcome.verdict is Verdict.WORKS for outcome in SHOWN)


def test_page_has_the_table_of_the_results() -> None:
    assert table.markdown(RESULTS) in table.PAGE.read_text("utf-8")


def test_page_has_the_sums_of_the_results() -> None:
    text = " ".join(table.PAGE.read_text("utf-8").split())
    rules = sum(result.rules for result in RESULTS)
    measurable = sum(result.measurable for result in RESULTS)
    assert f"from clones of {len(RESULTS)} public repositories" in text
    assert f"{measurable} of their rules are measurable. The table shows the {len(SHOWN)}," in text
    assert f"{WORKS} of these {len(SHOWN)} work" in text
    share = f"{100 * measurable / rules:.1f}%"
    assert f"measures {measurable} of {rules:,} sentences and list items" in text
    assert f"instruction files ({share})" in text


def test_readme_has_the_verdicts_of_the_results() -> None:
    readme = (table.PAGE.parents[1] / "README.md").read_text("utf-8")
    assert re.findall(r"\[(\d+) of (\d+) rules\]", readme) == [(str(WORKS), str(len(SHOWN)))]
