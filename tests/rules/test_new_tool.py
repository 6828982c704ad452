"""A new tool is one table: a fictitious one, added to a copy of the package, works everywhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import errata

TABLE = """
[tools.acme]
environment = ["ACME_AGENT"]
session_variables = ["ACME_SESSION"]
call_variables = []
role_variables = []
hook_variables = []
session = ["run.id"]
prompt = ["text"]
cwd = ["cwd"]
tool_name = ["tool"]
file = ["target"]
old = ["before"]
new = ["after"]
content = []
edits = []
original = []
patch = []
failed = []
agent_type = ["role"]
machine = []
origin = []
writes = ["put"]
shells = []
call = []
command = []
changed = []
background = []
delegates = []
delegate = []
calls = []
tells_of_commands = false
start = []
kept_after = []
transcript = []
transcript_format = ""

[tools.acme.events]
SessionStart = ["AcmeBegin"]
PostToolUse = ["AcmeWrote"]

[tools.acme.answer]
SessionStart = "plain"

[tools.acme.known_by]
fields = ["acme_version"]
transcript = ["/.acme/"]
environment = ["ACME_AGENT"]
events = ["AcmeBegin"]

[tools.acme.program]
title = "Acme"
names = ["acme"]
homes = ["~/.acme"]
package = ""

[tools.acme.tried]
how = "documentation"
versions = []
date = "2026-01-01"

[tools.acme.setup]
directory = ".acme"
in_use = ["ACME.md"]
hooks = ".acme/hooks.json"
layout = "list"
timeout = 7
members = {}
skills = ".acme/skills"
commands = { path = ".acme/commands/{name}.md", format = "plain" }
notes = ["acme asks once"]

[tools.acme.setup.matchers]
AcmeBegin = ""
AcmeWrote = ""

[[tools.acme.setup.off]]
setting = "hooks.disabled"
value = true
files = [".acme/settings.json"]
"""


class Copy:
    """A copy of the package that has the table, and an empty repository."""

    def __init__(self, path: Path) -> None:
        self.packages, self.repo = path / "packages", path / "repo"
        shutil.copytree(Path(errata.__file__).parent, self.packages / "errata")
        shutil.copytree(
            Path(errata.__file__).parents[2] / "schemas", self.packages / "errata/schemas"
        )
        toml = self.packages / "errata/rules/agents.toml"
        # Above the table of prompts, as a contributor would put it.
        above, mark, below = toml.read_text().partition("# What stands in a prompt")
        toml.write_text(f"{above}{TABLE.lstrip()}\n{mark}{below}")
        self.run("-m", "errata.rules", cwd=path)
        subprocess.run(["git", "init", "-q", self.repo], check=True)

    def run(self, *args: str, stdin: str = "", cwd: Path | None = None, **env: str) -> str:
        own = {"PYTHONPATH": str(self.packages), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, *args],
            cwd=cwd or self.repo,
            env=os.environ | own | env,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def errata(self, *args: str, stdin: str = "", **env: str) -> str:
        code = "import sys; from errata.cli import main; sys.exit(main(sys.argv[1:]))"
        return self.run("-c", code, *args, stdin=stdin, **env)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("new-tool"))


def test_init_offers_it_and_writes_its_files(copy: Copy) -> None:
    (copy.repo / "ACME.md").touch()
    shown = copy.errata("init", "--dry-run", "--diff", "--manager", "plain")
    for path in ("hooks.json", "skills/learning-engine/SKILL.md", "commands/evolve.md"):
        assert f"+++ b/.acme/{path}" in shown
    assert "agent-hook --tool acme AcmeWrote" in shown
    assert "note: acme asks once" in shown
    assert ".claude/settings.json" not in shown
    assert "acme" in copy.errata("init", "--help")


def test_a_setting_that_turns_its_hooks_off_is_reported(copy: Copy) -> None:
    settings = copy.repo / ".acme/settings.json"
    settings.parent.mkdir()
    settings.write_text('{"hooks": {"disabled": true}}')
    shown = copy.errata("init", "--dry-run", "--manager", "plain", "--agent", "acme")
    assert "note: .acme/settings.json: hooks.disabled is true, so no hook of acme runs" in shown
    shutil.rmtree(settings.parent)


def test_its_variable_says_that_it_is_at_work(copy: Copy) -> None:
    code = (
        "import os; from errata.provenance.environment import at_keyboard;"
        "agent = at_keyboard(os.environ); print(agent.tool, agent.session)"
    )
    assert copy.run("-c", code, ACME_AGENT="1", ACME_SESSION="s-1") == "acme s-1\n"


def test_its_events_are_read_and_answered(copy: Copy) -> None:
    runbook = copy.repo / ".claude/skills/runbooks/api-dev/RUNBOOK.md"
    runbook.parent.mkdir(parents=True)
    runbook.write_text("# Runbook: api-dev\n\nGreet people.\n")
    event = json.dumps({"hook_event_name": "AcmeBegin", "run": {"id": "s-1"}, "role": "api-dev"})
    answer = json.loads(copy.errata("agent-hook", stdin=event))
    assert "Greet people." in answer["additional_context"]


def test_its_skills_are_found(copy: Copy) -> None:
    skill = copy.repo / ".acme/skills/greet/SKILL.md"
    skill.parent.mkdir(parents=True)
    skill.write_text("---\nname: greet\ndescription: How to greet people.\n---\n\nSay hello.\n")
    assert ".acme/skills/greet/SKILL.md" in copy.errata("skills", "--json")
