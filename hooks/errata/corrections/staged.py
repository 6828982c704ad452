"""What is about to be committed: which agents' commits does it correct?"""

from __future__ import annotations

import time
from pathlib import Path

from errata.core import git
from errata.core.config import Config
from errata.core.errors import GitError
from errata.corrections import capture
from errata.corrections.attribution.git_log import DIFF_OPTIONS, parse_diff
from errata.corrections.capture import Candidate, CommitClassifier
from errata.provenance.commits import Commit
from errata.provenance.identity import CommitIdent, parse_identity

_SECOND = 1_000_000


def corrected_commits(root: Path, config: Config, message: str) -> list[tuple[str, str]]:
    """The agents' commits that the staged change corrects, as (full id, subject), newest first.

    Decided as capture will decide after the commit: the same gate, attribution and evidence.

    Raises:
        GitError: an object is missing.
    """
    repo = git.Repository.discover(root)
    whose = CommitClassifier(config, repo)
    try:
        who, _, when = git.run("var", "GIT_AUTHOR_IDENT", cwd=root).decode().rpartition("> ")
        now = int(when.split()[0]) * _SECOND
    except (GitError, ValueError, IndexError):
        # Nobody has said who they are; git will.
        return []
    agents, head = capture.agent_commits_before(root, config, whose, now)
    if not agents or head is None:
        return []
    name, email = parse_identity(f"{who}>")
    person = Commit(
        sha="",
        parents=(head,),
        author_time=now,
        committer_time=now,
        ident=CommitIdent(name, email, name, email, message),
    )
    if whose(person).kind != "person":
        return []
    # The index that git names in GIT_INDEX_FILE: that of `commit -a` and `commit -- path` too.
    staged = git.run("diff-index", "--cached", *DIFF_OPTIONS, head, "--", cwd=root)
    deadline = time.monotonic() + config.capture.deadline_seconds
    found = capture.detect_in_files(
        repo, config, Candidate(person, agents), parse_diff(staged), whose, deadline
    )
    commits = {one.agent.sha: one.agent for one in found}.values()
    newest = sorted(commits, key=lambda c: (c.author_time, c.sha), reverse=True)
    return [(c.sha, c.ident.message.strip().partition("\n")[0]) for c in newest]
