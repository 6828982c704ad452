"""The targets by name. Does not import what they fuzz, which must be instrumented first."""

from __future__ import annotations

from importlib import import_module

from qa.fuzz.target import Target

MODULES = {
    "logs": ("record", "reader", "validate", "ingest", "dialect", "propose"),
    "settings": ("settings", "identities", "routing"),
    "runbooks": ("runbook", "names", "conflict", "excerpt", "promotions"),
    "commits": (
        *("note", "trace", "trailers", "provenance", "history", "diff", "blame"),
        *("tokens", "substance", "evidence"),
    ),
    "events": ("event", "hook", "patch", "prompt", "words", "transcript", "redact"),
    "exports": ("export",),
    "files": ("frontmatter", "yaml", "json", "blocks", "yaml-edit", "toml-edit"),
    "screens": ("sanitise",),
}
NAMES = tuple(name for names in MODULES.values() for name in names)
CONTROLS = ("control-traceback", "control-hang", "control-memory")
"""Naive parsers, for which the harness must report findings."""
# These edit files, which is a hundred times as slow; `yaml` and `settings` parse the same files.
_SHARES = {"yaml-edit": 0.02, "toml-edit": 0.02, "propose": 0.1}


def share(name: str) -> float:
    """The share of a full run's inputs that a target gets."""
    return _SHARES.get(name, 1.0)


def load(name: str) -> Target:
    """A target.

    Raises:
        KeyError: there is no target of this name.
    """
    if name in CONTROLS:
        module = "qa.fuzz.control"
    else:
        folder = {name: module for module, names in MODULES.items() for name in names}[name]
        module = f"qa.fuzz.targets.{folder}"
    targets: tuple[Target, ...] = import_module(module).TARGETS
    return next(target for target in targets if target.name == name)
