"""Which agents had read a lesson: by the runbook that a commit names, or by its session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from errata.core.git import Repository
from errata.lessons.agent_work import AddedLines
from errata.outcomes.watched import Watched
from errata.provenance.identity import Provenance
from errata.state import exposures
from errata.state.database import StateError
from errata.state.exposures import Given


@dataclass(frozen=True, slots=True)
class Readers:
    """What is known of who read what.

    Attributes:
        versions: digest of a version of a runbook -> the names of its entries.
        sessions: what each session was given in this clone.
    """

    versions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sessions: Mapping[str, Given] = field(default_factory=dict)

    @classmethod
    def of_clone(cls, repo: Repository, versions: Mapping[str, frozenset[str]]) -> Readers:
        """What a clone knows; nothing of sessions if its state cannot be read."""
        try:
            return cls(versions, exposures.given(repo))
        except StateError:
            return cls(versions)

    def has_read(self, commit: AddedLines, maker: Provenance, lesson: Watched) -> bool | None:
        """Whether the agent had read a lesson when it made a commit; None if that is not known.

        The commit's own trailer goes before what this clone remembers of its session.
        """
        if not lesson.known_as:
            return None
        if commit.runbooks:
            return self._holds(commit.runbooks, lesson)
        given = self.sessions.get(maker.session)
        if given is None:
            return None
        if not lesson.known_as.isdisjoint(given.lessons):
            return True
        return self._holds([*given.runbooks], lesson)

    def _holds(self, digests: tuple[str, ...] | list[str], lesson: Watched) -> bool | None:
        """Whether one of these versions has the lesson."""
        known = [self.versions[digest] for digest in digests if digest in self.versions]
        if any(not lesson.known_as.isdisjoint(names) for names in known):
            return True
        # A version that is in no commit may have held it.
        return False if len(known) == len(digests) else None
