"""What an agent should read now: its runbook, that for everyone, relevant skills, how to log.

This runs whenever a session starts, so nothing heavy is imported here. The wording states facts:
an agent's harness shows the text beside its instructions, and it must not pose as one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from errata.core.config import AGENT_NAME, EVERYONE, FILE_NAME
from errata.runbooks import kept_sections, paths
from errata.runbooks.sanitise import plain
from errata.skills import find, relevance
from errata.skills.runbook_excerpt import RunbookExcerpt
from errata.skills.runbook_sections import sections

if TYPE_CHECKING:
    from errata.core.config import Config
    from errata.core.git import Repository

_SKILLS_INTRO = "Skills in this repository that fit:"
_MAX_SKILLS, _MAX_NAMES = 8, 20
_DESCRIPTION_MAX, _PATH_MAX = 240, 200
_LEARNING_SKILL = "learning-engine"


def context(
    repo: Repository, config: Config, agent: str | None, files: Sequence[str], limit: int
) -> str:
    """What ``agent`` should read, in at most ``limit`` characters; "" if there is nothing to say.

    It depends on the files of the repository, and on the sections of runbooks that are kept in the
    git directory. ``agent`` is a role as a harness names it; a
    text that cannot be an agent's name counts as unknown. ``files`` are those at work, absolute or
    from the top of the repository; what concerns them comes first.

    Raises:
        RunbookError: the runbook cannot be read, or a link leads out of the repository.
    """
    root = repo.root
    role = normal_name(agent)
    files_at_work = list(dict.fromkeys(filter(None, (inside(root, file) for file in files))))
    agents = agents_with_runbook(repo, config)
    read = [name for name in paths.read_by(role) if name in agents]
    excerpts = _excerpts(repo, config, read, files_at_work)
    skills = find.near(root, config, files_at_work)
    skill_lines = [_skill_line(skill) for skill in _relevant_skills(skills, role, files_at_work)]
    if not (agents or skill_lines or _in_use(root, config)):
        return ""
    # The short parts, which are always useful, come first; the runbooks may use the rest.
    remaining = limit
    how_to_log = _how_to_log(role, skills)
    if len(how_to_log) + 2 > limit // 3:
        how_to_log = ""
    remaining -= len(how_to_log) + 2 if how_to_log else 0
    skill_list = _lines_that_fit(_SKILLS_INTRO, skill_lines, limit // 4)
    remaining -= len(skill_list) + 2 if skill_list else 0
    runbooks = _texts(excerpts, remaining)
    if not any(excerpt.agent == role for excerpt in excerpts):
        remaining -= sum(len(text) + 2 for text in runbooks)
        runbooks.append(_other_runbooks(role, agents, remaining, has_shared=bool(excerpts)))
    return "\n\n".join(filter(None, (*runbooks, skill_list, how_to_log)))


def normal_name(agent: str | None) -> str:
    """The name of an agent in kebab-case; "" if it cannot be one."""
    name = "-".join((agent or "").lower().replace("_", " ").split())
    return name if AGENT_NAME.match(name) and len(name) <= 64 else ""


def inside(root: Path, file: str) -> str:
    """A path from the top of the repository, with '/'; "" if it lies outside."""
    path = os.path.normpath(file) if file else "."
    if path.startswith("/"):
        for top in (root, root.resolve()):
            if Path(path).is_relative_to(top):
                path = str(Path(path).relative_to(top))
                break
    return "" if path == "." or path.split("/", 1)[0] in ("", "..") else path


def agents_with_runbook(repo: Repository, config: Config) -> list[str]:
    """The agents that have a runbook, or only a kept section of one, sorted."""
    folder = repo.root / config.paths.runbooks
    try:
        names = {entry.name for entry in os.scandir(folder)}
    except OSError:
        names = set()
    with_file = {name for name in names if (folder / name / paths.FILE_NAME).exists()}
    with_section = {
        name
        for name in kept_sections.agents(repo.common_dir) - with_file
        if kept_sections.find(repo.common_dir, name, None)
    }
    return sorted(name for name in with_file | with_section if normal_name(name) == name)


def _excerpts(
    repo: Repository, config: Config, agents: Sequence[str], files: Sequence[str]
) -> list[RunbookExcerpt]:
    """The runbooks that are not empty; what one says is left out of those after it."""
    excerpts, seen = [], set[str]()
    for agent in agents:
        data = kept_sections.read_runbook(repo.root, config, agent, repo.common_dir)
        boilerplate = [line for line in paths.template(agent).decode().split("\n") if line]
        parts = [part for part in sections(data or b"", boilerplate) if part.text not in seen]
        seen.update(part.text for part in parts)
        if parts:
            excerpts.append(RunbookExcerpt(agent, _places(repo, config, agent), parts, files))
    return excerpts


def _texts(excerpts: Sequence[RunbookExcerpt], limit: int) -> list[str]:
    """Excerpts within ``limit`` characters together; the first may use all but a third."""
    texts: list[str] = []
    for number, excerpt in enumerate(excerpts, 1):
        others = sum(len(other.text(limit)) + 2 for other in excerpts[number:])
        text = excerpt.text(limit - min(others, limit // 3))
        texts += [text] if text else []
        limit -= len(text) + 2 if text else 0
    return texts


def _places(repo: Repository, config: Config, role: str) -> str:
    """Where the runbook is, and the section that is kept for it."""
    path = paths.path_for(repo.root, config, role)
    kept = kept_sections.find(repo.common_dir, role, paths.read(path))
    files = [path, *([kept] if kept else [])]
    return " and ".join(
        file.relative_to(repo.root).as_posix() if file.is_relative_to(repo.root) else str(file)
        for file in files
    )


def _relevant_skills(
    skills: Sequence[find.Skill], role: str, files: Sequence[str]
) -> list[find.Skill]:
    offered = [skill for skill in find.unique(skills) if skill.description and not skill.hidden]
    return [skill for skill, _ in relevance.rank(offered, role, files)][:_MAX_SKILLS]


def _skill_line(skill: find.Skill) -> str:
    path, description = plain(skill.path, _PATH_MAX), plain(skill.description, _DESCRIPTION_MAX)
    return f"- {skill.folder} ({path}): {description}"


def _lines_that_fit(intro: str, lines: Sequence[str], limit: int) -> str:
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
    path = next((skill.path for skill in skills if skill.folder == _LEARNING_SKILL), "")
    return f"{text} {plain(path, _PATH_MAX)} says when." if path else text


def _other_runbooks(role: str, agents: Sequence[str], limit: int, *, has_shared: bool) -> str:
    """Who has a runbook, for an agent that has none, or an empty one.

    ``has_shared``: the agent is given the runbook for everyone.
    """
    others = [name for name in agents if name not in (role, EVERYONE)]
    if not others:
        return ""
    intro = f"There is no runbook for {role} in this repository yet. " if role else ""
    if has_shared:
        intro = ""
    elif role in agents:
        intro = f"The runbook for {role} is still empty. "
    more = ", …" if len(others) > _MAX_NAMES else ""
    text = f"{intro}Runbooks exist for: {', '.join(others[:_MAX_NAMES])}{more}."
    return text if len(text) <= limit else ""


def _in_use(root: Path, config: Config) -> bool:
    """Whether any file in the repository says that errata is used in it."""
    signs = (FILE_NAME, config.paths.patterns, *config.logs.by_kind().values())
    return any((root / sign).exists() for sign in signs)
