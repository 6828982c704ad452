"""The part of ``errata explain`` that is about one correction: why it counts, what it changed."""

from __future__ import annotations

import re
from typing import Any

from errata import rules
from errata.commands import screen as ui
from errata.commands.screen import Screen, safe
from errata.core.config import Config
from errata.core.errors import ErrataError, GitError
from errata.core.git import Repository, environment
from errata.corrections.attribution.git_log import DIFF_OPTIONS
from errata.records.instants import day
from errata.runbooks import evolve
from errata.state import outbox

_LINES = 40
# A record may name anything; only an id is looked up.
_SHA = re.compile(r"[0-9a-f]{7,64}\Z")


def show(id: str, form: str) -> None:
    """Explain the correction with this id (or the beginning of one).

    Raises:
        ErrataError: there is none, or several begin so.
    """
    repo = Repository.discover()
    from errata.core.config import load

    config = load(repo.root)
    record = outbox.find(repo, config, id)
    if record is None:
        raise ErrataError(
            f"no correction {safe(id)!r}, or more than one",
            "the hook prints ids, and the corrections log holds them",
        )
    if form == "json":
        ui.print_json(
            {
                **record,
                "explanation": _evidence(record),
                "prevention": _prevention(record, repo, config),
            }
        )
        return
    _text(Screen(), dict(record), repo, config)


def _text(screen: Screen, record: dict[str, Any], repo: Repository, config: Config) -> None:
    screen.title(f"CORRECTION: {safe(record['id'])}")
    action, reply = record["ai_action"], record["user_correction"]
    screen.line(f"Agent: {safe(record['agent'])}")
    for label, part in (("Agent's commit", action), ("Corrected by", reply)):
        screen.line(f"{label}: {_commit(repo, part)}")
    screen.line(f"Files: {safe(', '.join(reply.get('files') or [action.get('file') or '?']))}")
    screen.line(
        f"Type: {safe(record['correction_type'])} ({safe(record.get('severity') or 'medium')})"
    )
    named = record.get("pattern_inferred")
    sure = record.get("pattern_confidence") or "not said"
    screen.line(
        f"Pattern: {safe(named)} (sureness: {safe(sure)})" if named else "Pattern: none recognised"
    )
    screen.line()
    evidence = _evidence(record)
    screen.line("WHY IT COUNTS:", bold=True)
    spoken = record.get("source") == "explicit"
    if not evidence:
        source = safe(record.get("source") or "?")
        screen.line(f"  Logged as an {source} correction, not derived from a commit.")
    for one in evidence:
        screen.line(f"  {one['weight']:+5.2f}  {safe(one['name']):<22} {one['says']}".rstrip())
    if evidence and spoken:
        screen.line(
            f"  probability {_number(record.get('score'))}; the strongest terms of the message"
        )
    elif evidence:
        total = sum(one["weight"] for one in evidence)
        screen.line(
            f"  {total:+5.2f}  sum; it counts from {rules.load('evidence')['threshold']:+.2f} on"
        )
    screen.line()
    screen.line("WHAT WOULD HAVE PREVENTED IT:", bold=True)
    screen.line(f"  {_prevention(record, repo, config)}")
    _diff(screen, record, repo)


def _commit(repo: Repository, part: dict[str, Any]) -> str:
    """A commit in one line, from git if it is still there, else from the record."""
    sha = str(part.get("commit") or "")
    if _SHA.match(sha) and repo.git_dir:
        import git

        try:
            # A path is a path, also one with "$" in it.
            with git.Repo(repo.root, expand_vars=False) as reader:
                # Else it would fetch a missing object by whatever program this clone names.
                reader.git.update_environment(**environment())
                commit = reader.commit(sha)
                when = commit.authored_datetime.date().isoformat()
                summary = commit.summary
            text = summary if isinstance(summary, str) else summary.decode("utf-8", "replace")
            return f'{sha[:12]} {when} "{safe(text)}"'
        except (git.GitError, git.ODBError, ValueError, OSError):
            pass
    said = str(part.get("summary") or "")
    return safe(" ".join(word for word in (sha[:12], said and f'"{said}"') if word))


def _evidence(record: Any) -> list[dict[str, Any]]:
    table = rules.load("evidence")
    says = {rule["name"]: rule["says"] for rule in (*table["veto"], *table["evidence"])}
    if record.get("source") == "explicit":
        says = dict.fromkeys(record.get("evidence") or (), "")
    held = record.get("evidence")
    return [
        {"name": name, "weight": float(weight), "says": says.get(name, "a rule that is no more")}
        for name, weight in (held.items() if isinstance(held, dict) else ())
        if isinstance(weight, int | float)
    ]


def _number(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, int | float) else "not recorded"


def _prevention(record: Any, repo: Repository, config: Config) -> str:
    name, agent = record.get("pattern_inferred"), record["agent"]
    if not name:
        return "Unknown: no pattern was recognised, so no lesson can be drawn from it alone."
    standing = evolve.standing(repo.root, config).get(name)
    if standing is None or standing.archived:
        least = config.evolve.min_occurrences
        return (
            f"An entry for {name} in the {agent} runbook; there is none yet "
            f"(it takes {least} occurrences and a confidence of {config.evolve.min_confidence:g})."
        )
    if agent not in standing.agents:
        who = ", ".join(standing.agents)
        return f"The entry for {name}, but it stands in the runbook of {who}, not of {agent}."
    return (
        f"The entry for {name} in the {agent} runbook, there since {day(standing.added)}: "
        "compare the Runbook trailer of the agent's commit to see whether it was in force."
    )


def _diff(screen: Screen, record: dict[str, Any], repo: Repository) -> None:
    """The hunks of the person's commit in the files concerned, if the commit is still here."""
    from unidiff.errors import UnidiffParseError
    from unidiff.patch import PatchSet

    sha = str(record["user_correction"].get("commit") or "")
    files = set(record["user_correction"].get("files") or [])
    if not _SHA.match(sha) or not repo.git_dir:
        return
    try:
        raw = repo.git("diff-tree", "-r", "--no-commit-id", *DIFF_OPTIONS, sha, "--")
        patch = PatchSet(raw.decode("utf-8", "replace"))
    except (GitError, UnidiffParseError):
        return
    lines = [
        f"  {line}"
        for file in patch
        if file.path in files
        for hunk in file
        for line in (f"{file.path}:{hunk.target_start}", *str(hunk).splitlines()[1:])
    ]
    if lines:
        screen.line()
        screen.line("WHAT CHANGED:", bold=True)
        for line in lines[:_LINES]:
            screen.line(safe(line))
        if len(lines) > _LINES:
            screen.line(f"  ... and {len(lines) - _LINES} more lines: git show {sha[:12]}")
