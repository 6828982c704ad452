"""Entries with a path of errata that is no longer there: the doctor sees them, init fixes them."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from conftest import Repo
from doctor_builders import BIN, Doctor, run
from errata.setup import blocks, guard, hook_source
from errata.setup.hooks import BY_ID, STAGES
from manager_builders import PREK
from matrix import few

STAMP = 'case {2} in "{"*) P "{1}";; *) P "{1}" {2};; esac'
MANAGERS = ("pre-commit", "prek", "lefthook", "husky", "plain")


def environment_of(root: Path) -> Path:
    """Console scripts in a folder of their own, as another environment has them."""
    root.mkdir()
    for name in ("errata", *BY_ID):
        (root / name).symlink_to(f"{BIN}/{name}")
    return root


def earlier(text: str, word: str) -> str:
    """A configuration or script as earlier versions wrote it; ``word`` is the path of a command."""
    guarded = re.escape(guard.entry("")) + r"(errata-[a-z-]+)"
    text = re.sub(rf'set -- .*; {guarded} "\$@"', STAMP.replace("P", r"\1"), text)
    text = re.sub(
        guarded, lambda match: f'"{word % match[1]}"' if "'" in word else word % match[1], text
    )
    if blocks.BEGIN in text.encode():
        lines = [f"if command -v {word % 'errata-capture'} >/dev/null 2>&1; then", "fi"]
        text = blocks.insert(text.encode(), lines, "f").decode()
    text = text.replace(f"command -v errata >/dev/null 2>&1 || {guard.FIND}; ", "")
    return text.replace("PYTHONPATH= errata agent-hook", f"{word % 'errata'} agent-hook").replace(
        "command -v errata ", f"command -v {word % 'errata'} "
    )


@pytest.mark.parametrize("name", ["env", "an env"])
@pytest.mark.parametrize("manager", few(MANAGERS, "pre-commit", "plain"))
def test_moved_environment(repo: Repo, tmp_path: Path, manager: str, name: str) -> None:
    old = environment_of(tmp_path / name)
    repo.commit("Begin")
    path = {"lefthook": "lefthook.yml", "husky": ".husky/post-commit"}.get(
        manager, ".git/hooks/post-commit" if manager == "plain" else ".pre-commit-config.yaml"
    )
    done = run(repo.root, "init", "--manager", manager, "--agent", "claude-code")
    assert done.returncode == 0, done.stderr
    word = f"'{old}/%s'" if " " in name else f"{old}/%s"
    for file in (path, ".claude/settings.json"):
        text = earlier((repo.root / file).read_text(), word)
        assert str(old) in text
        (repo.root / file).write_text(text)
    doctor = Doctor(repo.root)
    doctor.diagnostic("written by an earlier version")
    shutil.rmtree(old)
    assert doctor.fix(f"{path}: runs {old}/errata-") == "errata init"
    # That fixes both; here each by itself.
    (repo.root / ".claude/settings.json").write_text(text)
    command = doctor.fix(f".claude/settings.json: runs {old}/errata")
    assert command == "errata init --agent claude-code"
    assert [d for d in doctor.diagnostics() if d["fix"] != "npx husky"] == []
    assert str(old) not in (repo.root / path).read_text()
    assert run(repo.root, "init").stdout == "nothing to do\n"


def test_the_noted_folder_was_moved(healthy: Repo, doctor: Doctor) -> None:
    healthy.git("config", guard.SETTING, "/gone/bin")
    command = doctor.fix(f"git config {guard.SETTING}: /gone/bin", "note")
    assert command == f"git config {guard.SETTING} {BIN}"


def test_in_prek_toml(repo: Repo) -> None:
    repo.write("prek.toml", PREK)
    assert run(repo.root, "init").returncode == 0
    file = repo.root / "prek.toml"
    before = file.read_text()
    file.write_text(re.sub(r'entry = ".*(errata-[a-z-]+)"', r'entry = "/gone/bin/\1"', before))
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


def test_interrupted_change_of_pre_commit_scripts(healthy: Repo) -> None:
    """An earlier run was killed while it added -P; a person's own script stays as it is."""
    hooks = healthy.root / ".git/hooks"
    before = {stage: (hooks / stage).read_bytes() for stage in STAGES}
    for stage in STAGES[1:]:
        (hooks / stage).write_bytes(before[stage].replace(b" -P ", b" "))
    (hooks / ".post-merge.0123456789ab.errata-tmp").write_bytes(b"#!/usr")
    own = before["commit-msg"].replace(b" -P ", b" ")
    (hooks / "pre-push").write_bytes(own)
    done = run(healthy.root, "init")
    assert f"$ pre-commit install: add -P to {', '.join(STAGES[1:])}\n" in done.stdout
    assert {stage: (hooks / stage).read_bytes() for stage in STAGES} == before
    assert (hooks / "pre-push").read_bytes() == own
    assert list(hooks.glob(".*")) == []
    assert run(healthy.root, "init").stdout == "nothing to do\n"


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
        ("/gone/errata-stamp", "errata-stamp"),
        ("/gone/errata-stamp --x y", "errata-stamp --x y"),
        ("'/gone a/errata-stamp' -x", "errata-stamp -x"),
        ("x; /gone/errata-stamp", "x; errata-stamp"),
        ("errata-stamp", "errata-stamp"),
        ("tools/errata-stamp", "tools/errata-stamp"),
        ("/gone/errata-stamp-more", "/gone/errata-stamp-more"),
        ("/gone/errata-stamp/x", "/gone/errata-stamp/x"),
        ("$HOME/errata-stamp", "$HOME/errata-stamp"),
        ("{here}/errata-stamp", "{here}/errata-stamp"),
        ("{on_path}/errata-stamp", "errata-stamp"),
    ],
)
def test_outdated_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, expected: str
) -> None:
    places = {"{here}": environment_of(tmp_path / "e"), "{on_path}": environment_of(tmp_path / "p")}
    monkeypatch.setenv("PATH", f"{places['{on_path}']}{os.pathsep}{os.environ['PATH']}")
    for key, place in places.items():
        text, expected = text.replace(key, str(place)), expected.replace(key, str(place))
    assert hook_source.updated(text, "errata-stamp") == expected
    assert bool(hook_source.missing_programs(text, "errata-stamp")) is (
        "/gone" in text and expected != text
    )
