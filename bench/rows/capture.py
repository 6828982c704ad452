"""The post-commit hook when a person's commit corrects an agent's, in a long history."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from bench import installed
from bench.figure import Figure
from bench.measure import BenchError, Sample, process, take_turns
from bench.place import scratch
from bench.rows import commits
from bench.setting import Setting

_LOG = ".claude/user-corrections.jsonl"


def run(setting: Setting) -> Iterator[Figure]:
    """The hook against the one blame that it needs."""
    with scratch() as place:
        commits.clone(place, setting.history())
        what = commits.corrected(place)
        hook = installed.script("errata-capture")
        lines = f"-L{what.first},{what.last}"
        blame = ["git", "blame", "--incremental", f"--since={what.since}", lines, "HEAD^"]

        def ours() -> Sample:
            _forget(place)
            sample = process([hook], place)
            if (place / _LOG).read_bytes().count(b"\n") != 1:
                raise BenchError("the hook did not capture the correction")
            return sample

        samples = take_turns(
            {
                "ours": ours,
                "blame": lambda: (
                    commits.start_up(place) + process([*blame, "--", what.path], place)
                ),
            },
            setting.runs * 4,
        )
    yield Figure(
        f"post-commit, a correction ({setting.where()})",
        setting.median(samples["ours"]) * 1e3,
        "ms",
        1.5,
        "bare interpreter and the one git blame -L",
        setting.median(samples["blame"]) * 1e3,
        note="whole processes; blame is bounded by the window, as ours is",
    )


def _forget(place: Path) -> None:
    shutil.rmtree(place / ".git/errata", ignore_errors=True)
    shutil.rmtree(place / ".claude", ignore_errors=True)
