"""The line in AGENTS.md and CLAUDE.md: added once, respected where people put it, and removed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.core.config import Config, Paths
from errata.setup.pointers import edit, remove
from record_builders import runbook

Run = Callable[..., subprocess.CompletedProcess[str]]
PATH = runbook("everyone")
LINE = (
    f"Lessons from corrections here (read them before you change code; may not exist yet): `{PATH}`"
)


@given(st.text(st.sampled_from("ab #\n\r`"), max_size=30).map(str.encode))
def test_removing_gives_back_the_text(data: bytes) -> None:
    once = edit(data, Config())
    assert once.startswith(data) and once.count(PATH.encode()) == 1
    assert edit(once, Config()) == once
    assert remove(once).rstrip(b"\r\n") == data.rstrip(b"\r\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", f"{LINE}\n"),
        (b"# A\n", f"# A\n\n{LINE}\n"),
        (b"# A", f"# A\n\n{LINE}\n"),
        (b"# A\n\n", f"# A\n\n{LINE}\n"),
        (b"# A\r\n", f"# A\r\n\r\n{LINE}\r\n"),
    ],
)
def test_line_is_a_paragraph_at_the_end(before: bytes, after: str) -> None:
    assert edit(before, Config()) == after.encode()


@pytest.mark.parametrize(
    "text",
    [
        f"{LINE}\n\n# Below\n",
        f"- See {PATH} first.\n",
        "<!-- errata:begin sha256=0123456789abcdef -->\n<!-- errata:end -->\n",
    ],
)
def test_moved_or_reworded_line_is_respected(text: str) -> None:
    assert edit(text.encode(), Config()) == text.encode()


def test_line_follows_the_settings() -> None:
    moved = edit(edit(b"# A\n", Config()), Config(paths=Paths(runbooks="books")))
    assert moved.count(b"RUNBOOK.md") == 1 and b"`books/everyone/RUNBOOK.md`" in moved
    assert remove(moved) == b"# A\n"


@pytest.fixture
def ready(repo: Any) -> Any:
    repo.write(".claude/settings.json", "{}\n")
    repo.write("AGENTS.md", "# Agents\n")
    repo.write("CLAUDE.md", "# Claude\r\n\r\nBe brief.")
    repo.commit("Begin")
    return repo


def init(errata: Run, *args: str) -> str:
    done = errata("init", "--manager", "plain", *args)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_init_and_uninstall(ready: Any, errata: Run) -> None:
    before = {name: (ready.root / name).read_bytes() for name in ("AGENTS.md", "CLAUDE.md")}
    shown = init(errata, "--dry-run")
    assert f"+++ b/AGENTS.md\n@@ -1 +1,3 @@\n # Agents\n+\n+{LINE}\n" in shown
    assert {name: (ready.root / name).read_bytes() for name in before} == before
    assert "AGENTS.md CLAUDE.md" in init(errata)
    for name in before:
        assert LINE in (ready.root / name).read_text()
    assert init(errata) == "nothing to do\n"
    doctor = errata("doctor").stdout
    assert "shared runbook" not in doctor
    assert errata("uninstall").returncode == 0
    assert {name: (ready.root / name).read_bytes() for name in before} == before


def test_uninstall_keeps_later_edits(ready: Any, errata: Run) -> None:
    init(errata)
    agents, claude = ready.root / "AGENTS.md", ready.root / "CLAUDE.md"
    agents.write_text(f"{LINE}\n\n# Agents\n\n- new\n")
    claude.write_text(f"# Claude\n\nFirst see `{PATH}`.\n")
    assert init(errata) == "nothing to do\n"
    assert errata("uninstall").returncode == 0
    assert agents.read_text() == "\n# Agents\n\n- new\n"
    assert claude.read_text() == f"# Claude\n\nFirst see `{PATH}`.\n"


def test_doctor_says_that_it_is_missing(ready: Any, errata: Run) -> None:
    init(errata)
    (ready.root / "AGENTS.md").write_text("# Agents\n")
    shown = errata("doctor").stdout
    assert "AGENTS.md: does not point agents to the shared runbook" in shown
    assert "CLAUDE.md: does not" not in shown


def test_nothing_is_created_and_nothing_is_in_the_way(
    repo: Any, errata: Run, tmp_path: Any
) -> None:
    init(errata)
    assert not (repo.root / "AGENTS.md").exists() and not (repo.root / "CLAUDE.md").exists()
    (tmp_path / "outside.md").write_text("# Mine\n")
    (repo.root / "AGENTS.md").symlink_to(tmp_path / "outside.md")
    (repo.root / "CLAUDE.md").mkdir()
    assert init(errata) == "nothing to do\n"
    assert (tmp_path / "outside.md").read_text() == "# Mine\n"


@pytest.mark.parametrize(
    "second", ["link", "@AGENTS.md\n", "# Claude\n\nRead @./AGENTS.md first.\n"]
)
def test_file_that_shows_the_other_gets_no_line(repo: Any, errata: Run, second: str) -> None:
    repo.write("AGENTS.md", "# Agents\n")
    if second == "link":
        (repo.root / "CLAUDE.md").symlink_to("AGENTS.md")
    else:
        repo.write("CLAUDE.md", second)
    init(errata)
    assert (repo.root / "AGENTS.md").read_text() == f"# Agents\n\n{LINE}\n"
    assert second == "link" or (repo.root / "CLAUDE.md").read_text() == second
    assert errata("uninstall").returncode == 0
    assert (repo.root / "AGENTS.md").read_text() == "# Agents\n"
