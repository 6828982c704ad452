"""Branches that both bring a runbook up to date merge without a person's help."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from runbook_builders import entry, update_runbook

from errata.core.config import Config
from errata.core.errors import RunbookError
from errata.runbooks import conflict as conflicts
from errata.runbooks import document, store
from errata.runbooks.entry import Entry
from errata.runbooks.paths import template

AGENT = "api-dev"
WHERE = f".claude/skills/runbooks/{AGENT}/RUNBOOK.md"
A, B, C = entry("a", confidence=0.9), entry("b", confidence=0.8), entry("c", confidence=0.7)
MORE = [entry(f"z{i}", confidence=0.6 - i / 100) for i in range(8)]


def evolve(root: Path, *entries: Entry) -> store.RunbookChange:
    return update_runbook(root, Config(), AGENT, entries)


def merge(repo: Any, base: list[Entry] | None, ours: list[Entry], theirs: list[Entry]) -> None:
    """Leave the conflict of two branches that evolved from the same base."""
    repo.write("README", "x")
    if base is not None:
        evolve(repo.root, *base)
    repo.commit("base")
    repo.git("switch", "-qc", "theirs")
    evolve(repo.root, *theirs)
    repo.commit("theirs")
    repo.git("switch", "-q", "main")
    evolve(repo.root, *ours)
    repo.commit("ours")
    repo.git("merge", "-q", "theirs", ok=False)
    assert b"<<<<<<<" in (repo.root / WHERE).read_bytes()


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
@pytest.mark.parametrize("crlf", [False, True])
@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        ([A], [A, B], [A, C]),
        ([A, *MORE, C], [A, B, *MORE, C], [A, *MORE]),
        ([A], [], [A, B]),
        (None, [A], [B]),
    ],
    ids=["add-add", "many-hunks", "emptied", "new-file"],
)
def test_conflicts_in_the_block_are_resolved(
    repo: Any, style: str, crlf: bool, base: Any, ours: Any, theirs: Any
) -> None:
    repo.git("config", "merge.conflictStyle", style)
    if crlf and base is not None:
        path = repo.write(WHERE, template(AGENT).replace(b"\n", b"\r\n"))
    merge(repo, base, ours, theirs)
    outside = document.parse(template(AGENT)).before
    change = evolve(repo.root, A, B, C)
    got = change.path.read_bytes()
    found = document.parse(got)
    assert change.changed and found.block and found.block.intact
    assert b"<<<<" not in got and b"====" not in got
    if crlf and base is not None:
        assert path.read_bytes() == got and b"\n" not in got.replace(b"\r\n", b"")
    assert found.before.replace(b"\r\n", b"\n").rstrip() == outside.rstrip()
    assert not evolve(repo.root, A, B, C).changed


def test_conflict_outside_the_block_stays(repo: Any) -> None:
    evolve(repo.root, A)
    path = repo.root / WHERE
    text = path.read_text()
    path.write_text(
        text.replace("## Patterns\n", "## Patterns\n\n<<<<<<< x\none\n=======\ntwo\n>>>>>>> y\n")
    )
    assert conflicts.resolve(path.read_bytes()) is None
    evolve(repo.root, A, B)
    got = path.read_text()
    assert "<<<<<<< x\none\n=======\ntwo\n>>>>>>> y\n" in got and "**b**" in got


def conflict(ours: str, theirs: str) -> str:
    return f"<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> other\n"


BLOCK = document.replace(document.parse(b""), "- **a** (tip)\n").decode().split("\n\n", 1)[1]
FIRST, REST = BLOCK.split("\n", 1)
OTHER = "<!-- errata:begin sha256=0123456789abcdef -->"


@pytest.mark.parametrize(
    "text",
    [
        conflict(f"mine\n{FIRST}\n", f"yours\n{OTHER}\n") + REST,
        conflict(f"{FIRST}\n", f"{OTHER}\n- my own note\n") + REST,
        conflict(f"{FIRST}\n", "") + REST,
        f"{BLOCK}" + conflict("one\n", "two\n"),
        conflict("same\n", "same\n") + BLOCK,
        conflict(BLOCK, "gone by hand\n"),
    ],
    ids=["before", "note-inside", "one-marker-gone", "after", "example", "deleted"],
)
def test_conflicts_that_are_not_resolved(text: str) -> None:
    assert conflicts.resolve(text.encode()) is None


@pytest.mark.parametrize(
    "text", ["", BLOCK, "<<<<<<< x\nnever ended\n", "a\n=======\nb\n>>>>>>> \n"]
)
def test_text_that_is_not_a_conflict(text: str) -> None:
    assert conflicts.resolve(text.encode()) == text.encode()


def test_conflict_across_the_block_border_is_an_error_with_its_line(repo: Any) -> None:
    text = "# T\n" + conflict(f"mine\n{FIRST}\n", f"yours\n{OTHER}\n") + REST
    path = repo.write(WHERE, text)
    with pytest.raises(RunbookError, match=rf"^{WHERE}:2: a merge conflict"):
        evolve(repo.root, A)
    assert path.read_text() == text
