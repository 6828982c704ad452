"""``errata-rewrite`` (post-rewrite): after an amend or a rebase, each correction still counts once.

Git gives pairs of old and new ids on standard input. Under pre-commit and prek there is none, so
they are read where git keeps them: the rebase's own list, or HEAD's reflog after an amend.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from errata.config import Config, load
from errata.corrections.blame import DeadlineError
from errata.errors import ErrataError, GitError
from errata.git import Repository


def main(argv: Sequence[str] | None = None) -> int:
    """Run the hook; git's argument is ``amend`` or ``rebase``. The status is always 0."""
    try:
        command = (list(sys.argv[1:] if argv is None else argv) or [""])[0]
        repo = Repository.discover(Path.cwd())
        config = load(repo.root)
        if config.capture.enabled:
            _follow(
                repo,
                config,
                _pairs(repo, command or os.environ.get("PRE_COMMIT_REWRITE_COMMAND", "")),
            )
    except ErrataError as error:
        print(f"errata-rewrite: {error}", file=sys.stderr)
    except Exception as error:
        print(f"errata-rewrite: skipped: {type(error).__name__}: {error}", file=sys.stderr)
    return 0


def _pairs(repo: Repository, command: str) -> list[tuple[str, str]]:
    """(old, new) commit ids of a rewrite."""
    text = _stdin()
    assert repo.git_dir is not None
    for name in ("rebase-merge/rewritten-list", "rebase-apply/rewritten"):
        if not text and (path := repo.git_dir / name).is_file():
            text = path.read_text()
    pairs = [(line.split()[0], line.split()[1]) for line in text.splitlines() if " " in line]
    if not pairs and command != "rebase":
        try:
            out = repo.git("rev-parse", "--verify", "--quiet", "HEAD@{1}", "HEAD").decode().split()
            pairs = [(out[0], out[1])]
        except (GitError, IndexError):
            pairs = []
    return pairs


def _stdin() -> str:
    """What git wrote to us; never waits for a terminal."""
    try:
        mode = os.fstat(0).st_mode
        piped = stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)
        return sys.stdin.read() if piped else ""
    except (OSError, ValueError):
        return ""


def _follow(repo: Repository, config: Config, pairs: list[tuple[str, str]]) -> None:
    """Withdraw what the old commits made and the new ones do not; keep what the new ones make.

    The old commits are looked at again rather than remembered: git still has them, and a record
    keeps its id through any number of rewrites.
    """
    from errata.corrections import capture, waiting

    whose = capture.Whose(config)
    deadline = time.monotonic() + config.capture.deadline_seconds * 2

    def corrections(shas: list[str]) -> dict[str, dict[str, Any]]:
        found = {}
        for sha in dict.fromkeys(shas):
            opened = capture.gate(repo.root, config, whose, sha)
            if opened is not None:
                for one in capture.detect(repo, config, opened, whose, deadline):
                    found[one.id] = one.record()
        return found

    try:
        before = corrections([old for old, _ in pairs])
        after = corrections([new for _, new in pairs])
    except DeadlineError:
        for _, new in pairs:
            waiting.defer(repo, new)
        print("errata: too much was rewritten to look at now; `errata flush` finishes it")
        return
    dropped = waiting.withdraw(repo, config, before.keys() - after.keys())
    waiting.renew(repo, after)
    added = waiting.save(repo, config, list(after.values()))
    if dropped or added:
        print(f"errata: history was rewritten: {added} corrections added, {dropped} withdrawn")


if __name__ == "__main__":
    raise SystemExit(main())
