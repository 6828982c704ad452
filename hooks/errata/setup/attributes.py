"""The merge drivers of logs, runbooks and the promotion log in ``.gitattributes``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from errata.core import git
from errata.core.config import Config
from errata.core.errors import ErrataError
from errata.records import other_logs
from errata.setup import blocks
from errata.setup.layout import Layout

FILE_NAME = ".gitattributes"
INFO = ".git/info/attributes"
"""What git believes before the files of the work tree; it belongs to this clone."""
DRIVER = "errata"


def wanted(config: Config) -> Iterator[tuple[str, str, str]]:
    """(pattern, a path that it matches, value of ``merge``) for each line."""
    for path in dict.fromkeys(config.logs.by_kind().values()):
        yield pattern(path), path, "union"
    for path in other_logs.paths(config):
        yield pattern(path), path, "union"
    runbooks = config.paths.runbooks.rstrip("/")
    yield pattern(runbooks, "/*/RUNBOOK.md"), f"{runbooks}/agent/RUNBOOK.md", DRIVER
    log = promotion_log(config)
    yield pattern(log), log, DRIVER


def promotion_log(config: Config) -> str:
    """The path of the promotion log."""
    return f"{config.paths.patterns.rstrip('/')}/promotion-log.jsonl"


def pattern(path: str, glob: str = "") -> str:
    """The gitattributes pattern that matches only ``path``; ``glob`` is appended unchanged."""
    text = "/" + re.sub(r"([*?\[\\])", r"\\\1", path) + glob
    if re.search(r'[\s"]', text):
        text = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return text


def edit(layout: Layout, config: Config, data: bytes | None) -> tuple[bytes | None, list[str]]:
    """The file with our lines, and notes for people.

    A line is left out if git already uses that driver, or if the person chose another one.

    Raises:
        FileError: the marks of our block are damaged.
    """
    own_lines = set(blocks.lines(data or b"", FILE_NAME))
    rules = list(_rules(layout, config, own_lines))
    lines = [rule.line for rule in rules if rule.line in own_lines or rule.state == "replaceable"]
    notes = [rule.note for rule in rules if rule.state == "other"]
    if not lines:
        return (None if data is None else blocks.remove(data, FILE_NAME)), notes
    about = [blocks.NOTICE, "# Logs that two branches append to merge without a conflict."]
    return blocks.insert(data or b"", [*about, *lines], FILE_NAME), notes


@dataclass(frozen=True, slots=True)
class _Rule:
    """A line of ours, and the merge driver that git uses for a path that it matches.

    Attributes:
        line: our line.
        path: a path that the line matches.
        note: the message for a person who chose another driver.
        is_overridden: whether our line is there, and another file decides.
        state: ``good``: git uses our driver; ``replaceable``: no driver was chosen, or a weaker
            one; ``other``: somebody chose another driver.
    """

    line: str
    path: str
    note: str
    state: str
    is_overridden: bool = False


def _rules(layout: Layout, config: Config, own_lines: set[str]) -> Iterator[_Rule]:
    rules = list(wanted(config))
    effective = _effective(layout, [sample for _, sample, _ in rules])
    for shape, sample, value in rules:
        line, current = f"{shape} merge={value}", effective[sample]
        weaker = (current, value) == ("union", DRIVER)
        if current == value or (weaker and line in own_lines):
            state = "good"
        elif line not in own_lines and (current in ("unspecified", "set") or weaker):
            state = "replaceable"
        else:
            # Our line has no effect either if a later line overrides it.
            state = "other"
        note = f"{sample}: kept your {_shown(current)} (errata would use {value})"
        lost = state == "other" and line in own_lines
        yield _Rule(line, sample, note, state, lost and bool(_overriding(layout, sample)))


def _shown(current: str) -> str:
    return {"unset": "-merge", "set": "merge", "unspecified": "!merge"}.get(
        current, f"merge={current}"
    )


def remove(data: bytes) -> bytes | None:
    """The file without our lines; None if they were all of it. Raises FileError: as `edit`."""
    rest = blocks.remove(data, FILE_NAME)
    return None if not rest and rest != data else rest


def _overriding(layout: Layout, path: str) -> str:
    """The file that says more about merging a path than the one at the top; "" if none does."""
    parents = [parent.as_posix() for parent in PurePosixPath(path).parents][:-1]
    for file in (INFO, *(f"{parent}/{FILE_NAME}" for parent in parents)):
        try:
            text = (layout.read(file) or b"").decode("utf-8", "replace")
        except ErrataError:
            continue
        if re.search(r"^[^#\n]*\s[!-]?(?:merge|binary)\b", text, re.MULTILINE):
            return file
    return ""


def overridden(layout: Layout, config: Config) -> dict[str, list[str]]:
    """File -> the paths for which it overrides our lines.

    Raises:
        FileError: the marks of our block are damaged.
    """
    own_lines = set(blocks.lines(layout.read(FILE_NAME) or b"", FILE_NAME))
    by_file: dict[str, list[str]] = {}
    for rule in _rules(layout, config, own_lines):
        if rule.is_overridden:
            by_file.setdefault(_overriding(layout, rule.path), []).append(rule.path)
    return by_file


def lacking(layout: Layout, config: Config) -> tuple[list[str], list[str]]:
    """(paths without a merge driver, notes on paths with another driver that a person chose).

    Raises:
        FileError: the marks of our block are damaged.
    """
    own_lines = set(blocks.lines(layout.read(FILE_NAME) or b"", FILE_NAME))
    rules = list(_rules(layout, config, own_lines))
    return (
        [rule.path for rule in rules if rule.state == "replaceable"],
        [rule.note for rule in rules if rule.state == "other" and not rule.is_overridden],
    )


def _effective(layout: Layout, paths: list[str]) -> dict[str, str]:
    out = git.run("check-attr", "-z", "merge", "--", *paths, cwd=layout.root)
    fields = out.decode("utf-8", "surrogateescape").split("\0")[:-1]
    return dict(zip(fields[0::3], fields[2::3], strict=True))
