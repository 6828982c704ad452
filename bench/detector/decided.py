"""How often errata was right in a user's own repository, by that user's decisions.

A correction that somebody rejected was none; one that somebody accepted, or gave a pattern, was
one. Nothing
leaves the machine, and only totals are printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.score import row, share
from errata.core.config import load
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.corrections import capture
from errata.corrections.attribution.changed_files import changed_files
from errata.corrections.candidates import find_candidate
from errata.corrections.classify.evidence import least_probability
from errata.corrections.commit_classifier import CommitClassifier
from errata.records.curation import Curation
from errata.records.deduplication import commit_of, with_prefix
from errata.state import outbox


def report(folder: Path) -> list[str]:
    """The figures of one repository, as lines of Markdown.

    Raises:
        ErrataError: it is not a repository, or its logs cannot be read.
    """
    repo = Repository.discover(folder)
    if not repo.git_dir:
        raise ErrataError(f"{folder.resolve()}: not a git repository")
    config = load(repo.root)
    labels = dict(_labels(Curation.read(repo, config)))
    logs = outbox.sources(repo, config)
    asked: dict[bool, list[float]] = {True: [], False: []}
    for id, is_correction in sorted(labels.items()):
        record = with_prefix(logs, id).get(id)
        if record is not None and record.get("source") == "implicit":
            asked[is_correction].append(_probability(repo, commit_of(record)))
    right, wrong = asked[True], asked[False]
    least = least_probability()
    still = [sum(value >= least for value in values) for values in (right, wrong)]
    return [
        f"{len(right) + len(wrong)} captured corrections were decided about.",
        "",
        row("", "Precision"),
        "|---" * 2 + "|",
        row("as captured", share(len(right), len(right) + len(wrong))),
        row("by the weights of now", share(still[0], sum(still))),
    ]


def _labels(curation: Curation) -> Iterator[tuple[str, bool]]:
    """Each correction that a person decided about, and whether it was one; the last one counts."""
    for decision in curation.in_effect:
        if decision.by_person and decision.action in ("accept", "reject", "teach"):
            # To reject for one pattern only leaves it a correction.
            is_correction = decision.action != "reject" or bool(decision.pattern)
            for id in decision.corrections:
                yield id, is_correction


def _probability(repo: Repository, sha: str) -> float:
    """The highest probability that a commit has now; 0 if nothing was looked at."""
    config = load(repo.root)
    classifier = CommitClassifier(config, repo)
    try:
        candidate = find_candidate(repo.root, config, classifier, sha)
        if candidate is None:
            return 0.0
        # Unlike capture, this stores nothing.
        files = changed_files(repo, sha)
        found, _ = capture.detect_in_files(repo, config, candidate, files, classifier)
    except ErrataError:
        return 0.0
    return max((item.verdict.probability for item in found if not item.remark), default=0.0)
