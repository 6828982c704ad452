"""What `errata init` did in this clone, so that `errata uninstall` can undo exactly that.

Kept in the git directory. Without it uninstall still finds what is errata's by its form; with it,
files that nobody edited since come back to their very bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from errata.core import atomic, safe_open
from errata.core.errors import ErrataError
from errata.setup.file_change import Change
from errata.setup.layout import Layout
from errata.setup.precommit import Additions

FILE_NAME = "installed.json"
_VERSION = 1


@dataclass(slots=True)
class Receipt:
    """The record of all that was done.

    Attributes:
        files: path -> digest of what init wrote -> what was there (None: no file). Several, because
            linked worktrees and branches share the git directory.
        added: path of a hook manager's configuration -> what of it is ours.
        shims: git hooks that a manager installed because of us -> the manager.
        settings: keys of git's configuration that were set.
        folders: those that were made, outermost first.
        aside: private files of a manager -> their bytes before it installed (None: no file).
        manager: the hook manager that the person chose; "" if none was chosen.
        tools: the agents' tools that were set up.
    """

    files: dict[str, dict[str, bytes | None]] = field(default_factory=dict)
    added: dict[str, Additions] = field(default_factory=dict)
    shims: dict[str, str] = field(default_factory=dict)
    settings: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    aside: dict[str, bytes | None] = field(default_factory=dict)
    manager: str = ""
    tools: list[str] = field(default_factory=list)

    def note(self, one: Change, clean: bool) -> None:
        """Remember a change; ``clean`` says that nothing of ours was in the file before."""
        assert one.after is not None
        known = self.files.setdefault(one.path, {})
        earlier = digest(one.before) if one.before is not None else ""
        if earlier in known:
            known[digest(one.after)] = known[earlier]
        elif clean:
            known[digest(one.after)] = one.before

    def before(self, path: str, data: bytes) -> tuple[bool, bytes | None]:
        """(whether it is known, what was there) for a file that init wrote and nobody edited."""
        known = self.files.get(path, {})
        return digest(data) in known, known.get(digest(data))

    def note_added(self, path: str, more: Additions) -> None:
        """Remember what was added to a configuration."""
        if more == Additions():
            return
        old = self.added.get(path, Additions())
        pairs = ((old.hooks, more.hooks), (old.types, more.types), (old.keys, more.keys))
        self.added[path] = Additions(*(tuple(dict.fromkeys([*a, *b])) for a, b in pairs))


def digest(data: bytes) -> str:
    """SHA-256, in hex."""
    return hashlib.sha256(data).hexdigest()


def load(layout: Layout) -> Receipt | None:
    """The receipt of this clone; None if there is none.

    Raises:
        ErrataError: it cannot be read.
    """
    path = layout.state / FILE_NAME
    try:
        with open(path, "rb", opener=safe_open.open_nofollow) as file:
            data = json.loads(file.read())
        if data["version"] != _VERSION:
            raise ValueError("another version of errata wrote it")
        return Receipt(
            files={
                name: {key: _bytes(text) for key, text in known.items()}
                for name, known in data["files"].items()
            },
            added={
                name: Additions(*(tuple(one[key]) for key in ("hooks", "types", "keys")))
                for name, one in data["added"].items()
            },
            shims=dict(data["shims"]),
            settings=list(data["settings"]),
            folders=list(data["folders"]),
            aside={name: _bytes(text) for name, text in data["aside"].items()},
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
            "remove it; `errata uninstall` then goes by what it recognises",
        ) from error


def save(layout: Layout, receipt: Receipt) -> None:
    """Write the receipt, whole. Raises ErrataError: it cannot be written."""
    data: dict[str, Any] = {
        "version": _VERSION,
        "files": {
            name: {key: _text(data) for key, data in known.items()}
            for name, known in receipt.files.items()
        },
        "added": {
            name: {"hooks": one.hooks, "types": one.types, "keys": one.keys}
            for name, one in receipt.added.items()
        },
        "shims": receipt.shims,
        "settings": receipt.settings,
        "folders": receipt.folders,
        "aside": {name: _text(data) for name, data in receipt.aside.items()},
        "manager": receipt.manager,
        "tools": receipt.tools,
    }
    path = layout.state / FILE_NAME
    text = json.dumps(data, indent=1, sort_keys=True) + "\n"
    try:
        if not path.exists() or path.read_text("utf-8") != text:
            atomic.write(path, text.encode())
    except OSError as error:
        raise ErrataError(f"{path}: {error.strerror}", "it must be writable") from error


def forget(layout: Layout) -> None:
    """Remove the receipt, and the folder if nothing else is in it.

    Raises:
        ErrataError: the folder cannot be removed.
    """
    (layout.state / FILE_NAME).unlink(missing_ok=True)
    layout.remove_folder(".git/errata")


def _text(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text, validate=True)
