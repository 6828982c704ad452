"""The merge driver and the folder of errata in the git configuration of this clone."""

from __future__ import annotations

import re

from errata.core import git
from errata.core.errors import ErrataError
from errata.setup import guard, hook_source
from errata.setup.layout import Layout

SECTION = "merge.errata"
NAME = "errata: generated blocks of runbooks, and the log of promotions"
# Where errata is missing, git's own merge does. Git quotes ``%P`` itself.
_DRIVER = (
    f"{guard.FIND}; command -v errata >/dev/null || exec git merge-file %A %O %B; "
    "exec errata merge-file --ancestor %O --ours %A --theirs %B --path %P"
)
_OURS = re.compile(r"(?<![\w.-])errata'? merge-file ")


def settings() -> dict[str, str]:
    """The settings of this clone. Raises ErrataError: errata's commands are not installed."""
    driver = {f"{SECTION}.name": NAME, f"{SECTION}.driver": _DRIVER}
    return {**driver, guard.SETTING: str(hook_source.folder())}


def is_our_driver(driver: str) -> bool:
    """Whether this or an earlier version wrote the command of a merge driver."""
    return bool(_OURS.search(driver))


def missing(layout: Layout) -> dict[str, str]:
    """The settings that are missing or outdated.

    Raises:
        ErrataError: there is a driver of that name that is not ours.
    """
    driver = value(layout, f"{SECTION}.driver")
    if driver is not None and not is_our_driver(driver):
        raise ErrataError(
            f"git config {SECTION}.driver: {driver!r} is not errata's",
            f"rename your driver, or `git config --unset {SECTION}.driver`",
        )
    return {key: text for key, text in settings().items() if value(layout, key) != text}


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
    local = _local_settings(layout, SECTION)
    keys = [f"{SECTION}.driver"] if is_our_driver(local.get("driver", "")) else []
    keys += [f"{SECTION}.name"] if local.get("name") == NAME else []
    return keys + ([guard.SETTING] if "path" in _local_settings(layout, "errata") else [])


def unset(layout: Layout, keys: list[str]) -> None:
    """Remove keys from this clone's configuration, and each section with the last of them."""
    for section in sorted({key.rpartition(".")[0] for key in keys}):
        local = {f"{section}.{key}" for key in _local_settings(layout, section)}
        if local and local <= set(keys):
            git.run("config", "--local", "--remove-section", section, cwd=layout.root)
            continue
        for key in keys:
            if key.rpartition(".")[0] == section:
                git.run("config", "--local", "--unset-all", key, cwd=layout.root, ok=(0, 5))


def _local_settings(layout: Layout, section: str) -> dict[str, str]:
    """The settings of a section in the configuration of this clone.

    Raises:
        ErrataError: the configuration cannot be parsed.
    """
    import configparser

    try:
        with layout.open_repo() as repo, repo.config_reader("repository") as reader:
            name, _, subsection = section.partition(".")
            header = f'{name} "{subsection}"' if subsection else name
            if not reader.has_section(header):
                return {}
            return {str(key): str(text) for key, text in reader.items(header)}
    except configparser.Error as error:
        message = " ".join(str(error).split())
        raise ErrataError(f".git/config: cannot be read: {message}", "fix it") from error
