"""What an agent should read now: its runbook, the skills that fit, and how to log.

This runs whenever a session starts, so nothing heavy is imported here. The wording states facts:
an agent's harness shows the text beside its instructions, and it must not pose as one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from errata.core.config import AGENT_NAME, FILE_NAME
from errata.runbooks import paths
from errata.runbooks.sanitise import plain
from errata.skills import find, relevance
from errata.skills.runbook_excerpt import Told
from errata.skills.runbook_sections import pieces

if TYPE_CHECKING:
    from errata.core.config import Config
    from errata.core.git import Repository

_SKILLS = "Skills in this repository that fit:"
_MOST_SKILLS, _MOST_NAMES = 8, 20
_DESCRIPTION, _PATH = 240, 200
_LEARNING = "learning-engine"


def context(
    repo: Repository, config: Config, agent: str | None, files: Sequence[str], limit: int
) -> str:
    """What ``agent`` should read, in at most ``limit`` characters; "" if there is nothing to say.

    A function of the files alone. ``agent`` is a role as a harness names it; what can be no name
    of an agent counts as unknown. ``files`` are those at work, absolute or from the top of the
    repository; what concerns them comes first.

    Raises:
        RunbookError: the runbook cannot be read, or a link leads out of the repository.
    """
    root = repo.root
    role = normal_name(agent)
    at_work = list(dict.fromkeys(filter(None, (inside(root, file) for file in files))))
    runbooks = names(root, config)
    told = _runbook(root, config, role, at_work) if role in runbooks else None
    skills = find.near(root, config, at_work)
    fitting = [_line(one) for one in _fitting(skills, role, at_work)]
    if not (told or runbooks or fitting or _in_use(root, config)):
        return ""
    # What is short and always of use is paid for first; the runbook may take all that is left.
    left = limit
    log = _how_to_log(role, skills)
    log = log if len(log) + 2 <= limit // 3 else ""
    left -= len(log) + 2 if log else 0
    offered = _list(_SKILLS, fitting, limit // 4)
    left -= len(offered) + 2 if offered else 0
    first = told.text(left) if told else _others(role, runbooks, left)
    return "\n\n".join(filter(None, (first, offered, log)))


def normal_name(agent: str | None) -> str:
    """The name of an agent in our spelling; "" if it can be none."""
    name = "-".join((agent or "").lower().replace("_", " ").split())
    return name if AGENT_NAME.match(name) and len(name) <= 64 else ""


def inside(root: Path, file: str) -> str:
    """A path from the top of the repository, with '/'; "" if it is elsewhere."""
    path = os.path.normpath(file) if file else "."
    if path.startswith("/"):
        for top in (root, root.resolve()):
            if Path(path).is_relative_to(top):
                path = str(Path(path).relative_to(top))
                break
    return "" if path == "." or path.split("/", 1)[0] in ("", "..") else path


def names(root: Path, config: Config) -> list[str]:
    """The agents that have a runbook, sorted."""
    try:
        found = sorted(entry.name for entry in os.scandir(root / config.paths.runbooks))
    except OSError:
        return []
    folder = Path(config.paths.runbooks)
    return [
        name
        for name in found
        if normal_name(name) == name and (root / folder / name / paths.FILE_NAME).exists()
    ]


def _runbook(root: Path, config: Config, role: str, files: Sequence[str]) -> Told | None:
    path = paths.path_for(root, config, role)
    dull = [line for line in paths.template(role).decode().split("\n") if line]
    found = pieces(paths.read(path) or b"", dull)
    return Told(role, path.relative_to(root).as_posix(), found, files) if found else None


def _fitting(skills: Sequence[find.Skill], role: str, files: Sequence[str]) -> list[find.Skill]:
    offered = [one for one in find.unique(skills) if one.description and not one.hidden]
    return [one for one, _ in relevance.rank(offered, role, files)][:_MOST_SKILLS]


def _line(skill: find.Skill) -> str:
    return (
        f"- {skill.folder} ({plain(skill.path, _PATH)}): {plain(skill.description, _DESCRIPTION)}"
    )


def _list(intro: str, lines: Sequence[str], limit: int) -> str:
    """The intro and as many lines as fit; "" if not even one does."""
    text = intro
    for line in lines:
        if len(text) + 1 + len(line) > limit:
            break
        text += f"\n{line}"
    return "" if text == intro else text


def _how_to_log(role: str, skills: Sequence[find.Skill]) -> str:
    agent = role or "NAME"
    text = (
        "What is learnt here is logged with "
        f"`errata log learning --agent {agent} --insight TEXT`, what a review finds with "
        f"`errata log finding --agent {agent} --severity warning --file PATH --description TEXT`."
    )
    own = next((one.path for one in skills if one.folder == _LEARNING), "")
    return f"{text} {plain(own, _PATH)} says when." if own else text


def _others(role: str, runbooks: Sequence[str], limit: int) -> str:
    """Who has a runbook, for an agent that has none, or one that says nothing yet."""
    others = [name for name in runbooks if name != role]
    if not others:
        return ""
    none = f"There is no runbook for {role} in this repository yet. " if role else ""
    if role in runbooks:
        none = f"The runbook for {role} is still empty. "
    more = ", …" if len(others) > _MOST_NAMES else ""
    text = f"{none}Runbooks exist for: {', '.join(others[:_MOST_NAMES])}{more}."
    return text if len(text) <= limit else ""


def _in_use(root: Path, config: Config) -> bool:
    """Whether anything in the repository says that errata is used in it."""
    signs = (FILE_NAME, config.paths.patterns, *config.logs.by_kind().values())
    return any((root / sign).exists() for sign in signs)
