"""Skills on disk: at the top, in packages, behind links, and unreadable ones."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from errata.core.config import parse
from errata.core.git import Repository
from errata.skills import find

TEXT = "---\nname: {0}\ndescription: About {0}.\n---\nDo.\n"
CONFIG = parse({})


def put(repo: Any, *paths: str) -> None:
    for path in paths:
        name = Path(path).name if Path(path).name.isascii() else "x"
        repo.write(f"{path}/SKILL.md", TEXT.format(name))


def everywhere(root: Path) -> list[str]:
    found = find.everywhere(Repository.discover(root), CONFIG)
    return [one.path.removesuffix("/SKILL.md") for one in found]


def test_every_place_is_looked_at(repo: Any) -> None:
    put(repo, ".claude/skills/b", ".claude/skills/a", ".agents/skills/c", ".codex/skills/d")
    put(repo, ".gemini/skills/e", ".cursor/skills/f", "pkg/x/.claude/skills/g", "skills/not")
    repo.write(".claude/skills/runbooks/api-dev/RUNBOOK.md", "# x\n")
    expected = [
        *(".claude/skills/a", ".claude/skills/b", ".agents/skills/c", ".cursor/skills/f"),
        *(".gemini/skills/e", ".codex/skills/d", "pkg/x/.claude/skills/g"),
    ]
    assert everywhere(repo.root) == expected
    repo.commit()
    assert everywhere(repo.root) == expected


def test_ignored_ones_count_at_the_top_only(repo: Any) -> None:
    repo.write(".gitignore", ".claude/\n")
    put(repo, ".claude/skills/a", "pkg/.claude/skills/b")
    assert everywhere(repo.root) == [".claude/skills/a"]


def test_without_git(tmp_path: Path) -> None:
    for path in (".claude/skills/a", "pkg/.claude/skills/b", "node_modules/.claude/skills/c"):
        (tmp_path / path).mkdir(parents=True)
        (tmp_path / path / "SKILL.md").write_text(TEXT.format(Path(path).name))
    assert everywhere(tmp_path) == [".claude/skills/a", "pkg/.claude/skills/b"]


def test_near_the_files_at_work(repo: Any) -> None:
    put(repo, ".claude/skills/a", "pkg/.claude/skills/b", "pkg/in/.claude/skills/c")
    put(repo, "other/.claude/skills/d")

    def near(*files: str) -> list[str]:
        return [one.folder for one in find.near(repo.root, CONFIG, files)]

    assert near() == ["a"]
    assert near("pkg/in/x.py") == ["a", "b", "c"]
    assert near("pkg/x.py", "other/y/z.py") == ["a", "d", "b"]
    assert near("../x/y.py", "/abs/z.py") == ["a"]


def test_links(repo: Any, tmp_path: Path) -> None:
    put(repo, ".claude/skills/a")
    (repo.root / ".agents").mkdir()
    (repo.root / ".agents/skills").symlink_to("../.claude/skills")
    away = tmp_path / "away/b"
    away.mkdir(parents=True)
    (away / "SKILL.md").write_text(TEXT.format("b"))
    (repo.root / ".claude/skills/b").symlink_to(away)
    (repo.root / ".claude/skills/c").symlink_to("c")
    assert everywhere(repo.root) == [".claude/skills/a"]
    assert find.outside(repo.root, CONFIG) == [".claude/skills/b/SKILL.md"]


def test_a_skill_with_several_paths_is_there_once_by_the_one_that_git_knows(repo: Any) -> None:
    put(repo, ".agents/skills/a", "shared/c", ".cursor/skills/d")
    (repo.root / ".claude").mkdir()
    (repo.root / ".claude/skills").symlink_to("../.agents/skills")
    for link, target in (
        (".agents/skills/c", "shared/c"),
        (".gemini/skills/d", ".cursor/skills/d"),
    ):
        (repo.root / link).parent.mkdir(parents=True, exist_ok=True)
        (repo.root / link).symlink_to(f"../../{target}")
    assert everywhere(repo.root) == [".agents/skills/a", ".claude/skills/c", ".cursor/skills/d"]


def test_non_files_are_skipped(repo: Any) -> None:
    (repo.root / ".claude/skills/a/SKILL.md").mkdir(parents=True)
    (repo.root / ".claude/skills/b").mkdir()
    os.mkfifo(repo.root / ".claude/skills/b/SKILL.md")
    (repo.root / ".claude/skills/file").write_text("x")
    assert everywhere(repo.root) == []


def test_a_bare_repository_has_none(tmp_path: Path, repo: Any) -> None:
    repo.git("init", "-q", "--bare", str(tmp_path / "bare"))
    assert everywhere(tmp_path / "bare") == []


def test_names_that_are_not_utf8(repo: Any) -> None:
    put(repo, os.fsdecode(b".claude/skills/\xff"))
    assert len(everywhere(repo.root)) == 1
