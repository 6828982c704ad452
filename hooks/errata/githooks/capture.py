"""``errata-capture`` (post-commit): find out what the commit corrects, and keep it.

A commit is done by the time this runs: whatever goes wrong is one line on standard error, the
commit is left for the next run, and the status is always 0.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from errata.config import Config, load
from errata.errors import ErrataError

if TYPE_CHECKING:
    from errata.corrections.capture import Whose
    from errata.git import Repository


def main(argv: Sequence[str] | None = None) -> int:  # noqa: ARG001
    """Run the hook; git gives it no arguments."""
    try:
        _run()
    except ErrataError as error:
        print(f"errata-capture: {error}", file=sys.stderr)
    except Exception as error:
        print(f"errata-capture: skipped: {type(error).__name__}: {error}", file=sys.stderr)
    return 0


def _run() -> None:
    from errata.corrections import capture

    # Git runs hooks at the top of the work tree.
    here = Path.cwd()
    config = load(here)
    if not config.capture.enabled:
        return
    whose = capture.Whose(config)
    found = capture.gate(here, config, whose)
    if found is None:
        return
    from errata.corrections import waiting
    from errata.git import Repository

    repo = Repository.discover(here)
    if capture.sequencing(repo):
        return
    for sha in (*waiting.take_deferred(repo), found.commit.sha):
        _one(repo, config, whose, sha)


def _one(repo: Repository, config: Config, whose: Whose, sha: str) -> None:
    """Capture one commit; if that cannot be finished, leave its id for the next run."""
    from errata.corrections import capture, waiting
    from errata.corrections.blame import DeadlineError

    try:
        found = capture.gate(repo.root, config, whose, sha)
        corrections = capture.run(repo, config, found, whose) if found else []
        new = waiting.save(repo, config, [c.record() for c in corrections])
    except DeadlineError:
        waiting.defer(repo, sha)
        print(
            f"errata: {sha[:12]} is too large to look at now; `errata flush` finishes it",
            file=sys.stderr,
        )
    except ErrataError:
        waiting.defer(repo, sha)
        raise
    else:
        if new:
            _say(repo, [(c.by.name, c.type.value, c.pattern, c.id) for c in corrections])


def _say(repo: Repository, found: list[tuple[str, str, str, str]]) -> None:
    from errata.corrections import waiting

    what = "; ".join(
        f"{agent} {kind}{f' {pattern}' if pattern else ''} ({id})"
        for agent, kind, pattern, id in found
    )
    waits = waiting.count(repo)
    tail = f"; {waits} waiting for `errata flush`" if waits else ""
    print(f"errata: captured a correction: {what}{tail}")


if __name__ == "__main__":
    raise SystemExit(main())
