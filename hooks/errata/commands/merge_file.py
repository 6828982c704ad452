"""``errata merge-file``: the merge driver of runbooks and of the promotion log."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from errata.core import atomic
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.runbooks import merge, store


def _read(path: str) -> bytes:
    try:
        data = store.read(Path(path))
    except ErrataError as error:
        # Status 1 is git's word for a conflict, and this is none.
        raise ErrataError(Exception.__str__(error), error.hint) from error
    if data is None:
        raise ErrataError(f"{path}: no such file", "git gives the driver three files")
    return data


@click.command("merge-file")
@click.option("--ancestor", required=True, metavar="FILE", help="The common ancestor: git's %O.")
@click.option("--ours", required=True, metavar="FILE", help="Our version, replaced: git's %A.")
@click.option("--theirs", required=True, metavar="FILE", help="Their version: git's %B.")
@click.option("--path", required=True, help="Path in the repository: git's %P.")
def command(ancestor: str, ours: str, theirs: str, path: str) -> int:
    """Merge a runbook or the promotion log; git calls it.

    It is the merge driver that `errata init` sets up. What people wrote is merged as git does it;
    what errata wrote is made again from the logs of both sides. Exits 1, with git's marks in the
    file, where people's text conflicts.
    """
    repo = Repository.discover()
    three = merge.Three(_read(ancestor), _read(ours), _read(theirs))
    done = merge.merge(repo, path, three, os.environ)
    try:
        # Git reads it by its name, and takes what a driver that died had left there for its result.
        atomic.write(ours, done.data, durable=False)
    except OSError as error:
        raise ErrataError(f"{ours}: cannot be written: {error.strerror}") from error
    if done.behind:
        said = f"{path}: not evolved here: {done.behind}; `errata evolve` brings it up to date"
        print(f"errata: {said}", file=sys.stderr)
    if not done.clean:
        where = " outside the generated block" if b"<!-- errata:begin" in done.data else ""
        print(f"errata: {path}: a conflict{where}", file=sys.stderr)
    return 0 if done.clean else 1
