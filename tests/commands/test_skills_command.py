"""``errata skills`` and ``errata context`` as a person calls them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
SKILL = "---\nname: {0}\ndescription: {1}\n---\nDo it.\n"
PATH = ".claude/skills/runbooks/api-dev/RUNBOOK.md"


@pytest.fixture
def skills(repo: Any) -> Any:
    """Three sound skills, one with a copy."""
    repo.write(".claude/skills/quota/SKILL.md", SKILL.format("quota", "Metering of the API"))
    repo.write(".agents/skills/quota/SKILL.md", SKILL.format("quota", "Metering of the API"))
    repo.write(".claude/skills/tokens/SKILL.md", SKILL.format("tokens", "'Frontend\\x1b[31m'"))
    repo.write("pkg/.claude/skills/inner/SKILL.md", SKILL.format("inner", '"An\\e[31m API\\nx"'))
    return repo


def test_the_list(skills: Any, errata: Run) -> None:
    done = errata("skills")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "inner   An API x\nquota   Metering of the API\ntokens  Frontend\\x1b[31m\n"
    )
    assert errata("skills", cwd=skills.root / "pkg").stdout == done.stdout


@pytest.mark.usefixtures("skills")
def test_those_that_fit(errata: Run) -> None:
    assert errata("skills", "--for", "api-dev").stdout.split("\n")[0].startswith("inner ")
    assert errata("skills", "--for", "frontend-dev").stdout.startswith("tokens ")
    assert "No skill fits sre." in errata("skills", "--for", "sre").stdout
    found = json.loads(errata("skills", "--for", "frontend-dev", "--json").stdout)
    assert [(one["name"], one["path"]) for one in found] == [
        ("tokens", ".claude/skills/tokens/SKILL.md")
    ]


def test_the_check(skills: Any, errata: Run, tmp_path: Any) -> None:
    done = errata("skills", "--check")
    assert (done.returncode, done.stdout) == (0, "4 skills checked, no errors\n")
    assert json.loads(errata("skills", "--check", "--json").stdout) == []
    skills.write(".claude/skills/bad/SKILL.md", "---\nname: worse\n---\n")
    skills.write(".agents/skills/quota/SKILL.md", SKILL.format("quota", "Other"))
    (skills.root / ".claude/skills/away").symlink_to(tmp_path)
    (tmp_path / "SKILL.md").write_text("x")
    done = errata("skills", "--check")
    assert (done.returncode, done.stdout) == (1, "")
    places = [line.split(" ")[0] for line in done.stderr.splitlines()]
    assert places == [
        ".agents/skills/quota/SKILL.md:1:",
        ".claude/skills/away/SKILL.md:1:",
        *[f".claude/skills/bad/SKILL.md:{n}:" for n in (1, 2, 3)],
    ]
    done = errata("skills", "--check", "--json")
    assert done.returncode == 1 and len(json.loads(done.stdout)) == 5 and done.stderr == ""
    assert "bad     (no description; see --check)" in errata("skills").stdout


@pytest.mark.usefixtures("repo")
def test_none_and_nonsense(errata: Run) -> None:
    assert errata("skills").stdout.startswith("No skills yet.")
    assert json.loads(errata("skills", "--json").stdout) == []
    done = errata("skills", "--for", "a/b")
    assert done.returncode == 2 and "is not an agent name" in done.stderr
    assert errata("skills", "--for", "a", "--check").returncode == 2


def test_context(skills: Any, errata: Run) -> None:
    skills.write(PATH, "## Patterns\n\n- one\n- of api/x.py\n")
    text = errata("context", "--agent", "api-dev").stdout
    assert text.startswith(f"This repository's runbook for api-dev ({PATH}) says:\n\n## Patterns")
    assert "- quota (.claude/skills/quota/SKILL.md): Metering of the API" in text
    assert errata("context", ERRATA_AGENT="api-dev").stdout == text
    files = ["--files", "y.py", "x.py"]
    (skills.root / "api").mkdir()
    below = errata("context", "--agent", "api-dev", *files, cwd=skills.root / "api").stdout
    assert "About api/y.py, api/x.py:\n\n## Patterns\n\n- of api/x.py\n\nThe rest:" in below
    assert len(errata("context", "--agent", "api-dev", "--max-chars", "500").stdout) <= 501


@pytest.mark.usefixtures("repo")
def test_context_without_anything(errata: Run) -> None:
    for args in ([], ["--agent", "api-dev"]):
        done = errata("context", *args)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = errata("context", "--agent", "../x")
    assert done.returncode == 1 and "is not an agent name" in done.stderr
    assert errata("context", "--max-chars", "5").returncode == 2
    assert errata("context", ERRATA_AGENT="off").returncode == 0


def test_the_limit_of_the_settings(repo: Any, errata: Run) -> None:
    repo.write(PATH, "## Patterns\n\n" + "".join(f"- entry {n}\n" for n in range(900)))
    repo.write("errata.toml", "[agent]\nmax_chars = 2000\n")
    text = errata("context", "--agent", "api-dev").stdout
    assert 1500 < len(text) <= 2001 and "Left out for lack of space" in text
