"""Changes that a commit carries from other commits, by whoever made them there.

A squash merge, `cherry-pick -n`, `checkout BRANCH -- FILE` or `reset --soft` puts the changes of
other commits into a new one, which does not descend from them, and git does not note from where.
So the changes are compared with those of recent commits that are not ancestors.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from errata.core.errors import GitError
from errata.core.git import Repository
from errata.corrections.attribution.deadline import NO_DEADLINE, Deadline
from errata.corrections.attribution.diff import CommitDiff, FileDiff, Hunk
from errata.corrections.attribution.git_log import PLAIN, GitLog
from errata.corrections.attribution.mixed_commit_lines import Changes
from errata.corrections.commit_classifier import CommitClassifier
from errata.corrections.edit_authorship import has_word
from errata.provenance.commits import Commit
from errata.state.agent_edits import Writer

MAX_COMMITS = 500
_LIMIT = f"--max-count={MAX_COMMITS}"
_MAX_PATHS = 200
_SECOND = 1_000_000
# Squash merges and soft resets leave their source in these, if no branch has it.
_SOURCES = ("--all", "--reflog", "--ignore-missing", "ORIG_HEAD", "FETCH_HEAD")
_PERSON = None


@dataclass(slots=True)
class FileChanges:
    """What other commits did to one file; lines without the space around them.

    Attributes:
        added: when each line was added (microseconds), and by whom; the newest commit first.
        removed: when each line was removed, but not by a person; the newest commit first.
    """

    added: dict[bytes, list[tuple[int, Writer | None]]] = field(default_factory=dict)
    removed: dict[bytes, list[int]] = field(default_factory=dict)

    def within(self, since: int, until: int) -> tuple[dict[bytes, Writer | None], set[bytes]]:
        """The lines that were added in a time, by who added them first, and those removed in it."""
        added = {
            line: writer
            for line, additions in self.added.items()
            for time, writer in additions
            if since <= time <= until
        }
        removed = {
            line for line, times in self.removed.items() if any(since <= t <= until for t in times)
        }
        return added, removed


Sources = dict[bytes, FileChanges]
"""The changes of other commits by path."""


def find_carried(
    repo: Repository,
    classifier: CommitClassifier,
    commit: Commit,
    files: Sequence[FileDiff],
    since: int,
    deadline: Deadline = NO_DEADLINE,
) -> Changes:
    """The changes of a commit that other commits made before it, by who made them there.

    Args:
        commit: without an object id if it is not made yet.
        files: what the commit changes.
        since: instant (microseconds) after which the other commits were committed.

    Raises:
        DeadlineError: there was not enough time.
    """
    paths = {path for diff in files for path in (*diff.old_paths, diff.new_path) if path}
    limit = [b":(top,literal)" + path for path in sorted(paths)] if len(paths) <= _MAX_PATHS else []
    shas = _commits_elsewhere(repo, commit, since, deadline)
    if not shas:
        return Changes()
    args = ("--no-walk=unsorted", "--stdin", "--full-diff", "--", *map(_argument, limit))
    log = GitLog(str(repo.root), *PLAIN, _LIMIT, *args, stdin=shas)
    return common_changes(commit, files, _read(log, classifier, deadline), since)


def _commits_elsewhere(
    repo: Repository, commit: Commit, since: int, deadline: Deadline
) -> list[bytes]:
    """The commits made in a time before a commit that are not its ancestors, newest first."""
    until = f"--min-age={commit.committer_time // _SECOND}"
    # Not --max-age: it drops a commit, too, whose child has an older date, as by a wrong clock.
    args = ("rev-list", "--timestamp", *_SOURCES, until, f"^{commit.sha or commit.parents[0]}")
    try:
        out = deadline.run_git(repo, *args, "--")
    except GitError:
        return []
    rows = (line.split() for line in out.splitlines())
    return [sha for time, sha in rows if int(time) * _SECOND >= since]


def are_many(repo: Repository, tips: Sequence[str]) -> bool:
    """Whether :func:`read_sources` cannot read all commits that are not in these histories."""
    args = (f"--max-count={MAX_COMMITS + 1}", *_SOURCES, *(f"^{tip}" for tip in tips), "--")
    return int(repo.git("rev-list", "--count", *args)) > MAX_COMMITS


def read_sources(
    repo: Repository,
    classifier: CommitClassifier,
    *args: str,
    deadline: Deadline = NO_DEADLINE,
) -> Sources:
    """What the commits did that a commit may carry changes of.

    Args:
        args: options of ``git log``, and revisions that do not count with all their ancestors.

    Raises:
        DeadlineError: there was not enough time.
    """
    return _read(GitLog(str(repo.root), *PLAIN, _LIMIT, *_SOURCES, *args), classifier, deadline)


def _read(log: GitLog, classifier: CommitClassifier, deadline: Deadline) -> Sources:
    sources = _changes_by_path(log, classifier, deadline)
    # In a partial clone, objects of other branches may be missing; then nothing is known of them.
    return {} if log.error else sources


def carried_from(
    repo: Repository,
    classifier: CommitClassifier,
    commit: Commit,
    shas: Sequence[str],
    files: Sequence[FileDiff],
    rest: Writer | None,
    deadline: Deadline,
) -> Changes:
    """The changes of a commit that replaces others.

    Args:
        shas: the replaced commits.
        files: what the commit changes.
        rest: who added the lines that none of them has; None for a person.

    Raises:
        DeadlineError: there was not enough time.
    """
    log = GitLog.of_commits(str(repo.root), *PLAIN, shas=shas)
    sources = _changes_by_path(log, classifier, deadline)
    changes = common_changes(commit, files, sources)
    known = {line for source in sources.values() for line in source.added}
    lines = [line for diff in files for hunk in diff.hunks for line in hunk.new]
    new = [line for line in lines if line.strip() not in known]
    if new:
        changes.added.setdefault(rest, []).extend(new)
    return changes


def _changes_by_path(
    commits: Iterable[CommitDiff], classifier: CommitClassifier, deadline: Deadline
) -> Sources:
    sources: Sources = {}
    for commit_diff in commits:
        deadline.seconds_left()
        for diff in commit_diff.files:
            for path in {*diff.old_paths, diff.new_path} - {None}:
                changes = sources.setdefault(path or b"", FileChanges())
                for hunk in diff.hunks:
                    _add_hunk(changes, commit_diff.commit, diff.old_path, hunk, classifier)
    return sources


def _add_hunk(
    changes: FileChanges,
    commit: Commit,
    path: bytes | None,
    hunk: Hunk,
    classifier: CommitClassifier,
) -> None:
    writers = [_writer_of(commit, line, classifier) for line in hunk.new]
    time = commit.committer_time
    for line, writer in zip(hunk.new, writers, strict=True):
        changes.added.setdefault(line.strip(), []).append((time, writer))
    by_agents = classifier.classify(commit).kind != "person" or (
        bool(writers) and _PERSON not in writers
    )
    for line in hunk.old:
        if by_agents or classifier.is_removed_by_agent(commit, path or b"", line):
            changes.removed.setdefault(line.strip(), []).append(time)


def _writer_of(commit: Commit, line: bytes, classifier: CommitClassifier) -> Writer | None:
    owner = classifier.resolve_owner(commit, line)
    provenance = classifier.classify(owner) if owner is not None else None
    if provenance is None or provenance.kind != "agent":
        return _PERSON
    return Writer(provenance.name, provenance.tool)


def common_changes(
    commit: Commit, files: Sequence[FileDiff], sources: Sources, since: int = 0
) -> Changes:
    """The changes of a commit that others made before it, by who made them there.

    Args:
        since: instant (microseconds) before which changes do not count.
    """
    common = Changes()
    for diff in files:
        source = sources.get(diff.new_path or diff.old_path or b"", FileChanges())
        added, removed = source.within(since, commit.committer_time)
        for hunk in diff.hunks:
            _add_common_lines(common, diff.old_path or b"", hunk, added, removed)
    return common


def _add_common_lines(
    common: Changes,
    path: bytes,
    hunk: Hunk,
    writers: Mapping[bytes, Writer | None],
    removed: Collection[bytes],
) -> None:
    added = [line for line in hunk.new if line.strip() in writers]
    for line in added:
        common.added.setdefault(writers[line.strip()], []).append(line)
    if any(map(has_word, added)) or not any(map(has_word, hunk.new)):
        common.removed += [(path, line) for line in hunk.old if line.strip() in removed]
    # An agent may have carried what a person wrote.
    common.removed += [
        (path, line)
        for line in filter(has_word, hunk.old)
        if writers.get(line.strip(), path) is _PERSON
    ]


def _argument(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
