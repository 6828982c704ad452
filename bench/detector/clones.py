"""The clones that the labelled cases are measured in."""

from __future__ import annotations

from pathlib import Path

from bench.detector.labels import Case
from errata.core.git import Repository


def find(folder: Path, repo: str) -> Path | None:
    """The clone of ``owner/name`` in a directory, in any of the documented layouts."""
    owner, _, name = repo.partition("/")
    places = [f"{owner}+{name}/repo", f"{owner}+{name}", f"{owner}/{name}", name]
    for place in places:
        for path in (folder / place, folder / f"{place}.git"):
            if (path / ".git").exists() or (path / "HEAD").is_file():
                return path
    return None


def missing_commit(repo: Repository, case: Case) -> str:
    """Which commit of the case the clone lacks; "" if none."""
    commits = {
        "the agent's commit is not in the clone": case.agent_commit,
        "the person's commit is not in the clone": case.person_commit,
        "the parent of the person's commit is not in the clone": f"{case.person_commit}^",
    }
    names = "".join(f"{name}^{{commit}}\n" for name in commits.values()).encode()
    answers = repo.git("cat-file", "--batch-check", stdin=names).splitlines()
    answered = zip(commits, answers, strict=True)
    return next((reason for reason, answer in answered if answer.endswith(b" missing")), "")
