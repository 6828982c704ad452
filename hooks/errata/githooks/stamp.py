"""errata-stamp: add trailers that say where a commit comes from (prepare-commit-msg, commit-msg).

usage: errata-stamp FILE [SOURCE [SHA]]

The arguments are those that git passes to the hook. prepare-commit-msg stamps a message that is
complete (-m, -F). commit-msg stamps one that comes from an editor or a template, because git aborts
a commit whose message was not edited. An agent's commit gets trailers that name the agent; a
person's commit that corrects an agent's gets `Corrects:`. A message that git writes or reuses
(merge, squash, amend, fixup!, rebase, cherry-pick, revert) is not changed. The hook never fails a
commit.
"""

from __future__ import annotations

import contextlib
import os
import sys

from errata.core import safe_open
from errata.githooks._message_arguments import message_arguments
from errata.provenance.environment import Agent, at_keyboard, feature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Trailers = list[tuple[str, str]]

# While one of these is in the git directory, git replays or combines existing commits.
_IN_PROGRESS = (
    "rebase-merge",
    "rebase-apply",
    "sequencer",
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "SQUASH_MSG",
)
_GENERATED_SUBJECTS = (b"fixup! ", b"squash! ", b"amend! ")
# Written by prepare-commit-msg for commit-msg, which git does not tell that a commit is an amend.
_SKIP_MARKER = "ERRATA_UNSTAMPED"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the hook; 0 unless it was called without a file."""
    args = message_arguments(argv)
    if args is None:
        return 0
    if not args or args[0] in ("-h", "--help") or len(args) > 3:
        print(__doc__, file=sys.stdout if args[:1] in (["-h"], ["--help"]) else sys.stderr)
        return 0 if args[:1] in (["-h"], ["--help"]) else 2
    agent = at_keyboard(os.environ)
    from errata.core.errors import ErrataError

    try:
        if agent is None:
            from errata.corrections import precheck

            if not precheck.can_skip_staged():
                _stamp(args, _person_trailers)
        else:
            _stamp(args, lambda root, git_dir, _text: _agent_trailers(agent, root, git_dir))
    except (ErrataError, OSError) as error:
        print(f"errata-stamp: not stamped: {error}", file=sys.stderr)
    except Exception as error:
        # A missing trailer does less harm than a failed commit.
        print(f"errata-stamp: skipped: {type(error).__name__}: {error}", file=sys.stderr)
    return 0


def _stamp(args: list[str], find_trailers: Callable[[Path, Path, bytes], Trailers]) -> None:
    from pathlib import Path

    from errata.core import atomic
    from errata.provenance import trailers

    file, root = Path(args[0]), Path.cwd()
    git_dir = _git_dir(file)
    source = args[1] if len(args) > 1 else os.environ.get("PRE_COMMIT_COMMIT_MSG_SOURCE", "")
    if _must_skip(git_dir, source):
        return
    settings = trailers.read_settings(os.environ)
    message = trailers.split(file.read_bytes(), settings)
    if trailers.is_blank(message, settings):
        (git_dir / _SKIP_MARKER).unlink(missing_ok=True)
        return
    if source == "template" or trailers.is_template(message, settings, root):
        return
    if message.text.lstrip().startswith(_GENERATED_SUBJECTS) or _is_revert(message.text):
        return
    wanted = find_trailers(root, git_dir, message.text)
    present = trailers.keys_in(message.text)
    if wanted and wanted[0][0].lower() not in present:
        missing = [(key, value) for key, value in wanted if key.lower() not in present]
        atomic.write(file, trailers.append(message, missing), durable=False)


def _must_skip(git_dir: Path, source: str) -> bool:
    """Whether the message, and perhaps the change, comes from another commit."""
    marker = git_dir / _SKIP_MARKER
    if source == "commit":
        # An amend, or -c/-C.
        with contextlib.suppress(OSError), open(marker, "wb", opener=safe_open.open_nofollow):
            pass
        return True
    if not source and marker.exists():
        marker.unlink()
        return True
    if source:
        marker.unlink(missing_ok=True)
    in_progress = any((git_dir / name).exists() for name in _IN_PROGRESS)
    return in_progress or source in ("merge", "squash")


def _git_dir(file: Path) -> Path:
    parent = file.absolute().parent
    if (parent / "HEAD").is_file():
        return parent
    from pathlib import Path

    from errata.core import git

    return Path(os.fsdecode(git.run("rev-parse", "--absolute-git-dir")[:-1]))


def _is_revert(text: bytes) -> bool:
    # There is no REVERT_HEAD while the hooks of a revert without conflicts run.
    if not text.startswith((b'Revert "', b'Reapply "')):
        return False
    return b"\nThis reverts commit " in text


def _agent_trailers(agent: Agent, root: Path, git_dir: Path) -> Trailers:
    from errata.core import config
    from errata.runbooks import digest

    runbooks = config.load(root).paths.runbooks
    trailers = (
        ("Agent", agent.name),
        ("Agent-Session", agent.session),
        ("Feature", feature(os.environ, _branch(git_dir))),
        ("Runbook", digest.of_runbook(root, runbooks, agent.name)),
    )
    return [(key, value) for key, value in trailers if value]


def _person_trailers(root: Path, git_dir: Path, text: bytes) -> Trailers:  # noqa: ARG001
    """``Corrects:`` for each agent's commit that the staged change corrects."""
    from errata.core import config
    from errata.corrections import staged

    settings = config.load(root)
    if not settings.capture.enabled:
        return []
    commits = staged.corrected_commits(root, settings, text.decode("utf-8", "replace"))
    return [("Corrects", f'{sha[:12]} ("{one_line(subject)}")') for sha, subject in commits]


def one_line(subject: str) -> str:
    """A commit subject as one printable line of at most 100 characters."""
    from errata.runbooks.sanitise import terminal

    clean = terminal("".join(char if char.isprintable() else " " for char in subject))
    return clean if len(clean) <= 100 else f"{clean[:99]}…"


def _branch(git_dir: Path) -> str:
    head = (git_dir / "HEAD").read_text("utf-8", "replace")
    return head.removeprefix("ref: refs/heads/").strip() if head.startswith("ref: ") else ""


if __name__ == "__main__":
    sys.exit(main())
