"""Counting chances: what agents' commits added, the terms of chances, and ``errata backfill``."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from errata.core.config import Config
from errata.corrections.attribution.diff import CommitDiff, FileDiff, Hunk
from errata.lessons import kinds
from errata.lessons.agent_work import FLAGS, AgentWork
from errata.lessons.chance_terms import alternatives
from errata.lessons.chances import Chances, totals
from errata.lessons.corrected_commits import CorrectedCommit
from errata.lessons.count_chances import count
from errata.provenance.commits import Commit
from errata.provenance.identity import CommitIdent
from errata.records import instants, schema
from record_builders import CORRECTIONS, tree

Run = Callable[..., subprocess.CompletedProcess[str]]
CHANCES = ".claude/patterns/chances.jsonl"
NOW = instants.parse("2025-06-01")
IDENT = CommitIdent("Claude", "noreply@anthropic.com", "Ann", "ann@example.org", "Add it\n")
NAMES = "debug-output-removed"


def sha(number: int) -> str:
    return f"{number:040x}"


def history(*files: dict[str, str], month: str = "2025-03") -> AgentWork:
    """Agents' commits, each adding these lines to these files."""
    work = AgentWork(NOW)
    for number, added in enumerate(files, 1):
        when = instants.parse(f"{month}-10")
        diffs = [
            FileDiff([None], path.encode(), hunks=[Hunk(0, [], text.encode().split(b"\n"))])
            for path, text in added.items()
        ]
        work.add(CommitDiff(Commit(sha(number), (), when, when, IDENT), diffs), by_agent=True)
    return work


def corrections(fact: str, *numbers: int, file: str = "a.js") -> list[CorrectedCommit]:
    return [CorrectedCommit(sha(number), frozenset((fact,)), (file,)) for number in numbers]


def counted(fact: str, template: str, *files: dict[str, str]) -> tuple[int, int]:
    """Chances and corrections of a fact that was seen three times elsewhere."""
    seen = corrections(fact, 91, 92, 93)
    line = count(history(*files), seen, lambda _: template, sha(1), ())
    return totals(line.edits.get(fact, {}))


CATCH = "except {old} | catch {old}"
JS, PY = "src/a.js", "pkg/b.py"


@pytest.mark.parametrize(
    ("fact", "template", "path", "text", "is_chance"),
    [
        (f"{NAMES} console.log", "{subject}", JS, "  console.log(x)", True),
        (f"{NAMES} console.log", "{subject}", JS, "  console.warn(log)", False),
        (f"{NAMES} print", "{subject}", PY, "print(x)", True),
        (f"{NAMES} print", "{subject}", PY, "pprint(x)", False),
        ("argument-added open(encoding=)", "{old}", PY, "with open(name) as file:", True),
        ("argument-removed open(mode=)", "{old} {argument}", PY, "open(name)", False),
        ("argument-removed open(mode=)", "{old} {argument}", PY, "open(name, mode='r')", True),
        ("callee-changed os.path.join → Path", "{old}", PY, "os.path.join(a)", True),
        ("callee-changed os.path.join → Path", "{old}", PY, "os.path.exists(a)", False),
        ("callee-changed os.path.join → Path", "{new}", PY, "Path(a)", True),
        ("except-narrowed Exception", CATCH, PY, "except Exception:", True),
        ("except-narrowed Exception", CATCH, PY, "raise Exception", False),
        (
            "except-narrowed Exception",
            CATCH,
            JS,
            "catch (Exception e)",
            True,
        ),
        ("call-removed .strip", "{subject}", PY, "x.strip()", True),
        ("comment-removed", ":comment", PY, "# adds one\nx += 1", True),
        ("comment-removed", ":comment", PY, "x += 1", False),
        ("comment-removed in tests", ":comment", PY, "# adds one", False),
        ("comment-removed in tests", ":comment", "tests/test_b.py", "# adds one", True),
        ("comment-removed in python", ":comment", PY, "# adds one", True),
        ("comment-removed in python", ":comment", JS, "// adds one", False),
        ("comment-removed in pkg/", ":comment", PY, "# adds one", True),
        ("comment-removed in src/", ":comment", PY, "# adds one", False),
        ("comment-removed in pkg/b.py", ":comment", PY, "# adds one", True),
        ("comment-removed in pkg/b.py", ":comment", JS, "// adds one", False),
        ("in pkg/", "", PY, "x", True),
        ("in tests", "", PY, "x", False),
        ("in pkg/b.py", "", PY, "x", True),
        ("heading-removed", ":heading", "README.md", "# Use\n", True),
        ("heading-removed", ":heading", PY, "# Use\n", False),
        ("import-removed os", ":import {subject}", PY, "import os", True),
        ("docstring-removed", ":docstring", PY, '    """Return one."""', True),
        ("function-removed", ":function", JS, "const f = (a) => a", True),
        ("block-deleted", "", PY, "x = 1", True),
        # The coarser form of a kind with a subject: any commit could have called for it.
        (NAMES, "{subject}", PY, "x = 1", True),
        # Tools write lock files, and they call for nothing.
        ("block-deleted", "", "package-lock.json", "{}", False),
        # Nothing to look for.
        ("operator-changed +", "{subject}", PY, "x + 1", False),
        # Strangers' words.
        ("call-removed größe", "{subject}", PY, "größe()", True),
    ],
)
def test_chance(fact: str, template: str, path: str, text: str, is_chance: bool) -> None:
    assert counted(fact, template, {path: text}) == (int(is_chance), 0)


def test_a_corrected_commit_was_a_chance_whatever_its_words_say() -> None:
    fact = f"{NAMES} console.log"
    files = [{"a.js": "console.log(1)"}, {"a.js": "log()"}, {"a.js": "x"}]
    seen = corrections(fact, 1, 2, 90)
    line = count(history(*files), seen, lambda _: "{subject}", sha(3), ())
    assert line.edits == {fact: {"2025-03": (2, 2)}}
    assert line.agent_commits == {"2025-03": (3, 2)}
    assert schema.is_valid("chances", line.to_record())


def test_names_that_could_have_been_corrected() -> None:
    """Of a kind with subjects, every name that agents added; only what was corrected counts."""
    files = [{"a.js": "console.log(one)"}, {"a.js": "two"}]
    seen = [*corrections(f"{NAMES} console.log", 1, 1, 90), *corrections(f"{NAMES} print", 1)]
    line = count(history(*files), seen, lambda _: "{subject}", sha(2), ())
    # console, log, console.log, one; two.
    assert line.kinds == {NAMES: {"2025-03": (5, 2)}}
    line = count(history(*files), seen, lambda _: ":code", sha(2), ())
    assert line.kinds == {}


def test_a_record_with_other_types_than_expected() -> None:
    for record in ({}, {"ai_action": [], "user_correction": 3}, {"ai_action": {"commit": 3}}):
        assert CorrectedCommit.from_record(record) == CorrectedCommit("", frozenset(), ())


def test_a_kind_of_which_nothing_tells_is_not_counted() -> None:
    line = count(history({"a.js": "x"}), corrections("k x", 1, 1, 1), lambda _: None, sha(1), ())
    assert line.edits == {}


def test_rare_edits_are_not_counted() -> None:
    line = count(history({"a.js": "x"}), corrections("k x", 1, 2), lambda _: "", sha(1), ())
    assert line.edits == {}


def test_merges_and_people_add_nothing() -> None:
    work = AgentWork(NOW)
    when = instants.parse("2025-03-10")
    merge = Commit(sha(1), (sha(2), sha(3)), when, when, IDENT)
    file = FileDiff([None], b"a.py", hunks=[Hunk(0, [], [b"x"])])
    work.add(CommitDiff(merge, [file]), by_agent=True)
    work.add(CommitDiff(Commit(sha(4), (), when, 2 * NOW, IDENT), [file]), by_agent=False)
    assert work.commits == []
    assert work.newest == NOW, "no commit is from the future, whatever its clock said"


def test_files_and_folders_with_enough_changes_and_corrections_are_kept() -> None:
    files = [{"src/hot.py": "x", f"src/f{n}.py": "x", "other/cold.py": "y"} for n in range(8)]
    seen = [
        CorrectedCommit(sha(number), frozenset(), ("src/hot.py", "elsewhere.py"))
        for number in (1, 2, 3, 3, 99)
    ]
    present = {name for added in files for name in added} | {"gone.py"}
    line = count(history(*files), seen, lambda _: "", sha(8), present)
    assert line.files == {"src/hot.py": {"2025-03": (8, 3)}}
    assert line.folders == {"src": {"2025-03": (8, 3)}}
    assert line.file_changes == {"2025-03": (16, 3)}
    assert line.folder_changes == {"2025-03": (16, 3)}
    assert (line.compared_files, line.compared_folders) == (2, 2)
    gone = count(history(*files), seen, lambda _: "", sha(8), present - {"src/hot.py"})
    assert gone.files == gone.folders == {}


@pytest.mark.parametrize("name", kinds.names())
def test_every_chance_can_be_read(name: str) -> None:
    template = kinds.chance(name)
    for fact in (name, f"{name} a.b", f"{name} a → b", f"{name} f(x=)", f"{name} in tests"):
        if template is not None:
            assert isinstance(alternatives(fact, template), list)


def test_there_are_few_enough_flags() -> None:
    assert len(FLAGS) <= 16


# ------------------------------------------------------------------------- errata backfill


AGENT = {"GIT_AUTHOR_NAME": "Claude", "GIT_AUTHOR_EMAIL": "noreply@anthropic.com"}


def at(day: int, hour: int) -> dict[str, str]:
    date = f"2025-01-{day:02}T{hour:02}:00:00 +0000"
    return {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}


@pytest.fixture
def corrected(repo: Any) -> Any:
    """A person removes console.log from three of five files of an agent, days apart."""
    for number in range(1, 6):
        name = f"src/f{number}.js"
        lines = [f"  const value{number} = load({number});", "  console.log(value);"]
        lines += ["  check(value);", f"  return value{number};"]
        body = "\n".join([f"function f{number}() {{", *lines, "}", ""])
        repo.write(name, body)
        repo.commit("Add a function", **AGENT, **at(number, 9))
        if number <= 3:
            repo.write(name, body.replace("  console.log(value);\n", ""))
            repo.commit("Fix: no debug output", **at(number, 12))
    return repo


def rows(repo: Any) -> list[dict[str, Any]]:
    path = repo.root / CHANCES
    return [json.loads(row) for row in path.read_text().splitlines()] if path.exists() else []


def test_backfill_counts_chances(corrected: Any, errata: Run) -> None:
    assert errata("backfill").returncode == 0
    (row,) = rows(corrected)
    assert schema.is_valid("chances", row)
    assert row["agent_commits"] == {"2025-01": [5, 3]}
    assert row["as_of"] == "2025-01-05T09:00:00Z"
    assert row["commit"] == corrected.git("rev-parse", "HEAD")
    fact = f"{NAMES} console.log"
    assert row["edits"][fact] == {"2025-01": [5, 3]}
    chances = Chances.read(corrected.root, Config())
    assert chances.of(fact) == 5 and chances.corrected_of(fact) == 3


def test_a_second_backfill_writes_no_line(corrected: Any, errata: Run) -> None:
    errata("backfill")
    before = tree(corrected.root)
    errata("backfill")
    assert tree(corrected.root) == before


@pytest.mark.parametrize(
    "options",
    [
        ("--dry-run",),
        ("--since", "400"),
        ("--path", "src"),
        ("HEAD~2..HEAD",),
    ],
)
def test_part_of_a_history_counts_no_chances(
    corrected: Any, errata: Run, options: tuple[str, ...]
) -> None:
    assert errata("backfill", *options).returncode == 0
    assert rows(corrected) == []


def test_an_older_history_does_not_replace_a_newer_one(corrected: Any, errata: Run) -> None:
    errata("backfill")
    errata("backfill", "HEAD~1")
    assert len(rows(corrected)) == 1


def test_what_was_rejected_later_is_counted_anew(corrected: Any, errata: Run) -> None:
    errata("backfill")
    log = corrected.root / CORRECTIONS
    first = json.loads(log.read_text().splitlines()[0])
    withdrawal = {**first, "id": "w", "withdraws": first["id"]}
    corrected.jsonl(CORRECTIONS, withdrawal)
    errata("backfill")
    assert len(rows(corrected)) == 2
    assert Chances.read(corrected.root, Config()).corrected() == 2


def test_an_invalid_line_is_left_out_with_a_warning(corrected: Any, errata: Run) -> None:
    errata("backfill")
    with (corrected.root / CHANCES).open("a") as file:
        file.write('{"as_of": "2030-01-01"}\n')
    done = errata("patterns", "--as-of", "2025-01-03")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [f"{CHANCES}:2: left out: not valid"]


def test_a_shallow_clone_counts_no_chances(corrected: Any, errata: Run, tmp_path: Any) -> None:
    clone = tmp_path / "clone"
    corrected.git("clone", "-q", "--depth", "3", f"file://{corrected.root}", str(clone))
    assert errata("backfill", cwd=clone).returncode == 0
    assert not (clone / CHANCES).exists()


@pytest.mark.parametrize(("commits", "counts"), [(10, False), (45, True)])
def test_a_clone_without_a_few_contents_counts_chances(
    corrected: Any, errata: Run, tmp_path: Any, commits: int, counts: bool
) -> None:
    """One commit with missing contents is more than 5% of a short history, not of a long one."""
    for number in range(commits):
        corrected.write("steps.txt", f"{number}\n")
        corrected.commit(f"Step {number}")
    corrected.write("large.txt", "large\n" * 1000)
    corrected.commit("Add a large file")
    corrected.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    url = f"file://{corrected.root}"
    corrected.git("clone", "-q", "--no-checkout", "--filter=blob:limit=5k", url, str(clone))
    corrected.git("-C", str(clone), "remote", "remove", "origin")
    assert errata("backfill", cwd=clone).returncode == 0
    assert (clone / CHANCES).exists() is counts
