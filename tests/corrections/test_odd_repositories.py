"""Every shape of repository gives the same records, or a clear message."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from attribution import (
    CAPTURED,
    backfill,
    backfill_records,
    capture,
    capture_records,
    git,
    process,
    story,
    the_id,
    who,
)
from history_builders import AGENT, FILE, PERSON, START, CommitSpec, build


def test_one_correction(built: tuple[Path, list[str]]) -> None:
    root, shas = built
    assert list(backfill_records(root)) == [shas[3]]
    assert backfill(root) == ([the_id(root)], "")
    assert CAPTURED in capture(root)
    assert who(root) == "person"


def test_a_repository_without_commits(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    assert backfill(tmp_path) == ([], "")
    assert capture(tmp_path) == ""
    done = process(tmp_path, "errata", "who")
    assert done.returncode != 0
    assert len(done.stderr.strip().splitlines()) <= 2
    assert "no commit yet" in done.stderr


@pytest.mark.parametrize("author", [AGENT, PERSON])
def test_a_repository_with_one_commit(tmp_path: Path, author: str) -> None:
    build(tmp_path, [CommitSpec([], {b"f": (FILE, b"1\n")}, author)])
    assert backfill(tmp_path) == ([], "")
    assert capture(tmp_path) == ""
    assert who(tmp_path) == ("agent" if author == AGENT else "person")


def test_a_detached_head(built: tuple[Path, list[str]]) -> None:
    root, shas = built
    git(root, "checkout", "-q", "--detach", shas[3])
    assert backfill(root) == ([the_id(root)], "")
    assert CAPTURED in capture(root)


def test_an_orphan_branch(built: tuple[Path, list[str]]) -> None:
    root, shas = built
    git(root, "checkout", "-q", "--orphan", "fresh")
    assert backfill(root) == ([], "")
    assert capture(root) == ""
    git(root, "commit", "-q", "-m", "fix: everything anew")
    assert backfill(root) == ([], "")
    assert capture(root) == ""
    assert who(root) == "person"
    assert len(backfill(root, shas[3])[0]) == 1


@pytest.mark.parametrize(("depth", "found"), [(1, 0), (2, 0), (3, 0), (4, 1)])
def test_a_shallow_clone(
    built: tuple[Path, list[str]], tmp_path: Path, depth: int, found: int
) -> None:
    """The oldest commit of the clone seems to write everything; with depth 3 it is the agent's."""
    root, _ = built
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", f"--depth={depth}", f"file://{root}", str(clone))
    ids, said = backfill(clone)
    assert (ids, said) == ([the_id(root)] * found, "")
    assert (CAPTURED in capture(clone)) == bool(found)
    assert who(clone) == "person"


def partial(root: Path, clone: Path, marker: Path) -> None:
    """A clone without old contents, whose remote must not be contacted."""
    git(root, "config", "uploadpack.allowFilter", "true")
    git(root.parent, "clone", "-q", "--filter=blob:none", f"file://{root}", str(clone))
    git(clone, "config", "core.sshCommand", f"touch {marker}; sleep 300;")
    git(clone, "config", "remote.origin.url", "ssh://nowhere.invalid/x")


def test_a_partial_clone_names_what_it_leaves_out(
    built: tuple[Path, list[str]], tmp_path: Path
) -> None:
    root, _ = built
    clone, marker = tmp_path / "clone", tmp_path / "marker"
    partial(root, clone, marker)
    ids, said = backfill(clone)
    assert ids == []
    assert "2 paths" in said
    assert "not in this clone" in said
    said = capture(clone)
    assert "errata-capture" in said
    assert len(said.splitlines()) == 1
    assert who(clone) == "person"
    assert not marker.exists()


def test_a_partial_clone_uses_the_contents_it_has(tmp_path: Path) -> None:
    """The clone has both versions of the corrected file, but not older contents of others."""
    root, clone, marker = tmp_path / "made", tmp_path / "clone", tmp_path / "marker"
    commits = story(None, None, None)[:3]
    commits[0].tree = commits[0].tree | {b"old": (FILE, b"old\n")}
    for one in commits[1:]:
        one.tree = one.tree | {b"old": (FILE, b"new\n")}
    build(root, commits)
    partial(root, clone, marker)
    code = (clone / "code.py").read_text().replace("value.name", "value.name or default()")
    (clone / "code.py").write_text(code)
    git(
        clone,
        *("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "commit", "-qam"),
        "fix crash: name may be missing",
        f"--date={START + 2 * 86_400} +0000",
    )
    ids, said = backfill(clone)
    assert len(ids) == 1
    assert "2 paths" in said  # "old" and "notes"
    assert CAPTURED in capture(clone)
    assert not marker.exists()


@pytest.mark.parametrize("path", [b"zz", b"aa"])
def test_a_clone_that_lacks_one_content(tmp_path: Path, path: bytes) -> None:
    """No partial clone: git learns that a content is missing when it has printed half a commit."""
    commits = story(None, None, None)
    spaces = b"def f():\n  a()\n  b()\n", b"def f():\n    a()\n    b()\n"
    for number, commit in enumerate(commits):
        # The second commit indents a file, too, so it is compared once more without whitespace.
        files = {b"ab": (FILE, spaces[number > 0]), path: (FILE, b"%d\n" % min(number, 1))}
        commit.tree = commit.tree | files
    build(tmp_path, commits)
    gone = git(tmp_path, "rev-parse", f"HEAD~{len(commits) - 2}:{path.decode()}").strip()
    expected = backfill_records(tmp_path)
    assert len(expected) == 1
    (tmp_path / ".git/objects" / gone[:2] / gone[2:]).unlink()
    assert backfill_records(tmp_path) == expected
    ids, said = backfill(tmp_path)
    assert len(ids) == 1
    assert said == "1 path left out: their content is not in this clone\n"


def test_sha256_object_ids(tmp_path: Path) -> None:
    shas = build(tmp_path, story(None, None, None), "--object-format=sha256")
    assert {len(sha) for sha in shas} == {64}
    assert capture_records(tmp_path, shas) == backfill_records(tmp_path)
    assert backfill(tmp_path) == ([the_id(tmp_path)], "")
    assert CAPTURED in capture(tmp_path)
    assert who(tmp_path) == "person"


def test_a_linked_worktree(built: tuple[Path, list[str]], tmp_path: Path) -> None:
    root, _ = built
    git(root, "worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    assert backfill(tmp_path / "linked") == ([the_id(root)], "")
    assert CAPTURED in capture(tmp_path / "linked")


def test_a_submodule(built: tuple[Path, list[str]], tmp_path: Path) -> None:
    root, _ = built
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q")
    git(outer, *("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(root), "sub"))
    git(outer, "commit", "-q", "-m", "add a submodule")
    assert backfill(outer / "sub") == ([the_id(root)], "")
    assert CAPTURED in capture(outer / "sub")
    assert backfill(outer) == ([], "")
    assert capture(outer) == ""


def test_a_bare_repository(built: tuple[Path, list[str]], tmp_path: Path) -> None:
    root, _ = built
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "-q", "--bare", str(root), str(bare))
    assert backfill(bare) == ([the_id(root)], "")
    assert who(bare) == "person"
    done = process(bare, "errata", "backfill")
    # Its outbox could only be emptied in a linked work tree, which can search history itself.
    assert (done.returncode, done.stdout) == (2, "")
    assert "is bare" in done.stderr
    assert not (bare / "errata" / "outbox.jsonl").exists()


def test_a_sparse_checkout(built: tuple[Path, list[str]]) -> None:
    root, _ = built
    git(root, "sparse-checkout", "set", "--no-cone", "/notes")
    assert not (root / "code.py").exists()
    assert backfill(root) == ([the_id(root)], "")
    assert CAPTURED in capture(root)


def test_core_hooks_path(built: tuple[Path, list[str]], tmp_path: Path) -> None:
    root, _ = built
    hook = tmp_path / "hooks" / "post-commit"
    hook.parent.mkdir()
    hook.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m errata.githooks.capture\n')
    hook.chmod(0o755)
    git(root, "reset", "-q", "--hard", "HEAD~1")
    git(root, "config", "core.hooksPath", str(hook.parent))
    code = (root / "code.py").read_text().replace("value.other", "value.other or default()")
    (root / "code.py").write_text(code)
    done = subprocess.run(
        ["git", "commit", "-qam", "fix crash", f"--date={START + 2 * 86_400} +0000"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert CAPTURED in done.stdout + done.stderr


def test_five_thousand_files_exceed_the_deadline(tmp_path: Path) -> None:
    """The hook stops in time and leaves the commit; flush finishes it."""
    root = tmp_path / "many"
    code = b"def f%d(value):\n    return value.name\n\n\ndef g(value):\n    return value\n"
    files = {b"src/f%d.py" % n: (FILE, code % n) for n in range(5000)}
    fixed = {
        path: (mode, text.replace(b"value.name", b"value.name or default()"))
        for path, (mode, text) in files.items()
    }
    settings = {b"errata.toml": (FILE, b"[capture]\ndeadline_seconds = 0.2\n")}
    commits = [
        CommitSpec([], settings),
        CommitSpec([0], files | settings, AGENT),
        CommitSpec(
            [1], fixed | settings, PERSON, START + 3600, message=b"fix crash: missing name\n"
        ),
    ]
    build(root, commits)
    git(root, "reset", "-q", "--hard")
    start = time.monotonic()
    capture(tmp_path)  # No repository: this is the cost of starting.
    overhead = time.monotonic() - start
    start = time.monotonic()
    said = capture(root)
    assert time.monotonic() - start < 0.2 + 3 * overhead + 3
    assert "errata flush" in said
    assert CAPTURED not in said
    done = process(root, "errata", "flush")
    assert done.returncode == 0, done.stderr
    log = root / ".claude" / "user-corrections.jsonl"
    assert len(log.read_text().splitlines()) == 1
    assert len(json.loads(log.read_text())["user_correction"]["files"]) == 5000
    assert "not finished" not in process(root, "errata", "flush").stderr
