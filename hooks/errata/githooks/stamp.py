"""errata-stamp: add trailers that say where a commit comes from (prepare-commit-msg, commit-msg).

usage: errata-stamp FILE [SOURCE [SHA]]

The arguments are those that git passes to the hook. prepare-commit-msg stamps a message that is
complete (-m, -F). commit-msg stamps one that comes from an editor or a template, because git aborts
a commit whose message was not edited. An agent's commit gets trailers that name the agent, also a
revert, a merge that it concludes, and what it commits while a rebase is stopped; a person's commit
that corrects an agent's gets `Corrects:`. A message that git copies or joins (merge, squash, amend,
fixup!, rebase, cherry-pick) is not changed. The hook never fails a commit.
"""

from __future__ import annotations

import contextlib
import os
import sys

from errata.core import safe_open
from errata.core.interrupt import interruptible
from errata.githooks._message_arguments import message_arguments
from errata.githooks._repository import repository
from errata.provenance.environment import Agent, feature, unusable_name
from errata.state.who_commits import role_by_edits, who_commits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Trailers = list[tuple[str, str]]

_GENERATED_SUBJECTS = (b"fixup! ", b"squash! ", b"amend! ")
# The size of a `Corrects:` line.
_COLUMNS, _BYTES = 72, 100
# Written by prepare-commit-msg for commit-msg, which git does not tell that a commit is an amend.
_SKIP_MARKER = "ERRATA_UNSTAMPED"


@interruptible
def main(argv: Sequence[str] | None = None) -> int:
    """Run the hook; 0 unless it was called without a file."""
    args = message_arguments(argv)
    if args is None:
        return 0
    if not args or args[0] in ("-h", "--help") or len(args) > 3:
        print(__doc__, file=sys.stdout if args[:1] in (["-h"], ["--help"]) else sys.stderr)
        return 0 if args[:1] in (["-h"], ["--help"]) else 2
    from errata.core.errors import ErrataError

    try:
        _note_squash()
        agent = who_commits(os.environ, repository)
        if agent is None:
            from errata.corrections import precheck

            if not precheck.can_skip_staged():
                _stamp(args, _person_trailers, by_agent=False)
        else:

            def agent_trailers(root: Path, git_dir: Path, _text: bytes) -> Trailers:
                return _agent_trailers(agent, root, git_dir)

            if _stamp(args, agent_trailers, by_agent=True):
                _report_unusable_name(agent)
    except (ErrataError, OSError) as error:
        print(f"errata-stamp: not stamped: {error}", file=sys.stderr)
    except Exception as error:
        # A missing trailer does less harm than a failed commit.
        print(f"errata-stamp: skipped: {type(error).__name__}: {error}", file=sys.stderr)
    return 0


def _note_squash() -> None:
    """Tell the capture hook of a squash merge: git removes its file before that runs."""
    git_dir = os.environ.get("GIT_DIR", ".git")
    if os.access(f"{git_dir}/SQUASH_MSG", os.F_OK):
        from errata.state import markers

        markers.put(git_dir, markers.SQUASH)


def _report_unusable_name(agent: Agent) -> None:
    if name := unusable_name(os.environ):
        from errata.runbooks.sanitise import terminal

        print(
            f"errata-stamp: ERRATA_AGENT={terminal(name)!r} has no letter a-z and no digit:"
            f" the agent is called {agent.name}; set a name such as api-dev",
            file=sys.stderr,
        )


def _stamp(
    args: list[str], find_trailers: Callable[[Path, Path, bytes], Trailers], *, by_agent: bool
) -> bool:
    """Add the trailers that are missing; returns whether there were any."""
    from pathlib import Path

    from errata.core import atomic
    from errata.provenance import trailers

    file, root = Path(args[0]), Path.cwd()
    git_dir = _git_dir(file)
    source = args[1] if len(args) > 1 else os.environ.get("PRE_COMMIT_COMMIT_MSG_SOURCE", "")
    if _reuses_message(git_dir, source):
        return False
    settings = trailers.read_settings(os.environ)
    message = trailers.split(file.read_bytes(), settings)
    if trailers.is_blank(message, settings):
        (git_dir / _SKIP_MARKER).unlink(missing_ok=True)
        return False
    is_template = source == "template" or trailers.is_template(message, settings, root)
    if is_template or not _is_new(git_dir, source, message.text, by_agent=by_agent):
        return False
    wanted = find_trailers(root, git_dir, message.text)
    present = trailers.keys_in(message.text)
    if not wanted or wanted[0][0].lower() in present:
        return False
    missing = [(key, value) for key, value in wanted if key.lower() not in present]
    atomic.write(file, trailers.append(message, missing), durable=False)
    return True


def _reuses_message(git_dir: Path, source: str) -> bool:
    """Whether the commit is an amend, or takes its message from another commit (-c, -C)."""
    marker = git_dir / _SKIP_MARKER
    if source == "commit":
        with contextlib.suppress(OSError), open(marker, "wb", opener=safe_open.open_nofollow):
            pass
        return True
    if not source and marker.exists():
        marker.unlink()
        return True
    if source:
        marker.unlink(missing_ok=True)
    return False


def _is_new(git_dir: Path, source: str, text: bytes, *, by_agent: bool) -> bool:
    """Whether somebody makes a commit of their own."""
    if text.lstrip().startswith(_GENERATED_SUBJECTS) or _is_copy(git_dir, source):
        return False
    if by_agent:
        return not _is_merge_by_git(git_dir, source)
    # A person's merge or revert corrects nothing that its own message does not tell.
    return not _is_merge(git_dir, source) and not _is_revert(git_dir, text)


def _is_copy(git_dir: Path, source: str) -> bool:
    """Whether git copies an existing commit or joins several, or somebody resolves its conflicts.

    A rebase, or a series of picks, also stops to let somebody work. What is committed then is new,
    and only then is there no MERGE_MSG, in which git prepares the message of a copy.
    """
    from errata.corrections import git_state

    if source == "squash" or (git_dir / "SQUASH_MSG").exists():
        return True
    if git_state.has_ref(str(git_dir), "CHERRY_PICK_HEAD"):
        return True
    if not (git_dir / "MERGE_MSG").exists():
        return False
    if (git_dir / "rebase-merge").exists():
        return True
    todo = git_dir / "sequencer" / "todo"
    return todo.exists() and not todo.read_bytes().startswith(b"revert")


def _is_merge(git_dir: Path, source: str) -> bool:
    return source == "merge" or (git_dir / "MERGE_HEAD").exists()


def _is_merge_by_git(git_dir: Path, source: str) -> bool:
    """Whether git itself concludes a merge without conflicts; it then sets GIT_REFLOG_ACTION."""
    if not (git_dir / "MERGE_HEAD").exists():
        return source == "merge" and not _has_revert_head(git_dir)
    return "GIT_REFLOG_ACTION" in os.environ


def _git_dir(file: Path) -> Path:
    parent = file.absolute().parent
    if (parent / "HEAD").is_file():
        return parent
    from pathlib import Path

    from errata.core import git

    return Path(os.fsdecode(git.run("rev-parse", "--absolute-git-dir")[:-1]))


def _is_revert(git_dir: Path, text: bytes) -> bool:
    # There is no REVERT_HEAD while the hooks of a revert without conflicts run.
    if _has_revert_head(git_dir):
        return True
    if not text.startswith((b'Revert "', b'Reapply "')):
        return False
    return b"\nThis reverts commit " in text


def _has_revert_head(git_dir: Path) -> bool:
    from errata.corrections import git_state

    return git_state.has_ref(str(git_dir), "REVERT_HEAD")


def _agent_trailers(agent: Agent, root: Path, git_dir: Path) -> Trailers:
    from pathlib import Path

    from errata.core import config
    from errata.core.git import Repository
    from errata.corrections import git_state
    from errata.runbooks import digest

    settings = config.load(root)
    repo = Repository(root, git_dir, Path(git_state.common_dir(str(git_dir))))
    # A sub-agent's work is its own, also if the agent that it works for commits it.
    agent.role = role_by_edits(repo, agent, _staged_files) or agent.role
    runbooks = digest.of_runbooks(root, settings, agent.name, repo.common_dir)
    trailers = (
        ("Agent", agent.name),
        ("Agent-Session", agent.session),
        ("Feature", feature(os.environ, git_state.branch(str(git_dir)))),
        *(("Runbook", runbook) for runbook in runbooks),
    )
    return [(key, value) for key, value in trailers if value]


def _staged_files() -> list[str]:
    from errata.core import git

    names = git.run(*git.STAGED, "--name-only", "-z")
    return [os.fsdecode(name) for name in names.split(b"\0") if name]


def _person_trailers(root: Path, git_dir: Path, text: bytes) -> Trailers:  # noqa: ARG001
    """``Corrects:`` for each agent's commit that the staged change corrects."""
    from errata.core import config
    from errata.corrections import staged

    settings = config.load(root)
    if not settings.capture.enabled:
        return []
    commits = staged.corrected_commits(root, settings, text.decode("utf-8", "replace"))
    return [("Corrects", corrects(sha, subject)) for sha, subject in commits]


def corrects(sha: str, subject: str) -> str:
    """The value of ``Corrects:``, as ``0123456789ab ("subject")``.

    The subject is shortened so that the line fits into 72 columns and 100 bytes. Checks of messages
    count columns, characters, UTF-16 units or bytes, and refuse a person's commit for our line.
    """
    from errata.runbooks.sanitise import terminal

    clean = terminal("".join(char if char.isprintable() else " " for char in subject))
    frame = f'{sha[:12]} (""'
    return f'{frame[:-1]}{_shortened(clean, len("Corrects: ") + len(frame) + 1)}")'


def _shortened(text: str, taken: int) -> str:
    """``text`` cut where a line in which ``taken`` columns are in use is full."""
    import unicodedata

    columns = size = taken
    cut = len(text)
    for index, char in enumerate(text):
        if not (unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf")):
            # An ellipsis must fit behind what is kept; a mark stays with its letter.
            if columns + 1 <= _COLUMNS and size + len("…".encode()) <= _BYTES:
                cut = index
            columns += 1 + (unicodedata.east_asian_width(char) in "WF")
        size += len(char.encode("utf-8", "replace"))
    return text if columns <= _COLUMNS and size <= _BYTES else f"{text[:cut].rstrip()}…"


if __name__ == "__main__":
    sys.exit(main())
