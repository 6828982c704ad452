"""Which agents' commits will the staged change correct?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from errata.core import git
from errata.core.config import Config
from errata.core.errors import GitError
from errata.core.git import Repository
from errata.corrections import precheck
from errata.corrections.attribution.deadline import Deadline
from errata.corrections.attribution.diff import FileDiff
from errata.corrections.candidates import find_candidate_in, read_history
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
    author, committer = _identity(root, "AUTHOR"), _identity(root, "COMMITTER")
    if author is None or committer is None:
        return []
    name, email, now = author
    repo = git.Repository.discover(root)
    classifier = CommitClassifier(config, repo)
    history = read_history(root, "HEAD")
    head = next(history, None)
    if head is None:
        return []
    ident = CommitIdent(name, email, name, email, message)
    person = Commit("", (head.sha,), now, committer[2], ident)
    if classifier.classify(person).kind != "person":
        return []
    candidate = find_candidate_in(chain([head], history), person, config, classifier)
    if candidate is None:
        return []
    # Deferred: most commits do not get here.
    from errata.corrections import capture
    from errata.corrections.attribution.changed_files import staged_files

    deadline = Deadline.after(config.capture.deadline_seconds)
    files = staged_files(repo, head.sha, deadline)
    if repo.git_dir is not None and precheck.has_agent_edits(str(repo.git_dir)):
        _add_agents_changes(repo, config, person, files, classifier)
    corrections, _ = capture.detect_in_files(repo, config, candidate, files, classifier, deadline)
    # A comment for an agent changes nothing yet.
    agents = [correction.agent for correction in corrections if not correction.remark]
    corrected = {agent.sha: agent for agent in agents}.values()
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


def _identity(root: Path, role: str) -> tuple[str, str, int] | None:
    """Name, address and time (microseconds) of the next commit; None if not configured.

    Args:
        role: AUTHOR or COMMITTER.
    """
    try:
        identity, _, when = git.run("var", f"GIT_{role}_IDENT", cwd=root).decode().rpartition("> ")
        return *parse_identity(f"{identity}>"), int(when.split()[0]) * _SECOND
    except (GitError, ValueError, IndexError):
        # Git itself will refuse the commit.
        return None
