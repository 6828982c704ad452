"""The cache: never wrong, whatever happened to the logs, the file or the settings."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errata.core.config import Config, Evolve, Routing
from errata.core.errors import LogError
from errata.core.git import Repository
from errata.patterns import registry
from errata.patterns.analysis import analyse
from errata.patterns.corpus import load_corpus
from errata.patterns.log_files import LogFile
from errata.patterns.log_reader import LogReader
from errata.records.identity import record_id
from record_builders import (
    CORRECTIONS,
    FINDINGS,
    INCIDENTS,
    LEARNINGS,
    NOW,
    correction,
    finding,
    incident,
    learning,
    lines,
    put,
    repository,
    tree,
)

CONFIG = Config()
CACHE = ".git/errata/occurrences"
FIGURES = ".git/errata/figures"


def seen(repo: Repository, config: Config = CONFIG) -> Any:
    """Everything that is computed from the logs, and what was omitted."""
    records = load_corpus(repo, config)
    analysis = analyse(records, config, NOW)
    unnamed = analysis.unnamed
    views = (
        registry.patterns_json(analysis, {}),
        registry.trends_json(analysis),
        unnamed and (unnamed.count, unnamed.excerpts),
        [records.location(line, repo.root) + line.why for line in analysis.rejected],
        analysis.future,
    )
    records.figures.save(analysis.figures())
    return views


def cold(repo: Repository, config: Config = CONFIG) -> Any:
    """The same without any cache."""
    return seen(Repository(repo.root, None, None), config)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, int]]:
    """The stretches that were really read."""
    stretches: list[tuple[int, int, int]] = []
    read = LogReader.read

    def spy(self: LogReader, log: LogFile, start: int, stop: int) -> None:
        stretches.append((log.number, start, stop))
        read(self, log, start, stop)

    monkeypatch.setattr(LogReader, "read", spy)
    return stretches


@pytest.fixture
def known(tmp_path: Path) -> Repository:
    """A repository whose logs are in the cache."""
    repo = repository(tmp_path / "r")
    put(repo.root, FINDINGS, lines(*(finding(day) for day in range(1, 9))) + b"{bad}\n")
    put(repo.root, LEARNINGS, lines(learning(1), learning(50, "other", id="l-1")))
    assert seen(repo) == cold(repo)
    return repo


def test_unchanged_lines_are_not_read_again(known: Repository, reads: list[Any]) -> None:
    before = seen(known)
    assert reads == []
    size = (known.root / FINDINGS).stat().st_size
    with (known.root / FINDINGS).open("ab") as file:
        file.write(lines(finding(0)))
    after = seen(known)
    assert reads == [(0, size, size + len(lines(finding(0))))]
    assert after != before and after == cold(known)


def test_new_lines_are_saved(known: Repository, reads: list[Any]) -> None:
    with (known.root / FINDINGS).open("ab") as file:
        file.write(lines(finding(0), finding(0.5)))
    seen(known)
    assert reads
    reads.clear()
    assert seen(known)
    assert reads == []
    assert seen(known) == cold(known)


def test_a_touched_log_is_compared_once(known: Repository, reads: list[Any]) -> None:
    path = known.root / FINDINGS
    os.utime(path, (1, 1))
    seen(known)
    assert reads == []
    # Not the whole status: reading changes the time of the last access.
    first = (known.root / CACHE).stat()
    seen(known)
    second = (known.root / CACHE).stat()
    assert (second.st_ino, second.st_mtime_ns) == (first.st_ino, first.st_mtime_ns)


def _rewrite(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"warning", b"blocker"))  # as long as before


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def _prepend(path: Path) -> None:
    path.write_bytes(lines(finding(0)) + path.read_bytes())


def _reverse(path: Path) -> None:
    path.write_bytes(b"".join(reversed(path.read_bytes().splitlines(keepends=True))))


def _replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(lines(finding(2, "something-else")))
    other.replace(path)


def _remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("change", [_rewrite, _cut, _prepend, _reverse, _replace, _remove])
@pytest.mark.parametrize("same_times", [False, True])
def test_any_other_change_invalidates_the_cache(
    known: Repository, change: Callable[[Path], None], same_times: bool
) -> None:
    path = known.root / FINDINGS
    info = path.stat()
    change(path)
    if same_times and path.exists():
        os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))
    assert seen(known) == cold(known)


def test_a_new_log_is_read(known: Repository) -> None:
    put(known.root, INCIDENTS, lines(incident(1)))
    put(known.root, CORRECTIONS, lines(correction(1)))
    assert seen(known) == cold(known)


def test_settings_that_affect_reading_invalidate_the_cache(known: Repository) -> None:
    other = Config(routing=Routing(paths={"pkg/**": ("owner",)}))
    assert seen(known, other) == cold(known, other)
    assert "owner" in str(seen(known, other)[0])
    assert "owner" not in str(seen(known)[0])


def test_figures_of_sessions_are_not_those_of_records(known: Repository) -> None:
    # Two records in one minute are one session.
    with (known.root / FINDINGS).open("ab") as file:
        file.write(lines(finding(1, description="another")))
    by_record = Config(evolve=Evolve(per_session=False))
    assert seen(known) == cold(known) != cold(known, by_record)
    assert seen(known, by_record) == cold(known, by_record)


@pytest.mark.parametrize("file", [CACHE, FIGURES])
@pytest.mark.parametrize("damage", ["cut", "garbage", "empty", "folder"])
def test_a_damaged_cache_is_ignored(known: Repository, damage: str, file: str) -> None:
    path = known.root / file
    right, whole = cold(known), path.read_bytes()
    if damage == "cut":
        damaged = [whole[:end] for end in (*range(0, 64, 7), len(whole) // 2, len(whole) - 1)]
    elif damage == "garbage":
        damaged = [os.urandom(len(whole)), whole[:32] + os.urandom(len(whole) - 32)]
    else:
        damaged = [b""]
    for data in damaged:
        path.write_bytes(data)
        assert seen(known) == right
    if damage == "folder":
        path.unlink()
        path.mkdir()
        assert seen(known) == right


@pytest.mark.parametrize("file", [CACHE, FIGURES])
def test_a_cache_with_a_changed_byte_is_ignored(known: Repository, file: str) -> None:
    path = known.root / file
    right, whole = cold(known), path.read_bytes()
    for at in range(0, len(whole), len(whole) // 80):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        assert seen(known) == right


def test_a_cache_that_cannot_be_written_is_no_error(known: Repository) -> None:
    shutil.rmtree(known.root / ".git/errata")
    (known.root / ".git/errata").write_text("in the way")
    assert seen(known) == cold(known)


def test_files_of_earlier_versions_are_deleted(known: Repository) -> None:
    old = [put(known.root, f".git/errata/{name}", b"x") for name in ("ledger", "excerpts")]
    os.utime(known.root / FINDINGS, (1, 1))
    assert seen(known) == cold(known)
    assert not any(path.exists() for path in old)


def test_loading_without_write_changes_no_file(known: Repository) -> None:
    os.utime(known.root / FINDINGS, (1, 1))
    with (known.root / FINDINGS).open("ab") as file:
        file.write(lines(*(finding(0.001 * number) for number in range(9000))))
    before = tree(known.root)
    load_corpus(known, CONFIG, write=False)
    assert tree(known.root) == before


def test_each_work_tree_has_its_own_cache(tmp_path: Path) -> None:
    main = repository(tmp_path / "main")
    main.git("commit", "-q", "--allow-empty", "-m", "first")
    main.git("worktree", "add", "-q", str(tmp_path / "side"))
    side = Repository.discover(tmp_path / "side")
    put(main.root, FINDINGS, lines(finding(1)))
    put(side.root, FINDINGS, lines(finding(1), finding(2)))
    for _ in range(2):
        assert seen(main) == cold(main)
        assert seen(side) == cold(side)


def test_the_outbox_counts_and_is_never_cached(known: Repository, reads: list[Any]) -> None:
    waiting = lines(correction(1, id="w-1"), correction(2))
    put(known.root, ".git/errata/outbox.jsonl", waiting)
    first = seen(known)
    reads.clear()
    assert seen(known) == first
    assert [number for number, _, _ in reads] == [9]
    # Moved into its log, it counts as before; in both places at once, too.
    put(known.root, CORRECTIONS, waiting)
    assert seen(known)[0] == first[0]
    (known.root / ".git/errata/outbox.jsonl").unlink()
    assert seen(known)[0] == first[0]


def test_locations_of_rejected_lines(known: Repository) -> None:
    with (known.root / FINDINGS).open("ab") as file:
        file.write(b"\n" + lines(finding(0)) + b"[]\n" + b"{}\n")
    places = [row.split(" ")[0] for row in seen(known)[3]]
    assert [place.split(".jsonl:")[1][:2].rstrip("nJO") for place in places] == ["9", "12", "13"]
    records = load_corpus(known, CONFIG)
    rejected = records.rejected
    wanted = [f"{FINDINGS}:{number}" for number in (9, 12, 13)]
    assert [records.location(line, known.root) for line in rejected] == wanted
    assert [records.location(line, known.root) for line in reversed(rejected)] == wanted[::-1]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.mkdir(), "is not a file"),
        (lambda path: os.mkfifo(path), "is not a file"),
        (lambda path: path.write_bytes(b"\x89PNG\r\n\x00\x00"), "is a binary file"),
        (lambda path: path.symlink_to("/etc/passwd"), "leads out of the repository"),
        (lambda path: path.symlink_to(path.name), "leads out of the repository"),
    ],
    ids=["folder", "fifo", "binary", "link", "loop"],
)
def test_a_file_that_cannot_be_a_log_is_refused(
    tmp_path: Path, make: Callable[[Path], None], message: str
) -> None:
    (tmp_path / ".claude").mkdir()
    make(tmp_path / FINDINGS)
    with pytest.raises(LogError, match=message) as error:
        load_corpus(Repository(tmp_path, None, None), CONFIG)
    assert str(error.value).startswith(FINDINGS)


# --- property: reading incrementally equals reading at once

_BASE = [finding(day, name) for day in (1, 1, 2, 40) for name in ("a-name", "b-name")]
_POOL = {
    FINDINGS: [
        *_BASE,
        *[row | {"id": f"f-{number}"} for number, row in enumerate(_BASE[:3])],
        finding(0.5, "b-name", id="f-1"),
        finding(3, withdraws="f-2"),
        finding(3, withdraws=record_id(_BASE[2])),
        finding(1, severity="P1"),
    ],
    INCIDENTS: [incident(1, "a-name"), _BASE[0], _BASE[3] | {"id": "f-1"}],
    LEARNINGS: [learning(2, "a-name", id="f-1"), learning(70, "c-name")],
    CORRECTIONS: [
        correction(3, "a-name", source="implicit", id="c-1", probability=0.35),
        correction(3, "a-name", source="implicit", id="c-1", probability=0.85),
        correction(4, "a-name", source="implicit", probability=0.5),
        correction(4, "a-name", source="implicit"),
    ],
}
_STEPS = st.lists(
    st.sampled_from([(log, number) for log, rows in _POOL.items() for number in range(len(rows))]),
    min_size=1,
    max_size=24,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_STEPS, st.sets(st.integers(0, 23)), st.booleans())
def test_incremental_reading_equals_cold_reading(
    steps: list[tuple[str, int]], stops: set[int], save: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        repo = Repository(root, root / ".git", root / ".git")
        for number, (log, row) in enumerate(steps):
            path = root / log
            path.parent.mkdir(exist_ok=True)
            with path.open("ab") as file:
                file.write(lines(_POOL[log][row]))
            if number in stops and save:
                assert seen(repo) == cold(repo)
            elif number in stops:
                load_corpus(repo, CONFIG, write=False)
        assert seen(repo) == cold(repo)
        shuffled = root / "shuffled"
        for log in {log for log, _ in steps}:
            rows = (root / log).read_bytes().splitlines(keepends=True)
            put(shuffled, log, b"".join(sorted(rows)))
        assert cold(Repository(shuffled, None, None))[:3] == cold(repo)[:3]
