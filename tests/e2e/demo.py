"""``make demo``: one learning cycle in a sandbox repository, with real commits and real hooks.

It runs only what a user would run: git, pre-commit and errata's commands. Dates are fixed, so that
every run shows the same. ERRATA_DEMO_DIR names the folder of the sandbox, which is kept (default:
a new temporary directory).
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

import git
import yaml

BIN = Path(sys.executable).parent
MANIFEST = Path(__file__).resolve().parents[2] / ".pre-commit-hooks.yaml"
AS_OF = "2025-01-20"
FINDINGS = ".claude/review-findings.jsonl"
RUNBOOK = ".claude/skills/runbooks/api-dev/RUNBOOK.md"
PATTERN = "missing-input-validation"

AGENT = "Co-Authored-By: Claude <noreply@anthropic.com>"
PEOPLE = {"mara": ("Mara Lind", "mara@example.org"), "jo": ("Jo Park", "jo@example.org")}

VOLUMES = '''\
"""Volumes of one tenant."""


def create(body: dict) -> dict:
    return {"name": body["name"], "size": body["size"]}
'''
RESIZE = """

def resize(volume: dict, body: dict) -> dict:
    return volume | {"size": body["size"]}
"""
GUARD = """\
    if not 1 <= body["size"] <= 4096:
        raise ValueError("size: from 1 to 4096 GiB")
"""


def say(text: str) -> None:
    """Print the title of a step."""
    print(f"\n== {text}", flush=True)


def show(text: str) -> None:
    """Print the output of a command."""
    for line in text.rstrip().splitlines():
        print(f"   {line}".rstrip(), flush=True)


def show_ours(text: str) -> None:
    """Print errata's lines in the output of hooks."""
    show("\n".join(line for line in text.splitlines() if line.startswith("errata: ")))


class Sandbox:
    """The repository of the demo, through GitPython."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.repo = git.Repo.init(root, initial_branch="main")

    def write(self, path: str, text: str) -> None:
        """Write a file, and create its folders."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def run(self, *command: str, stdin: str = "") -> str:
        """Run a command of this environment in the sandbox; return its output. Exits on failure."""
        done = subprocess.run(
            [str(BIN / command[0]), *command[1:]],
            cwd=self.root,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"demo: {shlex.join(command)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def log(self, kind: str, **fields: str) -> None:
        """Run ``errata log KIND`` with these options."""
        options = [f"--{name.replace('_', '-')}={value}" for name, value in fields.items()]
        show(self.run("errata", "log", kind, *options))

    def finding(self, day: int, description: str, severity: str = "blocking") -> None:
        """Log a finding of the code reviewer about the demo's pattern."""
        self.log(
            "finding",
            timestamp=f"2025-01-{day:02}T15:00:00Z",
            agent="code-reviewer",
            severity=severity,
            pattern=PATTERN,
            file="api/volumes.py",
            service="storage",
            description=description,
        )

    def git(
        self, *args: str, day: int, who: str = "mara", agent: str = "off"
    ) -> tuple[int, str, str]:
        """Run git as a person or as an agent: (status, output, errors)."""
        name, email = PEOPLE[who]
        env = {"ERRATA_AGENT": agent}
        for role in ("AUTHOR", "COMMITTER"):
            env |= {
                f"GIT_{role}_NAME": name,
                f"GIT_{role}_EMAIL": email,
                f"GIT_{role}_DATE": f"2025-01-{day:02}T16:00:00+00:00",
            }
        status, out, err = self.repo.git.execute(
            ["git", *args], env=env, with_extended_output=True, with_exceptions=False
        )
        return int(status or 0), str(out), str(err)

    def commit(self, message: str, day: int, who: str = "mara", agent: str = "off") -> None:
        """Stage everything and commit, with all hooks. Exits if a hook refuses."""
        self.repo.git.add("--all")
        status, out, err = self.git("commit", "-q", "-m", message, day=day, who=who, agent=agent)
        if status:
            sys.exit(f"demo: the commit {message!r} was refused:\n{out}{err}")
        head = self.repo.head.commit
        show(f"{head.hexsha[:7]} on {self.repo.active_branch}, {head.author}: {head.summary}")
        show_ours(err)


def seal(sandbox: Path) -> None:
    """Remove the caller's git and agent settings from the environment."""
    for name in list(os.environ):
        if name.startswith(("GIT_", "ERRATA_", "PRE_COMMIT")):
            del os.environ[name]
    os.environ |= {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PRE_COMMIT_HOME": str(sandbox / ".git" / "pre-commit-store"),
        "PRE_COMMIT_COLOR": "never",
        # An agent that runs the demo must not appear in the commits of people.
        "ERRATA_AGENT": "off",
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
    }


def hooks() -> list[dict[str, Any]]:
    """The hooks of the manifest, from this environment: no download, no second installation."""
    manifest: list[dict[str, Any]] = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    for hook in manifest:
        hook |= {"language": "system", "entry": shlex.quote(str(BIN / hook["entry"]))}
    return manifest


def set_up(box: Sandbox) -> None:
    """Create a small service and install the hooks."""
    say("A repository in which people and an agent work; pre-commit installs errata's hooks.")
    installed = hooks()
    config = {"repos": [{"repo": "local", "hooks": installed}]}
    box.write(".pre-commit-config.yaml", yaml.safe_dump(config, sort_keys=False))
    box.write(
        ".gitattributes", ".claude/*.jsonl merge=union\n.claude/patterns/*.jsonl merge=union\n"
    )
    box.write("README.md", "# storage\n")
    box.repo.git.add("--all")
    box.git("commit", "-q", "-m", "Begin the storage service", day=8)
    stages = {stage: None for hook in installed for stage in hook["stages"]}
    box.run("pre-commit", "install", *(f"--hook-type={stage}" for stage in stages))
    show("\n".join(f"{hook['id']}: {', '.join(hook['stages'])}" for hook in installed))


def agent_works(box: Sandbox) -> None:
    """The agent commits; its commit gets trailers."""
    say("The agent commits; errata-stamp adds trailers that name the agent.")
    box.write("api/volumes.py", VOLUMES)
    box.commit(f"feat: create volumes\n\n{AGENT}", day=9, agent="api-dev")
    show(box.repo.git.log("-1", "--format=%(trailers)"))
    say("`errata who` shows who made a commit.")
    show(box.run("errata", "who", "HEAD"))


def bad_record(box: Sandbox) -> None:
    """Commit an invalid record, which the hook refuses."""
    say("A review finding written by hand, with a severity that does not exist: refused.")
    record = {"timestamp": "2025-01-09T15:00:00Z", "severity": "urgent", "file": "api/volumes.py"}
    box.write(FINDINGS, json.dumps(record) + "\n")
    box.repo.git.add("--all")
    status, out, err = box.git("commit", "-m", "Log a finding", day=9)
    if not status:
        sys.exit("demo: the damaged log was accepted")
    show(out + err)
    box.repo.git.rm("--cached", "-q", FINDINGS)
    (box.root / FINDINGS).unlink()


def good_records(box: Sandbox) -> None:
    """Log valid findings, and some older ones."""
    say("The same with `errata log`, which writes only valid records; and some older findings.")
    box.finding(9, "create() takes any size, also negative ones")
    box.finding(10, "create() takes an empty name")
    old = {
        "agent": "code-reviewer",
        "severity": "nit",
        "pattern": "incorrect-import-order",
        "file": "api/volumes.py",
        "description": "imports are not sorted",
    }
    lines = (json.dumps({"timestamp": f"2024-12-{d:02}T15:00:00Z"} | old) for d in (2, 3, 5))
    show(box.run("errata", "log", "finding", "--json=-", stdin="\n".join(lines)))
    box.commit("Log review findings", day=10)


def person_corrects(box: Sandbox) -> None:
    """A person corrects the agent's code."""
    say("A person corrects the agent's code; a trailer names the commit, and it is captured.")
    head, _, tail = VOLUMES.partition("    return")
    box.write("api/volumes.py", f"{head}{GUARD}    return{tail}")
    box.commit("fix: missing validation of the size", day=13, who="jo")
    show(box.repo.git.log("-1", "--format=%(trailers)"))
    show(box.run("errata", "flush"))
    box.commit("Keep the captured correction", day=13, who="jo")


def branch(box: Sandbox) -> None:
    """The agent repeats the mistake on a branch, while main advances."""
    say("On a branch, the agent makes the same mistake again, while main advances.")
    box.repo.git.switch("-q", "-c", "resize")
    box.write("api/volumes.py", (box.root / "api/volumes.py").read_text() + RESIZE)
    box.commit(f"feat: resize volumes\n\n{AGENT}", day=14, agent="api-dev")
    box.finding(15, "resize() takes any size, also smaller ones")
    box.log(
        "correction",
        timestamp="2025-01-15T15:20:00Z",
        agent="api-dev",
        type="code_completeness",
        severity="high",
        pattern=PATTERN,
        ai_summary="resize() without a check of the size",
        summary="asked the agent to check requests before it uses them",
        suggested_fix="Check every field of a request body before it is used",
    )
    box.log(
        "learning",
        timestamp="2025-01-15T15:30:00Z",
        agent="api-dev",
        type="tip",
        name="volumes-never-shrink",
        insight="The storage backend cannot shrink a volume",
    )
    box.commit("Log what the review found", day=15)
    box.repo.git.switch("-q", "main")
    box.finding(16, "create() takes labels of any length", severity="warning")
    box.commit("Log another review", day=16, who="jo")


def merge(box: Sandbox) -> None:
    """Merge the branch; errata-refresh updates the runbook."""
    say("The merge joins the logs line by line; errata-refresh then updates the runbook.")
    status, out, err = box.git("merge", "--no-ff", "-m", "Merge resize", "resize", day=17)
    if status:
        sys.exit(f"demo: the merge failed:\n{out}{err}")
    show_ours(err)
    say("The runbook is an ordinary file: review and commit it.")
    box.commit("Teach api-dev to validate input", day=17)


def result(box: Sandbox) -> None:
    """Show the summary, the section of the runbook and the folder."""
    say(f"errata evolve --as-of {AS_OF}")
    show(box.run("errata", "evolve", "--as-of", AS_OF))
    box.commit("Log the promotion", day=18)
    say(f"Recent learnings, as api-dev reads them in {RUNBOOK}")
    _, heading, section = (box.root / RUNBOOK).read_text("utf-8").partition("## Recent learnings")
    show(heading + section)
    command = f"errata explain {PATTERN} --as-of {AS_OF}"
    say(f"The sandbox is kept in {box.root}")
    print(f"   Try: cd {shlex.quote(str(box.root))} && {shlex.quote(str(BIN))}/{command}")


def main() -> int:
    """Run the demo; return 0 if every step succeeded."""
    chosen = os.environ.get("ERRATA_DEMO_DIR")
    root = Path(chosen or tempfile.mkdtemp(prefix="errata-demo-")).resolve()
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        print(f"demo: {root} is not an empty directory (ERRATA_DEMO_DIR)", file=sys.stderr)
        return 2
    root.mkdir(parents=True, exist_ok=True)
    seal(root)
    box = Sandbox(root)
    for step in (
        set_up,
        agent_works,
        bad_record,
        good_records,
        person_corrects,
        branch,
        merge,
        result,
    ):
        step(box)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
