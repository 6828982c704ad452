"""Appends one event of a tool to a file. A program of its own, which the tools run as a hook.

``python -I recorder.py FILE REPOSITORY`` reads an event from standard input. With the further
argument ``shell``, it records the environment of the shell that runs it, after a command.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

PREFIXES = ("AGENT", "AI_AGENT", "CLAUDE", "CODEX", "GEMINI", "GIT_CONFIG_", "GIT_EDITOR")
# Of this machine or this run only, or secret.
LEFT_OUT = (
    *("API_KEY", "BASE_URL", "CONFIG_DIR", "EXECPATH", "NOSYSTEM", "NOTES_DIR", "_PID"),
    *("PACKAGE_ROOT", "PLANS_DIR", "SOCKET", "TMPDIR", "TOKEN", "TRAFFIC", "TRUST_WORKSPACE"),
)


def main() -> None:
    """Record one event."""
    log, repository = Path(sys.argv[1]), Path(sys.argv[2])
    raw = "" if sys.argv[3:] else sys.stdin.read()
    try:
        event = json.loads(raw) if raw else {"hook_event_name": "Shell"}
    except ValueError:
        event = {"hook_event_name": "unreadable", "text": raw}
    head = subprocess.run(
        ["git", "log", "-1", "--format=%H %s"], cwd=repository, capture_output=True, text=True
    )
    entry = {
        "step": (log.parent / "step").read_text(),
        "event": event,
        "env": {
            name: value
            for name, value in sorted(os.environ.items())
            if name.startswith(PREFIXES) and not any(part in name for part in LEFT_OUT)
        },
        "head": head.stdout.strip(),
        "files": {path.name: path.read_text() for path in sorted(repository.glob("*.py"))},
    }
    with log.open("a") as file:
        file.write(json.dumps(entry) + "\n")


if __name__ == "__main__":
    main()
