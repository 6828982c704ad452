"""``errata-check-lessons`` (pre-commit): say which staged lines repeat what people corrected.

Runs the accepted checks on the lines that the commit adds. Code that was there, was moved or was
only re-indented does not count. It warns; ``--strict`` refuses.
"""

from __future__ import annotations

import os
import sys

from errata.core.interrupt import interruptible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

SECONDS = 5.0
"""How long all checks together may take."""
SHOWN = 100
"""The most findings that are printed, and the most files that cannot be used; more are counted."""


@interruptible
def main(argv: Sequence[str] | None = None) -> int:
    """Check the staged lines; returns 0 without --strict.

    With it, 1 if a check finds something or cannot be run, and 2 if git or the settings cannot be
    read: a commit that nobody could look at is refused.
    """
    from errata.core.errors import ErrataError

    argv = list(sys.argv[1:] if argv is None else argv)
    strict, agents_only = "--strict" in argv, "--agents-only" in argv
    try:
        if set(argv) - {"--strict", "--agents-only"}:
            strict, agents_only = _arguments(argv)
        if agents_only and not _is_agent():
            return 0
        problems, findings = _look()
    except ErrataError as error:
        _report(f"errata-check-lessons: skipped: {error}")
        return error.exit_code if strict else 0
    except ImportError as error:
        # A broken installation is no reason to refuse a commit.
        print(f"errata-check-lessons: skipped: {error}", file=sys.stderr)
        return 0
    except Exception as error:
        # Neither is an error that a file of rules causes.
        why = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        _report(f"errata-check-lessons: skipped: {why}")
        return int(strict)
    if not problems and not findings:
        return 0
    # A rule that is not run matters more than one more finding.
    for lines in (problems, findings):
        for line in lines[:SHOWN]:
            _report(line)
        if len(lines) > SHOWN:
            print(f"and {len(lines) - SHOWN} more", file=sys.stderr)
    return int(strict)


def _report(line: str) -> None:
    from errata.githooks import _index

    _index.report(line, error=True)


def _arguments(argv: list[str]) -> tuple[bool, bool]:
    import argparse

    parser = argparse.ArgumentParser(
        prog="errata-check-lessons",
        description="Say which staged lines repeat what people corrected, by the accepted checks "
        "(`errata checks`). Only added lines count.",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="refuse such a commit (status 1), and one that cannot be checked",
    )
    parser.add_argument(
        "--agents-only", action="store_true", help="say nothing where a person commits"
    )
    parser.add_argument("files", nargs="*", help="ignored: staged lines are checked")
    args = parser.parse_args(argv)
    return args.strict, args.agents_only


def _is_agent() -> bool:
    from errata.provenance import environment

    return environment.at_keyboard(os.environ) is not None


def _look() -> tuple[list[str], list[str]]:
    """One line for each file of rules that cannot be used, and one for each finding.

    Raises:
        ErrataError: git is missing, or the index or the settings cannot be read.
    """
    from errata.checks import folders

    git_dir = os.environ.get("GIT_DIR", ".git")
    if os.path.isdir(git_dir) and not folders.may_hold_accepted("."):  # noqa: PTH112
        return [], []
    from errata.githooks._repository import repository

    repo = repository()
    root = str(repo.root)
    if repo.git_dir is None or not folders.may_hold_accepted(root):
        return [], []
    if os.path.exists(f"{repo.git_dir}/MERGE_HEAD"):  # noqa: PTH110
        # The lines of a merge were checked where they were committed.
        return [], []
    from errata.checks import accepted

    rules, errors = accepted.load(root, str(repo.common_dir), folders.of_repository(root))
    if not rules:
        return errors, []
    from errata.checks import isolated, matching, staged_lines

    def wanted(path: str, is_new: bool) -> bool:
        return any(matching.applies(rule, path, is_new=is_new) for rule in rules)

    hits, failed = isolated.run(rules, staged_lines.staged(wanted), SECONDS)
    lines = [f"{hit.path}:{hit.line}: {hit.message} (check {hit.check})" for hit in hits]
    return errors + failed, lines


if __name__ == "__main__":
    raise SystemExit(main())
