"""Run the detection that the hook runs on every labelled case, and count."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.detector.labels import Case
from errata.core.config import Config
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.corrections import capture
from errata.corrections.candidates import find_candidate
from errata.corrections.commit_classifier import CommitClassifier

_Z = 1.96


@dataclass(frozen=True, slots=True)
class Outcome:
    """What detection said about one case.

    Attributes:
        types: of the records made for the person's commit, the one about the labelled agent commit
            first; empty if it was not detected.
        skipped: why the case could not be run; "" if it was.
    """

    case: Case
    types: tuple[str, ...] = ()
    skipped: str = ""

    @property
    def detected(self) -> bool:
        """Whether a record was made."""
        return bool(self.types)


def find(folder: Path, repo: str) -> Path | None:
    """The clone of ``owner/name`` below a folder, in any of the usual layouts; bare or not."""
    owner, _, name = repo.partition("/")
    places = [f"{owner}+{name}/repo", f"{owner}+{name}", f"{owner}/{name}", name]
    for place in places:
        for path in (folder / place, folder / f"{place}.git"):
            if (path / ".git").exists() or (path / "HEAD").is_file():
                return path
    return None


def run(case: Case, folder: Path) -> Outcome:
    """Detection of one case, by the gate and the detection of the post-commit hook."""
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
    wanted = {
        "the agent's commit is not in the clone": case.agent_commit,
        "the person's commit is not in the clone": case.person_commit,
        "the parent of the person's commit is not in the clone": f"{case.person_commit}^",
    }
    asked = "".join(f"{name}^{{commit}}\n" for name in wanted.values()).encode()
    answers = repo.git("cat-file", "--batch-check", stdin=asked).splitlines()
    found = zip(wanted, answers, strict=True)
    return next((why for why, answer in found if answer.endswith(b" missing")), "")


def _detect(repo: Repository, case: Case) -> tuple[str, ...]:
    config = Config()
    classifier = CommitClassifier(config)
    candidate = find_candidate(repo.root, config, classifier, case.person_commit)
    if candidate is None:
        return ()
    corrections = capture.detect(repo, config, candidate, classifier)
    corrections.sort(key=lambda one: case.agent_commit != one.agent.sha)
    return tuple(one.type.value for one in corrections)


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over some cases: true and false positives, false and true negatives.

    Attributes:
        same_type: true positives whose type is the labelled one.
        types: (labelled, found) -> true positives.
    """

    tp: int
    fp: int
    fn: int
    tn: int
    same_type: int
    types: Counter[tuple[str, str]]

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> Score:
        """Count those that were run."""
        run = [one for one in outcomes if not one.skipped]
        cells = Counter((one.case.corrective, one.detected) for one in run)
        hits = [one for one in run if one.case.corrective and one.detected]
        types = Counter((str(one.case.type), one.types[0]) for one in hits)
        return cls(
            cells[True, True],
            cells[False, True],
            cells[True, False],
            cells[False, False],
            sum(n for (wanted, found), n in types.items() if wanted == found),
            types,
        )

    @property
    def total(self) -> int:
        """Cases that were run."""
        return self.tp + self.fp + self.fn + self.tn


def interval(part: int, whole: int) -> tuple[float, float]:
    """The 95% interval of a proportion (Wilson's score interval); (0, 1) if there is nothing."""
    if not whole:
        return 0.0, 1.0
    p, z2 = part / whole, _Z * _Z / whole
    middle = p + z2 / 2
    spread = _Z * math.sqrt((p * (1 - p) + z2 / 4) / whole)
    return (middle - spread) / (1 + z2), (middle + spread) / (1 + z2)


def select(outcomes: Sequence[Outcome], half: str | None, sure: bool) -> list[Outcome]:
    """The outcomes of one half (None: both), with or without those of low certainty."""
    return [
        one
        for one in outcomes
        if (half is None or one.case.half == half) and not (sure and one.case.certainty == "low")
    ]
