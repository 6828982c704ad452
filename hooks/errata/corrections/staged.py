"""Which agents' commits will the staged change correct?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from errata.core import git
from errata.core.config import Config
from errata.core.errors import GitError
from errata.core.git import Repository
from errata.corrections import precheck
from errata.corrections.attribution.deadline import Deadline
from errata.corrections.attribution.diff import FileDiff
from errata.corrections.candidates import Candidate, agent_commits_before
from errata.corrections.commit_classifier import CommitClassifier
from errata.provenance.commits import Commit
from errata.provenance.identity import CommitIdent, parse_identity

_SECOND = 1_000_000


def corrected_commits(root: Path, config: Config, message: str) -> list[tuple[str, str]]:
    """The agents' commits that the staged change corrects, as (object id, subject), newest first.

    The decision is the one that capture will make after the commit: same candidates, attribution
    and evidence.

    Raises:
        GitError: an object is missing.
        DeadlineError: there was not enough time.
    """
    author = _author(root)
    if author is None:
        return []
    name, email, now = author
    repo = git.Repository.discover(root)
    classifier = CommitClassifier(config, repo)
    agent_commits, head = agent_commits_before(root, config, classifier, now)
    if not agent_commits or head is None:
        return []
    person = Commit("", (head,), now, now, CommitIdent(name, email, name, email, message))
    if classifier.classify(person).kind != "person":
        return []
    # Deferred: most commits do not get here.
    from errata.corrections import capture
    from errata.corrections.attribution.changed_files import staged_files

    deadline = Deadline.after(config.capture.deadline_seconds)
    files = staged_files(repo, head, deadline)
    if repo.git_dir is not None and precheck.has_agent_edits(str(repo.git_dir)):
        _add_agents_changes(repo, config, person, files, classifier)
    candidate = Candidate(person, agent_commits)
    corrections, _ = capture.detect_in_files(repo, config, candidate, files, classifier, deadline)
    corrected = {correction.agent.sha: correction.agent for correction in corrections}.values()
    newest = sorted(corrected, key=lambda commit: (commit.author_time, commit.sha), reverse=True)
    return [(commit.sha, commit.ident.message.strip().partition("\n")[0]) for commit in newest]


def _add_agents_changes(
    repo: Repository,
    config: Config,
    person: Commit,
    files: Sequence[FileDiff],
    classifier: CommitClassifier,
) -> None:
    """Tell the classifier which staged changes an agent's tool reported."""
    from errata.corrections.attribution.mixed_commit_lines import Changes
    from errata.corrections.traced_files import trace_files
    from errata.records.instants import clock
    from errata.state import agent_edits

    def read_parent(path: bytes) -> bytes:
        return repo.git("cat-file", "blob", person.parents[0].encode() + b":" + path)

    def read_staged(path: bytes) -> bytes:
        return repo.git("cat-file", "blob", b":0:" + path)

    now = min(clock(), person.author_time)
    histories = agent_edits.edit_histories(repo, now, config.capture.window_days)
    changes = Changes()
    for _, file in trace_files(repo, histories, files, read_parent, read_staged, by_agent=False):
        if file is not None:
            file.add_changes(changes)
    classifier.add_changes(person, changes)


def _author(root: Path) -> tuple[str, str, int] | None:
    """Name, address and author time (microseconds) of the next commit; None if not configured."""
    try:
        identity, _, when = git.run("var", "GIT_AUTHOR_IDENT", cwd=root).decode().rpartition("> ")
        return *parse_identity(f"{identity}>"), int(when.split()[0]) * _SECOND
    except (GitError, ValueError, IndexError):
        # Git itself will refuse the commit.
        return None
