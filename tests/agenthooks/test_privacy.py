"""What is typed and written stays where the settings say, and nothing goes over a network."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import Repo

from .conftest import SCRIPT, Hook, claude, silent

MARKER = "Xylophone7Quartz"
OFF = "[explicit]\nenabled = false\n\n[capture]\nenabled = false\n"
WITHOUT_WORDS = "[explicit]\nverbatim = false\n\n[capture]\nbefore_commit = false\n"
OUTBOX = ".git/errata/outbox.jsonl"
CORRECTION = f"No, that is wrong. You forgot {MARKER}."
NO_CORRECTION = f"Please add a page about {MARKER} to the manual."


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    """A temporary folder of its own for the process."""
    (tmp_path / "tmp").mkdir()
    return {"TMPDIR": str(tmp_path / "tmp"), "XDG_CACHE_HOME": str(Path.home() / ".cache")}


def leaks(*folders: Path) -> Iterator[Path]:
    """The files that hold the marker, or its first half, in any of the usual ways to write it."""
    import re
    import zlib

    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_symlink() or not path.is_file():
                continue
            raw = path.read_bytes()
            for packed in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", path.read_bytes()):
                with contextlib.suppress(zlib.error):
                    raw += zlib.decompressobj().decompress(raw[packed.start() :])
            if MARKER.encode() in raw or MARKER[:8].encode() in raw:
                yield path


def all_events(project: Repo, hook: Hook, prompt: str, **env: str) -> None:
    """A session from its beginning to its end, the marker in all of it."""
    path = project.root / "src/b.py"
    given = {"file_path": str(path), "content": f"{MARKER} = 1\n"}
    reply = {"originalFile": f"{MARKER} = 0\n"}
    path.write_text("x = 1\n")
    fields: list[tuple[str, dict[str, Any]]] = [
        ("SessionStart", {"source": "startup"}),
        ("SubagentStart", {"agent_type": "explore", "prompt": MARKER}),
        ("PostToolUse", {"tool_name": "Write", "tool_input": given, "tool_response": reply}),
        ("UserPromptSubmit", {"prompt": prompt}),
        ("PostToolUse", {"tool_name": "Bash", "tool_input": {"command": MARKER}}),
        ("SessionEnd", {"reason": MARKER}),
    ]
    for event, extra in fields:
        done = hook(event, claude(project.root, **extra), **env)
        assert (done.returncode, done.stderr) == (0, b"")
        assert MARKER.encode() not in done.stdout


@pytest.mark.parametrize("settings", [OFF, WITHOUT_WORDS], ids=["off", "without words"])
@pytest.mark.parametrize("prompt", [CORRECTION, NO_CORRECTION], ids=["correction", "other"])
def test_disabled_settings_store_nothing(
    project: Repo, hook: Hook, tmp_path: Path, places: dict[str, str], settings: str, prompt: str
) -> None:
    project.write("errata.toml", settings)
    all_events(project, hook, prompt, **places)
    assert list(leaks(tmp_path, Path.home())) == []


def test_prompt_without_a_correction_is_not_stored(
    project: Repo, hook: Hook, tmp_path: Path, places: dict[str, str]
) -> None:
    for prompt in (
        NO_CORRECTION,
        f"/fix {MARKER} is wrong",
        f"<task-notification>{CORRECTION}</task-notification>",
    ):
        assert silent(hook("UserPromptSubmit", claude(project.root, prompt=prompt), **places))
    assert list(leaks(tmp_path, Path.home())) == []


def test_text_of_a_correction_is_stored_in_one_file(
    project: Repo, hook: Hook, tmp_path: Path, places: dict[str, str]
) -> None:
    assert silent(hook("UserPromptSubmit", claude(project.root, prompt=CORRECTION), **places))
    assert list(leaks(tmp_path, Path.home())) == [project.root / OUTBOX]


def test_nothing_of_a_transcript_is_stored(
    project: Repo, hook: Hook, tmp_path: Path, places: dict[str, str]
) -> None:
    path = tmp_path / "elsewhere" / "transcript.jsonl"
    path.parent.mkdir()
    said = {"type": "text", "text": f"I fixed {MARKER}, all tests pass."}
    call = {"type": "tool_use", "name": "Edit", "input": {"file_path": f"/x/{MARKER}.py"}}
    lines = [{"type": "assistant", "message": {"content": [block]}} for block in (said, call)]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    before = path.read_bytes(), path.stat().st_mtime_ns
    for prompt in ("No, that is wrong. You forgot the size.", "Now add a page about volumes."):
        sent = claude(project.root, prompt=prompt, transcript_path=str(path))
        assert silent(hook("UserPromptSubmit", sent, tool="claude-code", **places))
    assert (project.root / OUTBOX).exists()
    assert list(leaks(tmp_path, Path.home())) == [path]
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


@pytest.mark.parametrize("damage", ["truncated", "surrogate", "settings"])
def test_error_log_quotes_nothing(
    project: Repo, hook: Hook, tmp_path: Path, places: dict[str, str], damage: str
) -> None:
    sent: Any = claude(project.root, prompt=CORRECTION)
    if damage == "truncated":
        sent = f'{{"prompt": "{CORRECTION}"'.encode()
    elif damage == "surrogate":
        sent = f'{{"cwd": "\\ud800{MARKER}", "prompt": "{NO_CORRECTION} \\udfff"}}'.encode()
    else:
        project.write("errata.toml", "[nonsense]\n")
    assert silent(hook("UserPromptSubmit", sent, tool="claude-code", **places))
    assert list(leaks(tmp_path, Path.home())) == []


def test_stored_edits_are_readable_by_the_owner_only(project: Repo, hook: Hook) -> None:
    project.write("src/b.py", f"{MARKER} = 1\n")
    given = {"file_path": str(project.root / "src/b.py"), "content": "x"}
    hook("PostToolUse", claude(project.root, tool_name="Write", tool_input=given))
    (file,) = leaks(project.root / ".git")
    assert file.stat().st_mode & 0o077 == 0


NO_NETWORK = """
import sys
def refuse(name, args):
    # A library may make a socket to see what the system has; nothing may leave through one.
    if name.startswith(("socket.connect", "socket.send", "socket.get", "urllib.", "http.")):
        open({report!r}, "a").write(name + "\\n")
        raise OSError("no network here")
sys.addaudithook(refuse)
"""


def test_nothing_is_sent_over_a_network(
    project: Repo, hook: Hook, tmp_path: Path, places: dict[str, str]
) -> None:
    report = tmp_path / "report"
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(NO_NETWORK.format(report=str(report)))
    all_events(project, hook, CORRECTION, PYTHONPATH=str(site), **places)
    assert (project.root / OUTBOX).exists()
    assert not report.exists(), report.read_text()


def test_network_watch_detects_a_connection(tmp_path: Path) -> None:
    import sys

    report = tmp_path / "report"
    (tmp_path / "sitecustomize.py").write_text(NO_NETWORK.format(report=str(report)))
    connect = "socket.create_connection(('127.0.0.1', 9))"
    probe = f"import socket\ntry:\n {connect}\nexcept OSError:\n pass"
    env = {"PYTHONPATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", probe], env=env, check=True)
    assert "socket.getaddrinfo\n" in report.read_text()


@pytest.mark.skipif(
    shutil.which("unshare") is None
    or subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode != 0,
    reason="no network namespaces here",
)
def test_it_works_without_a_network(project: Repo) -> None:
    import json

    done = subprocess.run(
        ["unshare", "-rn", SCRIPT, "agent-hook", "UserPromptSubmit"],
        input=json.dumps(claude(project.root, prompt=CORRECTION)).encode(),
        capture_output=True,
    )
    assert silent(done)
    assert (project.root / OUTBOX).exists()
