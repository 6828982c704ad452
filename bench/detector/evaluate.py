"""Runs the detection of the post-commit hook on the labelled cases, and scores it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.detector.labels import Case
from bench.score import Label, Score
from errata.core.config import Config
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.corrections import capture
from errata.corrections.candidates import find_candidate
from errata.corrections.commit_classifier import CommitClassifier


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one case.

    Attributes:
        types: types of the corrections that were detected in the person's commit, that of the
            labelled agent commit first.
        skipped: why the case could not be run; "" if it was.
    """

    case: Case
    types: tuple[str, ...] = ()
    skipped: str = ""

    @property
    def prediction(self) -> Label:
        """The type that was detected; None if no correction was."""
        return self.types[0] if self.types else None


def find(folder: Path, repo: str) -> Path | None:
    """The clone of ``owner/name`` in a directory, in any of the documented layouts."""
    owner, _, name = repo.partition("/")
    places = [f"{owner}+{name}/repo", f"{owner}+{name}", f"{owner}/{name}", name]
    for place in places:
        for path in (folder / place, folder / f"{place}.git"):
            if (path / ".git").exists() or (path / "HEAD").is_file():
                return path
    return None


def run(case: Case, folder: Path) -> Outcome:
    """Detect the corrections of one case."""
    clone = find(folder, case.repo)
    if clone is None:
        return Outcome(case, skipped="no clone of the repository")
    try:
        repo = Repository.discover(clone)
        if missing := _missing(repo, case):
            return Outcome(case, skipped=missing)
        return Outcome(case, _detect(repo, case))
    except ErrataError as error:
        return Outcome(case, skipped=str(error).splitlines()[0])


def _missing(repo: Repository, case: Case) -> str:
    """Which commit of the case the clone lacks; "" if none."""
    commits = {
        "the agent's commit is not in the clone": case.agent_commit,
        "the person's commit is not in the clone": case.person_commit,
        "the parent of the person's commit is not in the clone": f"{case.person_commit}^",
    }
    names = "".join(f"{name}^{{commit}}\n" for name in commits.values()).encode()
    answers = repo.git("cat-file", "--batch-check", stdin=names).splitlines()
    answered = zip(commits, answers, strict=True)
    return next((reason for reason, answer in answered if answer.endswith(b" missing")), "")


def _detect(repo: Repository, case: Case) -> tuple[str, ...]:
    config = Config()
    classifier = CommitClassifier(config)
    candidate = find_candidate(repo.root, config, classifier, case.person_commit)
    if candidate is None:
        return ()
    corrections = capture.detect(repo, config, candidate, classifier)
    corrections.sort(key=lambda correction: case.agent_commit != correction.agent.sha)
    return tuple(correction.type.value for correction in corrections)


def score(outcomes: Iterable[Outcome]) -> Score:
    """Count the outcomes that were run."""
    return Score.of((o.case.type, o.prediction) for o in outcomes if not o.skipped)


def select(outcomes: Sequence[Outcome], half: str | None, certain: bool) -> list[Outcome]:
    """The outcomes of one half (None: both), with or without those of low certainty."""
    return [
        outcome
        for outcome in outcomes
        if half in (None, outcome.case.half) and not (certain and outcome.case.certainty == "low")
    ]
