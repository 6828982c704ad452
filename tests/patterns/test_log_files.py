"""Logs that another process changes while they are read: what was found is what is read."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from errata.core.config import Config
from errata.core.errors import LogError
from errata.core.git import Repository
from errata.core.settings import Logs
from errata.patterns import corpus as corpus_module
from errata.patterns import log_files
from errata.patterns.columns import Occurrences
from errata.patterns.corpus import load_corpus
from errata.patterns.ingest import Ingest
from errata.patterns.log_files import LogFile, LogLines, complete_size, find_logs
from errata.records.model import Kind
from errata.runbooks.plan_evolve import plan_evolve
from errata.state import outbox
from record_builders import CORRECTIONS, FINDINGS, NOW, correction, finding, lines, put, repository

CONFIG = Config()
# A record that stands twice is read again to compare the two.
WAITING = [correction(1, id="cor-1", session_id="s-1"), correction(2, id="cor-2")]


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    repo = repository(tmp_path)
    put(tmp_path, CORRECTIONS, lines(correction(9, id="cor-9")))
    outbox.add(repo, CONFIG, WAITING)
    return repo


def _names(occurrences: Occurrences) -> set[str]:
    return {id.partition(":")[2] for id in occurrences.ids}


def test_an_outbox_that_is_emptied_after_it_was_found_is_read_as_it_was(repo: Repository) -> None:
    logs = find_logs(repo.root, CONFIG, outbox.file_path(repo))
    assert outbox.flush(repo, CONFIG) == 2
    occurrences = Occurrences()
    ingest = Ingest(LogLines(logs), CONFIG, occurrences)
    ingest.read([(log, 0, complete_size(log.file)) for log in logs])
    # The log was open already and has grown, so that both records stand twice and are compared.
    assert _names(occurrences) == {"cor-1", "cor-2", "cor-9"}
    assert sum(map(len, occurrences.patterns.values())) == 3


def test_an_outbox_that_is_emptied_after_it_was_read_can_be_read_again(repo: Repository) -> None:
    corpus = load_corpus(repo, CONFIG)
    assert outbox.flush(repo, CONFIG) == 2
    places = corpus.occurrences.ids.values()
    texts = [corpus.record(place).text for place in places]
    assert len(texts) == 3
    assert all(texts)
    assert {corpus.fields(place)["id"] for place in places} == {"cor-1", "cor-2", "cor-9"}


def test_a_flush_while_logs_are_looked_for_hides_no_record(repo: Repository) -> None:
    class Flushing(Logs):
        def by_kind(self) -> dict[str, str]:
            outbox.flush(repo, CONFIG)
            return super().by_kind()

    assert outbox.count(repo) == 2
    corpus = load_corpus(repo, CONFIG._replace(logs=Flushing()))
    assert outbox.count(repo) == 0
    assert _names(corpus.occurrences) == {"cor-1", "cor-2", "cor-9"}


@pytest.mark.parametrize("change", [Path.unlink, lambda path: path.replace(f"{path}.old")])
def test_a_log_that_is_replaced_is_read_as_it_was(
    repo: Repository, change: Callable[[Path], object]
) -> None:
    put(repo.root, FINDINGS, lines(finding(1), finding(2)))
    corpus = load_corpus(repo, CONFIG)
    change(repo.root / FINDINGS)
    put(repo.root, FINDINGS, b"\n")
    [columns] = corpus.occurrences.patterns.values()
    kinds = [corpus.record(place).kind for place in columns.place]
    assert sorted(kinds) == [Kind.CORRECTION] * 3 + [Kind.FINDING] * 2


def test_a_log_that_is_emptied_in_place_is_named(repo: Repository) -> None:
    put(repo.root, FINDINGS, lines(finding(1)))
    corpus = load_corpus(repo, CONFIG)
    (repo.root / FINDINGS).write_bytes(b"")
    [place] = [
        place
        for columns in corpus.occurrences.patterns.values()
        for place in columns.place
        if corpus.kind(place) is Kind.FINDING
    ]
    with pytest.raises(LogError, match=r"review-findings.jsonl: changed while it was read"):
        corpus.record(place)


def test_logs_are_closed_as_soon_as_nobody_needs_them(
    repo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A process that reads a thousand repositories has a thousand descriptors, or fewer.
    opened: list[BinaryIO] = []
    find = log_files.find_logs

    def watched(*arguments: Any) -> list[LogFile]:
        found = find(*arguments)
        opened.extend(log.file for log in found)
        return found

    monkeypatch.setattr(corpus_module, "find_logs", watched)
    gc.disable()
    try:
        plan = plan_evolve(repo, CONFIG, NOW)
        assert plan.corpus.occurrences.ids
        files = [weakref.ref(file) for file in opened]
        opened.clear()
        assert files and all(file() for file in files)
        del plan
        assert not any(file() for file in files)
    finally:
        gc.enable()
