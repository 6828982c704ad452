"""What a hook or ``errata flush`` does with a commit, with a rewrite, and with what was left over.

A rewrite is looked at from both sides: what the old commits made and the new ones do not is
withdrawn. The old commits are searched again rather than remembered, for git still has them, and a
correction keeps its id through any number of rewrites.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

from errata.core.config import Config
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.corrections import capture
from errata.corrections.attribution.blame import DeadlineError
from errata.corrections.capture import Candidate, CommitClassifier
from errata.provenance.commits import read_commits
from errata.records.deduplication import Record
from errata.state import outbox, retry_queue

Pairs = Sequence[tuple[str, str]]


class CorrectionRecorder:
    """Captures commits and follows rewrites in one repository.

    Args:
        seconds: the time allowed for all of it.
        whose: what is known already about whose commit it is.
    """

    def __init__(
        self,
        repo: Repository,
        config: Config,
        seconds: float,
        whose: CommitClassifier | None = None,
    ) -> None:
        self._repo = repo
        self._config = config
        self._whose = whose or CommitClassifier(config, repo)
        self._deadline = time.monotonic() + seconds

    def commit(self, opened: Candidate) -> list[Record]:
        """Capture one commit; returns the new corrections.

        Raises:
            DeadlineError: there was not enough time.
            ErrataError: an object is missing, or the corrections cannot be written.
        """
        return outbox.add(self._repo, self._config, self._detect(opened))

    def uncommitted(self) -> list[Record]:
        """Keep what HEAD tells of edits made before it; returns the new corrections.

        Raises as :meth:`commit`.
        """
        from errata.corrections.uncommitted import Uncommitted
        from errata.records.instants import clock

        head = read_commits(self._repo, ["HEAD"])
        if not head or len(head[0].parents) > 1:
            return []
        # A clock that runs ahead must not make what was just written look old.
        now = min(clock(), head[0].committer_time)
        look = Uncommitted(self._repo, self._config, self._whose, self._deadline, now)
        return look.take(head[0])

    def rewrite(self, pairs: Pairs, also: Iterable[str] = (), add: bool = True) -> tuple[int, int]:
        """Follow a rewrite; returns how many corrections were added and withdrawn.

        Args:
            pairs: (old, new) commits; many old ones may have become one.
            also: new commits that replace no particular old one.
            add: whether corrections may be added where there were none. Raises as :meth:`commit`.
        """
        before = self._all(old for old, _ in pairs)
        after = self._all([*(new for _, new in pairs), *also])
        left = [record["id"] for record in after]
        gone = []
        for record in before:
            if record["id"] in left:
                left.remove(record["id"])
            else:
                gone.append(record)
        withdrawn = outbox.withdraw(self._repo, self._config, gone)
        outbox.update(self._repo, self._config, after)
        new = outbox.add(self._repo, self._config, after) if add or withdrawn else []
        return len(new), withdrawn

    def left_over(self) -> list[str]:
        """Finish what earlier runs could not; returns one line for each that still cannot be."""
        trouble = []
        for one in retry_queue.entries(self._repo):
            try:
                if one.pairs:
                    self.rewrite(one.pairs)
                if one.sha:
                    outbox.add(self._repo, self._config, self._found(one.sha))
            except DeadlineError:
                trouble.append(f"{one.file.name[:12]}: not enough time")
            except ErrataError as error:
                trouble.append(f"{one.file.name[:12]}: {error}")
            else:
                retry_queue.remove(self._repo, one)
        return trouble

    def _all(self, shas: Iterable[str]) -> list[dict[str, Any]]:
        return [record for sha in self._people(shas) for record in self._found(sha)]

    def _people(self, shas: Iterable[str]) -> list[str]:
        commits = read_commits(self._repo, shas)
        return [c.sha for c in commits if len(c.parents) == 1 and self._whose(c).kind == "person"]

    def _found(self, sha: str) -> list[dict[str, Any]]:
        if time.monotonic() > self._deadline:
            raise DeadlineError
        opened = capture.find_candidate(self._repo.root, self._config, self._whose, sha)
        return self._detect(opened) if opened else []

    def _detect(self, opened: Candidate) -> list[dict[str, Any]]:
        detected = capture.detect(self._repo, self._config, opened, self._whose, self._deadline)
        return [correction.record() for correction in detected]
