"""The lines of ``.gitattributes`` by which logs, runbooks and the promotion log merge."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from errata.core import git
from errata.core.config import Config
from errata.setup import blocks
from errata.setup.layout import Layout

FILE_NAME = ".gitattributes"
DRIVER = "errata"


def wanted(config: Config) -> Iterator[tuple[str, str, str]]:
    """(pattern line's path part, a path that it matches, value of ``merge``) for each line."""
    for path in dict.fromkeys(config.logs.by_kind().values()):
        yield pattern(path), path, "union"
    runbooks = config.paths.runbooks.rstrip("/")
    yield pattern(runbooks, "/*/RUNBOOK.md"), f"{runbooks}/agent/RUNBOOK.md", DRIVER
    log = promotion_log(config)
    yield pattern(log), log, DRIVER


def promotion_log(config: Config) -> str:
    """The path of the log of promotions."""
    return f"{config.paths.patterns.rstrip('/')}/promotion-log.jsonl"


def pattern(path: str, glob: str = "") -> str:
    """A path as a pattern of gitattributes that matches it alone; ``glob`` is added as it is."""
    text = "/" + re.sub(r"([*?\[\\])", r"\\\1", path) + glob
    if re.search(r'[\s"]', text):
        text = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return text


def edit(layout: Layout, config: Config, data: bytes | None) -> tuple[bytes | None, list[str]]:
    """The file with our lines, and what to say.

    A line whose effect is there already, wherever it comes from, is left out, and so is one for a
    path that the person gave another merge driver.

    Raises:
        FileError: the marks of our block are damaged.
    """
    there = set(blocks.inner(data or b"", FILE_NAME))
    rows = list(_rows(layout, config, there))
    lines = [row.line for row in rows if row.line in there or row.state == "replaceable"]
    notes = [row.said for row in rows if row.state == "other"]
    if not lines:
        return (None if data is None else blocks.take(data, FILE_NAME)), notes
    about = [blocks.ABOUT, "# Logs that two branches append to merge without a conflict."]
    return blocks.put(data or b"", [*about, *lines], FILE_NAME), notes


@dataclass(frozen=True, slots=True)
class _Row:
    """One path that must merge by a driver.

    Attributes:
        line: of ours for it.
        path: one that the line matches.
        said: what to say of a driver that somebody chose for it.
        state: ``good``; ``replaceable``: nobody chose a driver, or one that is not as good as ours;
            ``other``: somebody chose one.
    """

    line: str
    path: str
    said: str
    state: str


def _rows(layout: Layout, config: Config, there: set[str]) -> Iterator[_Row]:
    rows = list(wanted(config))
    effective = _effective(layout, [sample for _, sample, _ in rows])
    for shape, sample, value in rows:
        line, now = f"{shape} merge={value}", effective[sample]
        weaker = (now, value) == ("union", DRIVER)
        if now == value or (weaker and line in there):
            state = "good"
        elif line not in there and (now in ("unspecified", "set") or weaker):
            state = "replaceable"
        else:
            # A line of theirs that comes after ours counts, too.
            state = "other"
        said = f"{sample}: left with your {_shown(now)} (errata would use {value})"
        yield _Row(line, sample, said, state)


def _shown(now: str) -> str:
    return {"unset": "-merge", "set": "merge", "unspecified": "!merge"}.get(now, f"merge={now}")


def remove(data: bytes) -> bytes | None:
    """The file without our lines; None if nothing else is in it. Raises FileError: as `edit`."""
    left = blocks.take(data, FILE_NAME)
    return None if not left and left != data else left


def lacking(layout: Layout, config: Config) -> tuple[list[str], list[str]]:
    """(paths that merge by no driver, what to say of paths for which somebody chose another).

    Raises:
        FileError: the marks of our block are damaged.
    """
    there = set(blocks.inner(layout.read(FILE_NAME) or b"", FILE_NAME))
    rows = list(_rows(layout, config, there))
    return (
        [row.path for row in rows if row.state == "replaceable"],
        [row.said for row in rows if row.state == "other"],
    )


def _effective(layout: Layout, paths: list[str]) -> dict[str, str]:
    out = git.run("check-attr", "-z", "merge", "--", *paths, cwd=layout.root)
    fields = out.decode("utf-8", "surrogateescape").split("\0")[:-1]
    return dict(zip(fields[0::3], fields[2::3], strict=True))
