"""Records that were in an append-only log and are no longer.

Most are in the history of HEAD: a revert, a checkout or a merge took lines out. Others were in a
commit that a rebase or a reset dropped, or were moved from the outbox into a log that was reset
before anybody committed it.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from errata.core import safe_open
from errata.core.config import Config
from errata.core.errors import RecordError
from errata.core.git import Repository, run_status
from errata.records import append, identity, staged_logs
from errata.records.description import is_described_line
from errata.records.model import Kind
from errata.state import outbox

_NUMSTAT = ("-m", "--no-renames", "--no-ext-diff", "--no-textconv", "--numstat", "-z")
_GREP = (
    *("grep", "-h", "-a", "-F", "--no-line-number", "--no-column", "--no-color"),
    *("--no-recurse-submodules", "-f", "-"),
)
_MAX_COMMITS = 500
_MAX_REMOVALS = 50
_MAX_BRANCHES = 200
_MAX_TIPS = 30
_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class RemovedRecords:
    """Records that a log lacks.

    Attributes:
        log: its path from the top of the repository.
        commit: the object id of the commit that removed them; "" if no commit has them any more.
        lines: each record as it was in the log, without its line end.
    """

    log: str
    kind: Kind
    commit: str
    lines: tuple[bytes, ...]


def removed_by(
    repo: Repository, config: Config, olds: Sequence[str], new: str
) -> list[RemovedRecords]:
    """The records that logs have in one of the old commits and not in the new one.

    Raises:
        GitError: an object is missing.
    """
    kinds = staged_logs.kinds(config.logs)
    lines: dict[str, dict[bytes, None]] = {}
    for old in olds:
        diff = repo.git("diff-tree", "-r", *_NUMSTAT, old, new, "--", *kinds)
        for log in _with_deletions(diff):
            missing = _missing(_content(repo, old, log), _content(repo, new, log))
            lines.setdefault(log, {}).update(dict.fromkeys(missing))
    return [
        RemovedRecords(log, kind, new, tuple(lines[log]))
        for log, kind in kinds.items()
        if lines.get(log)
    ]


def _with_deletions(numstat: bytes) -> list[str]:
    """The paths of ``--numstat -z`` that lose lines, or may; git counts none of binary files."""
    entries = (entry.lstrip(b"\n").split(b"\t") for entry in numstat.split(b"\0"))
    return [
        fields[2].decode("utf-8", "surrogateescape")
        for fields in entries
        if len(fields) == 3 and fields[1] != b"0"
    ]


def _content(repo: Repository, commit: str, log: str) -> bytes:
    """The log in a commit; b"" if it has none. Raises GitError: the object is missing."""
    path = f"{commit}:{log}".encode("utf-8", "surrogateescape")
    status, oid = run_status("rev-parse", "--verify", "--quiet", path, cwd=repo.root)
    return repo.git("cat-file", "blob", oid.strip()) if status == 0 else b""


def _missing(old: bytes, new: bytes) -> Iterator[bytes]:
    """The lines of ``old`` that hold a record which ``new`` lacks."""
    old_lines, new_lines = _lines(old), _lines(new)
    changed = old_lines.keys() - new_lines.keys()
    if not changed:
        return
    # The same record may be written in another way, or with its id kept be edited on purpose. Of a
    # described record, another line may still hold everything but the description.
    described = any(map(is_described_line, changed))
    new_ids = {_id(line) for line in new_lines if described or line not in old_lines}
    for line in old_lines:
        if line in changed and (id := _id(line)) and id not in new_ids:
            yield line


def _lines(text: bytes) -> dict[bytes, None]:
    return dict.fromkeys(line.rstrip(b"\r") for line in text.split(b"\n") if line.strip())


def _id(line: bytes) -> str:
    """The identity of the record on a line; "" if the line holds none."""
    with contextlib.suppress(RecordError):
        if isinstance(identity.decode(line), dict):
            return identity.line_id(line)
    return ""


def find_all(repo: Repository, config: Config) -> list[RemovedRecords]:
    """The records that the logs lack: of HEAD's history, of former tips, and from the outbox.

    Only the latest commits that changed a log are searched, for some seconds at most.

    Raises:
        GitError: an object is missing.
    """
    if repo.git_dir is None or repo.root == repo.git_dir:
        return []
    present = {log: _present(repo, log) for log in staged_logs.kinds(config.logs)}
    groups = []
    with contextlib.suppress(TimeoutError):
        for commit, parents in _removing_commits(repo, list(present)):
            for removed in removed_by(repo, config, parents, commit):
                lines = tuple(_missing(b"\n".join(removed.lines), present[removed.log]))
                # A record that was removed twice is offered once.
                present[removed.log] += b"".join(line + b"\n" for line in lines)
                if lines:
                    groups.append(RemovedRecords(removed.log, removed.kind, commit, lines))
    return [*groups, *_lost(repo, config, present)]


def _present(repo: Repository, log: str) -> bytes:
    """The log in the work tree, and where it has none, as in a sparse checkout, in HEAD."""
    try:
        text = safe_open.read_regular(repo.root / log)
    except OSError:
        text = _content(repo, "HEAD", log)
    return text if not text or text.endswith(b"\n") else text + b"\n"


def _removing_commits(repo: Repository, logs: Sequence[str]) -> list[tuple[str, list[str]]]:
    """(commit, parents) of the latest commits in which a log loses lines, newest first."""
    # A merge is listed once for each parent. Without --full-history, git leaves out the side of
    # a merge whose records the merge dropped.
    status, out = run_status(
        *("log", "--full-history", *_NUMSTAT, f"--max-count={_MAX_COMMITS}"),
        *("--format=tformat:%x01%H %P", "HEAD", "--", *logs),
        cwd=repo.root,
        timeout=_SECONDS,
    )
    removing: dict[str, list[str]] = {}
    for entry in out.split(b"\x01")[1:] if status == 0 else []:
        header, _, numstat = entry.partition(b"\0")
        commit, *parents = header.decode().split()
        if parents and _with_deletions(numstat):
            removing[commit] = parents
    return list(removing.items())[:_MAX_REMOVALS]


def _lost(
    repo: Repository, config: Config, present: Mapping[str, bytes]
) -> Iterator[RemovedRecords]:
    """Records of former tips of the branch, and of the outbox, that are in no log any more.

    Args:
        present: what each log holds, or is offered already.
    """
    tips = _former_tips(repo)
    for log, kind in staged_logs.kinds(config.logs).items():
        former = [_content(repo, tip, log) for tip in tips]
        if kind is Kind.CORRECTION:
            former.append(outbox.moved(repo))
        known = present[log] + _outbox_lines(repo)
        lines = dict.fromkeys(line for text in former for line in _missing(text, known))
        elsewhere = _kept_elsewhere(repo, log, list(lines)) if lines else set()
        if lost := tuple(line for line in lines if line not in elsewhere):
            yield RemovedRecords(log, kind, "", lost)


def find_lost_corrections(repo: Repository, config: Config) -> tuple[bytes, ...]:
    """Corrections that were moved from the outbox into their log, and that no log holds now.

    Raises:
        GitError: git cannot list branches or work trees.
    """
    log = config.logs.corrections
    lines = list(_missing(outbox.moved(repo), _present(repo, log) + _outbox_lines(repo)))
    elsewhere = _kept_elsewhere(repo, log, lines) if lines else set()
    return tuple(line for line in lines if line not in elsewhere)


def _former_tips(repo: Repository) -> list[str]:
    """Where the branch was before its latest rebases and resets; an amend is left out."""
    _, out = run_status(
        *("log", "--walk-reflogs", f"--max-count={_MAX_TIPS}", "--format=%H %gs"),
        *("@{0}", "--"),
        cwd=repo.root,
    )
    entries = [line.partition(b" ") for line in out.splitlines()]
    return [
        tip.decode()
        for (_, _, action), (tip, _, _) in itertools.pairwise(entries)
        if action.startswith((b"rebase", b"reset", b"pull --rebase"))
    ]


def _outbox_lines(repo: Repository) -> bytes:
    return b"".join(map(append.encode, outbox.read(outbox.file_path(repo))))


def _kept_elsewhere(repo: Repository, log: str, lines: Sequence[bytes]) -> set[bytes]:
    """Those of the lines that the log has on some branch, in a stash, or in another work tree."""
    kept: set[bytes] = set()
    for line in repo.git("worktree", "list", "--porcelain").splitlines():
        if line.startswith(b"worktree "):
            with contextlib.suppress(OSError):
                path = Path(line[9:].decode("utf-8", "surrogateescape")) / log
                kept.update(_lines(safe_open.read_regular(path)))
    refs = repo.git(
        *("for-each-ref", "--sort=-committerdate", f"--count={_MAX_BRANCHES}"),
        *("--format=%(objectname)", "refs/heads", "refs/remotes"),
    ).split()
    _, stashes = run_status("stash", "list", "--format=%H%n%P", cwd=repo.root)
    commits = list(dict.fromkeys([b"HEAD", *refs, *stashes.split()]))
    _, out = run_status(*_GREP, *commits, "--", log, cwd=repo.root, stdin=b"\n".join(lines))
    return kept.union(_lines(out)).intersection(lines)


def restore(repo: Repository, removed: Iterable[RemovedRecords]) -> dict[str, int]:
    """Append removed records to their logs again; returns how many by log.

    Raises:
        LogError: a log cannot be written.
    """
    records: dict[str, list[Mapping[str, object]]] = {}
    for group in removed:
        decoded = (identity.decode(line) for line in group.lines)
        records.setdefault(group.log, []).extend(r for r in decoded if isinstance(r, dict))
    return {
        log: append.append(Path(log), rows, root=repo.root, unique=True)
        for log, rows in records.items()
    }
