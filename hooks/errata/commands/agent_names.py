"""What to say about the name of an agent that nobody here has."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

import click

from errata.commands.screen import plural, safe
from errata.core.config import EVERYONE, Config
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.core.near_names import near
from errata.patterns.corpus import Corpus
from errata.patterns.route import Router
from errata.setup.roles import is_role
from errata.skills.context import agents_with_runbook

_SHOWN = 5


def not_corrected(agent: str | None, corrected: Iterable[str]) -> str:
    """A sentence if no correction is of this agent, but of these; else ""."""
    others = {*filter(None, corrected)}
    if agent is None or agent in others or not others:
        return ""
    return f"No correction is of {_quoted(agent)}; there are some of {_listed(agent, others)}."


def unknown(agent: str | None, repo: Repository, config: Config, corpus: Corpus) -> str:
    """A sentence if no agent is known by this name; else ""."""
    if agent is None or agent == EVERYONE:
        return ""
    here, named = {*_here(repo, config, corpus)}, Router(config).named
    if agent in here or agent in named:
        return ""
    with contextlib.suppress(ErrataError):
        if is_role(repo, agent):
            return ""
    # Most of what errata knows by itself is nobody here, but somebody may mean it.
    others = here.union(near(agent, named))
    listed = f"; there are {_listed(agent, others)}" if others else ""
    return f"No agent here is called {_quoted(agent)} so far{listed}."


def warn(sentence: str) -> None:
    """Print a sentence, if there is one, where it does not mix with output for programs."""
    if sentence:
        click.echo(f"errata: {sentence[0].lower()}{sentence[1:].rstrip('.')}", err=True)


def _here(repo: Repository, config: Config, corpus: Corpus) -> Iterator[str]:
    """The agents that the logs, runbooks or decisions of a repository name."""
    for facets in corpus.occurrences.facets:
        yield from filter(None, (facets.agent, *facets.affected))
    yield from agents_with_runbook(repo, config)
    yield from filter(None, (decision.agent for decision in corpus.curation.in_effect))


def _listed(agent: str, others: set[str]) -> str:
    """Some of these names, those most like the other one first."""
    names = [*dict.fromkeys((*near(agent, others), *sorted(others)))]
    shown = [safe(name) for name in names[:_SHOWN]]
    if more := len(names) - len(shown):
        shown.append(plural(more, "other agent"))
    *first, last = shown
    return f"{', '.join(first)} and {last}" if first else last


def _quoted(agent: str) -> str:
    return repr(safe(agent[:100]))
