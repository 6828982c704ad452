"""PostToolBatch: what a person typed while rejecting a tool call, which no other event tells."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from errata.agenthooks.event import Event
    from errata.core.git import Repository


def run(event: Event, repo: Repository, now: int) -> None:
    """Handle the event.

    Raises:
        ErrataError: the settings are wrong, or the record cannot be stored.
    """
    objections = list(_objections(event))
    if not objections:
        return
    from errata.agenthooks import user_prompt
    from errata.messages.turn import Call, Turn

    if not event.agent or not user_prompt.is_enabled(repo):
        return
    calls = tuple(Call(name, path) for name, path, _ in objections)
    words = [text for _, _, text in objections]
    turn = user_prompt.last_turn(event, "") or Turn()
    turn = turn._replace(rejected=True, calls=turn.calls or calls, objections=tuple(words))
    user_prompt.take(event, repo, words, turn, now)


def _objections(event: Event) -> Iterator[tuple[str, str, str]]:
    """Of each call that was rejected with words: the tool, its file or "", and the words."""
    from errata.agenthooks import transcript

    for calls in event.values("calls"):
        for call in calls if isinstance(calls, list) else ():
            answer = call.get("tool_response") if isinstance(call, dict) else None
            if not isinstance(answer, str) or not transcript.is_rejection(answer):
                continue
            if words := transcript.objection(answer):
                yield str(call.get("tool_name")), _file(call.get("tool_input")), words


def _file(arguments: Any) -> str:
    path = arguments.get("file_path") if isinstance(arguments, dict) else None
    return path if isinstance(path, str) else ""
