"""Promoted lessons in the files that agents' tools read by themselves.

Each file holds a generated block as a runbook does: people own the rest of it. A lesson that was
seen in one folder only goes into a file for that folder, where a tool has files for folders.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from errata.core.config import Config
from errata.core.errors import RunbookError
from errata.core.safe_open import in_work_tree
from errata.patterns.analysis import Analysis
from errata.runbooks import entry, paths, store
from errata.runbooks.entry import Entry
from errata.runbooks.promotion_log import Standing
from errata.runbooks.store import RunbookChange

_MARK = b"<!-- errata:begin "
_ANY_MARK = re.compile(rb"<!-- errata:(?:begin|end)\b")
# Other folders could mean something in a glob or in YAML.
_FOLDER = re.compile(r"(?!.*\.\.)[A-Za-z0-9_@+.-]+(?:/[A-Za-z0-9_@+.-]+)*/?\Z")
_PLAIN_FOLDER = re.compile(r"[a-z0-9]+(?:/[a-z0-9]+)*\Z")
_WHOLE = "everywhere"


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """The files of one tool.

    Attributes:
        whole: path of the file for the whole repository.
        folder: path of the file for one folder, with ``{}`` for its name; "" if there is none.
        front, folder_front: what such a file begins with; ``{}`` is the folder.
    """

    whole: str
    folder: str = ""
    front: str = ""
    folder_front: str = ""


FORMATS: Mapping[str, ExportFormat] = {
    # code.claude.com/docs/en/memory, "Path-specific rules": without `paths`, a rule always applies.
    "claude-rules": ExportFormat(
        ".claude/rules/errata-everywhere.md",
        ".claude/rules/errata-{}.md",
        "",
        '---\npaths:\n  - "{}/**"\n---\n\n',
    ),
    # agents.md: plain Markdown, one file.
    "agents-md": ExportFormat("AGENTS.md"),
    # cursor.com/docs/rules: alwaysApply, else globs; no quotes around globs.
    "cursor": ExportFormat(
        ".cursor/rules/errata.mdc",
        ".cursor/rules/errata-{}.mdc",
        "---\ndescription: Lessons from corrections in this repository\nglobs:\nalwaysApply: true\n"
        "---\n\n",
        "---\ndescription: Lessons from corrections in {}\nglobs: {}/**\nalwaysApply: false\n"
        "---\n\n",
    ),
    # docs.github.com/copilot, "Adding repository custom instructions": applyTo is one glob or more.
    "copilot": ExportFormat(
        ".github/instructions/errata.instructions.md",
        ".github/instructions/errata-{}.instructions.md",
        '---\napplyTo: "**"\n---\n\n',
        '---\napplyTo: "{}/**"\n---\n\n',
    ),
}
"""Name of a format -> its files. The documentation was read in November 2026."""


def promoted(
    decided: Analysis, standings: Mapping[str, Standing], unhelpful: Container[str] = ()
) -> list[Entry]:
    """The entries of all patterns that are in some runbook.

    Args:
        unhelpful: names of those that agents repeat although they are taught.
    """
    return [
        entry.from_pattern(pattern, standing, unhelpful=name in unhelpful)
        for name, standing in standings.items()
        if not standing.archived and (pattern := decided.patterns.get(name))
    ]


def pathspecs() -> list[str]:
    """For git: where exports may be; other files may be there, too (:func:`may_be_export`)."""
    globs = [form.folder.replace("{}", "*") for form in FORMATS.values() if form.folder]
    return [form.whole for form in FORMATS.values()] + [f":(glob){glob}" for glob in globs]


def may_be_export(path: str, data: bytes) -> bool:
    """Whether a file is where exports are, and holds a mark of a generated block."""
    return any(_has_path(form, path) for form in FORMATS.values()) and bool(_ANY_MARK.search(data))


def _has_path(form: ExportFormat, path: str) -> bool:
    start, has_folder, end = form.folder.partition("{}")
    name = path[len(start) : len(path) - len(end)]
    is_folder = has_folder and path == f"{start}{name}{end}" and "/" not in name
    return path == form.whole or bool(is_folder and name)


def existing(root: Path) -> list[str]:
    """The formats of which there is a file with a generated block."""
    return [name for name, form in FORMATS.items() if any(_written(root, form))]


def files(root: Path) -> list[str]:
    """The files with a generated block, of all formats."""
    return [path for form in FORMATS.values() for path in _written(root, form)]


def plan_exports(
    root: Path,
    config: Config,
    entries: Iterable[Entry],
    formats: Iterable[str],
    *,
    rebuild: bool = False,
) -> list[RunbookChange]:
    """What brings the files of some formats up to date; writes nothing.

    Args:
        rebuild: overwrite blocks that were edited by hand.

    Raises:
        RunbookError: as :func:`errata.runbooks.store.plan_change`, or a link leads out of the
            repository.
    """
    entries = list(entries)
    changes = []
    for name in formats:
        form = FORMATS[name]
        by_folder: dict[str, list[Entry]] = {"": []}
        for each in entries:
            by_folder.setdefault(_folder(each) if form.folder else "", []).append(each)
        files = {_path(form, folder): (folder, of_it) for folder, of_it in by_folder.items()}
        for path in _written(root, form):
            files.setdefault(path, ("", []))
        for path, (folder, of_it) in sorted(files.items()):
            target = in_work_tree(root, Path(path), RunbookError)
            new_file = _new_file(name, form, folder)
            changes.append(store.plan_block(target, path, new_file, of_it, config, rebuild=rebuild))
    return changes


def _folder(each: Entry) -> str:
    """The folder that the lesson is about; "" for the whole repository."""
    scope = each.lesson.scope if each.lesson else ""
    return scope.rstrip("/") if _FOLDER.match(scope) else ""


def _path(form: ExportFormat, folder: str) -> str:
    if not folder:
        return form.whole
    name = re.sub(r"[^a-z0-9]+", "-", folder.lower()).strip("-")
    if name == _WHOLE or not _PLAIN_FOLDER.match(folder):
        # Two folders must not share a file.
        name += f"-{hashlib.sha256(folder.encode()).hexdigest()[:8]}"
    return form.folder.format(name)


def _new_file(name: str, form: ExportFormat, folder: str) -> bytes:
    front = (form.folder_front if folder else form.front).replace("{}", folder)
    title = f"Lessons for `{folder}/`" if folder else "Lessons of this repository"
    if name == "agents-md":
        return f"# {form.whole}\n\n## {paths.HEADING}\n".encode()
    return (
        f"{front}# {title}\n\n"
        f"Generated by `errata context --export {name}`; `errata evolve` brings it up to date.\n\n"
        f"## {paths.HEADING}\n"
    ).encode()


def _written(root: Path, form: ExportFormat) -> Iterator[str]:
    """The paths of the files of a format that hold a generated block."""
    names = {form.whole}
    if form.folder:
        parent, _, pattern = form.folder.rpartition("/")
        start, _, end = pattern.partition("{}")
        try:
            listed = [
                file.name for file in in_work_tree(root, Path(parent), RunbookError).iterdir()
            ]
        except (OSError, RunbookError):
            return
        names |= {
            f"{parent}/{file}" for file in listed if file.startswith(start) and file.endswith(end)
        }
    for path in sorted(names):
        try:
            data = paths.read(in_work_tree(root, Path(path), RunbookError))
        except RunbookError:
            continue
        if data and _MARK in data:
            yield path
