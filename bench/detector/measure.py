"""What errata sees in the labelled cases: measured once in clones, so that training needs none."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.detector.clones import find, missing_commit
from bench.detector.labels import Case
from errata.core.config import Config
from errata.core.errors import ErrataError
from errata.core.git import Repository
from errata.corrections import capture
from errata.corrections.attribution.changed_files import changed_files
from errata.corrections.attribution.deadline import Deadline, DeadlineError
from errata.corrections.candidates import Candidate, find_candidate
from errata.corrections.carried import find_carried
from errata.corrections.classify import evidence, kinds
from errata.corrections.commit_classifier import CommitClassifier
from errata.corrections.correction import Assessment
from errata.provenance.commits import read_commits
from errata.records.model import DAY

SECONDS = 60
EVIDENCE = Path(__file__).with_name("evidence.jsonl")


@dataclass(frozen=True, slots=True)
class Measured:
    """What errata sees in one case.

    Attributes:
        key: of the case.
        skipped: why nothing could be measured; "" if it was.
        silent: why it is not a correction, whatever the weights; "" if they decide.
        held: the names of the evidence that holds.
        facts: the numbers that it is measured by.
        subject: the subject of the person's commit, for peers that look for words.
        type: the type that it has if it is a correction.
    """

    key: str
    skipped: str = ""
    silent: str = ""
    held: tuple[str, ...] = ()
    facts: dict[str, float] | None = None
    subject: str = ""
    type: str = ""


def measure(case: Case, folder: Path) -> Measured:
    """Measure one case in a clone."""
    clone = find(folder, case.repo)
    if clone is None:
        return Measured(case.key, skipped="no clone of the repository")
    try:
        repo = Repository.discover(clone)
        if missing := missing_commit(repo, case):
            return Measured(case.key, skipped=missing)
        return _measure(repo, case)
    except DeadlineError:
        return Measured(case.key, skipped=f"takes more than {SECONDS} s")
    except ErrataError as error:
        return Measured(case.key, skipped=str(error).splitlines()[0])


def _measure(repo: Repository, case: Case) -> Measured:
    config = Config()
    classifier = CommitClassifier(config, repo)
    candidate = find_candidate(repo.root, config, classifier, case.person_commit)
    if candidate is None:
        return Measured(case.key, silent="no candidate")
    deadline = Deadline.after(SECONDS)
    files = changed_files(repo, case.person_commit, deadline)
    subject = candidate.commit.ident.message.strip().partition("\n")[0]
    found = capture.assess(repo, config, candidate, files, classifier, deadline)
    if any(item.verdict for item in found):
        # Capture looks at this only once there is a correction; here it must not depend on weights.
        touched = {hunk.diff.old_path: hunk.diff for item in found for hunk in item.hunks}
        since = candidate.commit.author_time - config.capture.window_days * DAY
        carried = find_carried(
            repo, classifier, candidate.commit, [*touched.values()], since, deadline
        )
        if carried.by_agents:
            classifier.add_changes(candidate.commit, carried)
            found = capture.assess(repo, config, candidate, files, classifier, deadline)
    agent = read_commits(repo, [case.agent_commit])[0]
    name = classifier.classify(agent).name
    found.sort(key=lambda item: (item.agent.sha != case.agent_commit, item.provenance.name != name))
    if not found:
        return Measured(case.key, silent="no lines of an agent", subject=subject)
    return _measured(case, candidate, found[0], subject)


def _measured(case: Case, candidate: Candidate, item: Assessment, subject: str) -> Measured:
    if item.facts is None or item.verdict is None:
        return Measured(case.key, silent="nothing that means something", subject=subject)
    message = candidate.commit.ident.message
    facts = {name: round(value, 4) for name, value in item.facts.measures().items()}
    return Measured(
        case.key,
        silent=item.verdict.vetoes[0].name if item.verdict.vetoes else "",
        held=tuple(evidence.held(message, item.facts, item.agent.ident.message)),
        facts=facts,
        subject=subject,
        type=kinds.type_of(message, item.facts, item.verdict).value,
    )


def write(rows: Iterable[Measured], path: Path = EVIDENCE) -> None:
    """Write what was measured."""
    text = "".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, "utf-8")


def read(path: Path = EVIDENCE) -> dict[str, Measured]:
    """What was measured, by the key of the case."""
    rows: Sequence[dict[str, Any]] = [json.loads(x) for x in path.read_text("utf-8").splitlines()]
    return {row["key"]: Measured(**{**row, "held": tuple(row["held"])}) for row in rows}
