"""Read many commits with one git process, whatever their encoding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from errata.core.errors import GitError
from errata.provenance.identity import CommitIdent, Provenance

_FIELDS = ("%H", "%P", "%at", "%ct", "%an", "%ae", "%cn", "%ce")
# After the message, whether git-ai left a note: ".." or a blank, and no byte of the note itself.
_FORMAT = "--format=tformat:" + "%n".join((*_FIELDS, "%B%x01%<(1,trunc)%N"))
# `git log` with a format that parse_commits reads.
LOG = (
    # Without --encoding, messages arrive in the encoding that the user's terminal is set to.
    *(
        "log",
        "-z",
        "--encoding=UTF-8",
        "--no-show-signature",
        "--notes=refs/notes/ai",
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
        annotated: whether git-ai left a note about it; None if that was not asked.
        writer: who wrote the lines in question, if known more precisely than from the commit.
    """

    sha: str
    parents: tuple[str, ...]
    author_time: int
    committer_time: int
    ident: CommitIdent
    annotated: bool | None = None
    writer: Provenance | None = None


def read_commits(repo: _Git, shas: Iterable[str]) -> list[Commit]:
    """Exactly these commits, in this order, each once; one process for any number.

    Raises:
        GitError: one of them does not exist here.
    """
    unique = list(dict.fromkeys(shas))
    if not unique:
        return []
    stdin = "".join(f"{sha}\n" for sha in unique).encode()
    return parse_commits(repo.git(*LOG, "--no-walk=unsorted", "--stdin", stdin=stdin))


def parse_commits(out: bytes) -> list[Commit]:
    """The commits in the output of ``git`` with the arguments :data:`LOG`.

    Raises:
        GitError: the output is cut off, or not git's.
    """
    return [_commit(chunk) for chunk in out.split(b"\0") if chunk.strip()]


def _commit(chunk: bytes) -> Commit:
    *head, message = chunk.lstrip(b"\n").split(b"\n", len(_FIELDS))
    text, marker, note = message.rpartition(b"\x01")
    return commit_of(head, text if marker else message, note.startswith(b"..") if marker else None)


def commit_of(head: Sequence[bytes], message: bytes, annotated: bool | None = None) -> Commit:
    """A commit from what git prints for %H %P %at %ct %an %ae %cn %ce, and its message.

    Raises:
        GitError: a field is missing.
    """
    if len(head) != len(_FIELDS):
        raise GitError("a commit as git prints it cannot be read", "run it again")
    sha, parents, authored, committed, author, author_email, committer, email = map(_text, head)
    return Commit(
        sha,
        tuple(parents.split()),
        _instant(authored),
        _instant(committed),
        CommitIdent(author, author_email, committer, email, _text(message).rstrip("\n") + "\n"),
        annotated,
    )


def _text(raw: bytes) -> str:
    """UTF-8, or else Latin-1, in which every byte is some character."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _instant(seconds: str) -> int:
    # Git prints a damaged date as empty or absurd; 0 keeps such a commit out of every window.
    try:
        return int(seconds) * 1_000_000
    except ValueError:
        return 0
