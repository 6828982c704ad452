"""The labelled commits, what was measured in them, and the weights that are learned from it."""

from __future__ import annotations

import json
import random
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from bench.detector import __main__ as program
from bench.detector import clones, judged, labels, measure, outcomes, report, repositories, sample
from bench.detector.labels import Case, Reading
from bench.detector.measure import Measured
from bench.detector.outcomes import Outcome
from bench.detector.train import FEWEST, Model, Row, fit, leave_one_out
from bench.detector.weights_file import write
from capture_builders import Story
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment_builders import Turns
from conftest import Repo
from errata import rules
from errata.core.git import Repository
from errata.corrections.classify.evidence import says
from errata.records.model import CorrectionType

Run = Callable[..., subprocess.CompletedProcess[str]]
BY_HAND = {r["name"]: r["weight"] for r in rules.source("evidence")["evidence"] if "weight" in r}
CASES = labels.read()
DOCS = Path(__file__).parents[2] / "docs"
MEASURED = measure.read()
# Kept for other uses: nobody may label a commit of these.
RESERVED = re.compile(
    r"(?:entireio/cli|simonw/llm|datum-cloud/.*|charmbracelet/crush|stacklok/toolhive"
    r"|basicmachines-co/basic-memory|jlowin/fastmcp|prefecthq/fastmcp|elie222/inbox-zero"
    r"|cline/cline|microsoft/vscode-copilot-chat|dotnet/aspire|modelcontextprotocol/csharp-sdk"
    r"|git-ai-project/git-ai|tursodatabase/turso|shopify/roast|we-promise/sure"
    r"|ghostty-org/ghostty|openvswitch/ovs)"
)


# ---------------------------------------------------------------------------------------- labels


def test_labels_are_well_formed() -> None:
    kinds = {kind.value for kind in CorrectionType} - {CorrectionType.COMMUNICATION_GAP.value}
    for case in CASES:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+", case.repo)
        assert re.fullmatch(r"[0-9a-f]{40}", case.agent_commit)
        assert re.fullmatch(r"[0-9a-f]{40}", case.person_commit)
        assert case.agent_commit != case.person_commit
        assert case.files and all(case.files)
        for reading in case.readings:
            assert reading.certainty in labels.CERTAINTIES
            assert (reading.type is not None) is reading.corrective, case.key
            assert reading.type is None or reading.type in kinds
            assert reading.reason.strip() and len(reading.reason) < 300


def test_two_readers_read_each_case_and_a_third_where_they_disagree() -> None:
    for case in CASES:
        first, second, *others = case.readings
        # Of another type, or of none.
        assert len(others) == (first.type != second.type), case.key


def test_no_case_is_of_a_reserved_repository() -> None:
    assert RESERVED.fullmatch("datum-cloud/anything")
    assert [case.repo for case in CASES if RESERVED.fullmatch(case.repo.lower())] == []


def test_there_are_enough_cases() -> None:
    repos = Counter(case.repo for case in CASES)
    assert len(CASES) >= 1500
    assert len(repos) >= 40
    assert max(repos.values()) <= len(CASES) // 10
    assert len({case.key for case in CASES}) == len(CASES)
    assert 0.25 < sum(case.corrective for case in CASES) / len(CASES) < 0.75


def test_a_repository_is_in_one_part() -> None:
    parts: dict[str, set[str]] = {}
    people: dict[str, set[str]] = {}
    for case in CASES:
        parts.setdefault(case.repo.lower(), set()).add(case.part)
        # A fork has the commits of another repository.
        people.setdefault(case.person_commit, set()).add(case.part)
    assert all(len(names) == 1 for names in parts.values())
    assert all(len(names) == 1 for names in people.values())
    counts = Counter(case.part for case in CASES)
    assert counts.keys() == set(labels.PARTS)
    assert 0.2 < counts["held-back"] / len(CASES) < 0.5


def test_every_repository_is_described() -> None:
    described = repositories.read()
    assert described.keys() == {case.repo for case in CASES}
    assert all(repo.people > 0 and 0 < repo.top_share <= 1 for repo in described.values())


def reading(kind: str | None, certainty: str = "high") -> Reading:
    return Reading(kind is not None, kind, certainty, "because")


def case_of(*readings: Reading, repo: str = "o/n", person: str = "b" * 40) -> Case:
    return Case(repo, "a" * 40, person, ("a.py",), readings or (reading(None), reading(None)))


@pytest.mark.parametrize(
    ("kinds", "corrective", "kind"),
    [
        ((None, None), False, None),
        (("code_quality", "code_quality"), True, "code_quality"),
        (("code_quality", "preference_conflict"), True, "code_quality"),
        (("code_quality", None, None), False, None),
        ((None, "code_quality", "preference_conflict"), True, "code_quality"),
        (("code_quality", None, "preference_conflict"), True, "code_quality"),
    ],
)
def test_most_readers_decide(
    kinds: Sequence[str | None], corrective: bool, kind: str | None
) -> None:
    case = case_of(*map(reading, kinds))
    assert (case.corrective, case.type) == (corrective, kind)
    assert case.certain is (len(kinds) == 2)


def test_an_unsure_reader_makes_a_case_uncertain() -> None:
    sure, unsure = reading("code_quality"), reading("code_quality", "low")
    assert not case_of(sure, unsure).certain
    assert outcomes.row_of(case_of(sure, unsure), Measured("")).weight < 1
    assert outcomes.row_of(case_of(sure, sure), Measured("")).weight == 1


def test_labels_are_written_as_they_are_read(tmp_path: Path) -> None:
    labels.write(reversed(CASES), tmp_path / "labels.jsonl")
    assert labels.read(tmp_path / "labels.jsonl") == CASES
    assert (tmp_path / "labels.jsonl").read_text("utf-8") == labels.LABELS.read_text("utf-8")


def test_agreement_of_readers() -> None:
    yes, no = reading("code_quality"), reading(None)
    cases = [case_of(yes, yes), case_of(yes, yes), case_of(no, no), case_of(yes, no)]
    # By chance, 3/4 * 1/2 + 1/4 * 1/2 agree.
    same, kappa = labels.agreement(cases)
    assert (same, round(kappa, 6)) == (0.75, 0.5)


# -------------------------------------------------------------------------------------- measured


def test_each_case_was_measured() -> None:
    assert MEASURED.keys() == {case.key for case in CASES}
    skipped = [row for row in MEASURED.values() if row.skipped]
    assert len(skipped) < len(CASES) / 10


def test_only_rules_that_exist_hold() -> None:
    """After a change of the table, measure again."""
    source = rules.source("evidence")
    vetoes = {rule["name"] for rule in source["veto"]}
    names = says().keys() - vetoes
    for row in MEASURED.values():
        assert {*row.held} <= names
        assert len({*row.held}) == len(row.held)
        assert not row.skipped or not row.held


def test_each_scale_was_measured() -> None:
    for row in filter(outcomes.is_measured, MEASURED.values()):
        for scale in rules.source("evidence")["scale"]:
            assert len({*scale["names"]} & {*row.held}) == 1, (scale["fact"], row.key)


def test_measured_rows_are_written_as_they_are_read(tmp_path: Path) -> None:
    measure.write(MEASURED.values(), tmp_path / "evidence.jsonl")
    assert measure.read(tmp_path / "evidence.jsonl") == MEASURED


@pytest.fixture
def corrected(repo: Repo) -> tuple[str, str, str]:
    """Commits: an agent's, a person's correction of it, and a person's to another file."""
    turns = Turns(repo)
    agent = turns.agent({"a.py": "import os\n\n\ndef total(items):\n    return sum(items) + 1\n"})
    code = "import os\n\n\ndef total(items):\n    return sum(items)\n"
    person = turns.person({"a.py": code}, "fix: total was one too high")
    return agent, person, turns.person({"b.py": "import sys\n"}, "feat: another file")


def test_measuring_sees_what_the_hook_sees(repo: Repo, corrected: tuple[str, str, str]) -> None:
    agent, person, other = corrected
    case = replace(case_of(repo="o/repo"), agent_commit=agent, person_commit=person)
    row = measure.measure(case, repo.root.parent)
    assert (row.key, row.skipped, row.silent) == (case.key, "", "")
    assert "words-of-repair" in row.held
    assert row.facts is not None and row.facts["touched"] == 2
    assert row.subject == "fix: total was one too high"
    assert CorrectionType(row.type)
    elsewhere = measure.measure(replace(case, person_commit=other), repo.root.parent)
    assert (elsewhere.silent, elsewhere.held) == ("no lines of an agent", ())


def test_a_case_that_cannot_be_measured(repo: Repo, corrected: tuple[str, str, str]) -> None:
    agent, person, _ = corrected
    case = replace(case_of(repo="o/repo"), agent_commit=agent, person_commit=person)
    gone = measure.measure(replace(case, person_commit="0" * 40), repo.root.parent)
    assert gone.skipped == "the person's commit is not in the clone"
    gone = measure.measure(replace(case, agent_commit="0" * 40), repo.root.parent)
    assert gone.skipped == "the agent's commit is not in the clone"
    absent = measure.measure(replace(case, repo="o/absent"), repo.root.parent)
    assert absent.skipped == "no clone of the repository"


def test_a_veto_is_silent_whatever_the_weights(repo: Repo) -> None:
    turns = Turns(repo)
    agent = turns.agent({"a.py": "first = read_all(source)\nsecond = read_rows(source)\n"})
    code = "first = read_all(source)\nsecond = read_columns(source)\n"
    person = turns.person({"a.py": code}, "Release 1.2")
    case = replace(case_of(repo="o/repo"), agent_commit=agent, person_commit=person)
    row = measure.measure(case, repo.root.parent)
    assert row.silent == "release"
    assert not outcomes.is_measured(row)


@pytest.mark.parametrize("layout", ["o+n/repo", "o/n", "n", "o+n", "n.git"])
def test_clone_is_found_in_any_layout(repo: Repo, tmp_path: Path, layout: str) -> None:
    repo.commit("Begin")
    target = tmp_path / "clones" / layout
    target.parent.mkdir(parents=True)
    bare = ["--bare"] if layout.endswith((".git", "repo")) else []
    repo.git("clone", "-q", *bare, str(repo.root), str(target))
    assert clones.find(tmp_path / "clones", "o/n") == target
    assert clones.find(tmp_path / "clones", "o/m") is None


# -------------------------------------------------------------------------------------- training


def rows_of(part: str = "tuning") -> list[Row]:
    measured = [
        outcomes.row_of(case, MEASURED[case.key])
        for case in CASES
        if case.part == part and outcomes.is_measured(MEASURED[case.key])
    ]
    assert len(measured) > 300
    return measured


def rounded(model: Model) -> dict[str, float]:
    weights = {name: round(weight, 3) for name, weight in model.weights.items()}
    return {"": round(model.start, 3), **weights}


def test_training_is_reproducible_in_any_order() -> None:
    rows = rows_of()[::4]
    once = fit(rows)
    assert fit(rows) == once
    shuffled = random.Random(1).sample(rows, len(rows))
    assert rounded(fit(shuffled)).keys() == rounded(once).keys()
    for name, weight in rounded(fit(shuffled)).items():
        assert weight == pytest.approx(rounded(once)[name], abs=2e-3)


def made_up(name: str, right: int, wrong: int) -> list[Row]:
    """Rows in which a feature holds, beside as many in which nothing does."""
    held = [Row(frozenset([name]), n < right) for n in range(right + wrong)]
    return held + [Row(frozenset(), n % 2 == 0) for n in range(right + wrong)]


@pytest.mark.parametrize(("right", "wrong"), [(80, 10), (10, 80), (60, 30), (30, 60)])
def test_the_sign_of_a_feature_is_learned(right: int, wrong: int) -> None:
    model = fit(made_up("long-rows", right, wrong))
    assert (model.weights["long-rows"] > 0) is (right > wrong)
    assert (model.probability(["long-rows"]) > model.probability([])) is (right > wrong)


def test_a_feature_that_says_nothing_weighs_nothing() -> None:
    assert fit(made_up("long-rows", 40, 40)).weights["long-rows"] == pytest.approx(0, abs=1e-3)


def test_the_penalty_keeps_weights_small() -> None:
    rows = made_up("long-rows", 80, 10)
    weights = [fit(rows, penalty).weights["long-rows"] for penalty in (1, 20, 400)]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] > 0


def test_what_holds_rarely_or_always_has_no_weight() -> None:
    rare = made_up("rare", FEWEST - 1, 0)
    rows = [Row(row.held | {"always"}, row.truth) for row in rare]
    model = fit(rows)
    assert "rare" not in model.weights and "always" not in model.weights
    assert "often" in fit(made_up("often", FEWEST, 0)).weights


def test_a_case_that_counts_half_weighs_less() -> None:
    rows = made_up("long-rows", 80, 10)
    doubtful = [replace(row, weight=0.5) if row.held else row for row in rows]
    assert 0 < fit(doubtful).weights["long-rows"] < fit(rows).weights["long-rows"]


def test_a_weight_that_is_set_by_hand_stays() -> None:
    """The other weights are learned beside it."""
    name = "added-before-the-commit"
    beside = made_up("long-rows", 40, 10)
    both = [Row(row.held | {name}, row.truth) if row.held else row for row in beside]
    for rows in (made_up(name, 40, 0), made_up(name, 0, 40), both):
        assert fit(rows).weights[name] == BY_HAND[name]
    against = fit(both).weights["long-rows"] > fit(beside).weights["long-rows"]
    assert against is (BY_HAND[name] < 0)


FEATURES = st.frozensets(st.sampled_from(["a", "b", "c"]))
ROWS = st.builds(Row, FEATURES, st.booleans(), st.sampled_from([0.5, 1.0]))


@settings(max_examples=30)
@given(st.lists(ROWS, min_size=20, max_size=60), st.data())
def test_laws_of_training(rows: list[Row], data: st.DataObject) -> None:
    model = fit(rows)
    for row in rows:
        assert 0 < model.probability(row.held) < 1
    if len({row.truth for row in rows}) == 1:
        return  # Without a penalty, the start has no bound.
    other = fit(data.draw(st.permutations(rows)))
    opposite = fit([replace(row, truth=not row.truth) for row in rows])
    assert rounded(other).keys() == rounded(opposite).keys() == rounded(model).keys()
    for name in rounded(model).keys() - BY_HAND.keys():
        assert rounded(other)[name] == pytest.approx(rounded(model)[name], abs=5e-3)
        assert rounded(opposite)[name] == pytest.approx(-rounded(model)[name], abs=5e-3)
    # On average, the probabilities are right.
    total = sum(row.weight for row in rows)
    expected = sum(row.weight * row.truth for row in rows)
    said = sum(row.weight * model.probability(row.held) for row in rows)
    assert said == pytest.approx(expected, abs=0.01 * total)


def groups() -> dict[str, list[Row]]:
    """Three repositories; a feature of the last one holds nowhere else."""
    return {
        "o/one": made_up("long-rows", 30, 10),
        "o/two": made_up("long-rows", 20, 20),
        "o/three": made_up("only-here", 40, 0) + made_up("long-rows", 0, 40),
    }


def test_a_repository_is_not_judged_by_what_holds_only_there() -> None:
    rows = groups()
    judged = dict(zip(rows["o/three"], leave_one_out(rows)["o/three"], strict=False))
    only_here, nothing = Row(frozenset(["only-here"]), True), Row(frozenset(), True)
    assert judged[only_here] == judged[nothing]


def test_a_repository_is_judged_by_weights_of_the_others() -> None:
    rows = groups()
    for name, values in leave_one_out(rows).items():
        others = fit([row for other, each in rows.items() if other != name for row in each])
        expected = [others.probability(row.held) for row in rows[name]]
        assert values == pytest.approx(expected, abs=2e-3)


def test_the_labels_of_a_repository_do_not_change_how_it_is_judged() -> None:
    rows = groups()
    other = {**rows, "o/three": [replace(row, truth=not row.truth) for row in rows["o/three"]]}
    before, after = leave_one_out(rows)["o/three"], leave_one_out(other)["o/three"]
    assert after == pytest.approx(before, abs=2e-3)


def test_the_labels_of_a_real_repository_do_not_change_how_it_is_judged() -> None:
    chosen = [c for c in CASES if c.part == "tuning" and outcomes.is_measured(MEASURED[c.key])]
    rows: dict[str, list[Row]] = {}
    for case in chosen:
        rows.setdefault(case.repo, []).append(outcomes.row_of(case, MEASURED[case.key]))
    largest = max(rows, key=lambda name: len(rows[name]))
    two_parts = {
        largest: rows[largest],
        "others": [row for name, each in rows.items() if name != largest for row in each],
    }
    expected = fit(two_parts["others"])
    judged = leave_one_out(two_parts)[largest]
    assert judged == pytest.approx(
        [expected.probability(row.held) for row in rows[largest]], abs=0.02
    )


def test_probabilities_are_of_all_cases_and_0_where_errata_is_silent() -> None:
    chosen = [case for case in CASES if case.part == "tuning"][::20]
    result = outcomes.probabilities(chosen, MEASURED)
    assert result.keys() == {case.key for case in chosen}
    for case in chosen:
        assert (result[case.key] > 0) is outcomes.is_measured(MEASURED[case.key])
        assert result[case.key] < 1


def test_weights_are_written_as_a_table(tmp_path: Path) -> None:
    import tomllib

    model = Model(0.126, {"words-of-repair": 0.504, "revert": -0.001, "a-body": -1.5})
    write(model, tmp_path / "weights.toml")
    table = tomllib.loads((tmp_path / "weights.toml").read_text("utf-8"))
    assert table["start"] == 0.13
    assert table["weights"] == {"a-body": -1.5, "words-of-repair": 0.5}
    assert table.keys() == {"start", "threshold", "weights"}


@pytest.mark.slow
def test_committed_weights_are_up_to_date(tmp_path: Path) -> None:
    """After a change of labels, rules or measures: measure, train and compile."""
    write(fit(rows_of()), tmp_path / "weights.toml")
    committed = (rules.folder() / "evidence_weights.toml").read_text("utf-8")
    assert (tmp_path / "weights.toml").read_text("utf-8") == committed


# --------------------------------------------------------------------------------------- figures


def outcome(kind: str | None, probability: float, said: str = "code_quality") -> Outcome:
    case = case_of(reading(kind), reading(kind))
    return Outcome(case, Measured("", type=said), probability, None, False)


def test_scores_are_counted_right() -> None:
    chosen = [
        outcome("code_quality", 0.9),
        outcome("preference_conflict", 0.8),
        outcome("code_quality", 0.1),
        outcome(None, 0.9),
        outcome(None, 0.2),
    ]
    judges = outcomes.judges(0.5)
    score = outcomes.score(chosen, judges["errata"])
    assert (score.tp, score.fp, score.fn, score.tn, score.same_type) == (2, 1, 1, 1, 1)
    every = outcomes.score(chosen, judges["every touch"])
    assert (every.tp, every.fp, every.fn, every.tn) == (3, 2, 0, 0)
    table = "\n".join(report.by_judge(chosen, 0.5))
    assert "| errata | 2/3 = 0.67 " in table


def test_reliability_counts_each_case_once() -> None:
    chosen = [outcome("code_quality", value / 20) for value in range(21)]
    rows = [line.split("|")[2].strip() for line in report.reliability(chosen)][2:]
    assert sum(map(int, rows)) == len(chosen)


def test_the_doubtful_ones_are_those_between_the_limits() -> None:
    labelled = [("code_quality", 0.3), (None, 0.4), ("code_quality", 0.59), ("code_quality", 0.6)]
    chosen = [outcome(*each) for each in [*labelled, ("code_quality", 0.1)]]
    text = report.doubtful(chosen, 0.3, 0.6)
    assert "from 0.3 to 0.6, 2/3 = 0.67 " in text
    assert "finds 3/4 = 0.75 " in text and "instead of 1/4 = 0.25 " in text


def test_what_an_agent_judges_is_taken_out_or_added() -> None:
    """Two are reported, one of them wrongly; of two in doubt one is a correction; one is missed."""
    labelled = [("code_quality", 0.9), (None, 0.8), ("code_quality", 0.4), (None, 0.3)]
    labelled += [("code_quality", 0.1)]
    chosen = [
        replace(each, case=case_of(reading(kind), reading(kind), person=f"{number:040x}"))
        for number, (kind, value) in enumerate(labelled)
        for each in [outcome(kind, value)]
    ]
    said = [judged.Judgement(bool(kind), kind) for kind, _ in labelled]
    said[0] = judged.Judgement(corrective=True, type="preference_conflict")
    judgements = {each.case.key: each_said for each, each_said in zip(chosen, said, strict=True)}
    rows = [*judged.table(chosen, judgements, 0.2, 0.6)][2:]
    cells = [[cell.strip().partition(" =")[0] for cell in row.split("|")[2:5]] for row in rows]
    assert cells == [["0", "1/2", "1/3"], ["2", "1/1", "1/3"], ["4", "2/2", "2/3"]]
    assert "gives 2/3 = 0.67 " in judged.types(chosen, judgements)
    # Without an answer, errata's own verdict stays.
    (_, *rows) = [*judged.table(chosen, {}, 0.2, 0.6)][2:]
    assert all("| 1/2 = 0.50 " in row and "| 1/3 = 0.33 " in row for row in rows)


def test_each_judged_case_is_a_labelled_one() -> None:
    judgements = judged.read()
    keys = {case.key: case for case in CASES}
    assert judgements.keys() <= keys.keys()
    assert sum(keys[key].part == "held-back" for key in judgements) == 697
    assert all(bool(said.type) == said.corrective for said in judgements.values())


def test_the_page_on_decisions_has_the_measured_figures() -> None:
    page = " ".join((DOCS / "curation.md").read_text("utf-8").split())
    accuracy = (DOCS / "accuracy.md").read_text("utf-8")
    doubtful = re.search(
        r"0\.6, (\d+)/(\d+) = .* finds (\d+)/(\d+) = .*, instead of (\d+)/", accuracy
    )
    assert doubtful is not None
    right, unsure, found, every, before = doubtful.groups()
    assert f"{right} of {unsure} such commits correct an agent" in page
    assert f"finds {found} of {every} corrections instead of {before}" in page


def test_the_report_names_no_case() -> None:
    chosen = [Outcome(case, MEASURED[case.key], 0.5, None, False) for case in CASES]
    tables = [report.data(CASES, 0), report.by_judge(chosen, 0.5), report.by_group(chosen, 0.5)]
    tables += [report.reliability(chosen), report.by_threshold(chosen), report.types(chosen, 0.5)]
    text = "\n".join(line for table in tables for line in table)
    assert f"{len(CASES):,} cases of " in text
    assert not any(case.person_commit[:8] in text or case.repo in text for case in CASES)


# ---------------------------------------------------------------------------------------- sample

LINES = [f"row_{n} = read_row(source, {n})\n" for n in range(12)]


def changed(number: int, lines: Sequence[str] = LINES) -> list[str]:
    return [*lines[:number], f"row_{number} = None\n", *lines[number + 1 :]]


def inserted(number: int, lines: Sequence[str] = LINES) -> list[str]:
    return [*lines[:number], "check(source)\n", *lines[number:]]


@pytest.fixture
def sampled(repo: Repo) -> Turns:
    """A person's two lines, and an agent's twelve below."""
    turns = Turns(repo)
    turns.person({"rows.py": "import source\nwidth = 3\n"}, "Begin rows")
    turns.agent({"rows.py": "import source\nwidth = 3\n" + "".join(LINES)})
    return turns


def edit(turns: Turns, lines: Sequence[str], message: str = "Edit", hours: float = 1) -> str:
    return turns.person({"rows.py": "import source\nwidth = 3\n" + "".join(lines)}, message, hours)


def drawn(turns: Turns, quota: int = 10) -> list[dict[str, object]]:
    return [*sample.draw(Repository.discover(turns.repo.root), "o/n", quota)]


@pytest.mark.parametrize(
    "lines",
    [changed(4), [*LINES[:4], *LINES[5:]], inserted(4), [*changed(4), "the_end()\n"]],
    ids=["changed", "removed", "inserted between", "changed and added at the end"],
)
def test_an_edit_of_an_agents_lines_is_drawn(sampled: Turns, lines: list[str]) -> None:
    agent = sampled.repo.git("rev-parse", "HEAD")
    person = edit(sampled, lines)
    assert drawn(sampled) == [
        {"repo": "o/n", "agent_commit": agent, "person_commit": person, "files": ["rows.py"]}
    ]
    assert drawn(sampled, quota=0) == []


def below(turns: Turns) -> None:
    edit(turns, [*LINES, "the_end()\n"])


def at_the_border(turns: Turns) -> None:
    edit(turns, ["height = 4\n", *LINES])


def above_a_persons_line(turns: Turns) -> None:
    edit(turns, [*LINES, "the_end()\n"])
    edit(turns, [*LINES, "nearly()\n", "the_end()\n"])


def of_a_person(turns: Turns) -> None:
    turns.person({"rows.py": "import source\nwidth = 4\n" + "".join(LINES)}, "Wider")


def in_another_file(turns: Turns) -> None:
    turns.person({"other.py": "".join(LINES)}, "The same elsewhere")


def by_the_agent(turns: Turns) -> None:
    text = "import source\nwidth = 3\n" + "".join(changed(4))
    turns.agent({"rows.py": text}, "fix: rows")


def much_later(turns: Turns) -> None:
    edit(turns, changed(4), hours=24 * 15)


def generated(turns: Turns) -> None:
    turns.agent({"package-lock.json": "".join(LINES)})
    turns.person({"package-lock.json": "".join(changed(4))}, "Lock")


@pytest.mark.parametrize(
    "make",
    [
        *(below, at_the_border, above_a_persons_line, of_a_person, in_another_file),
        *(by_the_agent, much_later, generated),
    ],
    ids=lambda make: make.__name__,
)
def test_nothing_else_is_drawn(sampled: Turns, make: Callable[[Turns], None]) -> None:
    make(sampled)
    assert drawn(sampled) == []


def test_the_agent_commit_with_most_lines_is_drawn(sampled: Turns) -> None:
    lines = [*LINES, *(f"column_{n} = read(source, {n})\n" for n in range(5))]
    text = "import source\nwidth = 3\n" + "".join(lines)
    newer = sampled.agent({"rows.py": text}, "feat: columns")
    edit(sampled, [*LINES[:11], "row_11 = None\n", *("column = None\n" for _ in range(4))])
    (case,) = drawn(sampled)
    assert case["agent_commit"] == newer


def test_no_more_are_drawn_than_were_asked_for(sampled: Turns) -> None:
    lines: Sequence[str] = LINES
    for number in range(4):
        lines = changed(2 * number, lines)
        edit(sampled, lines, f"Edit {number}")
    everything = drawn(sampled)
    assert len(everything) == 4
    assert drawn(sampled) == everything
    assert drawn(sampled, quota=2) == everything[:2]


# --------------------------------------------------------------------------------------- program


def test_a_folder_that_is_none_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.main(["measure", "--repos", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("command", ["sample", "measure"])
def test_clones_are_asked_for(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main([command]) == 2
    assert "--repos DIR" in capsys.readouterr().err


def test_sampling_prints_cases(sampled: Turns, capsys: pytest.CaptureFixture[str]) -> None:
    person = edit(sampled, changed(4))
    folder = str(sampled.repo.root.parent)
    assert program.main(["sample", "--repos", folder, "--repo", "o/repo"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["person_commit"] == person
    assert program.main(["sample", "--repos", folder, "--repo", "o/absent"]) == 2


def test_how_often_errata_was_right_in_an_own_repository(
    repo: Repo, errata: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    story = Story(repo, hooks=False)
    for number in (1, 2, 3):
        story.fix(number)
    assert errata("backfill").returncode == 0
    first, second, _ = story.ids()
    assert program.main(["--own"]) == 0
    assert capsys.readouterr().out.startswith("0 captured corrections were decided about.\n")
    done = errata("reject", first)
    assert done.returncode == 0, done.stderr
    done = errata("teach", second, "--pattern", "wrong-limit")
    assert done.returncode == 0, done.stderr
    before = repo.git("status", "--porcelain")
    assert program.main(["--own"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("2 captured corrections were decided about.\n")
    assert "| as captured | 1/2 = 0.50 " in shown
    assert "| by the weights of now | 1/2 = 0.50 " in shown
    assert repo.git("status", "--porcelain") == before
    assert program.main(["--own", str(repo.root)]) == 0
    assert capsys.readouterr().out == shown
    # Only totals are printed.
    assert first not in shown and second not in shown and "limit" not in shown


def test_a_folder_without_a_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert program.main(["--own"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
