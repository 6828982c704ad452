"""``errata-rewrite`` (post-rewrite): after an amend or a rebase, each correction still counts once.

Git gives pairs of old and new ids on standard input. Under pre-commit and prek there is none, so
they are read where git keeps them: the rebase's own list, or HEAD's reflog after an amend.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

from errata.core.config import load
from errata.core.errors import ErrataError, GitError
from errata.core.git import Repository

_LISTS = ("rebase-merge/rewritten-list", "rebase-apply/rewritten")
_ONTO = ("rebase-merge/onto", "rebase-apply/onto")
# Commits that a rebase made anew (one was split) are looked at too, within reason.
_NEW = 100


def main(argv: Sequence[str] | None = None) -> int:
    """Run the hook; git's argument is ``amend`` or ``rebase``. The status is always 0."""
    try:
        command = (list(sys.argv[1:] if argv is None else argv) or [""])[0]
        _run(command or os.environ.get("PRE_COMMIT_REWRITE_COMMAND", ""))
    except ErrataError as error:
        _complain(str(error))
    except Exception as error:
        _complain(f"skipped: {type(error).__name__}: {error}")
    return 0


def _complain(what: str) -> None:
    print(f"errata-rewrite: {' '.join(what.split())}", file=sys.stderr)


def _run(command: str) -> None:
    repo = Repository.discover(Path.cwd())
    if repo.git_dir is None:
        return
    rebasing = any((repo.git_dir / name).exists() for name in _ONTO)
    if command == "amend" and rebasing:
        # The rebase may still be aborted; its own list has the amended commit in the end.
        return
    pairs = _pairs(repo.git_dir, repo, command)
    if pairs:
        _follow(repo, pairs, _made_anew(repo) if command != "amend" else [])


def _pairs(git_dir: Path, repo: Repository, command: str) -> list[tuple[str, str]]:
    """(old, new) commit ids of a rewrite."""
    text = _stdin()
    for name in _LISTS if command != "amend" else ():
        if not text and (path := git_dir / name).is_file():
            text = path.read_text()
    pairs = [(words[0], words[1]) for line in text.splitlines() if len(words := line.split()) > 1]
    return pairs if pairs or command == "rebase" else _amended(repo)


def _amended(repo: Repository) -> list[tuple[str, str]]:
    try:
        out = repo.git("rev-parse", "--verify", "--quiet", "HEAD@{1}").decode().split()
        out += repo.git("rev-parse", "--verify", "--quiet", "HEAD").decode().split()
    except GitError:
        return []
    return [(out[0], out[1])] if len(out) == 2 else []


def _made_anew(repo: Repository) -> list[str]:
    """The commits that a rebase put on its base."""
    assert repo.git_dir is not None
    for name in _ONTO:
        path = repo.git_dir / name
        if path.is_file() and (onto := path.read_text().strip()).isalnum():
            args = ("rev-list", f"--max-count={_NEW}", "--no-merges", f"{onto}..HEAD", "--")
            return repo.git(*args).decode().split()
    return []


def _stdin() -> str:
    """What git wrote to us; never waits for a terminal."""
    try:
        mode = os.fstat(0).st_mode
        piped = stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)
        return sys.stdin.read() if piped else ""
    except (OSError, ValueError):
        return ""


def _follow(repo: Repository, pairs: list[tuple[str, str]], made: list[str]) -> None:
    from errata.state import retry_queue

    try:
        config = load(repo.root)
        if not config.capture.enabled:
            return
        from errata.corrections.recorder import CorrectionRecorder
        from errata.provenance.environment import at_keyboard

        # An agent's own work is no correction; one that it merely moves still is.
        person = at_keyboard(os.environ) is None
        work = CorrectionRecorder(repo, config, config.capture.deadline_seconds * 2)
        added, withdrawn = work.rewrite(pairs, made, add=person)
    except Exception as error:
        retry_queue.add_rewrite(repo, pairs)
        if type(error).__name__ not in ("DeadlineError", "TimeoutError"):
            raise
        print("errata: too much was rewritten to look at now; `errata flush` finishes it")
        return
    if added or withdrawn:
        print(f"errata: history was rewritten: {added} corrections added, {withdrawn} withdrawn")


if __name__ == "__main__":
    raise SystemExit(main())
