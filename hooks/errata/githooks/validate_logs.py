"""``errata-validate-logs`` (pre-commit): refuse a commit that would damage a log."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from errata.core.config import Config
    from errata.core.git import Repository
    from errata.records.model import Kind
    from errata.records.staged_logs import Staged

SHOWN = 100
"""At most so many problems are printed; the rest is counted."""


def main(argv: Sequence[str] | None = None) -> int:
    """Check the logs that are staged, and those among FILES; the exit status is 1 on a problem."""
    from errata.core.errors import ErrataError
    from errata.records import precheck

    given = list(sys.argv[1:] if argv is None else argv)
    try:
        if precheck.idle(given):
            return 0
    except ErrataError as error:
        print(f"errata-validate-logs: {error}", file=sys.stderr)
        return error.exit_code
    args = _arguments(given)
    try:
        problems = _problems(args.files, args.allow_rewrite)
    except ErrataError as error:
        print(f"errata-validate-logs: {error}", file=sys.stderr)
        return error.exit_code
    for line in problems[:SHOWN]:
        print(line, file=sys.stderr)
    if len(problems) > SHOWN:
        print(f"and {len(problems) - SHOWN} more", file=sys.stderr)
    return int(bool(problems))


def _arguments(argv: Sequence[str] | None) -> _Arguments:
    import argparse

    parser = argparse.ArgumentParser(
        prog="errata-validate-logs",
        description="Check every log that is staged: what is appended has to follow its schema, "
        "and what is committed may not change.",
    )
    parser.add_argument(
        "--allow-rewrite",
        action="store_true",
        default=os.environ.get("ERRATA_ALLOW_REWRITE") == "1",
        help="permit changes to committed lines (also: ERRATA_ALLOW_REWRITE=1)",
    )
    parser.add_argument(
        "files", nargs="*", help="check these as a whole if they are logs and not staged"
    )
    return parser.parse_args(argv, namespace=_Arguments())


class _Arguments:
    allow_rewrite: bool
    files: list[str]


def _problems(files: Sequence[str], allow_rewrite: bool) -> list[str]:
    from errata.core import config
    from errata.core.git import Repository
    from errata.records import staged_logs

    repo = Repository.discover()
    settings = config.load(repo.root)
    logs = staged_logs.kinds(settings.logs)
    found = staged_logs.staged(repo, logs)
    changed = {log.path for log in found}
    rest = [path for path in _named(repo, files, logs) if path not in changed]
    found += staged_logs.whole(repo, logs, rest)
    return [line for log in found for line in _check(repo, log, settings, allow_rewrite)]


def _named(repo: Repository, files: Iterable[str], logs: Mapping[str, Kind]) -> list[str]:
    """The logs among the files, as paths from the top of the repository."""
    names = []
    for file in files:
        folder, name = os.path.split(file)
        # The folder alone is resolved: a log that is a symbolic link has to be seen as one.
        path = os.path.relpath(os.path.join(os.path.realpath(folder), name), repo.root)  # noqa: PTH118
        names.append(path.replace(os.sep, "/"))
    return [path for path in dict.fromkeys(names) if path in logs]


def _check(repo: Repository, log: Staged, settings: Config, allow_rewrite: bool) -> Iterator[str]:
    from errata.records import staged_logs

    if log.unfit:
        yield f"{log.path}: {log.unfit}"
        return
    new, olds = staged_logs.contents(repo, log)
    if log.new is None:
        if any(olds) and not allow_rewrite:
            from errata.records.append_only import WAY_OUT

            yield f"{log.path}: the log is deleted, and with it committed lines ({WAY_OUT})"
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
