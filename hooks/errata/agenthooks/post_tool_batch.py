"""PostToolBatch: the calls that a person rejected, and what they typed; no other event has it."""

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
    rejected = list(_rejected(event))
    for call in rejected:
        _forget(event, repo, call)
    objections = [
        (_file(call.get("tool_input")), *pair) for call in rejected for pair in _words(call)
    ]
    if not objections:
        return
    from errata.agenthooks import user_prompt
    from errata.messages.turn import Call, Turn

    if not event.agent or not user_prompt.is_enabled(repo):
        return
    calls = tuple(Call(name, path) for path, name, _ in objections)
    words = [text for _, _, text in objections]
    turn = user_prompt.last_turn(event, "") or Turn()
    turn = turn._replace(rejected=True, calls=turn.calls or calls, objections=tuple(words))
    user_prompt.take(event, repo, words, turn, now)


def _rejected(event: Event) -> Iterator[dict[str, Any]]:
    """The calls that a person rejected."""
    from errata.agenthooks import transcript

    for calls in event.values("calls"):
        for call in calls if isinstance(calls, list) else ():
            answer = call.get("tool_response") if isinstance(call, dict) else None
            if isinstance(answer, str) and transcript.is_rejection(answer):
                yield call


def _forget(event: Event, repo: Repository, call: dict[str, Any]) -> None:
    """Forget a command that was about to run."""
    from errata.state import running_commands

    identity = call.get("tool_use_id")
    if call.get("tool_name") in event.form["shells"] and isinstance(identity, str):
        running_commands.finish(repo, event.tool, event.session, identity)


def _words(call: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The tool of a rejected call, and the person's words, if there are any."""
    from errata.agenthooks import transcript

    if words := transcript.objection(call["tool_response"]):
        yield str(call.get("tool_name")), words


def _file(arguments: Any) -> str:
    path = arguments.get("file_path") if isinstance(arguments, dict) else None
    return path if isinstance(path, str) else ""
