"""The content of a decision, checked against what the repository knows.

The options of a command and a JSON document are checked by the same functions: ``content`` takes
the fields of one decision as they were given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from errata.core.config import AGENT_NAME
from errata.core.errors import ErrataError
from errata.core.near_names import did_you_mean
from errata.curation.lookup import Known
from errata.records.curation_log import MAX_TEXT, MAX_WHY, Decision
from errata.records.injection import sign_in
from errata.records.model import CorrectionType
from errata.records.pattern_names import normal_name
from errata.records.standing import Standing
from errata.runbooks.sanitise import terminal

MOST_IDS = 1000
"""Corrections that one decision may be about."""

Given = Mapping[str, Any]
Content = Mapping[str, Any]

FIELDS: Mapping[str, tuple[str, ...]] = {
    "accept": ("corrections", "type", "why"),
    "reject": ("corrections", "pattern", "why"),
    "teach": ("pattern", "corrections", "type", "description", "instead", "agent", "why"),
    "rename": ("pattern", "to", "why"),
    "merge": ("pattern", "into", "why"),
    "dismiss": ("pattern", "why"),
    "pin": ("pattern", "why"),
    "confirm": ("pattern", "of", "why"),
}
"""The fields that a decision of each action may have; those of :data:`REQUIRED` it must have."""
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "accept": ("corrections",),
    "reject": ("corrections",),
    "teach": ("pattern",),
    "rename": ("pattern", "to"),
    "merge": ("pattern", "into"),
    "dismiss": ("pattern",),
    "pin": ("pattern",),
    "confirm": (),
}


NAMES = ("pattern", "to", "into", "of", "agent")
"""The fields that name a pattern, a decision or an agent."""


def content(known: Known, action: str, given: Given) -> Content:
    """The content of one decision, with full ids and present names.

    Raises:
        ErrataError: a field is unknown, missing, or not valid here.
    """
    _check_fields(action, given)
    why = _text(given, "why", MAX_WHY)
    reason = {"why": why} if why else {}
    return {"action": action, **_BY_ACTION[action](known, given), **reason}


def _check_fields(action: str, given: Given) -> None:
    for name in given:
        if name == "action" and given[name] == action:
            continue
        if name not in FIELDS[action]:
            hint = did_you_mean(name, FIELDS[action], f"known: {', '.join(FIELDS[action])}")
            raise ErrataError(f"unknown field {terminal(name[:100])!r}", hint)
    # An unset variable of a script must not widen a decision, or leave it to chance.
    for name in NAMES:
        if given.get(name) == "":
            raise ErrataError(f"{name!r} is empty")
    for name in REQUIRED[action]:
        if not given.get(name):
            raise ErrataError(f"{name!r} is missing")


def _accept(known: Known, given: Given) -> Content:
    ids, kind = _ids(known, given, missed=True), _type(given)
    newest = [known.curation.newest_about(id) for id in ids]
    accepted = [decision for decision in newest if decision and decision.action == "accept"]
    logged = known.uncaptured.keys().isdisjoint(ids)
    is_typed = all(kind in (None, known.curation.type_of(id)) for id in ids)
    if logged and is_typed and len(accepted) == len(ids):
        as_type = f" as {kind}" if kind else ""
        hint = _take_back(known, accepted)
        raise ErrataError(f"{', '.join(ids[:3])}: already accepted{as_type}", hint)
    return {"corrections": ids, **_commits(known, ids), **({"type": kind} if kind else {})}


def _commits(known: Known, ids: Sequence[str]) -> Content:
    """The commits that make those of the corrections that are in no log, if there are any."""
    unlogged = (known.uncaptured[id] for id in ids if id in known.uncaptured)
    commits = sorted({record["user_correction"]["commit"] for record in unlogged})
    return {"commits": commits} if commits else {}


def _reject(known: Known, given: Given) -> Content:
    ids = _ids(known, given, missed=not given.get("pattern"))
    pattern = known.pattern(_name(given, "pattern")) if given.get("pattern") else ""
    if pattern:
        for id in ids:
            if pattern not in (own := known.by_id[id].patterns):
                hint = f"it counts for {', '.join(own) or 'none'}"
                raise ErrataError(f"{id} does not count for {pattern}", hint)
    elif all(known.curation.is_rejected(id) for id in ids):
        decided = known.curation.history_of_correction(ids[0])
        hint = _take_back(known, [d for d in decided if d.action == "reject" and not d.pattern])
        raise ErrataError(f"{', '.join(ids[:3])}: already rejected", hint)
    return {
        "corrections": ids,
        **({"pattern": pattern} if pattern else {}),
        # The log has those of the others.
        "fingerprints": {id: record["marks"] for id in ids if (record := known.uncaptured.get(id))},
    }


def _teach(known: Known, given: Given) -> Content:
    ids = _ids(known, given, missed=True) if given.get("corrections") else []
    name = _name(given, "pattern")
    new = known.curation.name_of(known.new_name(name))
    texts = {key: _text(given, key, MAX_TEXT) for key in ("description", "instead")}
    if (kind := _type(given)) and not ids:
        raise ErrataError("a type is that of corrections", "give their ids")
    if not ids and not any(texts.values()):
        raise ErrataError(
            "nothing to teach", "give ids of corrections, or a description, or what to do instead"
        )
    agent = _name(given, "agent") if given.get("agent") else ""
    if agent and not AGENT_NAME.match(agent):
        raise ErrataError(
            f"{terminal(agent[:100])!r} is not an agent's name", "lower-case words joined by '-'"
        )
    chosen = {**_commits(known, ids), "type": kind, **texts, "agent": agent}
    return {"pattern": new, "corrections": ids} | {key: v for key, v in chosen.items() if v}


def _rename(known: Known, given: Given) -> Content:
    old = known.pattern(_name(given, "pattern"))
    new = known.new_name(_name(given, "to"))
    if new == old:
        raise ErrataError(f"{old} already has this name")
    if new in known.patterns:
        raise ErrataError(
            f"there is already a pattern {new}", f"`errata patterns merge {old} {new}` joins them"
        )
    # Whoever uses the former name of a pattern means that pattern: it would take this one in.
    present = known.curation.name_of(new)
    if present != old and present in known.patterns:
        raise ErrataError(
            f"{new} is a former name of {present}",
            f"take another name, or `errata patterns merge {old} {present}` joins them",
        )
    return {"pattern": old, "to": new}


def _merge(known: Known, given: Given) -> Content:
    old, into = (known.pattern(_name(given, key)) for key in ("pattern", "into"))
    if old == into:
        raise ErrataError(f"{old} and {_name(given, 'into')} are already one pattern")
    return {"pattern": old, "into": into}


def _dismiss(known: Known, given: Given) -> Content:
    return _status(known, given, known.curation.is_dismissed, "dismissed")


def _pin(known: Known, given: Given) -> Content:
    def is_pinned(name: str) -> bool:
        status = known.curation.status(name)
        return status is not None and status.action == "pin"

    return _status(known, given, is_pinned, "pinned")


def _status(known: Known, given: Given, is_so: Callable[[str], bool], word: str) -> Content:
    name = known.pattern(_name(given, "pattern"))
    if is_so(name):
        status = known.curation.status(name)
        raise ErrataError(
            f"{name} is already {word}", _take_back(known, [status] if status else [])
        )
    return {"pattern": name}


def _take_back(known: Known, decisions: Sequence[Decision]) -> str:
    """How to take the newest of these decisions back that is in effect."""
    in_effect = [d for d in decisions if known.curation.is_in_effect(d)]
    if in_effect:
        return f"`errata undo {in_effect[-1].id}` takes that back"
    return "`errata undo --list` lists the decisions"


def _confirm(known: Known, given: Given) -> Content:
    if not given.get("of") and not given.get("pattern"):
        raise ErrataError("'pattern' is missing")
    word = _name(given, "of") if given.get("of") else _name(given, "pattern")
    if word.startswith("cur-"):
        decision = known.decision(word)
        if waiting := known.curation.waiting_as(decision):
            return {"of": waiting.id}
        standing = known.curation.standing(decision)
        is_late = standing is Standing.PROPOSED
        reason = "a later decision is about the same" if is_late else f"it is {standing}"
        raise ErrataError(f"{decision.id} does not wait for anybody: {reason}")
    proposals = _proposals(known, word)
    if not proposals:
        name = known.pattern(word)
        waiting_names = sorted({n for d in known.curation.proposals for n in d.names})
        hint = did_you_mean(name, waiting_names, "`errata review` shows what agents propose")
        raise ErrataError(f"no agent proposes anything about {name}", hint)
    if len(proposals) == 1:
        return {"of": proposals[0].id}
    return {"pattern": proposals[-1].names[0]}


def one_by_one(known: Known, content: Content) -> list[Content]:
    """The decision; of a confirmation by name, one for each proposal that there is about the name.

    A name would also confirm what an agent proposed before, but a later merge brings.
    """
    if content["action"] != "confirm" or "of" in content:
        return [content]
    reason = {"why": content["why"]} if content.get("why") else {}
    proposals = known.curation.proposed(content["pattern"])
    return [{"action": "confirm", "of": each.id, **reason} for each in proposals]


def _proposals(known: Known, word: str) -> Sequence[Decision]:
    return known.curation.proposed(known.curation.name_of(normal_name(word)))


def undo(known: Known, decision: Decision) -> Content:
    """The content that takes a decision back. Raises ErrataError: it is already undone."""
    if undoing := known.curation.undone_by(decision):
        raise ErrataError(
            f"{decision.id} is already undone",
            f"`errata undo {undoing.id}` takes that back",
        )
    return {"action": "undo", "of": decision.id}


_BY_ACTION: Mapping[str, Callable[[Known, Given], Content]] = {
    "accept": _accept,
    "reject": _reject,
    "teach": _teach,
    "rename": _rename,
    "merge": _merge,
    "dismiss": _dismiss,
    "pin": _pin,
    "confirm": _confirm,
}


def _ids(known: Known, given: Given, *, missed: bool = False) -> list[str]:
    words = given["corrections"]
    if isinstance(words, str) or not isinstance(words, Sequence):
        raise ErrataError("'corrections' must be a list of ids")
    if not all(isinstance(word, str) for word in words):
        raise ErrataError("'corrections' must be a list of ids")
    ids = [row.id for row in known.corrections(words, missed=missed)]
    if len(ids) > MOST_IDS:
        raise ErrataError(f"{len(ids)} corrections at once", f"at most {MOST_IDS:,}")
    return ids


def _type(given: Given) -> str | None:
    """The type that corrections get; None if they keep theirs."""
    if given.get("type") is None:
        return None
    word = _name(given, "type")
    if word not in {*CorrectionType}:
        allowed = ", ".join(CorrectionType)
        raise ErrataError(f"unknown type {terminal(word[:100])!r}", f"allowed: {allowed}")
    return word


def _name(given: Given, key: str) -> str:
    value = given[key]
    if not isinstance(value, str):
        raise ErrataError(f"{key!r} must be a text")
    return value


def _text(given: Given, key: str, most: int) -> str:
    """A text that somebody wrote; it reaches agents, so it must be what it looks like."""
    value = given.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ErrataError(f"{key!r} must be a text")
    text = value.strip()
    if len(text) > most:
        raise ErrataError(f"{key!r} has {len(text):,} characters", f"at most {most:,}")
    if "\n" in text or "\r" in text:
        raise ErrataError(f"{key!r} has more than one line", "write it on one line")
    if terminal(text) != text:
        raise ErrataError(f"{key!r} has characters that cannot be seen", "remove them")
    if sign := sign_in(text):
        raise ErrataError(f"{key!r} reads like an injected order: {sign}", "word it otherwise")
    return text
