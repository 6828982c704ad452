"""Checks that are proposed from the first part of a history, tried on the rest of it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.lessons import learn
from errata.checks import measure, proposals, rule_file, rule_text
from errata.checks.measure import Candidate, Sample
from errata.checks.proposals import Proposal
from errata.core.config import load
from errata.core.git import Repository
from errata.lessons import triggers
from errata.lessons.facts import expand
from errata.lessons.instructions import lead_fact
from errata.lessons.kinds import Fact
from errata.lessons.load import load_corpus
from errata.patterns.lesson import Lesson
from errata.records import instants

EARLIER = 0.7


@dataclass(frozen=True, slots=True)
class Later:
    """What a check says in the later commits of agents.

    Attributes:
        proposal: made from the earlier part.
        hits: the first line of each later commit in which it speaks.
        corrected: those of these commits that people corrected for the same fact.
    """

    proposal: Proposal
    hits: list[Sample]
    corrected: set[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One repository."""

    corrections: int
    lessons: int
    checkable: int
    proposals: list[Proposal]
    later: list[Later] = field(default_factory=list)
    later_commits: int = 0


def run(place: Path) -> Outcome:
    """Learn from the first 70% of the corrections of a copy, and try its checks on the rest."""
    records = learn.records(place) or learn.backfill(place)
    records.sort(key=lambda record: (record["timestamp"], record["id"]))
    earlier = records[: int(EARLIER * len(records))]
    if not earlier or len(earlier) == len(records):
        return Outcome(len(records), 0, 0, [])
    learn.write(place, earlier)
    try:
        return _run(place, records, earlier)
    finally:
        learn.write(place, records)


def _run(place: Path, records: list[dict[str, Any]], earlier: list[dict[str, Any]]) -> Outcome:
    repo = Repository.discover(place)
    config = load(repo.root)
    cut = _commit_before(place, earlier[-1]["timestamp"])
    corpus = load_corpus(repo, config, write=False, with_outbox=False)
    lessons = [corpus.lessons[name] for name in sorted(corpus.lessons)]
    made, _ = proposals.propose(repo, config, corpus, lessons, instants.END, cut)
    by_name = {lesson.name: lesson for lesson in lessons}
    chosen = [proposal for proposal in made if not proposal.reason]
    candidates = {}
    for proposal in chosen:
        rules = [
            r for text in map(rule_text.dump, proposal.documents) for r in rule_file.read(text)
        ]
        trigger = triggers.of_lesson(by_name[proposal.name])
        later = set(_corrected(records[len(earlier) :], by_name[proposal.name]))
        candidates[proposal.name] = Candidate(rules, trigger, frozenset(later))
    read = measure.Read(0, complete=True)
    if candidates:
        read = measure.measure(repo, config, [*candidates.values()], f"{cut}..HEAD")
    return Outcome(
        len(records),
        len(lessons),
        sum(proposal.is_checkable for proposal in made),
        made,
        [_later(proposal, candidates[proposal.name]) for proposal in chosen],
        read.commits,
    )


def _later(proposal: Proposal, candidate: Candidate) -> Later:
    firsts = [samples[0] for _, samples in sorted(candidate.spoke.items())]
    return Later(proposal, firsts, candidate.read & candidate.spoke.keys())


def _corrected(records: list[dict[str, Any]], lesson: Lesson) -> Iterator[str]:
    """The agents' commits that later records correct for the leading fact of a lesson."""
    lead = Fact.parse(lead_fact(lesson.facts))
    for record in records:
        area = record.get("area") or {}
        facts = expand(
            record.get("edits") or [],
            area.get("folders") or [],
            area.get("languages") or [],
            [],
            tests=bool(area.get("tests")),
        )
        sha = (record.get("ai_action") or {}).get("commit")
        if sha and (
            str(lead) in facts or any(Fact.parse(f) == lead for f in record.get("edits") or [])
        ):
            yield sha


def _commit_before(place: Path, timestamp: str) -> str:
    command = ["git", "rev-list", "-1", f"--before={timestamp}", "HEAD"]
    done = subprocess.run(command, cwd=place, check=True, capture_output=True, text=True)
    return done.stdout.strip()
