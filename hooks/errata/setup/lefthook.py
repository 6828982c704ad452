"""Our commands in lefthook's configuration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from errata.setup import yamltext as yt
from errata.setup.hook_source import renewed
from errata.setup.hooks import BY_ID, STAGES, at
from errata.setup.precommit import Added
from errata.setup.yamltext import Document, Edit

CREATED = "# Hooks of lefthook (https://lefthook.dev). Begun by `errata init`."
_BY_HAND = "the commands of errata in it are for you to edit"


def command(stage: str, program: str) -> str:
    """The command line of one hook; the hooks find by themselves which files are staged.

    lefthook leaves ``{2}`` as it is where git gave no second argument, and does not quote.
    """
    if stage == "prepare-commit-msg":
        return f'case {{2}} in "{{"*) {program} "{{1}}";; *) {program} "{{1}}" {{2}};; esac'
    arguments = {"commit-msg": ' "{1}"', "post-merge": " {1}", "post-rewrite": " {1}"}
    return program + arguments.get(stage, "")


def wanted(entry: Callable[[str], str]) -> dict[str, dict[str, Any]]:
    """Stage -> its commands."""
    return {
        stage: {hook.id: {"run": command(stage, entry(hook.id))} for hook in at(stage)}
        for stage in STAGES
    }


def install(raw: bytes | None, entry: Callable[[str], str], name: str) -> tuple[bytes, Added]:
    """The file with our commands, and what was added; commands of our names are left alone.

    Raises:
        FileError: the file is not a configuration, or cannot be edited safely.
    """
    doc = yt.read(name, raw or b"")
    if doc.node is None:
        lines = [CREATED] if raw is None else []
        lines += yt.lines_of({s: {"commands": c} for s, c in wanted(entry).items()})
        text = yt.splice(doc.text, [yt.below(doc, len(doc.text), lines, 0)])
        yt.read(name, text.encode())
        return text.encode(), Added(_names(wanted(entry)), (), STAGES)
    missing = {
        stage: {id: one for id, one in commands.items() if id not in _commands(doc, stage)}
        for stage, commands in wanted(entry).items()
    }
    missing = {stage: commands for stage, commands in missing.items() if commands}
    dated = _dated(doc, entry)
    if not missing and not dated:
        return raw or b"", Added()
    fresh = {stage: {"commands": c} for stage, c in missing.items() if stage not in doc.data}
    edits, keys = [_run(doc, stage, id, text) for stage, id, text in dated], list(fresh)
    for stage in missing.keys() - fresh.keys():
        edits.append(_into(doc, stage, missing[stage]))
        keys += [] if (doc.data[stage] or {}).get("commands") else [f"{stage}/commands"]
    if fresh:
        # Last: it may begin where what goes into the last stage ends.
        edits.append(yt.append_pairs(doc, doc.node, fresh))

    def mutate(data: Any) -> None:
        for stage, commands in missing.items():
            data[stage] = data.get(stage) or {}
            data[stage]["commands"] = data[stage].get("commands") or {}
            data[stage]["commands"].update(commands)
        for stage, id, text in dated:
            data[stage]["commands"][id]["run"] = text

    text = yt.settle(doc, edits, mutate, _BY_HAND)
    return text.encode(), Added(_names(missing), (), tuple(keys))


def _dated(doc: Document, entry: Callable[[str], str]) -> list[tuple[str, str, str]]:
    """(stage, id, new command line) of commands whose program is no longer where they say."""
    found = []
    for stage in STAGES:
        for hook in at(stage):
            one = _commands(doc, stage).get(hook.id)
            run = one.get("run") if isinstance(one, dict) else None
            if isinstance(run, str) and (text := renewed(run, hook.id, entry)) != run:
                found.append((stage, hook.id, text))
    return found


def _run(doc: Document, stage: str, id: str, text: str) -> Edit:
    node = doc.node
    for key in (stage, "commands", id, "run"):
        node = yt.pair(node, key)[1]
    return node.start_mark.index, yt.content_end(doc.text, node), yt.scalar(text)


def _names(commands: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    return tuple(f"{stage}/{id}" for stage, ids in commands.items() for id in ids)


def _commands(doc: Document, stage: str) -> dict[str, Any]:
    """The commands of a stage. Raises FileError: they are no mapping."""
    if stage not in doc.data:
        return {}
    one = doc.data[stage]
    found = one.get("commands") if isinstance(one, dict) else one
    key, node = yt.pair(doc.node, stage)
    parts = (node, (yt.pair(node, "commands") or (key, node))[1])
    # A null that is written out is no place to put anything.
    spelled = any(isinstance(part.value, str) and not yt.is_empty(part) for part in parts)
    if spelled or (found is not None and not isinstance(found, dict)):
        raise doc.fail(key.start_mark.index, f"{stage}: must be a mapping", "with `commands:`")
    return found or {}


def _into(doc: Document, stage: str, commands: dict[str, Any]) -> Edit:
    """Commands for a stage that is there already."""
    key, node = yt.pair(doc.node, stage)
    if yt.is_empty(node):
        lines = yt.lines_of({"commands": commands})
        return yt.below(doc, key.end_mark.index, lines, key.start_mark.column + 2)
    found = yt.pair(node, "commands")
    if found is None:
        return yt.append_pairs(doc, node, {"commands": commands})
    if yt.is_empty(found[1]):
        lines = yt.lines_of(commands)
        return yt.below(doc, found[0].end_mark.index, lines, found[0].start_mark.column + 2)
    return yt.append_pairs(doc, found[1], commands)


def remove(raw: bytes, name: str, added: Added | None = None) -> bytes | None:
    """The file without our commands; None if `errata init` made it and nothing else is in.

    Raises:
        FileError: the file is no configuration, or cannot be edited safely.
    """
    doc = yt.read(name, raw)
    if doc.node is None:
        return raw
    created = doc.text.startswith(CREATED)
    edits: list[Edit] = [(0, yt.line_end(doc.text, 0), "")] if created else []
    gone: list[tuple[str, ...]] = []
    stages = [_remove_stage(doc, stage, added) for stage in STAGES if _commands(doc, stage)]
    whole = {path[0] for path, _ in stages if len(path) == 1}
    edits += yt.drop_pairs(doc, doc.node, whole)
    gone += [(stage,) for stage in whole]
    for path, ids in stages:
        if len(path) == 1 or not ids:
            continue
        node = doc.node
        for key in path[:-1] if path[-1] == "" else path:
            node = yt.pair(node, key)[1]
        edits += yt.drop_pairs(doc, node, ids)
        gone += [(*(key for key in path if key), id) for id in ids]
    if not gone:
        return raw

    def mutate(data: Any) -> None:
        for *folders, last in gone:
            inner = data
            for key in folders:
                inner = inner[key]
            del inner[last]

    text = yt.settle(doc, edits, mutate, _BY_HAND)
    return None if created and not text.strip() else text.encode()


def _remove_stage(
    doc: Document, stage: str, added: Added | None
) -> tuple[tuple[str, ...], set[str]]:
    """What goes of a stage: (where, keys there); a path of one is the stage as a whole."""
    there = _commands(doc, stage)
    ids = {id for id in there if id in BY_ID and (not added or f"{stage}/{id}" in added.hooks)}
    keys = None if added is None else added.keys
    if not ids or len(ids) < len(there):
        return (stage, "commands"), ids
    if len(doc.data[stage]) == 1 and (keys is None or stage in keys):
        return (stage,), {stage}
    if keys is None or f"{stage}/commands" in keys or stage in keys:
        return (stage, ""), {"commands"}
    return (stage, "commands"), ids


def own_stages(raw: bytes, name: str) -> set[str]:
    """The keys at the top of the file. Raises FileError: it is no configuration."""
    return {key for key in yt.read(name, raw).data if isinstance(key, str)}
