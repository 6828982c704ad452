"""``errata export``: from the logs of a repository to its bundle."""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from errata.core import atomic
from errata.core.config import CHANCES_LOG, CURATION_LOG, Config
from errata.core.errors import ErrataError, GitError
from errata.core.git import Repository
from errata.core.safe_open import read_regular
from errata.fleet import manifest, parquet
from errata.fleet.collect import Material, rows
from errata.fleet.manifest import BundleError, Manifest, TableFile
from errata.fleet.schema import FORMAT, MANIFEST, WITH_CODE
from errata.lessons import chances_log
from errata.lessons.load import load_corpus
from errata.patterns.analysis import analyse
from errata.patterns.cache import settings_digest
from errata.records import instants, patterns_folder
from errata.runbooks import promotion_log

_TRIES = 3
_DIGITS = 16
LOCK = f".lock{atomic.SUFFIX}"
"""Named like a temporary file: a killed process may leave it."""
WAIT = 30.0
"""Seconds to wait for another process that writes the same bundle."""
_ON_HOST = re.compile(r"(?:(?:https?|ssh|git)://[^/]+/|[^/\\:]{2,}:(?!/))(?P<path>.+)")
"""A remote on another machine: a URL, or ``host:path``."""
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_FOLDER = re.compile(rf"[0-9a-f]{{{_DIGITS}}}(\.new)?\Z")


@dataclass(frozen=True)
class Bundle:
    """The bytes of a bundle that is not written yet."""

    manifest: Manifest
    files: dict[str, bytes]


def default_name(repo: Repository) -> str:
    """The name of a repository: that of its remote with its owner, else that of its folder.

    Two teams may both have a repository ``api``, so ``git@host:team/api.git`` is ``team/api``. Of
    a remote on this machine, only the last folder says something to others.
    """
    url = ""
    if repo.git_dir is not None:
        with contextlib.suppress(GitError):
            url = repo.git("config", "--get", "remote.origin.url", ok=(0, 1)).decode(
                "utf-8", "replace"
            )
    url = url.strip().rstrip("/").removesuffix(".git")
    on_host = _ON_HOST.match(url)
    texts = on_host["path"].split("/")[-2:] if on_host else re.split(r"[/\\:]", url)[-1:]
    names = [_NO_NAME.sub("-", text).strip("-._")[:50] for text in texts]
    for name in ("/".join(filter(None, names)), _NO_NAME.sub("-", repo.root.name).strip("-._")):
        if manifest.NAME.match(name[:100]):
            return name[:100]
    return "repository"


def checked_name(name: str) -> str:
    """The name that a person gave. Raises ErrataError: it cannot be one."""
    if not manifest.NAME.match(name):
        raise ErrataError(
            f"--service: {name!r} cannot name a repository",
            "use letters, digits, dots, underscores, hyphens and slashes, at most 100",
        )
    return name


def digest_of(repo: Repository, config: Config, name: str, *, with_code: bool) -> str:
    """A digest of all that a bundle is a function of: the logs, the settings and this errata.

    Raises:
        LogError: a log cannot be read.
    """
    settings = repr((FORMAT, name, with_code, config, settings_digest(config)))
    hashed = hashlib.sha256(settings.encode("utf-8", "surrogatepass"))
    for part in _inputs(repo, config):
        hashed.update(len(part).to_bytes(8, "little") + part)
    return hashed.hexdigest()


def _inputs(repo: Repository, config: Config) -> Iterator[bytes]:
    for path in config.logs.by_kind().values():
        with contextlib.suppress(OSError):
            yield path.encode() + b"\0" + read_regular(repo.root / path)
    for name in (CHANCES_LOG, CURATION_LOG):
        yield name.encode() + b"\0" + patterns_folder.read(repo.root, config, name)
    yield promotion_log.read(repo.root, config)


def make(repo: Repository, config: Config, name: str, *, with_code: bool = False) -> Bundle:
    """The bundle of a repository, not written.

    Raises:
        ErrataError: a log cannot be read, or is written to all the time.
    """
    for _ in range(_TRIES):
        digest = digest_of(repo, config, name, with_code=with_code)
        bundle = _make(repo, config, name, digest, with_code=with_code)
        if digest_of(repo, config, name, with_code=with_code) == digest:
            return bundle
    raise ErrataError("the logs change while they are read", "try again")


def _make(repo: Repository, config: Config, name: str, digest: str, *, with_code: bool) -> Bundle:
    corpus = load_corpus(repo, config, with_outbox=False)
    newest = corpus.newest_until(instants.END)
    line, _ = chances_log.parse(chances_log.read(repo.root, config))
    events, _ = promotion_log.parse(promotion_log.read(repo.root, config))
    analysis = None if newest is None else analyse(corpus, config, newest, ahead=0)
    material = Material(name, corpus, analysis, line, tuple(events), with_code)
    tables, files = {}, {}
    table_rows = rows(material)
    for table in WITH_CODE:
        if table.name not in table_rows:
            continue
        data = parquet.encode(table, table_rows[table.name])
        path = f"{digest[:_DIGITS]}/{table.name}.parquet"
        files[path] = data
        tables[table.name] = TableFile(
            file=path,
            rows=len(table_rows[table.name]),
            bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            columns=table.names,
        )
    described = Manifest(
        format=FORMAT,
        repository=name,
        digest=digest,
        newest=newest or 0,
        counted=line.when if line else 0,
        code=with_code,
        tables=tables,
    )
    return Bundle(described, files)


def is_current(
    repo: Repository, config: Config, name: str, target: Path, *, with_code: bool
) -> bool:
    """Whether a folder holds the bundle of the logs as they are."""
    known = _held_by(target)
    return known is not None and known.digest == digest_of(repo, config, name, with_code=with_code)


def _held_by(target: Path) -> Manifest | None:
    """The manifest of the bundle in a folder; None if there is none, or it is damaged."""
    try:
        known = manifest.read(target)
        manifest.check_files(target, known, list(known.tables))
    except BundleError:
        return None
    return known


def write(bundle: Bundle, target: Path) -> None:
    """Write a bundle into a folder, in the place of an older one.

    A kill at any instant leaves the old bundle or the new one; what else it leaves, the next call
    removes. Of several processes that write it at once, the last one's bundle is left.

    Raises:
        ErrataError: the folder holds something else, or cannot be written.
    """
    _check_target(target)
    try:
        atomic.make_folder(target)
        with _locked(target):
            # Another process may have written it meanwhile.
            if _held_by(target) != bundle.manifest:
                _write(bundle, target)
    except OSError as error:
        raise ErrataError(f"{str(target)!r} cannot be written: {error.strerror}") from error


@contextlib.contextmanager
def _locked(target: Path) -> Iterator[None]:
    """Keep other processes from writing into a folder."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(atomic.exclusive_lock(target / LOCK, WAIT, remove=True))
        except TimeoutError:
            raise
        except OSError:
            # A file system without locks. If it cannot be written to, the first write says so.
            pass
        yield


def _write(bundle: Bundle, target: Path) -> None:
    final = target / bundle.manifest.digest[:_DIGITS]
    fresh = final.with_name(f"{final.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for path, data in bundle.files.items():
        atomic.write(fresh / Path(path).name, data)
    shutil.rmtree(final, ignore_errors=True)
    fresh.rename(final)
    atomic.sync_folder(target)
    atomic.write(target / MANIFEST, manifest.encode(bundle.manifest))
    _remove_old(target, final.name)


def _check_target(target: Path) -> None:
    """Refuse a folder that holds anything but a bundle, so that nothing of it is removed."""
    if not target.exists():
        return
    if not target.is_dir():
        raise ErrataError(f"{str(target)!r} is not a folder", "name another one with -o DIR")
    others = [
        path.name
        for path in target.iterdir()
        if path.name != MANIFEST
        and not _FOLDER.match(path.name)
        and not path.name.endswith(atomic.SUFFIX)
    ]
    if others:
        raise ErrataError(
            f"{str(target)!r} holds other files, such as {min(others)!r}",
            "name an empty folder with -o DIR",
        )


def _remove_old(target: Path, keep: str) -> None:
    for path in target.iterdir():
        if _FOLDER.match(path.name) and path.name != keep:
            shutil.rmtree(path, ignore_errors=True)
