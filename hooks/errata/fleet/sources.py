"""Where a fleet comes from: bundles, folders of bundles, repositories, and lists of them."""

from __future__ import annotations

import glob
import os
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from errata.core import config as settings
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.core.safe_open import read_settings
from errata.fleet import export, keys, manifest
from errata.fleet.manifest import Manifest
from errata.fleet.schema import MANIFEST

_BELOW = 2
"""How deep bundles may be in a folder of bundles."""
_MAGIC = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Source:
    """A repository or a bundle that a person named.

    Attributes:
        service: the name that it has in the fleet; "" for its own.
    """

    path: Path
    service: str = ""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that can be read.

    Attributes:
        source: what a person named, to be shown.
        folder: where it is.
    """

    source: str
    folder: Path
    manifest: Manifest

    def file(self, table: str) -> Path:
        """The file of a table."""
        return self.folder / self.manifest.tables[table].file


@dataclass(slots=True)
class Resolved:
    """What the sources are.

    Attributes:
        problems: one line for each source that is skipped.
    """

    bundles: list[Bundle] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def parse_list(path: Path) -> list[Source]:
    """The sources in a file: TOML if its name says so, else one path per line.

    Raises:
        ErrataError: it cannot be read, or is not such a list.
    """
    try:
        text = read_settings(path).decode()
        if path.suffix == ".toml":
            return _parse_toml(text, path.parent)
    except OSError as error:
        raise ErrataError(f"--manifest: {str(path)!r}: {error.strerror}") from error
    except ValueError as error:
        raise ErrataError(f"--manifest: {str(path)!r}: {error}") from error
    lines = (line.strip() for line in text.splitlines())
    return [Source(path.parent / line) for line in lines if line and not line.startswith("#")]


def _parse_toml(text: str, folder: Path) -> list[Source]:
    """The sources of a manifest. Raises ValueError: it is not one."""
    tables: Any = tomllib.loads(text)
    entries = tables.get("source", [])
    if set(tables) - {"source"} or not isinstance(entries, list):
        raise ValueError('must consist of [[source]] tables with path = "…" and service = "…"')
    sources = []
    for number, entry in enumerate(entries, 1):
        is_valid = isinstance(entry, dict) and {"path"} <= set(entry) <= {"path", "service"}
        if not is_valid or not all(isinstance(value, str) for value in entry.values()):
            raise ValueError(f'source {number}: must have path = "…", and may have service = "…"')
        service = entry.get("service", "")
        sources.append(Source(folder / entry["path"], service and export.checked_name(service)))
    return sources


def find(sources: Sequence[Source], cache: Path) -> Resolved:
    """The bundles that sources are; repositories are exported into the cache.

    A source that cannot be used is named and left out. Of two bundles with one name the one with
    the newest record counts. The order of the sources does not matter.
    """
    resolved = Resolved()
    for source in sorted(set(sources), key=lambda s: (str(s.path), s.service)):
        for path in _expand(source.path, resolved):
            _add(resolved, Source(path, source.service), cache)
    resolved.bundles = _one_each(resolved)
    return resolved


def _expand(path: Path, resolved: Resolved) -> Iterator[Path]:
    if os.path.lexists(path) or not _MAGIC.intersection(str(path)):
        yield path
        return
    # Path.glob takes no absolute pattern.
    matches = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207
    if not matches:
        resolved.problems.append(f"{path}: nothing matches")
    yield from map(Path, matches)


def _add(resolved: Resolved, source: Source, cache: Path) -> None:
    path = source.path
    try:
        if (path / MANIFEST).is_file():
            resolved.bundles.append(_bundle(source))
        elif below := _bundles_below(path):
            for folder in below:
                _add(resolved, Source(folder, source.service), cache)
        else:
            resolved.bundles.append(_exported(source, cache))
    # Whatever is wrong with one of a thousand repositories must not hide the others.
    except Exception as error:
        why = str(error) if isinstance(error, ErrataError) else f"{type(error).__name__}: {error}"
        resolved.problems.append(f"{path}: {' '.join(why.split())}")


def _bundle(source: Source) -> Bundle:
    """The bundle in a folder."""
    described = manifest.read(source.path)
    if source.service not in ("", described.repository):
        raise ErrataError(
            f"the bundle is of {described.repository!r}, not of {source.service!r}",
            "`errata export --service NAME` names a bundle",
        )
    return Bundle(str(source.path), source.path, described)


def _bundles_below(path: Path) -> list[Path]:
    if (path / ".git").exists() or not path.is_dir():
        return []
    patterns = ("/".join(["*"] * depth) + f"/{MANIFEST}" for depth in range(1, _BELOW + 1))
    return sorted(file.parent for pattern in patterns for file in path.glob(pattern))


def _exported(source: Source, cache: Path) -> Bundle:
    """The bundle of a repository, brought up to date in the cache."""
    if not source.path.is_dir():
        raise ErrataError("no such folder", "name a repository, a bundle or a folder of bundles")
    repo = Repository.discover(source.path)
    used = settings.load(repo.root)
    logs = used.logs.by_kind().values()
    if repo.git_dir is None and not any((repo.root / log).is_file() for log in logs):
        raise ErrataError("neither a repository nor a bundle", "`errata export` writes bundles")
    repo.require_work_tree() if repo.git_dir else None
    name = source.service or export.default_name(repo)
    target = cache / "bundles" / keys.digest(str(repo.root.resolve()), name)
    if not export.is_current(repo, used, name, target, with_code=False):
        export.write(export.make(repo, used, name), target)
    return Bundle(str(source.path), target, manifest.read(target))


def _one_each(resolved: Resolved) -> list[Bundle]:
    """One bundle for each name, ordered by name."""
    chosen: dict[str, Bundle] = {}

    def rank(bundle: Bundle) -> tuple[int, int, str]:
        return bundle.manifest.newest, bundle.manifest.records, bundle.manifest.digest

    for bundle in sorted(resolved.bundles, key=rank, reverse=True):
        name = bundle.manifest.repository
        kept = chosen.setdefault(name, bundle)
        if kept.manifest.digest != bundle.manifest.digest:
            resolved.problems.append(
                f"{bundle.source}: {name!r} is also the name of {kept.source}, which is newer "
                "(`errata export --service NAME` gives it another)"
            )
    return [chosen[name] for name in sorted(chosen)]
