"""The versions of instruction files (AGENTS.md, CLAUDE.md and the like) on the main line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from errata import rules
from errata.core.git import Repository, run
from errata.outcomes.rule_texts import MAX_BYTES

_MAX_VERSIONS = 20_000
_REGULAR = (b"100644", b"100755")
_PATHSPECS = {"GIT_LITERAL_PATHSPECS": "0"}


@dataclass(frozen=True, slots=True)
class Version:
    """What one commit of the main line did to one instruction file.

    Attributes:
        commit: object id of the commit.
        time: when it was authored (microseconds UTC).
        path: of the file.
        data: its content; None if the commit removed it.
    """

    commit: str
    time: int
    path: str
    data: bytes | None


def versions(repo: Repository, tip: str) -> list[list[Version]]:
    """The versions of all instruction files, one list a commit, in the order of the main line.

    Raises:
        GitError: the commits cannot be walked.
    """
    changes = list(_changes(repo, tip))[-_MAX_VERSIONS:]
    oids = sorted({oid for *_, oid in changes if oid})
    contents = dict(zip(oids, repo.small_blobs(oids, 4 * MAX_BYTES), strict=True))
    commits: list[list[Version]] = []
    for sha, time, path, oid in changes:
        # What is missing from a clone, or too large, is as if it were not there.
        version = Version(sha, time, path, contents.get(oid))
        if commits and commits[-1][0].commit == sha:
            commits[-1].append(version)
        else:
            commits.append([version])
    return commits


def _changes(repo: Repository, tip: str) -> Iterator[tuple[str, int, str, str]]:
    """(commit, time, path, object id of the blob or "") of each change, in order."""
    out = run(
        *("log", "-z", "--first-parent", "--diff-merges=first-parent", "--raw", "--no-abbrev"),
        *("--reverse", "--no-renames", "--no-show-signature", "--no-mailmap", "--no-color"),
        *("--format=%x01%H %at", tip, "--", *_pathspecs()),
        cwd=repo.root,
        env=_PATHSPECS,
    )
    for chunk in out.split(b"\x01")[1:]:
        head, *fields = chunk.split(b"\0")
        sha, _, time = head.decode().strip().partition(" ")
        fields = [field.lstrip(b"\n") for field in fields]
        for meta, name in zip(fields[::2], fields[1::2], strict=False):
            path = name.decode("utf-8", "backslashreplace")
            if meta.startswith(b":") and scope_of(path) is not None:
                _, mode, _, oid, _ = meta.split(b" ")
                # A link to another instruction file says nothing by itself.
                blob = oid.decode() if mode in _REGULAR else ""
                yield sha, int(time or 0) * 1_000_000, path, blob


@cache
def _pathspecs() -> tuple[str, ...]:
    globs = rules.load("written_rules")["files"]
    return tuple(f":(top,icase,glob)**/{glob}" for glob in globs)


def scope_of(path: str) -> str | None:
    """The folder below which the rules of a file hold: "" for all; None if it has no rules."""
    match = _paths().fullmatch(path)
    return match["scope"] if match else None


@cache
def _paths() -> re.Pattern[str]:
    globs = "|".join(map(glob_pattern, rules.load("written_rules")["files"]))
    return re.compile(rf"(?is)(?P<scope>(?:.*/)?)(?:{globs})")


def glob_pattern(glob: str) -> str:
    """A regular expression for a glob of paths, with ``**`` and braces."""
    pieces = re.split(r"(\*\*/|\*\*|\*|\?|\{[^{}]*\})", glob)
    return "".join(_piece(piece) for piece in pieces)


def _piece(piece: str) -> str:
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if piece in known:
        return known[piece]
    if piece[:1] == "{" and piece[-1:] == "}":
        return "(?:" + "|".join(map(glob_pattern, piece[1:-1].split(","))) + ")"
    return re.escape(piece)
