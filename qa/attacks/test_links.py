"""Links, pipes and devices where errata reads or writes a file, and paths that lead elsewhere."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import entry_points
import pytest
from entry_points import Entry, event

from conftest import Repo
from errata.core.errors import ErrataError
from errata.runbooks import store

LOGS = [
    ".claude/review-findings.jsonl",
    ".claude/session-learnings.jsonl",
    ".claude/user-corrections.jsonl",
    ".claude/incidents.jsonl",
]
WRITTEN = [
    *LOGS,
    ".claude/user-corrections.jsonl.torn",
    ".claude/patterns",
    ".claude/patterns/promotion-log.jsonl",
    ".claude/patterns/chances.jsonl",
    ".claude/patterns/.gitignore",
    ".claude/patterns/patterns.json",
    entry_points.RUNBOOK,
    ".claude/skills/runbooks/api-dev",
    ".git/errata",
    ".git/errata/outbox.jsonl",
    ".git/errata/runbooks",
    ".git/errata/errors.log",
    ".git/errata/state.db",
    ".git/errata/state.db-journal",
    ".git/errata/state.db.damaged",
    ".git/errata/evolve.lock",
    ".git/errata/log-sizes",
    ".git/errata/agent-edits",
    ".git/errata/retry-queue",
    ".git/errata/mixed-commits",
    ".git/errata-retry-queue",
    ".git/errata/written",
    ".git/errata/authorship.jsonl",
    ".git/errata/occurrences",
    ".git/ERRATA_UNSTAMPED",
]
READ = [*LOGS, "errata.toml", entry_points.RUNBOOK, ".claude/skills/api/SKILL.md"]
KINDS: dict[str, Callable[[Path], None]] = {
    "pipe": lambda path: os.mkfifo(path),
    "endless": lambda path: path.symlink_to("/dev/zero"),
    "nowhere": lambda path: path.symlink_to("nowhere/at/all"),
    "circle": lambda path: path.symlink_to(path.name),
    "folder": lambda path: path.mkdir(),
}


def calls(root: Path) -> list[Entry]:
    """Everything that reads or writes, an amend that leaves a mark among it."""
    amend = Entry("stamp amend", ("stamp", entry_points.MESSAGE, "commit"), hook=True)
    return [*entry_points.writing(root), amend, *entry_points.reading()]


def put_aside(path: Path) -> None:
    """Make room at a path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() and not path.is_symlink():
        path.rename(path.with_name(f"{path.name}-before"))
    else:
        path.unlink(missing_ok=True)


def tree(folder: Path) -> dict[str, bytes]:
    """All files in a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def some(values: list[str], always: tuple[str, ...]) -> list[Any]:
    """The values as cases, of which only some run always."""
    return [v if v in always else pytest.param(v, marks=pytest.mark.long) for v in values]


ALWAYS = (".claude/patterns", ".git/errata")


@pytest.mark.parametrize("name", some(WRITTEN, ALWAYS))
def test_a_link_to_elsewhere_is_not_written_through(
    target: Repo, tmp_path: Path, name: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    precious = outside / "precious"
    precious.write_text("as it was\n")
    link = target.root / name
    folder = name.endswith((".git/errata", "patterns", "api-dev", "written"))
    put_aside(link)
    link.symlink_to(outside if folder else precious)
    # The control: what a plain `open` does.
    control = link / "new" if folder else link
    with control.open("a") as file:
        file.write("naive\n")
    assert tree(outside) != {"precious": b"as it was\n"}
    (outside / "new").unlink(missing_ok=True)
    precious.write_text("as it was\n")
    for entry in calls(target.root):
        said = entry_points.run(entry, target.root)
        assert "Traceback" not in said.all, entry.name
        assert tree(outside) == {"precious": b"as it was\n"}, entry.name


PAIRS = [f"{name} {kind}" for name in READ for kind in KINDS]
ALWAYS_READ = (f"{LOGS[2]} pipe", "errata.toml endless")


@pytest.mark.parametrize("pair", some(PAIRS, ALWAYS_READ))
def test_what_is_no_file_is_neither_waited_for_nor_read_for_ever(target: Repo, pair: str) -> None:
    name, kind = pair.split(" ")
    path = target.root / name
    put_aside(path)
    KINDS[kind](path)
    if kind == "pipe":
        # The control: nobody writes, so a plain `open` would wait for ever.
        with pytest.raises(OSError):
            os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
    for entry in [*entry_points.writing(target.root), *entry_points.reading()]:
        said = entry_points.run(entry, target.root)
        assert "Traceback" not in said.all, entry.name
        if entry.hook and entry.words[0] in ("stamp", "capture", "rewrite", "refresh"):
            assert said.status == 0


def test_a_runbook_that_is_a_hard_link_gets_a_file_of_its_own(target: Repo, tmp_path: Path) -> None:
    path, other = target.root / entry_points.RUNBOOK, tmp_path / "other"
    os.link(path, other)
    before = other.read_bytes()
    with path.open("ab") as file:  # The control writes into both.
        file.write(b"naive\n")
    assert other.read_bytes() == before + b"naive\n"
    store.write(path, b"new\n")
    assert other.read_bytes() == before + b"naive\n" and path.read_bytes() == b"new\n"


TRAVERSAL = ["../../../x", "/etc/x", "a/../../../../x", ".git/hooks/x", "x\0y", "y" * 5000]


@pytest.mark.parametrize("path", some(TRAVERSAL, ("../../../x",)))
def test_paths_of_agents_fields_and_settings_stay_inside(
    target: Repo, tmp_path: Path, path: str
) -> None:
    before = {name for name in tree(tmp_path) if not name.startswith("repo/")}
    hooks = sorted((target.root / ".git/hooks").iterdir())
    record = {"timestamp": "2025-02-28T00:00:00Z", "severity": "blocking", "description": "x"}
    names = {"file": path, "pattern": path, "feature_id": path, "service": path, "category": path}
    for agent in ("api-dev", path):
        one = {**record, **names, "affected_agents": [agent]}
        target.jsonl(LOGS[0], *[{**one, "n": number} for number in range(5)])
    wrote = {"tool_name": "Write", "tool_input": {"file_path": path}}
    for entry in (
        event("PostToolUse", target.root, **wrote),
        event("SubagentStart", target.root, agent_type=path),
        event("PostToolUse", target.root, **{**wrote, "session_id": path}),
        Entry("cwd", ("agent-hook", "SessionStart"), stdin=json.dumps({"cwd": path}).encode()),
        Entry("context", ("context", "--agent", path, "--files", path)),
        Entry("evolve", ("evolve", "--agent", path)),
        Entry("evolve", ("evolve",)),
        entry_points.merge(path),
    ):
        said = entry_points.run(entry, target.root)
        assert "Traceback" not in said.all
    after = {name for name in tree(tmp_path) if not name.startswith("repo/")}
    assert after == before
    assert sorted((target.root / ".git/hooks").iterdir()) == hooks
    # The control: pasted together, the path is elsewhere.
    if "\0" not in path:
        assert not os.path.normpath(f"/top/.claude/{path}").startswith("/top/.claude/x")


@pytest.mark.parametrize("path", ["../x.jsonl", "/tmp/x.jsonl", ".git/x.jsonl", "a/../../x", ""])
def test_settings_name_no_place_outside(target: Repo, path: str) -> None:
    from errata.core import config

    target.write("errata.toml", f"[logs]\nfindings = {json.dumps(path)}\n")
    with pytest.raises(ErrataError, match="not a path inside"):
        config.load(target.root)


def test_a_repository_in_a_folder_with_odd_names(tmp_path: Path, target: Repo) -> None:
    folder = tmp_path / "two\nlines $HOME -x ;touch y"
    target.root.rename(folder)
    moved = Repo(folder)
    naive = moved.git("rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir")
    assert naive.splitlines()[0] != str(folder / ".git"), "the control: read by lines, it is cut"
    for entry in [*entry_points.reading(), *entry_points.writing(folder)]:
        said = entry_points.run(entry, folder)
        assert "Traceback" not in said.all
        assert said.status in (0, 1), (entry.name, said.err)
