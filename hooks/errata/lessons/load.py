"""The corpus of a repository, with a name for each group of unnamed records."""

from __future__ import annotations

from errata.core.config import Config
from errata.core.git import Repository
from errata.lessons.chances import Chances
from errata.patterns import corpus
from errata.patterns.corpus import Corpus


def load_corpus(
    repo: Repository, config: Config, *, write: bool = True, with_outbox: bool = True
) -> Corpus:
    """Read all logs and group the records that have no pattern name.

    Args and errors are those of :func:`errata.patterns.corpus.load_corpus`.
    """
    loaded = corpus.load_corpus(repo, config, write=write, with_outbox=with_outbox)
    loaded.work = Chances.read(repo.root, config) or None
    return loaded
