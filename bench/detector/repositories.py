"""The repositories of the labelled cases: who works on them, and in which languages."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from errata.core.config import Config
from errata.core.git import Repository
from errata.corrections.commit_classifier import CommitClassifier
from errata.provenance.commits import LOG, parse_commits

REPOSITORIES = Path(__file__).with_name("repositories.jsonl")
_ALONE = 0.6

LANGUAGES = {
    "Python": "py pyi ipynb",
    "TypeScript": "ts tsx mts",
    "JavaScript": "js jsx mjs cjs",
    "Go": "go",
    "Rust": "rs",
    "C#": "cs csproj",
    "C and C++": "c cc cpp h hpp",
    "Swift": "swift",
    "Ruby": "rb erb",
    "PHP": "php",
    "Clojure": "clj cljs edn",
    "Java and Kotlin": "java kt kts",
    "shell": "sh bash zsh ps1 bat",
    "web pages": "html css scss vue svelte",
    "text": "md mdx rst txt adoc",
    "configuration": "yml yaml toml json jsonc ini cfg",
}
_BY_ENDING = {f".{end}": name for name, ends in LANGUAGES.items() for end in ends.split()}


@dataclass(frozen=True, slots=True)
class Repo:
    """A repository.

    Attributes:
        repo: ``owner/name``.
        people: authors of commits that no agent or bot made.
        top_share: the share of these commits that the most active of them made.
    """

    repo: str
    people: int
    top_share: float

    @property
    def by_one_person(self) -> bool:
        """Whether one person makes nearly all commits that people make."""
        return self.top_share >= _ALONE


def describe(repo: Repository, name: str) -> Repo:
    """Who works on a repository."""
    classifier = CommitClassifier(Config())
    commits = parse_commits(repo.git(*LOG, "--no-merges", "HEAD", "--"))
    people = Counter(
        commit.ident.author_email
        for commit in commits
        if classifier.classify(commit).kind == "person"
    )
    top = max(people.values(), default=0) / max(1, people.total())
    return Repo(name, len(people), round(top, 3))


def language_of(path: str) -> str:
    """The language of a file by its name."""
    return _BY_ENDING.get(PurePosixPath(path).suffix.lower(), "other")


def write(rows: Iterable[Repo], path: Path = REPOSITORIES) -> None:
    """Write the repositories, sorted."""
    ordered = sorted(rows, key=lambda row: row.repo.lower())
    path.write_text("".join(json.dumps(asdict(row)) + "\n" for row in ordered), "utf-8")


def read(path: Path = REPOSITORIES) -> dict[str, Repo]:
    """The repositories by name."""
    rows = [Repo(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]
    return {row.repo: row for row in rows}
