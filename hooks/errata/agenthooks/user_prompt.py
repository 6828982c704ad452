"""UserPromptSubmit: a correction that a person types is kept; of all else nothing is."""

from __future__ import annotations

from errata.state import agent_sessions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from errata.agenthooks.event import Event
    from errata.core.git import Repository

_LOOKED_AT = 100_000
"""Characters of a prompt that are looked at."""


def run(event: Event, repo: Repository, rules: Mapping[str, Any], now: int) -> None:
    """Handle the event.

    Args:
        rules: what in a prompt is no person's, ``[prompt]`` of ``rules/agents.toml``.

    Raises:
        ErrataError: the settings are wrong, or the record cannot be kept.
    """
    if not event.agent or not typed(event, rules):
        return
    text = own_words(event.text("prompt"), rules)
    if not text or not _wanted(repo):
        return
    from errata import messages

    judgement = messages.judge(text)
    if not judgement.correction:
        return
    from errata.core import config
    from errata.state import outbox

    settings = config.load(repo.root)
    record = messages.record(
        judgement,
        text,
        agent=event.agent,
        tool=event.tool,
        session=event.session,
        action=action(agent_sessions.recent_files(repo, event.tool, event.text("session"))),
        now=now,
        settings=settings.explicit,
    )
    # The same prompt may be delivered twice; its record has the same id.
    outbox.add(repo, settings, [record])


def typed(event: Event, rules: Mapping[str, Any]) -> bool:
    """Whether a person may have typed the prompt, as far as its fields say."""
    if any(event.values("machine")):
        return False
    return all(value in rules["person"] for value in event.values("origin"))


def own_words(prompt: str, rules: Mapping[str, Any]) -> str:
    """What is left of a prompt when all that a tool puts into it is gone; "" if nothing is."""
    text = prompt[:_LOOKED_AT].strip()
    if _is_machines(text, rules["beginnings"]):
        return ""
    if "<" in text:
        text = _untagged(text, rules)
    return "" if _is_machines(text, rules["beginnings"]) else text


def _untagged(text: str, rules: Mapping[str, Any]) -> str:
    import re

    text = re.sub(rf"</?(?:{_any(rules['wrappers'])})\s*>", "", text, flags=re.IGNORECASE)
    tags = _any(rules["tags"])
    element = rf"<({tags})(?=[\s>/])[^<>]{{0,2000}}>.*?(?:</\1\s*>|\Z)"
    text = re.sub(element, "\n", text, flags=re.IGNORECASE | re.DOTALL)
    # An end without its beginning: what stands before it was inside.
    return re.sub(rf"\A.*</(?:{tags})\s*>", "", text, flags=re.IGNORECASE | re.DOTALL).strip()


def _any(words: Sequence[str]) -> str:
    import re

    return "|".join(map(re.escape, words))


def _is_machines(text: str, beginnings: Sequence[str]) -> bool:
    return text.lower().startswith(tuple(beginnings)) or _is_command(text)


def _is_command(text: str) -> bool:
    """Whether it begins with a slash and a name; a path has more slashes."""
    if not text.startswith("/"):
        return False
    name = text.split(maxsplit=1)[0][1:]
    return bool(name) and all(char.isalnum() or char in "_.:-" for char in name)


def action(files: Sequence[str]) -> dict[str, str]:
    """What the agent did last, from the paths it wrote; the last one first."""
    if not files:
        return {"summary": "worked in this session"}
    return {"summary": f"edited {', '.join(files)}", "file": files[0]}


def _wanted(repo: Repository) -> bool:
    """Whether the settings let prompts be read; without the file they do."""
    if not (repo.root / "errata.toml").exists():
        return True
    from errata.core import config

    return config.load(repo.root).explicit.enabled
