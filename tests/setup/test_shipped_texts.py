"""Skills and slash commands that an earlier version wrote: updated, unless somebody edited them."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Repo
from doctor_builders import Doctor
from errata.setup import agents, agents_texts, install_manifest
from errata.setup.file_change import FileChange
from errata.setup.layout import Layout
from manager_builders import Errata, done

OLD = Path(__file__).parent / "version_0_1"
PLACES = {
    ".claude/commands/corrections.md": ("claude-code", "corrections.md"),
    ".gemini/commands/corrections.toml": ("gemini", "corrections.toml"),
}


def test_every_present_text_is_known() -> None:
    texts = agents_texts.wanted(agents.TOOLS)
    unknown = {text: path for path, text in texts.items() if not agents_texts.is_shipped(text)}
    lines = [f'    "{agents_texts.digest(text)}",  {path}' for text, path in unknown.items()]
    assert not lines, "\n".join(["add to hooks/errata/rules/shipped_texts.toml:", *lines])


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_what_version_0_1_wrote_is_updated(
    repo: Repo, errata: Errata, path: str, line_end: bytes
) -> None:
    tool, name = PLACES[path]
    old = (OLD / name).read_bytes().replace(b"\n", line_end)
    repo.write(path, old)
    # A clone in which init never ran: a colleague committed the file.
    options = ("--manager", "plain", "--agent", tool)
    output = done(errata("init", *options))
    assert f"{path}: kept" not in output
    assert (repo.root / path).read_bytes() == agents_texts.wanted([tool])[path]
    repo.write(path, old)
    Doctor(repo.root).fix(f"{path}: written by an earlier version of errata", "note")
    assert (repo.root / path).read_bytes() == agents_texts.wanted([tool])[path]
    done(errata("uninstall"))
    assert not (repo.root / path).exists()


def test_old_texts_are_removed_without_an_update(repo: Repo, errata: Errata) -> None:
    path = ".claude/commands/corrections.md"
    repo.write(path, (OLD / "corrections.md").read_bytes())
    assert "kept, because they were edited" not in done(errata("uninstall"))
    assert not (repo.root / path).exists()


def test_edited_texts_of_earlier_versions_are_kept_and_named(repo: Repo, errata: Errata) -> None:
    path = ".claude/commands/corrections.md"
    edited = (OLD / "corrections.md").read_bytes() + b"- Be brief.\n"
    repo.write(path, edited)
    output = done(errata("init", "--manager", "plain", "--agent", "claude-code"))
    assert f"note: {path}: kept your command (errata's is different)\n" in output
    assert f"note: kept, because they were edited: {path}\n" in done(errata("uninstall"))
    assert (repo.root / path).read_bytes() == edited


def test_uninstall_does_not_say_that_it_keeps_what_it_deletes(repo: Repo, errata: Errata) -> None:
    path, text = ".claude/commands/corrections.md", b"Run `errata corrections`, as later.\n"
    done(errata("init", "--manager", "plain", "--agent", "claude-code"))
    # A later version updated the file in this clone, and this one does not know that text.
    layout = Layout.discover()
    manifest = install_manifest.load(layout)
    assert manifest
    manifest.record_change(FileChange(path, (repo.root / path).read_bytes(), text, ""), clean=False)
    install_manifest.save(layout, manifest)
    repo.write(path, text)
    assert "kept, because they were edited" not in done(errata("uninstall"))
    assert not (repo.root / path).exists()


def test_scripts_that_init_wrote_are_not_called_yours(repo: Repo, errata: Errata) -> None:
    done(errata("init", "--manager", "plain"))
    ours, mine = repo.root / ".git/hooks/post-commit", repo.root / ".git/hooks/post-merge"
    for script in (ours, mine):
        script.write_bytes(script.read_bytes().replace(b"  for hook in", b"  for each in"))
    mine.write_bytes(mine.read_bytes() + b"npm install\n")
    output = done(errata("init"))
    assert "\nnote: your scripts are kept: .git/hooks/post-merge\n" in output
    assert b"for hook in" in ours.read_bytes()
