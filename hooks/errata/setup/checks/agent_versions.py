"""Check the agents' tools on this machine: their versions, and whether they run our hooks."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from errata.core.errors import ErrataError
from errata.rules.agent_tools import with_hooks
from errata.setup import agents, agents_files, json_file
from errata.setup.agents_hooks import FORMATS
from errata.setup.agents_on_machine import installed_version
from errata.setup.checks import Diagnostic, DoctorContext, note, problem, shortened
from errata.setup.file_change import current

_CODEX = "codex"


def untried_versions(context: DoctorContext) -> Iterator[Diagnostic]:
    """Tools of a version with which errata was never tried."""
    for tool in agents.TOOLS:
        version = installed_version(tool) if _is_set_up(context, tool) else ""
        tried = with_hooks()[tool]["tried"]
        if not version or (tried["how"] == "driven" and version in tried["versions"]):
            continue
        known = f"{tried['versions'][-1]} was" if tried["how"] == "driven" else "no version was"
        yield note(f"{tool} {version} is installed, and was never tried with errata; {known}")


def _is_set_up(context: DoctorContext, tool: str) -> bool:
    if context.layout is None:
        return False
    try:
        files = [(current(context.root, file.path), file) for file in agents_files.files(tool)]
        return any(data and agents_files.events(data, file) for data, file in files)
    except ErrataError:
        return False  # Another check reports it.


def codex_trust(context: DoctorContext) -> Iterator[Diagnostic]:
    """Codex silently skips a project's hooks until somebody trusts them, as they are now."""
    home = Path(os.environ.get("CODEX_HOME") or os.path.expanduser("~/.codex"))  # noqa: PTH111
    if not _is_set_up(context, _CODEX) or not home.is_dir():
        return
    path = FORMATS[_CODEX].path
    raw = current(context.root, path) or b""
    states = _hook_states(home / "config.toml")
    keys = {str(context.root / path), str((context.root / path).resolve())}
    untrusted = [
        event
        for event, place, digest in _hooks(json_file.read(raw, path).data)
        if not any(_is_trusted(states.get(f"{key}:{place}"), digest) for key in keys)
    ]
    if untrusted:
        chosen = context.manifest is not None and _CODEX in context.manifest.tools
        names = shortened(untrusted)
        message = f"{path}: codex does not run these hooks until you trust them: {names}"
        yield (problem if chosen else note)(message, "codex, and in it: /hooks")


def _is_trusted(state: Any, digest: str) -> bool:
    if not isinstance(state, dict) or state.get("enabled") is False:
        return False
    return bool(state.get("trusted_hash") == digest)


def _hook_states(config: Path) -> dict[str, Any]:
    """What Codex keeps about hooks: path:event:group:hook -> {trusted_hash, enabled}."""
    try:
        hooks = tomllib.loads(config.read_text("utf-8")).get("hooks")
    except (OSError, ValueError):
        return {}
    states = hooks.get("state") if isinstance(hooks, dict) else None
    return states if isinstance(states, dict) else {}


def _hooks(data: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(event, event:group:hook, digest) of each of our hooks, as Codex identifies it."""
    for event, groups in data.get("hooks", {}).items():
        label = re.sub(r"(?<!^)(?=[A-Z])", "_", event).lower()
        for number, group in enumerate(groups):
            for index, hook in enumerate(group.get("hooks", ())):
                if "agent-hook" in str(hook.get("command")):
                    yield event, f"{label}:{number}:{index}", _digest(label, group, hook)


def _digest(label: str, group: dict[str, Any], hook: dict[str, Any]) -> str:
    """Codex's digest of a hook: of what it means, not of its text.

    Source: codex-rs/hooks/src/engine/discovery.rs, ``command_hook_hash``.
    """
    handler = {"type": "command", "async": False, "timeout": 600, **hook}
    identity = {"event_name": label, "hooks": [handler]}
    if "matcher" in group:
        identity["matcher"] = group["matcher"]
    text = json.dumps(identity, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
