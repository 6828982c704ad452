"""A scratch repository in which errata's hooks are wired as in this clone, and nothing else is.

The scripts of git, the configuration of the hook manager, attributes and settings are the same.
Hooks of other programs are left out: they could take long, download, or change something.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from errata.core.config import FILE_NAME as SETTINGS
from errata.core.errors import GitError
from errata.setup import (
    agents,
    agents_files,
    attributes,
    blocks,
    gitconfig,
    guard,
    hook_calls,
    managers,
)
from errata.setup.hooks import BY_ID, STAGES
from errata.setup.layout import Layout
from errata.setup.managers import Manager
from errata.setup.precommit import DEFAULT_STAGES, TYPES, entries

_SECONDS = 120
_CONFIG = {
    "user.name": "Pat Person",
    "user.email": "pat@person.invalid",
    "commit.gpgSign": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "core.fsmonitor": "false",
    "pull.rebase": "false",
    "init.defaultBranch": "main",
    "protocol.file.allow": "always",
}
# Nothing answers there, so that nothing is downloaded.
_NO_PROXY = "http://127.0.0.1:9"


@dataclass(frozen=True)
class TrialRepository:
    """The scratch repository.

    Attributes:
        root: top of its work tree.
        not_tried: what would have been downloaded, one line each.
    """

    root: Path
    not_tried: list[str] = field(default_factory=list)

    def run(self, *words: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        """Run a program here, without what the caller's environment says of git and agents."""
        return subprocess.run(
            words,
            cwd=self.root,
            env={**_environment(self.root.parent), **env},
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )

    def git(self, *words: str, **env: str) -> str:
        """Run git here. Raises GitError: it fails."""
        done = self.run("git", *words, **env)
        if done.returncode:
            raise GitError(last_line(done.stderr or done.stdout) or f"git {words[0]} failed")
        return done.stdout

    def errata(self, *words: str) -> str:
        """Run errata here. Raises GitError: it fails."""
        done = self.run(sys.executable, "-P", "-m", "errata", *words)
        if done.returncode:
            raise GitError(last_line(done.stderr or done.stdout))
        return done.stdout

    def write(self, path: str, data: bytes, *, executable: bool = False) -> None:
        """Write a file, and create its folders; ``.git/...`` is in the git directory."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        if executable:
            file.chmod(0o755)


def last_line(text: str) -> str:
    """The last line that is not empty; "" if there is none."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def create(layout: Layout, manager: Manager, folder: Path) -> TrialRepository:
    """Create the scratch repository in an empty folder, with one commit.

    Raises:
        ErrataError: a configuration cannot be read.
    """
    trial = TrialRepository(folder / "clone")
    trial.root.mkdir()
    trial.git("init", "-q", "--template=")
    for path in (SETTINGS, attributes.FILE_NAME, attributes.INFO):
        _copy(layout, trial, path)
    for file in (file for tool in agents.TOOLS for file in agents_files.files(tool)):
        _copy(layout, trial, file.path)
    for key in (f"{gitconfig.SECTION}.name", f"{gitconfig.SECTION}.driver", guard.SETTING):
        if (text := gitconfig.value(layout, key)) is not None:
            trial.git("config", key, text)
    _copy_hooks(layout, manager, trial)
    trial.write("README", b"A repository in which errata's hooks are tried.\n")
    trial.git("add", "-A")
    trial.git("-c", f"core.hooksPath={os.devnull}", "commit", "-q", "-m", "Begin")
    return trial


def _environment(folder: Path) -> dict[str, str]:
    ours = ("GIT_", "ERRATA_", "PRE_COMMIT", "PREK_", "LEFTHOOK", "HUSKY", "SKIP")
    env = {key: text for key, text in os.environ.items() if not key.startswith(ours)}
    env |= {"GIT_CONFIG_COUNT": str(len(_CONFIG)), "GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true"}
    for number, (key, text) in enumerate(_CONFIG.items()):
        env |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": text}
    caches = {"PRE_COMMIT_HOME": "pre-commit", "PREK_HOME": "prek"}
    env |= {key: str(folder / name) for key, name in caches.items()}
    env |= dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), _NO_PROXY)
    return {**env, "GIT_ALLOW_PROTOCOL": "file", "ERRATA_AGENT": "off", "PYTHONPATH": ""}


def _copy(layout: Layout, trial: TrialRepository, path: str) -> None:
    if (data := layout.read(path)) is not None:
        trial.write(path, data)


def _copy_hooks(layout: Layout, manager: Manager, trial: TrialRepository) -> None:
    """The scripts that git runs, and the configuration, without hooks of other programs."""
    folder = managers.hooks_folder(layout)
    inside = layout.path(folder) or ".git/hooks"
    if inside != ".git/hooks":
        trial.git("config", "core.hooksPath", inside)
    for file in folder.iterdir() if folder.is_dir() else ():
        if not file.is_file() or file.name.endswith((".sample", ".legacy", ".old")):
            continue
        data = file.read_bytes()
        wired = managers.manager_of(data) or file.parent.name == "_"
        text = data if wired else _only_ours(data, file.name)
        if text:
            trial.write(f"{inside}/{file.name}", text, executable=os.access(file, os.X_OK))
    if not manager.folder:
        _copy_configuration(layout, manager, trial)
    elif manager.folder != inside:
        for stage in STAGES:
            if text := _only_ours(layout.read(f"{manager.folder}/{stage}") or b"", stage):
                mode = os.access(layout.file(f"{manager.folder}/{stage}"), os.X_OK)
                trial.write(f"{manager.folder}/{stage}", text, executable=mode)


def _only_ours(script: bytes, stage: str) -> bytes:
    """A script's block of ours, and its other lines that call our hooks."""
    span = blocks.find(script, stage)
    block = script[slice(*span)] + b"\n" if span else b""
    rest = (script[: span[0]] + script[span[1] :] if span else script).decode("utf-8", "replace")
    lines = [line for line in rest.splitlines() if hook_calls.calls_in_script(line, stage)]
    text = block + "".join(f"{line}\n" for line in lines).encode()
    return b"#!/bin/sh\n" + text if text else b""


def _copy_configuration(layout: Layout, manager: Manager, trial: TrialRepository) -> None:
    raw = layout.read(manager.file)
    if raw is None:
        return
    if manager.name == "lefthook":
        from errata.setup import yaml_file

        data = _our_commands(yaml_file.read(manager.file, raw).data)
        trial.write(manager.file, json.dumps(data).encode())
        return
    parsed = hook_calls.framework_data(layout, manager.file)
    hooks = list(_our_hooks(parsed.get("repos"), manager, trial.not_tried))
    kept = {key: parsed[key] for key in (TYPES, DEFAULT_STAGES) if key in parsed}
    import tomlkit

    data = {**kept, "repos": [{"repo": "local", "hooks": hooks}]}
    # JSON is YAML, too.
    dump = tomlkit.dumps if managers.is_toml(manager.file) else json.dumps
    trial.write(manager.file, dump(data).encode())


def _our_hooks(repos: Any, manager: Manager, not_tried: list[str]) -> Iterator[dict[str, Any]]:
    for index, ours in entries(repos):
        entry = repos[index]
        is_local = entry.get("repo") == "local"
        if not is_local:
            source = f"{entry.get('repo')} at {entry.get('rev')}"
            not_tried.append(f"{manager.name} would download {source}; the installed hooks ran")
        for number, id in ours:
            yield dict(entry["hooks"][number]) if is_local else BY_ID[id].local(guard.entry(id))


def _our_commands(data: Mapping[str, Any]) -> dict[str, Any]:
    """Of lefthook's configuration, the commands that call our hooks."""
    kept: dict[str, Any] = {}
    for stage in STAGES:
        settings = data.get(stage)
        commands = settings.get("commands") if isinstance(settings, dict) else None
        for name, command in (commands if isinstance(commands, dict) else {}).items():
            line = command.get("run") if isinstance(command, dict) else None
            if isinstance(line, str) and hook_calls.calls_in_script(line, stage):
                kept.setdefault(stage, {"commands": {}})["commands"][name] = dict(command)
    return kept


def search_path(without: Sequence[str]) -> str | None:
    """PATH without the folders that have one of these programs; None if git goes with them."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    left = [f for f in folders if f and not any(os.access(Path(f, w), os.X_OK) for w in without)]
    has_git = any(os.access(Path(folder, "git"), os.X_OK) for folder in left)
    return os.pathsep.join(left) if has_git else None
