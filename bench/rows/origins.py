"""The pass over history says of each line which commit wrote it: is that what git blame says?"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.figure import Figure
from bench.measure import ROOT, BenchError, git, output
from bench.setting import Setting

_FILES = 150


def run(setting: Setting) -> Iterator[Figure]:
    """The share of lines of HEAD's files, a sample of them, on which both agree."""
    repo = setting.history()
    command = [sys.executable, "-m", "bench.rows.origins", str(repo.resolve())]
    equal, lines, files = json.loads(output(command, ROOT))
    if not lines:
        raise BenchError("no text file at HEAD to compare")
    yield Figure(
        f"line origins as git blame ({setting.where()})",
        100 * equal / lines,
        "%",
        99.5,
        absolute=True,
        at_least=True,
        note=f"{lines:,} lines of {files:,} files at HEAD",
    )


def _measure(repo: Path) -> tuple[int, int, int]:
    """Lines on which both agree, lines, and files."""
    from errata.corrections.origins import Origins

    head = git(repo, "rev-parse", "HEAD")
    # One more commit on top, so that HEAD's own tree is handed out.
    top = git(repo, "commit-tree", "-p", head, "-m", "top", f"{head}^{{tree}}")
    passed = Origins(str(repo), (top,))
    tree = {}
    for change, before in passed:
        if change.commit.sha == top:
            tree = dict(before)
    paths = sorted(path for path, lines in tree.items() if len(lines))
    random.Random(9).shuffle(paths)
    equal = lines = 0
    for path in paths[:_FILES]:
        ours = [_sha(passed.commits[number]) for number in tree[path]]
        theirs = _blame(repo, head, path)
        lines += len(theirs)
        equal += sum(a == b for a, b in zip(ours, theirs, strict=False))
    return equal, lines, min(len(paths), _FILES)


def _sha(commit: object) -> str:
    return getattr(commit, "sha", "")


def _blame(repo: Path, head: str, path: bytes) -> list[str]:
    name = path.decode("utf-8", "surrogateescape")
    out = output(["git", "blame", "--porcelain", "-s", "--root", head, "--", name], repo)
    heads = (line.split(b" ") for line in out.split(b"\n") if not line.startswith(b"\t"))
    return [
        words[0].decode()
        for words in heads
        if len(words) in (3, 4) and len(words[0]) in (40, 64) and words[1].isdigit()
    ]


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]))))
