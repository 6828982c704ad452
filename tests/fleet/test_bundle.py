"""A bundle: what leaves a repository, the same for the same logs, and whole or the old one."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from conftest import Repo
from errata.core import atomic
from errata.core.config import Config
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.fleet import export, keys, manifest
from errata.fleet.schema import EXAMPLES, TABLES, WITH_CODE
from errata.lessons.chances_log import ChancesLine
from errata.lessons.outcome_counts import OutcomeCounts, Tally
from errata.patterns.lesson import Lesson
from errata.runbooks.promotion_log import PromotionEvent
from fleet_builders import (
    CHANCES,
    CURATION,
    bundle_of,
    counted,
    decided,
    grouped,
    noise,
    write_logs,
)
from record_builders import (
    CORRECTIONS,
    FINDINGS,
    NOW,
    PROMOTIONS,
    ago,
    correction,
    finding,
    lines,
    put,
    shown,
    tree,
)

SECRET = "Xyzzy"
"""In every text that must not leave."""
COMMIT = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
LESSON = "do-not-call-log-x"


def promoted(name: str, days: float = 20, event: str = "promoted") -> dict[str, Any]:
    return PromotionEvent(
        NOW - int(days * 86_400_000_000), event, name, ("sre",), 0.8, 7, "tip"
    ).to_record()


def outcomes() -> dict[str, Any]:
    tally = Tally(chances=100, repeated=7, clusters=20, design_effect=1.5)
    rule = OutcomeCounts(
        source="rule", since=ago(30), says=f"Never {SECRET}", file=f"{SECRET}.md", before=tally
    )
    lesson = OutcomeCounts(since=ago(20), before=tally, shifts=(f"person {SECRET}: 1% -> 9%",))
    line = ChancesLine(
        as_of=ago(0),
        commit=COMMIT,
        agent_commits={},
        outcomes={LESSON: lesson, f"{SECRET}.md: no-{SECRET}": rule},
    )
    counts: dict[str, Any] = line.to_record()["outcomes"]
    return counts


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with every kind of text that could leave."""
    example = shown("call-removed log.x", before=[f"log.x({SECRET!r})"], after=["pass"])
    corrections = grouped("x", [1, 2, 3, 4, 5, 6, 7])
    for record in corrections:
        record["example"] = example
        record["examples"] = [example]
        record["area"]["folders"] = [f"src/api/{SECRET}"]
        record["user_correction"] |= {"summary": f"Say {SECRET}", "verbatim": f"No, {SECRET}!"}
    name = f"a/b/{SECRET}/c.py:12"
    findings = [
        finding(1, file=name, description=f"About {SECRET}", suggested_fix=f"Do {SECRET}"),
        finding(2, file=f"/home/{SECRET}/x.py", feature_id=SECRET, session_id=SECRET),
        finding(3, service=f"Please do {SECRET} right now", file=f"C:\\{SECRET}\\x.py"),
        finding(4, file=f"../{SECRET}/up/x.py", context=SECRET),
    ]
    chances = counted("x", {"2025-02": 40}, ago(0))
    chances["edits"] |= {f"call-removed {SECRET}": {"2025-02": [3, 0]}}
    chances["files"] = {f"src/{SECRET}.py": {"2025-02": [3, 0]}}
    chances["outcomes"] = outcomes()
    taught = {
        "timestamp": ago(10),
        "by": {"kind": "person", "name": f"Ann {SECRET}"},
        "action": "teach",
        "pattern": "missing-widget-check",
        "corrections": [],
        "description": f"{SECRET} is wrong",
        "instead": f"Do {SECRET}",
        "agent": "api-dev",
    }
    events = [promoted(LESSON) | {"reason": f"dismissed {SECRET}"}]
    return write_logs(
        tmp_path / "x",
        {
            FINDINGS: findings,
            CORRECTIONS: corrections + noise("y") + [correction(1, id=SECRET)],
            CHANCES: [chances],
            PROMOTIONS: events,
            CURATION: [decided(taught)],
        },
    )


def rows(bundle: Path, table: str) -> list[dict[str, Any]]:
    entry = manifest.read(bundle).tables[table]
    return pq.read_table(bundle / entry.file).to_pylist()


def test_nothing_leaves_but_what_the_columns_say(root: Path, tmp_path: Path) -> None:
    bundle = bundle_of(root, tmp_path / "bundle")
    described = manifest.read(bundle)
    assert {*described.tables} == {table.name for table in TABLES}
    everything = json.dumps({name: rows(bundle, name) for name in described.tables})
    for text in (SECRET, SECRET.lower(), COMMIT):
        assert text not in everything
        assert text not in (bundle / "manifest.json").read_text()
    assert str(tmp_path) not in everything
    # It is there to be found: the test would see it.
    assert {row["name"] for row in rows(bundle, "lessons")} == {LESSON, "missing-widget-check"}
    assert [row["says"] for row in rows(bundle, "facts")] == ["call-removed log.x"]
    assert {row["folder"] for row in rows(bundle, "records")} == {"", "a/b"}
    assert len(rows(bundle, "outcomes")) == 2
    assert [row["event"] for row in rows(bundle, "promotions")] == ["promoted"]


def test_code_leaves_only_if_somebody_asks(root: Path, tmp_path: Path) -> None:
    bundle = bundle_of(root, tmp_path / "bundle", code=True)
    described = manifest.read(bundle)
    assert {*described.tables} == {table.name for table in WITH_CODE}
    without = {name: rows(bundle, name) for name in described.tables if name != EXAMPLES.name}
    assert SECRET not in json.dumps(without)
    (example,) = rows(bundle, EXAMPLES.name)
    assert (example["before"], example["after"]) == (f"log.x({SECRET!r})", "pass")


def test_the_same_logs_are_the_same_bytes(root: Path, tmp_path: Path) -> None:
    once, again = bundle_of(root, tmp_path / "1"), bundle_of(root, tmp_path / "2")
    assert tree(once) == tree(again)
    elsewhere = tmp_path / "elsewhere" / "x"
    for path, data in tree(root).items():
        # A merge by union may change the order of the lines.
        if path.endswith(".jsonl"):
            put(elsewhere, path, b"".join(sorted(data.splitlines(keepends=True), reverse=True)))
    moved = manifest.read(bundle_of(elsewhere, tmp_path / "3"))
    for name, entry in manifest.read(once).tables.items():
        assert moved.tables[name].sha256 == entry.sha256, name


def test_an_up_to_date_bundle_is_known(root: Path, tmp_path: Path) -> None:
    repo, target = Repository(root, None, None), tmp_path / "bundle"

    def is_current(name: str = "x", code: bool = False) -> bool:
        return export.is_current(repo, Config(), name, target, with_code=code)

    assert not is_current()
    bundle_of(root, target)
    assert is_current()
    assert not is_current(name="other")
    assert not is_current(code=True)
    file = target / manifest.read(target).tables["records"].file
    file.write_bytes(file.read_bytes()[:-1])
    assert not is_current()
    bundle_of(root, target)
    put(root, FINDINGS, lines(finding(1)))
    assert not is_current()


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_write_that_ends_anywhere_leaves_the_old_bundle_or_the_new_one(
    root: Path, tmp_path: Path, failure: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = bundle_of(root, tmp_path / "bundle")
    old = manifest.read(target)
    put(root, FINDINGS, lines(finding(1), finding(2)))
    new = export.make(Repository(root, None, None), Config(), "x")
    calls = 0
    while True:
        made = _ends_at(calls, failure, monkeypatch, lambda: export.write(new, target))
        known = manifest.read(target)
        manifest.check_files(target, known, list(known.tables))
        assert known in (old, new.manifest)
        if made:
            break
        calls += 1
    assert calls >= len(new.files)
    # Nothing of the interrupted ones is left.
    fresh = bundle_of(root, tmp_path / "fresh", "x")
    assert tree(target) == tree(fresh)


def test_several_writers_of_one_folder_leave_one_bundle(root: Path, tmp_path: Path) -> None:
    made = []
    for number in range(3):
        put(root, FINDINGS, lines(*(finding(day) for day in range(1, number + 2))))
        made.append(export.make(Repository(root, None, None), Config(), "x"))
    target = tmp_path / "bundle"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda bundle: export.write(bundle, target), made * 10))
    known = manifest.read(target)
    manifest.check_files(target, known, list(known.tables))
    left = next(bundle for bundle in made if bundle.manifest == known)
    assert tree(target).keys() == {"manifest.json", *left.files}


def test_writers_wait_for_one_that_takes_too_long(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = bundle_of(root, tmp_path / "bundle")
    put(root, FINDINGS, lines(finding(1)))
    monkeypatch.setattr(export, "WAIT", 0.05)
    with (
        atomic.exclusive_lock(target / export.LOCK, 0),
        pytest.raises(ErrataError, match="in use by another process"),
    ):
        bundle_of(root, target)
    bundle_of(root, target)


def _ends_at(call: int, failure: BaseException, patch: pytest.MonkeyPatch, run: Any) -> bool:
    """Whether it ends before its writes reach this number."""
    left, write = [call], atomic.write

    def failing(*args: Any, **how: Any) -> None:
        if not left[0]:
            raise failure
        left[0] -= 1
        write(*args, **how)

    with patch.context() as patched:
        patched.setattr(atomic, "write", failing)
        try:
            run()
        except (ErrataError, KeyboardInterrupt):
            return False
    return True


def test_a_folder_with_other_files_is_refused(root: Path, tmp_path: Path) -> None:
    put(tmp_path, "mine/notes.txt", b"mine")
    with pytest.raises(ErrataError, match=r"holds other files, such as 'notes.txt'"):
        bundle_of(root, tmp_path / "mine")
    assert tree(tmp_path / "mine") == {"notes.txt": b"mine"}


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("a.py", ""),
        ("src/a.py", "src"),
        ("src/api/v1/deep/a.py:12:3", "src/api"),
        ("./src//api/a.py", "src/api"),
        ("src\\api\\v1\\a.py", "src/api"),
        ("/home/ann/a.py", ""),
        ("~/projects/a.py", ""),
        ("C:\\Users\\ann\\a.py", ""),
        ("../../home/ann/a.py", ""),
        ("", ""),
    ],
)
def test_two_levels_of_a_folder_leave(path: str, folder: str) -> None:
    assert keys.folder_of(path) == folder


@pytest.mark.parametrize(
    ("fact", "leaves"),
    [
        ("call-removed console.log", "call-removed console.log"),
        ("comment-removed in tests", "comment-removed in tests"),
        ("comment-removed in python", "comment-removed in python"),
        ("comment-removed in src/api/", "comment-removed in src/api/"),
        ("comment-removed in src/api/v1/secret/", "comment-removed in src/api/"),
        ("comment-removed in src/api/secret.py", "comment-removed in src/api/"),
        ("comment-removed in secret.py", "comment-removed in one file"),
        ("in src/api/v1/secret.py", "in src/api/"),
    ],
)
def test_a_fact_leaves_without_files(fact: str, leaves: str) -> None:
    assert keys.shown_fact(fact) == leaves


def test_a_name_and_an_instruction_leave_without_files() -> None:
    facts = ("comment-removed in src/api/v1/secret.py",)
    made = keys.names.name(facts)
    assert "secret" in made
    lesson = Lesson(made, facts, instruction="In `src/api/v1/secret.py`: write fewer comments.")
    assert "secret" not in keys.shown_name(lesson)
    assert keys.shown_instruction(lesson) == "In `src/api/`: write fewer comments."
    # What people call it, they decide.
    assert keys.shown_name(Lesson("no-chatter", facts)) == "no-chatter"


def test_a_lesson_is_its_facts_not_its_name() -> None:
    facts = ("call-removed console.log", "in tests")
    one = keys.lesson_key("no-log", Lesson("no-log", facts))
    assert one == keys.lesson_key("quiet", Lesson("quiet", facts[::-1]))
    assert one != keys.lesson_key("no-log", Lesson("no-log", facts[:1]))
    assert one != keys.lesson_key("no-log", None)
    assert keys.lesson_key("no-log", None) == keys.lesson_key("no-log", Lesson("no-log", ()))


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://example.org/team/api.git", "team/api"),
        ("git@example.org:team/api.git", "team/api"),
        ("ssh://git@example.org:22/team/api/", "team/api"),
        ("https://name:word@example.org/team/part/api", "part/api"),
        ("example.org:api", "api"),
        ("/srv/someone/api.git", "api"),
        ("file:///srv/someone/api", "api"),
        ("", "work"),
    ],
)
def test_the_name_of_a_repository(repo: Repo, url: str, name: str) -> None:
    """That of its remote with its owner; nothing of the folders of this machine."""
    repo.git("config", "remote.origin.url", url)
    found = Repository.discover(repo.root)
    expected = name if url else found.root.name
    assert export.default_name(found) == expected
    assert export.checked_name(name) == name


def test_a_name_has_no_empty_part() -> None:
    for name in ("/api", "team/", "team//api", "../api", ""):
        with pytest.raises(ErrataError, match="cannot name a repository"):
            export.checked_name(name)
