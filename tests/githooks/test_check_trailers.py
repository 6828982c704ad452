"""errata-check-trailers: our trailers' form, and nobody else's text."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from trailer_hooks import editor, install

from errata.githooks.check_trailers import main

GOOD = [
    "Subject\n",
    "Subject\n\nAgent: api-dev\nAgent-Session: 019d-1/x:2\nFeature: feat-042\n"
    'Runbook: api-dev@0123456789ab\nCorrects: 0123456789ab ("Add \\"quota\\" (v2)")\n',
    'Subject\n\nCorrects: 0123456 ("x")\nSigned-off-by: A <a@x>\n',
    # prose, not trailers: git sees only the last paragraph
    "Subject\n\nFeature: adds dark mode\nand more of it, in words.\n\nBody.\n",
    "Feature: adds dark mode\n",
    "agent: fix the loop\n",
    "Subject\n\nCo-authored-by: Claude <noreply@anthropic.com>\nFixes: #3 whatever\n",
    "Subject\n\n# Agent: Not A Trailer\n",
    "Subject\n# ------------------------ >8 ------------------------\nAgent: In The Diff\n",
    "",
    b"\xff\xfe\n\nAgent: api-dev\n",
    # trailers alone
    "Agent: api-dev\nFeature: feat-1\n",
    "Agent: refactor the travel agency\n",
    *(
        f"Subject\n\nMore words.\n\n{line}\n"
        for line in (
            # what people write under our keys
            "Runbook: https://wiki.example.org/oncall/volumes",
            "Runbook: api-dev",
            "Runbook: sre@example.org",
            "Runbook: db@prod",
            "Runbook: sre@20240131",
            "Runbook: 0123456789ab",
            "Runbook:",
            "RUNBOOK: See the wiki (page 3)",
            "Feature: dark mode for everybody",
            "Feature: [ABC-12] x",
            "Agent: Smith & Sons travel agency",
            "Agent: API Dev",
            "Agent: " + "x" * 65,
            "agent: Api",
            "Agent-Session: this morning",
            "Corrects: the page about sizes",
            "Corrects: #123",
            "Corrects: 0123456789ab Add quota",
            'Corrects: HEAD ("Add quota")',
            "Corrects: 0123456789abcdef",
        )
    ),
]
BAD = [
    ("Runbook: api-dev@0123456789AB", "line 3: Runbook: 'api-dev@0123456789AB'"),
    ("Runbook: api-dev@0123456789abc", "line 3: Runbook:"),
    ("Runbook: API@0123456789ab", "line 3: Runbook:"),
    ('Corrects: 012345 ("short")', "line 3: Corrects:"),
    ('Corrects: 0123456789AB ("Add quota")', "line 3: Corrects:"),
    ('Corrects: 0123456789ab ("Add quo', "line 3: Corrects:"),
]


@pytest.fixture
def file(repo: Any) -> Path:
    return repo.root / ".git" / "COMMIT_EDITMSG"


@pytest.mark.parametrize("text", GOOD)
def test_good_messages(file: Path, text: str | bytes, capsys: pytest.CaptureFixture[str]) -> None:
    raw = text if isinstance(text, bytes) else text.encode()
    file.write_bytes(raw)
    assert (main([str(file)]), capsys.readouterr().err) == (0, "")
    assert file.read_bytes() == raw


@pytest.mark.parametrize(("line", "said"), BAD)
def test_bad_trailers(file: Path, line: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(f"Subject\n\n{line}\n\n# comment\n")
    assert main([str(file)]) == 1
    (err,) = capsys.readouterr().err.splitlines()
    assert err.startswith(f"errata-check-trailers: {said}") and "(allowed: " in err


def test_every_fault_has_its_line(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = "Runbook: a@0123456789AB"
    file.write_text(f"Subject\n\nText.\n\n{bad}\nFeature: ok\n{bad}C\n")
    assert main([str(file)]) == 1
    err = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1] for line in err] == ["line 5", "line 7"]


def test_through_git(repo: Any, tmp_path: Path) -> None:
    install(repo.root / ".git/hooks", "commit-msg", "check_trailers")
    repo.write("a", "1\n")
    repo.git("add", "-A")
    bad = subprocess.run(
        ["git", "commit", "-qm", "Add", "-m", "Runbook: nope@0123456789AB"],
        capture_output=True,
        text=True,
    )
    assert bad.returncode == 1
    assert bad.stderr.startswith(
        "errata-check-trailers: line 3: Runbook: 'nope@0123456789AB' is not allowed"
    )
    write = editor(tmp_path, "text = b'Add\\n\\nAgent: api-dev\\n' + text")
    repo.git("commit", "-qv", env={"GIT_EDITOR": write})
    assert repo.git("log", "-1", "--format=%B") == "Add\n\nAgent: api-dev"


def test_what_the_stamp_writes_passes(repo: Any) -> None:
    hooks = repo.root / ".git/hooks"
    install(hooks, "prepare-commit-msg", "stamp")
    install(hooks, "commit-msg", "check_trailers")
    repo.write(".claude/skills/runbooks/sre/RUNBOOK.md", "# sre\n")
    repo.git("add", "-A")
    env = {"ERRATA_AGENT": "S R E", "ERRATA_SESSION": "ä\x1b/x y" * 90, "ERRATA_FEATURE": "a b/c"}
    repo.git("commit", "-qm", "Add", env=env)
    assert repo.git("log", "-1", "--format=%(trailers:key=Agent)").strip() == "Agent: s-r-e"
    env["ERRATA_AGENT"] = "sre"
    repo.git("commit", "-q", "--allow-empty", "-m", "Add", env=env)
    assert "Runbook: sre@" in repo.git("log", "-1", "--format=%B")


@pytest.mark.parametrize("args", [[], ["a", "b"]])
def test_wrong_calls_say_how(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(args) == 2
    assert "usage: errata-check-trailers FILE" in capsys.readouterr().err


def test_a_missing_file_is_one_line(repo: Any, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ARG001
    assert main(["nosuch"]) == 2
    (err,) = capsys.readouterr().err.splitlines()
    assert err.startswith("errata-check-trailers: ") and "nosuch" in err
