"""Many repositories: which lessons they share, what is new where, and what cannot be read."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from errata.cli import main
from errata.commands.fleet_text import PRINTERS
from errata.commands.screen import Screen
from errata.core.errors import ErrataError
from errata.fleet import bundle_check, manifest, partials, report, views
from errata.fleet.engine import Engine, open_engine
from errata.fleet.fleet import Fleet
from errata.fleet.outcomes import FleetOutcome, of_rows
from errata.fleet.schema import MANIFEST, TALLIES
from errata.fleet.sources import Source, find, parse_list
from errata.lessons.outcome_counts import OutcomeCounts, Tally
from errata.records.model import DAY
from fleet_builders import (
    CHANCES,
    CURATION,
    bundle_of,
    decided,
    fleet_of,
    found,
    grouped,
    noise,
    outcomes_line,
    plain,
    write_logs,
)
from record_builders import CORRECTIONS, FINDINGS, NOW, PROMOTIONS, ago, finding, lines, put, tree

CALL = "call-removed log.debug"
LESSON = "do-not-call-log-debug"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine("duckdb") as opened:
        yield opened


def _event(pattern: str, event: str, days: float) -> dict[str, Any]:
    return {
        "date": ago(days),
        "event": event,
        "pattern": pattern,
        "agents": ["sre"],
        "confidence": 0.8,
        "occurrences": 7,
        "entry_type": "anti-pattern",
    }


def _tally(repeated: int, chances: int) -> dict[str, Any]:
    return {"chances": chances, "repeated": repeated, "clusters": 9, "design_effect": 1.5}


def _outcomes(lesson: str, before: int, after: int, useless: str = "") -> dict[str, Any]:
    """How often a lesson was repeated; and another one, which got worse."""
    counts = {"since": ago(90), "before": _tally(before, 100), "after": _tally(after, 200)}
    worse = {"since": ago(90), "before": _tally(6, 100), "after": _tally(70, 200)}
    return outcomes_line({lesson: counts} | ({useless: worse} if useless else {}))


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four repositories. `a` and `b` teach a lesson, which `b` calls by another name; `c` meets it
    for the first time, under that name as well; `d` has nothing to do with it."""
    base = tmp_path_factory.mktemp("bundles")
    rename = {
        "timestamp": ago(86),
        "by": {"kind": "person", "name": "Ann Author"},
        "action": "rename",
        "pattern": LESSON,
        "to": "no-debug-output",
    }
    old, new = range(95, 101), (1, 2, 3, 4, 5, 6)
    made: dict[str, Any] = {
        "a": {
            CORRECTIONS: grouped("a", old, CALL) + noise("a"),
            PROMOTIONS: [_event(LESSON, "promoted", 90)],
            CHANCES: [_outcomes(LESSON, 12, 5)],
        },
        "b": {
            CORRECTIONS: grouped("b", [*old, 2], CALL) + noise("b"),
            PROMOTIONS: [
                _event("no-debug-output", "promoted", 85),
                _event("old-one", "promoted", 85),
                _event("old-one", "archived", 50),
            ],
            FINDINGS: [finding(100, "old-one"), finding(3, "local-to-b")],
            CHANCES: [_outcomes(LESSON, 20, 10, "local-to-b")],
        },
        "c": {
            CORRECTIONS: grouped("c", new, CALL) + noise("c"),
            FINDINGS: [finding(2, "old-one")],
        },
        "d": {FINDINGS: [finding(day, "local-to-d") for day in (0, 1, 50)]},
    }
    for name, logs in made.items():
        root = write_logs(base / "logs" / name, logs)
        if name == "b":
            put(root, CURATION, lines(decided(rename)))
        bundle_of(root, base / "bundles" / name)
    return base / "bundles"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def fleet(engine: Engine, bundles: Path, cache: Path) -> Iterator[Fleet]:
    with fleet_of(bundles, cache=cache, engine=engine) as opened:
        yield opened


@pytest.fixture
def copied(bundles: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundles, tmp_path / "bundles"))


def _all(fleet: Fleet) -> str:
    return plain(report.collect(fleet, 30))


def test_a_lesson_is_known_by_its_facts(fleet: Fleet) -> None:
    shared = views.shared(fleet)
    repeated = {lesson["pattern"]: lesson for lesson in shared["repeated"]}
    assert {*repeated} == {LESSON, "old-one"}
    assert repeated[LESSON]["repositories"] == {"b": 7, "a": 6, "c": 6}
    assert repeated[LESSON]["names"] == [LESSON, "no-debug-output"]
    assert repeated[LESSON]["promoted_in"] == ["a", "b"]


def test_what_others_teach_is_proposed_where_it_is_new(fleet: Fleet) -> None:
    shared = views.shared(fleet)
    # `old-one` is in no runbook any more.
    (alert,) = shared["alerts"]
    assert (alert["pattern"], alert["repository"]) == (LESSON, "c")
    assert alert["promoted_in"] == ["a", "b"]
    assert alert["first_seen"] == ago(6)[:10]
    evidence = {"count": 19, "sessions": 19, "repositories": 3}
    assert {key: alert["evidence"][key] for key in evidence} == evidence
    assert "`log.debug`" in alert["instruction"]
    (lesson,) = shared["worth_sharing"]
    assert (lesson["pattern"], lesson["seen_in"], lesson["of"]) == (LESSON, 3, 4)


def test_sums_are_whole_numbers(fleet: Fleet, cache: Path) -> None:
    for path in cache.rglob("fleet/*/*.parquet"):
        floats = {field.name for field in pq.read_schema(path) if pa.types.is_floating(field.type)}
        assert not floats or path.stem in ("lessons", "outcomes", "promotions"), path
    assert {type(figures.count) for figures in fleet.figures.values()} == {int}
    assert ".0" not in plain(views.corrections(fleet, 30)) + plain(views.trends(fleet))


def test_outcomes_compare_each_repository_with_itself(fleet: Fleet) -> None:
    lessons = views.outcome(fleet)["lessons"]
    lesson = next(each for each in lessons if each["pattern"] == LESSON)
    assert (lesson["repositories"], lesson["compared"]) == (2, 2)
    assert lesson["before"] == {"chances": 200, "repeated": 32, "per_100": 16.0}
    assert lesson["after"] == {"chances": 400, "repeated": 15, "per_100": 3.8}
    assert 0.15 < lesson["ratio"] < 0.35
    assert 0 < lesson["ratio_low"] < lesson["ratio"] < lesson["ratio_high"] < 1
    assert (lesson["verdict"], lesson["reading"]) == ("works", None)


def test_a_lesson_that_does_not_help_is_a_candidate_for_a_check(
    fleet: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    shared = views.shared(fleet)
    (useless,) = shared["check"]
    assert (useless["pattern"], useless["verdict"]) == ("local-to-b", "got worse")
    assert useless["repositories"] == ["b"]
    PRINTERS["shared"](Screen(), shared, fleet.names)
    assert "errata checks propose local-to-b" in capsys.readouterr().out


def _outcome(*sides: tuple[str, int, int], key: str = "k", until: str = "") -> FleetOutcome:
    """One lesson with these counts, ``(repository, before, after)`` of 100 chances each."""
    counts = {
        repository: OutcomeCounts(
            since=ago(90),
            until=until,
            before=Tally(chances=100, repeated=before, clusters=100),
            after=Tally(chances=100, repeated=after, clusters=100),
        )
        for repository, before, after in sides
    }
    return FleetOutcome(key, "x", counts)


def test_what_works_somewhere_or_is_not_in_force_needs_no_check() -> None:
    worse = [(name, 5, 30) for name in "abcd"]
    assert _outcome(*worse).needs_check
    works = _outcome(*worse, ("e", 60, 20))
    assert works.effect.verdict.value == "got worse"
    assert not works.needs_check
    assert not _outcome(*worse, key="").needs_check
    assert not _outcome(*worse, until=ago(1)).needs_check


def test_where_one_repository_says_something_its_own_limits_hold() -> None:
    alone = _outcome(("a", 30, 5)).effect
    assert _outcome(("a", 30, 5), ("b", 0, 0)).effect == alone
    assert _outcome(("b", 0, 0), ("a", 30, 5)).effect == alone


def test_two_lessons_of_a_repository_that_became_one_count_once() -> None:
    def row(name: str, chances: int) -> dict[str, Any]:
        tally = {"chances": chances, "repeated": 3, "clusters": 9, "design_effect": 1.0}
        sides = {f"{s}_{k}": v for s in TALLIES for k, v in tally.items()}
        said = {"source": "lesson", "lesson": "k", "since": 1, "until": 0}
        return {"repository": "a", "name": name, **said, **sides}

    rows = [row("old", 50), row("new", 70), row("older", 40)]
    for order in (rows, rows[::-1]):
        (outcome,) = of_rows(order)
        assert outcome.total("before").chances == 70


@pytest.mark.usefixtures("clock")
def test_a_service_that_nothing_names_is_said_on_one_line(
    copied: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = [finding(1, "x", service="billing")]
    bundle_of(write_logs(tmp_path / "e", {FINDINGS: more}), copied / "e")
    words = ["fleet", "patterns", str(copied), "--cache", str(tmp_path / "cache"), "--service"]
    assert main([*words, "biling"]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert "no repository or service is named 'biling'" in err
    assert "did you mean 'billing'?" in err
    assert main([*words, "billing"]) == 0


def test_the_order_of_the_sources_does_not_matter(
    fleet: Fleet, engine: Engine, bundles: Path, tmp_path: Path
) -> None:
    paths = sorted(bundles.iterdir(), reverse=True)
    with fleet_of(*paths, bundles, cache=tmp_path, engine=engine) as other:
        assert _all(other) == _all(fleet)


def test_only_what_changed_is_read_and_the_figures_are_those_of_a_new_start(
    engine: Engine, copied: Path, tmp_path: Path
) -> None:
    span, limit, cache = 60 * DAY, NOW + DAY, tmp_path / "cache"
    cache.mkdir()

    def read() -> int:
        sources = found(copied, cache=tmp_path).bundles
        return partials.update(engine, sources, cache, span, limit).read

    assert [read(), read()] == [4, 0]
    root = write_logs(tmp_path / "d", {FINDINGS: [finding(1, "old-one")]})
    shutil.rmtree(copied / "a")
    bundle_of(root, copied / "d")
    assert [read(), read()] == [1, 0]
    bundle_of(write_logs(tmp_path / "e", {FINDINGS: [finding(2, "new-one")]}), copied / "e")
    assert read() == 1
    with fleet_of(copied, cache=tmp_path / "fresh", engine=engine) as fleet:
        expected = _all(fleet)
    shutil.copytree(cache, tmp_path / "kept" / "fleet")
    with fleet_of(copied, cache=tmp_path / "kept", engine=engine) as fleet:
        assert _all(fleet) == expected


def test_a_killed_run_leaves_nothing_that_counts(
    fleet: Fleet, engine: Engine, bundles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, span, limit = tmp_path / "cache", 60 * DAY, NOW + DAY
    cache.mkdir()
    sources = found(bundles, cache=tmp_path).bundles
    partials.update(engine, sources[:2], cache, span, limit)
    writes = 0
    while True:
        left = [writes]

        def write(expression: Any, path: Path, left: list[int] = left) -> None:
            if not left[0]:
                path.write_bytes(b"PAR1 half")
                raise KeyboardInterrupt
            left[0] -= 1
            Engine.write(engine, expression, path)

        with monkeypatch.context() as patch:
            patch.setattr(engine, "write", write)
            try:
                partials.update(engine, sources, cache, span, limit)
                break
            except KeyboardInterrupt:
                writes += 9
    assert writes
    shutil.copytree(cache, tmp_path / "kept" / "fleet")
    with fleet_of(bundles, cache=tmp_path / "kept", engine=engine) as other:
        assert _all(other) == _all(fleet)
    partials.update(engine, sources[:3], cache, span, limit)
    assert {path.name for path in cache.iterdir() if path.is_dir()} == {
        json.loads((cache / "index.json").read_text())["folder"]
    }


def test_records_in_the_future_are_left_out_and_come_later(
    engine: Engine, copied: Path, tmp_path: Path
) -> None:
    ahead = [finding(1, "ahead"), finding(-9, "ahead"), finding(-9, "later")]
    bundle_of(write_logs(tmp_path / "e", {FINDINGS: ahead}), copied / "e")
    with fleet_of(copied, cache=tmp_path / "1", engine=engine) as fleet:
        counts = {f.name: f.count for f in fleet.figures.values()}
        assert (fleet.now, counts["ahead"], "later" in counts) == (NOW, 1, False)


def _damage_a_file(bundle: Path) -> None:
    file = bundle / manifest.read(bundle).tables["records"].file
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def _remove_a_file(bundle: Path) -> None:
    (bundle / manifest.read(bundle).tables["lessons"].file).unlink()


def _change(bundle: Path, **fields: Any) -> None:
    described = json.loads((bundle / MANIFEST).read_text()) | fields
    (bundle / MANIFEST).write_text(json.dumps(described))


def _lead_outside(bundle: Path) -> None:
    tables = json.loads((bundle / MANIFEST).read_text())["tables"]
    tables["records"]["file"] = "../../records.parquet"
    _change(bundle, tables=tables)


BROKEN: dict[str, tuple[Callable[[Path], None], str]] = {
    "damaged": (_damage_a_file, "records.parquet is damaged"),
    "missing": (_remove_a_file, "lessons.parquet cannot be read: No such file"),
    "not JSON": (lambda b: _ignore((b / MANIFEST).write_text("{")), "manifest.json: "),
    "newer": (lambda b: _change(b, format=99), "format 99, and this errata reads 1"),
    "other repository": (lambda b: _change(b, repository="zzz"), "about another repository"),
    "leads out": (_lead_outside, "is not a file of the bundle"),
    "no table": (lambda b: _change(b, tables={}), "the table repositories"),
}


_COPIES = ("damaged", "missing")


def _ignore(_value: object) -> None:
    return None


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("errata.commands.fleet.clock", lambda: NOW)


@pytest.mark.usefixtures("clock")
def test_what_is_broken_is_named_and_left_out(
    copied: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, (breaks, _) in BROKEN.items():
        breaks(shutil.copytree(copied / "a", copied / f"broken-{name}"))
    cache = ["--cache", str(tmp_path / "cache")]
    words = ["fleet", "corrections", str(copied / "*"), str(tmp_path / "gone"), *cache, "--json"]
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert {*json.loads(out)["by_repository"]} == {"a", "b", "c"}
    said = {line.split(": ")[1].split("/")[-1]: line for line in err.splitlines()}
    assert "no such folder" in said["gone"]
    # Those that are damaged have the name and the digest of the one that is not.
    assert {*said} == {"gone", *(f"broken-{name}" for name in BROKEN if name not in _COPIES)}
    assert main([*words, "--strict"]) == 1
    capsys.readouterr()
    assert main(["fleet", "trends", str(tmp_path / "gone"), *cache]) == 2
    assert "no repository can be read" in capsys.readouterr().err


@pytest.mark.parametrize("name", BROKEN)
def test_each_way_to_be_broken_has_its_line(copied: Path, tmp_path: Path, name: str) -> None:
    breaks, line = BROKEN[name]
    breaks(copied / "a")
    result = find([Source(copied)], tmp_path)
    sound, problems = bundle_check.sound(result.bundles)
    assert [b.manifest.repository for b in sound] == ["b", "c", "d"]
    (problem,) = result.problems + problems
    assert line in problem and str(copied / "a") in problem


def test_of_two_bundles_with_one_name_the_newer_counts(copied: Path, tmp_path: Path) -> None:
    bundle_of(write_logs(tmp_path / "a", {FINDINGS: [finding(-0.5)]}), copied / "other-a")
    bundle_of(copied.parent / "a", copied / "z", "a")
    result = find([Source(copied)], tmp_path)
    assert [b.folder.name for b in result.bundles] == ["other-a", "b", "c", "d"]
    (problem,) = result.problems
    assert f"{copied / 'a'}: 'a' is also the name of {copied / 'other-a'}" in problem


def test_repositories_are_exported_into_the_cache_and_not_touched(tmp_path: Path) -> None:
    roots = [
        write_logs(tmp_path / "team" / name, {FINDINGS: [finding(1, name)]}) for name in ("x", "y")
    ]
    before = tree(tmp_path / "team")
    result = find([Source(tmp_path / "team" / "*")], tmp_path / "cache")
    assert [b.manifest.repository for b in result.bundles] == ["x", "y"]
    assert tree(tmp_path / "team") == before
    written = tree(tmp_path / "cache")
    assert find([Source(root) for root in roots], tmp_path / "cache").problems == []
    assert tree(tmp_path / "cache") == written


def test_a_bundle_keeps_the_name_that_it_was_exported_with(copied: Path, tmp_path: Path) -> None:
    result = find([Source(copied / "a", "other"), Source(copied / "b", "b")], tmp_path)
    assert [b.manifest.repository for b in result.bundles] == ["b"]
    (problem,) = result.problems
    assert "the bundle is of 'a', not of 'other'" in problem


def test_a_cache_in_use_is_done_without(
    engine: Engine, copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / "dangling").symlink_to(tmp_path / "gone")
    for number in range(12):
        (scratch / f"other-{number}").mkdir()
    before = {*scratch.iterdir()}
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    (tmp_path / "cache").write_text("not a folder")
    bundles = found(copied, cache=tmp_path / "found").bundles
    with partials.locked(tmp_path / "cache") as folder:
        assert folder.parent == scratch
        assert partials.update(engine, bundles, folder, 60 * DAY, NOW + DAY).read == 4
    assert {*scratch.iterdir()} == before


def test_a_list_names_sources(tmp_path: Path) -> None:
    text = put(tmp_path, "list.txt", b"# the team\nx\n\n  teams/*\n/abs\n")
    assert parse_list(text) == [Source(tmp_path / n) for n in ("x", "teams/*", "/abs")]
    toml = put(tmp_path, "list.toml", b'[[source]]\npath = "x"\nservice = "billing"\n')
    assert parse_list(toml) == [Source(tmp_path / "x", "billing")]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("gone.txt", None, "No such file or directory"),
        ("a.toml", b"sources = 1", r"\[\[source\]\] tables"),
        ("b.toml", b"[[source]]\nservice = 'x'", "source 1: must have path"),
        ("c.toml", b"[[source]]\npath = 'x'\nservice = '../x'", "cannot name a repository"),
        ("d.toml", b"[[", "Invalid"),
        ("e.txt", b"\xff", "utf-8"),
    ],
)
def test_a_list_that_is_none_is_refused(
    tmp_path: Path, name: str, content: bytes | None, problem: str
) -> None:
    if content is not None:
        put(tmp_path, name, content)
    with pytest.raises(ErrataError, match=problem):
        parse_list(tmp_path / name)


def test_a_service_is_a_repository_or_what_records_name(
    engine: Engine, copied: Path, tmp_path: Path
) -> None:
    with fleet_of(copied, cache=tmp_path / "1", engine=engine, service="d") as fleet:
        assert {f.name: f.count for f in fleet.figures.values()} == {"local-to-d": 3}
    more = [finding(1, "x", service="billing"), finding(2, "x")]
    bundle_of(write_logs(tmp_path / "e", {FINDINGS: more}), copied / "e")
    with fleet_of(copied, cache=tmp_path / "2", engine=engine, service="billing") as fleet:
        assert {f.name: f.count for f in fleet.figures.values()} == {"x": 1}
        assert fleet.now == NOW
    api = write_logs(tmp_path / "api", {FINDINGS: [finding(2, "y")]})
    bundle_of(api, copied / "api", "team/api")
    with fleet_of(copied, cache=tmp_path / "3", engine=engine, service="api") as fleet:
        assert {f.name: f.count for f in fleet.figures.values()} == {"y": 1}


@pytest.mark.parametrize("view", PRINTERS)
def test_every_view_has_text(fleet: Fleet, view: str, capsys: pytest.CaptureFixture[str]) -> None:
    made = report.collect(fleet, 30)
    value = made if view == "report" else made[view]
    PRINTERS[view](Screen(), value, fleet.names)
    out = capsys.readouterr().out
    assert LESSON in out
    if view in ("shared", "report"):
        assert "first seen in" in out.lower()
    if view == "patterns":
        assert "do not call `log.debug`" in out
