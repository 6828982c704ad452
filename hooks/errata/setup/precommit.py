"""Our entry in ``.pre-commit-config.yaml``, for pre-commit and for prek."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from errata.setup import yamltext as yt
from errata.setup.hook_source import Source, renewed
from errata.setup.hooks import BY_ID, HOOKS, STAGES
from errata.setup.yamltext import Document, Edit

TYPES = "default_install_hook_types"
CREATED = "# Hooks of pre-commit (https://pre-commit.com). Begun by `errata init`."
MARK = "# For errata: git's hooks that `pre-commit install` sets up."
_BY_HAND = "add the hooks of errata by hand; the README shows how"


@dataclass(frozen=True, slots=True)
class Added:
    """What `errata init` put into a file: ids of hooks, hook types, and keys at its top."""

    hooks: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(slots=True)
class _Work:
    """Edits of the text, and the same as a change of the data."""

    edits: list[Edit] = field(default_factory=list)
    mutations: list[Callable[[Any], None]] = field(default_factory=list)

    def mutate(self, data: Any) -> None:
        for one in self.mutations:
            one(data)


def install(
    raw: bytes | None, source: Source, entry: Callable[[str], str], name: str
) -> tuple[bytes, Added]:
    """The file with all our hooks and hook types, and what was added.

    Hooks that are there keep their arguments, wherever they come from; what misses is added to the
    entry that has the others.

    Raises:
        FileError: the file is not a configuration, or cannot be edited safely.
    """
    doc = yt.read(name, raw or b"")
    if doc.node is None:
        return _begin(doc, source, entry, created=raw is None)
    work = _Work()
    hooks = _install_hooks(doc, source, entry, work)
    types = _install_types(doc, work)
    if not work.edits:
        return raw or b"", Added()
    text = yt.settle(doc, work.edits, work.mutate, _BY_HAND)
    keys = [key for key in (TYPES, "repos") if yt.pair(doc.node, key) is None]
    return text.encode(), Added(hooks, types, tuple(keys))


def _begin(
    doc: Document, source: Source, entry: Callable[[str], str], created: bool
) -> tuple[bytes, Added]:
    """A configuration where there was none, or nothing but comments."""
    body = [f"{TYPES}:", f"  [{', '.join(STAGES)}]", "repos:"]
    body += ["  " + line for line in yt.item_lines(_item(source, list(BY_ID), entry))]
    lines = [CREATED, *body] if created else [MARK, *body]
    text = yt.splice(doc.text, [yt.below(doc, len(doc.text), lines, 0)])
    yt.read(doc.name, text.encode())
    return text.encode(), Added(tuple(BY_ID), STAGES, (TYPES, "repos"))


def _item(source: Source, ids: list[str], entry: Callable[[str], str]) -> dict[str, Any]:
    if not source.url:
        return {"repo": "local", "hooks": _hooks(False, ids, entry)}
    return {"repo": source.url, "rev": source.rev, "hooks": _hooks(True, ids, entry)}


def _hooks(remote: bool, ids: list[str], entry: Callable[[str], str]) -> list[dict[str, Any]]:
    wanted = [hook for hook in HOOKS if hook.id in ids]
    if remote:
        return [{"id": hook.id} for hook in wanted]
    return [hook.local(entry(hook.id)) for hook in wanted]


# -------------------------------------------------------------------------------------- our hooks


def _repos(doc: Document) -> list[dict[str, Any]]:
    repos = doc.data.get("repos") or []
    if not isinstance(repos, list):
        raise doc.fail(yt.pair(doc.node, "repos")[0].start_mark.index, "repos: must be a list")
    return repos


def entries(repos: Any) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """(index of an item of ``repos``, its hooks that are ours as (index, id)); ours only."""
    for n, item in enumerate(repos if isinstance(repos, list) else []):
        hooks = item.get("hooks") if isinstance(item, dict) else None
        if not isinstance(hooks, list):
            continue
        ids = [(m, hook.get("id")) for m, hook in enumerate(hooks) if isinstance(hook, dict)]
        if ours := [(m, id) for m, id in ids if id in BY_ID]:
            yield n, ours


def hook_ids(data: Any) -> set[str]:
    """Our hooks that a parsed configuration has."""
    repos = data.get("repos") if isinstance(data, dict) else None
    return {id for _, ours in entries(repos) for _, id in ours}


def _install_hooks(
    doc: Document, source: Source, entry: Callable[[str], str], work: _Work
) -> tuple[str, ...]:
    repos = _repos(doc)
    there = list(entries(repos))
    have = {id for _, ours in there for _, id in ours}
    missing = [id for id in BY_ID if id not in have]
    if not there:
        _add_repo(doc, _item(source, missing, entry), work)
        return tuple(missing)
    at, _ = there[0]
    remote = repos[at].get("repo") != "local"
    if source.explicit:
        _update_source(doc, at, repos[at], source, work)
    for n, ours in there:
        if repos[n].get("repo") == "local":
            _renew(doc, n, [m for m, _ in ours], entry, work)
    if missing:
        hooks = _hooks(remote, missing, entry)
        node = _value(doc, at, "hooks")
        work.edits.append(yt.append(doc, node, hooks))
        work.mutations.append(lambda data: data["repos"][at]["hooks"].extend(hooks))
    return tuple(missing)


def _renew(
    doc: Document, at: int, which: list[int], entry: Callable[[str], str], work: _Work
) -> None:
    """Bring paths of programs that are no longer there up to date."""
    for m in which:
        hook = doc.data["repos"][at]["hooks"][m]
        before = hook.get("entry")
        after = renewed(before, hook["id"], entry) if isinstance(before, str) else before
        if after != before:
            node = yt.pair(_value(doc, at, "hooks").value[m], "entry")[1]
            end = yt.content_end(doc.text, node)
            work.edits.append((node.start_mark.index, end, yt.scalar(after)))
            work.mutations.append(_set_entry(at, m, after))


def _set_entry(at: int, which: int, value: str) -> Callable[[Any], None]:
    return lambda data: data["repos"][at]["hooks"][which].update(entry=value)


def _value(doc: Document, at: int, key: str) -> Any:
    found = yt.pair(yt.pair(doc.node, "repos")[1].value[at], key)
    return found[1] if found else None


def _update_source(
    doc: Document, at: int, item: dict[str, Any], source: Source, work: _Work
) -> None:
    """Bring the entry to another repository or commit, in its place."""
    if item.get("repo") in ("local", "meta", "builtin") or _value(doc, at, "rev") is None:
        where = yt.pair(doc.node, "repos")[1].value[at].start_mark.index
        raise doc.fail(
            where,
            f"has errata's hooks from `repo: {item.get('repo')}`, not from {source.url}",
            "`errata uninstall` first, then init with --source",
        )
    for key, value in (("repo", source.url), ("rev", source.rev)):
        if item.get(key) != value:
            node = _value(doc, at, key)
            end = yt.content_end(doc.text, node)
            work.edits.append((node.start_mark.index, end, yt.scalar(value)))
            work.mutations.append(_set(at, key, value))


def _set(at: int, key: str, value: str) -> Callable[[Any], None]:
    return lambda data: data["repos"][at].update({key: value})


def _add_repo(doc: Document, item: dict[str, Any], work: _Work) -> None:
    found = yt.pair(doc.node, "repos")
    if found is None:
        work.edits.append(_new_pair(doc, ["repos:", *_under(yt.item_lines(item))], {"repos": item}))
    elif yt.is_block(found[1]):
        work.edits.append(yt.append(doc, found[1], [item]))
    elif yt.is_empty(found[1]):
        work.edits.append(_first(doc, found[0], doc.text.find(":", found[0].end_mark.index), item))
    elif not found[1].value and not doc.node.flow_style:
        # `[]` goes, and the list begins below; what stands behind it stays.
        end = found[1].end_mark.index
        colon = doc.text.find(":", found[0].end_mark.index)
        work.edits += [(colon + 1, end, ""), _first(doc, found[0], end, item)]
    else:
        work.edits.append(yt.append(doc, found[1], [item]))

    def mutate(data: Any) -> None:
        if data.get("repos"):
            data["repos"].append(item)
        else:
            data["repos"] = [item]

    work.mutations.append(mutate)


def _under(lines: list[str]) -> list[str]:
    return ["  " + line for line in lines]


def _first(doc: Document, key: Any, index: int, item: dict[str, Any]) -> Edit:
    return yt.below(doc, index, _under(yt.item_lines(item)), key.start_mark.column)


def _new_pair(doc: Document, lines: list[str], flow: dict[str, Any]) -> Edit:
    """A new entry at the end of the top mapping."""
    import json

    end = yt.content_end(doc.text, doc.node.value[-1][1]) if doc.node.value else 0
    if doc.node.flow_style:
        end = yt.content_end(doc.text, doc.node) - 1
        body = json.dumps({key: [value] for key, value in flow.items()})[1:-1]
        return (end, end, (", " if doc.node.value else "") + body)
    end = max(end, doc.node.value[-1][0].end_mark.index)
    return yt.below(doc, end, lines, doc.node.start_mark.column)


# ------------------------------------------------------------------------------------- hook types


def _install_types(doc: Document, work: _Work) -> tuple[str, ...]:
    found, now = yt.pair(doc.node, TYPES), doc.data.get(TYPES)
    if found is None:
        _new_types(doc, work)
        return STAGES
    key, value = found
    if not isinstance(now, list):
        raise doc.fail(key.start_mark.index, f"{TYPES}: must be a list", "name hook types in it")
    missing = [stage for stage in STAGES if stage not in now]
    if missing:
        work.edits.append(yt.append(doc, value, missing))
        work.mutations.append(lambda data: data[TYPES].extend(missing))
    return tuple(missing)


def _new_types(doc: Document, work: _Work) -> None:
    lines = [MARK, f"{TYPES}:", f"  [{', '.join(STAGES)}]"]
    found = yt.pair(doc.node, "repos")
    if doc.node.flow_style:
        import json

        start = doc.text.index("{", doc.node.start_mark.index) + 1
        body = json.dumps({TYPES: list(STAGES)})[1:-1]
        work.edits.append((start, start, body + (", " if doc.node.value else "")))
    else:
        first = found[0] if found else doc.node.value[0][0]
        index = _over_comments(doc.text, first.start_mark.index)
        work.edits.append(yt.above(doc, index, lines, doc.node.start_mark.column))
    work.mutations.append(lambda data: data.update({TYPES: list(STAGES)}))


def _over_comments(text: str, index: int) -> int:
    """Above the comment that belongs to a line, unless the file begins with it."""
    at = start = yt.line_start(text, index)
    while at > 0:
        above = yt.line_start(text, at - 1)
        if not text[above:at].lstrip(" ").startswith("#"):
            return at
        at = above
    return start
