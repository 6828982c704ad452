"""The append-only logs of the patterns folder, one JSON object in each line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from errata.core.config import Config
from errata.core.errors import LogError, RecordError
from errata.core.safe_open import in_work_tree, read_regular

T = TypeVar("T")
_INVALID = (ValueError, KeyError, TypeError, OverflowError, RecursionError, RecordError)


def path_of(root: Path, config: Config, name: str) -> Path:
    """The path of a log, whether or not it exists.

    Raises:
        LogError: a link leads out of the work tree.
    """
    return in_work_tree(root, Path(config.paths.patterns, name), LogError)


def read(root: Path, config: Config, name: str) -> bytes:
    """The content of a log; empty if it does not exist.

    Raises:
        LogError: it cannot be read, or a link leads out of the work tree.
    """
    path = path_of(root, config, name)
    try:
        return read_regular(path)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise LogError(f"{path}: {error.strerror}", "it must be a regular file") from error


def parse(data: bytes, decode: Callable[[bytes], T]) -> tuple[list[T], list[int]]:
    """The valid lines, decoded, and the numbers of the invalid ones.

    An unfinished last line that is not valid is ignored: the next append sets it aside.

    Args:
        decode: raises an error for a line that is not valid.
    """
    values: list[T] = []
    invalid: list[int] = []
    lines = data.split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            values.append(decode(line))
        except _INVALID:
            if number < len(lines):
                invalid.append(number)
    return values, invalid
