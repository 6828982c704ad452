"""Bring a repository's runbooks up to date: flush, plan, apply.

Evolve moves captured corrections into their log first, because a runbook may only rest on records
that everybody gets. Then the changes are planned and applied. The hook plans from the logs alone.
It writes runbooks or keeps their new sections in the git directory, and changes no other file.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from errata.core import atomic
from errata.core.config import Config
from errata.core.errors import LogError
from errata.core.git import Repository
from errata.lessons.retirement import Code
from errata.patterns import registry
from errata.records import append
from errata.runbooks import exports, kept_sections, lesson_index, promotion_log, store
from errata.runbooks.paths import PROMOTION_LOG, patterns_file
from errata.runbooks.plan_evolve import EvolvePlan, plan_evolve
from errata.runbooks.promotions import EvolveScope
from errata.runbooks.sanitise import terminal
from errata.runbooks.store import RunbookChange

# The folder ignores its derived files, and this list with them: nothing to commit.
_IGNORED = ("patterns.json", "trends.json", "evolve.lock", ".gitignore")
_IGNORE_FILE = "\n".join((*_IGNORED, "")).encode()

_NOTES_REF = "refs/notes/ai"


def _ignore(_: object) -> None:
    """Report nothing."""


def update(
    repo: Repository,
    config: Config,
    limit: int,
    scope: EvolveScope | None = None,
    *,
    lock_timeout: float = 60,
    on_flush: Callable[[int], None] = _ignore,
    on_plan: Callable[[EvolvePlan], None] = _ignore,
) -> EvolvePlan:
    """Flush captured corrections, plan the changes and apply them; returns the plan.

    In the middle of a merge or rebase the corrections stay where they are, and do not count.

    Args:
        limit: records later than this (microseconds UTC, plus the tolerance) are in the future.
        lock_timeout: seconds to wait for another evolve.
        on_flush: called with the number of corrections moved, if there are any.
        on_plan: called before anything planned is written; it may raise to prevent that.

    Raises:
        LogError, RunbookError: an input is damaged, or a file cannot be written.
    """
    from errata.state import outbox

    with exclusive(repo, config, lock_timeout):
        can_flush = repo.state_dir and not outbox.reason_to_wait(repo, config)
        if can_flush and outbox.has_records(repo) and repo.git("for-each-ref", _NOTES_REF):
            from errata.corrections.recorder import CorrectionRecorder

            CorrectionRecorder(repo, config, lock_timeout).withdraw_recorded()
        if can_flush and (moved := outbox.flush(repo, config)):
            on_flush(moved)
        plan = plan_evolve(repo, config, limit, scope, with_outbox=False, code=Code(repo, config))
        on_plan(plan)
        apply(repo, config, plan)
    return plan


def apply(repo: Repository, config: Config, plan: EvolvePlan) -> None:
    """Write a plan: the promotion log first, then runbooks, then the derived files.

    A kill between any two of them is repaired by the next run, which reads the log and renders
    again.

    Raises:
        LogError, RunbookError: a file cannot be written.
    """
    if plan.decided is None:
        return
    log = patterns_file(repo.root, config, PROMOTION_LOG)
    if plan.resolved_log is not None:
        store.write(log, plan.resolved_log)
    if plan.events:
        append.append(log, [event.to_record() for event in plan.events], root=repo.root)
    for change in plan.changes:
        if change.changed and change.new is not None:
            store.write(change.path, change.new)
        kept_sections.discard(repo, change.path.parent.name)
    _write(plan.exports)
    states = {name: promotion_log.status(config, s) for name, s in plan.standings.items()}
    taught = promotion_log.taught(plan.standings)
    alerts = [outcome.to_alert() for outcome in plan.not_helping]
    for name, value in (
        ("patterns.json", registry.patterns_json(plan.decided, states)),
        ("trends.json", registry.trends_json(plan.decided, taught, alerts)),
    ):
        store.write(patterns_file(repo.root, config, name), _json(value))
    plan.corpus.figures.save(plan.decided.figures())
    lesson_index.write(repo, plan)
    ignore_file = patterns_file(repo.root, config, ".gitignore")
    if not ignore_file.exists():
        store.write(ignore_file, _IGNORE_FILE)


def ignored_files(root: Path, config: Config) -> list[str]:
    """The files of ours that git ignores, from the top of the work tree; not an edited list.

    Raises:
        LogError: a symbolic link leads out of the work tree.
    """
    files = {name: patterns_file(root, config, name) for name in _IGNORED}
    ours = [name for name in _IGNORED if files[name].is_file()]
    if ".gitignore" in ours and files[".gitignore"].read_bytes() != _IGNORE_FILE:
        ours.remove(".gitignore")
    return [f"{config.paths.patterns.rstrip('/')}/{name}" for name in ours]


@contextlib.contextmanager
def exclusive(repo: Repository, config: Config, timeout: float = 60) -> Iterator[None]:
    """One evolve at a time in a repository, so that the promotion log holds each event once.

    Raises:
        LogError: another one did not finish within ``timeout`` seconds.
    """
    folder = repo.state_dir or patterns_file(repo.root, config, "evolve.lock").parent
    with contextlib.ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(atomic.exclusive_lock(folder / "evolve.lock", timeout))
        except TimeoutError as error:
            raise LogError(
                f"another errata evolve has been running for {timeout:.0f} s",
                "try again when it has finished",
            ) from error
        except OSError as error:
            raise LogError(f"{folder}: {error.strerror}", "it must be a writable folder") from error
        yield


def refresh(
    repo: Repository, config: Config, limit: int, *, write: bool, lock_timeout: float = 10
) -> list[RunbookChange]:
    """Bring runbooks up to date with the logs, as a hook may; returns what is new.

    Args:
        write: write the runbooks; otherwise keep their new sections in the git directory.
        limit, lock_timeout: as for :func:`update`.

    Raises:
        LogError, RunbookError: an input is damaged, or a file cannot be written.
    """
    with exclusive(repo, config, lock_timeout):
        plan = plan_evolve(repo, config, limit, with_outbox=False)
        changes = [change for change in plan.changes if _refresh(repo, change, write)]
        lesson_index.write(repo, plan)
        return changes + (_write(plan.exports) if write else [])


def export(
    repo: Repository,
    config: Config,
    limit: int,
    formats: Iterable[str],
    *,
    lock_timeout: float = 60,
) -> list[RunbookChange]:
    """Write what is promoted to the files that agents' tools read; returns those that changed.

    Args:
        formats: names of :data:`errata.runbooks.exports.FORMATS`.
        limit, lock_timeout: as for :func:`update`.

    Raises:
        LogError, RunbookError: an input is damaged, or a file cannot be written.
    """
    with exclusive(repo, config, lock_timeout):
        plan = plan_evolve(repo, config, limit, with_outbox=False)
        if plan.decided is None:
            return []
        unhelpful = {outcome.name for outcome in plan.not_helping}
        standings = promotion_log.load(repo.root, config)
        entries = exports.promoted(plan.decided, standings, unhelpful)
        return _write(exports.plan_exports(repo.root, config, entries, formats))


def _write(changes: Iterable[RunbookChange]) -> list[RunbookChange]:
    """Write files; returns those that changed."""
    changed = [change for change in changes if change.changed and change.new is not None]
    return [change for change in changed if store.write(change.path, change.new or b"")]


def _refresh(repo: Repository, change: RunbookChange, write: bool) -> bool:
    if write or not change.changed:
        kept_sections.discard(repo, change.path.parent.name)
    if not change.changed or change.new is None:
        return False
    return store.write(change.path, change.new) if write else kept_sections.keep(repo, change)


def stale(repo: Repository, config: Config, limit: int) -> list[tuple[str, str]]:
    """Files whose block is behind the logs: (path, what would change)."""
    changes = plan_evolve(repo, config, limit, with_outbox=False).files
    return [
        (str(change.path.relative_to(repo.root)), change.summary or "formatting")
        for change in changes
        if change.changed
    ]


def _json(value: dict[str, Any]) -> bytes:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(_printable(value)), indent=1) + b"\n"


def _printable(value: Any) -> Any:
    """The value with invisible characters removed from its texts: agents read these files."""
    if isinstance(value, str):
        return terminal(value) or ("?" if value else "")
    if isinstance(value, dict):
        return {key: _printable(item) for key, item in value.items()}
    return [_printable(item) for item in value] if isinstance(value, list) else value
