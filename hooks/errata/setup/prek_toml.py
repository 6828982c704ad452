"""The hooks of errata in ``prek.toml``, edited with tomlkit."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

from errata.setup import blocks, precommit
from errata.setup.formatting import keep_formatting, newline, without_lines
from errata.setup.hook_source import HookSource
from errata.setup.hooks import BY_ID, STAGES
from errata.setup.layout import FileError
from errata.setup.precommit import MARK, MARKS, TYPES, Additions

_BY_HAND = "edit the hooks of errata in it by hand"
# Earlier versions put their hooks between marks.
_BLOCK = (blocks.BEGIN.decode(), blocks.END.decode(), *blocks.NOTICES)
Data = dict[str, Any]


def install(raw: bytes, source: HookSource, name: str) -> tuple[bytes, Additions]:
    """The configuration with all our hooks and hook types, and what was added.

    Hooks that are there stay; missing ones come from the same repository.

    Raises:
        FileError: the file is not a configuration, or cannot be edited safely.
    """
    data = read(raw, name)
    precommit.check(data, source, lambda problem, hint, *_: FileError(f"{name}:1: {problem}", hint))
    types = [stage for stage in STAGES if stage not in data.get(TYPES, [])]
    keys = [key for key in (TYPES, "repos") if key not in data]

    def change(parsed: Any) -> tuple[str, ...]:
        if TYPES in parsed:
            parsed[TYPES].extend(types)
        return precommit.install_hooks(parsed, source)

    hooks = change(copy.deepcopy(data))
    out = _edit(raw, data, change, name)
    if types and TYPES not in data:
        # At the top, where no table has begun.
        names = ", ".join(f'"{stage}"' for stage in types)
        ending = newline(raw.decode())
        out = f"{MARK}{ending}{TYPES} = [{names}]{ending}".encode() + out
    if out == raw:
        return raw, Additions()
    return out, Additions(hooks, tuple(types), tuple(keys))


def remove(raw: bytes, name: str, added: Additions | None = None) -> bytes:
    """The configuration without what `errata init` added. Raises FileError: as :func:`install`."""
    data = read(raw, name)
    if added is None:
        marked = re.search(rf"(?m)^({'|'.join(map(re.escape, MARKS))})\r?\n{TYPES}", raw.decode())
        added = Additions(tuple(BY_ID), STAGES if marked else (), (TYPES, "repos"))
    out = _edit(raw, data, lambda parsed: precommit.remove_additions(parsed, added), name)
    if out == raw:
        return raw
    gone = _BLOCK if TYPES in read(out, name) else (*_BLOCK, *MARKS)
    return without_lines(out.decode(), gone).encode()


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
    """What the file means.

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
