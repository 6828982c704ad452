"""UserPromptSubmit: stores a correction that a person types, and nothing of other prompts.

The agent is told the lessons that fit the prompt.
"""

from __future__ import annotations

from errata.state import agent_sessions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from errata.agenthooks.event import Event
    from errata.core.git import Repository
    from errata.messages import Judgement
    from errata.messages.turn import Turn

_MAX_CHARS = 100_000
"""How much of a prompt is read."""


def run(event: Event, repo: Repository, rules: Mapping[str, Any], now: int) -> None:
    """Handle the event.

    Args:
        rules: how to recognise text that a tool adds, ``[prompt]`` of ``rules/agents.toml``.

    Raises:
        ErrataError: the settings are wrong, or the record cannot be stored.
    """
    if event.form["delegates"] and event.session:
        # A turn that was interrupted leaves a sub-agent of which no end is told.
        from errata.state import running_commands

        running_commands.forget_session(repo, event.tool, event.session)
    is_answered = False
    if event.answer_format == "specific" and "SessionStart" not in event.form["answer"]:
        from errata.agenthooks import session_start

        is_answered = session_start.at_prompt(event, repo, now)
    if not event.agent or not is_typed(event, rules):
        return
    text = remove_tool_text(event.text("prompt"), rules)
    if text and not is_answered:
        from errata.agenthooks import fitting_lessons

        fitting_lessons.answer(event, repo, now, text)
    if not text or not is_enabled(repo):
        return
    turn = last_turn(event, text)
    # Words typed while rejecting a tool call reach no event of their own in most tools.
    take(event, repo, (text, *(turn.objections if turn else ())), turn, now)


def take(
    event: Event, repo: Repository, messages: Iterable[str], turn: Turn | None, now: int
) -> None:
    """Store the corrections among what a person typed.

    Args:
        turn: the end of the agent's turn before it, if known.

    Raises:
        ErrataError: as :func:`run`.
    """
    judged = [(words, _judge(words, turn)) for words in messages]
    corrections = [(words, judgement) for words, judgement in judged if judgement.correction]
    if corrections:
        from errata.agenthooks.command_texts import is_command_text

        corrections = [pair for pair in corrections if not is_command_text(event, repo, pair[0])]
    if corrections:
        _store(event, repo, corrections, now)


def last_turn(event: Event, text: str) -> Turn | None:
    """The end of the agent's turn before the prompt, if the tool keeps a transcript."""
    path = event.text("transcript")
    if not path:
        return None
    from errata.agenthooks import transcript

    return transcript.last_turn(path, event.form["transcript_format"], text)


def _judge(text: str, turn: Turn | None) -> Judgement:
    from errata import messages

    return messages.judge(text, turn)


def _store(
    event: Event, repo: Repository, corrections: Sequence[tuple[str, Judgement]], now: int
) -> None:
    from errata import messages
    from errata.core import config
    from errata.state import outbox

    settings = config.load(repo.root)
    session = event.text("session")
    action = describe_action(agent_sessions.recent_files(repo, event.tool, session))
    records = [
        messages.record(
            judgement,
            text,
            agent=event.agent,
            tool=event.tool,
            session=event.session,
            action=action,
            now=now,
            settings=settings.explicit,
        )
        for text, judgement in corrections
    ]
    # A tool may send a prompt twice; both records have the same id.
    outbox.add(repo, settings, records)


def is_typed(event: Event, rules: Mapping[str, Any]) -> bool:
    """Whether the fields of the event allow that a person typed the prompt."""
    if any(event.values("machine")) or event.is_set(rules["unattended"]):
        return False
    return all(value in rules["person"] for value in event.values("origin"))


def remove_tool_text(prompt: str, rules: Mapping[str, Any]) -> str:
    """A prompt without the text that tools add to it; "" if nothing remains."""
    text = prompt[:_MAX_CHARS].strip()
    if _is_generated(text, rules["beginnings"]):
        return ""
    if "<" in text:
        text = _remove_tags(text, rules)
    return "" if _is_generated(text, rules["beginnings"]) else text


def _remove_tags(text: str, rules: Mapping[str, Any]) -> str:
    import re

    text = re.sub(rf"</?(?:{_alternatives(rules['wrappers'])})\s*>", "", text, flags=re.IGNORECASE)
    tags = _alternatives(rules["tags"])
    element = rf"<({tags})(?=[\s>/])[^<>]{{0,2000}}>.*?(?:</\1\s*>|\Z)"
    text = re.sub(element, "\n", text, flags=re.IGNORECASE | re.DOTALL)
    # A closing tag without an opening one: the text before it was inside the element.
    return re.sub(rf"\A.*</(?:{tags})\s*>", "", text, flags=re.IGNORECASE | re.DOTALL).strip()


def _alternatives(words: Sequence[str]) -> str:
    import re

    return "|".join(map(re.escape, words))


def _is_generated(text: str, beginnings: Sequence[str]) -> bool:
    return text.lower().startswith(tuple(beginnings)) or _is_command(text)


def _is_command(text: str) -> bool:
    """Whether it begins with a slash command; a path has more slashes."""
    if not text.startswith("/"):
        return False
    name = text.split(maxsplit=1)[0][1:]
    return bool(name) and all(char.isalnum() or char in "_.:-" for char in name)


def describe_action(files: Sequence[str]) -> dict[str, str]:
    """What the agent did last, from the files that it edited, the last one first."""
    if not files:
        return {"summary": "worked in this session"}
    return {"summary": f"edited {', '.join(files)}", "file": files[0]}


def is_enabled(repo: Repository) -> bool:
    """Whether the settings allow reading prompts; the default is yes."""
    if not (repo.root / "errata.toml").exists():
        return True
    from errata.core import config

    return config.load(repo.root).explicit.enabled
