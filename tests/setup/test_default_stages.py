"""A person's own hooks run as often after `errata init` as before."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from conftest import Repo
from errata.setup import precommit, prek_toml
from errata.setup.hook_source import HookSource
from manager_builders import BIN, Errata, done, state
from matrix import few

HOOKS = """\
repos:
  - repo: local
    hooks:
      - {{id: mine, name: mine, entry: sh -c 'echo $PRE_COMMIT_HOOK >> {count}', language: system,
         always_run: true, pass_filenames: false}}
"""
TYPES = {
    "none": "",
    "listed": "default_install_hook_types: [pre-commit, commit-msg]\n",
    "chosen": "default_stages: [commit-msg, pre-commit]\n",
}
ROWS = [(manager, types) for manager in ("pre-commit", "prek") for types in TYPES]


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    monkeypatch.setenv("PREK_HOME", str(tmp_path / "prek"))


@pytest.mark.parametrize(("manager", "types"), few(ROWS, "pre-commit-none", "prek-listed"))
def test_hooks_without_stages(
    repo: Repo, errata: Errata, tmp_path: Path, manager: str, types: str
) -> None:
    count = tmp_path / "count"
    repo.write(".pre-commit-config.yaml", TYPES[types] + HOOKS.format(count=count))
    subprocess.run([BIN / manager, "install"], check=True, capture_output=True)

    def runs() -> int:
        count.write_text("")
        repo.commit("feat: volumes")
        repo.git("commit", "-q", "--amend", "-m", "feat: other words")
        return len(count.read_text().splitlines())

    before, files = runs(), state(repo.root)
    done(errata("init"))
    if types == "chosen":
        # The person's own choice: it names a stage that only our hook types install.
        assert "default_stages: [commit-msg, pre-commit]\n" in config(repo)
    else:
        assert runs() == before
    assert done(errata("init")) == "nothing to do\n"
    done(errata("uninstall"))
    assert state(repo.root) == files


def config(repo: Repo) -> str:
    return (repo.root / ".pre-commit-config.yaml").read_text()


def test_it_is_shown_and_explained(repo: Repo, errata: Errata) -> None:
    repo.write(".pre-commit-config.yaml", "repos: []\n")
    output = done(errata("init"))
    assert f"+{precommit.STAGES_MARK}\n+default_stages: [pre-commit]\n" in output


@pytest.mark.parametrize(
    ("raw", "installed", "expected"),
    [
        (b"", [], ["pre-commit"]),
        (b"repos: []\n", [], ["pre-commit"]),
        (b"repos: []\n", ["pre-commit", "pre-push"], ["pre-commit", "pre-push"]),
        (b"default_install_hook_types: [pre-push]\nrepos: []\n", [], ["pre-push"]),
        # As an earlier version left it.
        (
            f"{precommit.MARK}\ndefault_install_hook_types: [pre-commit, prepare-commit-msg, "
            "commit-msg, post-commit, post-merge, post-rewrite]\nrepos: []\n".encode(),
            ["pre-commit", "commit-msg"],
            ["pre-commit"],
        ),
        # Every type is the person's own choice already.
        (
            b"default_install_hook_types: [pre-commit, prepare-commit-msg, commit-msg, "
            b"post-commit, post-merge, post-rewrite]\nrepos: []\n",
            [],
            None,
        ),
        (b"default_stages: [manual]\nrepos: []\n", [], ["manual"]),
    ],
)
def test_which_stages(raw: bytes, installed: list[str], expected: list[str] | None) -> None:
    import yaml

    after, added = precommit.install(raw, HookSource(), "f", installed)
    assert yaml.safe_load(after).get("default_stages") == expected
    assert precommit.install(after, HookSource(), "f")[0] == after
    # In another clone only the comment tells who added it.
    rest = precommit.remove(after, "f")
    theirs = yaml.safe_load(rest or b"") or {}
    assert theirs.get("default_stages") == (["manual"] if b"manual" in raw else None)
    assert precommit.STAGES_MARK.encode() not in (rest or b"")
    assert precommit.remove(after, "f", added) is not None or not raw


@pytest.mark.parametrize(
    "raw", [b"", b"fail_fast = true\n", b"[[repos]]\nrepo = 'meta'\nhooks = []\n"]
)
def test_prek_toml(raw: bytes) -> None:
    after, added = prek_toml.install(raw, HookSource(), "f")
    assert prek_toml.read(after, "f")["default_stages"] == ["pre-commit"]
    assert prek_toml.install(after, HookSource(), "f")[0] == after
    assert prek_toml.remove(after, "f", added) == raw
    assert b"default_stages" not in prek_toml.remove(after, "f")
