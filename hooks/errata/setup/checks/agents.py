"""The files by which agents' tools call errata, and the skills that agents are offered."""

from __future__ import annotations

from collections.abc import Iterator

from errata.core.errors import ErrataError
from errata.setup import agents, install_manifest
from errata.setup.agents_hooks import FORMS
from errata.setup.checks import Case, Found, note, problem, shell
from errata.setup.checks.hooks import elsewhere
from errata.skills import check, find

_SHOWN = 3


def agent_files(case: Case) -> Iterator[Found]:
    """Tools that are set up in part only."""
    if case.layout is None or elsewhere(case):
        return
    try:
        record = install_manifest.load(case.layout)
    except ErrataError:
        record = None
    chosen = record.tools if record else []
    for tool in agents.TOOLS:
        try:
            items = agents.items_of(case.root, tool)
        except ErrataError as error:
            mend = f"${{EDITOR:-vi}} {shell(FORMS[tool].path)}"
            yield problem(Exception.__str__(error), mend)
            continue
        own = [item for item in items if item.path == FORMS[tool].path]
        if tool not in chosen and not any(item.state == "present" for item in own):
            continue
        if lacking := [item for item in items if item.state == "missing"]:
            what = ", ".join(_name(item) for item in lacking[:_SHOWN])
            more = f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
            yield problem(f"{tool}: missing: {what}{more}", f"errata init --agent {tool}")
        for item in items:
            if item.state == "gone":
                what = f"{item.path}: runs {item.what}, which is not there"
                yield problem(what, f"errata init --agent {tool}")
            if item.state == "off":
                mend = f"${{EDITOR:-vi}} {shell(item.path)}"
                yield note(f"{item.path}: {item.what}, so no hook of {tool} runs", mend)


def _name(item: agents.Item) -> str:
    return item.path if item.what in ("skill", "command") else f"{item.what} in {item.path}"


def skill_faults(case: Case) -> Iterator[Found]:
    """Skills that an agent's tool will not load as they are meant."""
    skills = find.everywhere(case.repo, case.config)
    found = sorted(fault for one in skills for fault in check.violations(one))
    found += sorted(check.name_clashes((one.path, one.data) for one in skills))
    for fault in found[:_SHOWN]:
        yield problem(str(fault), "errata skills --check")
    if len(found) > _SHOWN:
        yield problem(f"{len(found) - _SHOWN} more faults in skills", "errata skills --check")
