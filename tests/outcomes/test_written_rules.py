"""Written rules in real histories: when they came and left, and which commits broke them."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Repo
from errata.commands.history import read_history
from errata.core.config import Config
from errata.core.errors import GitError
from errata.core.git import Repository
from errata.corrections.backfill import Backfill, CommitRange
from errata.lessons.describe_correction import describe_correction
from errata.outcomes import instruction_files, rule_texts, written_rules
from errata.outcomes.instruction_files import Version
from errata.outcomes.rule_trials import RuleTrials, WrittenRuleTrials
from errata.outcomes.watched import STILL
from errata.outcomes.written_rules import WrittenRule, follow, read_rules, similar
from errata.records import instants

DAY = 86_400_000_000
AGENT = {"GIT_AUTHOR_NAME": "Claude", "GIT_AUTHOR_EMAIL": "noreply@anthropic.com"}


def at(day: int) -> dict[str, str]:
    date = f"2025-03-{day:02} 12:00:00 +0000"
    return {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}


def day_of(instant: int) -> str:
    return "still" if instant == STILL else instants.day(instant)[-2:]


def rules_of(root: Path) -> list[WrittenRule]:
    return read_rules(Repository.discover(root), "HEAD")


def spans(found: list[WrittenRule]) -> dict[str, list[tuple[str, str]]]:
    return {each.text: [(day_of(a), day_of(b)) for a, b in each.periods] for each in found}


def test_a_rule_is_added_reworded_moved_and_removed(repo: Repo) -> None:
    repo.write(
        "CLAUDE.md", "# Rules\n\n- Never ever use `console.log` in code\n- Be kind to users\n"
    )
    repo.commit(**at(1))
    repo.write("CLAUDE.md", "# Rules\n\n- Never use `console.log` in code\n- Be kind to users\n")
    repo.commit(**at(2))
    repo.git("mv", "CLAUDE.md", "AGENTS.md")
    repo.commit(**at(3))
    repo.write("AGENTS.md", "- Be kind to users\n- Never use `console.warn` in code\n")
    repo.commit(**at(4))
    assert spans(rules_of(repo.root)) == {
        "Never use `console.log` in code": [("01", "04")],
        "Be kind to users": [("01", "still")],
        "Never use `console.warn` in code": [("04", "still")],
    }


def test_a_rule_counts_from_when_it_is_on_the_main_line(repo: Repo) -> None:
    repo.write("a.txt", "a")
    repo.commit(**at(1))
    repo.git("switch", "-qc", "side")
    repo.write("AGENTS.md", "No `any`\n")
    repo.commit(**at(2))
    repo.git("switch", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side", env=at(5))
    assert spans(rules_of(repo.root)) == {"No `any`": [("05", "still")]}


def test_a_rule_that_comes_back_has_two_periods(repo: Repo) -> None:
    for day, text in ((1, "No `any`\n"), (3, "# Empty\n"), (6, "Never use `any`.\n")):
        repo.write("AGENTS.md", text)
        repo.commit(**at(day))
    (rule,) = rules_of(repo.root)
    assert spans([rule]) == {"Never use `any`.": [("01", "03"), ("06", "still")]}
    assert rule.key == "AGENTS.md: no-any"


def test_two_files_of_a_folder_say_one_rule(repo: Repo) -> None:
    repo.write("AGENTS.md", "No `any`\n")
    repo.commit(**at(1))
    repo.write("CLAUDE.md", "- Never use `any`\n")
    repo.write("web/AGENTS.md", "- Never use `any`\n")
    repo.commit(**at(2))
    found = rules_of(repo.root)
    assert [(each.key, each.scope) for each in found] == [
        ("AGENTS.md: no-any", ""),
        ("web/AGENTS.md: no-any", "web/"),
    ]


def test_links_and_what_errata_wrote_are_no_rules(repo: Repo) -> None:
    block = "<!-- errata:begin sha256=0123456789abcdef -->\n- No `any`\n<!-- errata:end -->\n"
    repo.write("AGENTS.md", block)
    (repo.root / "CLAUDE.md").symlink_to("AGENTS.md")
    repo.commit(**at(1))
    assert rules_of(repo.root) == []


def test_paths_may_hold_anything(repo: Repo) -> None:
    repo.write(b"\x01\xff 1\n:a/x.md".decode("utf-8", "surrogateescape"), "a")
    repo.write("\x01abc 5 6/AGENTS.md", "- Be kind to users\n")
    repo.write(":100644 1 2 3 A", "a")
    repo.commit(**at(1))
    (rule,) = rules_of(repo.root)
    assert (rule.scope, day_of(rule.since)) == ("\x01abc 5 6/", "01")


def test_versions_that_are_read_in_batches(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in range(1, 8):
        repo.write("AGENTS.md", f"- Be kind {day}\n")
        repo.write("web/AGENTS.md", f"- Be kind {day}\n")
        repo.commit(**at(day))
    found = Repository.discover(repo.root)
    whole = list(instruction_files.versions(found, "HEAD"))
    assert [len(commit) for commit in whole] == [2] * 7
    monkeypatch.setattr(instruction_files, "BATCH", 3)
    assert list(instruction_files.versions(found, "HEAD")) == whole


def test_a_history_that_cannot_be_read_is_an_error(repo: Repo) -> None:
    repo.write("AGENTS.md", "- Be kind to users\n")
    repo.commit()
    tree = repo.git("rev-parse", "HEAD^{tree}")
    (repo.root / ".git/objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(GitError, match="stopped"):
        rules_of(repo.root)


def test_a_glob_takes_no_time_to_match(repo: Repo) -> None:
    """An expression for this glob would try every way to divide the path."""
    glob = "**a" * 25 + "/*.ts"
    repo.write(".cursor/rules/x.mdc", f"---\nglobs: {glob}\n---\n- Never use `eval()`.\n")
    repo.commit(**at(1))
    repo.write(f"{'a' * 60}.ts", "eval(a)\n")
    repo.write(f"{'a' * 30}/b.ts", "eval(a)\n")
    repo.commit("agent", **AGENT, **at(2))
    (trials,) = trials_of(repo.root)
    assert [trial.repeated for trial in trials.trials] == [True]


def trials_of(root: Path) -> list[RuleTrials]:
    repo = Repository.discover(root)
    watched = WrittenRuleTrials(rules_of(root))
    list(Backfill(repo, Config(), CommitRange.resolve(repo, ()), describe_correction, watched))
    return watched.trials()


@pytest.fixture
def history(repo: Repo) -> Repo:
    """An agent that breaks two rules, before and after they are written."""
    repo.write("web/a.ts", "const a = 1\n")
    repo.commit(**at(1))

    def agent(day: int, path: str, text: str) -> None:
        repo.write(path, text)
        repo.commit("agent", **AGENT, **at(day))

    agent(2, "web/b.ts", "console.log(a)\n")
    agent(3, "web/c.ts", "// console.log(a)\nconst c = 'console.log(a)'\n")
    agent(4, "api/d.ts", "console.log(d)\n")
    repo.write("web/AGENTS.md", "- Never use `console.log`.\n")
    repo.write("AGENTS.md", "- Use `logger.info()` instead of `logger.log()`.\n")
    repo.commit(**at(5))
    agent(6, "web/e.ts", "logger.info(e)\n")
    agent(7, "web/f.ts", "console.log(f)\nlogger.log(f)\n")
    # Moved and re-indented: nothing is added.
    (repo.root / "web/b.ts").unlink()
    agent(8, "web/g.ts", "if (a) {\n  console.log(a)\n}\n")
    agent(9, "web/notes.md", "console.log(a)\n")
    repo.write("web/h.ts", "console.log(h)\n")
    repo.commit("a person", **at(10))
    return repo


def test_which_commits_broke_a_rule(history: Repo) -> None:
    repo = Repository.discover(history.root)
    found = read_history(repo, Config(), CommitRange.resolve(repo, ()), with_rules=True)
    assert found.chances is not None
    outcomes = found.chances.outcomes
    counts = {
        name: [(t.repeated, t.chances) for t in (each.before, each.after)]
        for name, each in outcomes.items()
    }
    assert counts == {
        "web/AGENTS.md: no-console-log": [(1, 2), (1, 3)],
        "AGENTS.md: logger-info-not-logger-log": [(0, 0), (1, 2)],
    }
    rule = outcomes["web/AGENTS.md: no-console-log"]
    assert (rule.source, rule.says, rule.file) == (
        "rule",
        "Never use `console.log`.",
        "web/AGENTS.md",
    )


def test_commits_too_new_to_be_corrected_are_not_in_everything_else(history: Repo) -> None:
    history.write("web/h.ts", "const h = 1\n")
    history.commit("a person", **at(21))
    repo = Repository.discover(history.root)
    found = read_history(repo, Config(), CommitRange.resolve(repo, ()), with_rules=True)
    assert found.chances is not None
    rule = found.chances.outcomes["web/AGENTS.md: no-console-log"]
    # The window is 14 days: people had time to correct what was committed up to the 7th.
    assert (rule.after.chances, rule.others_after.chances) == (3, 2)
    assert (rule.before.chances, rule.others_before.chances) == (2, 2)


def test_backfill_logs_them(
    history: Repo, errata: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    done = errata("backfill", cwd=history.root)
    assert done.returncode == 0, done.stderr
    shown = errata("outcome", cwd=history.root)
    assert "no-console-log" in shown.stdout
    # The file is needed only if two have a rule of this name.
    one = errata("outcome", "no-console-log", cwd=history.root)
    assert 'web/AGENTS.md says: "Never use `console.log`."' in one.stdout


TEXTS = st.sampled_from(["No `any`", "Never use `eval`", "Be kind", "Avoid `foo.bar()`", "Test it"])
FILES = st.dictionaries(
    st.sampled_from(["AGENTS.md", "CLAUDE.md", "web/AGENTS.md"]),
    st.lists(TEXTS, unique=True, max_size=4),
    min_size=1,
)


def versions(day: int, files: dict[str, list[str]]) -> list[Version]:
    return [
        Version(f"{day:040}", day * DAY, path, "".join(f"- {x}\n" for x in texts).encode())
        for path, texts in files.items()
    ]


@given(st.lists(FILES, min_size=1, max_size=4), st.randoms())
def test_the_order_of_files_does_not_matter_and_a_rule_that_stays_is_one(
    commits: list[dict[str, list[str]]], random: Random
) -> None:
    history = [versions(day, files) for day, files in enumerate(commits, 1)]
    found = follow(history)
    for each in history:
        random.shuffle(each)
    assert follow(history) == found
    # Writing everything again, in another order of lines, changes nothing.
    last: dict[str, list[str]] = {}
    for files in commits:
        last |= files
    again = versions(9, {path: texts[::-1] for path, texts in last.items()})
    assert follow([*history, again]) == found
    in_force = [rule for rule in found if rule.until == STILL]
    assert len({(rule.scope, rule.text) for rule in in_force}) == len(in_force)
    said = {
        (path.removesuffix("AGENTS.md").removesuffix("CLAUDE.md"), text)
        for path, texts in last.items()
        for text in texts
    }
    assert {(rule.scope, rule.text) for rule in in_force} == said


def flips(number: int) -> Iterator[list[Version]]:
    """A file that says one of two things in turn."""
    for day in range(1, number + 1):
        yield versions(day, {"AGENTS.md": [f"Never use `f{day % 2}{n}()`" for n in range(10)]})


def test_the_rules_of_all_of_history_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    every = follow(flips(40))
    assert {len(each.periods) for each in every} == {20}
    monkeypatch.setattr(written_rules, "MAX_EVER", 40)
    found = follow(flips(40))
    # Of the 20 rules each of the first four days brought 10; these end as they ended.
    assert [each.text for each in found] == [each.text for each in every]
    assert [each.periods for each in found] == [each.periods[:2] for each in every]


@pytest.mark.parametrize("limit", ["MAX_READ", "MAX_PARSED"])
def test_a_history_is_read_up_to_so_much(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(written_rules, limit, 2_000)
    texts = [[f"Never use `f{day}_{n}()`" for n in range(10)] for day in range(1, 40)]
    history = [versions(day, {"AGENTS.md": each}) for day, each in enumerate(texts, 1)]
    read = iter(history)
    found = follow(read)
    days = 39 - len(list(read))
    sizes = [len(commit[0].data or b"") for commit in history]
    assert sum(sizes[: days - 1]) <= 2_000 < sum(sizes[:days])
    assert [each.text for each in found if each.until == STILL] == texts[days - 1]


def test_texts_that_are_compared_in_all_of_history_are_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rewordings = ["Please be kind to all", "Be kind to all", "Be kind to all users"]

    def found() -> list[list[tuple[int, int]]]:
        history = [versions(day, {"AGENTS.md": [text]}) for day, text in enumerate(rewordings, 1)]
        return [list(each.periods) for each in follow(history)]

    assert found() == [[(DAY, STILL)]]
    monkeypatch.setattr(written_rules, "MAX_COMPARED", 1)
    assert found() == [[(DAY, 3 * DAY)], [(3 * DAY, STILL)]]


def test_which_texts_are_similar() -> None:
    """The cheap check of lengths leaves out none that have enough words in common."""
    sets = [frozenset(map(str, range(size))) for size in range(61)]
    found = {(len(one), number) for one in sets for _, number in similar(one, enumerate(sets))}
    assert found == {
        (one, other)
        for one in range(61)
        for other in range(61)
        if min(one, other) / max(1, one, other) >= 0.6
    }


def test_line_that_would_take_long_is_left_out() -> None:
    """A parser of Markdown tries every bracket with every other one."""
    start = time.process_time()
    data = b"- Never use `a.b`.\n\n" + b"[" * 150_000 + b"\n\n- Never use `c.d`.\n"
    texts = [each.text for each in rule_texts.parse(data).texts]
    assert texts == ["Never use `a.b`.", "Never use `c.d`."]
    assert time.process_time() - start < 1
