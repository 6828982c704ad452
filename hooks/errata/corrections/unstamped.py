"""Commits that an agent made where no hook of git ran, so that nothing in them names it.

An agent's tool may switch git's hooks off for the commands that it runs, or errata may not be found
there. Its events still report the command that made the commits. Who wrote their lines is stored
in this clone, as for a person's commit that holds an agent's work.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from errata.core.config import Config
from errata.core.git import Repository
from errata.corrections.attribution import mixed_commit_lines
from errata.corrections.attribution.changed_files import changed_files
from errata.corrections.attribution.deadline import Deadline
from errata.corrections.attribution.diff import FileDiff
from errata.corrections.attribution.mixed_commit_lines import Changes
from errata.corrections.commit_classifier import CommitClassifier
from errata.corrections.recorder import CorrectionRecorder
from errata.provenance.commits import read_commits
from errata.state import agent_edits
from errata.state.agent_edits import Writer

MAX_COMMITS = 20


def note(repo: Repository, config: Config, commits: Sequence[str], writer: Writer) -> None:
    """Store that an agent made some commits, unless they say so themselves.

    Args:
        commits: the last one first; HEAD if it is one of them.
        writer: the agent.

    Raises:
        ErrataError: an object is missing, or something cannot be written.
        DeadlineError: there was not enough time.
    """
    deadline = Deadline.after(config.capture.deadline_seconds)
    classifier = CommitClassifier(config, repo)
    unnamed = [
        commit
        for commit in read_commits(repo, commits[:MAX_COMMITS])
        if len(commit.parents) < 2 and classifier.classify(commit).kind == "person"
    ]
    if not unnamed:
        return
    now = unnamed[0].committer_time
    reported = agent_edits.edit_histories(repo, now, config.capture.window_days)
    for commit in unnamed:
        changes = _changes(changed_files(repo, commit.sha, deadline), reported, writer)
        mixed_commit_lines.save(repo, commit, changes)
    if reported:
        # Of the files whose edits were reported, a person may have changed some lines.
        seconds = deadline.seconds_left() or 0
        CorrectionRecorder(repo, config, seconds).record_uncommitted_edits(by_person=False)


def _changes(files: Sequence[FileDiff], reported: Collection[str], writer: Writer) -> Changes:
    """The changes of the files whose edits nobody reported: the agent that committed made them."""
    changes = Changes({writer: []})
    for diff in files:
        path = diff.new_path or diff.old_path or b""
        if path.decode("utf-8", "surrogateescape") in reported:
            continue
        for hunk in diff.hunks:
            changes.added[writer] += hunk.new
            changes.removed += [(diff.old_path or b"", line) for line in hunk.old]
    return changes
