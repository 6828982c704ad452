"""Draws cases to label: a person's commits that touch lines of an agent's commit, by ``git blame``.

What errata finds has no part in it; only who made a commit is decided by its rules of identity.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from errata.core.config import Config
from errata.core.errors import GitError
from errata.core.git import Repository
from errata.corrections.classify.generated_paths import is_generated
from errata.corrections.commit_classifier import CommitClassifier
from errata.provenance.commits import LOG, Commit, parse_commits
from errata.records.model import DAY

SEED = 14
WINDOW = 14 * DAY
MAX_FILES = 60
MAX_HUNKS = 40
"""Of a commit with more hunks in a file, the first are looked at."""
_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.M)
_SHA = re.compile(rb"^([0-9a-f]{40}) \d+ \d+", re.M)


def draw(repo: Repository, name: str, quota: int, most: int = 1500) -> Iterator[dict[str, object]]:
    """Up to ``quota`` cases of a repository, from at most ``most`` commits in a random order."""
    commits = [*parse_commits(repo.git(*LOG, "--no-merges", "HEAD", "--"))]
    classifier = CommitClassifier(Config())
    kinds = {commit.sha: classifier.classify(commit).kind for commit in commits}
    agents = {commit.sha: commit for commit in commits if kinds[commit.sha] == "agent"}
    people = [c for c in commits if kinds[c.sha] == "person" and len(c.parents) == 1]
    people = _on_agents_files(people, agents, _changed_files(repo))
    random.Random(f"{SEED} {name}").shuffle(people)
    seen: set[tuple[str, str]] = set()
    for person in people[:most]:
        if quota == 0:
            return
        owned = touched_lines(repo, person, agents)
        if not owned:
            continue
        counts = Counter(sha for shas in owned.values() for sha in shas)
        agent = max(counts, key=lambda sha: (counts[sha], sha))
        # The same change under a second id.
        key = (agent, person.ident.message)
        if key in seen:
            continue
        seen.add(key)
        quota -= 1
        files = sorted(path for path, shas in owned.items() if agent in shas)
        yield {"repo": name, "agent_commit": agent, "person_commit": person.sha, "files": files}


def _changed_files(repo: Repository) -> dict[str, list[bytes]]:
    """The files that each commit changes, by its id."""
    out = repo.git(
        "log", "--no-merges", "--no-renames", "--name-only", "-z", "--format=%x01%H", "HEAD", "--"
    )
    parts = (part.split(b"\0") for part in out.split(b"\x01")[1:])
    return {part[0].decode(): [*filter(None, (p.strip(b"\n") for p in part[1:]))] for part in parts}


def _on_agents_files(
    people: Sequence[Commit], agents: Mapping[str, Commit], files: Mapping[str, list[bytes]]
) -> list[Commit]:
    """The persons' commits that change a file which an agent changed in the window before."""
    times: dict[bytes, list[int]] = {}
    for sha, agent in agents.items():
        for path in files.get(sha, []):
            times.setdefault(path, []).append(agent.author_time)

    def touches(person: Commit) -> bool:
        until, since = person.author_time, person.author_time - WINDOW
        instants = (times.get(path, []) for path in files.get(person.sha, []))
        return any(since <= instant <= until for each in instants for instant in each)

    return [person for person in people if touches(person)]


def touched_lines(
    repo: Repository, person: Commit, agents: Mapping[str, Commit]
) -> dict[str, list[str]]:
    """The agents' commits of the window whose lines a commit touches: path -> one id a line."""
    try:
        status = repo.git(
            *("diff-tree", "-r", "-M", "-z", "--no-commit-id", "--name-status", person.sha)
        )
    except GitError:
        return {}
    paths = [*_old_paths(status.split(b"\0"))]
    owned: dict[str, list[str]] = {}
    for path in paths if len(paths) <= MAX_FILES else []:
        if is_generated(path):
            continue
        lines = [
            sha
            for sha in _blamed(repo, person.sha, path)
            if sha in agents and person.author_time - agents[sha].author_time <= WINDOW
        ]
        if lines:
            owned[path.decode("utf-8", "replace")] = lines
    return owned


def _old_paths(fields: Sequence[bytes]) -> Iterator[bytes]:
    position = 0
    while position + 1 < len(fields):
        kind = fields[position][:1]
        if kind in b"MDR":
            yield fields[position + 1]
        position += 3 if kind in b"RC" else 2


def _blamed(repo: Repository, sha: str, path: bytes) -> list[str]:
    """The commits that wrote the changed lines of a file, or both lines around an insertion."""
    changed, beside = [], []
    try:
        patch = repo.git(
            "diff", "-U0", "-M", "--no-color", "--no-ext-diff", f"{sha}^", sha, "--", path
        )
        for match in [*_HUNK.finditer(patch)][:MAX_HUNKS]:
            start, length = int(match[1]), int(match[2] or 1)
            if length:
                changed.append((start, start + length - 1))
            elif start:
                beside.append((start, start + 1))
        shas = _blame(repo, sha, path, changed)
        for around in beside:
            pair = _blame(repo, sha, path, [around])
            shas += pair[:1] if len(pair) == 2 and pair[0] == pair[1] else []
    except GitError:
        # A submodule, an insertion at the end, or an object that the clone lacks.
        return []
    return shas


def _blame(repo: Repository, sha: str, path: bytes, ranges: Sequence[tuple[int, int]]) -> list[str]:
    if not ranges:
        return []
    options = [option for start, end in ranges for option in ("-L", f"{start},{end}")]
    out = repo.git("blame", "-w", "-s", "--porcelain", *options, f"{sha}^", "--", path)
    return [match[1].decode() for match in _SHA.finditer(out)]
