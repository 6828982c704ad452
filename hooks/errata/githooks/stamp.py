"""errata-stamp: writes on a commit where it comes from (prepare-commit-msg, and commit-msg).

usage: errata-stamp FILE [SOURCE [SHA]]

The arguments are those that git gives the hook. At prepare-commit-msg it stamps a message that is
complete (-m, -F); one that an editor or a template is still to fill is stamped at commit-msg,
because git gives up a commit only while nothing was written. An agent's commit gets whose it is; a
person's that corrects an agent's gets what it corrects. A message that git composes or moves
(merge, squash, amend, fixup!, rebase, cherry-pick, revert) is left alone. It never fails a commit.
"""

from __future__ import annotations

import contextlib
import os
import sys

from errata.core import safe_open
from errata.provenance.environment import Agent, at_keyboard, feature, unnamed_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Trailers = list[tuple[str, str]]

# While one of these is in the git directory, git replays or joins commits of others.
_BUSY = (
    "rebase-merge",
    "rebase-apply",
    "sequencer",
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "SQUASH_MSG",
)
_COMPOSED = (b"fixup! ", b"squash! ", b"amend! ")
# Left by prepare-commit-msg for commit-msg, which git does not tell that a commit is an amend.
_DECLINED = "ERRATA_UNSTAMPED"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the hook; 0 unless it was called without a file."""
    args = list(sys.argv[1:] if argv is None else argv)
    if not args and os.environ.get("PRE_COMMIT") == "1":
        args = unnamed_message(os.environ)
        if not args:
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
        # A trailer is not worth anybody's commit, whatever we did wrong.
        print(f"errata-stamp: skipped: {type(error).__name__}: {error}", file=sys.stderr)
    return 0


def _stamp(args: list[str], wanted: Callable[[Path, Path, bytes], Trailers]) -> None:
    from pathlib import Path

    from errata.core import atomic
    from errata.provenance import trailers

    file, root = Path(args[0]), Path.cwd()
    git_dir = _git_dir(file)
    source = args[1] if len(args) > 1 else os.environ.get("PRE_COMMIT_COMMIT_MSG_SOURCE", "")
    if not _ours_to_stamp(git_dir, source):
        return
    settings = trailers.read_settings(os.environ)
    message = trailers.split(file.read_bytes(), settings)
    if trailers.is_blank(message, settings):
        (git_dir / _DECLINED).unlink(missing_ok=True)
        return
    if source == "template" or trailers.is_template(message, settings, root):
        return
    if message.text.lstrip().startswith(_COMPOSED) or _is_revert(message.text):
        return
    found = wanted(root, git_dir, message.text)
    there = trailers.keys_in(message.text)
    if found and found[0][0].lower() not in there:
        missing = [pair for pair in found if pair[0].lower() not in there]
        atomic.write(file, trailers.append(message, missing), durable=False)


def _ours_to_stamp(git_dir: Path, source: str) -> bool:
    declined = git_dir / _DECLINED
    if source == "commit":
        # An amend, or -c/-C: the message and perhaps the work are of another commit.
        with contextlib.suppress(OSError), open(declined, "wb", opener=safe_open.open_nofollow):
            pass
        return False
    if not source and declined.exists():
        declined.unlink()
        return False
    if source:
        declined.unlink(missing_ok=True)
    busy = any((git_dir / name).exists() for name in _BUSY)
    return not busy and source not in ("merge", "squash")


def _git_dir(file: Path) -> Path:
    parent = file.absolute().parent
    if (parent / "HEAD").is_file():
        return parent
    from pathlib import Path

    from errata.core import git

    return Path(os.fsdecode(git.run("rev-parse", "--absolute-git-dir")[:-1]))


def _is_revert(text: bytes) -> bool:
    # A revert without conflicts leaves no REVERT_HEAD for its hooks to see.
    if not text.startswith((b'Revert "', b'Reapply "')):
        return False
    return b"\nThis reverts commit " in text


def _agent_trailers(agent: Agent, root: Path, git_dir: Path) -> Trailers:
    from errata.core import config
    from errata.runbooks import digest

    found = [("Agent", agent.name)]
    if agent.session:
        found.append(("Agent-Session", agent.session))
    if stated := feature(os.environ, _branch(git_dir)):
        found.append(("Feature", stated))
    if runbook := digest.of_runbook(root, config.load(root).paths.runbooks, agent.name):
        found.append(("Runbook", runbook))
    return found


def _person_trailers(root: Path, git_dir: Path, text: bytes) -> Trailers:  # noqa: ARG001
    """``Corrects:`` for each agent's commit that the staged change corrects."""
    from errata.core import config
    from errata.corrections import staged

    settings = config.load(root)
    if not settings.capture.enabled:
        return []
    found = staged.corrected_commits(root, settings, text.decode("utf-8", "replace"))
    return [("Corrects", f'{sha[:12]} ("{one_line(subject)}")') for sha, subject in found]


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
