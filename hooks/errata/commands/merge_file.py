"""``errata merge-file``: the merge driver of runbooks and of the promotion log."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from errata.core import atomic
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.runbooks import merge, paths


def _read(path: str) -> bytes:
    try:
        data = paths.read(Path(path))
    except ErrataError as error:
        # Status 1 means a conflict to git, and this is not one.
        raise ErrataError(Exception.__str__(error), error.hint) from error
    if data is None:
        raise ErrataError(f"{path}: no such file", "git passes three files to the driver")
    return data


@click.command("merge-file")
@click.option("--ancestor", required=True, metavar="FILE", help="The common ancestor: git's %O.")
@click.option("--ours", required=True, metavar="FILE", help="Our version, replaced: git's %A.")
@click.option("--theirs", required=True, metavar="FILE", help="Their version: git's %B.")
@click.option("--path", required=True, help="Path in the repository: git's %P.")
def command(ancestor: str, ours: str, theirs: str, path: str) -> int:
    """Merge a runbook or the promotion log; git calls it.

    `errata init` sets it up as a merge driver. What people wrote is merged as git does it; what
    errata wrote is generated again from the logs of both sides. Exits 1, with conflict markers in
    the file, if what people wrote conflicts.
    """
    repo = Repository.discover()
    versions = merge.FileVersions(_read(ancestor), _read(ours), _read(theirs))
    result = merge.merge(repo, path, versions, os.environ)
    try:
        # Git reads the file by name: what a killed driver left there would be the result.
        atomic.write(ours, result.data, durable=False)
    except OSError as error:
        raise ErrataError(f"{ours}: cannot be written: {error.strerror}") from error
    if result.stale_because:
        reason = result.stale_because
        print(f"errata: {path}: not updated: {reason}; run `errata evolve`", file=sys.stderr)
    if not result.clean:
        where = " outside the generated block" if b"<!-- errata:begin" in result.data else ""
        print(f"errata: {path}: conflict{where}", file=sys.stderr)
    return 0 if result.clean else 1
