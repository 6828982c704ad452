"""Laws of added lines, on random texts in a real repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errata.checks import isolated, matching, staged_lines
from errata.checks.isolated import File

LINES = st.lists(
    st.sampled_from(
        ["console.log(1);", "  console.log(1);", "f();", "", "console.log(2);", "}", "-- a"]
    ),
    max_size=8,
)
RULES = [
    {
        **{"id": "a", "check": "a", "path": "a.yml", "language": "text", "message": "No."},
        **{
            "config": {"rule": {"regex": r"console\.log"}},
            "files": [],
            "ignores": [],
            "new": False,
            "needs": [],
        },
    }
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, empty_repository: Path) -> Path:
    del empty_repository
    root = tmp_path_factory.mktemp("laws")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


def staged(root: Path, olds: dict[str, list[str]], news: dict[str, list[str]]) -> list[File]:
    """The files of a commit from one state to another."""

    def tree(files: dict[str, list[str]]) -> None:
        subprocess.run(
            ["git", "rm", "-rqf", "--cached", "--ignore-unmatch", "."], cwd=root, check=True
        )
        for name, lines in files.items():
            (root / name).write_text("".join(f"{line}\n" for line in lines))
        subprocess.run(["git", "add", "-A"], cwd=root, check=True)

    for file in root.glob("*.ts"):
        file.unlink()
    tree(olds)
    subprocess.run(["git", "commit", "-q", "--allow-empty", "-m", "x"], cwd=root, check=True)
    for file in root.glob("*.ts"):
        file.unlink()
    tree(news)
    return list(staged_lines.staged(lambda _path, _new: True))


@settings(max_examples=25)
@given(old=LINES, new=LINES, other=LINES, moved=LINES)
def test_a_check_never_speaks_about_lines_that_were_there(
    place: Path, old: list[str], new: list[str], other: list[str], moved: list[str]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        files = staged(place, {"a.ts": old, "b.ts": other}, {"a.ts": new, "c.ts": moved})
        hits, errors = isolated.run(RULES, files, 5)
    assert not errors
    found = [
        next(file for file in files if file.path == hit.path).text.split("\n")[hit.line - 1].strip()
        for hit in hits
    ]
    after = [line.strip() for line in (*new, *moved)]
    before = [line.strip() for line in (*old, *other)]
    for line in {line for line in after if "console" in line}:
        # What is said of equal lines is how many more there are than before, at most.
        gained = after.count(line) - before.count(line)
        assert found.count(line) <= max(0, after.count(line))
        assert found.count(line) >= max(0, gained)
        if line not in new or set(moved) <= set(other):
            assert found.count(line) <= max(0, after.count(line))
    for file in files:
        lines = file.text.split("\n")
        assert all(lines[number - 1].strip() for number in file.added)


@given(lines=LINES, seed=st.randoms())
def test_order_of_rules_does_not_matter(lines: list[str], seed) -> None:  # type: ignore[no-untyped-def]
    rules = [
        {**RULES[0], "check": name, "config": {"rule": {"regex": regex}}}
        for name, regex in (("a", "console"), ("b", r"\(1\)"), ("c", "^}"))
    ]
    text = "".join(f"{line}\n" for line in lines)
    added = range(1, len(lines) + 1)

    def found(rules: list[dict[str, object]]) -> set[tuple[str, int]]:
        return {(str(rules[at]["check"]), n) for at, n in matching.find_lines(rules, text, added)}

    shuffled = rules[:]
    seed.shuffle(shuffled)
    assert found(rules) == found(shuffled)
    # Fewer added lines: nothing new is said.
    some = [n for n in added if n % 2]
    fewer = {(str(rules[at]["check"]), n) for at, n in matching.find_lines(rules, text, some)}
    assert fewer == {hit for hit in found(rules) if hit[1] in some}
