"""What the doctor finds in installations that work here, and not for colleagues or for agents."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import errata
from conftest import Repo
from doctor_builders import Doctor, environment, run, set_up
from errata.records import curation_log
from errata.setup.hooks import STAGES
from record_builders import FINDINGS, finding, runbook

COUNTS = ".claude/patterns/chances.jsonl"
DECISIONS = ".claude/patterns/curation.jsonl"


def executable(repo: Repo, path: str, text: str) -> None:
    repo.write(path, text).chmod(0o755)


def commits_without(repo: Repo, tmp_path: Path, *missing: str) -> bool:
    """Whether a colleague without these programs can commit in this repository."""
    folder = tmp_path / "short"
    folder.mkdir(exist_ok=True)
    for name in ("git", "sh", "env", "bash", "sed", "cat", "dirname", "basename", "uname"):
        link = folder / name
        if not link.exists():
            link.symlink_to(shutil.which(name) or "/missing")
    assert not any((folder / name).exists() for name in missing)
    done = subprocess.run(
        ["git", "-c", "errata.path=/nowhere", "commit", "-q", "--allow-empty", "-m", "x"],
        cwd=repo.root,
        env={**environment(), "PATH": str(folder)},
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


# ----------------------------------------------------------------------------- colleagues


@pytest.fixture
def plain(tmp_path: Path) -> Repo:
    """A repository whose hooks are scripts of the team, in a folder that git tracks."""
    root = tmp_path / "plain"
    root.mkdir()
    repo = Repo(root)
    repo.git("init", "-q")
    repo.git("config", "core.hooksPath", ".githooks")
    executable(repo, ".githooks/pre-commit", "#!/bin/sh\ntrue\n")
    set_up(root, "plain")
    return repo


def test_a_script_that_refuses_without_errata(plain: Repo, tmp_path: Path) -> None:
    doctor = Doctor(plain.root)
    assert doctor.diagnostics() == []
    script = plain.root / ".githooks/pre-commit"
    assert commits_without(plain, tmp_path, "errata")
    with script.open("a") as file:
        file.write("errata-validate-logs\n")
    assert not commits_without(plain, tmp_path, "errata")
    fix = doctor.fix("errata-validate-logs has no fallback; nobody without errata can commit")
    assert fix.endswith("&& errata init")
    assert commits_without(plain, tmp_path, "errata")


@pytest.mark.parametrize(
    "line",
    [
        "command -v errata-validate-logs >/dev/null && errata-validate-logs",
        "errata-validate-logs || true",
        "# errata-validate-logs",
        "command -v errata >/dev/null || exit 0\nerrata-validate-logs",
        "echo errata-validate-logs",
    ],
)
def test_a_script_with_a_fallback(plain: Repo, line: str) -> None:
    with (plain.root / ".githooks/pre-commit").open("a") as file:
        file.write(f"{line}\n")
    assert not [one for one in Doctor(plain.root).diagnostics() if "fallback" in one["what"]]


def test_a_script_that_needs_the_framework(plain: Repo, tmp_path: Path) -> None:
    script = plain.root / ".githooks/pre-commit"
    script.write_text(f"{script.read_text()}pre-commit run --hook-stage pre-commit\n")
    assert not commits_without(plain, tmp_path, "pre-commit")
    fix = Doctor(plain.root).fix("pre-commit has no fallback; nobody without pre-commit")
    assert fix.startswith("perl -pi")
    assert commits_without(plain, tmp_path, "pre-commit")


def test_a_configured_hook_without_fallback(healthy: Repo, doctor: Doctor) -> None:
    path = healthy.root / ".pre-commit-config.yaml"
    lines = path.read_text().splitlines()
    changed = [
        f"{line[: line.index('entry:')]}entry: errata-validate-logs"
        if line.endswith("errata-validate-logs") and "entry:" in line
        else line
        for line in lines
    ]
    assert changed != lines
    path.write_text("\n".join(changed) + "\n")
    assert doctor.fix("errata-validate-logs has no fallback") == "errata init"
    assert path.read_text().splitlines() == lines


def test_a_lefthook_command_without_fallback(tmp_path: Path) -> None:
    set_up(tmp_path / "here", "lefthook")
    path = tmp_path / "here/lefthook.yml"
    with path.open("a") as file:
        file.write("pre-push:\n  commands:\n    ok:\n      run: 'true'\n")
    doctor = Doctor(tmp_path / "here")
    assert not [one for one in doctor.diagnostics() if "fallback" in one["what"]]
    text = path.read_text()
    start = text.index("run: ", text.index("errata-validate-logs:"))
    end = text.index("\n    ", start)
    path.write_text(f"{text[:start]}run: errata-validate-logs{text[end:]}")
    assert doctor.fix("errata-validate-logs has no fallback") == "errata init"


@pytest.mark.parametrize(
    ("rev", "differs"), [("v0.0.9", True), (errata.__version__, False), ("main", False)]
)
def test_hooks_of_another_version(healthy: Repo, doctor: Doctor, rev: str, differs: bool) -> None:
    healthy.write(
        ".pre-commit-config.yaml",
        f"default_install_hook_types: [{', '.join(STAGES)}]\n"
        f"repos:\n- repo: https://example.org/errata\n  rev: {rev}\n  hooks:\n"
        "  - id: errata-capture\n",
    )
    found = [one for one in doctor.diagnostics() if "is installed" in one["what"]]
    assert bool(found) is differs
    for diagnostic in found:
        assert "hooks of errata 0.0.9" in diagnostic["what"]
        assert diagnostic["fix"] == "pre-commit autoupdate --repo https://example.org/errata"


def test_a_log_that_nobody_added(healthy: Repo, doctor: Doctor) -> None:
    healthy.jsonl(FINDINGS, finding(1))
    assert doctor.fix(f"git does not track {FINDINGS}", "note") == f"git add {FINDINGS}"


# ---------------------------------------------------------------------------- repeated hooks


def test_a_script_and_a_framework(healthy: Repo, doctor: Doctor) -> None:
    """The hook that pre-commit found when it was installed; it still runs it."""
    executable(healthy, ".git/hooks/post-commit.legacy", "#!/bin/sh\nerrata-capture\n")
    text = "post-commit: errata's hooks run 2 times, from .git/hooks/post-commit.legacy and "
    found = doctor.diagnostic(f"{text}.pre-commit-config.yaml")
    assert found["fix"] == "${EDITOR:-vi} .git/hooks/post-commit.legacy"
    (healthy.root / ".git/hooks/post-commit.legacy").unlink()
    assert doctor.diagnostics() == []


def test_a_script_that_looks_for_the_program_first(plain: Repo) -> None:
    """As version 0.1 wrote its block. The last script does run it twice."""
    once = 'if {} >/dev/null 2>&1; then\n  errata-capture "$@" </dev/null || :\nfi\n'
    for lookup in ("command -v errata-capture", "command -v '/a b/errata-capture'"):
        executable(plain, ".githooks/post-commit", "#!/bin/sh\n" + once.format(lookup))
        found = [d["what"] for d in Doctor(plain.root).diagnostics()]
        assert not [what for what in found if "errata's hooks run" in what]
    text = once.format("command -v errata-capture") + '"$(command -v errata-capture)" "$@"\n'
    executable(plain, ".githooks/post-commit", "#!/bin/sh\n" + text)
    Doctor(plain.root).diagnostic("post-commit: errata's hooks run 2 times")


def test_a_hook_that_is_listed_twice(healthy: Repo, doctor: Doctor) -> None:
    with (healthy.root / ".pre-commit-config.yaml").open("a") as file:
        file.write(
            "  - repo: https://example.org/errata\n    rev: main\n    hooks:\n"
            "      - id: errata-capture\n"
        )
    found = doctor.diagnostic("post-commit: errata's hooks run 2 times")
    assert found["fix"] == "${EDITOR:-vi} .pre-commit-config.yaml"


def test_a_hooks_folder_that_also_calls_the_framework(plain: Repo) -> None:
    """One hook is in the script, in the framework that it calls, and in a script of .git."""
    repo, doctor = plain, Doctor(plain.root)
    repo.write(
        ".pre-commit-config.yaml",
        "repos:\n- repo: https://example.org/errata\n  rev: main\n  hooks:\n"
        "  - id: errata-capture\n",
    )
    executable(repo, ".git/hooks/post-commit", "#!/bin/sh\nerrata-capture || true\n")
    script = repo.root / ".githooks/post-commit"
    script.write_text(
        f"{script.read_text()}command -v pre-commit >/dev/null && pre-commit run || :\n"
        '. "$(git rev-parse --git-common-dir)/hooks/post-commit"\n'
    )
    found = [d["what"] for d in doctor.diagnostics() if "errata's hooks run" in d["what"]]
    assert [text.split(", from")[0] for text in found] == [
        "post-commit: errata's hooks run 2 times"
    ]
    assert found[0].endswith("from .githooks/post-commit and .git/hooks/post-commit")
    assert doctor.fix("hooks are in .pre-commit-config.yaml as well") == "errata init"


def test_settings_of_the_project_and_of_the_user(healthy: Repo, doctor: Doctor) -> None:
    project = healthy.root / ".claude/settings.json"
    home = Path(environment()["HOME"])
    (home / ".claude").mkdir(exist_ok=True)
    data = json.loads(project.read_text())
    (home / ".claude/settings.json").write_text(json.dumps({"hooks": data["hooks"]}))
    found = doctor.diagnostic("claude-code: errata's hooks run 2 times")
    assert "from .claude/settings.json and ~/.claude/settings.json" in found["what"]
    assert found["fix"] == "${EDITOR:-vi} ~/.claude/settings.json"
    (home / ".claude/settings.json").write_text('{"hooks": {}}')
    assert doctor.diagnostics() == []


def test_a_home_folder_that_is_a_repository(healthy: Repo, doctor: Doctor) -> None:
    """The settings of the project are those of the user there."""
    found = doctor.diagnostics(HOME=str(healthy.root))
    assert not [one for one in found if "errata's hooks run" in one["what"]]


@pytest.mark.parametrize(("path", "fix"), [(".husky/_", "npx husky"), ("gone/hooks", "git config")])
def test_a_hooks_folder_that_does_not_exist(
    healthy: Repo, doctor: Doctor, path: str, fix: str
) -> None:
    """Git says nothing then, and runs no hook: in a worktree without husky's folder, say."""
    healthy.git("config", "core.hooksPath", path)
    found = doctor.diagnostic("which does not exist; git runs no hook")
    assert found["level"] == "problem" and found["fix"].startswith(fix)


def test_a_hooks_folder_of_another_worktree(healthy: Repo, doctor: Doctor) -> None:
    """Some tools write its absolute path into the settings of the worktrees that they create."""
    (healthy.root.parent / "elsewhere").mkdir()
    healthy.git("config", "extensions.worktreeConfig", "true")
    healthy.git("config", "--worktree", "core.hooksPath", str(healthy.root.parent / "elsewhere"))
    found = doctor.diagnostic("core.hooksPath is ")
    assert "git config --worktree --unset-all core.hooksPath" in found["fix"]


# ------------------------------------------------------------------------------- attributes


@pytest.mark.parametrize("path", [".git/info/attributes", ".claude/.gitattributes"])
def test_attributes_that_another_file_overrides(healthy: Repo, doctor: Doctor, path: str) -> None:
    healthy.write(path, "# Ours\n*.jsonl -merge\n")
    found = doctor.diagnostic(f"{path} overrides .gitattributes: no merge driver for ")
    assert (found["level"], found["fix"]) == ("problem", f"${{EDITOR:-vi}} {path}")
    assert found["what"].count(".jsonl") >= 3
    (healthy.root / path).unlink()
    assert doctor.diagnostics() == []


def test_attributes_behind_a_link(healthy: Repo, doctor: Doctor) -> None:
    file = healthy.root / ".gitattributes"
    file.rename(healthy.root / "attributes")
    file.symlink_to("attributes")
    doctor.fix("is a symbolic link, and git does not read its attributes")
    assert not file.is_symlink() and "merge=union" in file.read_text()


def test_attributes_that_git_ignores(healthy: Repo, doctor: Doctor) -> None:
    healthy.git("rm", "-q", "--cached", ".gitattributes")
    healthy.write(".gitignore", ".gitattributes\n")
    doctor.fix("git will not commit .gitattributes")


# ----------------------------------------------------------------------------- lessons, readers


def teach(repo: Repo, agent: str) -> None:
    rows = [finding(day, severity="blocking", affected_agents=[agent]) for day in range(1, 6)]
    repo.jsonl(FINDINGS, *rows)
    assert run(repo.root, "evolve").returncode == 0
    assert (repo.root / runbook(agent)).exists()
    repo.git("add", "-A")


def test_a_runbook_of_a_role_that_does_not_exist(healthy: Repo, doctor: Doctor) -> None:
    teach(healthy, "api-dev")
    text = f"{runbook()}: has lessons, and no agent here is called api-dev"
    assert doctor.fix(text) == "errata context --export agents-md"
    assert "missing-widget-check" in (healthy.root / "AGENTS.md").read_text()


@pytest.mark.parametrize("sign", ["agent", "commit", "pointer", "variable"])
def test_a_role_that_exists(healthy: Repo, doctor: Doctor, sign: str) -> None:
    teach(healthy, "api-dev")
    variables = {}
    if sign == "agent":
        healthy.write(".claude/agents/api-dev.md", "---\nname: api-dev\n---\n")
    elif sign == "commit":
        no_hooks = ("-c", "core.hooksPath=/dev/null")
        healthy.git(*no_hooks, "commit", "-q", "-m", "Add\n\nAgent: api-dev")
    elif sign == "pointer":
        healthy.write("CLAUDE.md", f"Agents for the API read {runbook()} first.\n")
    else:
        variables = {"ERRATA_AGENT": "api-dev"}
    found = doctor.diagnostics(**variables)
    assert not [one for one in found if "has lessons" in one["what"]]


def test_a_shared_runbook_without_hooks(tmp_path: Path) -> None:
    """No tool is set up, and no file says where the runbook is."""
    root = tmp_path / "here"
    set_up(root, "plain")
    repo, doctor = Repo(root), Doctor(root)
    (root / ".claude/settings.json").unlink()
    teach(repo, "everyone")
    text = f"{runbook('everyone')}: has lessons, and neither hooks nor a pointer"
    assert doctor.diagnostic(text)["fix"] == "errata context --export agents-md"
    repo.write("CLAUDE.md", f"Read `{runbook('everyone')}`.\n")
    assert not [one for one in doctor.diagnostics() if "has lessons" in one["what"]]
    (root / "CLAUDE.md").unlink()
    doctor.fix(text)


def test_a_stale_export(healthy: Repo, doctor: Doctor) -> None:
    teach(healthy, "everyone")
    assert run(healthy.root, "context", "--export", "agents-md").returncode == 0
    file = healthy.root / "AGENTS.md"
    old = file.read_bytes()
    healthy.jsonl(FINDINGS, finding(0.5, severity="blocking", affected_agents=["everyone"]))
    assert run(healthy.root, "evolve").returncode == 0
    assert file.read_bytes() != old
    file.write_bytes(old)
    assert doctor.fix("AGENTS.md: the block is behind the logs", "note") == "errata evolve"


@pytest.mark.parametrize("path", [COUNTS, DECISIONS])
def test_bad_lines_in_counts_and_decisions(healthy: Repo, doctor: Doctor, path: str) -> None:
    healthy.write(path, '{"action": "no such"}\n[]\n')
    doctor.fix(f"{path}: 2 bad lines, the first is line 1")
    assert (healthy.root / path).read_text() == ""


def test_a_decision_in_the_future(healthy: Repo, doctor: Doctor) -> None:
    by = {"kind": "person", "name": "Bo"}
    fields = {"timestamp": "9999-01-01T00:00:00Z", "by": by, "action": "pin", "pattern": "x"}
    healthy.jsonl(DECISIONS, {"id": curation_log.id_of(fields), **fields})
    message = f"{DECISIONS}: 1 decision more than a day in the future, left out of everything"
    assert doctor.diagnostic("in the future")["what"] == message
