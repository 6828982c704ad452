"""The excerpt of a runbook that an agent reads: everything, or the most relevant sections."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from errata.runbooks.paths import CODE, QUOTED, WRITTEN
from errata.runbooks.sanitise import plain
from errata.skills.runbook_sections import Section, relevance

_BOLD = re.compile(r"(?:[-*+]|\d+[.)]) \*\*((?:[^*\\]|\\.)+)\*\*")
_LIST_ITEM = re.compile(r"[-*+] |\d+[.)] ")
# An entry in the layout of runbooks/entry_layout.py: quoted text from a log above the line of
# figures, or code above that of a lesson.
_QUOTATION = re.compile(r'"\S.*\n  Seen \d|\): "\S.*\n  People corrected this \d', re.DOTALL)
_BY_PERSON = re.compile(
    r'- \*\*(?:[^*\\]|\\.)+\*\* \((?:pattern|anti-pattern|tip), (?:written|confirmed) by "'
)
_CODE_ABOVE = re.compile(r"`.*\n  People corrected this \d", re.DOTALL)
_TITLE_MAX, _TITLES_MAX, _FILES_SHOWN = 48, 130, 3
_REST = "The rest:"


class RunbookExcerpt(NamedTuple):
    """A runbook, and the files that the agent works on.

    Attributes:
        agent: the agent that the runbook is for.
        path: path of the runbook, relative to the top of the repository.
        sections: all sections of the runbook, in order.
        files: the files being worked on, relative to the top of the repository.
    """

    agent: str
    path: str
    sections: Sequence[Section]
    files: Sequence[str] = ()

    def text(self, limit: int) -> str:
        """At most ``limit`` characters, cut between sections; the last line names the omitted ones.

        If no section fits, the first one is cut between lines; "" if not even one line fits.
        """
        scores = [relevance(section, self.files) for section in self.sections]
        relevant = {index for index, score in enumerate(scores) if score}
        by_relevance = sorted(range(len(scores)), key=lambda index: (-scores[index], index))
        if sum(len(section.text) for section in self.sections) <= limit:
            everything = self._layout(by_relevance, relevant)
            if len(everything) <= limit:
                return everything
        chosen = self._choose(by_relevance, relevant, limit)
        while chosen:
            text = self._layout(chosen, relevant)
            if len(text) <= limit:
                return text
            chosen.pop()  # The text repeats some of its headings.
        return self._beginning(self.sections[by_relevance[0]], limit)

    def _choose(
        self, by_relevance: Sequence[int], relevant: Collection[int], limit: int
    ) -> list[int]:
        """The sections that fit, most relevant first; a section that is too long is skipped."""
        of_quotations = sum(map(len, notices(self.sections)))
        remaining = limit - len(self._layout((), ())) - _TITLES_MAX - of_quotations - 4
        if relevant:
            remaining -= len(self._about()) + len(_REST) + 4
        used: set[tuple[bool, tuple[str, ...]]] = set()
        chosen = []
        for index in by_relevance:
            section = self.sections[index]
            paths = [section.headings[: depth + 1] for depth in range(len(section.headings))]
            headings = {(index in relevant, path) for path in paths} - used
            cost = len(section.text) + 2 + sum(len(path[-1]) + 2 for _, path in headings)
            if cost <= remaining:
                remaining -= cost
                used |= headings
                chosen.append(index)
        return chosen

    def _layout(self, chosen: Collection[int], relevant: Collection[int]) -> str:
        parts = [f"This repository's runbook for {self.agent} ({self.path}) says:"]
        parts += notices([self.sections[index] for index in chosen])
        matching = [self.sections[index] for index in sorted(chosen) if index in relevant]
        others = [self.sections[index] for index in sorted(chosen) if index not in relevant]
        if matching:
            parts += [self._about(), *_under_headings(matching)]
            parts += [_REST] if others else []
        parts += _under_headings(others)
        if len(chosen) < len(self.sections):
            shown = set(chosen)
            parts.append(self._omitted([i for i in range(len(self.sections)) if i not in shown]))
        return "\n\n".join(parts)

    def _about(self) -> str:
        shown = ", ".join(plain(file, 80) for file in self.files[:_FILES_SHOWN])
        more = len(self.files) - _FILES_SHOWN
        return f"About {shown} and {more} more:" if more > 0 else f"About {shown}:"

    def _omitted(self, indexes: Sequence[int]) -> str:
        titles: list[str] = []
        for index in indexes:
            longer = [*titles, _title(self.sections[index])]
            if len(", ".join(longer)) > _TITLES_MAX:
                break
            titles = longer
        more = ", …" if len(titles) < len(indexes) else ""
        count = f"{len(indexes)} of {len(self.sections)} entries"
        named = ", ".join(titles)
        omitted = f"Left out for lack of space: {count} ({named}{more})."
        return f"{omitted} The full runbook is in {self.path}."

    def _beginning(self, section: Section, limit: int) -> str:
        """The first lines of a section that does not fit; "" if not even one line fits."""
        parts = [f"This repository's runbook for {self.agent} ({self.path}) begins:"]
        # A quotation is never shown without the notice about quotations.
        parts += notices([section])
        parts += section.headings
        end = f"The rest was left out for lack of space. The full runbook is in {self.path}."
        remaining = limit - len("\n\n".join([*parts, "", end]))
        lines: list[str] = []
        for line in section.text.split("\n"):
            remaining -= len(line) + bool(lines)
            if remaining < 0:
                break
            lines.append(line)
        return "\n\n".join([*parts, "\n".join(lines), end]) if lines else ""


def notices(shown: Iterable[Section]) -> list[str]:
    """What a reader must know of the quotations and the code in these sections."""
    text = [section.text for section in shown]
    by_person = [part for part in text if _BY_PERSON.match(part)]
    from_logs = [part for part in text if not _BY_PERSON.match(part)]
    notices = [
        *([QUOTED] if any(map(_QUOTATION.search, from_logs)) else []),
        *([WRITTEN] if by_person else []),
        *([CODE] if any(map(_CODE_ABOVE.search, text)) else []),
    ]
    notice = " ".join(notices)
    return [notice] if notice else []


def _under_headings(sections: Sequence[Section]) -> Iterator[str]:
    """Headings and sections, each heading once; adjacent items of a list stay together."""
    above: tuple[str, ...] = ()
    items: list[str] = []
    for section in sections:
        same_list = section.headings == above and _LIST_ITEM.match(section.text)
        if items and not (same_list and _LIST_ITEM.match(items[-1])):
            yield "\n".join(items)
            items = []
        for depth, heading in enumerate(section.headings):
            if above[: depth + 1] != section.headings[: depth + 1]:
                yield heading
        above = section.headings
        items.append(section.text)
    if items:
        yield "\n".join(items)


def _title(section: Section) -> str:
    line = section.text.split("\n", 1)[0]
    bold = _BOLD.match(line)
    return plain(re.sub(r"\\(.)", r"\1", bold[1]) if bold else line.lstrip("#-*+> "), _TITLE_MAX)
