"""Line origins of the forward pass against ``git blame``, in real repositories.

``python bench/origins.py [--files N] [--seed S] REPO...`` prints a table: how many lines of how
many files at HEAD get the same commit from both, and what the pass costs beside ``git log -p`` of
the same commits. Each repository is measured in a process of its own, so that memory is its own.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from errata.core.git import SAFE, environment, run, run_status
from errata.corrections.attribution import missing_objects
from errata.corrections.attribution.line_origins import LineOrigins

_BLAME = ("blame", "--incremental", "--root", "--no-textconv", "--ignore-revs-file=")
_HEADER = (
    "| Repository | Commits | Files compared | Lines equal | Lines | Share | Pass (s) | "
    "`git log -p` (s) | Ratio | Memory (MB) |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One repository; times in seconds, memory in MB (of this process alone).

    Attributes:
        left_out: files with a gap: their content is not wholly in this clone.
        unequal: the files that differ, with (lines, equal lines).
    """

    name: str
    commits: int
    files: int
    equal: int
    lines: int
    seconds: float
    log_seconds: float
    memory: int
    left_out: int
    unequal: dict[str, tuple[int, int]]

    def __str__(self) -> str:
        share = self.equal / max(1, self.lines)
        ratio = self.seconds / max(self.log_seconds, 1e-9)
        return (
            f"| {self.name} | {self.commits} | {self.files} | {self.equal} | {self.lines} | "
            f"{share:.4%} | {self.seconds:.1f} | {self.log_seconds:.1f} | {ratio:.2f} | "
            f"{self.memory} |"
        )


def blamed(root: str, revision: str, path: bytes) -> list[str]:
    """Commit of each line, or [] if git cannot say (submodules, missing objects)."""
    status, out = run_status(*_BLAME, revision, "--", path, cwd=root)
    lines: dict[int, str] = {}
    for words in (line.split(b" ") for line in out.splitlines()):
        if len(words) == 4 and len(words[0]) in (40, 64) and words[3].isdigit():
            for number in range(int(words[2]), int(words[2]) + int(words[3])):
                lines[number] = words[0].decode()
    return [] if status else [lines[number] for number in sorted(lines)]


def log_seconds(root: str, shas: Sequence[str]) -> float:
    """How long ``git log -p`` takes to write these commits to nowhere."""
    start = time.perf_counter()
    subprocess.run(
        ["git", *SAFE, "log", "-p", "--no-walk=unsorted", "--stdin"],
        cwd=root,
        env=environment(),
        input="\n".join(shas).encode() + b"\n",
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - start


def measure(root: str, files: int, seed: int) -> Row:
    """Run the pass over HEAD, then compare ``files`` files drawn by ``seed`` (0: all)."""
    head = run("rev-parse", "HEAD", cwd=root).decode().strip()
    lacking = missing_objects.find_incomplete_commits(root, [head])
    order = run("rev-list", "--reverse", "--topo-order", head, cwd=root).decode().split()
    there = [sha for sha in order if sha not in lacking]
    log_seconds(root, there)  # warms the caches for both
    baseline = log_seconds(root, there)
    start = time.perf_counter()
    origins = LineOrigins(root, [head], lacking, keep=[head])
    for _ in origins:
        pass
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if origins.log.error:
        raise SystemExit(f"{root}: {origins.log.error}")
    gapped = {path for gap in lacking.values() for path in gap.missing}
    tree = origins.kept_trees[head]
    listed = run("ls-tree", "-r", "-z", head, cwd=root).split(b"\0")[:-1]
    regular = [e.split(b"\t", 1)[1] for e in listed if e[:3] in (b"100", b"120")]
    whole = [path for path in regular if path not in gapped]
    if files and len(whole) > files:
        whole = random.Random(seed).sample(whole, files)
    equal = lines = compared = 0
    unequal = {}
    for path in whole:
        theirs = blamed(root, head, path)
        mine = [getattr(origins.commits[n], "sha", "") for n in tree.get(path, ())]
        count = max(len(theirs), len(mine)) if theirs else 0
        good = sum(a == b for a, b in zip(theirs, mine, strict=False))
        equal, lines, compared = equal + good, lines + count, compared + bool(count)
        if good < count:
            unequal[path.decode("utf-8", "backslashreplace")] = (count, good)
    name = Path(root).parent.name if Path(root).name == "repo" else Path(root).name
    left_out = len(regular) - len([path for path in regular if path not in gapped])
    done = len(origins.commits) - 1
    return Row(name, done, compared, equal, lines, seconds, baseline, memory, left_out, unequal)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table, one row as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repositories", nargs="+", metavar="REPO")
    parser.add_argument("--files", type=int, default=300, help="files to compare; 0 for all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--unequal", action="store_true", help="name the files that differ")
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.json:
        print(json.dumps(asdict(measure(args.repositories[0], args.files, args.seed))))
        return 0
    print(_HEADER, flush=True)
    for root in args.repositories:
        options = ["--json", "--files", str(args.files), "--seed", str(args.seed)]
        child = subprocess.run(
            [sys.executable, __file__, *options, root], stdout=subprocess.PIPE, check=False
        )
        if child.returncode:
            return 1
        row = Row(**json.loads(child.stdout))
        print(row, flush=True)
        if args.unequal:
            print(*(f"    {p}: {v}" for p, v in row.unequal.items()), sep="\n", file=sys.stderr)
        if row.left_out:
            print(f"    {row.left_out} files have gaps in this clone", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
