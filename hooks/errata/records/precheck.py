"""Does a commit concern a log at all? Answered for the price of one ``git diff-index``.

Most commits change no log, and the settings that say where the logs are take longer to read than
git takes to answer: so only what is set otherwise than usual is looked up in earnest.
"""

from __future__ import annotations

import os

from errata.core import git, safe_open

# `tests/records/test_precheck.py` holds them to the defaults of errata.core.config.
LOGS = (
    ".claude/review-findings.jsonl",
    ".claude/session-learnings.jsonl",
    ".claude/user-corrections.jsonl",
    ".claude/incidents.jsonl",
)


def idle(files: list[str]) -> bool:
    """Whether no log is staged, and none is among ``files``, as the hook's arguments name them.

    Run at the top of the work tree, as git runs its hooks. ``False`` means: look properly.

    Raises:
        GitError: git is missing.
    """
    folder = os.environ.get("GIT_DIR", ".git")
    # A linked work tree has a file there; a merge has more than one commit to compare with.
    if not os.path.isdir(folder) or os.path.exists(f"{folder}/MERGE_HEAD"):  # noqa: PTH110, PTH112
        return False
    if not os.path.exists(".git") or _configured():  # noqa: PTH110
        return False
    if any(file.startswith("-") or file.endswith(".jsonl") for file in files):
        return False
    args = ("diff-index", "--cached", "--name-only", "-z", "--no-renames", "HEAD", "--", *LOGS)
    # The first commit has no HEAD to compare with: git says so by its status.
    return git.answer(*args) == (0, b"")


def _configured() -> bool:
    try:
        with open("errata.toml", "rb", opener=safe_open.open_regular) as file:
            return b"log" in file.read()
    except FileNotFoundError:
        return False
    except OSError:
        return True
