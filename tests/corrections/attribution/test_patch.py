"""unidiff and the streaming parser read the same patch from git."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errata.core.errors import GitError
from errata.core.git import run
from errata.corrections.attribution.diff import FileDiff, Hunk
from errata.corrections.attribution.git_log import PLAIN, GitLog
from errata.corrections.attribution.patch import PATCH_OPTIONS, parse_patch
from history_builders import (
    EXECUTABLE,
    FILE,
    GITLINK,
    LINK,
    PATHS,
    CommitSpec,
    HistoryGenerator,
    Tree,
    build,
)

_SLOW = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def printed(root: Path, sha: str) -> bytes:
    args = ("diff-tree", "-r", "--root", *PATCH_OPTIONS, "--no-commit-id", sha, "--")
    return run(*args, cwd=root)


def both(root: Path, sha: str) -> tuple[list[FileDiff], list[FileDiff]]:
    """What each parser reads."""
    (diff,) = GitLog.of_commits(str(root), *PLAIN, shas=[sha])
    return parse_patch(printed(root, sha)), diff.files


@_SLOW
@given(st.integers(min_value=0, max_value=2**32))
def test_both_parsers_agree_on_generated_histories(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for sha in build(Path(folder), HistoryGenerator(random.Random(seed)).make(16)):
            by_unidiff, by_stream = both(Path(folder), sha)
            assert by_unidiff == by_stream


@pytest.mark.parametrize(
    "path",
    [*PATHS, b"x b/y", b" b/c", b"a/x b/y b/x", b'"', b"trailing ", b"rename from x", b"+++ b/f"],
)
def test_paths_are_exact(tmp_path: Path, path: bytes) -> None:
    old: Tree = {path: (FILE, b"1\n2\n3\n")}
    commits = [
        CommitSpec([], old),
        CommitSpec([0], {path: (FILE, b"1\n2\nthree\n")}),
        CommitSpec([1], {path + b"2": (FILE, b"1\n2\nthree\n")}),
        CommitSpec([2], {}),
    ]
    shas = build(tmp_path, commits)
    added, changed, renamed, deleted = (both(tmp_path, sha)[0][0] for sha in shas)
    assert (added.old_path, added.new_path) == (None, path)
    assert (changed.old_path, changed.new_path) == (path, path)
    assert changed.hunks == [Hunk(2, [b"3"], [b"three"])]
    assert (renamed.old_path, renamed.new_path) == (path, path + b"2")
    assert (deleted.old_path, deleted.new_path) == (path + b"2", None)
    assert all(
        by_unidiff == by_stream for by_unidiff, by_stream in (both(tmp_path, s) for s in shas)
    )


def test_modes_links_submodules_and_binary_files(tmp_path: Path) -> None:
    before: Tree = {
        b"script": (FILE, b"x\n"),
        b"link": (FILE, b"x\n"),
        b"sub": (GITLINK, b"1" * 40),
        b"image": (FILE, b"\0\n"),
        b"open": (FILE, b"no newline"),
    }
    after: Tree = {
        b"script": (EXECUTABLE, b"x\n"),
        b"link": (LINK, b"x"),
        b"sub": (GITLINK, b"2" * 40),
        b"image": (FILE, b"\0\n\0\n"),
        b"open": (FILE, b"no newline\nat the end"),
    }
    shas = build(tmp_path, [CommitSpec([], before), CommitSpec([0], after)])
    by_unidiff, by_stream = both(tmp_path, shas[1])
    assert by_unidiff == by_stream
    modes = {diff.new_path: diff.mode for diff in by_unidiff}
    assert (modes[b"script"], modes[b"sub"]) == (EXECUTABLE, GITLINK)
    assert {diff.new_path for diff in by_unidiff if diff.binary} == {b"image"}
    assert [diff.hunks for diff in by_unidiff if diff.new_path == b"open"] == [
        [Hunk(0, [b"no newline"], [b"no newline", b"at the end"])]
    ]


def test_a_truncated_patch_is_an_error(tmp_path: Path) -> None:
    shas = build(tmp_path, [CommitSpec([], {b"f": (FILE, b"1\n2\n3\n")})])
    with pytest.raises(GitError, match="could not parse `git diff` output"):
        parse_patch(printed(tmp_path, shas[0])[:-4])
