"""Many commits through one git process, whatever their encoding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from errata.core.errors import GitError
from errata.provenance.identity import CommitIdent, Provenance

_FIELDS = ("%H", "%P", "%at", "%ct", "%an", "%ae", "%cn", "%ce")
_FORMAT = "--format=tformat:" + "%n".join((*_FIELDS, "%B"))
# `git log` with a format that parse_commits reads.
LOG = (
    # Without --encoding, messages arrive in the encoding that the user's terminal is set to.
    *(
        "log",
        "-z",
        "--encoding=UTF-8",
        "--no-show-signature",
        "--no-notes",
        "--no-mailmap",
        "--no-color",
    ),
    _FORMAT,
)


class _Git(Protocol):
    def git(
        self, *args: str | bytes, stdin: bytes | None = None, ok: Sequence[int] = (0,)
    ) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit as provenance needs it.

    Attributes:
        sha: full object id.
        parents: full object ids, first parent first.
        author_time: instant in microseconds since 1970 UTC, as is ``committer_time``.
        ident: names, addresses and message, for :func:`errata.provenance.identity.classify`.
        wrote: who wrote those lines of the commit that are meant, where that is known better than
            the commit says it.
    """

    sha: str
    parents: tuple[str, ...]
    author_time: int
    committer_time: int
    ident: CommitIdent
    wrote: Provenance | None = None


def read_commits(repo: _Git, shas: Iterable[str]) -> list[Commit]:
    """Exactly these commits, in this order, each once; one process for any number.

    Raises:
        GitError: one of them does not exist here.
    """
    wanted = list(dict.fromkeys(shas))
    if not wanted:
        return []
    asked = "".join(f"{sha}\n" for sha in wanted).encode()
    return parse_commits(repo.git(*LOG, "--no-walk=unsorted", "--stdin", stdin=asked))


def read_revisions(repo: _Git, revisions: Sequence[str]) -> list[Commit]:
    """The commits that a person names: ``HEAD~2`` is one commit, ``main..topic`` several.

    Raises:
        GitError: a revision is not known; nothing in one is taken for an option.
    """
    found: dict[str, Commit] = {}
    for revision in revisions:
        # Nothing that git calls a revision begins with a dash.
        if revision.startswith("-") or "\0" in revision or not revision.strip():
            raise GitError(f"{revision!r} is not a revision", "give commits or ranges")
        out = repo.git(*LOG, "--no-walk=unsorted", "--end-of-options", revision, "--")
        found |= {commit.sha: commit for commit in parse_commits(out)}
    return list(found.values())


def parse_commits(out: bytes) -> list[Commit]:
    """The commits in the output of ``git`` with the arguments :data:`LOG`.

    Raises:
        GitError: the output is cut off, or not git's.
    """
    return [_commit(chunk) for chunk in out.split(b"\0") if chunk.strip()]


def _commit(chunk: bytes) -> Commit:
    *head, message = chunk.lstrip(b"\n").split(b"\n", len(_FIELDS))
    return commit_of(head, message)


def commit_of(head: Sequence[bytes], message: bytes) -> Commit:
    """A commit from what git prints for %H %P %at %ct %an %ae %cn %ce, and its message.

    Raises:
        GitError: that is not all there.
    """
    if len(head) != len(_FIELDS):
        raise GitError("a commit as git prints it cannot be read", "run it again")
    sha, parents, authored, committed, name, email, by, by_email = map(_text, head)
    return Commit(
        sha,
        tuple(parents.split()),
        _instant(authored),
        _instant(committed),
        CommitIdent(name, email, by, by_email, _text(message).rstrip("\n") + "\n"),
    )


def _text(raw: bytes) -> str:
    """UTF-8, or else Latin-1, in which every byte is some character."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _instant(seconds: str) -> int:
    # A damaged date reads as empty or absurd; 0 keeps such a commit out of every window.
    try:
        return int(seconds) * 1_000_000
    except ValueError:
        return 0
