"""Can a commit be a correction at all? Answered with a few git calls and almost no imports.

In most repositories nearly every commit has no agent's commit in the window before it. Reading the
rules that identify agents takes longer than git takes to answer. So the rules are read only if a
commit in the window holds a sign: text without which no rule can match. A sign proves nothing.

Where agents are busy, most commits still change other files than the agents' commits do. A commit
corrects nothing if none of its files was changed by a commit with a sign in the window.
"""

from __future__ import annotations

import os

from errata.core import git, safe_open
from errata.corrections import git_state
from errata.state import markers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# In lower case. tests/corrections/test_precheck.py compares them with the examples of
# identities.toml.
AGENT_SIGNS = (
    *(b"agent:", b"agent :", b"agent\t:", b"anthropic", b"claude", b"copilot", b"codex"),
    *(b"agent-logs-url", b"openai.com", b"cursor.com", b"cursor.sh", b"cursor[bot]", b"made-with"),
    *(b"aider", b"devin-ai-integration", b"google-labs-jules", b"ampcode", b"amp-thread-id"),
    *(b"opencode", b"roomote", b"continue[bot]", b"@continue.dev", b"factory-droid"),
    *(b"droid@factory.ai", b"junie", b"openhands", b"opendevin", b"gemini-cli", b"@warp.dev"),
    *(b"qwen-coder", b"vibe@mistral", b"crush", b"entire-", b"assisted-by"),
    *(b"generated-by", b"co-developed-by"),
)
# A message without these holds no other commit's message.
_OTHER_MESSAGES = (
    *(b"\\n", b"```", b"~~~", b"\n>", b"\n* ", b"\n---", b"amend! ", b"This is ", b"The commit "),
    *(b"(#", b"(!", b"pull request", b"Merged PR", b"merge request", b"riginal", b"evert"),
    *(b"eapply", b"eland", b"Squashed"),
)
# Settings that change the answer: other identities, another window.
_SETTINGS = (b"identities", b"window_days")
_WINDOW = 14 * 86_400
# As in errata.corrections.candidates: dates in a history need not be in order.
_SLOP = 10
MAX_COMMITS = 2000
"""With more commits in the window, the precheck would not be faster than the full check."""
_MAX_PATHS = 200
BATCH_SIZE = git.PIPE_CAPACITY // 65
"""How many object ids, each with a line end, fit a pipe at once."""
_LOG = (
    *("log", "-z", "--encoding=UTF-8", "--no-show-signature", "--notes=refs/notes/ai"),
    "--no-mailmap",
    # After the message, whether another tool left a note about the commit: ".." or a blank.
    *("--no-color", "--format=tformat:%H,%P,%at,%ct,%an <%ae> %cn <%ce>%n%B%x01%<(1,trunc)%N"),
)
_NAME_STATUS = ("-r", "-z", "--no-renames", "--name-status")
_HEAD_DIFF = ("diff-tree", "--no-commit-id", *_NAME_STATUS, "HEAD", "--")
_STAGED_DIFF = (*git.STAGED, *_NAME_STATUS, "HEAD", "--")
_MIN_EPOCH_DIGITS = 9
Window = dict[bytes, bool]
"""The commits in the window by object id, and whether each bears a sign."""


def can_skip_head() -> bool:
    """Whether HEAD is certainly no correction: it is a copy, or it changes no agent's file.

    Must run at the top of the work tree, where git runs its hooks. ``False`` means: do the full
    check.

    Raises:
        GitError: git is missing.
    """
    git_dir = os.environ.get("GIT_DIR", ".git")
    if git_state.is_copying(git_dir):
        return True
    if _has_settings() or _has_traces() or _has_retries(git_dir) or has_agent_edits(git_dir):
        return False
    if markers.is_set(git_dir, markers.SQUASH):
        return False
    return not _has_mixed_commits(git_dir) and _head_changes_no_agent_file()


def can_skip_staged() -> bool:
    """As :func:`can_skip_head`, for the commit that is about to be made."""
    now = _next_commit_time()
    if (
        now is None
        or _has_settings()
        or _has_traces()
        or _has_mixed_commits(os.environ.get("GIT_DIR", ".git"))
    ):
        return False
    history = git.spawn_stream(*_LOG, "HEAD", "--")
    try:
        window = _read_window(history, b"", now)
    except (ValueError, IndexError):
        # A damaged date; the full check knows what to do about it.
        return False
    finally:
        history.close()
    return window is not None and _changes_no_agent_file(_STAGED_DIFF, window)


def _head_changes_no_agent_file() -> bool:
    history = git.spawn_stream(*_LOG, "HEAD", "--")
    try:
        head = next(history, b",,0,0").lstrip()
        if not _has_note(head) and _has_sign(head.lower()) and is_surely_agent(head):
            return True
        _, parents, authored, committed, _ = head.split(b",", 4)
        window = _read_window(history, parents, now=min(int(authored), int(committed)))
    except (ValueError, IndexError):
        # A damaged date; the full check knows what to do about it.
        return False
    finally:
        history.close()
    return window is not None and _changes_no_agent_file(_HEAD_DIFF, window)


def _next_commit_time() -> int | None:
    """Seconds since 1970; None if a date is not in the form that git gives its hooks."""
    import time

    times = [int(time.time())]
    for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        date = os.environ.get(name)
        if date is not None:
            seconds = date.removeprefix("@").split(" ")[0]
            # Git reads a shorter number as a year, or as the hour of a day.
            if not seconds.isdecimal() or len(seconds) < _MIN_EPOCH_DIGITS:
                return None
            times.append(int(seconds))
    return min(times)


def _read_window(history: Iterable[bytes], parents: bytes, now: int) -> Window | None:
    """The commits in the window before ``now`` (seconds); None if they are too many.

    Reading goes on until only the first-parent history is open: a branch that was merged in the
    window may be older than the window.

    Args:
        parents: of the commit before ``history``.

    Raises:
        ValueError: a commit has a damaged date.
    """
    window: Window = {}
    unread = set(parents.split())
    mainline: list[bytes] | None = parents.split()[:1] or None
    first_parents: dict[bytes, list[bytes]] = {}
    older = 0
    signed: list[bytes] = []
    for commit in history:
        sha, parents, _, committed, rest = commit.lstrip().split(b",", 4)
        older = older + 1 if int(committed) < now - _WINDOW else 0
        has_branches = not unread.issubset(mainline or ())
        if older > _SLOP and not has_branches:
            break
        window[sha] = False
        if _has_note(rest) or _has_sign(rest.lower()):
            signed.append(sha)
        unread.discard(sha)
        unread.update(parent for parent in parents.split() if parent not in window)
        first_parents[sha] = parents.split()[:1]
        mainline = [sha] if mainline is None else mainline
        while mainline and mainline[0] in first_parents:
            mainline = first_parents[mainline[0]]
        if not older or has_branches:
            # Commits that look older may be later than this one, or come from a merged branch.
            window.update(dict.fromkeys(signed, True))
            signed.clear()
        if len(window) > MAX_COMMITS and (older > _SLOP or any(window.values())):
            return None
    return window


def _has_note(commit: bytes) -> bool:
    return commit.rpartition(b"\x01")[2].startswith(b"..")


def _has_sign(lowered: bytes) -> bool:
    return any(sign in lowered for sign in AGENT_SIGNS)


def _changes_no_agent_file(diff: tuple[str, ...], window: Window) -> bool:
    """Whether a diff changes no file that the commits with a sign changed.

    If some other commit of the window introduced one of its paths, by a rename for instance, an
    agent may have written the file under another path.

    Args:
        diff: the git command that prints it.
    """
    signed = [sha for sha, has_sign in window.items() if has_sign]
    if not signed:
        return True
    paths = _existing_paths(diff)
    if not paths:
        return paths is not None
    unsigned = [sha for sha, has_sign in window.items() if not has_sign]
    return not (_any_change(signed, paths) or _any_change(unsigned, paths, "--diff-filter=A"))


def _existing_paths(diff: tuple[str, ...]) -> list[bytes] | None:
    """The paths of a diff that existed before; None if they are too many, or git fails."""
    status, out = git.spawn_status(*diff)
    if status:
        return None
    fields = out.split(b"\0")[:-1]
    kinds_and_paths = zip(fields[::2], fields[1::2], strict=True)
    paths = [path for kind, path in kinds_and_paths if kind != b"A"]
    return paths if len(paths) <= _MAX_PATHS else None


def _any_change(shas: list[bytes], paths: list[bytes], *options: str) -> bool:
    """Whether one of the commits changes one of the paths, or git cannot tell."""
    command: tuple[str | bytes, ...] = (
        "diff-tree",
        "--stdin",
        "--root",
        "-m",
        *_NAME_STATUS,
        *options,
        "--",
        *paths,
    )
    for start in range(0, len(shas), BATCH_SIZE):
        batch = b"\n".join(shas[start : start + BATCH_SIZE]) + b"\n"
        status, out = git.spawn_status(*command, stdin=batch)
        if status or out:
            return True
    return False


def is_surely_agent(commit: bytes) -> bool:
    """Whether an author or co-author has an address that only agents have.

    ``commit`` is what git prints for ``_LOG``. ``False`` means: ask the rules.
    """
    from errata import rules

    addresses = rules.load("identities")["sure"]
    head, _, message = commit.partition(b"\n")
    if _address(head) in addresses:
        return True
    # A squash, a revert or a message that quotes another: the rules know how to read it.
    if any(sign in message for sign in _OTHER_MESSAGES):
        return False
    last = message.partition(b"\x01")[0].rstrip().rpartition(b"\n\n")[2]
    for line in last.split(b"\n"):
        key, colon, value = line.partition(b":")
        if colon and key.lower() == b"co-authored-by" and _address(value) in addresses:
            return True
    return False


def _address(identity: bytes) -> str:
    """The address of ``Name <address>``, the first of several, in lower case; "" if malformed."""
    name, _, rest = identity.partition(b"<")
    address, close, _ = rest.partition(b">")
    well_formed = close and b">" not in name and b"<" not in address
    return address.strip().lower().decode("latin-1") if well_formed else ""


def _has_settings() -> bool:
    """Whether errata.toml has a setting that this module does not read."""
    try:
        with open("errata.toml", "rb", opener=safe_open.open_regular) as file:
            text = file.read()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return any(name in text for name in _SETTINGS)


def _has_traces() -> bool:
    """Whether a tool records here which lines an agent wrote; only the full check reads that."""
    return os.access(".agent-trace/traces.jsonl", os.F_OK)


def _has_retries(git_dir: str) -> bool:
    """Whether an earlier commit could not be finished."""
    return markers.has_retry_entries(git_state.common_dir(git_dir))


def has_agent_edits(git_dir: str) -> bool:
    """Whether an agent's tool reported an edit of a file that is not committed yet."""
    return markers.is_set(git_dir, markers.AGENT_EDITS)


def _has_mixed_commits(git_dir: str) -> bool:
    """Whether a commit in the window may hold an agent's lines without saying so."""
    changed = markers.changed(git_state.common_dir(git_dir), markers.MIXED_COMMITS)
    if changed is None:
        return False
    import time

    return changed > time.time() - _WINDOW
