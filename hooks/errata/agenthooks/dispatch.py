"""``errata agent-hook EVENT [--tool TOOL]``: reads an event and handles it.

The exit status is always 0 and standard error stays empty: otherwise the tool would stop the agent,
or show it our error. Errors go into the error log, one line each.
"""

from __future__ import annotations

import os
import select
import time

from errata import rules
from errata.agenthooks import find_repository
from errata.agenthooks.event import Event, canonical_name
from errata.provenance import environment
from errata.rules import agent_tools

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from errata.core.git import Repository

LIMIT = 32_000_000
"""Maximum size of an event in bytes; no tool sends more."""
_PATIENCE = 3.0
"""How long to wait for the event, in seconds: some callers never close the pipe."""


def main(argv: Sequence[str]) -> int:
    """Handle one event; always 0."""
    try:
        _main(argv)
    except (Exception, KeyboardInterrupt):
        # There is no repository, so there is no error log either.
        return 0
    return 0


def _main(argv: Sequence[str]) -> None:
    given_name, tool = _arguments(argv)
    raw, size = _standard_input()
    if raw is None:
        return
    data, failure = decode(raw) if size <= LIMIT else ({}, f"too large ({size} bytes)")
    forms = rules.load("agents")
    name = canonical_name(given_name, data, forms)
    if not name or (name != "SessionEnd" and environment.is_off(os.environ)):
        return
    if tool and agent_tools.is_run_by_another(tool, os.environ, forms):
        return
    event = Event(name, data, forms, tool, os.environ)
    repo = find_repository.find(start_folder(event))
    if repo is None:
        return
    now = time.time_ns() // 1000
    if not failure:
        try:
            handle(event, repo, forms, now)
        except Exception as error:
            failure = describe(error)
    if failure:
        from errata.state import error_log

        error_log.append(repo.state_dir, f"agent-hook {name}", failure, now)


def handle(event: Event, repo: Repository, forms: dict[str, Any], now: int) -> None:
    """Handle one event in a repository.

    Raises:
        ErrataError: the settings or a file cannot be read.
        OSError: a file cannot be written.
    """
    if event.name == "PostToolUse":
        from errata.agenthooks import post_tool_use

        post_tool_use.run(event, repo, forms["shell"], now)
    elif event.name == "PreToolUse":
        from errata.agenthooks import pre_tool_use

        pre_tool_use.run(event, repo, now)
    elif event.name == "PostToolBatch":
        from errata.agenthooks import post_tool_batch

        post_tool_batch.run(event, repo, now)
    elif event.name == "UserPromptSubmit":
        from errata.agenthooks import user_prompt

        user_prompt.run(event, repo, forms["prompt"], now)
    elif event.name == "SessionEnd":
        from errata.agenthooks import session_end

        session_end.run(event, repo)
    else:
        from errata.agenthooks import session_start

        session_start.run(event, repo, now)


def _arguments(argv: Sequence[str]) -> tuple[str, str]:
    """The event and the tool; other arguments are ignored."""
    names: list[str] = []
    tool = ""
    rest = iter(argv)
    for word in rest:
        if word == "--tool":
            tool = next(rest, "")
        elif word.startswith("--tool="):
            tool = word[7:]
        elif not word.startswith("-"):
            names.append(word)
    return (names or [""])[0], tool


def _standard_input() -> tuple[bytes | None, int]:
    """What the tool sends, and its size; None if standard input is a terminal.

    Of more than ``LIMIT`` bytes, only a part is returned.
    """
    parts: list[bytes] = []
    size = 0
    end = time.monotonic() + _PATIENCE
    try:
        if os.isatty(0):
            return None, 0
        while (wait := end - time.monotonic()) > 0 and select.select([0], [], [], wait)[0]:
            part = os.read(0, 1 << 20)
            if not part:
                break
            size += len(part)
            # Read to the end in any case, so that the tool does not write to a closed pipe.
            if size <= LIMIT:
                parts.append(part)
    except (OSError, ValueError):
        return b"", 0
    return b"".join(parts), size


def decode(raw: bytes) -> tuple[dict[str, Any], str]:
    """The JSON object that was sent, and an error message, which quotes nothing of it."""
    import json

    if not raw.strip():
        return {}, "nothing on standard input"
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return {}, f"not UTF-8 ({len(raw)} bytes)"
    except (ValueError, RecursionError):
        return {}, f"not JSON ({len(raw)} bytes)"
    return (data, "") if isinstance(data, dict) else ({}, "not a JSON object")


def start_folder(event: Event) -> str:
    """The folder that the agent works in."""
    cwd = event.text("cwd")
    try:
        return cwd if os.path.isabs(cwd) and os.path.isdir(cwd) else os.getcwd()
    except ValueError:
        return os.getcwd()


def describe(error: Exception) -> str:
    """An error message without any text of a prompt or a file, which exceptions may quote."""
    from errata.core.errors import ConfigError, GitError, LogError
    from errata.state.database import StateError

    if isinstance(error, ConfigError | GitError | LogError | StateError):
        return str(error)
    where = ""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if "errata" in code.co_filename:
            where = f" at {os.path.basename(code.co_filename)}:{trace.tb_lineno}"
        trace = trace.tb_next
    reason = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
    return f"{type(error).__name__}{reason}{where}"
