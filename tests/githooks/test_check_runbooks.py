"""The hook looks at what is staged, refuses damage, and only mentions what is behind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from errata.githooks.check_runbooks import main

AGENT = "api-dev"
WHERE = f".claude/skills/runbooks/{AGENT}/RUNBOOK.md"
LOG = ".claude/review-findings.jsonl"


def finding(day: int, **fields: Any) -> dict[str, Any]:
    return {
        "timestamp": f"2025-01-{day:02}T12:00:00Z",
        "severity": "blocking",
        "description": "Type lacks the Ready condition",
        "file": "pkg/types.go",
        "pattern": "missing-status-condition",
        "category": "api",
        "affected_agents": [AGENT],
        **fields,
    }


@pytest.fixture
def evolved(repo: Any, errata: Any) -> Any:
    """A repository whose runbook is up to date, and committed."""
    repo.jsonl(LOG, *(finding(day) for day in range(1, 12)))
    done = errata("evolve")
    assert done.returncode == 0, done.stderr
    assert "missing-status-condition" in (repo.root / WHERE).read_text()
    repo.commit("base")
    return repo


def edit(repo: Any, old: str, new: str) -> None:
    path = repo.root / WHERE
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def run(argv: Sequence[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    status = main(list(argv))
    out = capsys.readouterr()
    return status, out.out, out.err


def test_valid_runbook_prints_nothing(evolved: Any, capsys: pytest.CaptureFixture[str]) -> None:
    edit(evolved, "## Patterns\n", "## Patterns\n\n### mine\n")
    evolved.git("add", WHERE)
    assert run([], capsys) == (0, "", "")
    assert run([WHERE], capsys) == (0, "", "")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("lack the", "must have a", "the generated block was edited by hand"),
        ("<!-- errata:end -->\n", "", "errata:begin has no errata:end after it"),
        ("errata:begin", "errata:begin x", "damaged errata marker"),
        ("<!-- errata:begin", "<!-- errata:end -->\n<!-- errata:begin", "comes before"),
    ],
)
@pytest.mark.parametrize("named", [True, False])
def test_damage_is_refused_with_its_line(
    evolved: Any, old: str, new: str, said: str, named: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(evolved, old, new)
    evolved.git("add", WHERE)
    status, out, err = run([WHERE] if named else [], capsys)
    assert status == 1 and err == ""
    assert out.startswith(f"{WHERE}:") and said in out and out.count("\n") == 1
    assert out.split(":")[1].isdigit()


def test_staged_version_is_checked(evolved: Any, capsys: pytest.CaptureFixture[str]) -> None:
    edit(evolved, "lack the", "must have a")
    assert run([], capsys)[0] == 0
    evolved.git("add", WHERE)
    evolved.git("restore", "--source=HEAD", "--worktree", WHERE)
    assert run([], capsys)[0] == 1


def test_the_index_that_git_names(evolved: Any) -> None:
    hook = evolved.root / ".git/hooks/pre-commit"
    hook.write_text(f"#!/bin/sh\nexec {sys.executable} -m errata.githooks.check_runbooks\n")
    hook.chmod(0o755)
    edit(evolved, "lack the", "must have a")
    head = evolved.git("rev-parse", "HEAD")
    for args in (["-a"], ["--", WHERE]):
        evolved.git("commit", "-qm", "x", *args, ok=False)
        assert evolved.git("rev-parse", "HEAD") == head
    evolved.git("commit", "-qnam", "x")
    assert evolved.git("rev-parse", "HEAD") != head


def test_in_a_linked_work_tree(evolved: Any, tmp_path: Path) -> None:
    hook = evolved.root / ".git/hooks/pre-commit"
    hook.write_text(f"#!/bin/sh\nexec {sys.executable} -m errata.githooks.check_runbooks\n")
    hook.chmod(0o755)
    evolved.git("worktree", "add", "-q", str(tmp_path / "other"))
    path = tmp_path / "other" / WHERE
    path.write_text(path.read_text().replace("lack the", "must have a"))
    done = subprocess.run(
        ["git", "commit", "-qam", "x"],
        cwd=tmp_path / "other",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and "edited by hand" in done.stdout + done.stderr


def test_a_first_commit_has_no_head(repo: Any, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write(WHERE, "<!-- errata:end -->\n")
    repo.git("add", "-A")
    assert run([], capsys)[:2][0] == 1


def test_only_our_runbooks(evolved: Any, capsys: pytest.CaptureFixture[str]) -> None:
    evolved.write("docs/RUNBOOK.md", "<!-- errata:end -->\n")
    evolved.write("RUNBOOK.md", "<!-- errata:end -->\n")
    evolved.write(".claude/skills/runbooks/NOT-RUNBOOK.md", "<!-- errata:end -->\n")
    evolved.git("add", "-A")
    assert run(["docs/RUNBOOK.md", "RUNBOOK.md"], capsys) == (0, "", "")
    assert run([], capsys) == (0, "", "")


def test_deleted_linked_and_odd_files(evolved: Any, capsys: pytest.CaptureFixture[str]) -> None:
    evolved.git("rm", "-q", WHERE)
    link = evolved.root / ".claude/skills/runbooks/sre/RUNBOOK.md"
    link.parent.mkdir(parents=True)
    link.symlink_to("<!-- errata:end -->")
    evolved.write(".claude/skills/runbooks/a\nb/RUNBOOK.md", b"\xff\0 fine\n")
    evolved.git("add", "-A")
    assert run([], capsys)[:2] == (0, "")


def test_each_runbook_is_judged_by_its_own_bytes(
    repo: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = b"<!-- errata:end -->\n"
    texts = {b"a": bad, b"b": b"", b"c": b"\n" + bad, b"d\n\x1b[31m\xff": b"x", b"e\xff\n": bad}
    for name, text in texts.items():
        repo.write(f".claude/skills/runbooks/{os.fsdecode(name)}/RUNBOOK.md", text)
    repo.git("add", "-A")
    status, out, _ = run([], capsys)
    assert status == 1
    assert [
        line.split(": ")[0].removeprefix(".claude/skills/runbooks/") for line in out.splitlines()
    ] == [
        "a/RUNBOOK.md:1",
        "c/RUNBOOK.md:2",
        "e\ufffd\ufffd/RUNBOOK.md:1",
    ]


def test_from_a_folder_below(
    evolved: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(evolved, "lack the", "must have a")
    evolved.git("add", WHERE)
    monkeypatch.chdir(evolved.root / ".claude/skills")
    assert run(["runbooks/api-dev/RUNBOOK.md"], capsys)[0] == 1
    assert run([], capsys)[0] == 1


def test_a_configured_folder(repo: Any, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("errata.toml", '[paths]\nrunbooks = "books"\n')
    repo.write("books/sre/RUNBOOK.md", "# fine\n\n<!-- errata:end -->\n")
    repo.git("add", "-A")
    status, out, _ = run([], capsys)
    assert status == 1 and out.startswith("books/sre/RUNBOOK.md:3: ")


def test_stale_block_is_an_error_only_with_current(
    evolved: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--current"], capsys) == (0, "", "")
    evolved.jsonl(LOG, *(finding(12, file=f"{i}.go") for i in range(3)))
    evolved.git("add", "-A")
    status, out, err = run([], capsys)
    assert (status, out) == (0, "")
    assert err.startswith(f"{WHERE}: ") and "errata evolve" in err
    status, out, err = run(["--current"], capsys)
    assert (status, err) == (1, "")
    assert out.startswith(f"{WHERE}: ") and "errata evolve" in out


def test_current_checks_every_runbook_and_needs_its_logs(
    evolved: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(evolved, "lack the", "must have a")
    evolved.git("commit", "-qnam", "slipped in")
    assert run([], capsys) == (0, "", "")
    assert run(["--current"], capsys)[0] == 1


EXPORTS = {
    "claude-rules": ".claude/rules/errata-everywhere.md",
    "agents-md": "AGENTS.md",
    "cursor": ".cursor/rules/errata.mdc",
    "copilot": ".github/instructions/errata.instructions.md",
}


@pytest.fixture(params=EXPORTS)
def exported(request: pytest.FixtureRequest, evolved: Any, errata: Any) -> tuple[Any, Path]:
    """A repository with a committed file for an agents' tool, and the file."""
    done = errata("context", "--export", request.param)
    assert done.returncode == 0, done.stderr
    evolved.commit("export")
    return evolved, evolved.root / EXPORTS[request.param]


def test_an_export_edited_by_hand_is_refused(
    exported: tuple[Any, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    repo, path = exported
    name = str(path.relative_to(repo.root))
    assert run(["--current"], capsys) == (0, "", "")
    path.write_text("Our own words.\n\n" + path.read_text())
    repo.git("add", "-A")
    assert run([], capsys) == (0, "", "")
    path.write_text(path.read_text().replace("lack the", "must have a"))
    assert run([], capsys)[:2] == (0, "")  # Not staged.
    repo.git("add", "-A")
    for argv in ([], [name], ["--current"]):
        status, out, err = run(argv, capsys)
        assert (status, err) == (1, "")
        assert out.startswith(f"{name}:") and "edited by hand" in out
        assert out.count("\n") == 1 and "--agent" not in out


def test_an_export_behind_the_logs_is_named(
    exported: tuple[Any, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    repo, path = exported
    name = str(path.relative_to(repo.root))
    repo.jsonl(LOG, *(finding(12, file=f"{i}.go") for i in range(3)))
    repo.git("add", "-A")
    status, out, err = run([], capsys)
    assert (status, out) == (0, "")
    assert {line.partition(": ")[0] for line in err.splitlines()} == {WHERE, name}
    assert run(["--current"], capsys)[0] == 1


def test_files_of_people_beside_exports_are_theirs(
    evolved: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = "<!-- errata:end -->\n"
    evolved.write("AGENTS.md", "# Agents\n\nRun the tests.\n")
    evolved.write(".claude/rules/errata-notes.md", "# What errata is\n")
    evolved.write(".claude/rules/other.md", damaged)
    evolved.write(".claude/rules/errata-of/more.md", damaged)
    evolved.write("docs/errata-guide.md", damaged)
    evolved.write("docs/AGENTS.md", damaged)
    evolved.git("add", "-A")
    assert run([], capsys) == (0, "", "")
    assert run(["--current"], capsys) == (0, "", "")


def test_a_mistake_is_one_line(repo: Any, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("errata.toml", "[pahts]\n")
    status, out, err = run(["--current"], capsys)
    assert (status, out) == (2, "")
    assert err.startswith("errata-check-runbooks: errata.toml:") and err.count("\n") == 1


def test_outside_git(tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    status, _, err = run([], capsys)
    assert status == 2 and err.count("\n") == 1


HEAVY = (
    *("click", "rich", "jsonschema", "jsonschema_rs", "git", "unidiff"),
    *("pygments", "markdown_it", "msgspec", "argparse", "hypothesis"),
)


def test_with_nothing_to_do_it_makes_one_git_call_and_loads_nothing(
    evolved: Any, tmp_path: Path
) -> None:
    evolved.write("main.go", "x")
    evolved.git("add", "-A")
    trace = tmp_path / "trace"
    code = (
        "import sys; from errata.githooks.check_runbooks import main; status = main([]); "
        f"print(status, [m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "GIT_TRACE2_EVENT": str(trace)},
    )
    assert done.stdout == "0 []\n", done.stderr
    assert trace.read_text().count('"event":"start"') == 1
