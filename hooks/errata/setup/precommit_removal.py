"""Taking our entry out of ``.pre-commit-config.yaml`` again."""

from __future__ import annotations

from typing import Any

from errata.setup import yamltext as yt
from errata.setup.hooks import BY_ID, STAGES
from errata.setup.precommit import CREATED, MARK, TYPES, Added, entries
from errata.setup.yamltext import Document, Edit

_BY_HAND = "take the hooks of errata out by hand"


def remove(raw: bytes, name: str, added: Added | None = None) -> bytes | None:
    """The file without what `errata init` added; None if it made the file and nothing else is in.

    ``added`` is what it added, where that is known. Otherwise every hook of ours goes; of the hook
    types only those that a comment of ours marks, and never one that another hook names.

    Raises:
        FileError: the file is no configuration, or cannot be edited safely.
    """
    doc = yt.read(name, raw)
    if doc.node is None:
        return raw
    if added is None:
        added = Added(tuple(BY_ID), *((STAGES, (TYPES,)) if _marked(doc) else ()))
    plan = _Plan(doc, added)
    if not plan.hooks and not plan.types and CREATED not in doc.text:
        return raw
    text = yt.settle(doc, [*plan.edits(), *_created(doc)], plan.mutate, _BY_HAND)
    left = yt.read(name, text.encode()).data
    if doc.text.removeprefix("\ufeff").startswith(CREATED) and not left.get("repos"):
        only_comments = all(line.lstrip()[:1] != "#" for line in text.splitlines())
        if set(left) <= {"repos"} and only_comments:
            return None
    return text.encode()


class _Plan:
    """What goes: for each item of ``repos`` the hooks, of the types some, and whole keys."""

    def __init__(self, doc: Document, added: Added) -> None:
        self.doc = doc
        repos = doc.data.get("repos")
        found = {n: {m for m, id in ours if id in added.hooks} for n, ours in entries(repos)}
        self.hooks = {n: which for n, which in found.items() if which}
        self.whole = {n for n, which in found.items() if len(repos[n]["hooks"]) == len(which)}
        self.types = self._types(added)
        self.keys: set[str] = set()
        if self.types and len(self.types) == len(doc.data[TYPES]):
            block = yt.is_block(yt.pair(doc.node, TYPES)[1])
            self.keys |= {TYPES} if TYPES in added.keys or block else set()
        if self.whole and len(self.whole) == len(repos) and "repos" in added.keys:
            self.keys.add("repos")

    def _types(self, added: Added) -> list[str]:
        # A list: what a person put among the names need not be one, and is compared with them.
        now = self.doc.data.get(TYPES)
        if not isinstance(now, list):
            return []
        names = {one for one in now if isinstance(one, str)}
        return sorted((set(added.types) & names) - _needed(self.doc.data, self.hooks))

    def edits(self) -> list[Edit]:
        """The same as edits of the text."""
        doc = self.doc
        edits = yt.drop_pairs(doc, doc.node, self.keys)
        if TYPES in self.keys:
            start, end, line = _line_above(doc, yt.pair(doc.node, TYPES)[0])
            edits += [(start, end, "")] if line == MARK else []
        elif self.types:
            which = {n for n, one in enumerate(doc.data[TYPES]) if one in self.types}
            edits += yt.drop_items(doc, yt.pair(doc.node, TYPES)[1], which)
        return edits + (self._hook_edits() if "repos" not in self.keys else [])

    def _hook_edits(self) -> list[Edit]:
        edits: list[Edit] = []
        if not self.hooks:
            return edits
        key, repos = yt.pair(self.doc.node, "repos")
        for n in set(self.hooks) - self.whole:
            hooks = yt.pair(repos.value[n], "hooks")[1]
            edits += yt.drop_items(self.doc, hooks, self.hooks[n])
        edits += yt.drop_items(self.doc, repos, self.whole) if self.whole else []
        if len(self.whole) == len(repos.value) and yt.is_block(repos):
            colon = self.doc.text.find(":", key.end_mark.index) + 1
            edits.append((colon, colon, " []"))
        return edits

    def mutate(self, data: Any) -> None:
        """The same as a change of the data."""
        for n in sorted(self.hooks, reverse=True):
            if n in self.whole:
                del data["repos"][n]
                continue
            for m in sorted(self.hooks[n], reverse=True):
                del data["repos"][n]["hooks"][m]
        if self.types:
            data[TYPES][:] = [one for one in data[TYPES] if one not in self.types]
        for key in self.keys:
            del data[key]


def _needed(data: Any, hooks: dict[int, set[int]]) -> set[str]:
    """The stages that the hooks which stay are for, as far as the file says it."""
    repos = data.get("repos")
    found: list[Any] = []
    for n, item in enumerate(repos if isinstance(repos, list) else []):
        others = item.get("hooks") if isinstance(item, dict) else None
        for m, hook in enumerate(others if isinstance(others, list) else []):
            if m not in hooks.get(n, ()) and isinstance(hook, dict) and "stages" in hook:
                found += hook["stages"] if isinstance(hook["stages"], list) else []
    return {stage for stage in found if isinstance(stage, str)}


def _marked(doc: Document) -> bool:
    """Whether `errata init` made the list of hook types: a comment above it says so."""
    found = yt.pair(doc.node, TYPES)
    return found is not None and _line_above(doc, found[0])[2] in (MARK, CREATED)


def _line_above(doc: Document, key: Any) -> tuple[int, int, str]:
    end = yt.line_start(doc.text, key.start_mark.index)
    start = yt.line_start(doc.text, end - 1) if end else 0
    return start, end, doc.text[start:end].strip("\ufeff \r\n")


def _created(doc: Document) -> list[Edit]:
    """The comment at the top of a file that `errata init` began."""
    at = doc.text.find(CREATED)
    if at != len(doc.text) - len(doc.text.removeprefix("\ufeff")):
        return []
    return [(at, yt.line_end(doc.text, at), "")]
