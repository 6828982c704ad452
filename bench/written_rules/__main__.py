"""``python -m bench.written_rules measure OWNER/NAME=CLONE ...``, then ``... table``.

``measure`` reads the code in the history of each clone and stores what became of its rules in
``results.jsonl``; corrections are not looked for, because a rule needs none. ``table`` writes the
table of docs/written-rules.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from bench.written_rules import table
from bench.written_rules.results import RESULTS, Result, read, shorten, write
from errata import rules as rules_data
from errata.core.config import Config
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.corrections.attribution.diff import CommitDiff
from errata.corrections.attribution.git_log import PLAIN, GitLog
from errata.corrections.commit_classifier import CommitClassifier
from errata.lessons.agent_work import AgentWork
from errata.lessons.triggers import extensions
from errata.outcomes.rule_outcomes import rule_outcomes
from errata.outcomes.rule_trials import WrittenRuleTrials
from errata.outcomes.written_rules import read_rules
from errata.records import instants


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, or write the table; 2 if a clone cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m bench.written_rules", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    measure = commands.add_parser(
        "measure", help="read clones and store what became of their rules"
    )
    measure.add_argument("clones", nargs="+", metavar="OWNER/NAME=CLONE")
    commands.add_parser("table", help="write the table into docs/written-rules.md")
    args = parser.parse_args(argv)
    if args.command == "table":
        table.write(read())
        return 0
    return _measure(args.clones)


def _measure(clones: Iterable[str]) -> int:
    failed = False
    for clone in clones:
        name, _, path = clone.partition("=")
        try:
            result = measured(name, Path(path))
        except ErrataError as error:
            print(f"{clone}: {error}", file=sys.stderr)
            failed = True
            continue
        results = {each.repository: each for each in read()} | {name: result}
        write(results.values())
        print(f"{name}: {len(result.outcomes)} of {result.measurable} rules measured", flush=True)
    return 2 if failed else 0


def measured(name: str, clone: Path) -> Result:
    """What became of the rules of a clone.

    Raises:
        ErrataError: it cannot be read, or lacks code.
    """
    repo = Repository(clone, clone, clone)
    tip = repo.git("rev-parse", "HEAD").decode().strip()
    rules = read_rules(repo, tip)
    watched, work = WrittenRuleTrials(rules), AgentWork(instants.clock())
    classifier = CommitClassifier(Config(), repo)
    makers = {}
    commits = repo.git("rev-list", "--reverse", "--topo-order", "--no-merges", tip).decode().split()
    log = _Log(str(clone), commits)
    for diff in log:
        maker = classifier.classify(diff.commit)
        by_agent = maker.kind == "agent"
        if by_agent:
            makers[diff.commit.sha] = maker
        for observer in (watched, work):
            observer.add(diff, by_agent=by_agent)
    outcomes = rule_outcomes(work, makers, watched.trials(), {}, window=0)
    return Result(
        repository=name,
        commit=tip,
        missing=log.missing,
        agent_commits=len(makers),
        rules=len(rules),
        measurable=sum(rule.statement is not None for rule in rules),
        outcomes={
            key: msgspec.structs.replace(counts, says=shorten(counts.says))
            for key, counts in outcomes.items()
        },
    )


class _Log:
    """What commits did to code, without those of which this clone lacks a file.

    Attributes:
        missing: how often git ended for that; it may leave out the commit before, too.
    """

    def __init__(self, root: str, commits: list[str]) -> None:
        self.missing = 0
        self._root = root
        self._commits = commits

    def __iter__(self) -> Iterator[CommitDiff]:
        place = {sha: number for number, sha in enumerate(self._commits)}
        start = 0
        while start < len(self._commits):
            shas = (sha.encode() for sha in self._commits[start:])
            stdin = [*shas, b"--", *map(str.encode, _code())]
            log = GitLog(self._root, *PLAIN, "--no-walk=unsorted", "--stdin", stdin=stdin)
            last = start - 1
            for diff in log:
                last = place[diff.commit.sha]
                yield diff
            if not log.error:
                return
            self.missing += last >= start
            start = last + 2


def _code() -> list[str]:
    """Paths of code: a clone that lacks large files of data is read all the same."""
    names = (row["name"] for row in rules_data.load("elements")["language"])
    known = extensions(tuple(name for name in names if name not in ("json", "yaml")))
    return [f":(top,glob)**/*.{extension}" for extension in known]


if __name__ == "__main__":
    print(f"results: {RESULTS}", file=sys.stderr)
    sys.exit(main())
