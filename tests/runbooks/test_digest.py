"""The digest of the ``Runbook:`` trailer does not depend on a checkout's line ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from errata.core.config import EVERYONE, Config, Paths
from errata.runbooks import digest


def test_digest_ignores_the_line_ends_of_a_checkout() -> None:
    lf, crlf = digest.of_bytes(b"a\nb\n"), digest.of_bytes(b"a\r\nb\r\n")
    assert lf == crlf != digest.of_bytes(b"a\nb")
    assert len(digest.of_bytes(b"")) == 12


def test_trailer_ignores_the_line_ends_of_a_checkout(tmp_path: Path) -> None:
    path = tmp_path / "books/api-dev/RUNBOOK.md"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"# Runbook\n\nText\n")
    config = Config(paths=Paths(runbooks="books"))
    lf = digest.of_runbooks(tmp_path, config, "api-dev", None)
    path.write_bytes(b"# Runbook\r\n\r\nText\r\n")
    assert digest.of_runbooks(tmp_path, config, "api-dev", None) == lf
    assert lf == [f"api-dev@{digest.of_bytes(path.read_bytes())}"]
    assert digest.of_runbooks(tmp_path, config, "sre", None) == []


@pytest.mark.parametrize(
    ("agent", "names"),
    [("api-dev", ["api-dev", "everyone"]), ("sre", ["everyone"]), ("", ["everyone"])],
)
def test_every_agent_reads_the_shared_runbook(tmp_path: Path, agent: str, names: list[str]) -> None:
    for name in ("api-dev", EVERYONE):
        path = tmp_path / Config().paths.runbooks / name / "RUNBOOK.md"
        path.parent.mkdir(parents=True)
        path.write_text(f"# {name}\n")
    digests = digest.of_runbooks(tmp_path, Config(), agent, None)
    assert [each.partition("@")[0] for each in digests] == names
    assert digest.of_runbooks(tmp_path, Config(), EVERYONE, None) == digests[-1:]
