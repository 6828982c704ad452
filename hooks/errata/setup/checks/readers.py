"""Runbooks with lessons that no agent is given."""

from __future__ import annotations

from collections.abc import Iterator

from errata.core.config import EVERYONE
from errata.core.errors import ErrataError
from errata.rules.agent_tools import beginnings
from errata.runbooks import document, exports, paths
from errata.setup import agents, agents_in_history, agents_texts, pointers
from errata.setup.agents_in_history import EXPORT
from errata.setup.checks import Diagnostic, DoctorContext, note, problem
from errata.setup.checks.hooks import on_another_branch, set_up
from errata.setup.layout import Layout
from errata.setup.roles import is_role

# What agents read besides, from the top of the work tree.
_TEXTS = (
    *("AGENTS.md", "CLAUDE.md", "GEMINI.md", ".github/copilot-instructions.md"),
    *(".claude/CLAUDE.md", ".claude/agents/**/*.md", ".claude/skills/*/SKILL.md"),
    *(".claude/rules/**/*.md", ".cursor/rules/*.mdc", ".github/agents/*.md"),
)


def unread_runbooks(context: DoctorContext) -> Iterator[Diagnostic]:
    """Each runbook with lessons needs a hook, a pointer or an export that gives it to agents."""
    layout = context.layout
    if layout is None or not set_up(context) or on_another_branch(context):
        return
    names = list(_with_lessons(context))
    if not names or exports.existing(context.root):
        return
    tools, texts = _tools_with_hooks(context), _texts(context)
    for name in names:
        path = f"{context.config.paths.runbooks.rstrip('/')}/{name}/{paths.FILE_NAME}"
        if path in texts or f"errata context --agent {name}" in texts:
            continue
        if not tools:
            message = f"{path}: has lessons, and neither hooks nor a pointer give it to an agent"
            yield problem(message, EXPORT)
        elif name == EVERYONE:
            yield from _agents_without_hooks(context, layout, path)
        elif not is_role(context.repo, name):
            message = f"{path}: has lessons, and no agent here is called {name}"
            yield problem(message, EXPORT)


def _agents_without_hooks(
    context: DoctorContext, layout: Layout, path: str
) -> Iterator[Diagnostic]:
    counts = agents_in_history.count_commits(context.recent_commits, context.config)
    if others := agents_in_history.without_lessons(layout, counts):
        message = f"{path}: has lessons, and nothing gives them to"
        yield note(f"{message} {agents_in_history.shown(others)}", EXPORT)


def _with_lessons(context: DoctorContext) -> Iterator[str]:
    folder = context.root / context.config.paths.runbooks
    for file in sorted(folder.glob(f"*/{paths.FILE_NAME}")):
        try:
            block = document.parse(paths.read(file) or b"", file.name).block
        except ErrataError:
            continue  # Another check reports it.
        if block and block.text.strip() and paths.NOTHING.strip() not in block.text:
            yield file.parent.name


def _tools_with_hooks(context: DoctorContext) -> list[str]:
    """The tools to which our hook gives the lessons when a session begins."""
    tools = []
    for tool in agents.TOOLS:
        try:
            parts = agents.components(context.root, tool)
        except ErrataError:
            continue
        starts = any(part.name in beginnings(tool) for part in _present(parts))
        if starts and not any(part.state == "off" for part in parts):
            tools.append(tool)
    return tools


def _present(parts: list[agents.Component]) -> list[agents.Component]:
    return [part for part in parts if part.state == "present"]


def _texts(context: DoctorContext) -> str:
    """All that agents read by themselves, one after the other."""
    files = {file for glob in (*_TEXTS, *pointers.FILES) for file in context.root.glob(glob)}
    # The skills that errata ships name every runbook as an example.
    files -= {context.root / path for path in agents_texts.wanted(agents.TOOLS)}
    texts = []
    for file in sorted(files):
        try:
            texts.append(file.read_text("utf-8", "replace"))
        except OSError:
            continue
    return "\n".join(texts)
