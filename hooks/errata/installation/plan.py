"""What `errata init` would do: changes of files, and steps that are none. Nothing is done here."""

from __future__ import annotations

import copy
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from errata.config import Config
from errata.errors import ErrataError
from errata.installation import agents, attributes, gitconfig, managers, receipt, shims
from errata.installation import source as sources
from errata.installation.change import Change
from errata.installation.hooks import BY_ID, STAGES
from errata.installation.layout import Layout
from errata.installation.managers import Manager
from errata.installation.precommit import Added
from errata.installation.receipt import Receipt


@dataclass(frozen=True, slots=True)
class Options:
    """What a person chose on the command line."""

    manager: str | None = None
    source: str | None = None
    tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do that is no file of the repository.

    Attributes:
        said: one line for people; "" for what needs no words.
        run: does it. Raises ErrataError.
    """

    said: str
    run: Callable[[], None]


@dataclass(slots=True)
class Plan:
    """All that would be done, in this order: ``first``, ``changes``, ``then``.

    Attributes:
        layout: the repository.
        manager: the hook manager; None when taking out.
        changes: of files, only those that change something.
        first, then: steps before and after the changes.
        notes: what a person should know, one line each.
    """

    layout: Layout
    manager: Manager | None = None
    changes: list[Change] = field(default_factory=list)
    first: list[Step] = field(default_factory=list)
    then: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def steps(self) -> list[Step]:
        """The steps that have something to say."""
        return [step for step in (*self.first, *self.then) if step.said]

    @property
    def empty(self) -> bool:
        """Whether all is as it should be."""
        return not self.changes and not self.steps

    def apply(self) -> None:
        """Do it. Stopped half-way, it is finished by planning and applying again.

        Raises:
            ErrataError: something cannot be done; what came before it is done.
        """
        for step in self.first:
            step.run()
        for one in self.changes:
            self.layout.write(one)
        for step in self.then:
            step.run()


def plan(layout: Layout, config: Config, options: Options | None = None) -> Plan:
    """What is missing in this repository; empty if errata is set up.

    Raises:
        ErrataError: a file cannot be read, parsed or edited, or is in the way.
    """
    options = options or Options()
    old = receipt.load(layout)
    record = copy.deepcopy(old) if old else Receipt()
    record.manager = options.manager or record.manager
    manager = managers.detect(layout, record.manager or None)
    managers.check_free(layout, manager)
    made = Plan(layout, manager)
    _plan_hooks(made, options, record)
    data = layout.read(attributes.FILE_NAME)
    after, notes = attributes.edit(layout, config, data)
    made.changes.append(Change(attributes.FILE_NAME, data, after, "logs merge without a conflict"))
    made.notes += notes
    _plan_agents(made, config, options, record)
    made.changes = [one for one in made.changes if one.changed]
    _plan_steps(made, record)
    _note_changes(made, config, record)
    if not made.empty:
        made.first.append(Step("", lambda: receipt.save(layout, record)))
    return made


# ------------------------------------------------------------------------------------- git's hooks


def _plan_hooks(made: Plan, options: Options, record: Receipt) -> None:
    manager = made.manager
    assert manager is not None
    if options.source and manager.name not in ("pre-commit", "prek"):
        raise ErrataError(
            f"--source is not for {manager.name}", "its hooks run the commands of this installation"
        )
    if manager.folder:
        _plan_scripts(made, manager)
        return
    data = made.layout.read(manager.file)
    if manager.name == "lefthook":
        from errata.installation import lefthook

        after, added = lefthook.install(data, sources.program, manager.file)
        local = True
    else:
        after, added, local = _plan_framework(made, manager, data, options)
    if after != data:
        made.changes.append(Change(manager.file, data, after, f"the hooks, for {manager.name}"))
        record.note_added(manager.file, added)
        if local and added.hooks:
            made.notes.append(_own_installation(manager))


def _plan_framework(
    made: Plan, manager: Manager, data: bytes | None, options: Options
) -> tuple[bytes, Added, bool]:
    source = sources.find(options.source, made.layout.root)
    if manager.file == managers.PREK_FILE:
        from errata.installation import prektoml

        after, added = prektoml.install(data or b"", source, sources.program, manager.file)
    else:
        from errata.installation import precommit

        after, added = precommit.install(data, source, sources.program, manager.file)
    return after, added, not source.url


def _own_installation(manager: Manager) -> str:
    programs = [sources.program(name) for name in BY_ID]
    where = "on PATH" if all(p == name for p, name in zip(programs, BY_ID, strict=True)) else "here"
    said = f"{manager.file} runs the commands that are installed {where}; everybody else needs "
    if manager.name == "lefthook":
        return said + "errata installed as well"
    return said + "errata installed as well, or name a repository: --source URL[@REV]"


def _plan_scripts(made: Plan, manager: Manager) -> None:
    from errata.installation import scripts

    layout = made.layout
    seen: dict[str, str] = {}
    for stage in STAGES:
        path = layout.path(layout.file(f"{manager.folder}/{stage}"))
        assert path is not None
        if path in seen:
            raise ErrataError(
                f"{path}: is the script of {seen[path]} and {stage} at once",
                "run errata's hooks from it by hand",
            )
        seen[path] = stage
        data = layout.read(path)
        _check_runs(layout, manager, path, stage, data)
        after = scripts.edit(data, stage, sources.program, path)
        shared = not path.startswith(".git/")
        fresh = data is None
        made.changes.append(Change(path, data, after, f"{stage} hook", fresh, shared))
    own = [one.path for one in made.changes if one.before and one.changed]
    if own:
        made.notes.append(f"your scripts are kept: {', '.join(own)}")
    if manager.name == "husky" and managers.hooks_path(layout) is None:
        made.notes.append("git does not use husky in this clone yet: run `npx husky`")


def _check_runs(
    layout: Layout, manager: Manager, path: str, stage: str, data: bytes | None
) -> None:
    """Refuse a script that git passes over, because we would wake it up."""
    by_husky = manager.name == "husky" and (managers.hooks_path(layout) or "_").endswith("_")
    if data is not None and not by_husky and not layout.file(path).stat().st_mode & 0o111:
        raise ErrataError(
            f"{path}: not executable, so git does not run this {stage} hook",
            "make it executable, or remove it",
        )


# -------------------------------------------------------------------------------- agents, and steps


# What says that a tool is in use in a repository.
_TOOLS = {
    "claude-code": ("CLAUDE.md", ".claude/settings.json", ".claude/commands", ".claude/agents"),
    "codex": (".codex",),
    "gemini": ("GEMINI.md", ".gemini"),
    "cursor": (".cursor", ".cursorrules"),
}


def tools_in_use(layout: Layout) -> list[str]:
    """The agents' tools that have files in the repository; Claude Code if none has."""
    found = [
        name for name, paths in _TOOLS.items() if any((layout.root / p).exists() for p in paths)
    ]
    return found or ["claude-code"]


def _plan_agents(made: Plan, config: Config, options: Options, record: Receipt) -> None:
    tools: Sequence[str] = options.tools or record.tools or tools_in_use(made.layout)
    record.tools = list(dict.fromkeys([*record.tools, *tools]))
    program = sources.program("errata")
    made.changes += agents.changes(made.layout.root, config, record.tools, program)
    made.notes += agents.notes(made.layout.root, config, record.tools)


def _plan_steps(made: Plan, record: Receipt) -> None:
    layout, manager = made.layout, made.manager
    assert manager is not None
    for key, text in gitconfig.missing(layout, sources.program("errata")).items():
        said = f"git config {key} {shlex.quote(text)}"
        made.then.append(Step(said, lambda k=key, t=text: gitconfig.write(layout, k, t)))  # type: ignore[misc]
        record.settings = list(dict.fromkeys([*record.settings, key]))
    stages = shims.missing(layout, manager)
    if not stages:
        return
    words = shims.command(manager, "install", stages)
    made.then.append(Step(shims.said_as(words), lambda: shims.run(layout, words)))
    if manager.name == "lefthook":
        stages = _lefthook_stages(made, manager)
        record.aside.setdefault(shims.CHECKSUM, layout.read(shims.CHECKSUM))
    record.shims |= dict.fromkeys(stages, manager.name)


def _lefthook_stages(made: Plan, manager: Manager) -> list[str]:
    """All stages that lefthook will install now, the person's own among them."""
    from errata.installation import lefthook

    after = {one.path: one.after for one in made.changes}
    data = after.get(manager.file) or made.layout.read(manager.file) or b""
    keys = lefthook.own_stages(data, manager.file) & set(managers.GIT_HOOKS)
    if aside := shims.stranded(made.layout, manager, sorted(keys)):
        raise ErrataError(
            f"the {aside[0]} hook is a script of your own, which lefthook would set aside",
            f"run it from {manager.file}, then remove it; or --manager plain",
        )
    there = managers.installed(made.layout)
    return sorted(key for key in keys if there.get(key) != "lefthook")


def _note_changes(made: Plan, config: Config, record: Receipt) -> None:
    from errata.installation import removal

    for one in made.changes:
        record.note(one, clean=removal.is_clean(made.layout, config, one))
        for folder in made.layout.missing_folders(one.path):
            if folder not in record.folders:
                record.folders.append(folder)
