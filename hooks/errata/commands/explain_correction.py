"""``errata explain`` for one correction: why it counts, and what it changed."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from errata.commands import (
    correction_diff,
    explain_decisions,
    explain_description,
    explain_lesson,
)
from errata.commands import screen as ui
from errata.commands.layout import Column
from errata.commands.screen import Screen, safe
from errata.commands.view import View, open_view
from errata.core.config import EVERYONE
from errata.core.errors import ErrataError, GitError
from errata.core.git import Repository
from errata.core.object_model import open_repo
from errata.corrections.classify import evidence as evidence_rules
from errata.corrections.classify.evidence import least_probability
from errata.curation.corrections import rows
from errata.curation.lookup import begins_several
from errata.lessons.members import Member
from errata.patterns.analysis import Pattern
from errata.records import instants
from errata.records.curation import State
from errata.records.curation_log import Decision
from errata.records.deduplication import with_prefix
from errata.records.instants import day
from errata.records.model import CERTAIN, Kind, certainty
from errata.state import outbox

_EVIDENCE = Column(), Column(least=22, gap=1), Column()
# A record may name anything; only an id is looked up.
_SHA = re.compile(r"[0-9a-f]{7,64}\Z")


def show(id: str, as_of: int | None, form: str) -> None:
    """Explain the correction with this id (or the beginning of one).

    Args:
        as_of: look back to this instant (microseconds UTC).

    Raises:
        ErrataError: there is none, or several begin so.
    """
    view = open_view(as_of)
    record = outbox.find(view.repo, view.config, id) or _without_id(view, id)
    if record is None or not is_known(record, view):
        raise _not_one(view, id)
    chosen, record = str(record.get("correction_type")), as_decided(record, view)
    if form == "json":
        names, curation = patterns_of(record, view), view.corpus.curation
        name = names[0] if names else ""
        verdict = view.verdict(name).to_json() if name else None
        ui.print_json(
            {
                **record,
                "explanation": _evidence(record),
                "pattern": name or None,
                "other_patterns": list(names[1:]),
                "lesson": name if name in view.corpus.lessons else None,
                "prevention": _prevention(record, view),
                "promotion": verdict,
                "state": state_of(record, view),
                "decisions": explain_decisions.to_json(_decisions(record, view), curation),
            }
        )
        return
    _text(Screen(), record, view, chosen)


def _without_id(view: View, id: str) -> dict[str, Any] | None:
    """The correction without an id whose content has this one, or the beginning of it."""
    matches = [row for row in rows(view.corpus) if row.id.startswith(id)]
    if len(matches) != 1:
        return None
    return {**view.corpus.fields(matches[0].place), "id": matches[0].id}


def _not_one(view: View, id: str) -> ErrataError:
    """The error that no correction has an id that begins so, or that several do."""
    waiting = () if view.is_past else with_prefix(outbox.sources(view.repo, view.config), id)
    ids = dict.fromkeys(row.id for row in rows(view.corpus) if row.id.startswith(id))
    if several := [*dict.fromkeys((*ids, *waiting))]:
        return begins_several(id, several)
    hint = "`errata corrections --list` lists them, and `errata explain COMMIT` those of a commit"
    return ErrataError(f"no correction {safe(id)!r}", hint)


def _decisions(record: Any, view: View) -> list[Decision]:
    return view.corpus.curation.history_of_correction(record["id"])


def state_of(record: Any, view: View) -> State:
    """What was decided about a correction; a copy of a rejected one is rejected, too."""
    id, corpus = record["id"], view.corpus
    is_copy = id in corpus.rejected_corrections.values()
    return State.REJECTED if is_copy else corpus.curation.state_of(id)


def is_known(record: Any, view: View) -> bool:
    """Whether a correction was there at the moment to look back to."""
    try:
        return not view.is_past or instants.parse(str(record["timestamp"])) <= view.until
    except ValueError:
        return True


def as_decided(record: Mapping[str, Any], view: View) -> dict[str, Any]:
    """The record of a correction, with the type that somebody gave it."""
    return dict(view.corpus.curation.as_typed(str(record["id"]), record))


def _text(screen: Screen, record: dict[str, Any], view: View, chosen: str) -> None:
    """Print everything about a correction.

    Args:
        chosen: the type that its record has.
    """
    repo = view.repo
    screen.title(f"CORRECTION: {safe(record['id'])}")
    names = patterns_of(record, view)
    name = names[0] if names else ""
    if name in view.corpus.curation.taught_patterns(record["id"]):
        record = {**record, "pattern_inferred": name, "pattern_confidence": "a person's decision"}
    _print_facts(screen, record, repo, chosen)
    state = state_of(record, view)
    pattern = view.find(name) if name else None
    if pattern and pattern.lesson:
        _print_lesson(screen, pattern, record)
    else:
        _print_pattern(screen, record, state)
    if names[1:]:
        screen.line(f"It also shows: {safe(', '.join(names[1:]))}")
    if state != State.COUNTED:
        screen.line(f"State: {state}", bold=True)
    screen.line()
    explain_decisions.show(screen, _decisions(record, view), view)
    explain_description.print_description(screen, record)
    why = "WHY IT COUNTED" if state is State.REJECTED else "WHY IT COUNTS"
    print_evidence(screen, record, why)
    if _is_doubt_settled(record, state, view):
        screen.line("  Somebody decided that it is one, so it counts fully.")
    screen.line()
    screen.line("WHAT WOULD HAVE PREVENTED IT:", bold=True)
    screen.line(f"  {safe(_prevention(record, view))}", hang=2)
    _print_diff(screen, record, repo)


def _is_doubt_settled(record: dict[str, Any], state: State, view: View) -> bool:
    """Whether errata's doubt would count if nobody had accepted the correction."""
    is_doubtful = (
        record.get("source") == "implicit" and certainty(record.get("probability")) < CERTAIN
    )
    is_accepted = view.corpus.curation.is_accepted(record["id"])
    return is_doubtful and is_accepted and state is not State.REJECTED


def _print_facts(screen: Screen, record: dict[str, Any], repo: Repository, chosen: str) -> None:
    action, reply = record["ai_action"], record["user_correction"]
    screen.line(f"Agent: {safe(record['agent'])}")
    for label, part in (("Agent's commit", action), ("Corrected by", reply)):
        screen.line(f"{label}: {_commit(repo, part)}")
    screen.line(f"Files: {safe(', '.join(reply.get('files') or [action.get('file') or '?']))}")
    severity = record.get("severity") or "medium"
    kind = record["correction_type"]
    instead = f"; recorded as {safe(chosen)}" if kind != chosen else ""
    screen.line(f"Type: {safe(kind)} ({safe(severity)}){instead}")


def _print_lesson(screen: Screen, pattern: Pattern, record: dict[str, Any]) -> None:
    """Print what lesson a correction belongs to, and why."""
    lesson, text = pattern.lesson, pattern.curated.text
    assert lesson, "the caller checked"
    screen.line(f"Lesson: {safe(pattern.name)} (`errata explain {safe(pattern.name)}`)")
    says = explain_lesson.written_lines(text) if text else [safe(lesson.instruction)]
    for line in filter(None, says):
        screen.line(f"  {line}", hang=2)
    if reasons := [*explain_lesson.reasons(lesson, Member.of(0, record))]:
        screen.line(f"  It belongs there because {' and '.join(reasons)}.", hang=2)


def _print_pattern(screen: Screen, record: dict[str, Any], state: State) -> None:
    pattern = record.get("pattern_inferred")
    confidence = record.get("pattern_confidence") or "not recorded"
    if pattern:
        screen.line(f"Pattern: {safe(pattern)} (confidence: {safe(confidence)})")
    elif state is State.REJECTED:
        screen.line("Pattern: none, because it was rejected")
    else:
        screen.line("Pattern: none recognised")


def print_evidence(screen: Screen, record: dict[str, Any], title: str = "WHY IT COUNTS") -> None:
    """Print why a correction counts: the evidence with its weights."""
    evidence = _evidence(record)
    screen.line(f"{title}:", bold=True)
    print_table(screen, [(row["weight"], safe(row["name"]), row["says"]) for row in evidence])
    if not evidence:
        source = safe(record.get("source") or "?")
        screen.line(f"  Logged as an {source} correction, not derived from a commit.")
    elif record.get("source") == "explicit":
        screen.line(
            f"  probability {_number(record.get('score'))}; the strongest terms of the message"
        )
    elif "probability" in record:
        print_probability(screen, float(record["probability"]))
    else:
        total = sum(row["weight"] for row in evidence)
        screen.line(f"  {total:+5.2f}  sum, by the weights of an earlier version")


def print_table(screen: Screen, evidence: Iterable[tuple[float, str, str]]) -> None:
    """Print pieces of evidence: weight, name, and what it says."""
    rows = [(f"{weight:+5.2f}", name, says) for weight, name, says in evidence]
    screen.table(_EVIDENCE, rows, indent=2)


def print_probability(screen: Screen, probability: float, *, logged: bool = True) -> None:
    """Print how likely an edit is a correction, and how likely it must be.

    Args:
        logged: whether the probability is that of a record, which is rounded.
    """
    least = least_probability()
    # What is rounded would seem enough.
    just_below = not logged and probability < least and round(probability, 2) >= round(least, 2)
    screen.line(
        "  Probability of a correction, from this and weaker evidence: "
        f"{'just below ' if just_below else ''}{probability:.2f}. It counts from {least:.2f} on."
    )


def _commit(repo: Repository, part: dict[str, Any]) -> str:
    """A commit in one line, from git if it is still there, else from the record."""
    sha = str(part.get("commit") or "")
    if _SHA.match(sha) and repo.git_dir:
        with contextlib.suppress(GitError, OSError), open_repo(repo) as reader:
            commit = reader.commit(sha)
            # The day of the record, in UTC.
            date = day(commit.authored_date * 1_000_000)
            subject = commit.summary
            text = subject if isinstance(subject, str) else subject.decode("utf-8", "replace")
            return f'{sha[:12]} {date} "{safe(text)}"'
    summary = str(part.get("summary") or "")
    return safe(" ".join(word for word in (sha[:12], summary and f'"{summary}"') if word))


def _evidence(record: Any) -> list[dict[str, Any]]:
    says = evidence_rules.says()
    if record.get("source") == "explicit":
        says = dict.fromkeys(record.get("evidence") or (), "")
    weights = record.get("evidence")
    return [
        {"name": name, "weight": float(weight), "says": says.get(name, "a rule that was removed")}
        for name, weight in (weights.items() if isinstance(weights, dict) else ())
        if isinstance(weight, int | float)
    ]


def _number(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, int | float) else "not recorded"


def patterns_of(record: Any, view: View) -> tuple[str, ...]:
    """The patterns that a correction counts for, its own first."""
    id = record["id"]
    if names := view.corpus.patterns_of(Kind.CORRECTION, id):
        return names
    without_id = rows(view.corpus) if str(id).startswith("sha256:") else ()
    return next((row.patterns for row in without_id if row.id == id), ())


def pattern_of(record: Any, view: View) -> str:
    """The first of them; "" if there is none."""
    return next(iter(patterns_of(record, view)), "")


def _prevention(record: Any, view: View) -> str:
    names, agent = patterns_of(record, view), record["agent"]
    if state_of(record, view) is State.REJECTED:
        return "Nothing: it was rejected and does not count."
    if not names:
        return "Unknown: no pattern was recognised."
    # Of several, one that is taught.
    verdicts = {name: view.verdict(name) for name in names}
    taught = (name for name in names if (it := verdicts[name].standing) and not it.archived)
    name = next(taught, names[0])
    verdict = verdicts[name]
    standing = verdict.standing
    if standing is None or standing.archived:
        return f"An entry for {name} in a runbook. It is {verdict.text}."
    runbook = next((name for name in (agent, EVERYONE) if name in standing.agents), "")
    if not runbook:
        who = ", ".join(standing.agents)
        return f"The entry for {name}, but it is in the runbook of {who}, not of {agent}."
    entry, added = f"The entry for {name} in the {runbook} runbook", day(standing.added)
    if _instant(record) < standing.added:
        return f"{entry}, but it came later, on {added}."
    return (
        f"{entry}, there since {added}: "
        "compare the Runbook trailer of the agent's commit to see whether it was in force."
    )


def _instant(record: Any) -> int:
    """When somebody corrected; 0 if nothing says it."""
    try:
        return instants.parse_recorded(str(record.get("timestamp") or record.get("date") or ""))
    except ValueError:
        return 0


def _print_diff(screen: Screen, record: dict[str, Any], repo: Repository) -> None:
    lines = correction_diff.lines(record, repo)
    if lines:
        screen.line()
        screen.line("WHAT CHANGED:", bold=True)
        correction_diff.show(screen, lines, correction_diff.commit(record))
