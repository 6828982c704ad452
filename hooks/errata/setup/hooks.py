"""The hooks as data, for configurations that take them from this installation.

The same as in ``.pre-commit-hooks.yaml``, which frameworks read from a clone; a test compares the
two. The id of a hook is also the name of its console script.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

STAGES = (
    "pre-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "post-merge",
    "post-rewrite",
)
"""The git hooks that ours need."""


@dataclass(frozen=True, slots=True)
class Hook:
    """One hook; fields as in a manifest of pre-commit, with its defaults.

    ``checks``: whether its failure stops the commit.
    """

    id: str
    name: str
    stages: tuple[str, ...]
    always_run: bool = False
    pass_filenames: bool = True
    verbose: bool = False
    files: str = ""
    require_serial: bool = False
    checks: bool = False

    def local(self, entry: str) -> dict[str, Any]:
        """The hook for ``repo: local``, where ``entry`` is the command; defaults left out."""
        fields: dict[str, Any] = {"id": self.id, "name": self.name, "entry": entry}
        fields["language"] = "system"
        if self.files:
            fields["files"] = self.files
        fields["stages"] = list(self.stages)
        if not self.pass_filenames:
            fields["pass_filenames"] = False
        for name in ("always_run", "verbose", "require_serial"):
            if getattr(self, name):
                fields[name] = True
        return fields


HOOKS = (
    Hook(
        "errata-check-runbooks",
        "check runbooks",
        ("pre-commit",),
        files=r"(RUNBOOK\.md|(^|/)errata[^/]*\.mdc?|^AGENTS\.md)$",
        checks=True,
    ),
    Hook("errata-check-skills", "check skills", ("pre-commit",), files=r"SKILL\.md$", checks=True),
    Hook(
        "errata-validate-logs",
        "validate agent logs",
        ("pre-commit",),
        always_run=True,
        files=r"\.jsonl$",
        require_serial=True,
        checks=True,
    ),
    Hook(
        "errata-check-lessons",
        "check lessons",
        ("pre-commit",),
        always_run=True,
        pass_filenames=False,
        verbose=True,
        checks=True,
    ),
    Hook(
        "errata-stamp",
        "stamp agent commits",
        ("prepare-commit-msg", "commit-msg"),
        always_run=True,
    ),
    Hook(
        "errata-check-trailers",
        "check errata trailers",
        ("commit-msg",),
        always_run=True,
        checks=True,
    ),
    Hook(
        "errata-refresh",
        "refresh runbooks",
        ("post-merge",),
        always_run=True,
        pass_filenames=False,
        verbose=True,
    ),
    Hook(
        "errata-capture",
        "capture corrections",
        ("post-commit",),
        always_run=True,
        pass_filenames=False,
        verbose=True,
    ),
    Hook(
        "errata-rewrite",
        "follow rewritten commits",
        ("post-rewrite",),
        always_run=True,
        pass_filenames=False,
        verbose=True,
    ),
)
BY_ID = {hook.id: hook for hook in HOOKS}


def at(stage: str) -> list[Hook]:
    """The hooks of one stage, in the order in which they run."""
    return [hook for hook in HOOKS if stage in hook.stages]
