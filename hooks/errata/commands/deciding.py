"""Shared by the commands that decide: check, write, and say what is different."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from errata.core.errors import ErrataError
from errata.records.model import CorrectionType

if TYPE_CHECKING:
    from errata.core.config import Config
    from errata.core.git import Repository
    from errata.curation.effects import Standings
    from errata.curation.lookup import Known
    from errata.patterns.corpus import Corpus
    from errata.records.curation_log import Author, Decision

F = TypeVar("F", bound=Callable[..., Any])
_DONE = {
    "accept": "accepted",
    "reject": "rejected",
    "teach": "taught",
    "rename": "renamed",
    "merge": "merged",
    "dismiss": "dismissed",
    "pin": "pinned",
    "confirm": "confirmed",
    "undo": "undone:",
}


def why(function: F) -> F:
    """The option ``--why``."""
    return click.option("--why", metavar="TEXT", help="The reason, in one line.")(function)


def kind(function: F) -> F:
    """The option ``--type``, which gives the parameter ``kind``."""
    return click.option(
        "--type",
        "kind",
        type=click.Choice([kind.value for kind in CorrectionType]),
        help="Their type, in place of the one that errata chose.",
    )(function)


def json_from(function: F) -> F:
    """The option ``--json FILE``."""
    return click.option(
        "--json",
        "source",
        type=click.File("rb"),
        help="Read decisions from this file (-: standard input) instead: a JSON object, a list of "
        "objects, or one a line. All are taken, or none.",
    )(function)


def names(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The ids of decisions, for a shell to complete."""
    from errata.commands import place
    from errata.records.curation import Curation

    del ctx
    try:
        curation = Curation.read(*place.with_logs())
    except (ErrataError, OSError):
        return []
    return [d.id for d in reversed(curation.decisions) if d.id.startswith(incomplete)]


@dataclass
class Desk:
    """A repository, what is known there, and who is at the keyboard."""

    repo: Repository
    config: Config
    known: Known
    standings: Standings
    by: Author

    @property
    def is_proposal(self) -> bool:
        """Whether what is decided here waits for a person."""
        return self.by.kind == "agent" and self.config.curation.agents != "trusted"

    def waits(self, content: Mapping[str, Any]) -> bool:
        """Whether it changes nothing yet; an agent may take back what it proposed itself."""
        from errata.records.standing import Standing

        if content["action"] == "undo":
            other = self.known.decision(content["of"])
            is_own = other.by == self.by
            return self.is_proposal and not (
                is_own and self.known.curation.standing(other) is Standing.PROPOSED
            )
        return self.is_proposal

    def describe(self, content: Mapping[str, Any]) -> str:
        """What was decided or proposed, as a sentence."""
        from errata.curation import effects

        if self.waits(content):
            return f"Proposed by {self.by.name}: {effects.summary(content, self.known)}."
        return done(content, self.known)

    def write(self, contents: Sequence[Mapping[str, Any]]) -> list[Decision]:
        """Write decisions, and return them; first, log the corrections that they need.

        Raises:
            RecordError, LogError: one is not valid, or a log cannot be written.
            ErrataError: the clone lacks the commit of a correction that is in no log, or an agent
                confirms.
        """
        from errata.commands.progress import progress
        from errata.curation import effects
        from errata.records import curation_log, instants
        from errata.state import outbox

        if self.is_proposal and any(content["action"] == "confirm" for content in contents):
            raise ErrataError(
                f"{self.by.name} is an agent: only a person can confirm", "`errata review` asks one"
            )
        with progress("Looking at commits"):
            unlogged = [] if self.is_proposal else effects.unlogged(contents, self.known)

        def log() -> None:
            outbox.add(self.repo, self.config, unlogged, direct=True, rejected_too=True)

        return curation_log.append_decisions(
            self.repo, self.config, self.by, contents, now=instants.clock(), before=log
        )


def open_desk() -> Desk:
    """The repository of the current directory, for somebody who decides."""
    from errata.commands import place
    from errata.core import git
    from errata.curation.lookup import Known
    from errata.lessons.load import load_corpus
    from errata.records import curation_log
    from errata.runbooks import promotion_log

    repo, config = place.with_logs()
    corpus = load_corpus(repo, config)
    standings = promotion_log.load(repo.root, config)

    def commit_of(word: str) -> str:
        if not repo.git_dir or "\0" in word:
            return ""
        revision = f"{word}^{{commit}}"
        status, out = git.run_status("rev-parse", "--verify", "-q", revision, cwd=repo.root)
        return "" if status else out.decode().strip()

    def look_at(commit: str, others: bytearray) -> Sequence[Mapping[str, Any]]:
        from errata.curation import uncaptured

        return uncaptured.records(repo, config, commit, others)

    known = Known(corpus, standings, commit_of, look_at)
    return Desk(repo, config, known, standings, curation_log.author(repo, os.environ))


def decide(action: str, *given: Mapping[str, Any], source: IO[bytes] | None = None) -> None:
    """Decide what the options say, or what a JSON document says, and print what is different.

    Args:
        given: the options of each decision.

    Raises:
        ErrataError: something is not valid; nothing was decided.
    """
    from errata.curation import contents, documents

    if source is None:
        desk = open_desk()
        chosen = (
            {
                name: value
                for name, value in each.items()
                if value not in (None, "", [], ()) or (value == "" and name in contents.NAMES)
            }
            for each in given
        )
        decide_at(desk, [contents.content(desk.known, action, each) for each in chosen])
        return
    _refuse_other_options()
    name = "stdin" if source.name == "<stdin>" else source.name
    data, desk = source.read(), open_desk()
    try:
        decisions = documents.read(desk.known, action, data, name)
    except documents.DecisionErrors as error:
        for line in error.lines:
            click.echo(f"errata: {line}", err=True)
        raise
    decide_at(desk, decisions)


def decide_at(desk: Desk, decisions: Sequence[Mapping[str, Any]]) -> None:
    """Write checked decisions, and print what is different."""
    from errata.commands.screen import Screen, sentence
    from errata.curation import contents
    from errata.lessons.load import load_corpus

    screen = Screen()
    decisions = [content for each in decisions for content in contents.one_by_one(desk.known, each)]
    written = desk.write(decisions)
    after = load_corpus(desk.repo, desk.config)
    for content, decision in zip(decisions, written, strict=True):
        screen.line(desk.describe(content))
        if desk.waits(content):
            screen.line(
                f"  Nothing changes until a person confirms it: `errata review`, or `errata "
                f"patterns confirm {decision.id}`. Take it back: `errata undo {decision.id}`."
            )
            for text in _lacking(content, desk):
                screen.line(f"  {sentence(text)}.")
            continue
        changes = [sentence(text) for text in _changes(content, desk, after)]
        take_back = f"Undo it: `errata undo {decision.id}`."
        screen.line("  " + ". ".join([*changes, take_back]))
    _warn_of_agents(desk, decisions)


def _warn_of_agents(desk: Desk, decisions: Sequence[Mapping[str, Any]]) -> None:
    """Say which agents nobody has heard of: they may be new, or misspelt."""
    from errata.commands import agent_names

    for agent in dict.fromkeys(content.get("agent") or None for content in decisions):
        agent_names.warn(agent_names.unknown(agent, desk.repo, desk.config, desk.known.corpus))


def done(content: Mapping[str, Any], known: Known) -> str:
    """What was decided, as a sentence: ``Taught no-prints with cor-... "subject".``"""
    from errata.commands.screen import sentence
    from errata.curation import effects

    verb, _, rest = effects.summary(content, known).partition(" ")
    return f"{sentence(_DONE[verb])} {rest}."


def _changes(content: Mapping[str, Any], desk: Desk, after: Corpus) -> list[str]:
    from errata.curation import effects

    changes = [*effects.consequences(content, desk.known, desk.standings, after)]
    lacking = _lacking(content, desk)
    return lacking if lacking and content["action"] == "pin" else [*changes, *lacking]


def _lacking(content: Mapping[str, Any], desk: Desk) -> list[str]:
    """What a decision that pins or teaches a pattern lacks to have an effect."""
    name = content.get("pattern", "")
    says = content.get("description") or content.get("instead")
    if content["action"] not in ("pin", "teach") or says or name in described(desk):
        return []
    return [
        "it has no description, without which nothing is taught: "
        f"`errata teach --pattern {name} --instead TEXT`"
    ]


def described(desk: Desk) -> frozenset[str]:
    """The names of the patterns that have a description, without which nothing is taught."""
    from errata.patterns.analysis import analyse
    from errata.records import instants

    patterns = analyse(desk.known.corpus, desk.config, instants.clock()).patterns
    return frozenset(name for name, pattern in patterns.items() if pattern.description)


def _refuse_other_options() -> None:
    """Refuse options next to --json, which would be ignored."""
    ctx = click.get_current_context()
    for param in ctx.command.params:
        from_line = ctx.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE
        if from_line and param.name != "source" and ctx.params.get(param.name or ""):
            raise ErrataError(
                f"nothing was decided: {param.opts[0]} together with --json", "put it in the JSON"
            )
