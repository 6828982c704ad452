"""The commits that blame looks through because the repository lists them, such as reformattings."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from errata.core.git import run
from errata.core.safe_open import read_settings

_DEFAULT_FILE = ".git-blame-ignore-revs"
"""The list that forges read, too; no configuration needs to name it."""
_OPTIONAL = b":(optional)"
_OBJECT_ID = re.compile(rb"[0-9a-f]{4,64}")


def ignored_commits(root: Path | str) -> frozenset[str]:
    """The object ids of the listed commits that this clone has.

    The lists are ``.git-blame-ignore-revs`` at the top of the work tree, then the files that
    ``blame.ignoreRevsFile`` names; an empty name drops all lists before it. What cannot be read,
    or is not a commit, is left out.

    Raises:
        GitError: git cannot be asked.
    """
    names: list[bytes] = []
    for path in _list_files(Path(root)):
        names = [] if path is None else [*names, *_read_list(path)]
    if not names:
        return frozenset()
    # Short ids and tags count; git writes what it cannot resolve as `NAME missing`.
    stdin = b"".join(name + b"^{commit}\n" for name in names)
    answers = run("cat-file", "--batch-check=%(objectname)", cwd=root, stdin=stdin).split(b"\n")
    return frozenset(answer.decode() for answer in answers if _OBJECT_ID.fullmatch(answer))


def _list_files(top: Path) -> Iterator[Path | None]:
    """The files in git's order; None where an empty name drops those before it."""
    yield top / _DEFAULT_FILE
    out = run("config", "--null", "--get-all", "blame.ignoreRevsFile", cwd=top, ok=(0, 1))
    for value in out.split(b"\0")[:-1]:
        yield _path(top, value) if value else None


def _path(top: Path, value: bytes) -> Path:
    path = Path(value.removeprefix(_OPTIONAL).decode("utf-8", "surrogateescape"))
    try:
        return top / path.expanduser()
    except RuntimeError:  # There is no such user.
        return top / path


def _read_list(path: Path) -> list[bytes]:
    try:
        text = read_settings(path).removeprefix(codecs.BOM_UTF8)
    except (OSError, ValueError):
        return []
    lines = (line.partition(b"#")[0].strip().lower() for line in text.splitlines())
    return [line for line in lines if _OBJECT_ID.fullmatch(line)]
