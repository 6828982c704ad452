"""The record of what `errata init` did in this clone, so that `errata uninstall` can undo it.

It is kept in the git directory. Without it, uninstall removes what it recognises as ours; with it,
files not edited since are also restored byte for byte.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from errata.core import atomic, safe_open
from errata.core.errors import ErrataError
from errata.setup.file_change import FileChange
from errata.setup.layout import Layout
from errata.setup.precommit import Additions

FILE_NAME = "installed.json"
_VERSION = 1


@dataclass(slots=True)
class InstallManifest:
    """Everything that `errata init` did.

    Attributes:
        files: path -> digest of the bytes that init wrote -> the original bytes (None: no file). A
            path can have several, because linked worktrees and branches share the git directory.
        additions: path of a hook manager's configuration -> our entries in it.
        shims: stage -> the manager that installed a script for it because of us.
        settings: the keys that were set in git's configuration.
        folders: the folders that were created, outermost first.
        manager_originals: path of a manager's private file -> its original bytes (None: no file).
        manager: the hook manager that the person chose; "" if none was chosen.
        tools: the agent tools that were set up.
    """

    files: dict[str, dict[str, bytes | None]] = field(default_factory=dict)
    additions: dict[str, Additions] = field(default_factory=dict)
    shims: dict[str, str] = field(default_factory=dict)
    settings: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    manager_originals: dict[str, bytes | None] = field(default_factory=dict)
    manager: str = ""
    tools: list[str] = field(default_factory=list)

    def record_change(self, change: FileChange, clean: bool) -> None:
        """Record a change. ``clean``: nothing in the file was ours before."""
        assert change.after is not None
        originals = self.files.setdefault(change.path, {})
        earlier = digest(change.before) if change.before is not None else ""
        if earlier in originals:
            originals[digest(change.after)] = originals[earlier]
        elif clean:
            originals[digest(change.after)] = change.before

    def wrote(self, path: str, data: bytes) -> bool:
        """Whether ``data`` is exactly what init wrote to ``path``."""
        return digest(data) in self.files.get(path, {})

    def original(self, path: str, data: bytes) -> bytes | None:
        """The bytes that a file had before init wrote ``data``; None if it did not exist."""
        return self.files[path][digest(data)]

    def record_additions(self, path: str, more: Additions) -> None:
        """Record our entries in a configuration."""
        if more == Additions():
            return
        old = self.additions.get(path, Additions())
        pairs = ((old.hooks, more.hooks), (old.types, more.types), (old.keys, more.keys))
        self.additions[path] = Additions(*(tuple(dict.fromkeys([*a, *b])) for a, b in pairs))


def digest(data: bytes) -> str:
    """SHA-256, in hex."""
    return hashlib.sha256(data).hexdigest()


def load(layout: Layout) -> InstallManifest | None:
    """The manifest of this clone; None if there is none.

    Raises:
        ErrataError: it cannot be read.
    """
    path = layout.state / FILE_NAME
    try:
        with open(path, "rb", opener=safe_open.open_nofollow) as file:
            data = json.loads(file.read())
        if data["version"] != _VERSION:
            raise ValueError("written by a different version of errata")
        return InstallManifest(
            files={
                name: {key: _bytes(text) for key, text in originals.items()}
                for name, originals in data["files"].items()
            },
            additions={
                name: Additions(*(tuple(added[key]) for key in ("hooks", "types", "keys")))
                for name, added in data["added"].items()
            },
            shims=dict(data["shims"]),
            settings=list(data["settings"]),
            folders=list(data["folders"]),
            manager_originals={name: _bytes(text) for name, text in data["aside"].items()},
            manager=str(data["manager"]),
            tools=list(data["tools"]),
        )
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ErrataError(
            f".git/errata/{FILE_NAME}: {error.strerror}", "it must be a readable file"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ErrataError(
            f".git/errata/{FILE_NAME}: cannot be read: {error}",
            "delete it; `errata uninstall` will then remove what it recognises",
        ) from error


def save(layout: Layout, manifest: InstallManifest) -> None:
    """Write the manifest atomically. Raises ErrataError: it cannot be written."""
    data: dict[str, Any] = {
        "version": _VERSION,
        "files": {
            name: {key: _text(data) for key, data in originals.items()}
            for name, originals in manifest.files.items()
        },
        "added": {
            name: {"hooks": added.hooks, "types": added.types, "keys": added.keys}
            for name, added in manifest.additions.items()
        },
        "shims": manifest.shims,
        "settings": manifest.settings,
        "folders": manifest.folders,
        "aside": {name: _text(data) for name, data in manifest.manager_originals.items()},
        "manager": manifest.manager,
        "tools": manifest.tools,
    }
    path = layout.state / FILE_NAME
    text = json.dumps(data, indent=1, sort_keys=True) + "\n"
    try:
        if not path.exists() or path.read_text("utf-8") != text:
            atomic.write(path, text.encode())
    except OSError as error:
        raise ErrataError(f"{path}: {error.strerror}", "it must be writable") from error


def delete(layout: Layout) -> None:
    """Delete the manifest, and its folder if that is empty then.

    Raises:
        ErrataError: the folder cannot be removed.
    """
    (layout.state / FILE_NAME).unlink(missing_ok=True)
    layout.remove_folder(".git/errata")


def _text(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text, validate=True)
