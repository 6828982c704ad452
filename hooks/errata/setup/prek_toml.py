"""Our entry in ``prek.toml``.

Tables can be added at the end of a TOML file whatever stands above them, so ours is a marked block
there. Only lists that are written as values are edited in place, by tomlkit, which keeps the rest.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

from errata.setup import blocks
from errata.setup.hook_source import Source, renewed
from errata.setup.hooks import BY_ID, HOOKS, STAGES
from errata.setup.layout import FileError
from errata.setup.precommit import MARK, TYPES, Added, entries

_BY_HAND = "the hooks of errata in it are for you to edit"
Data = dict[str, Any]


def install(
    raw: bytes, source: Source, entry: Callable[[str], str], name: str
) -> tuple[bytes, Added]:
    """The file with all our hooks and hook types, and what was added.

    Hooks that are there stay; what misses comes from where they come from.

    Raises:
        FileError: the file is not a configuration, or cannot be edited safely.
    """
    data = read(raw, name)
    there = list(entries(data.get("repos")))
    have = {id for _, ours in there for _, id in ours}
    missing = [hook for hook in HOOKS if hook.id not in have]
    if there and not source.explicit:
        first = data["repos"][there[0][0]]
        local = first.get("repo") == "local"
        source = Source() if local else Source(str(first.get("repo")), str(first.get("rev")))
    types = [stage for stage in STAGES if stage not in data.get(TYPES, [])]
    out, wanted = raw, copy.deepcopy(data)
    out, wanted = _renewed(out, wanted, entry)
    if missing:
        item = _item(source, [_hook(one, source, entry) for one in missing])
        out = _add_repo(out, item, data, name)
        wanted.setdefault("repos", []).append(item)
    if types:
        out = _add_types(out, types, data)
        wanted[TYPES] = [*data.get(TYPES, []), *types]
    _check(out, wanted, name)
    keys = (TYPES,) if types and TYPES not in data else ()
    return out, Added(tuple(one.id for one in missing), tuple(types), keys)


def _renewed(raw: bytes, data: Data, entry: Callable[[str], str]) -> tuple[bytes, Data]:
    """The file, and what it means, with paths of programs that are no longer there up to date."""
    import tomlkit

    doc: Any = tomlkit.parse(raw.decode())
    after = copy.deepcopy(data)
    for n, ours in entries(data.get("repos")):
        for m, id in ours:
            text = data["repos"][n]["hooks"][m].get("entry")
            if isinstance(text, str) and data["repos"][n].get("repo") == "local":
                for one in (doc, after):
                    one["repos"][n]["hooks"][m]["entry"] = renewed(text, id, entry)
    return (raw, data) if after == data else (tomlkit.dumps(doc).encode(), after)


def _hook(hook: Any, source: Source, entry: Callable[[str], str]) -> Data:
    found: Data = {"id": hook.id} if source.url else hook.local(entry(hook.id))
    return found


def _item(source: Source, hooks: list[Data]) -> Data:
    if source.url:
        return {"repo": source.url, "rev": source.rev, "hooks": hooks}
    return {"repo": "local", "hooks": hooks}


def remove(raw: bytes, name: str, added: Added | None = None) -> bytes:
    """The file without what `errata init` added. Raises FileError: as :func:`install`."""
    data = read(raw, name)
    ids = set(BY_ID) if added is None else set(added.hooks)
    out = blocks.take(raw, name)
    left = read(out, name).get("repos", [])
    others = [item for item in data.get("repos", []) if item not in left]
    if any(hook.get("id") not in BY_ID for item in others for hook in item.get("hooks", [])):
        # Somebody put hooks into our block.
        out = raw
    wanted = read(out, name)
    known = added.types if added else STAGES if _own_line(out) else ()
    listed = wanted.get(TYPES)
    types = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    drop = set(known) & set(types)
    if drop and drop == set(types) and listed == types and (line := _own_line(out)):
        out = out.replace(line, b"", 1)
        drop = set()
    return _edited(out, ids, drop, name)


def _edited(raw: bytes, ids: set[str], types: set[str], name: str) -> bytes:
    """The file without those of our hooks that no block marks, and without these hook types."""
    import tomlkit

    wanted = read(raw, name)
    gone = [(n, [m for m, id in ours if id in ids]) for n, ours in entries(wanted.get("repos"))]
    if not any(which for _, which in gone) and not types:
        return raw
    doc: Any = tomlkit.parse(raw.decode())
    for data in (doc, wanted):
        for n, which in reversed(gone):
            for m in reversed(which):
                del data["repos"][n]["hooks"][m]
            if which and not data["repos"][n]["hooks"]:
                del data["repos"][n]
        for stage in types:
            data[TYPES].remove(stage)
    out = tomlkit.dumps(doc).encode()
    _check(out, wanted, name)
    return out


def _check(out: bytes, wanted: Data, name: str) -> None:
    if read(out, name) != wanted:
        raise FileError(f"{name}:1: written in a way that cannot be edited safely", _BY_HAND)


def read(raw: bytes, name: str) -> Data:
    """What the file means.

    Raises:
        FileError: it is not TOML, or its lists of repositories or hook types are none.
    """
    import tomllib

    try:
        data = tomllib.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FileError(f"{name}:{line}: not UTF-8", "save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        line = int((re.search(r"at line (\d+)", str(error)) or [0, raw.count(b"\n") + 1])[1])
        raise FileError(f"{name}:{line}: not TOML: {error}", "repair it") from error
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits, or values within values without end.
        raise FileError(f"{name}:1: cannot be read: {type(error).__name__}", "repair it") from error
    for key in ("repos", TYPES):
        if not isinstance(data.get(key, []), list):
            raise FileError(f"{name}:1: {key}: must be a list", "repair it")
    return data


def _add_repo(raw: bytes, item: Data, data: Data, name: str) -> bytes:
    import tomlkit
    from tomlkit.items import AoT

    doc: Any = tomlkit.parse(raw.decode())
    if data.get("repos") is not None and not isinstance(doc["repos"], AoT):
        doc["repos"].append(item)
        return tomlkit.dumps(doc).encode()
    lines = [*(blocks.inner(raw, name) or [blocks.ABOUT]), "[[repos]]"]
    lines += [f"{key} = {_value(item[key])}" for key in item if key != "hooks"]
    lines += ["hooks = [", *(f"  {_value(hook)}," for hook in item["hooks"]), "]"]
    return blocks.put(raw, lines, name)


def _value(value: Any) -> str:
    """A value in one line; strings of JSON are strings of TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _add_types(raw: bytes, types: list[str], data: Data) -> bytes:
    import tomlkit

    if TYPES in data:
        doc: Any = tomlkit.parse(raw.decode())
        doc[TYPES].extend(types)
        return tomlkit.dumps(doc).encode()
    ending = blocks.newline(raw)
    # At the top, where no table has begun.
    return ending.join([MARK.encode(), f"{TYPES} = {_value(types)}".encode(), b""]) + raw


def _own_line(raw: bytes) -> bytes:
    """The two lines that set the hook types, if `errata init` wrote them."""
    shape = rf"(?m)^{re.escape(MARK)}\r?\n{TYPES} = \[[^\]\n]*\]\r?\n"
    found = re.search(shape.encode(), raw)
    return found[0] if found else b""
