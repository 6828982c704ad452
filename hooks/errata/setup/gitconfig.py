"""The merge driver in the configuration of this clone."""

from __future__ import annotations

from errata.core import git
from errata.core.errors import ErrataError
from errata.setup.hook_source import is_ours
from errata.setup.layout import Layout

SECTION = "merge.errata"
NAME = "errata: generated blocks of runbooks, and the log of promotions"
_ARGUMENTS = "merge-file --ancestor %O --ours %A --theirs %B --path %P"


def settings(command: str) -> dict[str, str]:
    """What must be set; git quotes ``%P`` itself."""
    return {f"{SECTION}.name": NAME, f"{SECTION}.driver": f"{command} {_ARGUMENTS}"}


def missing(layout: Layout, command: str) -> dict[str, str]:
    """The settings that are not there yet, or not as they should be.

    Raises:
        ErrataError: a driver of that name is there and is not ours.
    """
    driver = value(layout, f"{SECTION}.driver")
    if driver is not None and not is_ours(driver, "errata"):
        raise ErrataError(
            f"git config {SECTION}.driver: {driver!r} is not errata's",
            f"rename your driver, or `git config --unset {SECTION}.driver`",
        )
    want = settings(command)
    return {key: text for key, text in want.items() if value(layout, key) != text}


def value(layout: Layout, key: str, *scope: str) -> str | None:
    """What git has for a key; None if nothing."""
    status, out = git.run_status("config", *scope, "--get", key, cwd=layout.root)
    return out.decode("utf-8", "replace").rstrip("\n") if status == 0 else None


def write(layout: Layout, key: str, text: str) -> None:
    """Set one key of this clone."""
    git.run("config", "--local", "--replace-all", key, text, cwd=layout.root)


def ours(layout: Layout) -> list[str]:
    """The keys of this clone that `errata init` set."""
    driver = value(layout, f"{SECTION}.driver", "--local")
    found = [f"{SECTION}.driver"] if driver and is_ours(driver, "errata") else []
    return found + [f"{SECTION}.name"] * (value(layout, f"{SECTION}.name", "--local") == NAME)


def unset(layout: Layout, keys: list[str]) -> None:
    """Take keys out of this clone's configuration, and the section with the last of them."""
    status, out = git.run_status(
        *("config", "--local", "--name-only", "-z", "--get-regexp", r"^merge\.errata\."),
        cwd=layout.root,
    )
    there = set(out.decode().split("\0")[:-1]) if status == 0 else set()
    if there and there <= set(keys):
        git.run("config", "--local", "--remove-section", SECTION, cwd=layout.root)
        return
    for key in keys:
        git.run("config", "--local", "--unset-all", key, cwd=layout.root, ok=(0, 5))
