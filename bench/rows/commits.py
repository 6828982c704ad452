"""What the rows about commits share: a scratch clone with a known commit on top, and start-up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bench import installed
from bench.history import AGENT, PERSON, NewCommit, import_commits
from bench.measure import BenchError, Sample, git, process
from bench.workspace import DAY

_BRANCH = "refs/heads/bench"
_QUIET_DAYS, _QUIET_COMMITS = 15, 200
_HOUR = 3600


def clone(root: Path, source: Path) -> None:
    """A clone of the same objects, without a work tree yet."""
    git(root, "clone", "-q", "--no-checkout", "--shared", str(source.resolve()), ".")


def _tip(root: Path) -> tuple[str, int]:
    sha, when = git(root, "log", "-1", "--format=%H %ct", "HEAD").split()
    return sha, int(when)


def without_agents(root: Path) -> None:
    """Put commits of people on top, long after the rest: no agent is within the window."""
    tip, when = _tip(root)
    start = when + _QUIET_DAYS * DAY
    step = (_QUIET_DAYS - 1) * DAY // _QUIET_COMMITS
    commits = [
        NewCommit(
            PERSON,
            start + n * step,
            f"Describe step {n}",
            {"docs/steps.md": b"".join(b"Step %d.\n" % i for i in range(n + 1))},
            (f"from {tip}",) if n == 0 else (),
        )
        for n in range(_QUIET_COMMITS)
    ]
    import_commits(root, [(_BRANCH, commit) for commit in commits])
    git(root, "checkout", "-q", "bench")


def by_agent(root: Path) -> None:
    """Put one commit of an agent on top."""
    tip, when = _tip(root)
    commit = NewCommit(
        AGENT, when + _HOUR, "feat: notes", {"docs/n.md": b"Notes\n"}, (f"from {tip}",)
    )
    import_commits(root, [(_BRANCH, commit)])
    git(root, "checkout", "-q", "bench")


@dataclass(frozen=True, slots=True)
class Corrected:
    """Where the correction is: lines ``first`` to ``last`` of ``path`` in HEAD's parent.

    ``since`` is the window's beginning, seconds since 1970.
    """

    path: str
    first: int
    last: int
    since: int


_ADDED = [
    b"def checked_total(items, limit):",
    b"    total = 0",
    b"    for item in items:",
    b"        total = total + item.count",
    b"    if total > limit:",
    b"        return None",
    b"    return total",
    b"",
]


def corrected(root: Path) -> Corrected:
    """An agent adds a function to the file with the longest history; a person repairs it."""
    tip, when = _tip(root)
    path, lines = _busiest(root)
    middle = len(lines) // 2
    agent = [*lines[:middle], *_ADDED, *lines[middle:]]
    person = list(agent)
    person[middle + 3] = b"        total = total + max(item.count, 0)"
    person[middle + 4] = b"    if total >= limit:"
    person[middle + 5] = b"        raise ValueError(total)"
    texts = [b"\n".join(text) + b"\n" for text in (agent, person)]
    made = [
        NewCommit(AGENT, when + _HOUR, "feat: add totals", {path: texts[0]}, (f"from {tip}",)),
        NewCommit(PERSON, when + 2 * _HOUR, "Unrelated step", {"docs/step.md": b"Step\n"}),
        NewCommit(PERSON, when + 3 * _HOUR, "fix: totals ignored the limit", {path: texts[1]}),
    ]
    import_commits(root, [(_BRANCH, commit) for commit in made])
    git(root, "checkout", "-q", "bench")
    # The changed lines and one on each side, which tell whose an insertion would be.
    return Corrected(path, middle + 3, middle + 7, when + 3 * _HOUR - 14 * DAY)


def _busiest(root: Path) -> tuple[str, list[bytes]]:
    """The source file that most commits changed, and its lines."""
    names = git(root, "-c", "core.quotePath=true", "log", "--format=", "--name-only", "HEAD")
    for path, _ in Counter(names.splitlines()).most_common(200):
        if not path.endswith((".py", ".ts", ".tsx", ".go", ".js", ".rs", ".java", ".c")):
            continue
        if git(root, "ls-tree", "HEAD", "--", path):
            lines = git(root, "cat-file", "blob", f"HEAD:{path}").encode().split(b"\n")
            if len(lines) >= 20:
                return path, lines
    raise BenchError("no source file of 20 lines in this repository; give another --repo")


def start_up(root: Path) -> Sample:
    """A bare interpreter, from start to end."""
    return process(installed.code("pass"), root)
