"""``errata-capture`` (post-commit): record what the new commit corrects.

The commit is already made when this runs. Every failure is therefore one line on standard error,
the commit goes to the retry queue, and the exit status is always 0.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from errata.core.git import Repository


def main(argv: Sequence[str] | None = None) -> int:  # noqa: ARG001
    """Run the hook; git gives it no arguments."""
    from errata.githooks import _removed_records

    _removed_records.report_commit()
    try:
        from errata.corrections import precheck
        from errata.githooks._repository import repository
        from errata.state.who_commits import who_commits

        # An agent's commit is not a correction by a person, whoever the author is. But a person may
        # have changed the agent's lines before that commit.
        if who_commits(os.environ, repository) is None:
            if not precheck.can_skip_head():
                _capture(by_person=True)
        elif precheck.has_agent_edits(os.environ.get("GIT_DIR", ".git")):
            _capture(by_person=False)
    except (Exception, KeyboardInterrupt) as error:
        _retry_later(error)
    return 0


def _capture(by_person: bool) -> None:
    from pathlib import Path

    from errata.core.config import load
    from errata.core.git import Repository
    from errata.corrections import git_state, precheck

    # Git runs hooks at the top of the work tree.
    config = load(Path.cwd())
    if not config.capture.enabled:
        return
    repo = Repository.discover()
    if repo.git_dir is None or git_state.is_copying(str(repo.git_dir)):
        return
    from errata.corrections.candidates import find_candidate
    from errata.corrections.commit_classifier import CommitClassifier
    from errata.state import markers, retry_queue

    classifier = CommitClassifier(config, repo)
    candidate = find_candidate(repo.root, config, classifier) if by_person else None
    has_edits = precheck.has_agent_edits(str(repo.git_dir))
    is_squash = markers.is_set(repo.git_dir, markers.SQUASH)
    if candidate is None and not (has_edits or is_squash or retry_queue.entries(repo)):
        return
    from errata.corrections.recorder import CorrectionRecorder
    from errata.lessons.describe_correction import describe_correction

    seconds = config.capture.deadline_seconds
    recorder = CorrectionRecorder(repo, config, seconds, classifier, describe_correction)
    # The edits first: they say which changes of the commit are an agent's. The retry queue last: it
    # may use up the time.
    new = recorder.record_uncommitted_edits(by_person) if has_edits else []
    if is_squash:
        markers.remove(repo.git_dir, markers.SQUASH)
        recorder.record_squash()
    if candidate is not None:
        new += recorder.record_commit(candidate)
    _report(new, repo)
    recorder.drain_retry_queue()


def _report(records: Sequence[Mapping[str, Any]], repo: Repository) -> None:
    if not records:
        return
    from errata.state import outbox

    descriptions = "; ".join(
        f"{record['agent']} {record['correction_type']}"
        f"{' ' + record['pattern_inferred'] if 'pattern_inferred' in record else ''}"
        f" ({record['id']})"
        for record in records
    )
    waiting = outbox.count(repo)
    suffix = f"; {waiting} waiting for `errata flush`" if waiting else ""
    print(f"errata: captured a correction: {descriptions}{suffix}")


def _retry_later(error: BaseException) -> None:
    """Put HEAD into the retry queue, and print one line about the error."""
    from errata.core.errors import ErrataError
    from errata.corrections.attribution.deadline import DeadlineError

    try:
        from errata.core.git import Repository
        from errata.state import retry_queue

        repo = Repository.discover()
        sha = repo.git("rev-parse", "--verify", "--quiet", "HEAD").decode().strip()
        retry_queue.add_commit(repo, sha)
        outcome = f"{sha[:12]} is left for the next run, or `errata flush`"
    except Exception:
        outcome = "`errata backfill` finds it later"
    if isinstance(error, DeadlineError | TimeoutError):
        reason = "the commit is too large for the time limit"
    elif isinstance(error, ErrataError):
        reason = str(error)
    else:
        reason = f"{type(error).__name__} {error}"
    print(f"errata-capture: {' '.join(reason.split())}; {outcome}", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
