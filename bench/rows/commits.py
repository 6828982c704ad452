"""What the rows about commits share: a scratch clone with a known commit on top, and start-up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bench import installed
from bench.history import AGENT, PERSON, New, pour
from bench.measure import BenchError, Sample, git, process
from bench.place import DAY

_BRANCH = "refs/heads/bench"
_QUIET_DAYS, _QUIET_COMMITS = 15, 200
_HOUR = 3600


def clone(place: Path, source: Path) -> None:
    """A clone of the same objects, without a work tree yet."""
    git(place, "clone", "-q", "--no-checkout", "--shared", str(source.resolve()), ".")


def _tip(place: Path) -> tuple[str, int]:
    sha, when = git(place, "log", "-1", "--format=%H %ct", "HEAD").split()
    return sha, int(when)


def quiet(place: Path) -> None:
    """Put commits of people on top, long after the rest: no agent is within the window."""
    tip, when = _tip(place)
    start = when + _QUIET_DAYS * DAY
    step = (_QUIET_DAYS - 1) * DAY // _QUIET_COMMITS
    commits = [
        New(
            PERSON,
            start + n * step,
            f"Describe step {n}",
            {"docs/steps.md": b"".join(b"Step %d.\n" % i for i in range(n + 1))},
            (f"from {tip}",) if n == 0 else (),
        )
        for n in range(_QUIET_COMMITS)
    ]
    pour(place, [(_BRANCH, commit) for commit in commits])
    git(place, "checkout", "-q", "bench")


def agents(place: Path) -> None:
    """Put one commit of an agent on top."""
    tip, when = _tip(place)
    commit = New(AGENT, when + _HOUR, "feat: notes", {"docs/n.md": b"Notes\n"}, (f"from {tip}",))
    pour(place, [(_BRANCH, commit)])
    git(place, "checkout", "-q", "bench")


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


def corrected(place: Path) -> Corrected:
    """An agent adds a function to the file with the longest history; a person repairs it."""
    tip, when = _tip(place)
    path, lines = _busiest(place)
    middle = len(lines) // 2
    agent = [*lines[:middle], *_ADDED, *lines[middle:]]
    person = list(agent)
    person[middle + 3] = b"        total = total + max(item.count, 0)"
    person[middle + 4] = b"    if total >= limit:"
    person[middle + 5] = b"        raise ValueError(total)"
    texts = [b"\n".join(text) + b"\n" for text in (agent, person)]
    made = [
        New(AGENT, when + _HOUR, "feat: add totals", {path: texts[0]}, (f"from {tip}",)),
        New(PERSON, when + 2 * _HOUR, "Unrelated step", {"docs/step.md": b"Step\n"}),
        New(PERSON, when + 3 * _HOUR, "fix: totals ignored the limit", {path: texts[1]}),
    ]
    pour(place, [(_BRANCH, commit) for commit in made])
    git(place, "checkout", "-q", "bench")
    # The changed lines and one on each side, which tell whose an insertion would be.
    return Corrected(path, middle + 3, middle + 7, when + 3 * _HOUR - 14 * DAY)


def _busiest(place: Path) -> tuple[str, list[bytes]]:
    """The source file that most commits changed, and its lines."""
    names = git(place, "-c", "core.quotePath=true", "log", "--format=", "--name-only", "HEAD")
    for path, _ in Counter(names.splitlines()).most_common(200):
        if not path.endswith((".py", ".ts", ".tsx", ".go", ".js", ".rs", ".java", ".c")):
            continue
        if git(place, "ls-tree", "HEAD", "--", path):
            lines = git(place, "cat-file", "blob", f"HEAD:{path}").encode().split(b"\n")
            if len(lines) >= 20:
                return path, lines
    raise BenchError("no source file of 20 lines in this repository; give another --repo")


def start_up(place: Path) -> Sample:
    """A bare interpreter, from start to end."""
    return process(installed.code("pass"), place)
