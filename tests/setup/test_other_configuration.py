"""Scripts of pre-commit and prek that run a configuration by a name of the person's own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from conftest import Repo
from doctor_builders import Doctor, run
from manager_builders import BIN, PRE_COMMIT, PREK, Errata, done, refused, state

CONFIG = "dev tools/hooks.yaml"
OTHER = "ci/hooks.yaml"


@pytest.fixture(autouse=True)
def frameworks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    monkeypatch.setenv("PREK_HOME", str(tmp_path / "prek"))
    monkeypatch.setenv("ERRATA_AGENT", "off")


def install(repo: Repo, manager: str = "pre-commit", *options: str, config: str = CONFIG) -> None:
    words = [BIN / manager, "install", "--config", config, *options]
    subprocess.run(words, check=True, capture_output=True, cwd=repo.root)


def installed_by_make(repo: Repo, manager: str = "pre-commit") -> None:
    repo.write(CONFIG, PRE_COMMIT)
    repo.commit("Begin")
    install(repo, manager)


@pytest.mark.parametrize("manager", ["pre-commit", "prek"])
def test_hooks_go_into_the_configuration_that_git_runs(
    repo: Repo, errata: Errata, manager: str
) -> None:
    installed_by_make(repo, manager)
    before = state(repo.root)
    output = done(errata("init"))
    assert f"errata is set up ({manager}: git's pre-commit hook runs {CONFIG})." in output
    assert not (repo.root / ".pre-commit-config.yaml").exists()
    assert done(errata("init")) == "nothing to do\n"
    assert Doctor(repo.root).diagnostics() == []
    repo.write(".claude/review-findings.jsonl", "no record\n")
    repo.git("add", "-A")
    words = ["git", "commit", "-q", "-m", "Log"]
    bad = subprocess.run(words, cwd=repo.root, capture_output=True, text=True, check=False)
    assert bad.returncode and "review-findings.jsonl:1" in bad.stdout + bad.stderr
    repo.git("rm", "-q", "-f", ".claude/review-findings.jsonl")
    done(errata("uninstall"))
    assert state(repo.root) == before


def test_hooks_are_tried_where_they_are(repo: Repo, errata: Errata) -> None:
    installed_by_make(repo)
    done(errata("init"))
    tried = run(repo.root, "doctor", "--try")
    assert tried.returncode == 0 and "everything that was tried works" in tried.stdout


def test_prek_reads_toml_by_another_name(repo: Repo, errata: Errata) -> None:
    repo.write("dev/hooks.toml", PREK)
    repo.commit("Begin")
    install(repo, "prek", config="dev/hooks.toml")
    before = state(repo.root)
    assert "(prek: git's pre-commit hook runs dev/hooks.toml)" in done(errata("init"))
    assert Doctor(repo.root).diagnostics() == []
    tried = run(repo.root, "doctor", "--try")
    assert tried.returncode == 0, tried.stdout
    done(errata("uninstall"))
    assert state(repo.root) == before


def test_scripts_that_change_later_are_a_problem(repo: Repo, errata: Errata) -> None:
    """`make install` of the repository takes the pre-commit stage from errata's configuration."""
    repo.write(CONFIG, PRE_COMMIT)
    repo.commit("Begin")
    done(errata("init"))
    assert Doctor(repo.root).diagnostics() == []
    install(repo)
    assert Doctor(repo.root).fix(f"{CONFIG}: not configured") == "errata init"
    assert Doctor(repo.root).diagnostics() == []
    assert not (repo.root / ".pre-commit-config.yaml").exists()


def test_two_configurations_are_not_mixed(repo: Repo, errata: Errata) -> None:
    """A stage is not taken from hooks that the person has in a second configuration."""
    installed_by_make(repo)
    repo.write(OTHER, PRE_COMMIT)
    install(repo, "pre-commit", "--hook-type=commit-msg", config=OTHER)
    message = refused(errata("init"))
    assert f"git's commit-msg hook runs {OTHER}, and errata's hooks go into {CONFIG}" in message
    assert "--hook-type=commit-msg" in message
    install(repo, "pre-commit", "--hook-type=commit-msg")
    done(errata("init"))
    install(repo, "pre-commit", "--hook-type=commit-msg", config=OTHER)
    doctor = Doctor(repo.root)
    assert doctor.fix(f"git's hooks for commit-msg run {OTHER}").startswith("pre-commit install")


def test_configuration_outside_cannot_be_edited(repo: Repo, errata: Errata) -> None:
    repo.commit("Begin")
    (repo.root.parent / "mine.yaml").write_text(PRE_COMMIT)
    install(repo, config="../mine.yaml")
    message = refused(errata("init"))
    assert "runs ../mine.yaml, which is not in this repository" in message
    assert "`pre-commit uninstall --hook-type=pre-commit`" in message


def test_link_to_the_usual_name_is_the_usual_configuration(repo: Repo, errata: Errata) -> None:
    repo.write(".pre-commit-config.yaml", PRE_COMMIT)
    repo.write("dev/README", "")
    (repo.root / "dev/hooks.yaml").symlink_to("../.pre-commit-config.yaml")
    repo.commit("Begin")
    install(repo, config="dev/hooks.yaml")
    before = state(repo.root)
    done(errata("init"))
    assert Doctor(repo.root).diagnostics() == []
    done(errata("uninstall"))
    assert state(repo.root) == before


def test_configurations_that_git_does_not_run_are_named(repo: Repo, errata: Errata) -> None:
    repo.write(CONFIG, PRE_COMMIT)
    repo.write("dev/python/.pre-commit-config.yaml", PRE_COMMIT)
    repo.write("frontend/.husky/pre-commit", "npm test\n")
    repo.commit("Begin")
    output = done(errata("init"))
    assert "errata is set up (pre-commit: git runs no hook manager here yet)." in output
    file = "dev/python/.pre-commit-config.yaml"
    assert f"git does not run {file} in this clone; if it should: " in output
    assert f"`pre-commit install --config {file}`, then `errata init`" in output
    assert "git does not run frontend/.husky in this clone" in output
    install(repo, config=file)
    assert f"(pre-commit: git's pre-commit hook runs {file})" in done(errata("init"))
    assert not (repo.root / ".pre-commit-config.yaml").exists()
    assert Doctor(repo.root).diagnostics() == []


def test_colleague_uses_the_configuration_that_has_the_hooks(repo: Repo, errata: Errata) -> None:
    file = "dev/python/.pre-commit-config.yaml"
    repo.write(file, PRE_COMMIT)
    repo.commit("Begin")
    install(repo, config=file)
    done(errata("init"))
    repo.git("-c", "core.hooksPath=/dev/null", "commit", "-qam", "Set up errata")
    clone = Repo(repo.root.parent / "clone")
    repo.git("clone", "-q", str(repo.root), str(clone.root))
    doctor = Doctor(clone.root)
    assert "pre-commit: no git hook is installed" in doctor.diagnostic("no git hook")["what"]
    output = run(clone.root, "init").stdout
    assert f"errata is set up (pre-commit: {file} has errata's hooks)" in output
    assert not (clone.root / ".pre-commit-config.yaml").exists()
    assert doctor.diagnostics() == []
