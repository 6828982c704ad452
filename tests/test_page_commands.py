"""Every command of the tutorial and of the how-to guides runs, and prints what the page shows.

Each page runs from top to bottom, as one script, in a scratch repository: see ``page_standins``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import page_script
import page_standins

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
TUTORIAL = DOCS / "tutorial.md"
GUIDES = sorted([*DOCS.glob("how-to/*.md"), *DOCS.glob("explanation/*.md")])
# Blocks that the reader neither runs nor saves. Nothing so far.
NOT_RUN: dict[str, list[str]] = {}
SET_UP = """\
git checkout -q main
git init -q --bare ../origin.git
git remote add origin ../origin.git
errata init --manager plain --agent claude-code
errata backfill
errata evolve
git add -A
git commit -qm "build: errata"
"""


@pytest.fixture(autouse=True)
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a reader: the clock of today, and stand-ins for what needs a network."""
    page_standins.programs(tmp_path / "bin", Path(sys.executable).parent)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/local/bin:/usr/bin:/bin")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_DATE")
        for part, value in (("NAME", "Rae Reader"), ("EMAIL", "rae@example.org")):
            monkeypatch.delenv(f"GIT_{role}_{part}")
            config = ["git", "config", "--global", f"user.{part.lower()}", value]
            subprocess.run(config, check=True)


def follow(page: str, script: str, folder: Path) -> list[str]:
    """Run a script in a folder; return its lines. Fails if a command fails."""
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{page}:\n{done.stdout}"
    return done.stdout.splitlines()


def missing(text: str, printed: list[str]) -> list[str]:
    """The lines that a page shows as output and that were not printed."""
    lines = {page_script.normalised(line) for line in printed}
    return [line for line in page_script.shown(text) if line not in lines]


def instead_of(address: str, repository: Path) -> None:
    """Let git find a repository here under a public address."""
    key = f"url.file://{repository}.insteadOf"
    subprocess.run(["git", "config", "--global", key, address], check=True)


def test_tutorial(tmp_path: Path) -> None:
    repository, folder = tmp_path / "public", tmp_path / "reader"
    page_standins.public(repository)
    instead_of(page_standins.PUBLIC, repository)
    folder.mkdir()
    text = TUTORIAL.read_text("utf-8")
    script = page_standins.with_placeholders(page_script.script(text), repository)
    printed = follow("tutorial", script, folder)
    assert missing(text, printed) == []


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_guide(page: Path, tmp_path: Path) -> None:
    folder = tmp_path / "repo"
    page_standins.team(folder)
    page_standins.source(tmp_path / "source")
    instead_of("https://example.org/errata", tmp_path / "source")
    follow("set up", SET_UP, folder)
    text = page.read_text("utf-8")
    printed = follow(page.stem, page_script.script(text), folder)
    assert missing(text, printed) == []
    if jobs := page_script.job_commands(text):
        follow(f"{page.stem}, jobs", jobs, folder)


def test_every_block_is_run_saved_or_shown() -> None:
    for page in (TUTORIAL, *GUIDES):
        assert page_script.not_run(page.read_text("utf-8")) == NOT_RUN.get(page.name, []), page.name


def test_a_command_that_fails_fails_the_page(tmp_path: Path) -> None:
    script = page_script.script("Do this:\n\n```sh\nerrata no-such-command\ntrue\n```\n")
    with pytest.raises(AssertionError, match="No such command"):
        follow("page", script, tmp_path)
