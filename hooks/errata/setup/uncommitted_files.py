"""Files for the team that git will not commit: ignored ones, and those behind symbolic links.

They work in this clone, but nobody else gets them, so everybody learns alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from errata.core import git
from errata.core.config import Config
from errata.records import other_logs
from errata.setup import attributes
from errata.setup.layout import Layout

_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Uncommitted:
    """Why git does not commit some files.

    Attributes:
        paths: the files, from the top of the work tree.
        message: which files, and why, on one line.
        fix: a command that lets git commit them; "" if there is none.
    """

    paths: tuple[str, ...]
    message: str
    fix: str = ""


def shared_paths(config: Config) -> list[str]:
    """The files for the team that errata writes, whether they exist or not."""
    runbook = f"{config.paths.runbooks.rstrip('/')}/agent/RUNBOOK.md"
    logs = (attributes.promotion_log(config), *other_logs.paths(config))
    return [*config.logs.by_kind().values(), *logs, runbook, attributes.FILE_NAME]


def find(layout: Layout, paths: Iterable[str]) -> list[Uncommitted]:
    """The reasons why git does not commit some of the paths. Files that it tracks are committed."""
    by_link: dict[str, list[str]] = {}
    plain = []
    for path in dict.fromkeys(paths):
        if link := _link(layout, path):
            by_link.setdefault(link, []).append(path)
        else:
            plain.append(path)
    links = [_behind(layout, link, names) for link, names in by_link.items()]
    return [*links, *_ignored(layout, plain)]


def _folders(path: str) -> list[str]:
    """The folders on the way to a file, the outermost first."""
    return [str(parent) for parent in PurePosixPath(path).parents][-2::-1]


def _is_ignored(folder: str, patterns: dict[str, tuple[str, str, str]]) -> bool:
    # A pattern for folders alone matches one that does not exist only by its final slash. With it,
    # git also matches "folder/*", which means the files in it.
    return folder in patterns or patterns.get(f"{folder}/", ("", "", ""))[2].endswith("/")


def _link(layout: Layout, path: str) -> str:
    """The first symbolic link on the way to a file; "" if there is none."""
    parts = (*_folders(path), path)
    return next((part for part in parts if (layout.root / part).is_symlink()), "")


def _behind(layout: Layout, link: str, paths: list[str]) -> Uncommitted:
    target = os.readlink(layout.root / link)  # noqa: PTH115
    if link == attributes.FILE_NAME:
        return Uncommitted((), f"{link} is a symbolic link, and git does not read its attributes")
    message = f"{link} is a symbolic link to {target}; git commits the link, not {_names(paths)}"
    return Uncommitted(tuple(paths), message)


def _ignored(layout: Layout, paths: list[str]) -> Iterator[Uncommitted]:
    """The ignored paths, by the pattern that ignores them."""
    folders = {folder for path in paths for folder in _folders(path)}
    patterns = _patterns(layout, [*paths, *folders, *(f"{folder}/" for folder in folders)])
    by_pattern: dict[tuple[str, str, str], list[str]] = {}
    for path in paths:
        if path in patterns:
            by_pattern.setdefault(patterns[path], []).append(path)
    for (source, line, pattern), names in by_pattern.items():
        message = f"git will not commit {_names(names)}: ignored by {source}:{line}: {pattern}"
        yield Uncommitted(tuple(names), message, _fix(source, names, patterns))


def _names(paths: list[str]) -> str:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(paths[:_SHOWN]) + more


def _patterns(layout: Layout, paths: list[str]) -> dict[str, tuple[str, str, str]]:
    """Ignored path -> (file, line, pattern)."""
    stdin = b"\0".join(map(os.fsencode, paths))
    args = ("check-ignore", "-v", "-z", "--stdin")
    # It refuses literal pathspecs, although it takes paths.
    env = {"GIT_LITERAL_PATHSPECS": "0"}
    output = git.run_status(*args, cwd=layout.root, stdin=stdin, env=env)[1]
    fields = os.fsdecode(output).split("\0")
    rows = zip(fields[0::4], fields[1::4], fields[2::4], fields[3::4], strict=False)
    return {path: (file, line, rule) for file, line, rule, path in rows if rule[:1] != "!"}


def _fix(source: str, paths: list[str], patterns: dict[str, tuple[str, str, str]]) -> str:
    """The command that ends the ignoring: the last pattern that matches decides."""
    in_folder = source.endswith("/.gitignore") and not source.startswith(("/", ".git/"))
    file = source if in_folder else ".gitignore"
    folder = PurePosixPath(file).parent
    lines = []
    for path in paths:
        # A file in an ignored folder cannot be excepted, only the folder.
        first = next((part for part in _folders(path) if _is_ignored(part, patterns)), path)
        line = f"!/{PurePosixPath(first).relative_to(folder)}"
        # The runbook stands for those of all agents.
        line = line.replace("/agent/RUNBOOK.md", "/*/RUNBOOK.md")
        lines.append(line if first == path else f"{line}/")
        if first != path and patterns[path][2].endswith("*"):
            # It also matches what is in the folder.
            lines.append(f"{line}/**")
    words = " ".join(f"'{line}'" for line in dict.fromkeys(lines))
    return f"printf '%s\\n' '' {words} >> {file}"
