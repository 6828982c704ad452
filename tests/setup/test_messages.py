"""What init, uninstall and the doctor say about files that are a person's, and leave alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import Repo
from doctor_builders import BIN, Doctor, run
from manager_builders import Errata, done, pre_commit, refused, state


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")


# --------------------------------------------------------------------------------- agents' tools


@pytest.mark.parametrize("folder", [".claude", ".codex", ".gemini", ".cursor"])
def test_init_names_the_option_where_a_tool_is_in_use(
    repo: Repo, errata: Errata, folder: str
) -> None:
    (repo.root / folder).mkdir()
    lines = done(errata("init")).splitlines()
    assert sum("`errata init --agent TOOL`" in line for line in lines) == 1
    assert done(errata("init")) == "nothing to do\n"


def test_init_does_not_name_it_where_one_was_chosen(repo: Repo, errata: Errata) -> None:
    (repo.root / ".codex").mkdir()
    assert "--agent TOOL" not in done(errata("init", "--agent", "codex"))


BROKEN = ["{", "{ // mine\n}", "\udcff", '{"hooks": []}']


@pytest.mark.parametrize("text", BROKEN)
def test_a_tool_with_an_uneditable_file_is_left_out(repo: Repo, errata: Errata, text: str) -> None:
    path = repo.write(".claude/settings.json", text.encode("utf-8", "surrogateescape"))
    assert ".claude/settings.json" in refused(errata("init", "--agent", "claude-code"))
    output = done(errata("init"))
    [note] = [line for line in output.splitlines() if "claude-code is left out" in line]
    assert note.endswith("fix it, then `errata init --agent claude-code`")
    assert (repo.root / ".pre-commit-config.yaml").exists()
    assert path.read_bytes() == text.encode("utf-8", "surrogateescape")
    if text != BROKEN[-1]:
        diagnostic = Doctor(repo.root).diagnostic("settings.json")
        assert (diagnostic["level"], diagnostic["fix"]) == (
            "problem",
            "${EDITOR:-vi} .claude/settings.json",
        )
    path.write_text("{}\n")
    done(errata("init"))
    assert Doctor(repo.root).diagnostics() == []


def test_broken_files_of_other_tools_are_ignored(repo: Repo, errata: Errata) -> None:
    repo.write(".gemini/settings.json", "{")
    done(errata("init", "--agent", "codex"))


@pytest.mark.parametrize("near", [True, False])
def test_hooks_turned_off_in_personal_settings(healthy: Repo, doctor: Doctor, near: bool) -> None:
    local = healthy.root / ".claude/settings.local.json"
    home = Path(os.environ["HOME"], ".claude/settings.json")
    home.parent.mkdir()
    path = local if near else home
    path.write_text(json.dumps({"disableAllHooks": True}))
    assert doctor.diagnostic("no hook of claude-code runs")["level"] == "note"
    # The nearer one decides.
    home.write_text(json.dumps({"disableAllHooks": True}))
    local.write_text(json.dumps({"disableAllHooks": False}))
    assert doctor.diagnostics() == []
    local.write_text("{")
    home.unlink()
    assert doctor.diagnostics() == []


def test_edited_commands_are_kept_and_named(repo: Repo, errata: Errata) -> None:
    done(errata("init", "--agent", "claude-code"))
    path = repo.root / ".claude/commands/evolve.md"
    path.write_text(path.read_text() + "more\n")
    output = done(errata("uninstall"))
    assert "note: kept, because they were edited: .claude/commands/evolve.md\n" in output
    assert path.exists()


# ---------------------------------------------------------------------------------- read and write


def test_a_read_only_file_is_not_edited(repo: Repo, errata: Errata) -> None:
    pre_commit(repo)
    path = repo.root / ".pre-commit-config.yaml"
    path.chmod(0o444)
    before = state(repo.root)
    output = refused(errata("init"))
    assert ".pre-commit-config.yaml: is read-only (`chmod u+w .pre-commit-config.yaml`" in output
    assert state(repo.root) == before
    path.chmod(0o644)
    done(errata("init"))
    path.chmod(0o444)
    before = state(repo.root)
    assert "is read-only" in refused(errata("uninstall"))
    assert state(repo.root) == before


def test_uninstall_with_invalid_settings(repo: Repo, errata: Errata) -> None:
    repo.commit("Begin")
    before = state(repo.root)
    done(errata("init"))
    toml = repo.write("errata.toml", "[nonsense\n")
    output = done(errata("uninstall"))
    assert "errata.toml: not TOML" in output
    toml.unlink()
    assert state(repo.root) == before


def test_install_manifest_that_is_not_a_file(repo: Repo, errata: Errata) -> None:
    (repo.root / ".git/errata/installed.json").mkdir(parents=True)
    output = refused(errata("init"))
    assert output == (
        "errata: .git/errata/installed.json: not a regular file (it must be a readable file)\n"
    )


def test_uninstall_in_a_clone_names_all_files_to_commit(
    repo: Repo, errata: Errata, tmp_path: Path
) -> None:
    repo.write("README.md", "x\n")
    repo.git("config", "core.hooksPath", ".githooks")
    done(errata("init"))
    repo.commit("errata")
    clone = tmp_path / "clone"
    repo.git("clone", "-q", str(repo.root), str(clone))
    repo.git("-C", str(clone), "config", "core.hooksPath", ".githooks")
    last = done(errata("uninstall", cwd=clone)).splitlines()[-1].split()
    assert {".gitattributes", ".githooks/pre-commit"} <= set(last)
    left = repo.git("-C", str(clone), "status", "--porcelain").splitlines()
    assert sorted(line.split()[1] for line in left) == sorted(last[2:])
    assert not (clone / ".githooks").exists()


# --------------------------------------------------------------------------------- paths of errata


def test_no_file_has_a_path_of_this_machine(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("git", "sh", "bash", "env", "uname", "tr", "dirname"):
        if program := shutil.which(name):
            (folder / name).symlink_to(program)
    monkeypatch.setenv("PATH", str(folder))

    def init() -> str:
        words = [f"{BIN}/python", "-m", "errata", "init"]
        return done(subprocess.run(words, capture_output=True, text=True, check=False))

    assert "people without errata can commit as before" in init()
    for path in repo.git("ls-files", "-o").splitlines():
        assert str(BIN) not in (repo.root / path).read_text(), path
    assert repo.git("config", "errata.path") == str(BIN)


def test_the_doctor_in_no_repository(tmp_path: Path) -> None:
    assert run(tmp_path, "doctor").returncode == 1
