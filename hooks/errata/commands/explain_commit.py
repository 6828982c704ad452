"""``errata explain`` for a commit: the corrections that it is part of, or why there are none."""

from __future__ import annotations

from collections.abc import Mapping
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
from errata.corrections.commit_classifier import CommitClassifier
from errata.provenance.commits import Commit, read_commits
from errata.provenance.identity import Provenance
from errata.records.deduplication import Record, commit_of, of_commit
from errata.state import outbox

_SECONDS = 10
_ABBREVIATED = 12


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known of a commit.

    Attributes:
        made_by: whose commit it is.
        logged: the corrections in the logs that it makes, or that correct it.
        unlogged: those that it makes, by what errata sees now, without those in the logs.
        looked_at: why there are no others.
    """

    commit: Commit
    made_by: Provenance
    logged: list[Record]
    unlogged: list[Record]
    looked_at: str


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
        ("NOT LOGGED; `errata backfill` LOGS:", findings.unlogged),
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


def find(view: View, commit: Commit) -> Findings:
    """The corrections that a commit is part of; those of later records do not count."""
    classifier = CommitClassifier(view.config, view.repo)
    records = of_commit(outbox.sources(view.repo, view.config), commit.sha)
    logged = [record for record in records if explain_correction.is_known(record, view)]
    made_by = classifier.classify(commit)
    if any(commit_of(record) == commit.sha for record in logged):
        return Findings(commit, made_by, logged, [], "")
    unlogged, looked_at = _detect(view, commit, classifier)
    return Findings(commit, made_by, logged, unlogged, looked_at)


def _detect(view: View, commit: Commit, classifier: CommitClassifier) -> tuple[list[Record], str]:
    """The corrections that a commit makes; without any, what was looked at."""
    if why := _why_not(commit, classifier.classify(commit).kind):
        return [], why
    days = view.config.capture.window_days
    repo, deadline = view.repo, Deadline.after(_SECONDS)
    try:
        candidate = find_candidate(repo.root, view.config, classifier, commit.sha)
        if candidate is None:
            return [], f"no agent committed anything in the {days} days before it"
        files = changed_files(repo, commit.sha, deadline)
        corrections, _ = capture.detect_in_files(
            repo, view.config, candidate, files, classifier, deadline
        )
    except DeadlineError:
        return [], f"it was not looked at to the end: it takes more than {_SECONDS} s"
    except GitError as error:
        return [], f"it was not looked at: {error}"
    if corrections:
        return [correction.to_record() for correction in corrections], ""
    agents = plural(len(candidate.agent_commits), "agent commit")
    return [], (
        f"of the lines that it changes in {plural(len(files), 'file')}, none are from the {agents} "
        f"of the {days} days before it, or the evidence does not suffice"
    )


def _why_not(commit: Commit, kind: str) -> str:
    """Why a commit cannot correct anything; "" if it can."""
    if not commit.parents:
        return "nothing was there before it"
    if len(commit.parents) > 1:
        return "it is a merge, and what it merges was looked at commit by commit"
    if kind != "person":
        maker = {"agent": "an agent", "bot": "a bot"}.get(kind, "nobody known to be a person")
        return f"{maker} committed it, and only a person's commits correct"
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
        str(record["correction_type"]),
        str(pattern),
    )
    return "  ".join(safe(word) for word in words if word)


def _part(record: Record, name: str) -> str:
    part = record.get(name)
    return str(part.get("commit") or "") if isinstance(part, Mapping) else ""


def _print_evidence(screen: Screen, records: list[Record]) -> None:
    for record in records:
        screen.line()
        explain_correction.print_evidence(screen, dict(record))


def _json(findings: Findings, view: View) -> dict[str, Any]:
    def rows(records: list[Record]) -> list[dict[str, Any]]:
        return [
            {
                "id": record["id"],
                "commit": commit_of(record),
                "agent_commit": _part(record, "ai_action"),
                "agent": record["agent"],
                "type": record["correction_type"],
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
    }
