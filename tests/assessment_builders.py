"""Commits of an agent and of a person as data, and what errata measures in real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from hypothesis import strategies as st

from conftest import Repo
from errata.core.config import load
from errata.core.git import Repository
from errata.corrections import capture
from errata.corrections.attribution.attributed_hunks import AttributedHunk
from errata.corrections.attribution.changed_files import changed_files
from errata.corrections.attribution.deadline import NO_DEADLINE
from errata.corrections.attribution.diff import FileDiff, Hunk
from errata.corrections.candidates import find_candidate
from errata.corrections.classify.facts import Facts
from errata.corrections.commit_classifier import CommitClassifier
from errata.corrections.correction import Assessment
from errata.provenance.commits import Commit
from errata.provenance.identity import CommitIdent
from history_builders import START

HOUR = 3600
CLAUDE = "Co-Authored-By: Claude <noreply@anthropic.com>"
AGENT_SHA, PERSON_SHA = "a" * 40, "b" * 40


# ------------------------------------------------------------------------------------- histories


class Turns:
    """A repository where an agent and a person commit in turn, an hour apart.

    Args:
        repo: an empty repository (tests/conftest.py).
    """

    def __init__(self, repo: Repo) -> None:
        self.repo = repo
        self._clock = START
        self.person({"README.md": "Rows\n"}, "Begin")

    def agent(self, files: Mapping[str, str | None], subject: str = "feat: rows") -> str:
        """An agent commits files; None removes one."""
        return self.person(files, f"{subject}\n\n{CLAUDE}")

    def person(self, files: Mapping[str, str | None], message: str, hours: float = 1) -> str:
        """A person commits files; None removes one."""
        self._clock += int(hours * HOUR)
        for path, text in files.items():
            if text is None:
                (self.repo.root / path).unlink()
            else:
                self.repo.write(path, text)
        when = f"{self._clock} +0000"
        return self.repo.commit(message, GIT_AUTHOR_DATE=when, GIT_COMMITTER_DATE=when)

    def assessed(self, revision: str = "HEAD") -> list[Assessment]:
        """What errata looks at in a commit."""
        return assess(self.repo.root, self.repo.git("rev-parse", revision))

    def facts(self) -> Facts:
        """What is measured where the last commit touches the lines of one agent."""
        (item,) = self.assessed()
        assert item.facts is not None
        return item.facts


def assess(root: Path, sha: str) -> list[Assessment]:
    """What errata looks at in a commit of a repository."""
    repo, config = Repository.discover(root), load(root)
    classifier = CommitClassifier(config, repo)
    candidate = find_candidate(root, config, classifier, sha)
    if candidate is None:
        return []
    files = changed_files(repo, sha, NO_DEADLINE)
    return capture.assess(repo, config, candidate, files, classifier)


# ------------------------------------------------------------------------------------------ data


def commit(message: str, sha: str = PERSON_SHA, parents: Sequence[str] = ()) -> Commit:
    """A commit that is in no repository."""
    ident = CommitIdent("Ann", "ann@example.org", "Ann", "ann@example.org", message)
    return Commit(sha, tuple(parents), START * 1_000_000, START * 1_000_000, ident)


AGENT = commit("feat: rows", AGENT_SHA)
Change = tuple[list[bytes], list[bytes], bool]
"""Old lines, new lines, and whether the agent wrote the old ones or those around."""
Changes = list[tuple[bytes, list[Change]]]


def attributed(diff: FileDiff, hunk: Hunk, agent: Commit = AGENT) -> AttributedHunk:
    """A hunk whose old lines are the agent's, or those on both sides."""
    return AttributedHunk(diff, hunk, tuple(agent for _ in hunk.old), agent, agent)


def between(
    changes: Sequence[tuple[bytes, Sequence[Change]]],
) -> tuple[list[AttributedHunk], list[FileDiff]]:
    """The hunks that touch the agent's lines, and all files of a commit."""
    hunks, files = [], []
    for path, parts in changes:
        diff = FileDiff([path], path, b"100644")
        for start, (old, new, is_agents) in enumerate(parts):
            diff.hunks.append(hunk := Hunk(100 * start, old, new))
            if is_agents:
                hunks.append(attributed(diff, hunk))
        files.append(diff)
    return hunks, files


LINE = st.text("abcdefgXY_12 .()\u00e9", max_size=14).map(str.encode)
_LINES = st.lists(LINE, max_size=4)
_PARTS = st.tuples(_LINES, _LINES, st.booleans()).filter(lambda part: bool(part[0] or part[1]))
_PATHS = st.sampled_from([b"a.py", b"src/rows.ts", b"tests/test_a.py", b"notes.md", b"x.yaml"])
CHANGES = st.lists(
    st.tuples(_PATHS, st.lists(_PARTS, min_size=1, max_size=4)),
    min_size=1,
    max_size=4,
    unique_by=lambda file: file[0],
)
