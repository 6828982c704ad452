"""The merge driver in the configuration of this clone."""

from __future__ import annotations

from errata.core import git
from errata.core.errors import ErrataError
from errata.setup.hook_source import is_ours
from errata.setup.layout import Layout

SECTION = "merge.errata"
NAME = "errata: generated blocks of runbooks, and the log of promotions"
_SECTION_HEADER = 'merge "errata"'
_ARGUMENTS = "merge-file --ancestor %O --ours %A --theirs %B --path %P"


def settings(command: str) -> dict[str, str]:
    """What must be set; git quotes ``%P`` itself."""
    return {f"{SECTION}.name": NAME, f"{SECTION}.driver": f"{command} {_ARGUMENTS}"}


def missing(layout: Layout, command: str) -> dict[str, str]:
    """The settings that are not there yet, or not as they should be.

    Raises:
        ErrataError: there is a driver of that name that is not ours.
    """
    driver = value(layout, f"{SECTION}.driver")
    if driver is not None and not is_ours(driver, "errata"):
        raise ErrataError(
            f"git config {SECTION}.driver: {driver!r} is not errata's",
            f"rename your driver, or `git config --unset {SECTION}.driver`",
        )
    wanted = settings(command)
    return {key: text for key, text in wanted.items() if value(layout, key) != text}


def value(layout: Layout, key: str) -> str | None:
    """The effective value of a key; None if there is none.

    Asked of git itself: GitPython does not know values from the environment or ``git -c``.
    """
    status, out = git.run_status("config", "--get", key, cwd=layout.root)
    return out.decode("utf-8", "replace").rstrip("\n") if status == 0 else None


def write(layout: Layout, key: str, text: str) -> None:
    """Set one key of this clone. GitPython would write the whole file anew, without comments."""
    git.run("config", "--local", "--replace-all", key, text, cwd=layout.root)


def ours(layout: Layout) -> list[str]:
    """The keys of this clone that `errata init` set. Raises ErrataError: see `_local_settings`."""
    local = _local_settings(layout)
    keys = [f"{SECTION}.driver"] if is_ours(local.get("driver", ""), "errata") else []
    return keys + ([f"{SECTION}.name"] if local.get("name") == NAME else [])


def unset(layout: Layout, keys: list[str]) -> None:
    """Remove keys from this clone's configuration, and the section with the last of them."""
    local = {f"{SECTION}.{key}" for key in _local_settings(layout)}
    if local and local <= set(keys):
        git.run("config", "--local", "--remove-section", SECTION, cwd=layout.root)
        return
    for key in keys:
        git.run("config", "--local", "--unset-all", key, cwd=layout.root, ok=(0, 5))


def _local_settings(layout: Layout) -> dict[str, str]:
    """The settings of our section in the configuration of this clone.

    Raises:
        ErrataError: the configuration cannot be parsed.
    """
    import configparser

    try:
        with layout.open_repo() as repo, repo.config_reader("repository") as reader:
            if not reader.has_section(_SECTION_HEADER):
                return {}
            return {str(key): str(text) for key, text in reader.items(_SECTION_HEADER)}
    except configparser.Error as error:
        message = " ".join(str(error).split())
        raise ErrataError(f".git/config: cannot be read: {message}", "fix it") from error
