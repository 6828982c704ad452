"""Line origins of the forward pass against ``git blame -w -M``, in real repositories.

``python bench/origins.py [--files N] [--seed S] REPO...`` prints a table: how many lines of how
many files at HEAD get the same commit from both, and what the pass costs compared with ``git log
-p`` of the same commits. Each repository is measured in its own process, because of the memory.
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
from errata.corrections.attribution.blame import LOOK_THROUGH, parse_spans
from errata.corrections.attribution.ignored_revisions import ignored_commits
from errata.corrections.attribution.line_origins import LineOrigins

_BLAME = (*LOOK_THROUGH, "--ignore-revs-file=/dev/stdin")
_HEADER = (
    "| Repository | Commits | Files compared | Lines equal | Lines | Share | Pass (s) | "
    "`git log -p` (s) | Ratio | Memory (MB) |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One repository; times in seconds, memory in MB (of this process alone).

    Attributes:
        left_out: files whose content is partly missing from this clone.
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


def blame(root: str, revision: str, path: bytes, ignored: bytes) -> list[str]:
    """The commit of each line, or [] if git cannot tell (submodules, missing objects)."""
    status, out = run_status(*_BLAME, revision, "--", path, cwd=root, stdin=ignored)
    if status:
        return []
    lines = {
        line: span.sha
        for span in parse_spans(out)
        for line in range(span.start, span.start + span.lines)
    }
    return [lines[line] for line in sorted(lines)]


def log_seconds(root: str, shas: Sequence[str]) -> float:
    """How long ``git log -p`` takes to write these commits to /dev/null."""
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
    incomplete = missing_objects.find_incomplete_commits(root, [head])
    order = run("rev-list", "--reverse", "--topo-order", head, cwd=root).decode().split()
    complete = [sha for sha in order if sha not in incomplete]
    log_seconds(root, complete)  # Warms the caches for both.
    baseline = log_seconds(root, complete)
    start = time.perf_counter()
    origins = LineOrigins(root, [head], incomplete, keep=[head])
    for _ in origins:
        pass
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if origins.log.error:
        raise SystemExit(f"{root}: {origins.log.error}")
    missing = {path for commit in incomplete.values() for path in commit.missing}
    regular = _regular_files(root, head)
    comparable = [path for path in regular if path not in missing]
    left_out = len(regular) - len(comparable)
    if files and len(comparable) > files:
        comparable = random.Random(seed).sample(comparable, files)
    ignored = "\n".join(ignored_commits(root)).encode()
    counts = {path: _compare(root, head, path, origins, ignored) for path in comparable}
    unequal = {
        path.decode("utf-8", "backslashreplace"): (lines, equal)
        for path, (lines, equal) in counts.items()
        if equal < lines
    }
    return Row(
        name=Path(root).parent.name if Path(root).name == "repo" else Path(root).name,
        commits=len(origins.commits) - 1,
        files=sum(lines > 0 for lines, _ in counts.values()),
        equal=sum(equal for _, equal in counts.values()),
        lines=sum(lines for lines, _ in counts.values()),
        seconds=seconds,
        log_seconds=baseline,
        memory=memory,
        left_out=left_out,
        unequal=unequal,
    )


def _regular_files(root: str, revision: str) -> list[bytes]:
    """Files and links, without submodules."""
    entries = run("ls-tree", "-r", "-z", revision, cwd=root).split(b"\0")[:-1]
    return [entry.split(b"\t", 1)[1] for entry in entries if entry[:3] in (b"100", b"120")]


def _compare(
    root: str, revision: str, path: bytes, origins: LineOrigins, ignored: bytes
) -> tuple[int, int]:
    """How many lines a file has, and for how many of them the pass and blame agree."""
    by_blame = blame(root, revision, path, ignored)
    numbers = origins.commit_numbers(origins.kept_trees[revision], [path]).get(path, ())
    by_pass = [getattr(origins.commits[number], "sha", "") for number in numbers]
    lines = max(len(by_blame), len(by_pass)) if by_blame else 0
    return lines, sum(a == b for a, b in zip(by_blame, by_pass, strict=False))


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table, each row as soon as it is measured."""
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
            print(f"    {row.left_out} files are partly missing from this clone", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
