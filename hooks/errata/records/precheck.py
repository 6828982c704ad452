"""Does a commit change a log? Answered for the price of one ``git diff``.

Most commits change no log, and reading the settings that say where the logs are takes longer than
git takes to answer. So only a repository that may have configured its logs is looked at closely.
"""

from __future__ import annotations

import os

from errata.core import git, safe_open

# The defaults of errata.core.config; tests/records/test_precheck.py compares the two.
LOGS = (
    ".claude/review-findings.jsonl",
    ".claude/session-learnings.jsonl",
    ".claude/user-corrections.jsonl",
    ".claude/incidents.jsonl",
    ".claude/patterns/curation.jsonl",
    ".claude/patterns/chances.jsonl",
)


def changes_no_log(files: list[str]) -> bool:
    """Whether no log is staged, and none is among ``files``, the hook's arguments.

    Runs at the top of the work tree, as git runs its hooks. False means that only a full check can
    tell.

    Raises:
        GitError: git is missing.
    """
    git_dir = os.environ.get("GIT_DIR", ".git")
    # A linked work tree has a file there; a merge has more than one parent to compare with.
    if not os.path.isdir(git_dir) or os.path.exists(f"{git_dir}/MERGE_HEAD"):  # noqa: PTH110, PTH112
        return False
    if not os.path.exists(".git") or _may_configure_logs():  # noqa: PTH110
        return False
    if any(file.startswith("-") or file.endswith(".jsonl") for file in files):
        return False
    args = (*git.STAGED, "--name-only", "-z", "--no-renames", "HEAD", "--", *LOGS)
    # Before the first commit HEAD does not exist, and git fails.
    return git.spawn_status(*args) == (0, b"")


def _may_configure_logs() -> bool:
    try:
        with open("errata.toml", "rb", opener=safe_open.open_regular) as file:
            text = file.read()
            return b"log" in text or b"patterns" in text
    except FileNotFoundError:
        return False
    except OSError:
        return True
