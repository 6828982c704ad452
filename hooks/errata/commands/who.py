"""``errata who``: who made a commit, and the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from errata.commands import options

if TYPE_CHECKING:
    from errata.provenance.commits import Commit
    from errata.provenance.identity import Provenance

_SHOWN = ("role", "model", "session", "feature")


@dataclass(frozen=True, slots=True)
class Answer:
    """Whose commit it is.

    Attributes:
        lines: of a commit with lines by several writers, how many each wrote; otherwise empty.
    """

    commit: Commit
    provenance: Provenance
    lines: Mapping[str, int]

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return next(iter(self.commit.ident.message.strip().splitlines()), "")

    @property
    def author(self) -> str:
        """Name and address."""
        return f"{self.commit.ident.author_name} <{self.commit.ident.author_email}>"

    @property
    def may_be_person(self) -> bool:
        """Whether neither an agent nor a bot is known to have made it."""
        return self.provenance.kind in ("person", "unknown")


@click.command(name="who")
@click.argument("revisions", nargs=-1, metavar="[COMMIT|RANGE]...")
@options.output
def command(revisions: tuple[str, ...], form: str) -> None:
    """Say whose commit each is: an agent's, a person's or a bot's.

    Without arguments: HEAD. If the evidence is not sufficient, the answer is unknown.
    """
    from errata.core import config, git
    from errata.corrections.attribution import mixed_commit_lines
    from errata.provenance.identity import classify, load_rules
    from errata.provenance.revisions import read_revisions

    repo = git.Repository.discover()
    rules = load_rules(config.load(repo.root))
    commits = read_revisions(repo, revisions or ("HEAD",))
    mixed = mixed_commit_lines.load(repo)
    answers = []
    for commit in commits:
        provenance = classify(commit.ident, rules)
        others = "person" if provenance.kind == "person" else "unknown"
        is_mixed = mixed.has_agent_lines(commit)
        lines = mixed.lines_by_writer(commit, others) if is_mixed else {}
        answers.append(Answer(commit, provenance, lines))
    if form == "json":
        import json

        click.echo(json.dumps([_data(answer) for answer in answers], indent=2))
    else:
        for answer in answers:
            click.echo(_text(answer))


def _data(answer: Answer) -> dict[str, Any]:
    provenance = answer.provenance
    return {
        "commit": answer.commit.sha,
        "subject": answer.subject,
        "author": answer.author,
        "kind": provenance.kind,
        "name": answer.commit.ident.author_name if answer.may_be_person else provenance.name,
        "tool": provenance.tool,
        "role": provenance.role,
        "model": provenance.model,
        "session": provenance.session,
        "feature": provenance.feature,
        "lines": dict(answer.lines),
        "evidence": list(provenance.evidence),
    }


def _text(answer: Answer) -> str:
    provenance = answer.provenance
    name = provenance.tool or (answer.author if answer.may_be_person else provenance.name)
    fields = {field: getattr(provenance, field) for field in _SHOWN}
    lines = [
        f"{answer.commit.sha[:12]} {answer.subject}",
        f"  {provenance.kind}: {name}",
        *(f"  {field}: {value}" for field, value in fields.items() if value),
    ]
    if answer.lines:
        # As the agent's tool reported; equal lines count once.
        counts = (f"{writer} {count}" for writer, count in answer.lines.items())
        lines.append(f"  lines: {', '.join(counts)}")
    lines += [f"  because: {line}" for line in provenance.evidence]
    return "\n".join(_printable(line) for line in lines)


def _printable(text: str) -> str:
    """The text without escape sequences."""
    from errata.runbooks.sanitise import terminal

    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return terminal(shown)
