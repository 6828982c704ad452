"""Git's hooks and the merge driver, as this clone has them."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

from errata.core import git
from errata.core.errors import ErrataError
from errata.setup import (
    attributes,
    gitconfig,
    hook_scripts,
    hook_source,
    install_manifest,
    managers,
    migrate,
    precommit,
)
from errata.setup.checks import Case, Found, note, problem, shell
from errata.setup.hooks import HOOKS, STAGES, at
from errata.setup.layout import Layout
from errata.setup.managers import Manager

INIT = "errata init"


def manager_of(case: Case) -> Manager | None:
    """The hook manager in use; None without a work tree, or where none can be told."""
    if case.layout is None:
        return None
    try:
        return _detect(case.layout)
    except ErrataError:
        return None


def _detect(layout: Layout) -> Manager:
    record = _receipt(layout)
    return managers.detect(layout, (record and record.manager) or None)


def _receipt(layout: Layout) -> install_manifest.Receipt | None:
    """What init wrote down; None also where it cannot be read, which another check says."""
    try:
        return install_manifest.load(layout)
    except ErrataError:
        return None


def set_up(case: Case) -> bool:
    """Whether anything of errata is installed in this clone."""
    layout, manager = case.layout, manager_of(case)
    if layout is None:
        return False
    data = layout.read(attributes.FILE_NAME) or b""
    return bool(
        (manager and configured(layout, manager))
        or b">>> errata >>>" in data
        or gitconfig.value(layout, f"{gitconfig.SECTION}.driver")
        or (layout.state / install_manifest.FILE_NAME).exists()
    )


def configured(layout: Layout, manager: Manager) -> set[str]:
    """The hooks of ours that the manager's configuration, or the scripts, run.

    Raises:
        FileError: the configuration cannot be parsed.
    """
    if manager.folder:
        return {
            hook.id
            for stage in STAGES
            for hook in at(stage)
            if hook.id.encode() in (_script(layout, manager, stage) or b"")
        }
    data = layout.read(manager.file)
    if data is None:
        return set()
    if manager.name == "lefthook":
        return {hook.id for hook in HOOKS if hook.id.encode() in data}
    if manager.file == managers.PREK_FILE:
        from errata.setup import prek_toml

        return precommit.hook_ids(prek_toml.read(data, manager.file))
    from errata.setup import yaml_file

    return precommit.hook_ids(yaml_file.read(manager.file, data).data)


def _script(layout: Layout, manager: Manager, stage: str) -> bytes | None:
    return layout.read(f"{manager.folder}/{stage}")


def git_hooks(case: Case) -> Iterator[Found]:
    """Every hook of ours configured, and git's hook of each stage there to run it."""
    layout = case.layout
    # While git looks elsewhere, nothing else about hooks can be told.
    if layout is None or any(hooks_path(case)):
        return
    manager = _detect(layout)
    if not set_up(case):
        yield problem("errata is not set up in this clone", INIT)
        return
    if elsewhere(case):
        yield from _without_configuration(layout)
        return
    there = configured(layout, manager)
    if lacking := [hook.id for hook in HOOKS if hook.id not in there]:
        where = manager.file or manager.folder
        yield problem(f"{where}: not configured: {', '.join(lacking)}", INIT)
        if not there:
            return
    yield from _gone(layout, manager)
    if manager.folder:
        yield from _scripts(layout, manager)
    else:
        yield from _shims(layout, manager)


def elsewhere(case: Case) -> bool:
    """Whether init was run on another branch of this clone, and nothing of it is on this one."""
    layout = case.layout
    record = _receipt(layout) if layout else None
    shared = [path for path in record.files if not path.startswith(".git/")] if record else []
    if layout is None or not shared or any(b"errata" in (layout.read(p) or b"") for p in shared):
        return False
    # What was only deleted, or edited, is still in the commit.
    status, _ = git.run_status("grep", "-qF", "errata", "HEAD", "--", *shared, cwd=layout.root)
    return status != 0


def _without_configuration(layout: Layout) -> Iterator[Found]:
    """A branch from before: hooks do nothing there, or stop every commit."""
    yield note("errata is set up on another branch, and does nothing on this one", INIT)
    strict: dict[str, list[str]] = {}
    for stage, name in managers.installed(layout).items():
        path = hook_scripts.place(layout, stage)
        script = layout.read(path) if path else None
        if name in ("pre-commit", "prek") and b"--skip-on-missing-config" not in (script or b""):
            strict.setdefault(name, []).append(stage)
    files = (*managers.PRE_COMMIT_FILES, managers.PREK_FILE)
    if any(layout.read(path) is not None for path in files):
        return
    for name, stages in strict.items():
        what = f"no configuration of {name} is on this branch, and it refuses every commit"
        yield problem(what, _install(Manager(name), stages))


def twice(case: Case) -> Iterator[Found]:
    """Hooks of ours in the files of another manager than the one in use."""
    layout, manager = case.layout, manager_of(case)
    if layout is None or manager is None or not set_up(case):
        return
    record = _receipt(layout) or install_manifest.Receipt()
    if paths := migrate.plan(layout, manager, record).paths:
        more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
        what = f"errata's hooks are in {', '.join(paths[:3])}{more} as well"
        yield problem(f"{what}, and {manager.name} runs them", INIT)


def _gone(layout: Layout, manager: Manager) -> Iterator[Found]:
    """Entries whose program was in an environment that has moved, or is another machine's."""
    paths = [manager.file or f"{manager.folder}/{stage}" for stage in STAGES]
    for path in dict.fromkeys(paths):
        lines = (layout.read(path) or b"").decode("utf-8", "replace").splitlines()
        text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
        if found := [one for hook in HOOKS for one in hook_source.gone(text, hook.id)]:
            more = f", and {len(found) - 1} more" if len(found) > 1 else ""
            yield problem(f"{path}: runs {found[0]}, which is not there{more}", INIT)


def _scripts(layout: Layout, manager: Manager) -> Iterator[Found]:
    """Scripts that are there, but that git passes over or nothing calls."""
    by_husky = manager.name == "husky" and (managers.hooks_path(layout) or "_").endswith("_")
    if manager.name == "husky" and managers.hooks_path(layout) is None:
        yield problem("git does not use husky's hooks in this clone", "npx husky")
    for stage in STAGES:
        path = f"{manager.folder}/{stage}"
        if _script(layout, manager, stage) is None or by_husky:
            continue
        if not layout.file(path).stat().st_mode & 0o111:
            file = shell(layout.file(path))
            yield problem(f"{path}: not executable, so git does not run it", f"chmod +x {file}")


def _shims(layout: Layout, manager: Manager) -> Iterator[Found]:
    missing = hook_scripts.missing(layout, manager)
    if not missing:
        return
    there = managers.installed(layout)
    for other in sorted({there.get(stage) or "" for stage in missing} - {"", manager.name}):
        theirs = [stage for stage in missing if there.get(stage) == other]
        what = f"{other} has git's hooks for {', '.join(theirs)}, and {manager.name} is set up"
        yield problem(what, f"{_uninstall(other, theirs)} && {_install(manager, theirs)}")
        missing = [stage for stage in missing if stage not in theirs]
    if dead := [stage for stage in missing if there.get(stage) == manager.name]:
        what = f"its scripts for {', '.join(dead)} find no program, and refuse"
        yield problem(f"{manager.name}: {what}", _install(manager, dead))
        missing = [stage for stage in missing if stage not in dead]
    if not missing:
        return
    all_of_them = len(missing) == len(STAGES)
    what = "no git hook is installed" if all_of_them else f"not installed: {', '.join(missing)}"
    yield problem(f"{manager.name}: {what}", _install(manager, missing))


def _install(manager: Manager, stages: list[str]) -> str:
    if manager.name == "pre-commit" and shutil.which(manager.name) is None:
        return INIT
    try:
        return hook_scripts.said_as(hook_scripts.command(manager, "install", stages))
    except ErrataError as error:
        return error.hint


def _uninstall(name: str, stages: list[str]) -> str:
    if name == "husky":
        return "git config --unset-all core.hooksPath"
    types = "" if name == "lefthook" else "".join(f" --hook-type={stage}" for stage in stages)
    return f"{name} uninstall{types}"


def hooks_path(case: Case) -> Iterator[Found]:
    """``core.hooksPath`` leads git away from the hooks that a manager installed."""
    layout = case.layout
    configured_path = managers.hooks_path(layout) if layout else None
    if layout is None or configured_path is None:
        return
    usual = layout.common / "hooks"
    if managers.hooks_folder(layout).resolve() == usual.resolve():
        return
    kinds = {managers.sign(data) for stage in STAGES if (data := _bytes(usual / stage))}
    if not (left := sorted(kinds - {""})):
        return
    scope = _scope(layout)
    what = f"core.hooksPath ({scope}) is {configured_path}, so {' and '.join(left)}'s hooks in "
    mend = f"git config --{scope} --unset-all core.hooksPath"
    yield problem(f"{what}.git/hooks do not run", mend)


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _scope(layout: Layout) -> str:
    args = ("config", "--show-scope", "--get", "core.hooksPath")
    said = os.fsdecode(git.run(*args, cwd=layout.root, ok=(0, 1))).split("\t")[0]
    return said if said in ("local", "global", "system", "worktree") else "local"


def merge_attributes(case: Case) -> Iterator[Found]:
    """Logs that two branches append to must merge by themselves, by git's own answer."""
    if case.layout is None or not set_up(case) or elsewhere(case):
        return
    lacking, others = attributes.lacking(case.layout, case.config)
    if lacking:
        what = f"{attributes.FILE_NAME}: no merge driver for {', '.join(lacking[:3])}"
        more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
        yield problem(what + more, INIT)
    yield from map(note, others)


def merge_driver(case: Case) -> Iterator[Found]:
    """The driver that .gitattributes names must be known in this clone, and be there."""
    layout = case.layout
    if layout is None or not set_up(case):
        return
    key = f"{gitconfig.SECTION}.driver"
    driver = gitconfig.value(layout, key)
    if driver is None:
        yield problem("the merge driver is not configured in this clone", _driver(key))
        return
    try:
        word = next(iter(shlex.split(driver)), "")
    except ValueError:
        word = ""
    if not hook_source.is_ours(driver, "errata"):
        yield note(f"git config {key}: {driver!r} is not errata's", _driver(key))
    elif shutil.which(word) is None:
        yield problem(f"the merge driver runs {word}, which is not there", _driver(key))


def _driver(key: str) -> str:
    try:
        command = hook_source.program("errata")
    except ErrataError as error:
        return error.hint
    return f"git config {key} {shlex.quote(gitconfig.settings(command)[key])}"
