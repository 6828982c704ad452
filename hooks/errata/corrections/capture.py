"""Capture: the corrections that one commit makes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from errata.corrections.attribution import changed_files, mixed_commit_lines
from errata.corrections.attribution.commit_attribution import attribute_commit
from errata.corrections.attribution.deadline import NO_DEADLINE, Deadline
from errata.corrections.attribution.file_contents import read_files
from errata.corrections.attribution.mixed_commit_lines import Changes
from errata.corrections.carried import find_carried
from errata.corrections.classify.generated_paths import GeneratedPaths
from errata.corrections.detect import Correction, Detector
from errata.corrections.substantial_hunks import Sources, may_hold_format
from errata.records.model import DAY

if TYPE_CHECKING:
    from errata.core.config import Config
    from errata.core.git import Repository
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


def detect_in_files(
    repo: Repository,
    config: Config,
    candidate: Candidate,
    files: Sequence[FileDiff],
    classifier: CommitClassifier,
    deadline: Deadline = NO_DEADLINE,
) -> tuple[list[Correction], Changes]:
    """Like :func:`detect`, for a candidate whose changed files are known already.

    Returns:
        The corrections, and the changes that the commit carries from others, if that was looked at.
    """
    person = candidate.commit
    since = person.author_time - config.capture.window_days * DAY
    owned = attribute_commit(
        repo, person, files, candidate.agent_commits, candidate.boundary, deadline
    )
    generated = GeneratedPaths(repo)
    generated.check(hunk.diff.old_path for hunk in owned)

    changes = _AgentChanges(repo, deadline)
    sources = Sources(changes.read, changes.formatted)

    def in_window(agent: Commit, _: Commit) -> bool:
        return agent.sha in candidate.agent_commits

    lines_added = changes.lines_added
    detector = Detector(classifier.classify, lines_added, in_window, sources, config.explicit)

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


class _AgentChanges:
    """What agents' commits changed; git is asked once for each commit."""

    def __init__(self, repo: Repository, deadline: Deadline) -> None:
        self._repo = repo
        self._deadline = deadline
        self._files: dict[str, list[FileDiff]] = {}
        self._formatted: dict[str, list[FileDiff]] = {}

    def lines_added(self, commit: Commit) -> int:
        """How many lines a commit added to the files whose content this clone has."""
        return changed_files.count_added(self._changed(commit))

    def formatted(self, commit: Commit) -> list[FileDiff]:
        """The files in which a formatter may have written lines of a commit."""
        if commit.sha not in self._formatted:
            self._formatted[commit.sha] = [*filter(may_hold_format, self._changed(commit))]
        return self._formatted[commit.sha]

    def read(self, revision: str, paths: Iterable[bytes]) -> dict[bytes, bytes]:
        """Contents by path."""
        return read_files(self._repo, revision, paths, self._deadline)

    def _changed(self, commit: Commit) -> list[FileDiff]:
        if commit.sha not in self._files:
            files = changed_files.present_files(self._repo, commit, self._deadline)
            self._files[commit.sha] = files
        return self._files[commit.sha]
