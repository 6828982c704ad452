"""``errata who``: whose commit is it, and what says so?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from errata.provenance.commits import Commit
    from errata.provenance.identity import Provenance

_SHOWN = ("role", "model", "session", "feature")


@click.command(name="who")
@click.argument("revisions", nargs=-1, metavar="[COMMIT|RANGE]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text for people, JSON for programs.",
)
def command(revisions: tuple[str, ...], form: str) -> None:
    """Say whose commit each is: an agent's, a person's or a bot's.

    Without arguments: HEAD. Where the evidence is not enough the answer is unknown.
    """
    from errata.core import config, git
    from errata.corrections.attribution import line_attribution
    from errata.provenance.commits import read_revisions
    from errata.provenance.identity import classify, load_rules

    repo = git.Repository.discover()
    rules = load_rules(config.load(repo.root))
    commits = read_revisions(repo, revisions or ("HEAD",))
    book = line_attribution.load(repo)
    answers = [
        (
            commit,
            classify(commit.ident, rules),
            book.lines_by_writer(commit) if book.has_agent_lines(commit) else {},
        )
        for commit in commits
    ]
    if form == "json":
        import json

        click.echo(json.dumps([_data(*answer) for answer in answers], indent=2))
    else:
        for answer in answers:
            click.echo(_text(*answer))


def _subject(commit: Commit) -> str:
    return next(iter(commit.ident.message.strip().splitlines()), "")


def _data(commit: Commit, who: Provenance, lines: dict[str, int]) -> dict[str, Any]:
    person = who.kind in ("person", "unknown")
    return {
        "commit": commit.sha,
        "subject": _subject(commit),
        "author": f"{commit.ident.author_name} <{commit.ident.author_email}>",
        "kind": who.kind,
        "name": commit.ident.author_name if person else who.name,
        "tool": who.tool,
        "role": who.role,
        "model": who.model,
        "session": who.session,
        "feature": who.feature,
        "lines": lines,
        "evidence": list(who.evidence),
    }


def _text(commit: Commit, who: Provenance, shares: dict[str, int]) -> str:
    data = _data(commit, who, shares)
    lines = [f"{commit.sha[:12]} {data['subject']}"]
    named = who.tool or (data["author"] if who.kind in ("person", "unknown") else who.name)
    lines.append(f"  {who.kind}: {named}")
    lines += [f"  {key}: {data[key]}" for key in _SHOWN if data[key]]
    if shares:
        # As the agent's tool told; of equal lines only one is counted.
        lines.append(f"  lines: {', '.join(f'{name} {n}' for name, n in shares.items())}")
    lines += [f"  because: {line}" for line in who.evidence]
    return "\n".join(_printable(line) for line in lines)


def _printable(text: str) -> str:
    """No escape sequence of somebody's commit reaches the terminal."""
    from errata.runbooks.sanitise import terminal

    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return terminal(shown)
