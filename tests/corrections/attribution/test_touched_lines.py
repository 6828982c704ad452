"""Who wrote lines that other commits only indented, moved or reformatted: as git says."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from errata.core.git import Repository
from errata.corrections.attribution.blame import blame_file
from errata.corrections.attribution.deadline import NO_DEADLINE
from errata.corrections.attribution.file_lines import line_key
from errata.corrections.attribution.ignored_revisions import ignored_commits
from errata.corrections.attribution.line_origins import LineOrigins
from errata.corrections.attribution.moved_lines import Block, moved_blocks
from history_builders import FILE, CommitSpec, build

CREATE = """\
def create(body):
    size = body["size"]
    name = body["name"]
    return Volume(name, size)
"""
DELETE = """\
def delete(body):
    volume = find(body["name"])
    volume.remove()
    return None
"""
TABBED = CREATE.replace("    ", "\t")
BLACK = CREATE.replace("(name, size)", "(\n        name,\n        size,\n    )")


@dataclass(frozen=True)
class History:
    """Versions of one file.

    Attributes:
        origins: of each line of the last version, the version that wrote it.
        ignored: the versions that are in ``.git-blame-ignore-revs``.
    """

    versions: list[str]
    origins: list[int]
    ignored: list[int] = field(default_factory=list)
    renamed: bool = False


HISTORIES = {
    "indented with tabs": History([CREATE, TABBED], [0] * 4),
    "indented, then fixed": History([CREATE, TABBED, TABBED.replace("size", "int")], [0, 2, 0, 2]),
    "line ends of Windows": History([CREATE, CREATE.replace("\n", "\r\n")], [0] * 4),
    "spaces at the ends": History([CREATE, CREATE.replace("\n", "  \n")], [0] * 4),
    "no newline at the end": History([CREATE, CREATE.removesuffix("\n")], [0] * 4),
    "blank lines added": History([CREATE, CREATE.replace("\n    n", "\n\n    n")], [0, 0, 1, 0, 0]),
    "wrapped in a condition": History(
        [CREATE, "if ready:\n" + CREATE.replace("    ", "        ").replace("def", "    def")],
        [1, 0, 0, 0, 0],
    ),
    "moved down": History([CREATE + DELETE, DELETE + CREATE], [0] * 8),
    "moved down and indented": History([CREATE + DELETE, DELETE + TABBED], [0] * 8),
    "moved, then fixed": History(
        [CREATE + DELETE, DELETE + CREATE, DELETE + CREATE.replace("(name, size)", "(body)")],
        [0] * 7 + [2],
    ),
    "moved twice": History(
        [CREATE + DELETE, DELETE + CREATE, CREATE + "\n" + DELETE], [0] * 4 + [2] + [0] * 4
    ),
    "too short for a move": History(["a = 1\n" + CREATE, CREATE + "a = 1\n"], [0] * 4 + [1]),
    "renamed and indented": History([CREATE + DELETE, TABBED + DELETE], [0] * 8, renamed=True),
    "renamed and moved": History([CREATE + DELETE, DELETE + CREATE], [0] * 8, renamed=True),
    "ignored: a line is split": History([CREATE, BLACK], [0] * 7, [1]),
    "ignored: lines are joined": History([BLACK, CREATE], [0] * 4, [1]),
    "ignored: quotes": History([CREATE, CREATE.replace('"', "'")], [0] * 4, [1]),
    "ignored: new lines, too": History(
        [CREATE, CREATE.replace('"', "'") + "\n\nLIMIT = 12345 * KILO\n"], [0] * 4 + [1] * 3, [1]
    ),
    "ignored twice": History([CREATE, BLACK, CREATE.replace('"', "'")], [0] * 4, [1, 2]),
    "ignored: the first commit": History([CREATE, TABBED], [0] * 4, [0]),
    "ignored, renamed": History([CREATE, CREATE.replace('"', "'")], [0] * 4, [1], renamed=True),
}


def create_history(root: Path, history: History) -> tuple[list[str], bytes]:
    """The commits, and the path of the file at the end."""
    paths = [b"old.py" if history.renamed and n == 0 else b"f.py" for n in range(9)]
    commits = [
        CommitSpec([number - 1] if number else [], {paths[number]: (FILE, text.encode())})
        for number, text in enumerate(history.versions)
    ]
    shas = build(root, commits)
    names = "".join(f"{shas[number]}  # reformat\n" for number in history.ignored)
    (root / ".git-blame-ignore-revs").write_text(f"# Formatting\n\n{names}")
    return shas, paths[len(shas) - 1]


@pytest.mark.parametrize("name", HISTORIES)
def test_git_and_blame_and_the_forward_pass_agree(tmp_path: Path, name: str) -> None:
    history = HISTORIES[name]
    shas, path = create_history(tmp_path, history)
    expected = [shas[number] for number in history.origins]
    command = ["git", "blame", "-w", "-M", "-l", "-s", "--root", "HEAD"]
    ignored = "--ignore-revs-file=.git-blame-ignore-revs"
    by_git = subprocess.run(
        [*command, ignored, "--", path], cwd=tmp_path, capture_output=True, check=True
    ).stdout
    assert [line.split()[0].decode() for line in by_git.splitlines()] == expected
    repo = Repository.discover(tmp_path)
    args = (None, ignored_commits(tmp_path), NO_DEADLINE)
    by_blame = blame_file(repo, "HEAD", path, *args)
    assert [by_blame[line] for line in sorted(by_blame)] == expected
    origins = LineOrigins(str(tmp_path), ["HEAD"], keep=[shas[-1]])
    list(origins)
    numbers = origins.commit_numbers(origins.kept_trees[shas[-1]], [path])[path]
    commits = [origins.commits[number] for number in numbers]
    assert [commit.sha if commit else "" for commit in commits] == expected


def test_lines_from_before_the_range_keep_no_origin_when_they_move(tmp_path: Path) -> None:
    shas, path = create_history(tmp_path, History([CREATE + DELETE, DELETE + CREATE], []))
    origins = LineOrigins(str(tmp_path), ["HEAD", f"^{shas[0]}"], keep=[shas[1]])
    list(origins)
    assert set(origins.commit_numbers(origins.kept_trees[shas[1]], [path])[path]) == {0}


def keys(*lines: str) -> list[int]:
    return [line_key(line.encode()) for line in lines]


@pytest.mark.parametrize(
    ("added", "parent", "blocks"),
    [
        ([], ["twenty letters are in it"], []),
        (["twenty letters are in it"], [], []),
        (["twenty letters are in it"], ["", "  twenty letters are in it"], [Block(0, 1, 1)]),
        (["too few letters"], ["too few letters"], []),
        (
            ["ten letters", "", "ten digits 1"],
            ["ten letters", "", "ten digits 1"],
            [Block(0, 0, 3)],
        ),
        (["ten letters", "1234567890"], ["1234567890", "ten letters"], []),
        (
            ["the first of both blocks", "between", "the second of both blocks"],
            ["the second of both blocks", "the first of both blocks"],
            [Block(0, 1, 1), Block(2, 0, 1)],
        ),
    ],
)
def test_moved_blocks(added: list[str], parent: list[str], blocks: list[Block]) -> None:
    (result,) = moved_blocks([keys(*added)], keys(*parent))
    assert sorted(result) == blocks


def test_many_equal_lines_move_nothing() -> None:
    many = keys("a line of more than twenty letters") * 5000
    assert moved_blocks([many], many) == [[]]


@pytest.mark.parametrize("lines", [None, "not an id\n"])
def test_a_list_that_git_refuses_does_not_stop_blame(tmp_path: Path, lines: str | None) -> None:
    shas, path = create_history(tmp_path, History([CREATE, BLACK], [], [1]))
    if lines:
        (tmp_path / "list").write_text(lines)
    subprocess.run(["git", "config", "blame.ignoreRevsFile", "list"], cwd=tmp_path, check=True)
    args = (None, ignored_commits(tmp_path), NO_DEADLINE)
    by_blame = blame_file(Repository.discover(tmp_path), "HEAD", path, *args)
    assert set(by_blame.values()) == {shas[0]}
    origins = LineOrigins(str(tmp_path), ["HEAD"], keep=[shas[1]])
    list(origins)
    numbers = origins.commit_numbers(origins.kept_trees[shas[1]], [path])[path]
    assert {getattr(origins.commits[number], "sha", "") for number in numbers} == {shas[0]}
