"""Values that a shell completes: names of patterns and agents, ids, revisions.

Each function has the signature that click wants of ``shell_complete``, and answers with nothing if
there is any problem: a shell shows errors in the middle of the line that is being typed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import TYPE_CHECKING

import click

from errata.core.errors import ErrataError

if TYPE_CHECKING:
    from errata.core.config import Config
    from errata.core.git import Repository
    from errata.patterns.corpus import Corpus

Complete = Callable[[click.Context, click.Parameter, str], list[str]]


def _completer(names: Callable[[], Iterable[str]]) -> Complete:
    @wraps(names)
    def complete(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
        with contextlib.suppress(ErrataError, OSError):
            return sorted({name for name in names() if name.startswith(incomplete)})
        return []

    return complete


@_completer
def patterns() -> Iterable[str]:
    """The names of all patterns."""
    return filter(None, _corpus()[2].occurrences.patterns)


@_completer
def explainable() -> Iterator[str]:
    """The names of all patterns and the ids of all corrections."""
    corpus = _corpus()[2]
    yield from filter(None, corpus.occurrences.patterns)
    yield from _ids(corpus)


@_completer
def outcomes() -> Iterable[str]:
    """The lessons and rules of which it is counted what became of them."""
    from errata.commands import place
    from errata.lessons.chances import Chances

    repo, config = place.with_logs()
    return Chances.read(repo.root, config).outcomes


@_completer
def corrections() -> Iterable[str]:
    """The ids of all corrections."""
    return _ids(_corpus()[2])


@_completer
def agents() -> Iterator[str]:
    """The agents that were corrected or have a runbook."""
    from errata.core.config import AGENT_NAME

    repo, config, corpus = _corpus()
    runbooks = (repo.root / config.paths.runbooks).glob("*/RUNBOOK.md")
    names = {path.parent.name for path in runbooks}
    names.update(facets.agent for facets in corpus.occurrences.facets)
    yield from filter(AGENT_NAME.match, names)


@_completer
def revisions() -> Iterable[str]:
    """Branches and tags."""
    from errata.core.git import Repository

    names = Repository.discover().git("for-each-ref", "--format=%(refname:short)")
    return names.decode("utf-8", "replace").split()


def commands(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The commands below the ones that are typed already."""
    context = ctx.find_root()
    for word in ctx.params.get("words") or ():
        group = context.command
        below = group.get_command(context, word) if isinstance(group, click.Group) else None
        if below is None:
            return []
        context = click.Context(below, info_name=word, parent=context)
    group = context.command
    names = group.list_commands(context) if isinstance(group, click.Group) else []
    return [name for name in names if name.startswith(incomplete)]


def _corpus() -> tuple[Repository, Config, Corpus]:
    from errata.core.config import load
    from errata.core.git import Repository
    from errata.lessons.load import load_corpus

    repo = Repository.discover()
    config = load(repo.root)
    return repo, config, load_corpus(repo, config, write=False)


def _ids(corpus: Corpus) -> Iterator[str]:
    scoped = (id.partition(":") for id in corpus.occurrences.ids)
    return (id for kind, _, id in scoped if kind == "correction")
