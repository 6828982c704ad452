"""What a decision changes, in one sentence, and what the next evolve will do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from errata.core.config import EVERYONE
from errata.core.errors import ErrataError
from errata.curation.contents import Content
from errata.curation.lookup import Known
from errata.patterns.corpus import Corpus
from errata.records import standing
from errata.records.correction_family import family
from errata.records.curation_log import Decision
from errata.records.instants import day
from errata.runbooks.promotion_log import Standing
from errata.runbooks.sanitise import terminal

_SHOWN = 3
_SUBJECT = 60
_LOGGING = ("accept", "teach")
"""What somebody decides by these is a correction, and is logged if it was not before."""

_SAYS = (
    *("action", "pattern", "type", "to", "into", "of"),
    *("description", "instead", "agent", "why"),
)
"""The fields of a decision that say what is decided, but for the lists of what it is about."""

Standings = Mapping[str, Standing]


def summary(content: Content, known: Known) -> str:
    """What is decided, as a sentence without a subject: ``reject cor-... "subject"``."""
    action, pattern = content["action"], content.get("pattern", "")
    ids = content.get("corrections", ())
    as_type = f" as {kind}" if (kind := _type_given(content)) else ""
    if action in ("accept", "reject"):
        of_pattern = f" for {pattern}" if pattern else ""
        return f"{action} {_corrections(ids, known)}{of_pattern}{as_type}"
    if action == "teach":
        shared = content.get("also", ())
        some = f", {len(shared)} of them" if ids else ","
        words = f" with {_corrections((*ids, *shared), known)}{as_type}" if ids or shared else ""
        return f"teach {pattern}{words}" + (f"{some} shared with other patterns" if shared else "")
    if action == "rename":
        return f"rename {pattern} to {content['to']}"
    if action == "merge":
        return f"merge {pattern} into {content['into']}"
    if action in ("undo", "confirm") and content.get("of"):
        other = known.decision(content["of"])
        return f"{action} {other.id} of {terminal(other.by.name)}: {of_decision(other, known)}"
    return f"{action} {pattern}"


def of_decision(decision: Decision, known: Known) -> str:
    """The same of a decision in the log."""
    return summary(content_of(decision), known)


def content_of(decision: Decision) -> Content:
    """The fields of a decision that say what is decided."""
    given = {name: getattr(decision, name) for name in _SAYS}
    lists = {"corrections": list(decision.corrections)}
    for name in ("also", "commits"):
        if values := getattr(decision, name):
            lists[name] = list(values)
    return {**lists, **{k: v for k, v in given.items() if v}}


def consequences(
    content: Content, known: Known, standings: Standings, after: Corpus
) -> Iterator[str]:
    """What is different afterwards, and what the next ``errata evolve`` does about it.

    Args:
        known: as it was before the decision.
        after: what the logs hold with this decision, and with those that were made with it.
    """
    action, pattern = content["action"], content.get("pattern", "")
    if action == "accept":
        yield from _accepted(content, known, after)
    elif action == "reject":
        yield from _rejected(content, known, standings, after)
    elif action == "teach":
        yield from _taught(content, known, standings, after)
        yield from _left(content, known, standings, after)
    elif action == "rename":
        yield _next(standings, pattern, "uses the new name in {}", "it is in no runbook")
    elif action == "merge":
        yield _next(standings, pattern, "removes its entry from {}", "it is in no runbook")
    elif action == "dismiss":
        stays = f"it enters no runbook; `errata patterns {pattern}` still shows it"
        yield _next(standings, pattern, "removes it from {}", stays)
    elif action == "pin":
        yield _next(standings, pattern, "leaves it in {}", "the next `errata evolve` teaches it")
    elif action == "confirm" and (other := _other(content, known)):
        yield from _confirmed(other, known, standings, after)
    elif action == "undo":
        undone = known.decision(content["of"])
        if known.curation.standing(undone) is standing.Standing.PROPOSED:
            yield "it was only proposed, so nothing else changes"
        else:
            if undone.commits:
                yield "what it added to the log stays there"
            yield "the next `errata evolve` brings the runbooks up to date"


def unlogged(contents: Iterable[Content], known: Known) -> list[Mapping[str, Any]]:
    """The records of the corrections that decisions are about, and that are in no log.

    Raises:
        ErrataError: the clone lacks the commit of one, or the commit makes none of them.
    """
    records: dict[str, Mapping[str, Any]] = {}
    for content in contents:
        for taught, id in _taught_by(content, known):
            ids = (*taught.get("corrections", ()), *taught.get("also", ()))
            families = {*map(family, ids)}
            for commit in taught.get("commits", ()):
                rows = [row for row in known.look_at(commit) if family(row.id) in families]
                if not rows:
                    raise ErrataError(
                        f"{id}: commit {commit[:12]} makes none of its corrections",
                        f"`errata undo {id}` refuses it",
                    )
                new = {row.id for row in rows} & known.uncaptured.keys()
                records |= {id: known.uncaptured[id] for id in new}
    return [*records.values()]


def _taught_by(content: Content, known: Known) -> Iterator[tuple[Content, str]]:
    """The decision itself, or the proposals that it confirms with their ids."""
    if content["action"] in _LOGGING:
        yield content, ""
    elif content["action"] == "confirm":
        named = known.curation.proposed(content.get("pattern", ""))
        meant = [known.decision(content["of"])] if content.get("of") else named
        yield from ((content_of(each), each.id) for each in meant if each.action in _LOGGING)


def _other(content: Content, known: Known) -> Decision | None:
    if content.get("of"):
        return known.decision(content["of"])
    return next(iter(reversed(known.curation.proposed(content["pattern"]))), None)


def _confirmed(other: Decision, known: Known, standings: Standings, after: Corpus) -> Iterator[str]:
    """What a proposal changes: nothing where somebody rejected a correction after it was made."""
    newest = {id: known.curation.newest_about(id) for id in (*other.corrections, *other.also)}
    later = {id for id, it in newest.items() if it and it.order > other.order}
    rejected = {
        id for id in newest if known.curation.is_rejected(id) and (id in later or id in other.also)
    }
    if rejected:
        yield f"stays rejected: {len(rejected)} of {len(newest)}"
    settled = {id for id in later if (it := newest[id]) and _settles(it, other)}
    left = {
        field: [id for id in getattr(other, field) if id not in rejected | settled]
        for field in ("corrections", "also")
    }
    if any(left.values()) or not rejected:
        now = {**_under_present_names(content_of(other), known), **left}
        yield from consequences(now, known, standings, after)


def _under_present_names(content: Content, known: Known) -> Content:
    """The content of a decision whose pattern may have been renamed since."""
    name = content.get("pattern")
    return {**content, "pattern": known.curation.name_of(name)} if name else content


def _settles(later: Decision, other: Decision) -> bool:
    """Whether what a proposal says of a correction has no effect because of a later decision."""
    if other.gives_type and not later.gives_type:
        return False
    return later.action == "teach" or (other.action == "accept" and other.gives_type)


def _accepted(content: Content, known: Known, after: Corpus) -> Iterator[str]:
    ids = content["corrections"]
    if new := sum(id in known.uncaptured for id in ids):
        yield f"new in the log: {new} of {len(ids)}"
    if back := sum(known.curation.is_rejected(id) for id in ids):
        yield f"no longer rejected: {back} of {len(ids)}"
    yield from _retyped(content, known, after)
    them = "it" if len(ids) == 1 else "them"
    proposed = {family(id) for d in after.curation.proposals for id in (*d.corrections, *d.also)}
    if proposed.isdisjoint(map(family, ids)):
        yield f"`errata review` does not ask about {them} again"
    else:
        yield f"`errata review` still asks what agents propose about {them}"


def _rejected(content: Content, known: Known, standings: Standings, after: Corpus) -> Iterator[str]:
    if not content.get("pattern"):
        them = "it" if len(content["corrections"]) == 1 else "them"
        yield f"no backfill, rebase or squash brings {them} back"
    rows = (known.by_id[id] for id in content["corrections"] if id in known.by_id)
    only = content.get("pattern")
    names = {name for row in rows for name in row.patterns if only in (None, "", name)}
    yield from _changed(names, known, after, standings)


def _taught(content: Content, known: Known, standings: Standings, after: Corpus) -> Iterator[str]:
    name, ids = content["pattern"], (*content["corrections"], *content.get("also", ()))
    is_new = any(id in known.by_id and name not in known.by_id[id].patterns for id in ids)
    is_written = bool(content.get("description") or content.get("instead"))
    if is_new:
        yield from _changed([name], known, after, None if is_written else standings)
    yield from _retyped(content, known, after)
    if is_written:
        runbook = _runbook([content.get("agent") or EVERYONE])
        yield f"the next `errata evolve` writes it into {runbook}, in these words"


def _type_given(content: Content) -> str:
    """The type that a decision gives its corrections; "" if they keep theirs."""
    return str(content.get("type") or "") if content["action"] in _LOGGING else ""


def _retyped(content: Content, known: Known, after: Corpus) -> Iterator[str]:
    """What type corrections are of from now on, if it is another one than before."""
    kind, ids = _type_given(content), (*content["corrections"], *content.get("also", ()))
    # What somebody said after a proposal was made stays.
    given = [id for id in ids if kind and after.curation.type_of(id) == kind]
    before = [known.by_id[id].type for id in given if id in known.by_id]
    other = [name for name in before if name != kind]
    if len(ids) == 1 and other:
        yield f"the type: {terminal(other[0])} -> {kind}"
    elif other:
        yield f"the type is now {kind}: {len(other)} of {len(ids)}"


def _left(content: Content, known: Known, standings: Standings, after: Corpus) -> Iterator[str]:
    """What the patterns lose that corrections leave for the one that they are given."""
    rows = (known.by_id[id] for id in content["corrections"] if id in known.by_id)
    names = {name for row in rows for name in row.patterns if name != content["pattern"]}
    yield from _changed(names, known, after, standings)


def _changed(
    names: Iterable[str], known: Known, after: Corpus, standings: Standings | None
) -> Iterator[str]:
    """How the counts of patterns changed: a group that loses one may be none any more.

    Args:
        standings: None to leave out what ``errata evolve`` decides.
    """
    for name in sorted(names):
        before, now = _count(known.corpus, name), _count(after, after.curation.name_of(name))
        if before != now:
            decides = "" if standings is None else _decides(standings, name)
            yield f"the count of {name}: {before} -> {now}{decides}"


def _decides(standings: Standings, name: str) -> str:
    standing = standings.get(name)
    entry = " about its entry" if standing and not standing.archived else ""
    return f"; the next `errata evolve` decides again{entry}"


def _next(standings: Standings, name: str, promoted: str, otherwise: str) -> str:
    standing = standings.get(name)
    if standing is None or standing.archived:
        return otherwise
    return "the next `errata evolve` " + promoted.format(_runbook(standing.agents))


def _runbook(agents: Sequence[str]) -> str:
    if tuple(agents) == (EVERYONE,):
        return "the runbook for everyone"
    return "the runbook of " + " and ".join(agents)


def _count(corpus: Corpus, name: str) -> int:
    return len(corpus.occurrences.patterns.get(name, ()))


def _corrections(ids: Sequence[str], known: Known) -> str:
    if len(ids) == 1:
        row = known.by_id.get(ids[0])
        subject = terminal(row.subject).strip() if row else ""
        if len(subject) > _SUBJECT:
            subject = subject[:_SUBJECT].rstrip() + "..."
        return f"{terminal(ids[0])}" + (f' "{subject}"' if subject else "")
    more = ", ..." if len(ids) > _SHOWN else ""
    return f"{len(ids)} corrections ({', '.join(map(terminal, ids[:_SHOWN]))}{more})"


def when(decision: Decision) -> str:
    """Who decided, and when."""
    return f"{terminal(decision.by.name)} on {day(decision.when)}"
