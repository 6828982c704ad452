"""The whole story in a fresh environment: the built wheel, a framework, an agent, a person.

Only what a user has is used: the commands on PATH, git, and what they print.
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
    """A new environment with nothing but the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder / "v", with_pip=True, symlinks=True)
    wheel = next(dist.glob("*.whl"))
    command = [folder / "v/bin/python", "-m", "pip", "install", "-q", "--no-index"]
    subprocess.run([*command, "--find-links", wheelhouse, wheel], check=True, cwd=folder)
    return folder / "v/bin"


class Desk:
    """One person's clone, with a terminal."""

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
        """What the agent's tool sends, the way its settings say."""
        settings = json.loads((self.root / ".claude/settings.json").read_text())
        (entry,) = settings["hooks"][event]
        (hook,) = entry["hooks"]
        sent = {"session_id": "s1", "cwd": str(self.root), "hook_event_name": event, **fields}
        return self.run("sh", "-c", hook["command"], stdin=json.dumps(sent), CLAUDECODE="1")

    def finding(self, pattern: str, *severities: str) -> None:
        """Findings of as many reviews, an hour apart: what one review says counts once."""
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
        """Every file of the work tree, and the scripts and settings of git."""
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
def desk(request: pytest.FixtureRequest, home: Path, tmp_path: Path) -> Iterator[Desk]:
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
    origin = Desk(tmp_path, path, folder)
    origin.run("git", "init", "-q", "--bare", "origin.git")
    origin.run("git", "clone", "-q", "origin.git", "ann")
    made = Desk(tmp_path / "ann", path, folder)
    made.write(".pre-commit-config.yaml", CONFIG)
    made.write("README.md", "Volumes\n")
    made.commit("docs: begin")
    made.run("git", "push", "-q")
    made.env["MANAGER"] = request.param
    yield made


def test_the_whole_story(desk: Desk) -> None:
    before = desk.tree()
    setup(desk)
    agent_and_person(desk)
    branches(desk)
    teammate(desk)
    desk.run("errata", "uninstall", "--yes")
    left = {path for path in desk.tree().keys() - before.keys() if not path.startswith(".git/")}
    data = (".claude/patterns/", ".claude/skills/runbooks/", "api.py", "q.py")
    logs = (CORRECTIONS, ".claude/review-findings.jsonl")
    assert {path for path in left if not path.startswith(data)} == set(logs)
    after = desk.tree()
    assert {path: after.get(path) for path in before} == before
    assert [path for path in after if path.startswith(".git/hooks/") and path not in before] == []


def setup(desk: Desk) -> None:
    options = ("--agent", "claude-code", "--manager", desk.env["MANAGER"], "--yes")
    said = desk.run("errata", "init", *options)
    assert "+++ b/.pre-commit-config.yaml" in said
    assert desk.run("errata", "init", *options) == "nothing to do\n"
    assert "# does nothing" in (desk.root / ".pre-commit-config.yaml").read_text()
    desk.commit("build: errata")
    assert desk.status() == []
    desk.run("errata", "doctor")


def agent_and_person(desk: Desk) -> None:
    # An agent works, and its tool tells.
    desk.tool("SessionStart", source="startup")
    desk.write("api.py", CODE)
    desk.tool(
        "PostToolUse",
        tool_name="Write",
        tool_input={"file_path": str(desk.root / "api.py"), "content": CODE},
        tool_response={"type": "create", "filePath": str(desk.root / "api.py")},
    )
    desk.commit("feat: volumes", CLAUDECODE="1", ERRATA_AGENT="api-dev")
    assert "Agent: api-dev" in desk.run("git", "log", "-1", "--format=%B")
    # A person mends what it committed.
    mended = CODE.replace('body["size"]', 'int(body["size"])')
    desk.write("api.py", mended)
    assert "errata: captured a correction: api-dev" in desk.commit("fix: size may be text")
    assert "Corrects: " in desk.run("git", "log", "-1", "--format=%B")
    # Another agent's file is mended before it is committed at all.
    queue = "def drain(queue):\n    for job in queue:\n        job.run()\n    return None\n"
    desk.write("q.py", queue)
    desk.tool(
        "PostToolUse",
        tool_name="Write",
        tool_input={"file_path": str(desk.root / "q.py"), "content": queue},
    )
    desk.write("q.py", queue.replace("return None", "return len(queue)"))
    assert "captured a correction: claude-code" in desk.commit("feat: drain the queue")
    # And a person says it in words.
    desk.tool("UserPromptSubmit", prompt="you forgot the backoff, the retries never stop")
    # What was captured moves into its log, which is checked when it is committed.
    desk.run("errata", "flush")
    records = [json.loads(line) for line in (desk.root / CORRECTIONS).read_text().splitlines()]
    assert [record["source"] for record in records] == ["implicit", "implicit", "explicit"]
    assert [record["agent"] for record in records] == ["api-dev", "claude-code", "claude-code"]
    desk.commit("chore: corrections")
    assert desk.status() == []
    # A bad record does not get in.
    (desk.root / CORRECTIONS).write_text((desk.root / CORRECTIONS).read_text() + "{}\n")
    desk.run("git", "add", "-A")
    assert f"{CORRECTIONS}:4: $" in desk.run("git", "commit", "-m", "bad", ok=False)
    desk.run("git", "checkout", "-q", "HEAD", "--", CORRECTIONS)


def branches(desk: Desk) -> None:
    desk.run("git", "switch", "-qc", "topic")
    desk.finding("topic-pattern", "blocking", "blocking", "blocking", "blocking")
    desk.run("errata", "evolve")
    desk.commit("chore: evolve on topic")
    desk.run("git", "switch", "-q", "main")
    desk.finding("main-pattern", "blocking", "blocking", "blocking", "blocking")
    desk.run("errata", "evolve")
    desk.commit("chore: evolve on main")
    desk.run("git", "merge", "--no-edit", "topic")
    assert desk.status() == []
    written = [(desk.root / path).read_bytes() for path in (RUNBOOK, PROMOTIONS)]
    assert all(name in written[0] for name in (b"topic-pattern", b"main-pattern"))
    desk.run("errata", "evolve")
    assert [(desk.root / path).read_bytes() for path in (RUNBOOK, PROMOTIONS)] == written
    desk.run("git", "push", "-q", "origin", "main")


def teammate(desk: Desk) -> None:
    """Somebody who has cloned what was set up; their merge brings new records."""
    desk.run("git", "clone", "-q", "../origin.git", "../bob")
    bob = Desk(desk.root.parent / "bob", desk.env["PATH"], Path(desk.env["HOME"]))
    said = bob.run("errata", "init", "--manager", desk.env["MANAGER"], "--yes")
    assert "+++ " not in said and "merge.errata.driver" in said
    bob.run("errata", "doctor")
    bob.finding("bobs-pattern", "blocking", "blocking", "blocking", "blocking")
    bob.commit("chore: findings")
    bob.run("git", "push", "-q", "origin", "main")
    said = desk.run("git", "pull", "-q", "--no-rebase")
    assert "bobs-pattern" in (desk.root / RUNBOOK).read_text()
    context = json.loads(desk.tool("SubagentStart", agent_type="api-dev"))
    assert "bobs-pattern" in context["hookSpecificOutput"]["additionalContext"]
    desk.commit("chore: runbook")
    assert desk.status() == []


def test_the_readme_word_for_word(home: Path, tmp_path: Path) -> None:
    """Every command of the README's first turn, in an empty folder, as a person would type them."""
    text = (Path(__file__).parents[2] / "README.md").read_text()
    turn = text.split("### A first turn\n")[1].split("\n## ")[0]
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
    desk = Desk(tmp_path / "empty", f"{home}:{Path(git).parent}:/usr/bin:/bin", folder)
    said = desk.run("bash", "-e", "-c", commands)
    assert said.count("captured a correction: api-dev") == 2
    assert "Agent: api-dev" in said and "Corrects: " in said
    story = Desk(tmp_path / "empty/story", desk.env["PATH"], folder)
    assert story.run("git", "log", "-1", "--format=%s") == "Merge branch 'topic'\n"
    runbook = story.run("git", "show", f"HEAD:{RUNBOOK}")
    assert "missing-input-validation" in runbook and "missing-error-handling" in runbook
    assert not (story.root / ".claude/settings.json").exists()
    for line in story.status():
        assert line.startswith(" D "), "only what init had added is taken out"
