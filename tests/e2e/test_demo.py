"""``make demo`` tells the story that the README tells."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from errata.cli import COMMANDS

DEMO = Path(__file__).with_name("demo.py")
CORRECTIONS = ".claude/user-corrections.jsonl"
RUNBOOK = ".claude/skills/runbooks/everyone/RUNBOOK.md"
LESSON = "do not call `requests.get` without `timeout`"


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, DEMO],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "ERRATA_DEMO_DIR": str(folder), "CLAUDECODE": "1"},
        timeout=60,
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The sandbox, and what the demo printed."""
    folder = tmp_path_factory.mktemp("demo") / "sand box"
    done = run(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return folder, done.stdout


def output(text: str, words: str) -> str:
    """The output of the step whose title contains these words."""
    parts = re.split(r"^== ", text, flags=re.MULTILINE)[1:]
    (body,) = [part.partition("\n")[2] for part in parts if words in part.partition("\n")[0]]
    return body


def readme_example() -> str:
    """What an agent is told, as the README shows it."""
    readme = (DEMO.parents[2] / "README.md").read_text("utf-8")
    return readme.split("```markdown\n")[1].split("```")[0]


def git(folder: Path, *args: str) -> str:
    command = ["git", *args]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_try_shows_what_the_history_teaches(demo: tuple[Path, str]) -> None:
    shown = output(demo[1], "errata try")
    assert "10 corrections: a person soon changed what an agent had committed." in shown
    assert "WOULD BE TAUGHT (2 lessons, by confidence):" in shown
    assert "In `api/`: do not call `print`; call `logger.info`." in shown
    assert f"In `carriers/`: {LESSON}." in shown


def test_lessons_are_in_the_runbook(demo: tuple[Path, str]) -> None:
    folder, text = demo
    shown = output(text, "errata init")
    assert RUNBOOK in shown and "+ get-with-timeout" in shown
    assert LESSON in git(folder, "show", f"HEAD:{RUNBOOK}")


def test_hooks_name_the_agent_its_runbook_and_what_a_person_corrects(
    demo: tuple[Path, str],
) -> None:
    folder, text = demo
    repeated = output(text, "An agent commits")
    assert "Agent: api-dev" in repeated and "Runbook: everyone@" in repeated
    corrected = output(text, "Jo corrects it")
    assert re.search(r'Corrects: [0-9a-f]{12} \("feat: track parcels of gls"\)', corrected)
    assert "errata: captured a correction: api-dev" in corrected
    assert len(git(folder, "show", f"HEAD:{CORRECTIONS}").splitlines()) == 11


def test_agent_is_told_when_it_begins_and_when_it_repeats_a_mistake(
    demo: tuple[Path, str],
) -> None:
    begins = output(demo[1], "session of the agent begins")
    assert LESSON in begins and "do not call `print`" in begins
    assert readme_example() in textwrap.dedent(begins)
    at_once = output(demo[1], "told at once")
    assert "This repository's runbook says about carriers/ups.py:" in at_once
    assert LESSON in at_once and "do not call `print`" not in at_once


def test_repaired_commit_is_not_a_correction(demo: tuple[Path, str]) -> None:
    folder, text = demo
    assert "captured" not in output(text, "Nobody has to correct it")
    assert "timeout=10" in git(folder, "show", "HEAD:carriers/ups.py")


def test_demo_ends_with_counts_and_the_report(demo: tuple[Path, str]) -> None:
    folder, text = demo
    assert re.search(r"get-with-timeout +\d+ +6 ", output(text, "errata patterns"))
    assert (folder / ".git/report.html").exists() == ("report" in COMMANDS)


def test_sandbox_stays_usable(demo: tuple[Path, str]) -> None:
    """Run the suggested command, and a commit with hooks, in the user's shell."""
    folder, text = demo
    suggested = text.rstrip().splitlines()[-1].partition("Try: ")[2]
    done = subprocess.run(["sh", "-c", suggested], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert LESSON in done.stdout
    assert git(folder, "status", "--porcelain") == ""
    git(folder, "commit", "-q", "--allow-empty", "-m", "Go on")


def test_non_empty_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    done = run(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{tmp_path} is not an empty directory" in done.stderr
    assert (tmp_path / "mine").read_text() == "precious"
