"""The hook looks at the skills that are staged, and names every breach."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest

from errata.githooks.check_skills import main

PATH = ".claude/skills/a/SKILL.md"
GOOD = "---\nname: a\ndescription: About a.\n---\nDo it.\n"
BAD = GOOD.replace("name: a", "name: b")
SAID = f"{PATH}:2: name: 'b' must be the name of the folder, 'a'\n"


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str]:
    status = main(list(argv))
    out = capsys.readouterr()
    assert out.out == ""
    return status, out.err


@pytest.mark.parametrize(
    ("path", "text", "status", "err"),
    [
        (PATH, GOOD, 0, ""),
        (PATH, BAD, 1, SAID),
        (PATH, "x\n", 1, f"{PATH}:1: no frontmatter"),
        ("pkg/.agents/skills/a/SKILL.md", BAD, 1, f"pkg/.agents/skills/a/SKILL.md:{SAID[26:]}"),
        ("skills/a/SKILL.md", BAD, 0, ""),
        ("docs/SKILL.md", "x", 0, ""),
        ("SKILL.md", "x", 0, ""),
        (".claude/skills/runbooks/x/SKILL.md", "x", 0, ""),
    ],
)
@pytest.mark.parametrize("named", [False, True])
def test_cases(
    repo: Any,
    capsys: pytest.CaptureFixture[str],
    named: bool,
    path: str,
    text: str,
    status: int,
    err: str,
) -> None:
    repo.write(path, text)
    repo.git("add", "-A")
    found = run(capsys, *([path] if named else []))
    assert found[0] == status and found[1].startswith(err) and bool(found[1]) == bool(err)
    repo.git("commit", "-qm", "x")
    assert run(capsys) == (0, "")


def test_staged_version_is_checked(repo: Any, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write(PATH, GOOD)
    repo.commit()
    repo.write(PATH, BAD)
    assert run(capsys) == (0, "")
    repo.git("add", "-A")
    repo.write(PATH, GOOD)
    assert run(capsys) == (1, SAID)
    assert run(capsys, PATH) == (1, SAID)


def test_the_index_that_git_names(repo: Any) -> None:
    hook = repo.root / ".git/hooks/pre-commit"
    hook.write_text(f"#!/bin/sh\nexec {sys.executable} -m errata.githooks.check_skills\n")
    hook.chmod(0o755)
    repo.write(PATH, GOOD)
    head = repo.commit()
    repo.write(PATH, BAD)
    for args in (["-a"], ["--", PATH]):
        repo.git("commit", "-qm", "x", *args, ok=False)
        assert repo.git("rev-parse", "HEAD") == head
    repo.git("rm", "-q", "--cached", PATH)
    repo.git("commit", "-qm", "gone")
    assert repo.git("rev-parse", "HEAD") != head


def test_two_of_one_name(repo: Any, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write(PATH, GOOD)
    repo.write(".agents/skills/a/SKILL.md", GOOD)
    repo.git("add", "-A")
    assert run(capsys) == (0, "")
    repo.git("commit", "-qm", "x")
    repo.write(".agents/skills/a/SKILL.md", GOOD + "more\n")
    repo.git("add", "-A")
    status, err = run(capsys)
    assert status == 1 and err.startswith(f"{PATH}:1: name: 'a' is taken by .agents/skills/a/")
    assert err.count("\n") == 1


def test_links_and_intent_to_add_are_skipped(repo: Any, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("README.md", "x")
    repo.commit()
    repo.write(PATH, BAD)
    repo.git("add", "-N", PATH)
    assert run(capsys) == (0, "")
    repo.git("reset", "-q")
    (repo.root / PATH).unlink()
    (repo.root / PATH).symlink_to("../b.md")
    repo.git("add", "-A")
    assert run(capsys)[0] in (0, 2)


def test_from_a_folder_below_and_not_staged(
    repo: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.write(PATH, BAD)
    monkeypatch.chdir(repo.root / ".claude/skills")
    status, err = run(capsys, "a/SKILL.md")
    assert (status, err) == (
        2,
        f"errata-check-skills: {PATH}: not staged as a file (stage it first)\n",
    )
    repo.git("add", "-A")
    assert run(capsys, "a/SKILL.md") == (1, SAID)


def test_odd_bytes_reach_no_terminal(repo: Any, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write(os.fsdecode(b".claude/skills/\xff\x1b[31m/SKILL.md"), "---\n\x1b[31m: [\n---\n")
    repo.git("add", "-A")
    status, err = run(capsys)
    assert status == 1 and "\x1b" not in err and err.count("\n") == 1


def test_many_at_once(repo: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for n in range(230):
        repo.write(f".claude/skills/a{n}/SKILL.md", BAD)
    repo.git("add", "-A")
    status, err = run(capsys)
    assert status == 1 and err.count("\n") == 230


def test_outside_git(tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    status, err = run(capsys)
    assert status == 2 and err.startswith("errata-check-skills: git ls-files: ")
