"""Edits before the commit: what an agent wrote last against what was committed.

A chain of steps (errata.state.agent_edits) tells, from the parent's file to the committed one,
who made which change: within a step the agent, between steps and after the last one a person. So
each committed line has a writer, and what a person changed in an agent's lines is looked at as any
other edit of them is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from errata.core.config import Config
from errata.core.errors import GitError
from errata.core.git import Repository
from errata.corrections.attribution import blame, line_attribution
from errata.corrections.attribution.attributed_hunks import AttributedHunk
from errata.corrections.attribution.git_log import FileDiff, Hunk
from errata.corrections.capture import CommitClassifier
from errata.corrections.classify import generated_paths
from errata.corrections.detect import Correction, Detector
from errata.provenance.commits import Commit
from errata.provenance.identity import CommitIdent, Provenance
from errata.records import deduplication
from errata.records.model import DAY
from errata.state import agent_edits, outbox
from errata.state.agent_edits import AgentEdit, EditHistory, Writer

Lines = list[bytes]
OLD, PERSON = -2, -1
"""Writers of lines beside the numbers of steps: the parent's file, and the person."""
# Comparing two texts can cost the product of their lengths.
_PRODUCT = 4_000_000


class TooLargeError(Exception):
    """Two versions differ too much to be compared line by line."""


@dataclass(slots=True)
class Trace:
    """One file from the parent to the commit.

    Attributes:
        lines: the committed lines, and who wrote each (OLD, PERSON or the number of a step).
        edits: a person's changes: hunks, and the writers of the lines before them.
    """

    lines: Lines
    writers: list[int]
    edits: list[tuple[list[Hunk], list[int]]] = field(default_factory=list)


def trace(parent: bytes | None, chain: EditHistory, committed: bytes) -> Trace:
    """Follow a file through its chain.

    Args:
        parent: the file in the commit's parent; None where it is new.

    Raises:
        TooLargeError: two of the versions cannot be compared.
    """
    found = Trace(_lines(parent or b""), [])
    found.writers = [OLD] * len(found.lines)
    for number, step in enumerate(chain):
        if step.before is not None:
            _advance(found, _lines(step.before), PERSON)
        _advance(found, _lines(step.after), number)
    _advance(found, _lines(committed), PERSON)
    return found


def _advance(found: Trace, new: Lines, writer: int) -> None:
    hunks = changes(found.lines, new)
    if writer == PERSON and hunks:
        found.edits.append((hunks, found.writers[:]))
    for hunk in reversed(hunks):
        found.writers[hunk.start : hunk.start + len(hunk.old)] = [writer] * len(hunk.new)
    found.lines = new


def changes(old: Lines, new: Lines) -> list[Hunk]:
    """How one text becomes the other. Raises TooLargeError."""
    if old == new:
        return []
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(a) * len(b) > _PRODUCT:
        raise TooLargeError
    import difflib

    codes = difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return [Hunk(head + i, a[i:j], b[k:m]) for tag, i, j, k, m in codes if tag != "equal"]


def _lines(data: bytes) -> Lines:
    # Line endings are often git's doing: what is on disk need not be what is committed.
    lines = data.replace(b"\r\n", b"\n").split(b"\n")
    return lines if lines[-1] else lines[:-1]


class Uncommitted:
    """What was kept of agents' writing, looked at once its files are committed.

    Args:
        deadline: :func:`time.monotonic` at which to give up.
        now: microseconds UTC.
    """

    def __init__(
        self, repo: Repository, config: Config, whose: CommitClassifier, deadline: float, now: int
    ) -> None:
        self._repo = repo
        self._config = config
        self._whose = whose
        self._deadline = deadline
        self._chains = agent_edits.edit_histories(repo, now, config.capture.window_days)

    def take(self, commit: Commit) -> list[deduplication.Record]:
        """Keep what a commit tells; returns the new corrections.

        Raises:
            ErrataError: an object is missing, or something cannot be written.
            DeadlineError: there was not enough time.
        """
        kind = self._whose(commit).kind
        files = self._concerned(commit) if kind in ("person", "agent") else []
        records: list[deduplication.Record] = []
        lines: dict[Writer | None, list[bytes]] = {}
        for path, _, traced in files:
            chain = self._chains[path]
            _gather(lines, traced, chain)
            records += [c.record() for c in self._corrections(commit, path, traced, chain)]
        if any(writer is not None for writer in lines) and (kind == "person" or None in lines):
            line_attribution.save(self._repo, commit, lines)
        new = outbox.add(self._repo, self._config, records)
        for path, diff, _ in files:
            self._finish(path, diff)
        return new

    def _concerned(self, commit: Commit) -> list[tuple[str, FileDiff, Trace]]:
        found = []
        files = blame.commit_diff(self._repo, commit, self._deadline) if self._chains else []
        by_path = {_text(diff.new_path): diff for diff in files if diff.new_path}
        paths_here = [path for path in self._chains if path in by_path]
        filtered = self._filtered(paths_here)
        for path in paths_here:
            diff = by_path[path]
            if diff.binary or diff.mode in (b"120000", b"160000") or path in filtered:
                agent_edits.forget(self._repo, path)
                continue
            try:
                parent = self._blob(commit.parents[0], diff.old_path) if commit.parents else None
                committed = self._blob(commit.sha, diff.new_path)
                found.append((path, diff, trace(parent, self._chains[path], committed or b"")))
            except (TooLargeError, GitError):
                agent_edits.forget(self._repo, path)
        return found

    def _blob(self, sha: str, path: bytes | None) -> bytes | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise blame.DeadlineError
        if path is None:
            return None
        return self._repo.git("cat-file", "blob", sha.encode() + b":" + path, timeout=left)

    def _filtered(self, found: Sequence[str]) -> set[str]:
        """Paths whose content git itself changes on the way in."""
        if not found:
            return set()
        names = "".join(f"{path}\0" for path in found).encode("utf-8", "surrogateescape")
        args = ("check-attr", "-z", "--stdin", "filter", "ident", "working-tree-encoding")
        fields = self._repo.git(*args, stdin=names).split(b"\0")
        rows = zip(fields[::3], fields[2::3], strict=False)
        return {_text(path) for path, value in rows if value not in (b"unspecified", b"unset")}

    def _corrections(
        self, commit: Commit, path: str, traced: Trace, chain: EditHistory
    ) -> Iterator[Correction]:
        # The message tells what the whole commit is for, not why the person changed the agent's
        # lines in it: nothing was said about that.
        person = replace(commit, ident=replace(commit.ident, message=""))
        authors = [_author(step, commit) for step in chain]
        name = path.encode("utf-8", "surrogateescape")
        marked = generated_paths.marked(self._repo, [name])

        def generated(each: bytes) -> bool:
            return each in marked or generated_paths.generated(each)

        detector = Detector(
            self._whose,
            lambda agent: len(chain[authors.index(agent)].after.splitlines()),
            self._config.capture.window_days * DAY,
        )
        for hunks, writers in traced.edits:
            diff = FileDiff([name], name, b"100644", hunks=hunks)
            touches = [_touch(diff, hunk, writers, authors.__getitem__) for hunk in hunks]
            for found in detector.corrections(person, [diff], touches, generated):
                yield replace(found, person=commit)

    def _finish(self, path: str, diff: FileDiff) -> None:
        """Forget a file that is committed as it stands; a part of it may have been left out."""
        name = diff.new_path or b""
        # Not by its times alone, which may be new where nothing else is.
        args = ("-c", "diff.autoRefreshIndex=true", "diff", "--no-ext-diff", "--no-textconv")
        if not self._repo.git(*args, "--name-only", "-z", "--", name):
            agent_edits.forget(self._repo, path)


def _author(step: AgentEdit, commit: Commit) -> Commit:
    """A step as if it were a commit of its own, which it never was: it has no id."""
    ident = CommitIdent(
        step.writer.tool, commit.ident.author_email, step.writer.tool, "", f"{step.writer.tool}\n"
    )
    by = Provenance("agent", step.writer.tool, step.writer.agent, session=step.writer.session)
    # The clocks of an author date and of the tool's event need not agree to the second.
    when = min(step.time, commit.author_time)
    return Commit("", (), when, when, ident, wrote=by)


def _touch(
    diff: FileDiff, hunk: Hunk, writers: Sequence[int], author: Callable[[int], Commit]
) -> AttributedHunk:
    def owner(index: int) -> Commit | None:
        inside = 0 <= index < len(writers) and writers[index] >= 0
        return author(writers[index]) if inside else None

    stop = hunk.start + len(hunk.old)
    owners = tuple(owner(index) for index in range(hunk.start, stop))
    return AttributedHunk(diff, hunk, owners, owner(hunk.start - 1), owner(stop))


def _gather(lines: dict[Writer | None, list[bytes]], traced: Trace, chain: EditHistory) -> None:
    """Sort the lines that a commit adds by who wrote them."""
    for line, writer in zip(traced.lines, traced.writers, strict=True):
        if writer >= 0:
            lines.setdefault(chain[writer].writer, []).append(line)
        elif writer == PERSON:
            lines.setdefault(None, []).append(line)


def _text(path: bytes | None) -> str:
    return (path or b"").decode("utf-8", "surrogateescape")
