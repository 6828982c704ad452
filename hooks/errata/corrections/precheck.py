"""Can a commit concern us at all? Answered for the price of a few git calls, and no imports.

Nearly every commit in most repositories follows none by an agent. The rules that say whose commit
it is take longer to read than git takes to answer, so they are only read when some commit in the
window holds a sign: a piece of text without which no rule can match. A sign proves nothing.

Where agents are busy, most commits still change other files than theirs: those that change no file
that a commit with a sign changed in the window correct nothing either.
"""

from __future__ import annotations

import os

from errata.core import git, safe_open

# Lower-case; `tests/corrections/test_capture.py` holds them to the examples of identities.toml.
AGENT_SIGNS = (
    *(b"agent:", b"agent :", b"agent\t:", b"anthropic", b"claude", b"copilot", b"codex"),
    *(b"agent-logs-url", b"openai.com", b"cursor.com", b"cursor.sh", b"cursor[bot]", b"made-with"),
    *(b"aider", b"devin-ai-integration", b"google-labs-jules", b"ampcode", b"amp-thread-id"),
    *(b"opencode", b"roomote", b"continue[bot]", b"@continue.dev", b"factory-droid"),
    *(b"droid@factory.ai", b"junie", b"openhands", b"opendevin", b"gemini-cli", b"@warp.dev"),
    *(b"qwen-coder", b"vibe@mistral", b"crush", b"entire-checkpoint", b"assisted-by"),
    *(b"generated-by", b"co-developed-by"),
)
# Settings under which the answer is not to be had here: other identities, another window.
_SETTINGS = (b"identities", b"window_days")
_WINDOW = 14 * 86_400
_SLOP = 10
# Beyond these the short way would not be shorter.
_MOST_COMMITS = 2000
_MOST_PATHS = 200
# Names of commits that fit a pipe at once, each with a line end.
_AT_ONCE = git.PIPE // 65
_BUSY = ("rebase-merge", "rebase-apply", "CHERRY_PICK_HEAD", "MERGE_HEAD")
_LOG = (
    *("log", "-z", "--encoding=UTF-8", "--no-show-signature", "--no-notes", "--no-mailmap"),
    *("--no-color", "--format=tformat:%H %at %ct %an <%ae> %cn <%ce>%n%B"),
)
_NAMES = ("-r", "-z", "--no-renames", "--name-status")


def can_skip_head() -> bool:
    """Whether HEAD can be no correction: a copy, or nothing of an agent's in the window before it.

    Run at the top of the work tree, as git runs its hooks. ``False`` means: look properly.

    Raises:
        GitError: git is missing.
    """
    if is_copying(os.environ.get("GIT_DIR", ".git")):
        return True
    folder = os.environ.get("GIT_DIR", ".git")
    if _configured() or _left_over(folder) or has_agent_edits(folder) or _mixed(folder):
        return False
    return _no_agent(None)


def can_skip_staged() -> bool:
    """As :func:`can_skip_head`, for the commit that is about to be made."""
    when = _author_date()
    if when is None or _configured() or _mixed(os.environ.get("GIT_DIR", ".git")):
        return False
    return _no_agent(when)


def _author_date() -> int | None:
    """Seconds since 1970; None if it is written otherwise than by git itself, for its hooks."""
    date = os.environ.get("GIT_AUTHOR_DATE")
    if date is None:
        import time

        return int(time.time())
    seconds = date.removeprefix("@").split(" ")[0]
    # Of a few digits it would be a year, or the hour of a day.
    long = seconds.isdecimal() and len(seconds) >= 9
    return int(seconds) if long and date.startswith("@") else None


def _no_agent(now: int | None) -> bool:
    """Whether the change is to no file of a commit that bears a sign and is in the window.

    The window is that before ``now``, for what is staged; by default that before HEAD.
    """
    history = git.stream(*_LOG, "HEAD", "--")
    change = ("diff-tree", "--no-commit-id") if now is None else ("diff-index", "--cached")
    seen: dict[bytes, bool] = {}
    try:
        if now is None:
            head = next(history, b"0 0").lstrip()
            now = int(head.split(b" ", 2)[1])
            if any(sign in head.lower() for sign in AGENT_SIGNS) and is_surely_agent(head):
                return True
        older = 0
        for commit in history:
            sha, authored, committed, rest = commit.lstrip().lower().split(b" ", 3)
            older = older + 1 if int(committed) < now - _WINDOW else 0
            if older > _SLOP:
                break
            new = int(authored) >= now - _WINDOW
            seen[sha] = new and any(sign in rest for sign in AGENT_SIGNS)
            if len(seen) > _MOST_COMMITS and any(seen.values()):
                return False
    except (ValueError, IndexError):
        # A damaged date: for the code that knows what to do about it.
        return False
    finally:
        history.close()
    return not any(seen.values()) or _elsewhere(change, seen)


def _elsewhere(change: tuple[str, ...], seen: dict[bytes, bool]) -> bool:
    """Whether HEAD, or what is staged, changes no file that commits with a sign changed.

    Where a path that it changes came up in the window, an agent may have written under another one.

    Args:
        change: the git command that lists it.
        seen: the commits of the window, and whether they bear a sign.
    """
    status, out = git.answer(*change, *_NAMES, "HEAD", "--")
    if status:
        return False
    found = out.split(b"\0")[:-1]
    paths = [path for kind, path in zip(found[::2], found[1::2], strict=True) if kind != b"A"]
    if len(paths) > _MOST_PATHS:
        return False
    for bears, kinds in ((True, ()), (False, ("--diff-filter=A",))):
        commits = [sha for sha, one in seen.items() if one is bears] if paths else []
        ask = ("diff-tree", "--stdin", "--root", "-m", *_NAMES, *kinds, "--", *paths)
        for at in range(0, len(commits), _AT_ONCE):
            lines = b"\n".join(commits[at : at + _AT_ONCE]) + b"\n"
            status, out = git.answer(*ask, stdin=lines)
            if status or out:
                return False
    return True


def is_surely_agent(commit: bytes) -> bool:
    """Whether an address that only an agent has, as author or co-author, settles whose it is.

    ``commit`` is what git prints for ``_LOG``. ``False`` means: the rules have to be asked.
    """
    from errata import rules

    sure = rules.load("identities")["sure"]
    head, _, message = commit.partition(b"\n")
    if _address(head) in sure:
        return True
    # Some merge tools write line breaks so; what is a line then is for the rules to say.
    if b"\\n" in message:
        return False
    for line in message.split(b"\n"):
        key, colon, value = line.partition(b":")
        key = key.lstrip(b" \t*-+").rstrip(b" \t").lower()
        if colon and key == b"co-authored-by" and _address(value) in sure:
            return True
    return False


def _address(identity: bytes) -> str:
    """The address of ``Name <address>``, the first if there are several, in lower case."""
    name, _, rest = identity.partition(b"<")
    address, close, _ = rest.partition(b">")
    whole = close and b">" not in name and b"<" not in address
    return address.strip().lower().decode("latin-1") if whole else ""


def _configured() -> bool:
    try:
        with open("errata.toml", "rb", opener=safe_open.open_regular) as file:
            text = file.read()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return any(name in text for name in _SETTINGS)


def _left_over(folder: str) -> bool:
    """Whether an earlier commit could not be finished."""
    common = _common(folder)
    return _exists(common, "errata/deferred") or _exists(common, "errata-deferred")


def has_agent_edits(folder: str) -> bool:
    """Whether an agent's tool told of a file that was not committed yet."""
    try:
        # The folder's own lock is there too.
        return len(os.listdir(f"{folder}/errata/written")) > 1  # noqa: PTH208
    except OSError:
        return False


def _mixed(folder: str) -> bool:
    """Whether a commit of the window may be partly an agent's without saying so."""
    import time

    try:
        changed = os.stat(f"{_common(folder)}/errata/authorship.jsonl").st_mtime  # noqa: PTH116
    except OSError:
        return False
    return changed > time.time() - _WINDOW


def _common(folder: str) -> str:
    """The git directory that linked work trees share."""
    try:
        with open(f"{folder}/commondir") as file:  # noqa: PTH123
            return os.path.join(folder, file.read().strip())  # noqa: PTH118
    except OSError:
        return folder


def is_copying(folder: str) -> bool:
    """Whether git is copying commits in this git directory: a rebase, am, cherry-pick or merge.

    Copies are no new work; where they replace what was copied, errata-rewrite follows. A revert is
    new work, one commit or several.
    """
    if any(_exists(folder, name) for name in _BUSY):
        return True
    if _exists(folder, "sequencer"):
        return not _begins(folder, "sequencer/todo", b"revert")
    # Git forgets a cherry-pick with conflicts before it runs the hook for its commit.
    return b"\tcommit (cherry-pick):" in _last(folder, "logs/HEAD")


def _exists(folder: str, name: str) -> bool:
    return os.access(f"{folder}/{name}", os.F_OK)


def _begins(folder: str, name: str, text: bytes) -> bool:
    try:
        with open(f"{folder}/{name}", "rb") as file:  # noqa: PTH123
            return file.readline().startswith(text)
    except OSError:
        return False


def _last(folder: str, name: str) -> bytes:
    """The last line of a file, if it is no longer than lines of a reflog are."""
    try:
        with open(f"{folder}/{name}", "rb") as file:  # noqa: PTH123
            file.seek(max(0, file.seek(0, os.SEEK_END) - 8192))
            return file.read().rstrip(b"\n").rpartition(b"\n")[2]
    except OSError:
        return b""
