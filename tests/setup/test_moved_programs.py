"""Entries with a path of errata that is no longer there: the doctor sees them, init fixes them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from conftest import Repo
from doctor_builders import BIN, Doctor, run
from errata.setup import hook_source
from errata.setup.hooks import BY_ID
from manager_builders import PREK

CASE = ("lefthook", "an env")
MANAGERS = ("pre-commit", "prek", "lefthook", "husky", "plain")


def environment_of(root: Path) -> Path:
    """Console scripts in a folder of their own, as another environment has them."""
    root.mkdir()
    for name in ("errata", *BY_ID):
        (root / name).symlink_to(f"{BIN}/{name}")
    return root


@pytest.mark.parametrize(
    ("manager", "name"),
    # A command that begins with a quote would need YAML's quotes around it.
    [
        (manager, name)
        for manager in MANAGERS
        for name in ("env", "an env")
        if (manager, name) != CASE
    ],
)
def test_moved_environment(repo: Repo, tmp_path: Path, manager: str, name: str) -> None:
    old = environment_of(tmp_path / name)
    repo.commit("Begin")
    path = {"lefthook": "lefthook.yml", "husky": ".husky/post-commit"}.get(
        manager, ".git/hooks/post-commit" if manager == "plain" else ".pre-commit-config.yaml"
    )
    done = run(repo.root, "init", "--manager", manager, "--agent", "claude-code")
    assert done.returncode == 0, done.stderr
    for file in (path, ".claude/settings.json"):
        text = (repo.root / file).read_text()
        for program in ("errata", *BY_ID):
            quoted = f"'{old / program}'" if " " in name else str(old / program)
            text = text.replace(f"entry: {program}\n", f'entry: "{quoted}"\n')
            text = text.replace(f"run: {program}", f"run: {quoted}").replace(
                f"*) {program} ", f"*) {quoted} "
            )
            text = text.replace(f" {program} >/dev", f" {quoted} >/dev")
            text = text.replace(f"; {program} agent", f"; {quoted} agent")
            text = text.replace(f'  {program} "$@"', f'  {quoted} "$@"')
        assert str(old) in text
        (repo.root / file).write_text(text)
    doctor = Doctor(repo.root)
    assert [
        diagnostic
        for diagnostic in doctor.diagnostics()
        if "which does not exist" in diagnostic["what"]
    ] == []
    shutil.rmtree(old)
    assert doctor.fix(f"{path}: runs {old}/errata-") == "errata init"
    # That fixes both; here each by itself.
    (repo.root / ".claude/settings.json").write_text(text)
    command = doctor.fix(f".claude/settings.json: runs {old}/errata")
    assert command == "errata init --agent claude-code"
    assert [
        diagnostic for diagnostic in doctor.diagnostics() if diagnostic["fix"] != "npx husky"
    ] == []
    assert str(old) not in (repo.root / path).read_text()
    assert run(repo.root, "init").stdout == "nothing to do\n"


def test_in_prek_toml(repo: Repo) -> None:
    repo.write("prek.toml", PREK)
    assert run(repo.root, "init").returncode == 0
    file = repo.root / "prek.toml"
    before = file.read_text()
    file.write_text(before.replace('entry = "errata-', 'entry = "/gone/bin/errata-'))
    assert Doctor(repo.root).fix("runs /gone/bin/errata-") == "errata init"
    assert file.read_text() == before


def test_missing_python_of_pre_commit_scripts(healthy: Repo, tmp_path: Path) -> None:
    """Without it and without pre-commit on PATH they refuse every commit."""
    script = healthy.root / ".git/hooks/post-commit"
    lines = script.read_text().splitlines(keepends=True)
    lines = ["INSTALL_PYTHON=/gone/python\n" if "N=/" in line else line for line in lines]
    script.write_text("".join(lines))
    doctor = Doctor(healthy.root)
    assert doctor.diagnostics() == []
    path = without_pre_commit(tmp_path)
    assert doctor.fix("for post-commit find no program", PATH=path) == "errata init"
    assert "/gone/python" not in script.read_text()


def without_pre_commit(tmp_path: Path) -> str:
    """A PATH with errata and git, and without pre-commit."""
    folder = environment_of(tmp_path / "bin")
    for name in ("git", "sh", "bash", "env", "uname", "tr", "dirname"):
        if program := shutil.which(name):
            (folder / name).symlink_to(program)
    return str(folder)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/gone/errata-stamp", "NEW"),
        ("/gone/errata-stamp --x y", "NEW --x y"),
        ("'/gone a/errata-stamp' -x", "NEW -x"),
        ("x; /gone/errata-stamp", "x; NEW"),
        ("errata-stamp", "errata-stamp"),
        ("tools/errata-stamp", "tools/errata-stamp"),
        ("/gone/errata-stamp-more", "/gone/errata-stamp-more"),
        ("/gone/errata-stamp/x", "/gone/errata-stamp/x"),
        ("$HOME/errata-stamp", "$HOME/errata-stamp"),
        ("{here}/errata-stamp", "{here}/errata-stamp"),
        ("{on_path}/errata-stamp", "NEW"),
    ],
)
def test_outdated_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, expected: str
) -> None:
    places = {"{here}": environment_of(tmp_path / "e"), "{on_path}": environment_of(tmp_path / "p")}
    monkeypatch.setenv("PATH", f"{places['{on_path}']}{os.pathsep}{os.environ['PATH']}")
    for key, place in places.items():
        text, expected = text.replace(key, str(place)), expected.replace(key, str(place))
    assert hook_source.updated(text, "errata-stamp", lambda _: "NEW") == expected
    assert bool(hook_source.missing_programs(text, "errata-stamp")) is (
        "/gone" in text and expected != text
    )
