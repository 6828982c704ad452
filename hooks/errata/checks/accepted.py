"""The accepted checks of a repository, parsed once and kept in the git directory.

Reading YAML takes longer than all else that a hook does, so what was read is kept as JSON beside
the bytes it was read from; other bytes are read anew. A hook imports this: keep imports few.
"""

from __future__ import annotations

import os

from errata.checks import folders
from errata.core.safe_open import open_nofollow, open_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    from errata.checks.rule_file import Rule

    class Accepted(NamedTuple):
        """What was found.

        Attributes:
            rules: each with its ``check``, the name of its file.
            errors: one line for each file that cannot be used.
        """

        rules: list[Rule]
        errors: list[str]
else:
    from collections import namedtuple

    Accepted = namedtuple("Accepted", "rules errors")

_VERSION = 2
_MAX_FILES = 200
_MAX_CACHE = 40_000_000
_MAX_BYTES = 64_000
_ENDINGS = (".yml", ".yaml")
_TEXTS = ("id", "language", "message", "check", "path")
_KINDS: dict[str, type] = {
    **dict.fromkeys(_TEXTS, str),
    **dict.fromkeys(("files", "ignores", "needs"), list),
    **{"config": dict, "new": bool},
}
"""The type of each member of a rule."""


def load(root: str, git_dir: str | None, folder: str) -> Accepted:
    """The accepted checks of a repository; errors in them are returned, not raised.

    Args:
        root: top of the work tree.
        git_dir: where what was read is kept; None: nowhere.
        folder: of the checks, relative to the top.
    """
    files, errors = _read_files(root, folder)
    if not files:
        return Accepted([], errors)
    texts = {path: data.decode("latin-1") for path, data in files.items()}
    cached = _cached(git_dir, texts)
    if cached is None:
        cached = _parse(files)
        _keep(git_dir, texts, cached)
    return Accepted(cached["rules"], errors + cached["errors"])


def _read_files(root: str, folder: str) -> tuple[dict[str, bytes], list[str]]:
    """The contents of the files of rules by path, and one line for each that cannot be read."""
    files: dict[str, bytes] = {}
    errors: list[str] = []
    top = os.path.realpath(root)
    for name in (folders.RULES, folders.WORDS):
        place = f"{root}/{folder}/{name}"
        try:
            names = sorted(os.listdir(place))  # noqa: PTH208
        except OSError:
            continue
        if not f"{os.path.realpath(place)}/".startswith(f"{top}/"):
            errors.append(f"{folder}/{name}: a symbolic link leads out of the work tree")
            continue
        for file in names:
            path = f"{folder}/{name}/{file}"
            if not file.endswith(_ENDINGS) or file.startswith("."):
                continue
            if len(files) == _MAX_FILES:
                errors.append(f"{folder}: more than {_MAX_FILES} checks; the others are not run")
                return files, errors
            try:
                with open(f"{root}/{path}", "rb", opener=open_nofollow) as stream:
                    files[path] = stream.read(_MAX_BYTES + 1)
            except OSError as error:
                errors.append(f"{path}: {error.strerror}; it must be a regular file")
    return files, errors


def _parse(files: dict[str, bytes]) -> dict[str, Any]:
    from errata.checks import rule_file

    rules: list[Rule] = []
    errors: list[str] = []
    for path, data in files.items():
        name = path.rpartition("/")[2].rpartition(".")[0]
        try:
            rules += [{**rule, "check": name, "path": path} for rule in rule_file.read(data)]
        except rule_file.BadRuleError as error:
            errors.append(f"{path}: {error}")
    return {"rules": rules, "errors": errors}


def _place(git_dir: str) -> str:
    return f"{git_dir}/errata/checks.json"


def _cached(git_dir: str | None, texts: dict[str, str]) -> dict[str, Any] | None:
    """What was read from the same bytes; None if something else was, or nothing."""
    import json

    if git_dir is None:
        return None
    try:
        with open(_place(git_dir), "rb", opener=open_regular) as file:
            data = json.loads(file.read(_MAX_CACHE))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or data.get("version") != _VERSION or data.get("of") != texts:
        return None
    parsed = data.get("parsed")
    return parsed if _is_parsed(parsed) else None


def _is_parsed(parsed: Any) -> bool:
    """Whether it has the form of what :func:`_parse` returns; others may write to the file."""
    return (
        isinstance(parsed, dict)
        and _are_texts(parsed.get("errors"))
        and isinstance(rules := parsed.get("rules"), list)
        and all(isinstance(rule, dict) and all(map(rule.__contains__, _KINDS)) for rule in rules)
        and all(isinstance(rule[key], kind) for rule in rules for key, kind in _KINDS.items())
        and all(_are_texts(rule[key]) for rule in rules for key in ("files", "ignores", "needs"))
    )


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _keep(git_dir: str | None, texts: dict[str, str], parsed: dict[str, Any]) -> None:
    import json

    from errata.core import atomic

    if git_dir is None or os.path.islink(f"{git_dir}/errata"):  # noqa: PTH114
        return
    data = {"version": _VERSION, "of": texts, "parsed": parsed}
    try:
        atomic.write(_place(git_dir), json.dumps(data).encode(), durable=False)
    except OSError:
        # A file system that cannot be written to costs time, not the check.
        return
