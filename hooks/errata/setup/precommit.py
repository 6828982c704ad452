"""The hooks of errata in ``.pre-commit-config.yaml``, for pre-commit and for prek."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from errata.setup import guard, hook_source, yaml_file
from errata.setup.formatting import without_lines
from errata.setup.hook_source import HookSource
from errata.setup.hooks import BY_ID, HOOKS, STAGES
from errata.setup.layout import FileError
from errata.setup.yaml_file import YamlFile

TYPES = "default_install_hook_types"
DEFAULT_STAGES = "default_stages"
CREATED = "# Hooks of pre-commit (https://pre-commit.com). Created by `errata init`."
MARK = "# For errata: the git hooks that `pre-commit install` sets up."
STAGES_MARK = "# For errata: hooks without `stages` run where they ran before."
# As earlier versions wrote them.
_CREATED = (CREATED, "# Hooks of pre-commit (https://pre-commit.com). Begun by `errata init`.")
_TYPES_MARKS = (MARK, "# For errata: git's hooks that `pre-commit install` sets up.")
MARKS = {DEFAULT_STAGES: (STAGES_MARK,), TYPES: _TYPES_MARKS}
"""Key -> the comments above it by which a key of ours is recognised."""
_ADD_BY_HAND = "add the hooks of errata by hand; docs/setup.md of errata shows how"
_REMOVE_BY_HAND = "remove the hooks of errata by hand"


@dataclass(frozen=True, slots=True)
class Additions:
    """What `errata init` added to a configuration: hooks, hook types, and top-level keys."""

    hooks: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


def install(
    raw: bytes | None, source: HookSource, name: str, installed: Sequence[str] = ()
) -> tuple[bytes, Additions]:
    """The configuration with all our hooks and hook types, and what was added.

    Hooks that are there keep their arguments and their repository; missing ones are added to the
    entry that has the others, unless its revision may lack them. A person's hooks without
    ``stages`` do not run at more stages: ``installed`` are those that the manager has set up in
    this clone.

    Raises:
        FileError: the file is not a configuration, or cannot be edited safely.
    """
    file = yaml_file.read(name, raw or b"")
    if file.blank:
        return _create(file, source, stages_before({}, installed, marked=False), raw is None)
    check(file.data, source, file.error)
    marked = is_marked(file.text, TYPES)
    stages = stages_before(file.data, installed, marked)
    data = copy.deepcopy(file.data)
    hooks = install_hooks(data, source)
    types = _install_types(data, stages)
    if data == file.data:
        return raw or b"", Additions()

    def change(parsed: Any) -> None:
        install_hooks(parsed, source)
        _install_types(parsed, stages)

    text = yaml_file.edit(file, change, _ADD_BY_HAND)
    return text.encode(), Additions(hooks, types, added_keys(file.data, stages))


def added_keys(data: Any, stages: list[str]) -> tuple[str, ...]:
    """The top-level keys that an installation adds to a configuration."""
    keys = (TYPES, DEFAULT_STAGES, "repos") if stages else (TYPES, "repos")
    return tuple(key for key in keys if key not in data)


def stages_before(data: Any, installed: Sequence[str], marked: bool) -> list[str]:
    """The stages at which hooks without ``stages`` ran before ours; empty if they need no limit.

    ``marked``: an earlier version of `errata init` made the list of hook types.
    """
    if DEFAULT_STAGES in data:
        return []
    listed = [stage for stage in data.get(TYPES, []) if isinstance(stage, str)]
    if marked:
        return ["pre-commit", *(stage for stage in listed if stage not in STAGES)]
    stages = list(dict.fromkeys([*listed, *installed])) or ["pre-commit"]
    return [] if set(STAGES) <= set(listed) else stages


def _create(
    file: YamlFile, source: HookSource, stages: list[str], new: bool
) -> tuple[bytes, Additions]:
    """The configuration for a file that is missing, or has only comments."""
    data: dict[str, Any] = {}
    _install_types(data, stages)
    install_hooks(data, source)
    fresh = yaml_file.new_text(data, CREATED if new else MARK)
    fresh = fresh.replace(f"\n{DEFAULT_STAGES}:", f"\n{STAGES_MARK}\n{DEFAULT_STAGES}:")
    text = yaml_file.append_text(file.text, fresh)
    return text.encode(), Additions(tuple(BY_ID), STAGES, added_keys({}, stages))


def check(data: Any, source: HookSource, error: Callable[..., FileError]) -> None:
    """Refuse a configuration without lists, or with our hooks from another kind of source.

    Raises:
        FileError: made by ``error`` from a problem, a hint, a key and an index in its list.
    """
    repos = data.get("repos") or []
    if not isinstance(repos, list):
        raise error("repos: must be a list", "fix it", "repos")
    if not isinstance(data.get(TYPES, []), list):
        raise error(f"{TYPES}: must be a list", "it names hook types", TYPES)
    index = next((n for n, _ in entries(repos)), None) if source.explicit else None
    if index is None:
        return
    repo = repos[index].get("repo")
    if repo in ("local", "meta", "builtin") or "rev" not in repos[index]:
        problem = f"has errata's hooks from `repo: {repo}`, not from {source.url}"
        hint = "`errata uninstall` first, then init with --source"
        raise error(problem, hint, "repos", index)


def entries(repos: Any) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """(index in ``repos``, our hooks as (index, id)) of each entry that has hooks of ours."""
    for n, entry in enumerate(repos if isinstance(repos, list) else []):
        hooks = entry.get("hooks") if isinstance(entry, dict) else None
        if not isinstance(hooks, list):
            continue
        ids = [(m, hook.get("id")) for m, hook in enumerate(hooks) if isinstance(hook, dict)]
        if ours := [(m, id) for m, id in ids if isinstance(id, str) and id in BY_ID]:
            yield n, ours


def hook_ids(data: Any) -> set[str]:
    """Our hooks in a parsed configuration."""
    repos = data.get("repos") if isinstance(data, dict) else None
    return {id for _, ours in entries(repos) for _, id in ours}


def install_hooks(data: Any, source: HookSource) -> tuple[str, ...]:
    """Add the hooks that are missing, and update the repository and the paths of the others.

    ``data`` is a parsed configuration; returns the ids that were added.
    """
    present = list(entries(data.get("repos")))
    missing = [id for id in BY_ID if id not in hook_ids(data)]
    if not present:
        if data.get("repos") is None:
            data["repos"] = []
        yaml_file.extend(data["repos"], [_entry(source, missing)])
        return tuple(missing)
    first = data["repos"][present[0][0]]
    for key, value in _origin(first, source, missing).items():
        if first.get(key) != value:
            first[key] = yaml_file.quoted(value)
    for n, ours in present:
        if data["repos"][n].get("repo") == "local":
            _update_entries(data["repos"][n]["hooks"], ours)
    if _may_lack_hooks(first, source):
        return ()
    yaml_file.extend(first["hooks"], _hooks(first.get("repo") != "local", missing))
    return tuple(missing)


def _origin(entry: Any, source: HookSource, missing: list[str]) -> dict[str, str]:
    """The repository and the revision that an entry needs, where they are known."""
    if source.explicit:
        return {"repo": source.url, "rev": source.rev}
    is_same = _is_pinned(entry) and source.is_at(str(entry["repo"]))
    return {"rev": source.rev} if missing and is_same else {}


def _may_lack_hooks(entry: Any, source: HookSource) -> bool:
    """Whether a framework may not find our hooks at the revision of an entry.

    With a hook that it does not find there, it refuses every commit.
    """
    if source.explicit or not _is_pinned(entry) or source.is_at(str(entry["repo"])):
        return False
    return not hook_source.has_all_hooks(str(entry["rev"]))


def _is_pinned(entry: Any) -> bool:
    return entry.get("repo", "local") not in ("local", "meta", "builtin") and "rev" in entry


def left_out(data: Any, source: HookSource) -> tuple[list[str], str, str]:
    """(our hooks that are not added, the revision that may lack them, `--source` that adds them).

    ``data`` is a parsed configuration.
    """
    first = next((data["repos"][n] for n, _ in entries(data.get("repos"))), None)
    missing = [id for id in BY_ID if id not in hook_ids(data)]
    if first is None or not missing or not _may_lack_hooks(first, source):
        return [], "", ""
    url, rev = str(first["repo"]), str(first["rev"])
    return missing, rev, hook_source.newer(url, rev)


def _update_entries(hooks: Any, ours: list[tuple[int, str]]) -> None:
    for m, id in ours:
        entry = hooks[m].get("entry")
        if isinstance(entry, str) and (command := guard.guarded(entry, id)) != entry:
            hooks[m]["entry"] = yaml_file.quoted(command)


def _entry(source: HookSource, ids: list[str]) -> dict[str, Any]:
    if not source.url:
        return {"repo": "local", "hooks": _hooks(False, ids)}
    origin = {"repo": yaml_file.quoted(source.url), "rev": yaml_file.quoted(source.rev)}
    return {**origin, "hooks": _hooks(True, ids)}


def _hooks(remote: bool, ids: list[str]) -> list[dict[str, Any]]:
    wanted = [hook for hook in HOOKS if hook.id in ids]
    if remote:
        return [{"id": hook.id} for hook in wanted]
    local = [hook.local(yaml_file.quoted(guard.entry(hook.id))) for hook in wanted]
    return [{**hook, "stages": yaml_file.flow_list(hook["stages"])} for hook in local]


def _install_types(data: Any, stages: list[str]) -> tuple[str, ...]:
    """Add the hook types that are missing, and limit hooks without ``stages`` to these."""
    missing = [stage for stage in STAGES if stage not in data.get(TYPES, [])]
    if TYPES in data:
        yaml_file.extend(data[TYPES], missing)
    else:
        _insert_list(data, 0, TYPES, list(STAGES), MARK)
    if stages:
        _insert_list(data, list(data).index(TYPES) + 1, DEFAULT_STAGES, stages, STAGES_MARK)
    return tuple(missing)


def _insert_list(data: Any, position: int, key: str, values: list[str], mark: str) -> None:
    if hasattr(data, "insert"):
        data.insert(position, key, yaml_file.flow_list(values))
        data.yaml_set_comment_before_after_key(key, before=mark.removeprefix("# "))
    else:
        data[key] = yaml_file.flow_list(values)


# ---------------------------------------------------------------------------------------- removal


def remove(raw: bytes, name: str, added: Additions | None = None) -> bytes | None:
    """The configuration without what `errata init` added; None if that was all of it.

    ``added`` is what it added, if known. Otherwise all our hooks go; hook types and default stages
    go only if our comment marks them. A hook type that another hook names always stays.

    Raises:
        FileError: the file is not a configuration, or cannot be edited safely.
    """
    file = yaml_file.read(name, raw)
    if file.blank:
        return raw
    if added is None:
        keys = tuple(key for key in MARKS if is_marked(file.text, key))
        added = Additions(tuple(BY_ID), STAGES if TYPES in keys else (), keys)
    data = copy.deepcopy(file.data)
    remove_additions(data, added)
    created = any(line in file.text for line in _CREATED)
    if data == file.data and not created:
        return raw
    # One after the other, so that comments between the two places are not part of an edit.
    for step in (_remove_hooks, _remove_stages, _remove_types):
        text = yaml_file.edit(file, partial(step, added=added), _REMOVE_BY_HAND)
        file = yaml_file.read(name, text.encode())
    text = without_lines(text, [*_CREATED, *unused_marks(data)])
    if created and not any(data.values()) and set(data) <= {"repos"} and "#" not in text:
        return None
    return text.encode()


def is_marked(text: str, key: str) -> bool:
    """Whether a comment above a key says that `errata init` added it."""
    above = text.partition(f"\n{key}")[0].rpartition("\n")[2].strip("\ufeff \r")
    return above in (*_CREATED, *MARKS[key])


def unused_marks(data: Any) -> list[str]:
    """Our comments above keys that are not in a configuration."""
    return [mark for key, marks in MARKS.items() if key not in data for mark in marks]


def remove_additions(data: Any, added: Additions) -> None:
    """Remove what `errata init` added from a parsed configuration."""
    _remove_hooks(data, added)
    _remove_stages(data, added)
    _remove_types(data, added)


def _remove_hooks(data: Any, added: Additions) -> None:
    repos = data.get("repos")
    for n, ours in reversed(list(entries(repos))):
        for m, id in reversed(ours):
            if id in added.hooks:
                yaml_file.delete(repos[n]["hooks"], m)
        if not repos[n]["hooks"]:
            yaml_file.delete(repos, n)
    if repos == [] and "repos" in added.keys:
        del data["repos"]
    elif repos == []:
        yaml_file.drop_comment(data, "repos")


def _remove_stages(data: Any, added: Additions) -> None:
    if DEFAULT_STAGES in added.keys:
        data.pop(DEFAULT_STAGES, None)


def _remove_types(data: Any, added: Additions) -> None:
    types = data.get(TYPES)
    if not isinstance(types, list):
        return
    needed = _stages_of(data.get("repos"))
    unneeded = [stage for stage in types if stage in added.types and stage not in needed]
    for stage in unneeded:
        yaml_file.delete(types, types.index(stage))
    if unneeded and not types and TYPES in added.keys:
        del data[TYPES]


def _stages_of(repos: Any) -> set[str]:
    """The stages that the hooks in a configuration name."""
    hooks = [
        hook
        for entry in (repos if isinstance(repos, list) else [])
        for hook in (entry.get("hooks") if isinstance(entry, dict) else None) or ()
    ]
    stages = [hook.get("stages") for hook in hooks if isinstance(hook, dict)]
    return {
        stage
        for listed in stages
        if isinstance(listed, list)
        for stage in listed
        if isinstance(stage, str)
    }
