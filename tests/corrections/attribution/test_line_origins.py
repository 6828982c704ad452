"""The forward pass says of every line what ``git blame`` says."""

from __future__ import annotations

import random
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errata.corrections.attribution.line_origins import LineOrigins
from history_builders import (
    EXECUTABLE,
    FILE,
    GITLINK,
    LINK,
    CommitSpec,
    HistoryGenerator,
    Tree,
    build,
    lines_of,
)

_SLOW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
seeds = st.integers(min_value=0, max_value=2**32)


def blame(root: Path, sha: str, path: bytes) -> list[str]:
    """The commit of each line."""
    out = subprocess.run(
        ["git", "blame", "-w", "-M", "--porcelain", sha, "--", path],
        cwd=root,
        capture_output=True,
        check=True,
    ).stdout
    found: list[str] = []
    header = True
    for line in out.split(b"\n"):
        if header:
            current = line.split(b" ")[0].decode()
        header = line[:1] == b"\t"
        if header:
            found.append(current)
    return found


def origins(root: Path, revisions: list[str], keep: list[str]) -> LineOrigins:
    done = LineOrigins(str(root), revisions, keep=keep)
    for _ in done:
        pass
    assert done.log.error == ""
    return done


def origins_of(done: LineOrigins, sha: str, path: bytes) -> list[str | None]:
    numbers = done.commit_numbers(done.kept_trees[sha], [path]).get(path, ())
    commits = [done.commits[number] for number in numbers]
    return [None if commit is None else commit.sha for commit in commits]


def check(root: Path, commits: list[CommitSpec], at: list[int] | None = None) -> int:
    """Compare every file of some commits; returns how many lines that were."""
    shas = build(root, commits)
    wanted = [len(commits) - 1] if at is None else at
    done = origins(root, [shas[-1]], [shas[number] for number in wanted])
    lines = 0
    for number in wanted:
        if shas[number] not in done.kept_trees:  # not reached from the last one
            continue
        for path, (mode, content) in commits[number].tree.items():
            if mode != GITLINK and content:
                theirs = blame(root, shas[number], path)
                assert origins_of(done, shas[number], path) == theirs, (number, path)
                lines += len(theirs)
    return lines


@_SLOW
@given(seeds)
def test_equal_to_blame_where_all_lines_differ(seed: int) -> None:
    commits = HistoryGenerator(random.Random(seed), distinct_lines=True).make(24)
    with tempfile.TemporaryDirectory() as root:
        check(Path(root), commits, [len(commits) - 1, len(commits) // 2])


def test_nearly_equal_to_blame_where_lines_are_repeated() -> None:
    """Of several equal lines, git may take another one for the source of a move."""
    equal = lines = 0
    for seed in range(30):
        commits = HistoryGenerator(random.Random(seed)).make(24)
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            head = build(root, commits)[-1]
            done = origins(root, [head], [head])
            for path, (mode, content) in commits[-1].tree.items():
                if mode != GITLINK and content:
                    theirs = blame(root, head, path)
                    pairs = zip(theirs, origins_of(done, head, path), strict=True)
                    equal += sum(sha == other for sha, other in pairs)
                    lines += len(theirs)
    assert equal >= 0.99 * lines


def test_generated_histories_have_octopus_and_criss_cross_merges() -> None:
    """The law above says something only if its histories hold what it is about."""
    histories = [HistoryGenerator(random.Random(seed)).make(24) for seed in range(30)]
    parents = [len(one.parents) for commits in histories for one in commits]
    assert max(parents) > 2
    assert sum(n > 1 for n in parents) > 60
    modes = {mode for commits in histories for one in commits for mode, _ in one.tree.values()}
    assert modes == {FILE, EXECUTABLE, LINK, GITLINK}
    pairs = [set(one.parents) for commits in histories for one in commits if len(one.parents) == 2]
    assert any(pairs.count(pair) > 1 for pair in pairs)


@_SLOW
@given(seeds, st.data())
def test_a_range_agrees_with_the_whole_history(seed: int, data: st.DataObject) -> None:
    """A line is known in ``A..B`` exactly if its commit is in that range, and is the same then."""
    commits = HistoryGenerator(random.Random(seed)).make(16)
    start = data.draw(st.integers(0, len(commits) - 2))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shas = build(root, commits)
        head = shas[-1]
        whole = origins(root, [head], [head])
        part = origins(root, [head, f"^{shas[start]}"], [head])
        inside = {commit.sha for commit in part.commits if commit is not None}
        for path, (mode, content) in commits[-1].tree.items():
            if mode == GITLINK or not content:
                continue
            all_of_it = origins_of(whole, head, path)
            expected = [sha if sha in inside else None for sha in all_of_it]
            known = origins_of(part, head, path)
            # What is older than the range is unknown, also where the array ends before the file.
            assert known + [None] * (len(expected) - len(known)) == expected


def test_a_file_of_more_than_20_megabytes(tmp_path: Path) -> None:
    lines = [b"%07d %s\n" % (number, b"x" * 90) for number in range(220_000)]
    first = b"".join(lines)
    lines[100_000:100_001] = [b"changed\n", b"added\n"]
    del lines[5]
    second = b"".join(lines)
    assert len(second) > 20_000_000
    shas = build(
        tmp_path,
        [
            CommitSpec([], {b"big.txt": (FILE, first)}),
            CommitSpec([0], {b"big.txt": (FILE, second)}),
        ],
    )
    found = origins_of(origins(tmp_path, [shas[1]], [shas[1]]), shas[1], b"big.txt")
    expected = [shas[0]] * 220_000
    expected[100_000:100_001] = [shas[1]] * 2
    del expected[5]
    assert found == expected


def test_a_merge_where_git_omits_shared_lines(tmp_path: Path) -> None:
    """Between two lines that a merge removes, a line that all parents share."""
    base = b"one\ntwo\nbody\ntry\ndata\nend\n"
    ours = base.replace(b"one\n", b"one\nours\n")
    theirs = base.replace(b"body\n", b"").replace(b"data\n", b"data = new\n")
    merged = theirs.replace(b"one\n", b"one\nours\n")
    commits = [
        CommitSpec([], {b"f": (FILE, base)}),
        CommitSpec([0], {b"f": (FILE, ours)}),
        CommitSpec([0], {b"f": (FILE, theirs)}),
        CommitSpec([1, 2], {b"f": (FILE, merged)}),
    ]
    assert check(tmp_path, commits) == 6


@pytest.mark.parametrize("binary", [b"", b"\0"])
def test_a_merge_that_renames_and_changes_nothing_else(tmp_path: Path, binary: bytes) -> None:
    same: Tree = {b"old": (FILE, binary + b"1\n2\n3\n")}
    commits = [
        CommitSpec([], same),
        CommitSpec([0], {**same, b"x": (FILE, b"x\n")}),
        CommitSpec([0], {**same, b"y": (FILE, b"y\n")}),
        CommitSpec([1, 2], {b"new": same[b"old"], b"x": (FILE, b"x\n"), b"y": (FILE, b"y\n")}),
    ]
    # Only one new file beside the deleted one, or git might pair them otherwise.
    commits[3].tree = {b"new": same[b"old"], b"x": (FILE, b"x\n")}
    commits[2].tree = same
    assert check(tmp_path, commits) == 4


def test_an_octopus_merge_takes_a_file_from_the_parent_that_has_it(tmp_path: Path) -> None:
    commits = [
        CommitSpec([], {b"f": (FILE, b"1\n")}),
        CommitSpec([0], {b"f": (FILE, b"1\n"), b"g": (FILE, b"g\n")}),
        CommitSpec([0], {b"f": (FILE, b"other\n")}),
        CommitSpec([0], {b"f": (FILE, b"third\n")}),
        CommitSpec([1, 2, 3], {b"f": (FILE, b"third\n"), b"g": (FILE, b"g\n")}),
    ]
    assert check(tmp_path, commits) == 2


def test_the_known_difference_from_blame(tmp_path: Path) -> None:
    """One file becomes two: git pairs it with the better one, blame finds it behind both."""
    old = b"".join(b"line %d\n" % number for number in range(20))
    one, two = old + b"one\n", old.replace(b"line 3\n", b"two\n") + b"more\n"
    commits = [
        CommitSpec([], {b"old": (FILE, old)}),
        CommitSpec([0], {b"one": (FILE, one), b"two": (FILE, two)}),
    ]
    shas = build(tmp_path, commits)
    done = origins(tmp_path, [shas[1]], [shas[1]])
    assert origins_of(done, shas[1], b"one") == blame(tmp_path, shas[1], b"one")
    assert origins_of(done, shas[1], b"two") == [shas[1]] * len(lines_of(two))
    assert blame(tmp_path, shas[1], b"two").count(shas[0]) == 19
