"""The size of a run, which every row gets as a parameter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import generate, history, workspace
from bench.measure import Sample, git, median


@dataclass(frozen=True, slots=True)
class Settings:
    """The size of a run.

    Attributes:
        records: number of records in the large logs, which show how cost grows.
        typical_records: number of records in logs for which evolve and the views have goals.
        commits: number of commits in the synthetic history.
        runs: measured runs of each contestant.
        cache: folder that keeps logs and histories between runs.
        end: time of the newest record and commit, in seconds since 1970.
        repo: a clone to use instead of the synthetic history.
        cpu: measure processor time instead of wall-clock time.
    """

    records: int
    typical_records: int
    commits: int
    runs: int
    cache: Path
    end: int
    repo: Path | None = None
    cpu: bool = False

    def median(self, samples: Sequence[Sample]) -> float:
        """The median time of some samples, in seconds."""
        return median(samples, self.cpu)

    def logs(self, records: int | None = None) -> dict[str, Path]:
        """A log of each kind with so many records in all; by default the large ones."""
        total = records or self.records
        folder = self.cache / f"logs-{total}-{self.end}"
        workspace.create_once(folder, lambda to: generate.write(to, total, self.end))
        return generate.paths(folder)

    def history(self) -> Path:
        """A repository with a long history: ``repo``, or a synthetic one."""
        if self.repo is not None:
            return self.repo
        folder = self.cache / f"history-{self.commits}-{self.end}"
        return workspace.create_once(folder, lambda to: history.make(to, self.commits, self.end))

    def where(self) -> str:
        """A description of :meth:`history` for the table."""
        count = int(git(self.history(), "rev-list", "--count", "HEAD"))
        return f"{count:,} commits, {'synthetic' if self.repo is None else 'a real clone'}"


def large(repo: Path | None = None) -> Settings:
    """The sizes for which the goals are defined."""
    return Settings(1_000_000, 100_000, 13_000, 5, workspace.cache_dir(), workspace.today(), repo)


def quick(repo: Path | None = None) -> Settings:
    """Small data and one run: takes seconds, but the ratios mean little."""
    return Settings(5_000, 1_000, 400, 1, workspace.cache_dir(), workspace.today(), repo)
