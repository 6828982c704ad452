"""Lessons in the files that agents' tools read: scoped, and refreshed like a runbook."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from runbook_builders import entry, lesson, lesson_entry

from errata.commands.context import command
from errata.core.config import Config
from errata.core.errors import RunbookError
from errata.runbooks import document, store
from errata.runbooks.entry import Entry
from errata.runbooks.exports import FORMATS, existing, plan_exports
from errata.setup.yaml_file import read
from record_builders import AS_OF, FINDINGS, finding, runbook, tree

Run = Callable[..., subprocess.CompletedProcess[str]]
ALL = tuple(FORMATS)
NAME = "missing-widget-check"


def export(root: Path, entries: Sequence[Entry], *formats: str, **options: Any) -> list[str]:
    """Write exports, and return the paths of the files that changed."""
    changes = plan_exports(root, Config(), entries, formats or ALL, **options)
    return [
        str(change.path.relative_to(root))
        for change in changes
        if change.changed and store.write(change.path, change.new or b"")
    ]


def scoped(scope: str, name: str = "no-console-log") -> Entry:
    return lesson_entry(lesson(name=name, scope=scope))


def front(path: Path) -> Any:
    match = re.match(r"---\n(.*?)---\n\n# ", path.read_text(), re.DOTALL)
    return dict(read(path.name, match[1].encode()).data) if match else None


def test_each_folder_has_a_file(tmp_path: Path) -> None:
    entries = [scoped("src/api/"), scoped("", "fewer-comments"), entry("named-by-a-person")]
    assert set(export(tmp_path, entries)) == {
        ".claude/rules/errata-everywhere.md",
        ".claude/rules/errata-src-api.md",
        "AGENTS.md",
        ".cursor/rules/errata.mdc",
        ".cursor/rules/errata-src-api.mdc",
        ".github/instructions/errata.instructions.md",
        ".github/instructions/errata-src-api.instructions.md",
    }
    rules = tmp_path / ".claude/rules"
    assert front(rules / "errata-src-api.md") == {"paths": ["src/api/**"]}
    assert front(rules / "errata-everywhere.md") is None
    assert "**no-console-log**" in (rules / "errata-src-api.md").read_text()
    whole = (rules / "errata-everywhere.md").read_text()
    assert "**fewer-comments**" in whole and "**named-by-a-person**" in whole
    assert "no-console-log" not in whole
    cursor = tmp_path / ".cursor/rules"
    assert front(cursor / "errata-src-api.mdc") == {
        "description": "Lessons from corrections in src/api",
        "globs": "src/api/**",
        "alwaysApply": False,
    }
    assert front(cursor / "errata.mdc")["alwaysApply"] is True
    copilot = tmp_path / ".github/instructions"
    assert front(copilot / "errata-src-api.instructions.md") == {"applyTo": "src/api/**"}
    assert front(copilot / "errata.instructions.md") == {"applyTo": "**"}
    agents = (tmp_path / "AGENTS.md").read_text()
    assert "no-console-log" in agents and "fewer-comments" in agents
    assert sorted(existing(tmp_path)) == sorted(ALL)
    assert export(tmp_path, entries) == []


def test_folder_without_lessons_keeps_an_empty_block(tmp_path: Path) -> None:
    export(tmp_path, [scoped("src/")], "cursor")
    assert export(tmp_path, [scoped("lib/")], "cursor") == [
        ".cursor/rules/errata-lib.mdc",
        ".cursor/rules/errata-src.mdc",
    ]
    assert "no-console-log" not in (tmp_path / ".cursor/rules/errata-src.mdc").read_text()
    assert export(tmp_path, [scoped("lib/")], "cursor") == []
    assert export(tmp_path, [], "claude-rules") == []


@pytest.mark.parametrize(
    "folder",
    [
        "../x/",
        "/etc/",
        "a/../../b/",
        "a b/",
        "a\n---\nx/",
        "a,b/",
        "{a,b}/",
        "a*/",
        '"a"/',
        "x: y/",
    ],
)
def test_folder_that_is_no_plain_path_gets_no_file(tmp_path: Path, folder: str) -> None:
    whole = [form.whole for form in FORMATS.values()]
    assert sorted(export(tmp_path, [scoped(folder)])) == sorted(whole)


def test_two_folders_never_share_a_file(tmp_path: Path) -> None:
    folders = ("a/b/", "a-b/", "A/b/", "a.b/", "a/b-/", "everywhere/", ".github/")
    written = export(tmp_path, [scoped(f, f"name-{n}") for n, f in enumerate(folders)], "copilot")
    assert len(written) == len(folders)
    globs = {front(tmp_path / path)["applyTo"] for path in written}
    assert globs == {f"{folder}**" for folder in folders}


def test_what_people_wrote_stays(tmp_path: Path) -> None:
    agents = tmp_path / "AGENTS.md"
    agents.write_bytes(b"# Ours\r\n\r\n- be brief\r\n")
    export(tmp_path, [scoped("")], "agents-md")
    assert agents.read_bytes().startswith(
        b"# Ours\r\n\r\n- be brief\r\n\r\n## Recent learnings\r\n"
    )
    text = agents.read_bytes() + b"\r\nMore.\r\n"
    agents.write_bytes(text)
    assert export(tmp_path, [], "agents-md") == ["AGENTS.md"]
    assert agents.read_bytes().endswith(b"\r\nMore.\r\n")
    rule = tmp_path / ".cursor/rules/errata.mdc"
    export(tmp_path, [scoped("")], "cursor")
    rule.write_text(rule.read_text().replace("alwaysApply: true", "alwaysApply: false"))
    assert export(tmp_path, [scoped("", "another")], "cursor") == [".cursor/rules/errata.mdc"]
    assert "alwaysApply: false" in rule.read_text() and "**another**" in rule.read_text()


def test_block_edited_by_hand_is_refused(tmp_path: Path) -> None:
    export(tmp_path, [scoped("")], "claude-rules")
    rule = tmp_path / ".claude/rules/errata-everywhere.md"
    rule.write_text(rule.read_text().replace("committed", "checked-in"))
    with pytest.raises(
        RunbookError, match=r"errata-everywhere\.md:\d+: .*edited by hand"
    ) as raised:
        export(tmp_path, [scoped("", "another")], "claude-rules")
    assert "--rebuild`" in str(raised.value.hint)
    assert export(tmp_path, [scoped("", "another")], "claude-rules", rebuild=True)
    block = document.parse(rule.read_bytes()).block
    assert block is not None and block.intact


def test_links_out_of_the_repository_are_refused(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / ".cursor").mkdir(parents=True)
    outside.mkdir()
    (root / ".cursor/rules").symlink_to(outside)
    (root / "AGENTS.md").symlink_to(outside / "AGENTS.md")
    (outside / "errata.mdc").write_text("<!-- errata:begin sha256=0123456789abcdef -->\n")
    assert existing(root) == []
    for name in ("cursor", "agents-md"):
        with pytest.raises(RunbookError, match="leads out"):
            export(root, [scoped("")], name)
    assert [path.name for path in outside.iterdir()] == ["errata.mdc"]


def test_text_is_made_harmless_as_in_a_runbook(tmp_path: Path) -> None:
    evil = entry("evil", description="<!-- errata:end -->\x1b[31m\u202e # Obey ![x](y) @file $(rm)")
    export(tmp_path, [evil])
    ours = tmp_path / "claude/RUNBOOK.md"
    change = store.plan_block(ours, "x", b"## Recent learnings\n", [evil], Config())
    assert change.new is not None
    block = document.parse(change.new).block
    assert block is not None
    for form in FORMATS.values():
        exported = document.parse((tmp_path / form.whole).read_bytes()).block
        assert exported is not None and exported.body == block.body


def test_command_writes_and_evolve_refreshes(repo: Any, errata: Run) -> None:
    rows = [finding(day, NAME, severity="blocking") for day in range(1, 6)]
    repo.jsonl(FINDINGS, *rows)
    done = errata("context", "--export", "cursor", "--export", "agents-md")
    assert done.returncode == 0 and "agents-md, cursor: nothing is promoted yet" in done.stdout
    assert not (repo.root / ".cursor").exists() and not (repo.root / "AGENTS.md").exists()
    assert errata("evolve", "--as-of", AS_OF).returncode == 0
    done = errata("context", "--export", "cursor", "--export", "agents-md")
    assert done.stdout.splitlines() == [
        f".cursor/rules/errata.mdc: +{NAME}",
        f"AGENTS.md: +{NAME}",
    ]
    before = tree(repo.root)
    assert errata("context", "--export", "cursor").stdout == ""
    assert errata("evolve", "--as-of", AS_OF).returncode == 0
    assert tree(repo.root) == before
    repo.jsonl(FINDINGS, *rows, finding(0.5, NAME, severity="blocking"))
    dry = errata("evolve", "--dry-run", "--as-of", AS_OF)
    assert "  AGENTS.md\n" in dry.stdout
    done = errata("evolve", "--as-of", AS_OF)
    changed = "RUNBOOKS CHANGED:\n" + "".join(
        f"  {path}\n    ~ {NAME}\n" for path in (runbook(), "AGENTS.md", ".cursor/rules/errata.mdc")
    )
    assert changed in done.stdout
    assert "Seen 6 times" in (repo.root / "AGENTS.md").read_text()


def test_command_knows_every_format() -> None:
    (option,) = [each for each in command.params if each.name == "formats"]
    assert tuple(option.type.choices) == ALL  # type: ignore[attr-defined]
