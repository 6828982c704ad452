"""How large, how often and where: what every row is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import generate, history, place
from bench.measure import Sample, git, median


@dataclass(frozen=True, slots=True)
class Setting:
    """The size of a run.

    Attributes:
        records: in the large log.
        commits: in the synthetic history.
        runs: that count, of each contestant.
        cache: keeps logs and histories between runs.
        end: the newest record's and commit's time, seconds since 1970.
        repo: a real clone to use instead of the synthetic history.
        cpu: count seconds of all processors, not those by the clock.
    """

    records: int
    commits: int
    runs: int
    cache: Path
    end: int
    repo: Path | None = None
    cpu: bool = False

    def median(self, samples: Sequence[Sample]) -> float:
        """The median of the seconds that count."""
        return median(samples, self.cpu)

    def logs(self) -> dict[str, Path]:
        """The large logs, by kind."""
        folder = self.cache / f"logs-{self.records}-{self.end}"
        place.once(folder, lambda to: generate.write(to, self.records, self.end))
        return generate.paths(folder)

    def history(self) -> Path:
        """A repository with a long history: the clone that was asked for, or a synthetic one."""
        if self.repo is not None:
            return self.repo
        folder = self.cache / f"history-{self.commits}-{self.end}"
        return place.once(folder, lambda to: history.make(to, self.commits, self.end))

    def where(self) -> str:
        """What :meth:`history` is, for the table."""
        count = int(git(self.history(), "rev-list", "--count", "HEAD"))
        return f"{count:,} commits, {'synthetic' if self.repo is None else 'a real clone'}"


def large(repo: Path | None = None) -> Setting:
    """The sizes that the goals are about."""
    return Setting(1_000_000, 13_000, 5, place.cache(), place.today(), repo)


def quick(repo: Path | None = None) -> Setting:
    """Seconds instead of minutes; the ratios mean little."""
    return Setting(5_000, 400, 1, place.cache(), place.today(), repo)
