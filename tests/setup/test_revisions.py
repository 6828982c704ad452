"""A configuration that pins an older errata gets no hook that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

import errata as package
from conftest import Repo
from doctor_builders import Doctor
from errata.setup import precommit, prek_toml
from errata.setup.hook_source import HookSource
from errata.setup.hooks import BY_ID
from manager_builders import Errata, done

URL = "https://example.org/errata"
FILE = ".pre-commit-config.yaml"
NEW = "errata-check-lessons"
OLD_IDS = [id for id in BY_ID if id != NEW]


def configuration(rev: str, url: str = URL) -> str:
    hooks = "".join(f"  - id: {id}\n" for id in OLD_IDS)
    return f"repos:\n- repo: {url}\n  rev: {rev}\n  hooks:\n{hooks}"


@pytest.mark.parametrize(
    ("rev", "newer"),
    [
        ("v0.1.0", f"{URL}@v{package.__version__}"),
        ("0.1", f"{URL}@{package.__version__}"),
        ("0123456789abcdef0123456789abcdef01234567", URL),
        ("main", URL),
    ],
)
def test_revisions_that_may_lack_a_hook(repo: Repo, errata: Errata, rev: str, newer: str) -> None:
    repo.write(FILE, configuration(rev))
    said = f"note: {FILE}: not added: {NEW}, which {rev} may lack; to raise rev and add them: "
    said += f"`errata init --source {newer}`\n"
    assert said in done(errata("init", "--agent", "claude-code"))
    written = (repo.root / FILE).read_text()
    assert written.endswith(configuration(rev).removeprefix("repos:\n"))
    assert done(errata("init")) == f"{said}nothing else to do\n"
    diagnostic = Doctor(repo.root).diagnostic("not configured")
    assert diagnostic["what"] == f"{FILE}: not configured: {NEW}"
    assert diagnostic["fix"] == f"errata init --source {newer}"


def test_the_command_that_the_note_names(repo: Repo, errata: Errata, tmp_path: Path) -> None:
    repo.git("init", "-q", str(tmp_path / "source"))
    repo.git("-C", str(tmp_path / "source"), "commit", "-q", "--allow-empty", "-m", "x")
    head = repo.git("-C", str(tmp_path / "source"), "rev-parse", "HEAD")
    for rev, raised in (("v0.1.0", f"v{package.__version__}"), ("main", head)):
        repo.write(FILE, configuration(rev, "../source"))
        done(errata("init", "--agent", "claude-code"))
        Doctor(repo.root).fix("not configured")
        written = (repo.root / FILE).read_text()
        assert raised in written and f"  - id: {NEW}\n" in written
        assert done(errata("init")) == "nothing to do\n"


@pytest.mark.parametrize("rev", [package.__version__, f"v{package.__version__}", "v99.1"])
def test_versions_that_have_every_hook(rev: str) -> None:
    after, added = precommit.install(configuration(rev).encode(), HookSource(), "f")
    assert added.hooks == (NEW,)
    assert f"  rev: {rev}\n".encode() in after


@pytest.mark.parametrize("url", [URL, f"{URL}.git", f"{URL}/"])
def test_the_revision_of_the_installation_is_set_together_with_the_hook(url: str) -> None:
    source = HookSource(URL, "a" * 40)
    after, added = precommit.install(configuration("v0.1.0", url).encode(), source, "f")
    assert added.hooks == (NEW,)
    assert f"- repo: {url}\n  rev: {'a' * 40}\n".encode() in after
    # Nothing is missing: the revision is the person's.
    again, _ = precommit.install(after, HookSource(URL, "b" * 40), "f")
    assert again == after


def test_prek_toml() -> None:
    hooks = ", ".join(f'{{ id = "{id}" }}' for id in OLD_IDS)
    raw = f'[[repos]]\nrepo = "{URL}"\nrev = "v0.1.0"\nhooks = [{hooks}]\n'.encode()
    after, added = prek_toml.install(raw, HookSource(), "f")
    assert (added.hooks, NEW.encode() in after) == ((), False)
    after, added = prek_toml.install(raw, HookSource(URL, "a" * 40), "f")
    assert added.hooks == (NEW,)
    data = prek_toml.read(after, "f")["repos"][0]
    assert (data["rev"], len(data["hooks"])) == ("a" * 40, len(BY_ID))
