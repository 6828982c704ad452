"""Who corrects what, with or without names."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable

from errata.corrections.correction import Correction, display_path
from errata.report.model import PersonRow

_MOST = 12


def who_fixes_what(
    corrections: Iterable[Correction], area: Callable[[str], str], *, with_names: bool
) -> list[PersonRow]:
    """One row for each person, those with the most corrections first.

    Args:
        with_names: whether to name them; else each is ``person 1``, ``person 2`` and so on.
    """
    by_person: dict[str, list[Correction]] = defaultdict(list)
    for each in corrections:
        ident = each.person.ident
        by_person[ident.author_email.strip().lower() or ident.author_name].append(each)
    ranked = sorted(by_person.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        _row(_name(rows) if with_names else f"person {number}", rows, area)
        for number, (_, rows) in enumerate(ranked[:_MOST], 1)
    ]


def _name(rows: list[Correction]) -> str:
    """The name that somebody used last."""
    return max(rows, key=lambda each: each.person.author_time).person.ident.author_name


def _row(label: str, rows: list[Correction], area: Callable[[str], str]) -> PersonRow:
    areas = Counter(
        name for each in rows for name in {area(display_path(hunk.diff)) for hunk in each.hunks}
    )
    return PersonRow(
        label,
        len(rows),
        len({each.person.sha for each in rows}),
        dict(Counter(each.provenance.name for each in rows).most_common()),
        dict(areas.most_common()),
        dict(Counter(each.type.value.replace("_", " ") for each in rows).most_common()),
    )
