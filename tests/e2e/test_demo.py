"""``make demo`` shows what the README describes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DEMO = Path(__file__).with_name("demo.py")
RUNBOOK = ".claude/skills/runbooks/api-dev/RUNBOOK.md"


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, DEMO],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "ERRATA_DEMO_DIR": str(folder), "CLAUDECODE": "1"},
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The sandbox, and what the demo printed."""
    folder = tmp_path_factory.mktemp("demo") / "sand box"
    done = run(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return folder, done.stdout


def steps(text: str) -> dict[str, str]:
    """Title of each step -> its output."""
    parts = re.split(r"^== ", text, flags=re.MULTILINE)[1:]
    return {part.splitlines()[0]: part.split("\n", 1)[1] for part in parts}


def test_invalid_record_is_refused(demo: tuple[Path, str]) -> None:
    folder, text = demo
    shown = next(body for title, body in steps(text).items() if "refused" in title)
    assert "$.severity: 'urgent' is not allowed; allowed: blocking, warning, nit" in shown
    log = ["git", "log", "-p", "--all", "--", ".claude/review-findings.jsonl"]
    out = subprocess.run(log, cwd=folder, capture_output=True, text=True, check=True).stdout
    assert "missing-input-validation" in out
    assert "urgent" not in out


def test_history_has_people_an_agent_and_a_merge(demo: tuple[Path, str]) -> None:
    folder, _ = demo
    log_format = "--format=%an|%s|%(trailers:key=Agent,valueonly,separator=%x2C)"
    log = subprocess.run(
        ["git", "log", "--topo-order", "--reverse", log_format],
        cwd=folder, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    by_agent = [line.split("|")[1] for line in log if line.endswith("|api-dev")]
    assert by_agent == ["feat: create volumes", "feat: resize volumes"]
    assert "Jo Park|fix: missing validation of the size|" in log
    merges = subprocess.run(
        ["git", "log", "--merges", "--format=%s"],
        cwd=folder, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert merges == "Merge resize\n"


def test_correction_by_a_person_is_captured(demo: tuple[Path, str]) -> None:
    folder, text = demo
    shown = next(body for title, body in steps(text).items() if "captured" in title)
    assert "errata: captured a correction: api-dev code_completeness" in shown
    assert re.search(r'Corrects: [0-9a-f]{12} \("feat: create volumes"\)', shown)
    log = (folder / ".claude/user-corrections.jsonl").read_text("utf-8")
    assert [json.loads(line)["source"] for line in log.splitlines()] == ["implicit", "explicit"]


def test_merge_updates_the_runbook(demo: tuple[Path, str]) -> None:
    shown = next(body for title, body in steps(demo[1]).items() if "errata-refresh" in title)
    assert f"errata: {RUNBOOK}: +missing-input-validation" in shown


def test_demo_ends_with_summary_section_and_folder(demo: tuple[Path, str]) -> None:
    folder, text = demo
    *_, summary, section, folder_line = steps(text).items()
    assert summary[0].startswith("errata evolve")
    assert re.search(
        r"missing-input-validation +\[5 occurrences\] .* Promoted to: api-dev", summary[1]
    )
    assert "RESOLVED: incorrect-import-order" in summary[1]
    written = (folder / RUNBOOK).read_text("utf-8").partition("## Recent learnings")
    lines = [line.removeprefix("   ") for line in section[1].strip("\n").splitlines()]
    assert "\n".join(lines) + "\n" == "".join(written[1:])
    assert 'Instead: "Check every field of a request body' in section[1]
    assert folder_line[0] == f"The sandbox is kept in {folder}"


def test_sandbox_stays_usable(demo: tuple[Path, str]) -> None:
    """Run the suggested command, and a commit with hooks, in the user's shell."""
    folder, text = demo
    suggested = text.rstrip().splitlines()[-1].partition("Try: ")[2]
    done = subprocess.run(["sh", "-c", suggested], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "promoted to api-dev" in done.stdout
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=folder, capture_output=True, text=True, check=True
    )
    assert status.stdout == ""
    again = subprocess.run(
        ["git", "commit", "-q", "--allow-empty", "-m", "Go on"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert again.returncode == 0, again.stderr


def test_non_empty_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    done = run(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{tmp_path} is not an empty directory" in done.stderr
    assert (tmp_path / "mine").read_text() == "precious"
