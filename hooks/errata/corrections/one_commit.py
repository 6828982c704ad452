"""What one commit corrects if somebody says that it does, however unsure errata is."""

from __future__ import annotations

import math

from errata.core.config import Config
from errata.core.git import Repository
from errata.corrections.attribution.changed_files import changed_files
from errata.corrections.candidates import find_candidate
from errata.corrections.capture import detect_in_files
from errata.corrections.commit_classifier import CommitClassifier
from errata.corrections.correction import Correction


def corrections_of(repo: Repository, config: Config, sha: str) -> list[Correction]:
    """What a commit changes in the lines of agents, one correction for each agent.

    There is none if a person did not make the commit, if it touches no line of an agent in the
    window, or if something rules a correction out, such as a formatter.

    Raises:
        GitError: an object is missing.
    """
    classifier = CommitClassifier(config, repo)
    candidate = find_candidate(repo.root, config, classifier, sha)
    if candidate is None:
        return []
    files = changed_files(repo, candidate.commit.sha)
    corrections, _ = detect_in_files(
        repo, config, candidate, files, classifier, threshold=-math.inf
    )
    return corrections
