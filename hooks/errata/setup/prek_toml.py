"""The hooks of errata in ``prek.toml``, edited with tomlkit."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Sequence
from typing import Any

from errata.setup import blocks, precommit
from errata.setup.formatting import keep_formatting, newline, without_lines
from errata.setup.hook_source import HookSource
from errata.setup.hooks import BY_ID, STAGES
from errata.setup.layout import FileError
from errata.setup.precommit import DEFAULT_STAGES, MARK, MARKS, STAGES_MARK, TYPES, Additions

_BY_HAND = "edit the hooks of errata in it by hand"
# Earlier versions put their hooks between marks.
_BLOCK = (blocks.BEGIN.decode(), blocks.END.decode(), *blocks.NOTICES)
Data = dict[str, Any]


def install(
    raw: bytes, source: HookSource, name: str, installed: Sequence[str] = ()
) -> tuple[bytes, Additions]:
    """The configuration with all our hooks and hook types, and what was added.

    As :func:`errata.setup.precommit.install`.

    Raises:
        FileError: the file is not a configuration, or cannot be edited safely.
    """
    data = read(raw, name)
    precommit.check(data, source, lambda problem, hint, *_: FileError(f"{name}:1: {problem}", hint))
    types = [stage for stage in STAGES if stage not in data.get(TYPES, [])]
    stages = precommit.stages_before(data, installed, _is_marked(raw, TYPES))

    def change(parsed: Any) -> tuple[str, ...]:
        if TYPES in parsed:
            parsed[TYPES].extend(types)
        return precommit.install_hooks(parsed, source)

    hooks = change(copy.deepcopy(data))
    out = _edit(raw, data, change, name)
    # At the top, where no table has begun.
    if stages:
        out = _list_line(raw, DEFAULT_STAGES, stages, STAGES_MARK) + out
    if TYPES not in data:
        out = _list_line(raw, TYPES, types, MARK) + out
    if out == raw:
        return raw, Additions()
    return out, Additions(hooks, tuple(types), precommit.added_keys(data, stages))


def _list_line(raw: bytes, key: str, values: Sequence[str], mark: str) -> bytes:
    ending = newline(raw.decode())
    names = ", ".join(f'"{value}"' for value in values)
    return f"{mark}{ending}{key} = [{names}]{ending}".encode()


def _is_marked(raw: bytes, key: str) -> bool:
    marks = "|".join(map(re.escape, MARKS[key]))
    return bool(re.search(rf"(?m)^({marks})\r?\n{key}", raw.decode()))


def remove(raw: bytes, name: str, added: Additions | None = None) -> bytes:
    """The configuration without what `errata init` added. Raises FileError: as :func:`install`."""
    data = read(raw, name)
    if added is None:
        keys = [key for key in MARKS if _is_marked(raw, key)]
        added = Additions(tuple(BY_ID), STAGES if TYPES in keys else (), (*keys, "repos"))
    out = _edit(raw, data, lambda parsed: precommit.remove_additions(parsed, added), name)
    if out == raw:
        return raw
    unused = precommit.unused_marks(read(out, name))
    return without_lines(out.decode(), [*_BLOCK, *unused]).encode()


def _edit(raw: bytes, data: Data, change: Callable[[Any], object], name: str) -> bytes:
    """The file with ``change`` made to its data, which must mean just that afterwards."""
    import tomlkit

    expected = copy.deepcopy(data)
    change(expected)
    if expected == data:
        return raw
    text = raw.decode()
    # A table needs a line end before it.
    whole = text if text.endswith("\n") or not text else text + newline(text)
    document = tomlkit.parse(whole)
    change(document)
    out = keep_formatting(text, whole, tomlkit.dumps(document)).encode()
    if not expected.get("repos"):
        # TOML has no empty list of tables.
        expected.pop("repos", None)
    if read(out, name) != expected:
        problem = f"{name}:1: written in a way that cannot be edited safely"
        raise FileError(problem, _BY_HAND)
    return out


def read(raw: bytes, name: str) -> Data:
    """The parsed file.

    Raises:
        FileError: it is not TOML, or its lists of repositories or hook types are not lists.
    """
    import tomllib

    try:
        data = tomllib.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FileError(f"{name}:{line}: not UTF-8", "save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        line = int((re.search(r"at line (\d+)", str(error)) or [0, raw.count(b"\n") + 1])[1])
        raise FileError(f"{name}:{line}: not TOML: {error}", "fix it") from error
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits, or values nested without end.
        raise FileError(f"{name}:1: cannot be read: {type(error).__name__}", "fix it") from error
    for key in ("repos", TYPES):
        if not isinstance(data.get(key, []), list):
            raise FileError(f"{name}:1: {key}: must be a list", "fix it")
    return data
