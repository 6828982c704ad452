"""Every example in the pages of reference and explanation runs.

Examples do not build on one another, so each runs in a repository of its own, in which everything
exists that the pages name: patterns, corrections, decisions and files.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import check_builders
import page_script
import page_standins
from record_builders import CORRECTIONS, FINDINGS, correction, finding

ROOT = Path(__file__).parents[1]
CURATION = ".claude/patterns/curation.jsonl"
CHANCES = ".claude/patterns/chances.jsonl"
# tests/e2e/test_story.py runs docs/setup.md. The others show commands of this project's developers.
ELSEWHERE = ("setup", "driven-agents", "lessons-in-practice", "performance", "tutorial")
PAGES = sorted({path.stem for path in ROOT.glob("docs/*.md")} - set(ELSEWHERE))
REVIEWERS = {
    "gh": "$(case $2 in graphql) echo threads.json;; *) echo comments.json;; esac)",
    "cr": "review.jsonl",
    "ruff": "scan.sarif",
    "less": "-",
}
"""Program -> the file with what it prints."""
DECISION = "cur-1f808c01"
"""The decision that the pages name; its stand-in is the one that was made."""


def examples() -> Iterator[tuple[str, str]]:
    """Every command of the pages."""
    for page in PAGES:
        for block in page_script.blocks((ROOT / f"docs/{page}.md").read_text("utf-8")):
            if block.language == "sh":
                for line in block.body.replace("\\\n", " ").splitlines():
                    yield page, " ".join(line.split())


def records(root: Path) -> None:
    """The records that the examples name."""
    logs: dict[str, list[dict[str, Any]]] = {
        FINDINGS: [
            *(finding(day, "missing-status-condition", service="compute-api") for day in (1, 2, 3)),
            *(finding(day, "incorrect-import-order") for day in (4, 5, 6)),
        ],
        CORRECTIONS: [
            *(correction(day, "missing-error-context") for day in (1, 2, 3)),
            correction(4, "missing-status-condition", id="cor-34ebb5965aad114c0970"),
            correction(5, "no-console-log", id="cor-a57d20c4b1e8f7a69d30"),
        ],
        CHANCES: [
            {
                "as_of": "2025-01-31T12:00:00Z",
                "commit": "1" * 40,
                "agent_commits": {"2025-01": [9, 3]},
                "outcomes": {"no-console-log": {"since": "2025-01-15T12:00:00Z"}},
            }
        ],
    }
    for path, lines in logs.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        with (root / path).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)


def exports(root: Path) -> None:
    """The files of reviewers and of an agent that the examples name."""
    path = "services/web/page1.js"
    place = {"artifactLocation": {"uri": path}, "region": {"startLine": 2}}
    results = [{"message": {"text": "unused"}, "locations": [{"physicalLocation": place}]}]
    tool = {"driver": {"name": "scan"}}
    comment = {"id": 41, "path": path, "line": 2, "original_line": 2, "body": "nit: rename this"}
    nodes = [{"databaseId": 42, "body": "nit: rename it", "author": {"login": "ann"}}]
    review = {"type": "finding", "severity": "major"}
    thread = {"isResolved": False, "path": path, "line": 2, "comments": {"nodes": nodes}}
    pull = {"reviewThreads": {"nodes": [thread]}}
    name = {"pattern": "use-the-logger", "corrections": ["cor-34ebb5965aad114c0970"]}
    files = {
        "scan.sarif": {"version": "2.1.0", "runs": [{"tool": tool, "results": results}]},
        "review.jsonl": {**review, "fileName": path, "comment": "The name says nothing"},
        "comments.json": [{**comment, "user": {"login": "ann", "type": "User"}}],
        "threads.json": {"data": {"repository": {"pullRequest": pull}}},
        "names.jsonl": {**name, "description": "Prints.", "instead": "Call log.info."},
        "none.jsonl": {"corrections": ["cor-34ebb5965aad114c0970"], "why": "a planned step"},
        "more.jsonl": {"corrections": ["cor-a57d20c4b1e8f7a69d30"], "why": "It was left out."},
        "old-findings.jsonl": finding(9),
        ".claude/reviews.jsonl": {"ts": "2025-01-31T12:00:00Z", "priority": "P1", "title": "Bad"},
    }
    for file, content in files.items():
        (root / file).write_text(json.dumps(content) + "\n")
    check = root / check_builders.PROPOSED / "no-console-log.yml"
    check.parent.mkdir(parents=True)
    check.write_text(check_builders.RULE)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with 27 commits, errata's files, records and exports, made once."""
    folder = tmp_path_factory.mktemp("template")
    page_standins.programs(folder / "bin", Path(sys.executable).parent)
    for program, prints in REVIEWERS.items():
        (folder / "bin" / program).write_text(f"#!/bin/sh\ncat {prints}\n")
        (folder / "bin" / program).chmod(0o755)
    (folder / "home").mkdir()
    page_standins.team(folder / "repo")
    (folder / "another").mkdir()
    shutil.copytree(folder / "repo", folder / "another/clone")
    records(folder / "repo")
    exports(folder / "repo")
    page_standins.source(folder / "source")
    status, output = run(folder, SET_UP)
    assert status == 0, output
    # The other repositories of a fleet.
    (folder / "services").mkdir()
    for name in ("api", "web", "services/billing"):
        (folder / name).symlink_to(folder / "repo")
    return folder


SET_UP = """\
git config --global user.name Ann
git config --global user.email ann@example.org
git checkout -q main
git config --global url."$PWD/../source".insteadOf https://example.org/errata
for n in $(seq 21); do git commit -q --allow-empty -m "docs: $n"; done
errata init --manager plain --agent claude-code
errata evolve
errata patterns dismiss missing-error-context
git add -A
git commit -qm "build: errata"
mkdir -p ~/.local/share/bash-completion/completions ~/.zfunc ~/.config/fish/completions
"""


def run(folder: Path, script: str, where: str = "repo") -> tuple[int, str]:
    """Run a script in a repository of a folder: (status, output)."""
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=folder / where,
        env={
            "PATH": f"{folder}/bin:/usr/local/bin:/usr/bin:/bin",
            "HOME": f"{folder}/home",
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
        },
        input=json.dumps(finding(9)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("page", "command"), list(examples()))
def test_example_runs(page: str, command: str, template: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(template, folder, symlinks=True)
    decision = json.loads((folder / "repo" / CURATION).read_text())["id"]
    # A repository in which errata is not set up yet.
    where = "another/clone" if command.startswith("errata init") else "repo"
    status, output = run(folder, command.replace(DECISION, decision), where)
    assert status == 0, f"docs/{page}.md:\n{output}"
