"""Lessons at the right moment: those that fit what an agent is about to write, or was asked.

Each is told once a session, and to each sub-agent once, and noted under its name.
"""

from __future__ import annotations

import os

from errata.checks import folders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from errata.agenthooks.event import Event
    from errata.agenthooks.stored_edits import Edits
    from errata.core.config import Config
    from errata.core.git import Repository
    from errata.skills.runbook_sections import Section


def answer(
    event: Event,
    repo: Repository,
    now: int,
    prompt: str = "",
    files: Sequence[tuple[str, Edits, bool]] = (),
) -> None:
    """Tell the agent what fits, if anything does, and note that it was told.

    Args:
        event: of a tool that writes a file, before or after it did, or a prompt.
        prompt: what a person typed; "" if it is not a prompt.
        files: that the tool has written, on which accepted checks are run: what it repeats there
            is said first, and takes the place of the lesson of the same name.
        now: microseconds UTC.

    Raises:
        ErrataError: the settings or a runbook cannot be read, or what is told cannot be noted.
    """
    if not (event.session and event.answer_format == "specific"):
        return
    has_lessons = _is_in_use(repo)
    if not has_lessons and not (files and folders.may_hold_accepted(str(repo.root))):
        return
    settings = _settings(repo)
    if not settings.agent.fitting_lessons:
        return
    texts = [_repeated(event, repo, files, now)] if files else []
    if has_lessons:
        texts.append(_text(event, repo, settings, now, prompt))
    if text := "\n\n".join(filter(None, texts)):
        from errata.agenthooks import answer

        answer.send(event, text)


def _repeated(
    event: Event, repo: Repository, files: Sequence[tuple[str, Edits, bool]], now: int
) -> str:
    """What accepted checks say; they note themselves as told, so that the lesson is not, too."""
    if not folders.may_hold_accepted(str(repo.root)):
        return ""
    from errata.agenthooks import repeated_checks

    return repeated_checks.find(event, repo, files, now)


def _settings(repo: Repository) -> Config:
    if os.path.exists(f"{repo.root}/errata.toml"):
        from errata.core import config

        return config.load(repo.root)
    from errata.core.settings import Config

    return Config()


def _is_in_use(repo: Repository) -> bool:
    """Whether there may be a runbook: reading the settings takes longer."""
    signs = (f"{repo.root}/errata.toml", f"{repo.root}/.claude/skills/runbooks")
    return any(map(os.path.exists, (*signs, f"{repo.common_dir}/errata/lessons.json")))


def _text(event: Event, repo: Repository, settings: Config, now: int, prompt: str) -> str:
    """What to tell the agent, at most 600 characters; "" if nothing fits."""
    from errata.skills import fitting

    index = fitting.load(dict.fromkeys((repo.git_dir, repo.common_dir)))
    if prompt:
        names = fitting.of_prompt(index, prompt[: fitting.MAX_TEXT])
        return _tell(event, repo, settings, now, names, [])
    from errata.agenthooks import planned_edits

    edits = list(planned_edits.of(event, repo))
    names = fitting.of_edits(index, edits)
    paths = [edit.path for edit in edits]
    if not (names or any(_is_named(repo, settings, event, path) for path in paths)):
        return ""
    return _tell(event, repo, settings, now, names, paths)


def _is_named(repo: Repository, settings: Config, event: Event, path: str) -> bool:
    """Whether a runbook may name a file, or a folder above it; parsing all of it takes longer."""
    from errata.runbooks import paths
    from errata.skills.fitting import parts_of_path

    parts = [part.encode("utf-8", "surrogateescape") for part in parts_of_path(path.split("/"))]
    for agent in paths.read_by(_role(event)):
        data = paths.read(paths.path_for(repo.root, settings, agent))
        if data and any(part in data for part in parts):
            return True
    return False


def _role(event: Event) -> str:
    from errata.core.settings import AGENT_NAME

    return event.agent if AGENT_NAME.match(event.agent) and len(event.agent) <= 64 else ""


def _tell(
    event: Event,
    repo: Repository,
    settings: Config,
    now: int,
    names: Sequence[str],
    files: Sequence[str],
) -> str:
    """What the runbooks say that the agent was not given yet; records it as given.

    Args:
        names: of lessons that fit.
        files: what people wrote about these fits, too.
    """
    if not (names or files):
        return ""
    from errata.records import instants
    from errata.skills import lesson_text
    from errata.state import exposures

    reader = event.text("machine")
    given = exposures.lessons_given(repo, event.session, event.tool, reader)
    sections = _sections(event, repo, settings)
    by_name = {lesson_text.name_of(section): section for section in reversed(sections)}
    fitting = [by_name[name] for name in names if name in by_name]
    fitting += [s for s in lesson_text.naming(sections, files) if s not in fitting]
    fitting = [section for section in fitting if lesson_text.name_of(section) not in given]
    about = files[0] if files else ""
    _, chosen = lesson_text.excerpt(about, fitting)
    if not chosen:
        return ""
    # Another process may tell the same at the same time.
    new = exposures.add_lessons(
        repo,
        instants.iso(now),
        event.session,
        event.tool,
        event.agent,
        [lesson_text.name_of(section) for section in chosen],
        reader=reader,
    )
    return lesson_text.excerpt(about, [s for s in chosen if lesson_text.name_of(s) in new])[0]


def _sections(event: Event, repo: Repository, settings: Config) -> list[Section]:
    """The sections of the runbooks that the agent reads."""
    from errata.runbooks import kept_sections, paths
    from errata.skills.runbook_sections import sections

    every: list[Section] = []
    for agent in paths.read_by(_role(event)):
        data = kept_sections.read_runbook(repo.root, settings, agent, repo.common_dir)
        boilerplate = [line for line in paths.template(agent).decode().split("\n") if line]
        every += sections(data or b"", boilerplate)
    return every
