"""Where a configuration gets the hooks from: a repository at a commit, or this installation."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from errata import __version__
from errata.core import git
from errata.core.errors import ErrataError, GitError

_VERSION = re.compile(r"v?(\d+(?:\.\d+)+)\Z")
_SCP = re.compile(r"[^/@]+@[^/:@]+:")
_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class HookSource:
    """A hook repository.

    Attributes:
        url: as a framework clones it; "" for this installation (``repo: local``).
        rev: the commit or tag; "" only together with an empty url.
        explicit: whether the person asked for this one.
    """

    url: str = ""
    rev: str = ""
    explicit: bool = False

    def is_at(self, url: str) -> bool:
        """Whether a configuration with this URL clones the same repository."""
        ours, theirs = (text.rstrip("/").removesuffix(".git") for text in (self.url, url))
        return bool(ours) and ours == theirs


def version(rev: str) -> list[int] | None:
    """The numbers of a version, such as ``v0.2.0``; None for any other revision."""
    match = _VERSION.match(rev)
    numbers = [int(part) for part in match[1].split(".")] if match else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers if match else None


def has_all_hooks(rev: str) -> bool:
    """Whether a revision is known to have all hooks: it is this version, or a later one."""
    numbers = version(rev)
    return numbers is not None and numbers >= (version(__version__) or [])


def newer(url: str, rev: str) -> str:
    """``URL[@REV]`` of this version, or of the newest commit where versions are not pinned."""
    if version(rev) is None:
        return url
    return f"{url}@{'v' if rev.startswith('v') else ''}{__version__}"


def find(given: str | None, root: Path, cwd: Path | None = None) -> HookSource:
    """The given source; by default the repository that this installation comes from.

    Raises:
        ErrataError: ``given`` names no repository that answers.
    """
    if given is None:
        return _installed_from()
    url, rev = split(given)
    if not url:
        raise ErrataError(f"--source {given}: no URL", "URL or URL@REV")
    folder = (cwd or Path.cwd()) / url
    local = "://" not in url and folder.is_dir()
    if not rev:
        rev = _head(str(folder) if local else url)
    if local and not Path(url).is_absolute():
        # Frameworks read it from the top of the work tree, wherever init was run.
        url = os.path.relpath(folder.resolve(), root)
    return HookSource(url, rev, explicit=True)


def split(given: str) -> tuple[str, str]:
    """(URL, REV) of ``URL[@REV]``; an ``@`` that belongs to the URL is left there."""
    if Path(given).is_dir():
        return given, ""
    start = 0
    if "://" in given:
        start = given.find("/", given.index("://") + 3)
    elif match := _SCP.match(given):
        start = match.end()
    at = given.rfind("@", start) if start >= 0 else -1
    return (given, "") if at < 0 else (given[:at], given[at + 1 :])


def _head(url: str) -> str:
    # Outside this repository: its configuration may name programs (ssh, proxies, helpers) and other
    # addresses. The person's own configuration counts.
    env = {"GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh", "GIT_DIR": os.devnull}
    try:
        out = git.run("ls-remote", "--", url, "HEAD", env=env, timeout=_SECONDS).decode()
    except (GitError, TimeoutError) as error:
        raise ErrataError(
            f"--source {url}: no repository answers there",
            "check the URL and the network, or name the commit: URL@REV",
        ) from error
    if not out:
        raise ErrataError(f"--source {url}: the repository is empty", "name another")
    return out.split()[0]


def _installed_from() -> HookSource:
    """The repository that pip installed errata from, if it was one (PEP 610)."""
    import importlib.metadata

    try:
        text = importlib.metadata.distribution("errata-hooks").read_text("direct_url.json")
        data = json.loads(text or "{}")
        vcs = data.get("vcs_info", {})
        # A folder inside a repository has no manifest where frameworks look for it.
        if vcs.get("vcs") == "git" and not data.get("subdirectory"):
            return HookSource(str(data["url"]), str(vcs["commit_id"]))
    except (importlib.metadata.PackageNotFoundError, ValueError, KeyError, AttributeError):
        pass
    return HookSource()


def folder() -> Path:
    """The folder of errata's commands. Raises ErrataError: there is none."""
    for candidate in _folders():
        if os.access(candidate / "errata", os.X_OK):
            return candidate
    if command := shutil.which("errata"):
        return Path(command).absolute().parent
    raise ErrataError("errata: the command is not installed", "pip install errata-hooks")


def _folders() -> tuple[Path, ...]:
    return Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))


def updated(text: str, name: str) -> str:
    """A command line with outdated absolute paths of our console script replaced by its name.

    A path is outdated if it does not exist, or if the name finds the same program.
    """
    places = {shutil.which(name), *(str(folder / name) for folder in _folders())}

    def update(match: re.Match[str]) -> str:
        path = shlex.split(match[0])[0]
        return name if path in places or shutil.which(path) is None else match[0]

    return _absolute_path(name).sub(update, text)


def missing_programs(text: str, name: str) -> list[str]:
    """The absolute paths of our console script ``name`` in a text that do not exist."""
    paths = (shlex.split(match[0])[0] for match in _absolute_path(name).finditer(text))
    return [path for path in dict.fromkeys(paths) if shutil.which(path) is None]


def _absolute_path(name: str) -> re.Pattern[str]:
    """One word of the shell, quoted only if necessary."""
    end = rf"/{re.escape(name)}"
    return re.compile(rf"""'/[^'\n]*?{end}'|(?<![^\s"`;|&(])/[^\s'"`;|&()<>$]*?{end}(?![\w./-])""")


def is_ours(command: str, name: str) -> bool:
    """Whether a command line runs the console script ``name``, by whatever path."""
    try:
        words = shlex.split(command)
    except ValueError:
        return False
    return bool(words) and Path(words[0]).name in (name, f"{name}.exe")
