"""The files of checks: what is proposed, what is accepted, and moving one to the other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from errata.checks import folders, languages, rule_file, rule_text
from errata.core import atomic
from errata.core.errors import LogError
from errata.core.near_names import did_you_mean
from errata.core.safe_open import in_work_tree, open_regular

if TYPE_CHECKING:
    from errata.checks.proposals import Proposal
    from errata.core.config import Config

_TEST_END = "-test"


@dataclass(frozen=True, slots=True)
class CheckFile:
    """A file of rules.

    Attributes:
        name: of the file, without its ending.
        path: relative to the top of the repository.
        accepted: whether it is run.
        documents: its rules; none if it cannot be used.
        error: why it cannot be used, or "".
        edited: whether somebody changed what errata wrote, or wrote it.
    """

    name: str
    path: str
    accepted: bool
    documents: tuple[dict[str, Any], ...] = ()
    error: str = ""
    edited: bool = False


def list_checks(root: Path, config: Config) -> list[CheckFile]:
    """All checks: the accepted ones first, each by name."""
    places = ((folders.RULES, True), (folders.WORDS, True), (folders.PROPOSED, False))
    checks = [
        check for name, accepted in places for check in _list_folder(root, config, name, accepted)
    ]
    return sorted(checks, key=lambda check: (not check.accepted, check.name))


def _list_folder(root: Path, config: Config, name: str, accepted: bool) -> Iterator[CheckFile]:
    folder = f"{folders.relative(config)}/{name}"
    place = in_work_tree(root, Path(folder), LogError)
    if not place.is_dir():
        return
    for file in sorted(place.iterdir()):
        if file.suffix not in (".yml", ".yaml") or file.name.startswith("."):
            continue
        path = f"{folder}/{file.name}"
        try:
            data = _read(file)
            rule_file.read(data)
            documents = tuple(rule_file.documents(data))
        except (OSError, rule_file.BadRuleError) as error:
            yield CheckFile(file.stem, path, accepted, error=_reason(error), edited=True)
            continue
        edited = not rule_text.is_as_written(data)
        yield CheckFile(file.stem, path, accepted, documents, edited=edited)


def write(root: Path, config: Config, proposal: Proposal) -> tuple[str, str]:
    """Write a proposal and its tests.

    Returns:
        The path of the rule, and why it was not written: "" if it was.

    Raises:
        LogError: a link leads out of the work tree, or a file cannot be written.
    """
    top = folders.relative(config)
    for name in (folders.RULES, folders.WORDS):
        if (path := _existing(root, f"{top}/{name}", proposal.name)) is not None:
            return path, "already accepted"
    path = f"{top}/{folders.PROPOSED}/{proposal.name}.yml"
    test_path = f"{top}/{folders.PROPOSED}/{folders.TESTS}/{proposal.name}{_TEST_END}.yml"
    rule = rule_text.signed(
        [
            "Written by errata checks propose.",
            f"It runs once a person accepts it: errata checks accept {proposal.name}",
        ],
        rule_text.dump(*proposal.documents),
    )
    tests = rule_text.signed(
        ["From what people corrected. `ast-grep test` reads this file."],
        rule_text.dump(*proposal.tests),
    )
    for file, data in ((path, rule), (test_path, tests)):
        if (reason := _refusal(root, file, data)) not in ("", "unchanged"):
            return file, reason
    unchanged = all(_refusal(root, file, data) for file, data in ((path, rule), (test_path, tests)))
    if unchanged:
        return path, "unchanged"
    for file, data in ((test_path, tests), (path, rule)):
        _write(root, file, data)
    return path, ""


def _refusal(root: Path, path: str, data: bytes) -> str:
    """Why a file is not written; "" if it may be."""
    place = in_work_tree(root, Path(path), LogError)
    try:
        old = _read(place)
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"{error.strerror}; move it away"
    if old == data:
        return "unchanged"
    return "" if rule_text.is_as_written(old) else "somebody edited it; it is kept as it is"


def accept(root: Path, config: Config, name: str) -> str:
    """Move a proposed check to the accepted ones; returns where it is.

    Raises:
        LogError: there is no such proposal, it cannot be used, or there is such a check already.
    """
    checks = list_checks(root, config)
    proposed = [check for check in checks if not check.accepted]
    chosen = next((check for check in proposed if check.name == name), None)
    if chosen is None and any(check.name == name for check in checks):
        raise LogError(f"check {name!r} is already accepted", "to remove it, delete its file")
    if chosen is None:
        hint = did_you_mean(name, [check.name for check in proposed], "`errata checks` lists them")
        raise LogError(f"no check {name!r} is proposed", hint)
    if chosen.error:
        raise LogError(f"{chosen.path}: {chosen.error}", "correct it, or remove the file")
    top = folders.relative(config)
    is_words = any(
        str(document["language"]).lower() == languages.TEXT for document in chosen.documents
    )
    target = f"{top}/{folders.WORDS if is_words else folders.RULES}/{Path(chosen.path).name}"
    place = in_work_tree(root, Path(target), LogError)
    if os.path.lexists(place):
        raise LogError(
            f"{target}: already exists", "delete it first to accept the proposal instead"
        )
    data = _read(root / chosen.path)
    test = f"{top}/{folders.PROPOSED}/{folders.TESTS}/{name}{_TEST_END}.yml"
    test_place = in_work_tree(root, Path(test), LogError)
    if test_place.is_file() and not is_words:
        _write(root, f"{top}/{folders.TESTS}/{test_place.name}", _read(test_place))
    # A kill leaves both, and the proposal can be accepted again once one is removed.
    _write(root, target, data)
    for file in (root / chosen.path, test_place):
        file.unlink(missing_ok=True)
    return target


def _existing(root: Path, folder: str, name: str) -> str | None:
    for ending in (".yml", ".yaml"):
        path = f"{folder}/{name}{ending}"
        if os.path.lexists(in_work_tree(root, Path(path), LogError)):
            return path
    return None


def _write(root: Path, path: str, data: bytes) -> None:
    place = in_work_tree(root, Path(path), LogError)
    try:
        atomic.write(place, data)
    except OSError as error:
        raise LogError(f"{path}: {error.strerror}", "checks are written there") from error


def _read(path: Path) -> bytes:
    with open(path, "rb", opener=open_regular) as file:
        return file.read(rule_file.MAX_BYTES + 1)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.strerror}; it must be a regular file"
    return str(error)
