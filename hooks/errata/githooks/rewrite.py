"""``errata-rewrite`` (post-rewrite): after an amend or a rebase, each correction counts once.

Git passes pairs of old and new object ids on standard input. Under pre-commit and prek there is no
input; the pairs are then read from the rebase's own list, or from HEAD's reflog after an amend.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

from errata.core.config import load
from errata.core.errors import ErrataError, GitError
from errata.core.git import Repository
from errata.core.interrupt import interruptible

Pairs = list[tuple[str, str]]
_PAIR_LISTS = ("rebase-merge/rewritten-list", "rebase-apply/rewritten")
# Where the branch was before the rebase.
_OLD_TIPS = ("rebase-merge/orig-head", "rebase-apply/orig-head")
_ONTO = ("rebase-merge/onto", "rebase-apply/onto")
# A rebase may also make new commits, for example when it splits one.
_MAX_NEW_COMMITS = 100


@interruptible
def main(argv: Sequence[str] | None = None) -> int:
    """Run the hook; git's argument is ``amend`` or ``rebase``. The status is always 0."""
    try:
        command = (list(sys.argv[1:] if argv is None else argv) or [""])[0]
        _run(command or os.environ.get("PRE_COMMIT_REWRITE_COMMAND", ""))
    except ErrataError as error:
        _print_error(str(error))
    except Exception as error:
        _print_error(f"skipped: {type(error).__name__}: {error}")
    return 0


def _print_error(message: str) -> None:
    print(f"errata-rewrite: {' '.join(message.split())}", file=sys.stderr)


def _run(command: str) -> None:
    repo = Repository.discover(Path.cwd())
    if repo.git_dir is None:
        return
    rebasing = any((repo.git_dir / name).exists() for name in _ONTO)
    if command == "amend" and rebasing:
        # The rebase may still be aborted; at its end, its list has the amended commit.
        return
    pairs = _read_pairs(repo.git_dir, repo, command)
    if pairs and command != "amend":
        _after_rebase(repo, pairs)
    if pairs:
        _follow(repo, pairs, _commits_of_rebase(repo.git_dir, repo) if command != "amend" else [])


def _read_pairs(git_dir: Path, repo: Repository, command: str) -> Pairs:
    """(old, new) object ids of a rewrite."""
    text = _read_stdin()
    for name in _PAIR_LISTS if command != "amend" else ():
        if not text and (path := git_dir / name).is_file():
            text = path.read_text()
    pairs = [(words[0], words[1]) for line in text.splitlines() if len(words := line.split()) > 1]
    return pairs if pairs or command == "rebase" else _amended_pair(repo)


def _after_rebase(repo: Repository, pairs: Pairs) -> None:
    """Report records that the new history lacks, and refresh runbooks if it brought records.

    Git runs no post-merge hook for `git pull --rebase` where there are commits to replay.
    """
    from errata.githooks import _removed_records, refresh

    assert repo.git_dir is not None
    old = pairs[-1][0]
    for name in _OLD_TIPS:
        with contextlib.suppress(OSError):
            old = (repo.git_dir / name).read_text().strip()
    # Where a conflict was resolved, records of the new base may be missing, too.
    bases = []
    for name in _ONTO:
        with contextlib.suppress(OSError):
            bases.append((repo.git_dir / name).read_text().strip())
    try:
        config = load(repo.root)
        _removed_records.report(repo, config, [old, *bases], "HEAD", "the rebase")
        refresh.refresh(repo, config, old, "HEAD")
    except ErrataError as error:
        _print_error(str(error))


def _amended_pair(repo: Repository) -> Pairs:
    try:
        old = repo.git("rev-parse", "--verify", "--quiet", "HEAD@{1}").decode().strip()
        new = repo.git("rev-parse", "--verify", "--quiet", "HEAD").decode().strip()
    except GitError:
        return []
    return [(old, new)] if old and new else []


def _commits_of_rebase(git_dir: Path, repo: Repository) -> list[str]:
    """The commits that a rebase put on its base."""
    for name in _ONTO:
        path = git_dir / name
        if path.is_file() and (onto := path.read_text().strip()).isalnum():
            limit = f"--max-count={_MAX_NEW_COMMITS}"
            return (
                repo.git("rev-list", limit, "--no-merges", f"{onto}..HEAD", "--").decode().split()
            )
    return []


def _read_stdin() -> str:
    """What git wrote to standard input; never waits for a terminal."""
    try:
        mode = os.fstat(0).st_mode
        piped = stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)
        return sys.stdin.read() if piped else ""
    except (OSError, ValueError):
        return ""


def _follow(repo: Repository, pairs: Pairs, new_commits: list[str]) -> None:
    from errata.corrections.attribution.deadline import DeadlineError
    from errata.state import retry_queue

    try:
        config = load(repo.root)
        if not config.capture.enabled:
            return
        from errata.corrections.recorder import CorrectionRecorder
        from errata.lessons.describe_correction import describe_correction
        from errata.state.agent_edits import Writer
        from errata.state.who_commits import who_commits

        # An agent's own work is not a correction; a correction that it only moves still is.
        agent = who_commits(os.environ, lambda: repo)
        rewriter = Writer(agent.name, agent.tool, agent.session) if agent else None
        seconds = config.capture.deadline_seconds * 2
        recorder = CorrectionRecorder(repo, config, seconds, describe=describe_correction)
        added, withdrawn = recorder.follow_rewrite(pairs, new_commits, rewriter)
    except Exception as error:
        retry_queue.add_rewrite(repo, pairs)
        if not isinstance(error, DeadlineError | TimeoutError):
            raise
        print("errata: the rewrite is too large for the time limit; `errata flush` finishes it")
        return
    if added or withdrawn:
        print(f"errata: history was rewritten: {added} corrections added, {withdrawn} withdrawn")


if __name__ == "__main__":
    raise SystemExit(main())
