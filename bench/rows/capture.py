"""The post-commit hook when a person's commit corrects an agent's, in a long history."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import installed
from bench.figure import Figure
from bench.measure import BenchError, Sample, git, output, process, take_turns
from bench.rows import commits
from bench.settings import Settings
from bench.workspace import scratch_dir

_OUTBOX = ".git/errata/outbox.jsonl"
# The minimum of any implementation: split the changed lines into tokens, with the same library.
_LEX = """
import sys
from pygments.lexers import get_lexer_by_name
lexer = get_lexer_by_name(sys.argv[1], stripnl=False, ensurenl=False)
for text in sys.argv[2:]:
    list(lexer.get_tokens(text))
"""


def run(settings: Settings) -> Iterator[Figure]:
    """The hook against the one blame that it needs, and against the minimum of processes."""
    with scratch_dir() as root:
        commits.clone(root, settings.history())
        correction = commits.corrected(root)
        hook = installed.script("errata-capture")
        lines = f"-L{correction.first},{correction.last}"
        blame = ["git", "blame", "--incremental", f"--since={correction.since}", lines, "HEAD^"]

        def ours() -> Sample:
            _forget(root)
            sample = process([hook], root)
            if (root / _OUTBOX).read_bytes().count(b"\n") != 1:
                raise BenchError("the hook did not capture the correction")
            return sample

        samples = take_turns(
            {
                "ours": ours,
                "blame": lambda: (
                    commits.start_up(root) + process([*blame, "--", correction.path], root)
                ),
                "floor": _floor(root, correction, [*blame, "--", correction.path]),
            },
            settings.runs * 4,
        )
    yield Figure(
        f"post-commit, a correction ({settings.where()})",
        settings.median(samples["ours"]) * 1e3,
        "ms",
        1.5,
        "bare interpreter and the one git blame -L",
        settings.median(samples["blame"]) * 1e3,
        note="whole processes; blame is bounded by the window, as ours is",
    )
    yield Figure(
        "the same, against what it cannot do without",
        settings.median(samples["ours"]) * 1e3,
        "ms",
        2.5,
        "pygments lexing the changed lines, git log, two diffs and that blame",
        settings.median(samples["floor"]) * 1e3,
        note="ours describes the edit, too; the floor is start-up, tokens and what git is asked",
    )


def _floor(root: Path, correction: commits.Corrected, blame: list[str]) -> Callable[[], Sample]:
    """The processes that any implementation needs."""
    from pygments.lexers import get_lexer_for_filename

    agent = git(root, "rev-parse", "HEAD~2")
    lines = [f"{correction.first + 1},{correction.last - 1}p"]
    texts = [
        output(
            ["sed", "-n", *lines], root, output(["git", "show", f"{at}:{correction.path}"], root)
        )
        for at in ("HEAD^", "HEAD")
    ]
    name = get_lexer_for_filename(correction.path).aliases[0]
    lex = installed.code(_LEX, name, *(text.decode("utf-8", "replace") for text in texts))
    diff = ["git", "diff-tree", "-p", "-U0", "-M", "--no-commit-id"]
    commands = (
        ["git", "log", "--format=raw", f"--since={correction.since}", "HEAD"],
        [*diff, "HEAD"],
        blame,
        [*diff, agent],
    )

    def run() -> Sample:
        sample = process(lex, root)
        for command in commands:
            sample += process(command, root)
        return sample

    return run


def _forget(root: Path) -> None:
    shutil.rmtree(root / ".git/errata", ignore_errors=True)
    shutil.rmtree(root / ".claude", ignore_errors=True)
