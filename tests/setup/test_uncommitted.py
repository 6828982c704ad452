"""Files for the team that git ignores, or that are behind a link: init and the doctor say so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conftest import Repo
from doctor_builders import Doctor
from manager_builders import BIN, Errata, done
from matrix import few
from record_builders import tree

LOG = ".claude/user-corrections.jsonl"


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))


def excludes_file(repo: Repo, text: str) -> None:
    path = Path(os.environ["HOME"], "ignore")
    path.write_text(text)
    repo.git("config", "--global", "core.excludesFile", "~/ignore")


# Where the pattern is -> how it gets there.
PLACES = {
    ".gitignore": lambda repo, text: repo.write(".gitignore", text),
    ".git/info/exclude": lambda repo, text: repo.write(".git/info/exclude", text),
    "ignore": excludes_file,
}
PATTERNS = [".claude/", ".claude", "/.claude/*", ".claude/**", "*", ".*", ".git*", "*.jsonl"]
PATTERNS += ["**/settings.json", "agent[s]/\n.claude/skills/"]
ROWS = [(place, pattern) for place in PLACES for pattern in PATTERNS]


@pytest.mark.parametrize(
    ("place", "pattern"),
    few(ROWS, ".gitignore-.claude/", ".git/info/exclude-*.jsonl", "ignore-.*"),
)
def test_ignored_files(repo: Repo, errata: Errata, place: str, pattern: str) -> None:
    # No line end: what is appended must not join it.
    PLACES[place](repo, f"# mine\n{pattern}")
    output = done(errata("init", "--manager", "plain", "--agent", "claude-code"))
    [said] = [line for line in output.splitlines() if line.startswith("note: git will not commit")]
    line = f":{1 + len(pattern.splitlines())}: {pattern.splitlines()[-1]}; to let git commit them"
    assert f"{place}{line}: printf" in said
    to_commit = output.splitlines()[-3].removeprefix("To commit: ").split()
    for path in to_commit if "To commit" in output else ():
        assert repo.git("check-ignore", path, ok=False) == "", path
    doctor = Doctor(repo.root)
    # Without its attributes, every merge of logs is a conflict for colleagues.
    hides_attributes = pattern.splitlines()[-1] == ".*"
    doctor.fix("git will not commit", "problem" if hides_attributes else "note")
    assert doctor.diagnostics() == []
    for path in (
        LOG,
        ".claude/settings.json",
        ".gitattributes",
        ".claude/patterns/promotion-log.jsonl",
    ):
        assert repo.git("check-ignore", path, ok=False) == "", path


def test_an_ignore_file_in_the_folder(repo: Repo, errata: Errata) -> None:
    repo.write(".claude/.gitignore", "*\n")
    done(errata("init", "--manager", "plain", "--agent", "claude-code"))
    assert (
        Doctor(repo.root)
        .fix("ignored by .claude/.gitignore:1: *", "note")
        .endswith(">> .claude/.gitignore")
    )
    assert Doctor(repo.root).diagnostics() == []


def test_tracked_files_are_committed(repo: Repo, errata: Errata) -> None:
    done(errata("init", "--manager", "plain", "--agent", "claude-code"))
    repo.commit("build: errata")
    repo.write(".gitignore", "settings.json\n.gitattributes\n")
    assert Doctor(repo.root).diagnostics() == []


def test_a_folder_that_is_a_link(repo: Repo, errata: Errata) -> None:
    (repo.root / "config/claude").mkdir(parents=True)
    (repo.root / ".claude").symlink_to("config/claude")
    output = done(errata("init", "--manager", "plain", "--agent", "claude-code"))
    message = ".claude is a symbolic link to config/claude; git commits the link, not "
    assert f"note: {message}" in output
    assert "To commit: .gitattributes\n" in output
    assert Doctor(repo.root).diagnostic(message)["level"] == "note"


@pytest.mark.parametrize("path", [".claude/settings.json", LOG])
def test_a_file_that_is_a_link(repo: Repo, errata: Errata, path: str) -> None:
    repo.write("shared/file", "{}\n" if path.endswith(".json") else "")
    (repo.root / ".claude").mkdir()
    (repo.root / path).symlink_to("../shared/file")
    message = f"{path} is a symbolic link to ../shared/file; git commits the link, not {path}"
    assert f"note: {message}\n" in done(errata("init", "--manager", "plain"))
    assert Doctor(repo.root).diagnostic(message)["level"] == "note"


def test_attributes_behind_a_link(repo: Repo, errata: Errata) -> None:
    repo.write("shared/attributes", "*.png binary\n")
    (repo.root / ".gitattributes").symlink_to("shared/attributes")
    message = ".gitattributes is a symbolic link, and git does not read its attributes"
    assert f"note: {message}\n" in done(errata("init", "--manager", "plain"))
    assert Doctor(repo.root).diagnostic(message)["level"] == "problem"


def test_a_link_out_of_the_repository(repo: Repo, errata: Errata, tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    (repo.root / ".claude").symlink_to(tmp_path / "dotfiles")
    result = errata("init", "--manager", "plain", "--agent", "claude-code")
    assert "symbolic link leads out of the repository" in result.stderr


def test_folders_of_two_tools_that_are_one(repo: Repo, errata: Errata) -> None:
    repo.write(".agents/skills/own/SKILL.md", "---\nname: own\ndescription: Ours.\n---\nDo it.\n")
    (repo.root / ".claude").mkdir()
    (repo.root / ".claude/skills").symlink_to("../.agents/skills")
    repo.commit("Base")
    before = tree(repo.root)
    tools = ("--agent", "claude-code", "--agent", "codex")
    output = done(errata("init", "--manager", "plain", *tools))
    assert output.count("new file .agents/skills/learning-engine/SKILL.md: ") == 1
    assert "new file .claude/skills/" not in output
    assert (repo.root / ".claude/skills/learning-engine/SKILL.md").exists()
    assert done(errata("init", *tools)) == "nothing to do\n"
    done(errata("uninstall"))
    assert tree(repo.root) == before
