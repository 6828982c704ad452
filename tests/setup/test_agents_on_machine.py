"""The agents' tools of a machine: which ones, in which version, and whether they run our hooks."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from conftest import Repo
from doctor_builders import BIN, Doctor
from errata.rules.agent_tools import with_hooks, with_setup
from errata.setup.agents_on_machine import installed_version, on_machine
from manager_builders import Errata, done

TRUST = Path(__file__).parent / "codex_trust"
SHORT = f"{BIN}:/usr/bin:/bin"
CODEX = with_hooks()["codex"]["tried"]["versions"][-1]


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\nexit 1\n")
    path.chmod(0o755)
    return path


def npm(folder: Path, name: str, package: str, version: str) -> str:
    """A folder for PATH with a program that npm installed."""
    top = folder / "lib/node_modules" / package
    target = program(top / "bin/main.js")
    (top / "package.json").write_text(json.dumps({"name": package, "version": version}))
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    (folder / "bin" / name).symlink_to(target)
    return f"{folder}/bin"


# ---------------------------------------------------------------------------------------- auto


def chosen(errata: Errata, *options: str, **env: str) -> str:
    output = done(errata("init", "--dry-run", "--manager", "plain", *options, **env))
    (line,) = [line for line in output.splitlines() if line.startswith("note: set up for ")]
    return line.removeprefix("note: set up for ").partition("; for another")[0]


def test_auto_takes_what_repository_history_and_machine_show(
    repo: Repo, errata: Errata, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "PATH", f"{npm(tmp_path / 'npm', 'opencode', 'opencode-ai', '1.0.0')}:{SHORT}"
    )
    (Path.home() / ".codex").mkdir()
    repo.write("GEMINI.md", "")
    for number in range(3):
        message = f"Change {number}\n\nCo-authored-by: Claude <noreply@anthropic.com>"
        repo.git("commit", "-q", "--allow-empty", "-m", message)
    assert chosen(errata, "--agent", "auto") == (
        "claude-code (3 commits), gemini (GEMINI.md exists), opencode (opencode is on PATH), "
        "codex (~/.codex exists)"
    )
    # Without the option, only files in the repository count.
    assert chosen(errata) == "gemini (GEMINI.md exists)"


@pytest.mark.usefixtures("repo")
def test_auto_without_a_trace(errata: Errata, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", SHORT)
    assert chosen(errata, "--agent", "auto") == "claude-code (no trace of an agent's tool here)"


def test_auto_beside_a_tool(repo: Repo, errata: Errata, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", SHORT)
    repo.write("GEMINI.md", "")
    shown = done(errata("init", "--dry-run", "--agent", "auto", "--agent", "qwen"))
    for tool in ("qwen", "gemini"):
        assert f"\nnew file .{tool}/settings.json: " in shown


def test_a_file_is_no_folder(repo: Repo, errata: Errata, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", SHORT)
    repo.write(".clinerules", "Be brief.\n")
    assert chosen(errata) == "claude-code (no agent's tool has files here)"
    os.unlink(repo.root / ".clinerules")  # noqa: PTH108
    repo.write(".clinerules/style.md", "Be brief.\n")
    assert chosen(errata) == "cline (.clinerules/ exists)"


def test_every_tool_can_be_set_up_and_removed(repo: Repo, errata: Errata) -> None:
    before = sorted(path for path in repo.root.rglob("*") if ".git/" not in str(path))
    tools = [word for tool in with_setup() for word in ("--agent", tool)]
    done(errata("init", "--yes", "--manager", "plain", *tools))
    done(errata("init", "--yes", "--manager", "plain", *tools))
    done(errata("uninstall", "--yes"))
    assert sorted(path for path in repo.root.rglob("*") if ".git/" not in str(path)) == before


# ------------------------------------------------------------------------------------- versions


def test_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
    package = npm(tmp_path / "a", "codex", "@openai/codex", "9.9.9")
    other = npm(tmp_path / "b", "codex", "somebody-elses-codex", "1.1.1")
    cask = program(tmp_path / "c/Cellar/codex/0.171.0-alpha.2/bin/codex").parent
    monkeypatch.setenv("PATH", package)
    assert installed_version("codex") == "9.9.9"
    assert on_machine()["codex"] == "codex is on PATH"
    monkeypatch.setenv("PATH", other)
    assert installed_version("codex") == ""
    monkeypatch.setenv("PATH", str(cask))
    assert installed_version("codex") == "0.171.0-alpha.2"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert installed_version("codex") == ""
    assert "codex" not in on_machine()


def test_doctor_names_a_version_that_was_never_tried(
    repo: Repo, errata: Errata, tmp_path: Path
) -> None:
    done(errata("init", "--yes", "--manager", "plain", "--agent", "codex", "--agent", "goose"))
    doctor = Doctor(repo.root)
    tried = npm(tmp_path / "tried", "codex", "@openai/codex", CODEX)
    path = {"PATH": f"{BIN}:{tried}:/usr/bin:/bin"}
    assert not [one for one in doctor.diagnostics(**path) if "never tried" in one["what"]]
    newer = npm(tmp_path / "newer", "codex", "@openai/codex", "9.9.9")
    program(tmp_path / "newer/opt/goose/1.60.0/goose")
    (tmp_path / "newer/bin/goose").symlink_to(tmp_path / "newer/opt/goose/1.60.0/goose")
    path = {"PATH": f"{BIN}:{newer}:/usr/bin:/bin"}
    said = doctor.diagnostic("codex 9.9.9", **path)
    expected = f"codex 9.9.9 is installed, and was never tried with errata; {CODEX} was"
    assert (said["level"], said["what"]) == ("note", expected)
    assert "no version was" in doctor.diagnostic("goose 1.60.0", **path)["what"]


# -------------------------------------------------------------------------------- trust of Codex


@pytest.fixture
def codex(repo: Repo, tmp_path: Path) -> Path:
    """Codex's folder; the repository has the hooks that Codex 0.171.0 was told to trust."""
    repo.write(".codex/hooks.json", (TRUST / "hooks.json").read_text())
    home = tmp_path / "codex-home"
    home.mkdir()
    return home


def trust(repo: Repo, home: Path, text: str = "") -> None:
    text = text or (TRUST / "config.toml").read_text()
    (home / "config.toml").write_text(text.replace("REPO", str(repo.root)))


def untrusted(repo: Repo, home: Path) -> list[dict[str, Any]]:
    found = Doctor(repo.root).diagnostics(CODEX_HOME=str(home))
    return [one for one in found if "until you trust them" in one["what"]]


def test_hooks_that_codex_trusts(repo: Repo, codex: Path) -> None:
    trust(repo, codex)
    assert untrusted(repo, codex) == []


def test_hooks_that_codex_does_not_trust(repo: Repo, codex: Path) -> None:
    (said,) = untrusted(repo, codex)
    assert said["what"] == (
        ".codex/hooks.json: codex does not run these hooks until you trust them: "
        "SessionStart, SubagentStart, UserPromptSubmit and 1 more"
    )
    assert said["fix"] == "codex, and in it: /hooks"
    # Nobody chose codex in this clone.
    assert said["level"] == "note"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sha256:a5d7", "sha256:0000"),
        ('session_start:0:0"]\n', 'session_start:0:0"]\nenabled = false\n'),
        ("session_start:0:0", "session_start:1:0"),
        ("REPO/.codex", "/elsewhere/.codex"),
        ("[hooks.state]", "[hooks.state"),
    ],
)
def test_hooks_that_changed_or_are_off(repo: Repo, codex: Path, old: str, new: str) -> None:
    trust(repo, codex, (TRUST / "config.toml").read_text().replace(old, new))
    (said,) = untrusted(repo, codex)
    assert "SessionStart" in said["what"]


def test_a_hook_that_was_edited_since(repo: Repo, codex: Path) -> None:
    trust(repo, codex)
    text = (TRUST / "hooks.json").read_text()
    repo.write(".codex/hooks.json", text.replace("apply_patch|Edit|Write", "apply_patch"))
    (said,) = untrusted(repo, codex)
    assert said["what"].endswith(": PostToolUse")


def test_no_word_where_codex_is_not_used(repo: Repo, codex: Path) -> None:
    codex.rmdir()
    assert untrusted(repo, codex) == []


def test_a_clone_that_chose_codex(repo: Repo, errata: Errata, codex: Path) -> None:
    done(errata("init", "--yes", "--manager", "plain", "--agent", "codex"))
    (said,) = untrusted(repo, codex)
    assert said["level"] == "problem"
