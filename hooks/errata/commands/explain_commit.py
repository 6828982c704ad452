"""``errata explain`` for a commit: the corrections that it is part of, or why there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from errata.commands import explain_correction
from errata.commands import screen as ui
from errata.commands.screen import Screen, plural, safe
from errata.commands.view import View
from errata.core.errors import GitError
from errata.corrections import capture
from errata.corrections.attribution.changed_files import changed_files
from errata.corrections.attribution.deadline import Deadline, DeadlineError
from errata.corrections.candidates import find_candidate
from errata.corrections.classify import evidence
from errata.corrections.commit_classifier import CommitClassifier
from errata.corrections.correction import Assessment
from errata.provenance.commits import Commit, read_commits
from errata.provenance.identity import Provenance
from errata.records.curation import State
from errata.records.deduplication import Record, commit_of, of_commit
from errata.state import outbox

_SECONDS = 10
_ABBREVIATED = 12
_STRONGEST = 10
"""How many pieces of evidence are shown."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known of a commit.

    Attributes:
        made_by: whose commit it is.
        logged: the corrections in the logs that it makes, or that correct it.
        unlogged: those that it makes, by what errata sees now, without those in the logs.
        looked_at: why there are no others.
        assessed: what was measured for each agent whose lines it touches.
    """

    commit: Commit
    made_by: Provenance
    logged: list[Record]
    unlogged: list[Record]
    looked_at: str
    assessed: list[Assessment]


def resolve(view: View, name: str) -> Commit | None:
    """The commit with this name in git; None if there is none."""
    if not view.repo.git_dir or name.startswith("-"):
        return None
    revision = f"{name}^{{commit}}"
    out = view.repo.git(
        "rev-parse", "--verify", "--quiet", "--end-of-options", revision, ok=(0, 1, 128)
    )
    sha = out.decode().strip()
    try:
        return next(iter(read_commits(view.repo, [sha])), None) if sha else None
    except GitError:
        return None


def show(view: View, commit: Commit, form: str) -> None:
    """Print the corrections that a commit is part of, or what was looked at."""
    findings = find(view, commit)
    if form == "json":
        ui.print_json(_json(findings, view))
        return
    screen = Screen()
    screen.title(f"COMMIT: {_line(commit)}")
    screen.line(f"Made by: {safe(_maker(findings))}")
    screen.line()
    for title, records in (
        ("CORRECTIONS:", findings.logged),
        ("NOT YET LOGGED (`errata backfill` LOGS THEM):", findings.unlogged),
    ):
        if records:
            screen.line(title, bold=True)
        for record in records:
            screen.line(f"  {_correction(record, commit, view)}")
    if findings.unlogged:
        _print_evidence(screen, findings.unlogged)
    if findings.logged:
        screen.line()
        screen.line("`errata explain ID` says why each was counted.")
    if findings.looked_at:
        screen.line(f"No {'other ' if findings.logged else ''}correction: {findings.looked_at}.")
    if not findings.unlogged:
        for item in findings.assessed:
            _print_assessment(screen, item)


def find(view: View, commit: Commit) -> Findings:
    """The corrections that a commit is part of; those of later records do not count."""
    classifier = CommitClassifier(view.config, view.repo)
    records = of_commit(outbox.sources(view.repo, view.config), commit.sha)
    logged = [record for record in records if explain_correction.is_known(record, view)]
    made_by = classifier.classify(commit)
    if any(commit_of(record) == commit.sha for record in logged):
        return Findings(commit, made_by, logged, [], "", [])
    unlogged, looked_at, assessed = _detect(view, commit, classifier)
    return Findings(commit, made_by, logged, unlogged, looked_at, assessed)


def _detect(
    view: View, commit: Commit, classifier: CommitClassifier
) -> tuple[list[Record], str, list[Assessment]]:
    """The corrections that a commit makes, or why there are none; and what was looked at."""
    if why := _why_not(commit, classifier.classify(commit).kind):
        return [], why, []
    try:
        return _look(view, commit, classifier)
    except DeadlineError:
        return [], f"it was not looked at to the end: it takes more than {_SECONDS} s", []
    except GitError as error:
        return [], f"it was not looked at: {error}", []


def _look(
    view: View, commit: Commit, classifier: CommitClassifier
) -> tuple[list[Record], str, list[Assessment]]:
    days = view.config.capture.window_days
    repo, deadline = view.repo, Deadline.after(_SECONDS)
    candidate = find_candidate(repo.root, view.config, classifier, commit.sha)
    if candidate is None:
        return [], f"no agent committed anything in the {days} days before it", []
    files = changed_files(repo, commit.sha, deadline)
    known = (repo, view.config, candidate, files, classifier, deadline)
    corrections, _ = capture.detect_in_files(*known)
    assessed = capture.assess(*known)
    if corrections:
        return [correction.to_record() for correction in corrections], "", assessed
    if assessed:
        return [], _too_little(assessed), assessed
    agents = plural(len(candidate.agent_commits), "agent commit")
    why = (
        f"of the lines that it changes in {plural(len(files), 'file')}, none are from the {agents} "
        f"of the {days} days before it"
    )
    return [], why, []


def _too_little(assessed: Sequence[Assessment]) -> str:
    """Why what was looked at is not a correction."""
    if any(item.verdict for item in assessed):
        return "it touches lines of agents, but the evidence is too weak"
    return "it changes nothing of substance in the lines of agents"


def _why_not(commit: Commit, kind: str) -> str:
    """Why a commit cannot correct anything; "" if it can."""
    if not commit.parents:
        return "nothing was there before it"
    if len(commit.parents) > 1:
        return "it is a merge, and what it merges was looked at commit by commit"
    if kind != "person":
        maker = {"agent": "an agent", "bot": "a bot"}.get(kind, "nobody known to be a person")
        return f"{maker} committed it, and only commits by people can be corrections"
    return ""


def _line(commit: Commit) -> str:
    subject = commit.ident.message.strip().partition("\n")[0]
    return f'{commit.sha[:_ABBREVIATED]} "{safe(subject)}"'


def _maker(findings: Findings) -> str:
    kind, ident = findings.made_by.kind, findings.commit.ident
    by_name = kind in ("person", "unknown")
    return f"{ident.author_name if by_name else findings.made_by.name} ({kind})"


def _correction(record: Record, commit: Commit, view: View) -> str:
    """The id of a correction, and the part of the commit in it."""
    other, verb = _part(record, "ai_action"), "corrects"
    if commit_of(record) != commit.sha and other and commit.sha.startswith(other):
        other, verb = commit_of(record), "corrected by"
    pattern = explain_correction.pattern_of(record, view) or record.get("pattern_inferred") or ""
    words = (
        str(record["id"]),
        f"{verb} {other[:_ABBREVIATED] or record['agent']}",
        str(explain_correction.as_decided(record, view)["correction_type"]),
        str(pattern),
        "" if (state := explain_correction.state_of(record, view)) is State.COUNTED else str(state),
    )
    return "  ".join(safe(word) for word in words if word)


def _part(record: Record, name: str) -> str:
    part = record.get(name)
    return str(part.get("commit") or "") if isinstance(part, Mapping) else ""


def _print_evidence(screen: Screen, records: list[Record]) -> None:
    for record in records:
        screen.line()
        explain_correction.print_evidence(screen, dict(record))


def _print_assessment(screen: Screen, item: Assessment) -> None:
    """Print what was looked at where a commit touches the lines of one agent."""
    screen.line()
    screen.line(f"WHAT WAS LOOKED AT, LINES OF {_line(item.agent)}:", bold=True)
    if item.verdict is None:
        screen.line(
            "  Only white space, moved lines, list entries, ticked boxes, or what tools wrote.",
            hang=2,
        )
        return
    names = evidence.says()
    for veto in item.verdict.vetoes:
        screen.line(f"  Never a correction: {names[veto.name]} ({veto.name}).", hang=2)
    strongest = item.verdict.strongest(_STRONGEST)
    explain_correction.print_table(
        screen, [(each.weight, each.name, names[each.name]) for each in strongest if each.weight]
    )
    explain_correction.print_probability(screen, item.verdict.probability, logged=False)


def _assessed(item: Assessment) -> dict[str, Any]:
    verdict = item.verdict
    return {
        "agent": item.provenance.name,
        "agent_commit": item.agent.sha,
        "probability": round(verdict.probability, 2) if verdict else None,
        "vetoes": [veto.name for veto in verdict.vetoes] if verdict else [],
        "evidence": {e.name: e.weight for e in verdict.evidence if e.weight} if verdict else {},
    }


def _json(findings: Findings, view: View) -> dict[str, Any]:
    def rows(records: list[Record]) -> list[dict[str, Any]]:
        return [
            {
                "id": record["id"],
                "commit": commit_of(record),
                "agent_commit": _part(record, "ai_action"),
                "agent": record["agent"],
                "type": explain_correction.as_decided(record, view)["correction_type"],
                "pattern": explain_correction.pattern_of(record, view)
                or record.get("pattern_inferred"),
            }
            for record in records
        ]

    return {
        "commit": findings.commit.sha,
        "kind": findings.made_by.kind,
        "corrections": rows(findings.logged),
        "unlogged": rows(findings.unlogged),
        "looked_at": findings.looked_at,
        "assessed": [_assessed(item) for item in findings.assessed],
    }
