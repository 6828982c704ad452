"""``errata who``: who made a commit, and the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from errata.commands import complete, options

if TYPE_CHECKING:
    from errata.provenance.commits import Commit
    from errata.provenance.identity import Provenance

_SHOWN = ("role", "model", "session", "feature")


@dataclass(frozen=True, slots=True)
class Answer:
    """Whose commit it is.

    Attributes:
        lines: of a commit whose lines are known one by one, how many each wrote; otherwise empty.
        lines_source: what told of the lines, or "".
    """

    commit: Commit
    provenance: Provenance
    lines: Mapping[str, int]
    lines_source: str

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
@click.argument(
    "revisions", nargs=-1, metavar="[COMMIT|RANGE]...", shell_complete=complete.revisions
)
@options.output
def command(revisions: tuple[str, ...], form: str) -> None:
    """Say whose commit each is: an agent's, a person's or a bot's.

    Without arguments: HEAD. If the evidence is not sufficient, the answer is unknown.
    """
    from errata.commands import place
    from errata.corrections.commit_classifier import CommitClassifier
    from errata.provenance.revisions import read_revisions

    repo, settings = place.with_commits()
    classifier = CommitClassifier(settings, repo)
    commits = read_revisions(repo, revisions or ("HEAD",))
    classifier.prefetch(commits, diffs=True)
    answers = [
        Answer(commit, classifier.classify(commit), *classifier.lines_by_writer(commit))
        for commit in commits
    ]
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
        "source": provenance.source,
        "lines": dict(answer.lines),
        "lines_source": answer.lines_source,
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
        counts = (f"{writer} {count}" for writer, count in answer.lines.items())
        lines.append(f"  lines: {', '.join(counts)} ({answer.lines_source})")
    if provenance.source:
        lines.append(f"  source: {provenance.source}")
    lines += [f"  because: {line}" for line in provenance.evidence]
    return "\n".join(_printable(line) for line in lines)


def _printable(text: str) -> str:
    """The text without escape sequences."""
    from errata.runbooks.sanitise import terminal

    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return terminal(shown)
