"""History read once: its corrections, its chances, and the lessons that these would teach.

Shared by ``errata backfill``, ``errata try`` and ``errata report``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import msgspec

from errata.commands.progress import progress
from errata.core.config import Config
from errata.core.git import Repository
from errata.corrections.backfill import Backfill, CommitRange, Observers
from errata.corrections.correction import Correction
from errata.corrections.line_lifetimes import LineLifetimes
from errata.lessons import chances_log, kinds
from errata.lessons.agent_work import AgentWork
from errata.lessons.chances import Chances
from errata.lessons.chances_log import ChancesLine
from errata.lessons.corrected_commits import read_corrected
from errata.lessons.count_chances import count
from errata.lessons.describe_correction import describe_correction
from errata.lessons.load import load_corpus
from errata.lessons.outcome_counts import OutcomeCounts
from errata.lessons.retirement import Code
from errata.outcomes.rule_outcomes import rule_outcomes
from errata.outcomes.rule_trials import WrittenRuleTrials
from errata.outcomes.written_rules import read_rules
from errata.patterns import corpus as unnamed
from errata.patterns.corpus import Corpus
from errata.records import instants
from errata.records.model import DAY
from errata.runbooks import promotion_log, watched_lessons
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
    *,
    with_rules: bool = False,
) -> History:
    """Read the history with a progress bar.

    Args:
        wanted: which corrections to keep; None for all. Chances are only counted with all.
        handle: takes each correction as soon as it is known.
        lifetimes: is told which lines come and go.
        with_rules: whether the line for ``chances.jsonl`` counts how often agents broke the rules
            that people wrote. Finding these rules reads the trees of all commits once more.

    Raises:
        GitError: the commits cannot be walked.
    """
    work = AgentWork(instants.clock())
    is_counted = commits.is_whole and wanted is None and bool(commits.tips)
    watched = read_rules(repo, commits.tips[0]) if is_counted and with_rules else ()
    rules = WrittenRuleTrials(watched)
    observer = Observers(work, rules)
    search = Backfill(repo, config, commits, describe_correction, observer, lifetimes=lifetimes)
    corrections: dict[str, Correction] = {}
    with progress("Reading history", lambda: (search.done, search.total)):
        for correction in search:
            if correction.id not in corrections and (wanted is None or wanted(correction)):
                corrections[correction.id] = correction
                handle(correction)
    line = None
    if is_counted and search.is_representative:
        with progress("Counting chances"):
            line = _count_chances(repo, config, work, commits.tips, corrections.values())
            window = config.capture.window_days * DAY
            line = line and _with_rules(line, search, work, rules, corrections.values(), window)
    return History(search, [*corrections.values()], line, work)


def plan_lessons(
    repo: Repository, logs: Repository, config: Config, corpus: Corpus | None = None
) -> EvolvePlan:
    """What the next evolve over some logs teaches, of the code of a repository.

    Args:
        corpus: the records of these logs, if they were read already.
    """
    with progress("Finding lessons"):
        code, now = Code(repo, config), instants.clock()
        return plan_evolve(logs, config, now, write_cache=False, code=code, corpus=corpus)


def read_lessons(repo: Repository, config: Config, line: ChancesLine) -> Corpus | None:
    """All records with the names of their lessons; None if no lesson was ever promoted.

    Args:
        line: what agents committed, if that is newer than what the log says.
    """
    if not promotion_log.read(repo.root, config):
        return None
    chances = Chances.read(repo.root, config)
    if not (chances.line and chances_log.is_older(line, chances.line)):
        chances = Chances(line, chances.invalid)
    with progress("Finding lessons"):
        return load_corpus(repo, config, write=False, chances=chances)


def count_outcomes(
    repo: Repository, logs: Repository, config: Config, history: History, corpus: Corpus
) -> dict[str, OutcomeCounts]:
    """Name of a lesson -> what agents repeated of it.

    Args:
        corpus: all records of these logs, those of this history too.
    """
    with progress("Counting repetitions"):
        agents = history.search.agents
        return watched_lessons.count(repo, logs, config, history.work, agents, corpus)


def _with_rules(
    line: ChancesLine,
    search: Backfill,
    work: AgentWork,
    rules: WrittenRuleTrials,
    corrections: Iterable[Correction],
    window: int,
) -> ChancesLine:
    """The line with what became of the rules that people wrote for agents."""
    corrected = Counter(correction.agent.sha for correction in corrections)
    outcomes = rule_outcomes(work, search.agents, rules.trials(), corrected, window)
    return msgspec.structs.replace(line, outcomes=outcomes)


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
    corpus = unnamed.load_corpus(repo, config, write=False)
    corrected = read_corrected(corpus, (correction.to_record() for correction in corrections))
    return count(work, corrected, kinds.chance, tips[0], files_at(repo, tips[0]))


def files_at(repo: Repository, commit: str) -> frozenset[str]:
    """The paths of a commit's files."""
    names = repo.git("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit).split(b"\0")
    return frozenset(name.decode("utf-8", "backslashreplace") for name in names if name)
