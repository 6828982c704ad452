"""A complete scenario in a new environment: the built wheel, a hook manager, an agent, people.

The test uses only what a user has: the commands on PATH, git, and their output.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
CORRECTIONS = ".claude/user-corrections.jsonl"
RUNBOOK = ".claude/skills/runbooks/api-dev/RUNBOOK.md"
PROMOTIONS = ".claude/patterns/promotion-log.jsonl"
CODE = """\
def create(body):
    size = body["size"]
    volume = Volume(size)
    volume.save()
    return volume


def retry(job):
    while True:
        if job.run():
            return job
"""
CONFIG = """\
# Ours, with a comment to keep.
repos:
- repo: local
  hooks:
  - id: nothing   # does nothing
    name: nothing
    entry: "true"
    language: system
"""


@pytest.fixture(scope="module")
def home(wheelhouse: Path, dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with only the wheel and its dependencies."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder / "v", with_pip=True, symlinks=True)
    wheel = next(dist.glob("*.whl"))
    command = [folder / "v/bin/python", "-m", "pip", "install", "-q", "--no-index"]
    subprocess.run([*command, "--find-links", wheelhouse, wheel], check=True, cwd=folder)
    return folder / "v/bin"


class Clone:
    """A person's clone, with the person's environment."""

    def __init__(self, root: Path, path: str, home: Path) -> None:
        self.root = root
        self.env = {
            "PATH": path,
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "PRE_COMMIT_HOME": str(home / "cache"),
            "PREK_HOME": str(home / "cache"),
            "TMPDIR": os.environ.get("TMPDIR", "/tmp"),
        }

    def run(self, *words: str, ok: bool = True, stdin: str = "", **env: str) -> str:
        done = subprocess.run(
            words,
            cwd=self.root,
            env={**self.env, **env},
            input=stdin,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert "Traceback" not in done.stdout
        assert (done.returncode == 0) is ok, f"{words}: {done.stdout}"
        return done.stdout

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def commit(self, message: str, **env: str) -> str:
        self.run("git", "add", "-A")
        return self.run("git", "commit", "-m", message, **env)

    def tool(self, event: str, **fields: object) -> str:
        """Send an event as the agent's tool would, according to its settings."""
        settings = json.loads((self.root / ".claude/settings.json").read_text())
        (entry,) = settings["hooks"][event]
        (hook,) = entry["hooks"]
        sent = {"session_id": "s1", "cwd": str(self.root), "hook_event_name": event, **fields}
        return self.run("sh", "-c", hook["command"], stdin=json.dumps(sent), CLAUDECODE="1")

    def finding(self, pattern: str, *severities: str) -> None:
        """Findings of different reviews, an hour apart, because each review counts once."""
        for n, severity in enumerate(severities):
            when = datetime.now(UTC) - timedelta(hours=n)
            self.run(
                *("errata", "log", "finding", "--severity", severity, "--pattern", pattern),
                *("--file", f"api/{pattern}{n}.py", "--description", f"{pattern} in place {n}"),
                *("--affected-agent", "api-dev", "--agent", "code-reviewer"),
                *("--session-id", f"review-{n}", "--timestamp", when.isoformat(timespec="seconds")),
            )

    def status(self) -> list[str]:
        return self.run("git", "status", "--porcelain").splitlines()

    def tree(self) -> dict[str, bytes]:
        """Every file of the work tree, and git's hooks and configuration."""
        found = {}
        for file in sorted(self.root.rglob("*")):
            name = str(file.relative_to(self.root))
            inside = name.startswith(".git/") and not name.startswith(
                (".git/hooks/", ".git/config")
            )
            if file.is_file() and not inside and not name.startswith(".git/hooks/.errata"):
                found[name] = file.read_bytes()
        return found


@pytest.fixture(params=["pre-commit", "prek"])
def clone(request: pytest.FixtureRequest, home: Path, tmp_path: Path) -> Iterator[Clone]:
    tools = tmp_path / "bin"
    tools.mkdir()
    git = shutil.which("git")
    assert git
    if request.param == "prek":
        assert (BIN / "prek").exists(), "prek comes with the extra `test`"
        (tools / "prek").symlink_to(BIN / "prek")
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / ".gitconfig").write_text(
        "[user]\n\tname = Ann\n\temail = ann@example.org\n[init]\n\tdefaultBranch = main\n"
    )
    path = f"{home}:{tools}:{Path(git).parent}:/usr/bin:/bin"
    origin = Clone(tmp_path, path, folder)
    origin.run("git", "init", "-q", "--bare", "origin.git")
    origin.run("git", "clone", "-q", "origin.git", "ann")
    clone = Clone(tmp_path / "ann", path, folder)
    clone.write(".pre-commit-config.yaml", CONFIG)
    clone.write("README.md", "Volumes\n")
    clone.commit("docs: begin")
    clone.run("git", "push", "-q")
    clone.env["MANAGER"] = request.param
    yield clone


def test_complete_scenario(clone: Clone) -> None:
    before = clone.tree()
    setup(clone)
    agent_and_person(clone)
    branches(clone)
    teammate(clone)
    clone.run("errata", "uninstall", "--yes")
    left = {path for path in clone.tree().keys() - before.keys() if not path.startswith(".git/")}
    data = (".claude/patterns/", ".claude/skills/runbooks/", "api.py", "q.py")
    logs = (CORRECTIONS, ".claude/review-findings.jsonl")
    assert {path for path in left if not path.startswith(data)} == set(logs)
    after = clone.tree()
    assert {path: after.get(path) for path in before} == before
    assert [path for path in after if path.startswith(".git/hooks/") and path not in before] == []


def setup(clone: Clone) -> None:
    options = ("--agent", "claude-code", "--manager", clone.env["MANAGER"], "--yes")
    output = clone.run("errata", "init", *options)
    assert "+++ b/.pre-commit-config.yaml" in output
    assert clone.run("errata", "init", *options) == "nothing to do\n"
    assert "# does nothing" in (clone.root / ".pre-commit-config.yaml").read_text()
    clone.commit("build: errata")
    assert clone.status() == []
    clone.run("errata", "doctor")


def agent_and_person(clone: Clone) -> None:
    # An agent works, and its tool reports its edits.
    clone.tool("SessionStart", source="startup")
    clone.write("api.py", CODE)
    clone.tool(
        "PostToolUse",
        tool_name="Write",
        tool_input={"file_path": str(clone.root / "api.py"), "content": CODE},
        tool_response={"type": "create", "filePath": str(clone.root / "api.py")},
    )
    clone.commit("feat: volumes", CLAUDECODE="1", ERRATA_AGENT="api-dev")
    assert "Agent: api-dev" in clone.run("git", "log", "-1", "--format=%B")
    # A person fixes what the agent committed.
    fixed = CODE.replace('body["size"]', 'int(body["size"])')
    clone.write("api.py", fixed)
    assert "errata: captured a correction: api-dev" in clone.commit("fix: size may be text")
    assert "Corrects: " in clone.run("git", "log", "-1", "--format=%B")
    # A person fixes another file of the agent before its first commit.
    queue = "def drain(queue):\n    for job in queue:\n        job.run()\n    return None\n"
    clone.write("q.py", queue)
    clone.tool(
        "PostToolUse",
        tool_name="Write",
        tool_input={"file_path": str(clone.root / "q.py"), "content": queue},
    )
    clone.write("q.py", queue.replace("return None", "return len(queue)"))
    assert "captured a correction: claude-code" in clone.commit("feat: drain the queue")
    # A person corrects the agent in a prompt.
    clone.tool("UserPromptSubmit", prompt="you forgot the backoff, the retries never stop")
    # Captured corrections move into their log, which is validated when it is committed.
    clone.run("errata", "flush")
    records = [json.loads(line) for line in (clone.root / CORRECTIONS).read_text().splitlines()]
    assert [record["source"] for record in records] == ["implicit", "implicit", "explicit"]
    assert [record["agent"] for record in records] == ["api-dev", "claude-code", "claude-code"]
    clone.commit("chore: corrections")
    assert clone.status() == []
    # An invalid record is refused.
    (clone.root / CORRECTIONS).write_text((clone.root / CORRECTIONS).read_text() + "{}\n")
    clone.run("git", "add", "-A")
    assert f"{CORRECTIONS}:4: $" in clone.run("git", "commit", "-m", "bad", ok=False)
    clone.run("git", "checkout", "-q", "HEAD", "--", CORRECTIONS)


def branches(clone: Clone) -> None:
    clone.run("git", "switch", "-qc", "topic")
    clone.finding("topic-pattern", "blocking", "blocking", "blocking", "blocking")
    clone.run("errata", "evolve")
    clone.commit("chore: evolve on topic")
    clone.run("git", "switch", "-q", "main")
    clone.finding("main-pattern", "blocking", "blocking", "blocking", "blocking")
    clone.run("errata", "evolve")
    clone.commit("chore: evolve on main")
    clone.run("git", "merge", "--no-edit", "topic")
    assert clone.status() == []
    written = [(clone.root / path).read_bytes() for path in (RUNBOOK, PROMOTIONS)]
    assert all(name in written[0] for name in (b"topic-pattern", b"main-pattern"))
    clone.run("errata", "evolve")
    assert [(clone.root / path).read_bytes() for path in (RUNBOOK, PROMOTIONS)] == written
    clone.run("git", "push", "-q", "origin", "main")


def teammate(clone: Clone) -> None:
    """A teammate clones the repository and pushes new records, which a merge brings back."""
    clone.run("git", "clone", "-q", "../origin.git", "../bob")
    bob = Clone(clone.root.parent / "bob", clone.env["PATH"], Path(clone.env["HOME"]))
    output = bob.run("errata", "init", "--manager", clone.env["MANAGER"], "--yes")
    assert "+++ " not in output and "new file" not in output and "merge.errata.driver" in output
    bob.run("errata", "doctor")
    bob.finding("bobs-pattern", "blocking", "blocking", "blocking", "blocking")
    bob.commit("chore: findings")
    bob.run("git", "push", "-q", "origin", "main")
    clone.run("git", "pull", "-q", "--no-rebase")
    # The pull leaves the work tree clean; agents get the new section all the same.
    assert clone.status() == []
    context = json.loads(clone.tool("SubagentStart", agent_type="api-dev"))
    assert "bobs-pattern" in context["hookSpecificOutput"]["additionalContext"]
    clone.run("errata", "evolve")
    assert "bobs-pattern" in (clone.root / RUNBOOK).read_text()
    clone.commit("chore: runbook")
    assert clone.status() == []


def test_first_turn_of_the_docs(home: Path, tmp_path: Path) -> None:
    """Run every command of the first turn in docs/setup.md in an empty folder."""
    text = (Path(__file__).parents[2] / "docs/setup.md").read_text()
    turn = text.split("## A first turn\n")[1].split("\n## ")[0]
    commands = "".join(re.findall(r"```sh\n(.*?)```", turn, re.DOTALL))
    assert commands.count("errata init") == commands.count("errata uninstall") == 1
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / ".gitconfig").write_text(
        "[user]\n\tname = Ann\n\temail = ann@example.org\n[init]\n\tdefaultBranch = main\n"
    )
    (tmp_path / "empty").mkdir()
    git = shutil.which("git")
    assert git
    clone = Clone(tmp_path / "empty", f"{home}:{Path(git).parent}:/usr/bin:/bin", folder)
    output = clone.run("bash", "-e", "-c", commands)
    assert output.count("captured a correction: api-dev") == 2
    assert "Agent: api-dev" in output and "Corrects: " in output
    story = Clone(tmp_path / "empty/story", clone.env["PATH"], folder)
    assert story.run("git", "log", "-1", "--format=%s") == "Merge branch 'topic'\n"
    runbook = story.run("git", "show", f"HEAD:{RUNBOOK}")
    assert "missing-input-validation" in runbook and "missing-error-handling" in runbook
    assert not (story.root / ".claude/settings.json").exists()
    for line in story.status():
        assert line.startswith(" D "), "only what init added is removed"


def test_colleague_of_the_docs(home: Path, tmp_path: Path) -> None:
    """Run the commands of a colleague in docs/setup.md, on whose PATH is pre-commit, not errata."""
    text = (Path(__file__).parents[2] / "docs/setup.md").read_text()
    first, theirs = (
        re.findall(r"```sh\n(.*?)```", text.split(heading)[1], re.DOTALL)[0]
        for heading in ("## A first turn\n", "## A colleague without errata\n")
    )
    folder, others = tmp_path / "home", tmp_path / "bin"
    folder.mkdir()
    others.mkdir()
    (others / "pre-commit").symlink_to(home / "pre-commit")
    (folder / ".gitconfig").write_text(
        "[user]\n\tname = Bob\n\temail = bob@example.org\n[init]\n\tdefaultBranch = main\n"
    )
    git = shutil.which("git")
    assert git
    place = f"{Path(git).parent}:/usr/bin:/bin"
    Clone(tmp_path, f"{home}:{place}", folder).run("bash", "-e", "-c", first)
    output = Clone(tmp_path, f"{others}:{place}", folder).run("bash", "-e", "-c", theirs)
    assert "errata-capture skipped" in output
    story = Clone(tmp_path / "story", f"{home}:{place}", folder)
    story.run("git", "merge", "--no-edit", "colleague")
    assert story.run("errata", "doctor").startswith("healthy")
