"""What the commit of a correction changed in the corrected files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from errata.commands.screen import Screen, safe
from errata.core.errors import GitError
from errata.core.git import Repository
from errata.corrections.attribution.changed_files import changed_files
from errata.corrections.attribution.diff import FileDiff

MOST_LINES = 40
_SIGNS = {"-": "red", "+": "green"}
# A record may name anything; only an id is looked up.
_SHA = re.compile(r"[0-9a-f]{7,64}\Z")


def commit(record: Mapping[str, Any]) -> str:
    """The person's commit; "" if the record names none."""
    sha = str(record["user_correction"].get("commit") or "")
    return sha if _SHA.match(sha) else ""


def lines(record: Mapping[str, Any], repo: Repository) -> list[str]:
    """The hunks of the person's commit in the corrected files; none if it is not here any more."""
    sha, corrected = commit(record), {*(record["user_correction"].get("files") or [])}
    if not sha or not repo.git_dir:
        return []
    try:
        files = changed_files(repo, sha)
    except GitError:
        return []
    return [line for diff in files if _path(diff) in corrected for line in _lines(diff)]


def show(screen: Screen, shown: Sequence[str], sha: str, most: int = MOST_LINES) -> None:
    """Print lines of :func:`lines`, at most so many."""
    for line in shown[:most]:
        screen.code(f"  {safe(line)}", fg=_SIGNS.get(line[:1]))
    if len(shown) > most:
        screen.line(f"  ... and {len(shown) - most} more lines: git show {sha[:12]}")


def _lines(diff: FileDiff) -> Iterator[str]:
    """For each hunk: where it is in the new file, then its lines."""
    shift = 0
    for hunk in diff.hunks:
        where = f":{hunk.start + shift + bool(hunk.new)}" if diff.new_path else " (deleted)"
        yield f"{_path(diff)}{where}"
        for sign, changed in (("-", hunk.old), ("+", hunk.new)):
            for line in changed:
                yield sign + line.decode("utf-8", "replace")
        shift += len(hunk.new) - len(hunk.old)


def _path(diff: FileDiff) -> str:
    """The path as the record has it."""
    return (diff.new_path or diff.old_path or b"").decode("utf-8", "backslashreplace")
