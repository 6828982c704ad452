"""History read once: its corrections, its chances, and the lessons that these would teach.

Shared by ``errata backfill``, ``errata try`` and ``errata report``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from errata.commands.progress import progress
from errata.core.config import Config
from errata.core.git import Repository
from errata.corrections.backfill import Backfill, CommitRange
from errata.corrections.correction import Correction
from errata.corrections.line_lifetimes import LineLifetimes
from errata.lessons import kinds
from errata.lessons.agent_work import AgentWork
from errata.lessons.chances_log import ChancesLine
from errata.lessons.corrected_commits import read_corrected
from errata.lessons.count_chances import count
from errata.lessons.describe_correction import describe_correction
from errata.lessons.retirement import Code
from errata.patterns.corpus import load_corpus
from errata.records import instants
from errata.runbooks.plan_evolve import EvolvePlan, plan_evolve


@dataclass(frozen=True, slots=True)
class History:
    """What one pass over the history found.

    Attributes:
        search: the pass; it has counts of commits.
        corrections: each once, oldest first.
        chances: the line for ``chances.jsonl``; None if the history is not read as a whole, or no
            agent committed anything.
        work: what agents' commits added.
    """

    search: Backfill
    corrections: list[Correction]
    chances: ChancesLine | None
    work: AgentWork


def read_history(
    repo: Repository,
    config: Config,
    commits: CommitRange,
    wanted: Callable[[Correction], bool] | None = None,
    handle: Callable[[Correction], None] = lambda _: None,
    lifetimes: LineLifetimes | None = None,
) -> History:
    """Read the history with a progress bar.

    Args:
        wanted: which corrections to keep; None for all. Chances are only counted with all.
        handle: takes each correction as soon as it is known.
        lifetimes: is told which lines come and go.

    Raises:
        GitError: the commits cannot be walked.
    """
    work = AgentWork(instants.clock())
    search = Backfill(repo, config, commits, describe_correction, work, lifetimes=lifetimes)
    corrections: dict[str, Correction] = {}
    with progress("Reading history", lambda: (search.done, search.total)):
        for correction in search:
            if correction.id not in corrections and (wanted is None or wanted(correction)):
                corrections[correction.id] = correction
                handle(correction)
    line = None
    if commits.is_whole and wanted is None and search.is_representative:
        with progress("Counting chances"):
            line = _count_chances(repo, config, work, commits.tips, corrections.values())
    return History(search, [*corrections.values()], line, work)


def plan_lessons(repo: Repository, logs: Repository, config: Config) -> EvolvePlan:
    """What the next evolve over some logs teaches, of the code of a repository."""
    with progress("Finding lessons"):
        code = Code(repo, config)
        return plan_evolve(logs, config, instants.clock(), write_cache=False, code=code)


def _count_chances(
    repo: Repository,
    config: Config,
    work: AgentWork,
    tips: Sequence[str],
    corrections: Iterable[Correction],
) -> ChancesLine | None:
    """The line for ``chances.jsonl``; None if no agent committed anything."""
    if not work.commits:
        return None
    corpus = load_corpus(repo, config, write=False)
    corrected = read_corrected(corpus, (correction.to_record() for correction in corrections))
    return count(work, corrected, kinds.chance, tips[0], files_at(repo, tips[0]))


def files_at(repo: Repository, commit: str) -> frozenset[str]:
    """The paths of a commit's files."""
    names = repo.git("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit).split(b"\0")
    return frozenset(name.decode("utf-8", "backslashreplace") for name in names if name)
