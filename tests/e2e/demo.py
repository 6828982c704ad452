"""``make demo``: from a history to a lesson that an agent reads, in a sandbox repository.

It runs only what a user would run: git, pre-commit and errata's commands. The script plays the
agent and the people. Dates are fixed, so that every run shows the same. ERRATA_DEMO_DIR names the
folder of the sandbox, which is kept (default: a new temporary directory).
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import demo_history
from demo_history import CLAUDE, carrier, identity, write

from errata.cli import COMMANDS

BIN = Path(sys.executable).parent
SETTINGS = ".claude/settings.json"
LESSON = "get-with-timeout"
REPORT = "report.html"


def say(text: str) -> None:
    """Print the title of a step."""
    print(f"\n== {text}", flush=True)


def show(text: str) -> None:
    """Print the output of a command."""
    for line in text.rstrip().splitlines():
        print(f"   {line}".rstrip(), flush=True)


class Sandbox:
    """The repository of the demo."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(self, *command: str, stdin: str = "", **env: str) -> tuple[str, str]:
        """Run a command in the sandbox: its output and its errors. Exits if it fails."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env=os.environ | env,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"demo: {shlex.join(command)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout, done.stderr

    def commit(self, message: str, when: str, who: str, agent: str = "off") -> None:
        """Stage everything and commit, with all hooks; show the commit and what errata says."""
        self.run("git", "add", "--all")
        env = identity(who, when) | {"ERRATA_AGENT": agent}
        _, errors = self.run("git", "commit", "-q", "-m", message, **env)
        show(self.run("git", "log", "-1", "--format=%h %s%n%(trailers)")[0])
        show("\n".join(line for line in errors.splitlines() if line.startswith("errata: ")))

    def tool(self, event: str, **fields: Any) -> str:
        """Send an event as Claude Code does, by the hooks that `errata init` wrote: the answer."""
        hooks = json.loads((self.root / SETTINGS).read_text("utf-8"))["hooks"]
        sent = {"session_id": "demo", "cwd": str(self.root), "hook_event_name": event, **fields}
        command = hooks[event][0]["hooks"][0]["command"]
        env = {"CLAUDECODE": "1", "ERRATA_AGENT": "api-dev"}
        answer, _ = self.run("sh", "-c", command, stdin=json.dumps(sent), **env)
        if not answer:
            return ""
        return str(json.loads(answer)["hookSpecificOutput"]["additionalContext"])

    def agent_writes(self, path: str, text: str) -> str:
        """The agent's tool writes a file: what errata tells the agent."""
        write(self.root, {path: text})
        where = {"file_path": str(self.root / path), "content": text}
        return self.tool("PostToolUse", tool_name="Write", tool_input=where)


def seal(sandbox: Path) -> None:
    """Remove the caller's git and agent settings from the environment."""
    for name in list(os.environ):
        if name.startswith(("GIT_", "ERRATA_", "PRE_COMMIT")):
            del os.environ[name]
    os.environ |= {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PRE_COMMIT_HOME": str(sandbox / ".git" / "pre-commit-store"),
        "PRE_COMMIT_COLOR": "never",
        # An agent that runs the demo must not appear in the commits of people.
        "ERRATA_AGENT": "off",
        "NO_COLOR": "1",
        "COLUMNS": "96",
        "LC_ALL": "C.UTF-8",
    }


def history(box: Sandbox) -> None:
    """Create the history of a small service."""
    say("A history: two agents and three people work on a service for parcels. Its newest commits:")
    demo_history.create(box.root)
    show(box.run("git", "log", "-7", "--format=%h %as %an: %s")[0])


def try_it(box: Sandbox) -> None:
    """Show what errata would learn."""
    say("errata try: what would errata learn from it? This changes nothing.")
    show(box.run("errata", "try")[0])


def set_up(box: Sandbox) -> None:
    """Set errata up, and write the lessons into the runbook."""
    say("errata init, errata backfill, errata evolve: set up, and write the lessons down.")
    box.run("errata", "init", "--agent", "claude-code", "--yes")
    box.run("errata", "backfill")
    summary = box.run("errata", "evolve")[0]
    show(summary[summary.index("RUNBOOKS CHANGED") :])
    box.commit("build: errata", "2025-09-26T09:00:00", "mara")


def repeat(box: Sandbox) -> None:
    """An agent repeats a mistake, and a person corrects it."""
    say("An agent commits what was corrected five times before. The hooks name the agent.")
    write(box.root, {"carriers/gls.py": carrier("gls")})
    box.commit(f"feat: track parcels of gls\n\n{CLAUDE}", "2025-09-29T09:10:00", "mara", "api-dev")
    say("Jo corrects it. The hooks see that, name the commit, and count it.")
    write(box.root, {"carriers/gls.py": carrier("gls", ", timeout=10")})
    box.commit("fix: requests to gls hung", "2025-09-29T11:20:00", "jo")


def next_session(box: Sandbox) -> None:
    """The next session reads the lessons, and one of them again when it fits."""
    say("The next session of the agent begins, and its tool gives it the runbook:")
    runbook = box.tool("SessionStart", source="startup")
    show("\n".join(x for x in runbook.splitlines() if x.startswith(("- **", "  Before:"))))
    say("It writes a request without a timeout all the same, and is told at once:")
    show(box.agent_writes("carriers/ups.py", carrier("ups")))
    say("It repairs that before it commits. Nobody has to correct it.")
    box.agent_writes("carriers/ups.py", carrier("ups", ", timeout=10"))
    box.commit(f"feat: track parcels of ups\n\n{CLAUDE}", "2025-09-30T09:10:00", "mara", "api-dev")


def result(box: Sandbox) -> None:
    """Count again, and show the lessons and the report."""
    say("errata evolve, errata patterns: the correction of Jo is counted.")
    box.run("errata", "evolve")
    box.commit("chore: evolve", "2025-09-30T16:00:00", "mara")
    show(box.run("errata", "patterns", "--all")[0])
    if "report" in COMMANDS:
        box.run("errata", "report", "-o", f".git/{REPORT}")
        say("errata report: all of it as a page for a browser.")
        show(str(box.root / ".git" / REPORT))


def main() -> int:
    """Run the demo; return 0 if every step succeeded."""
    chosen = os.environ.get("ERRATA_DEMO_DIR")
    root = Path(chosen or Path(tempfile.mkdtemp(prefix="errata-demo-")) / "parcels").resolve()
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        print(f"demo: {root} is not an empty directory (ERRATA_DEMO_DIR)", file=sys.stderr)
        return 2
    root.mkdir(parents=True, exist_ok=True)
    seal(root)
    box = Sandbox(root)
    for step in (history, try_it, set_up, repeat, next_session, result):
        step(box)
    say(f"The sandbox is kept in {root}")
    print(f"   Try: cd {shlex.quote(str(root))} && {shlex.quote(str(BIN))}/errata explain {LESSON}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
