"""Programs that a repository's configuration, attributes or history name: git would run them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import entry_points
import pytest
from entry_points import Entry

from conftest import Repo

MISSING = "dead" * 10
ATTRIBUTES = "*.py diff=evil filter=evil merge=evil\n*.md diff=evil filter=evil merge=evil\n"


@dataclass(frozen=True)
class Setting:
    """One way to have a program run.

    Attributes:
        keys: of git's configuration, which get the program as their value.
        control: what a person might type that makes git run it.
        more: other keys that it takes; ``{url}`` is an address that runs the program.
        stdin: for the control.
        before: a shell line that prepares the control.
    """

    keys: Sequence[str]
    control: Sequence[str]
    more: dict[str, str] = field(default_factory=dict)
    stdin: str = ""
    before: str = ""


_DIRTY = "echo x >> api.py"
SETTINGS = {
    "diff.external": Setting(["diff.external"], ["diff", "HEAD~1"]),
    "diff driver": Setting(["diff.evil.command"], ["diff", "HEAD~1"]),
    "textconv": Setting(["diff.evil.textconv"], ["log", "-p", "-2"]),
    "clean filter": Setting(["filter.evil.clean"], ["add", "api.py"], before=_DIRTY),
    "smudge filter": Setting(["filter.evil.smudge"], ["cat-file", "--filters", "HEAD:api.py"]),
    "filter process": Setting(["filter.evil.process"], ["cat-file", "--filters", "HEAD:api.py"]),
    "fsmonitor": Setting(["core.fsmonitor"], ["status"]),
    "pager": Setting(["core.pager", "pager.log"], ["--paginate", "log", "-1"]),
    "editor": Setting(["core.editor"], ["commit", "--amend"]),
    "signature": Setting(["gpg.program"], ["log", "-1"], {"log.showSignature": "true"}),
    "alias": Setting(["alias.evil"], ["evil"]),
    "merge driver": Setting(
        ["merge.evil.driver"], ["revert", "-n", "HEAD~1"], before="git stash -q"
    ),
    "ssh": Setting(["core.sshCommand"], ["ls-remote", "ssh://example.invalid/x"]),
    "proxy": Setting(["core.gitProxy"], ["ls-remote", "git://example.invalid/x"]),
    "credentials": Setting(["credential.helper"], ["credential", "fill"], stdin="url=https://x\n"),
    "trailer": Setting(
        ["trailer.Agent.command"], ["interpret-trailers", "--trailer", "Agent=x"], stdin="x\n"
    ),
    "trailer cmd": Setting(
        ["trailer.Corrects.cmd"], ["interpret-trailers", "--trailer", "Corrects=x"], stdin="x\n"
    ),
    "diff filter": Setting(["interactive.diffFilter"], ["add", "-p"], stdin="q\n", before=_DIRTY),
    "upload pack": Setting(
        ["remote.origin.uploadpack"],
        ["cat-file", "-t", MISSING],
        {
            "core.repositoryFormatVersion": "1",
            "extensions.partialClone": "origin",
            "remote.origin.promisor": "true",
            "remote.origin.url": "{here}",
        },
    ),
    "ext": Setting(
        [],
        ["ls-remote", "https://example.invalid/x"],
        {"protocol.ext.allow": "always", "url.{ext}.insteadOf": "https://example.invalid/"},
    ),
    "ask pass": Setting(["core.askPass"], ["credential", "fill"], stdin="url=https://x\n"),
}
# These come before others of the table where all are set.
_FIRST = ("diff.external", "diff driver", "filter process")
SOURCES = ("ssh://example.invalid/x", "git://example.invalid/x", "https://example.invalid/x")


class Markers:
    """The programs, each of which leaves a file with its name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def program(self, name: str) -> str:
        """A command for the shell; what is put behind it does not count."""
        script = self.folder.parent / f"run-{name.replace(' ', '-')}"
        script.write_text(f"#!/bin/sh\ntouch '{self.folder}/{name}'\n")
        script.chmod(0o755)
        return str(script)

    def found(self) -> set[str]:
        """Which of them were run."""
        return {file.name for file in self.folder.iterdir()}

    def config(self, name: str, root: Path) -> Iterator[tuple[str, str]]:
        """The keys of a setting and their values."""
        setting, program = SETTINGS[name], self.program(name)
        for key in setting.keys:
            yield key, f"!{program}" if key.startswith(("alias.", "credential.")) else program
        for key, value in setting.more.items():
            yield key.format(ext=f"ext::{program} %S "), value.format(here=root)


@pytest.fixture
def markers(tmp_path: Path) -> Markers:
    return Markers(tmp_path / "markers")


@pytest.fixture
def signed(target: Repo) -> Repo:
    """The repository with attributes that name drivers, a signature, and a record to look up."""
    target.write(".git/info/attributes", ATTRIBUTES)
    head, _, message = target.git("cat-file", "commit", "HEAD").partition("\n\n")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n AAAA\n -----END PGP SIGNATURE-----"
    target.write(".git/signed", f"{head}\n{signature}\n\n{message}\n")
    sha = target.git("hash-object", "-t", "commit", "-w", ".git/signed")
    target.git("update-ref", "HEAD", sha)
    log = target.root / ".git/errata/outbox.jsonl"
    log.write_text(log.read_text().replace(_commit_of(log.read_text()), MISSING))
    return target


def _commit_of(text: str) -> str:
    return text.partition('"commit":"')[2][:40]


@pytest.mark.parametrize("name", SETTINGS)
def test_control_git_runs_it(signed: Repo, markers: Markers, name: str) -> None:
    setting = SETTINGS[name]
    for key, value in markers.config(name, signed.root):
        signed.git("config", key, value)
    assert not markers.found()
    subprocess.run(["sh", "-c", setting.before or ":"], cwd=signed.root, check=True)
    # A terminal, for a pager is run for nothing else.
    terminal, child = os.openpty()
    try:
        subprocess.run(
            ["git", *setting.control],
            cwd=signed.root,
            # Git filters a diff only for a terminal that has colours.
            env={**os.environ, "TERM": "xterm"},
            input=setting.stdin.encode(),
            stdout=child,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=30,
        )
    finally:
        os.close(terminal)
        os.close(child)
    assert name in markers.found()


@pytest.mark.parametrize("without", [(), _FIRST], ids=["everything", "what is left"])
def test_programs_of_the_configuration(
    signed: Repo, markers: Markers, without: tuple[str, ...], record_property: Any
) -> None:
    names = [name for name in SETTINGS if name not in without]
    pairs = [pair for name in names for pair in markers.config(name, signed.root)]
    # In a file that is included: as good as in the configuration itself.
    for key, value in pairs:
        signed.git("config", "--file", str(markers.folder.parent / "included"), key, value)
    signed.git("config", "include.path", str(markers.folder.parent / "included"))
    signed.git("config", "core.repositoryFormatVersion", "1")
    signed.git("config", "extensions.partialClone", "origin")
    hooks = markers.folder.parent / "hooks"
    hooks.mkdir()
    for hook in ("post-index-change", "reference-transaction", "post-checkout", "pre-commit"):
        (hooks / hook).symlink_to(markers.program(f"hook {hook}"))
    signed.git("config", "core.hooksPath", str(hooks))
    assert not markers.found()
    calls = everything(signed.root)
    for entry in calls:
        entry_points.run(entry, signed.root)
        assert markers.found() == set(), f"{entry.name} has git run a program"
    record_property("variants", len(names) * len(calls))


def everything(root: Path) -> list[Entry]:
    """All calls, also those that the other tests have no need of."""
    external = {"GIT_EXTERNAL_DIFF": str(root.parent / "run-diff.external")}
    return [
        *entry_points.reading(),
        *(Entry(f"init {url}", ("init", "--dry-run", "--source", url)) for url in SOURCES),
        Entry("explain", ("explain", "cor-"), env=external),
        Entry("backfill", ("backfill", "--dry-run"), env=external),
        *entry_points.writing(root),
    ]
