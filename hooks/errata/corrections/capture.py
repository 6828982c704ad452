"""Capture: the corrections that one commit makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from errata.corrections.agent_changes import AgentChanges
from errata.corrections.attribution import changed_files, mixed_commit_lines
from errata.corrections.attribution.commit_attribution import attribute_commit
from errata.corrections.attribution.deadline import NO_DEADLINE, Deadline
from errata.corrections.attribution.mixed_commit_lines import Changes
from errata.corrections.carried import find_carried
from errata.corrections.classify.generated_paths import GeneratedPaths
from errata.corrections.correction import Assessment, Correction
from errata.corrections.detect import Detector
from errata.corrections.substantial_hunks import Sources
from errata.records.model import DAY

if TYPE_CHECKING:
    from errata.core.config import Config
    from errata.core.git import Repository
    from errata.corrections.attribution.attributed_hunks import AttributedHunk
    from errata.corrections.attribution.diff import FileDiff
    from errata.corrections.candidates import Candidate
    from errata.corrections.commit_classifier import CommitClassifier
    from errata.provenance.commits import Commit


def detect(
    repo: Repository,
    config: Config,
    candidate: Candidate,
    classifier: CommitClassifier,
    deadline: Deadline = NO_DEADLINE,
) -> list[Correction]:
    """The corrections that a commit makes.

    Raises:
        DeadlineError: there was not enough time.
        GitError: an object is missing.
    """
    files = changed_files.changed_files(repo, candidate.commit.sha, deadline)
    corrections, carried = detect_in_files(repo, config, candidate, files, classifier, deadline)
    if carried.by_agents:
        mixed_commit_lines.save(repo, candidate.commit, carried)
    return corrections


def assess(
    repo: Repository,
    config: Config,
    candidate: Candidate,
    files: Sequence[FileDiff],
    classifier: CommitClassifier,
    deadline: Deadline = NO_DEADLINE,
) -> list[Assessment]:
    """What :func:`detect_in_files` looks at, whether or not it is a correction.

    Args:
        classifier: the one that detected with it, which knows what the commit carries.
    """
    owned, generated = _attribute(repo, candidate, files, deadline)
    detector = _detector(repo, config, candidate, classifier, deadline)
    hunks = classifier.attribute_lines(candidate.commit, owned)
    return [*detector.assess(candidate.commit, files, hunks, generated)]


def detect_in_files(
    repo: Repository,
    config: Config,
    candidate: Candidate,
    files: Sequence[FileDiff],
    classifier: CommitClassifier,
    deadline: Deadline = NO_DEADLINE,
    *,
    threshold: float | None = None,
) -> tuple[list[Correction], Changes]:
    """Like :func:`detect`, for a candidate whose changed files are known already.

    Args:
        threshold: the score from which an edit counts; None for the learned one.

    Returns:
        The corrections, and the changes that the commit carries from others, if that was looked at.
    """
    person = candidate.commit
    since = person.author_time - config.capture.window_days * DAY
    owned, generated = _attribute(repo, candidate, files, deadline)
    detector = replace(
        _detector(repo, config, candidate, classifier, deadline), threshold=threshold
    )

    def detect_owned() -> list[Correction]:
        hunks = classifier.attribute_lines(person, owned)
        return list(detector.corrections(person, files, hunks, generated))

    corrections = detect_owned()
    if not corrections:
        return [], Changes()
    hunks = (hunk for correction in corrections for hunk in correction.hunks)
    touched = {hunk.diff.old_path: hunk.diff for hunk in hunks}
    carried = find_carried(repo, classifier, person, [*touched.values()], since, deadline)
    if not carried.by_agents:
        return corrections, carried
    classifier.add_changes(person, carried)
    return detect_owned(), carried


def _attribute(
    repo: Repository, candidate: Candidate, files: Sequence[FileDiff], deadline: Deadline
) -> tuple[list[AttributedHunk], GeneratedPaths]:
    """The hunks of a candidate with their owners, and which of their files a tool writes."""
    owned = attribute_commit(
        repo, candidate.commit, files, candidate.agent_commits, candidate.boundary, deadline
    )
    generated = GeneratedPaths(repo)
    generated.check(hunk.diff.old_path for hunk in owned)
    return owned, generated


def _detector(
    repo: Repository,
    config: Config,
    candidate: Candidate,
    classifier: CommitClassifier,
    deadline: Deadline,
) -> Detector:
    changes = AgentChanges(repo, deadline)

    def in_window(agent: Commit, _: Commit) -> bool:
        return agent.sha in candidate.agent_commits

    sources = Sources(changes.read, changes.formatted)
    return Detector(classifier.classify, changes.change, in_window, sources, config.explicit)
