"""``errata-validate-logs`` (pre-commit): refuse a commit that would damage a log."""

from __future__ import annotations

import os
import sys

from errata.core.interrupt import interruptible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from errata.core.config import Config
    from errata.core.git import Repository
    from errata.records.staged_logs import StagedLog

SHOWN = 100
"""The most problems that are printed; the others are counted."""


@interruptible
def main(argv: Sequence[str] | None = None) -> int:
    """Check the logs that are staged, and those among FILES; the exit status is 1 on a problem."""
    from errata.core.errors import ErrataError
    from errata.records import precheck

    argv = list(sys.argv[1:] if argv is None else argv)
    try:
        if precheck.changes_no_log(argv):
            return 0
        args = _arguments(argv)
        problems = _problems(args.files, args.allow_rewrite)
    except ErrataError as error:
        print(f"errata-validate-logs: {error}", file=sys.stderr)
        return error.exit_code
    except ImportError as error:
        # A broken installation is no reason to refuse a commit.
        print(f"errata-validate-logs: skipped: {error}", file=sys.stderr)
        return 0
    for line in problems[:SHOWN]:
        print(line, file=sys.stderr)
    if len(problems) > SHOWN:
        print(f"and {len(problems) - SHOWN} more", file=sys.stderr)
    return int(bool(problems))


def _arguments(argv: Sequence[str] | None) -> _Arguments:
    import argparse

    parser = argparse.ArgumentParser(
        prog="errata-validate-logs",
        description="Check every staged log: new lines must follow the schema, "
        "and committed lines must not change.",
    )
    parser.add_argument(
        "--allow-rewrite",
        action="store_true",
        default=os.environ.get("ERRATA_ALLOW_REWRITE") == "1",
        help="permit changes to committed lines (also: ERRATA_ALLOW_REWRITE=1)",
    )
    parser.add_argument(
        "files",
        nargs="*",
        help="logs to check even if they are not staged; other files are ignored",
    )
    return parser.parse_args(argv, namespace=_Arguments())


class _Arguments:
    allow_rewrite: bool
    files: list[str]


def _problems(files: Sequence[str], allow_rewrite: bool) -> list[str]:
    """One line for each problem of the staged logs, and of those among ``files``."""
    from errata.core import config
    from errata.core.git import Repository
    from errata.records import staged_logs

    repo = Repository.discover()
    settings = config.load(repo.root)
    kinds = staged_logs.checked(settings)
    logs = staged_logs.staged(repo, kinds)
    staged = {log.path for log in logs}
    named = [path for path in _logs_among(files, repo, kinds) if path not in staged]
    logs += staged_logs.unchanged(repo, kinds, named)
    return [line for log in logs for line in _check(repo, log, settings, allow_rewrite)]


def _logs_among(files: Iterable[str], repo: Repository, kinds: Mapping[str, str]) -> list[str]:
    """The logs among the files, as paths from the top of the repository."""
    paths: dict[str, None] = {}
    for file in files:
        directory, name = os.path.split(file)
        # Only the directory is resolved, so that a log that is a symbolic link is seen as one.
        path = os.path.relpath(os.path.join(os.path.realpath(directory), name), repo.root)  # noqa: PTH118
        paths[path.replace(os.sep, "/")] = None
    return [path for path in paths if path in kinds]


def _check(
    repo: Repository, log: StagedLog, settings: Config, allow_rewrite: bool
) -> Iterator[str]:
    from errata.records import staged_logs

    if log.cannot_check:
        yield f"{log.path}: {log.cannot_check}"
        return
    new, olds = staged_logs.contents(repo, log)
    if log.new is None:
        if any(olds) and not allow_rewrite:
            from errata.records.append_only import OVERRIDE_HINT

            yield f"{log.path}: deletes the log and its committed lines ({OVERRIDE_HINT})"
        return
    from errata.records import instants, validate

    report = validate.check(
        log.kind,
        new,
        olds,
        now=instants.clock(),
        alias=settings.aliases.get(log.kind),
        allow_rewrite=allow_rewrite,
        detail=SHOWN,
    )
    for problem in report.problems:
        yield problem.at(log.path)


if __name__ == "__main__":
    raise SystemExit(main())
