"""``errata-capture`` (post-commit): find out what the commit corrects, and keep it.

A commit is done by the time this runs: whatever goes wrong is one line on standard error, the
commit is left for the next run, and the status is always 0.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any


def main(argv: Sequence[str] | None = None) -> int:  # noqa: ARG001
    """Run the hook; git gives it no arguments."""
    try:
        from errata.corrections import precheck
        from errata.provenance.environment import at_keyboard

        # What an agent commits is no correction by a person, whoever the commit says it is by; but
        # the person may have changed, before, what the agent had written.
        if at_keyboard(os.environ) is None:
            if not precheck.can_skip_head():
                _run(by_person=True)
        elif precheck.has_agent_edits(os.environ.get("GIT_DIR", ".git")):
            _run(by_person=False)
    except (Exception, KeyboardInterrupt) as error:
        _leave(error)
    return 0


def _run(by_person: bool) -> None:
    from pathlib import Path

    from errata.core.config import load
    from errata.core.git import Repository
    from errata.corrections import capture, precheck

    # Git runs hooks at the top of the work tree.
    config = load(Path.cwd())
    if not config.capture.enabled:
        return
    repo = Repository.discover()
    if repo.git_dir is None or precheck.is_copying(str(repo.git_dir)):
        return
    from errata.state import retry_queue

    whose = capture.CommitClassifier(config, repo)
    found = capture.find_candidate(repo.root, config, whose) if by_person else None
    uncommitted = precheck.has_agent_edits(str(repo.git_dir))
    if found is None and not uncommitted and not retry_queue.entries(repo):
        return
    from errata.corrections.recorder import CorrectionRecorder

    work = CorrectionRecorder(repo, config, config.capture.deadline_seconds, whose)
    # This commit first: what was left over may be left over again.
    new = work.commit(found) if found is not None else []
    if uncommitted:
        new += work.uncommitted()
    _say(new, repo)
    work.left_over()


def _say(new: Sequence[Mapping[str, Any]], repo: Any) -> None:
    if not new:
        return
    from errata.state import outbox

    what = "; ".join(
        f"{r['agent']} {r['correction_type']}"
        f"{' ' + r['pattern_inferred'] if 'pattern_inferred' in r else ''} ({r['id']})"
        for r in new
    )
    waits = outbox.count(repo)
    tail = f"; {waits} waiting for `errata flush`" if waits else ""
    print(f"errata: captured a correction: {what}{tail}")


def _leave(error: BaseException) -> None:
    """Leave HEAD for the next run, and say so in one line."""
    from errata.core.errors import ErrataError

    try:
        from errata.core.git import Repository
        from errata.state import retry_queue

        repo = Repository.discover()
        sha = repo.git("rev-parse", "--verify", "--quiet", "HEAD").decode().strip()
        retry_queue.add_commit(repo, sha)
        later = f"; {sha[:12]} is left for the next run, or `errata flush`"
    except Exception:
        later = "; `errata backfill` finds it later"
    what = str(error) if isinstance(error, ErrataError) else f"{type(error).__name__} {error}"
    if type(error).__name__ in ("DeadlineError", "TimeoutError"):
        what = "too large to look at now"
    print(f"errata-capture: {' '.join(what.split())}{later}", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
