"""Runbooks on disk: atomic writes inside the repository that never change what a person wrote."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from runbook_builders import BEGIN, END, ENTRIES, MARKDOWN, entry, update_runbook

from errata.core.config import Config, Paths
from errata.core.errors import RunbookError
from errata.runbooks import document, store
from errata.runbooks.entry import Entry
from errata.runbooks.paths import NOTHING, path_for

CONFIG = Config()
AGENT = "api-dev"
WHERE = f".claude/skills/runbooks/{AGENT}/RUNBOOK.md"


def put(root: Path, data: bytes) -> Path:
    path = root / WHERE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_a_new_runbook_has_its_four_sections(tmp_path: Path) -> None:
    change = update_runbook(tmp_path, CONFIG, AGENT, [entry("b"), entry("a")])
    text = (tmp_path / WHERE).read_text()
    assert change.path == tmp_path / WHERE
    assert (change.changed, change.added, change.old) == (True, ("a", "b"), None)
    headings = [line for line in text.split("\n") if line.startswith("#")]
    assert headings == [
        "# api-dev runbook",
        "## Patterns",
        "## Anti-patterns",
        "## Service-specific notes",
        "## Recent learnings",
    ]
    assert text.endswith(f"{END}\n")
    assert [p.name for p in change.path.parent.iterdir()] == ["RUNBOOK.md"]


def test_no_entries_create_no_file(tmp_path: Path) -> None:
    assert not update_runbook(tmp_path, CONFIG, AGENT, []).changed
    assert list(tmp_path.iterdir()) == []


def test_a_change_names_what_changes(tmp_path: Path) -> None:
    update_runbook(tmp_path, CONFIG, AGENT, [entry("a"), entry("b"), entry("c")])
    change = update_runbook(
        tmp_path, CONFIG, AGENT, [entry("a"), entry("b", occurrences=13), entry("d")]
    )
    assert (change.added, change.removed, change.updated) == (("d",), ("c",), ("b",))
    gone = update_runbook(tmp_path, CONFIG, AGENT, [])
    assert (gone.changed, gone.removed) == (True, ("a", "b", "d"))
    assert NOTHING in change.path.read_text()


def test_a_plan_writes_nothing(tmp_path: Path) -> None:
    path = put(tmp_path, b"mine\n")
    change = store.plan_change(tmp_path, CONFIG, AGENT, [entry("a")])
    assert change.changed and change.old == b"mine\n" and b"**a**" in (change.new or b"")
    assert path.read_bytes() == b"mine\n"


def test_the_second_update_touches_nothing(tmp_path: Path) -> None:
    update_runbook(tmp_path, CONFIG, AGENT, [entry("a")])
    before = (tmp_path / WHERE).stat()
    assert not update_runbook(tmp_path, CONFIG, AGENT, [entry("a")]).changed
    assert (tmp_path / WHERE).stat() == before


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(MARKDOWN.map(str.encode) | st.binary(max_size=60), ENTRIES)
@example(b"# mine\r\n\r\n## Recent learnings\r\nlast line", [entry("a")])
@example(b"", [entry(END, description=f"\n{END}\n{BEGIN}")])
def test_manual_text_survives_and_update_is_idempotent(data: bytes, entries: list[Entry]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = put(Path(folder), data)
        try:
            first = update_runbook(Path(folder), CONFIG, AGENT, entries)
        except RunbookError:
            assert path.read_bytes() == data
            return
        got = path.read_bytes()
        assert got == first.new
        block = document.parse(got).block
        old = document.parse(data)
        if old.block is None:
            assert got.startswith(old.before) and got.endswith(old.after)
            assert bool(block) is bool(entries)
        assert not update_runbook(Path(folder), CONFIG, AGENT, entries).changed
        assert path.read_bytes() == got


def test_hand_edited_block_is_an_error_with_a_hint(tmp_path: Path) -> None:
    path = update_runbook(tmp_path, CONFIG, AGENT, [entry("a")]).path
    edited = path.read_bytes().replace(b"lack", b"must have")
    path.write_bytes(edited)
    with pytest.raises(
        RunbookError, match=rf"^{WHERE}:\d+: the generated block was edited by hand"
    ):
        update_runbook(tmp_path, CONFIG, AGENT, [entry("b")])
    assert path.read_bytes() == edited
    update_runbook(tmp_path, CONFIG, AGENT, [entry("b")], rebuild=True)
    assert b"must have" not in path.read_bytes() and b"**b**" in path.read_bytes()


def test_wrong_checksum_over_the_right_text_is_fixed(tmp_path: Path) -> None:
    path = update_runbook(tmp_path, CONFIG, AGENT, [entry("a")]).path
    good = path.read_bytes()
    block = document.parse(good).block
    assert block
    path.write_bytes(good.replace(block.checksum.encode(), b"0" * 16))
    assert update_runbook(tmp_path, CONFIG, AGENT, [entry("a")]).changed
    assert path.read_bytes() == good


def test_manual_entry_wins(tmp_path: Path) -> None:
    put(tmp_path, b"## Patterns\n\n### Missing status condition\n\nMine.\n")
    update_runbook(tmp_path, CONFIG, AGENT, [entry()])
    text = (tmp_path / WHERE).read_text()
    assert "(described above by hand)" in text and "API types lack" not in text


@pytest.mark.parametrize("agent", ["", "..", "a/b", "API", "a_b", "a\n", "-a", "a" * 65, "ä"])
def test_invalid_agent_names(tmp_path: Path, agent: str) -> None:
    with pytest.raises(RunbookError, match="is not an agent name"):
        path_for(tmp_path, CONFIG, agent)


@pytest.mark.parametrize("link", [".claude", ".claude/skills/runbooks/api-dev", WHERE])
@pytest.mark.parametrize("exists", [True, False])
def test_links_out_of_the_repository_are_refused(tmp_path: Path, link: str, exists: bool) -> None:
    root, outside = tmp_path / "repo", tmp_path / "outside"
    if exists:
        (outside / "skills/runbooks/api-dev").mkdir(parents=True)
    (root / link).parent.mkdir(parents=True)
    (root / link).symlink_to(outside)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(RunbookError, match="symbolic link leads out"):
        update_runbook(root, CONFIG, AGENT, [entry()])
    assert sorted(tmp_path.rglob("*")) == before


def test_links_in_a_loop_and_into_git_are_refused(tmp_path: Path) -> None:
    (tmp_path / ".claude").symlink_to(".claude")
    with pytest.raises(RunbookError, match="symbolic link"):
        update_runbook(tmp_path, CONFIG, AGENT, [entry()])
    (tmp_path / ".git/hooks").mkdir(parents=True)
    (tmp_path / "notes").symlink_to(".git/hooks")
    with pytest.raises(RunbookError, match="symbolic link"):
        path_for(tmp_path, Config(paths=Paths(runbooks="notes")), AGENT)


def test_a_link_within_the_repository_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/api.md").write_bytes(b"# mine\n")
    link = tmp_path / WHERE
    link.parent.mkdir(parents=True)
    link.symlink_to(os.path.relpath(tmp_path / "docs/api.md", link.parent))
    update_runbook(tmp_path, CONFIG, AGENT, [entry("a")])
    assert link.is_symlink()
    assert (tmp_path / "docs/api.md").read_bytes().startswith(b"# mine\n")
    assert b"**a**" in link.read_bytes()


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / WHERE
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    with pytest.raises(RunbookError, match="not a regular file"):
        update_runbook(tmp_path, CONFIG, AGENT, [entry()])
    path.unlink()
    path.mkdir()
    with pytest.raises(RunbookError, match="not a regular file"):
        update_runbook(tmp_path, CONFIG, AGENT, [entry()])


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / ".claude").write_text("")
    with pytest.raises(RunbookError, match="Not a directory"):
        update_runbook(tmp_path, CONFIG, AGENT, [entry()])


def test_the_mode_is_kept(tmp_path: Path) -> None:
    path = put(tmp_path, b"mine\n")
    path.chmod(0o640)
    update_runbook(tmp_path, CONFIG, AGENT, [entry()])
    assert path.stat().st_mode & 0o777 == 0o640


WRITER = """
import sys
from pathlib import Path
from errata.runbooks import store
path, texts = Path(sys.argv[1]), [b"old\\n" * 50_000, b"new!\\n" * 60_000]
print("ready", flush=True)
while True:
    for text in texts:
        store.write(path, text)
"""


def test_kill_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    path = put(tmp_path, b"old\n" * 50_000)
    whole = {b"old\n" * 50_000, b"new!\n" * 60_000}
    rng = random.Random(7)
    seen = set()
    for _ in range(30):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout and process.stdout.readline() == b"ready\n"
            time.sleep(rng.uniform(0, 0.1))
            process.send_signal(signal.SIGKILL)
            process.wait()
        data = path.read_bytes()
        assert data in whole
        seen.add(data)
    store.write(path, b"end\n")
    assert [p.name for p in path.parent.iterdir()] == ["RUNBOOK.md"]
    assert seen == whole


def test_concurrent_writers_leave_one_complete_file(tmp_path: Path) -> None:
    path = put(tmp_path, b"")
    code = (
        "import sys; from pathlib import Path; from errata.runbooks import store\n"
        "for _ in range(40): store.write(Path(sys.argv[1]), sys.argv[2].encode() * 9000)"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", code, str(path), letter]) for letter in "abcd"
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]
    assert path.read_bytes() in {letter * 9000 for letter in (b"a", b"b", b"c", b"d")}
    store.write(path, b"end")
    assert [p.name for p in path.parent.iterdir()] == ["RUNBOOK.md"]
