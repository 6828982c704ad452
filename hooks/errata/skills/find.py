"""Where a repository keeps its skills, and reading them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from errata.core.safe_open import open_regular
from errata.rules import agent_tools
from errata.skills.frontmatter import BadFrontmatter, Frontmatter, read

if TYPE_CHECKING:
    from errata.core.config import Config
    from errata.core.git import Repository

FILE_NAME = "SKILL.md"
MAX_BYTES = 1 << 20


class Skill(NamedTuple):
    """One SKILL.md.

    Attributes:
        path: relative to the top of the repository, with '/'.
        data: its bytes, at most one more than :data:`MAX_BYTES`.
        frontmatter: its fields; None where they cannot be read.
        bad: why not, else None.
    """

    path: str
    data: bytes
    frontmatter: Frontmatter | None
    bad: BadFrontmatter | None = None

    @property
    def folder(self) -> str:
        """The name of its folder, which a sound skill has too."""
        return self.path.split("/")[-2]

    @property
    def description(self) -> str:
        """Its description; "" if it cannot be read."""
        value = self._field("description")
        return value if isinstance(value, str) else ""

    @property
    def hidden(self) -> bool:
        """Whether only a person may call it."""
        return self._field("disable-model-invocation") is True

    @property
    def globs(self) -> tuple[str, ...]:
        """The path patterns that it applies to; empty if it names none."""
        value = self._field("paths")
        items = _comma_separated(value) if isinstance(value, str) else value
        if not isinstance(items, Iterable) or isinstance(items, dict):
            return ()
        return tuple(item for item in items if isinstance(item, str) and item)

    def _field(self, name: str) -> Any:
        return self.frontmatter.values.get(name) if self.frontmatter else None


@cache
def _directories() -> tuple[str, ...]:
    """The directories that may hold ``skills``; on a tie the first wins."""
    first, *others = (setup["directory"] for setup in agent_tools.with_setup().values())
    return (first, ".agents", *others)


def skill(path: str, data: bytes) -> Skill:
    """A skill of these bytes; one that cannot be read says why."""
    try:
        return Skill(path, data, read(data.decode("utf-8")))
    except BadFrontmatter as error:
        return Skill(path, data, None, error)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Skill(path, data, None, BadFrontmatter(line, "not UTF-8; save it as UTF-8"))


def is_place(path: str, config: Config) -> bool:
    """Whether a path (from the top, with '/') is where a tool looks for a skill."""
    parts = path.split("/")
    if len(parts) < 4 or parts[-1] != FILE_NAME or parts[-3] != "skills":
        return False
    runbooks = str(PurePosixPath(config.paths.runbooks))
    return parts[-4] in _directories() and not path.startswith(f"{runbooks}/")


def near(root: Path, config: Config, files: Sequence[str] = ()) -> list[Skill]:
    """The skills at the top, and those of the folders around ``files``; cheap.

    Omits unreadable files and links that lead out of the repository.
    """
    folders = dict.fromkeys([""])
    for file in files:
        parents = [str(p) for p in PurePosixPath(file).parents]
        folders.update(dict.fromkeys(p for p in parents if not p.startswith(("/", ".."))))
    places = sorted(("" if f == "." else f for f in folders), key=lambda f: (f.count("/"), f))
    return _read_all(root, config, (p for f in dict.fromkeys(places) for p in _listed(root, f)))


def everywhere(repo: Repository, config: Config) -> list[Skill]:
    """Every skill of the repository, also in packages, and also what is not yet committed.

    A skill that links give several paths is there once.
    """
    paths = dict.fromkeys(_listed(repo.root, ""))
    paths.update(dict.fromkeys(sorted(_all_files(repo))))
    top = os.path.realpath(repo.root)
    skills = {skill.path: skill for skill in _read_all(repo.root, config, paths)}
    files = {path: os.path.realpath(f"{top}/{path}") for path in skills}
    return [skills[path] for path in _one_per_file(top, files)]


def outside(root: Path, config: Config) -> list[str]:
    """Skills at the top that only this machine has: links lead out of the repository."""
    paths = (path for path in _listed(root, "") if is_place(path, config))
    top = os.path.realpath(root)
    out = [path for path in paths if os.path.lexists(root / path) and leads_out(top, path)]
    # Only links to whole folders are followed: of two links to one skill, both have to go.
    folders = {path: os.path.realpath(root / Path(path).parents[1]) for path in out}
    files = {path: f"{folders[path]}/{Path(path).parent.name}/{FILE_NAME}" for path in out}
    return _one_per_file(top, files)


def _one_per_file(top: str, files: Mapping[str, str]) -> list[str]:
    """One path of each file: that without links, which git knows, else the first.

    Args:
        files: path from the top -> the file that it leads to.
    """
    chosen: dict[str, str] = {}
    for path, file in files.items():
        if file not in chosen or file == f"{top}/{path}":
            chosen[file] = path
    return list(chosen.values())


def unique(skills: Iterable[Skill]) -> list[Skill]:
    """One of each name and content: several tools may have a copy each."""
    first = {(skill.folder, skill.data): skill for skill in reversed(list(skills))}
    return list(first.values())[::-1]


def leads_out(top: str, path: str) -> bool:
    """Whether a file is reached by a link that leads out of the repository, or in a circle.

    ``top`` is the repository without links in it, as :func:`os.path.realpath` has it.
    """
    real = os.path.realpath(f"{top}/{path}")
    return not real.startswith(f"{top}/") or os.path.islink(real)  # noqa: PTH114


def _read_all(root: Path, config: Config, paths: Iterable[str]) -> list[Skill]:
    # Text, not Path: this happens for every skill whenever a session starts.
    top = os.path.realpath(root)
    skills = []
    for path in paths:
        if is_place(path, config) and not leads_out(top, path):
            data = _read_bytes(f"{top}/{path}")
            if data is not None:
                skills.append(skill(path, data))
    return skills


def _listed(root: Path, folder: str) -> Iterator[str]:
    """Paths below the skill folders of one package; "" is the top."""
    for tool in _directories():
        base = "/".join(filter(None, (folder, tool, "skills")))
        try:
            names = sorted(entry.name for entry in os.scandir(f"{root}/{base}"))
        except OSError:
            continue
        yield from (f"{base}/{name}/{FILE_NAME}" for name in names)


def _all_files(repo: Repository) -> Iterator[str]:
    if repo.git_dir is None:
        for folder, below, names in os.walk(repo.root):
            below[:] = [name for name in below if name not in (".git", "node_modules")]
            if FILE_NAME in names:
                yield Path(folder, FILE_NAME).relative_to(repo.root).as_posix()
        return
    if repo.root == repo.git_dir:  # Bare: no files.
        return
    from errata.core import git

    options = ("--cached", "--others", "--exclude-standard", "--full-name")
    out = repo.git(*git.list_files(repo.git_dir), *options)
    ending = os.fsencode("/" + FILE_NAME)
    yield from (os.fsdecode(name) for name in out.split(b"\0") if name.endswith(ending))


def _read_bytes(path: str) -> bytes | None:
    """At most one byte more than :data:`MAX_BYTES`; None if it is not a readable regular file."""
    try:
        with open(path, "rb", opener=open_regular) as file:
            return file.read(MAX_BYTES + 1)
    except OSError:
        return None


def _comma_separated(text: str) -> Iterator[str]:
    """The items between commas; a comma inside braces belongs to an item."""
    depth, start = 0, 0
    for at, char in enumerate(text + ","):
        depth += (char == "{") - (char == "}" and depth > 0)
        if char == "," and (depth == 0 or at == len(text)):
            yield text[start:at].strip()
            start = at + 1
