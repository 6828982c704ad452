"""``errata explain --message``, and ``errata explain`` of a stored message."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from errata.core.config import Explicit
from errata.messages import judge, record

SAID = "you only migrated three of the five tables"


def explain(where: Path, *args: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("errata")), "explain", *args]
    return subprocess.run(
        command, cwd=where, input=given, capture_output=True, text=True, check=False
    )


def test_message_is_judged_outside_a_repository(tmp_path: Path) -> None:
    done = explain(tmp_path, "--message", SAID)
    assert (done.returncode, done.stderr) == (0, "")
    title, *_, last = done.stdout.splitlines()
    assert title == "MESSAGE: a correction"
    assert "Type: code_completeness (medium)" in done.stdout
    assert "rule you-did" in done.stdout
    assert last.strip()[0] in "+-"
    assert list(tmp_path.iterdir()) == []


def test_message_from_a_pipe_as_json(tmp_path: Path) -> None:
    done = explain(tmp_path, "--message", "-", "--format", "json", given="no problem\n")
    output = json.loads(done.stdout)
    assert output["correction"] is False
    assert output["correction_type"] is output["severity"] is None
    assert output["terms"][0]["weight"] < 0


@pytest.mark.parametrize("args", [(), ("a-name", "--message", "x")])
def test_name_and_message_are_exclusive(tmp_path: Path, args: tuple[str, ...]) -> None:
    done = explain(tmp_path, *args)
    assert done.returncode == 2
    assert "give either NAME or --message" in done.stderr
    assert "Traceback" not in done.stderr


def test_stored_correction_shows_its_terms(tmp_path: Path) -> None:
    stored = record(
        judge(SAID),
        SAID,
        agent="api-dev",
        tool="claude-code",
        session="s",
        action={"summary": "edited a file"},
        now=1_736_951_400_000_000,
        settings=Explicit(),
    )
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    log = tmp_path / ".claude/user-corrections.jsonl"
    log.parent.mkdir()
    log.write_text(json.dumps(stored) + "\n")
    done = explain(tmp_path, stored["id"])
    assert (done.returncode, done.stderr) == (0, "")
    assert "rule you-did" in done.stdout
    assert f"probability {stored['score']:.2f}" in done.stdout
    assert "a rule that is no more" not in done.stdout
