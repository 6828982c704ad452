"""``errata report``: a file, and nothing else, from a real history."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from errata.cli import main

AGENT = "\n\nCo-Authored-By: Claude Opus 4.1 <noreply@anthropic.com>"
Errata = Callable[..., subprocess.CompletedProcess[str]]
_HOSTILE = "<script>alert(1)<"
_PEOPLE = ("Ann Doe", "ann@example.org"), ("Bob Roe", "bob@example.org")


def contents(root: Path) -> dict[str, str]:
    """Every file below a folder, git's own included, with a digest."""
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {str(path): sha256(path.read_bytes()).hexdigest() for path in files}


def person(number: int) -> dict[str, str]:
    name, email = _PEOPLE[number % len(_PEOPLE)]
    return {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email}


def on(day: float) -> dict[str, str]:
    date = f"{1_740_000_000 + round(day * 86_400)} +0000"
    return {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}


@pytest.fixture
def history(repo: Any) -> Any:
    """An agent prints, and two people remove it: often enough for a lesson."""
    for number in range(8):
        name = f"pages/page{number}.js" if number else f"pages/{_HOSTILE}page.js"
        body = f"function page{number}(user) {{\n"
        rest = f"  return render{number}(user);\n}}\n"
        repo.write(name, f"{body}  console.log(user);\n{rest}")
        repo.commit(f"feat: page {number}{AGENT}", **on(3 * number))
        repo.write(name, f"{body}{rest}")
        repo.commit(f"fix: page {number} prints users", **on(3 * number + 0.1), **person(number))
    return repo


def test_one_file_and_nothing_else(history: Any, errata: Errata, tmp_path: Path) -> None:
    pytest.importorskip("vl_convert", reason="the extra `report` is not installed")
    before = contents(history.root)
    target = tmp_path / "out" / "agents.html"
    target.parent.mkdir()
    done = errata("report", "-o", str(target))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"Report: {target}\n", "")
    assert contents(history.root) == before
    assert [*target.parent.iterdir()] == [target]
    page = target.read_text("utf-8")
    assert "Content-Security-Policy" in page
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;" in page
    assert "person 1" in page
    assert not [word for names in _PEOPLE for word in names if word in page]


def test_the_same_history_gives_the_same_bytes(history: Any, errata: Errata) -> None:
    pytest.importorskip("vl_convert", reason="the extra `report` is not installed")
    assert errata("report").stdout == "Report: errata-report.html\n"
    file = history.root / "errata-report.html"
    first = file.read_bytes()
    errata("report")
    assert file.read_bytes() == first
    assert errata("report", "-o", "-").stdout.encode() == first


def test_people_are_named_on_request(history: Any, errata: Errata) -> None:  # noqa: ARG001
    pytest.importorskip("vl_convert", reason="the extra `report` is not installed")
    page = errata("report", "--people", "-o", "-").stdout
    assert all(name in page for name, _ in _PEOPLE)
    assert not [email for _, email in _PEOPLE if email in page]
    assert "person 1" not in page


def test_markdown_needs_no_plots(
    history: Any,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    assert main(["report", "--format", "md"]) == 0
    out, err = capfdbinary.readouterr()
    assert err == b""
    text = out.decode()
    assert text.startswith("## How coding agents do in repo\n")
    assert "16 commits" in text
    assert "| claude-code | 8 | 8 (100%) |" in text
    assert "Opus 4.1" in text
    assert "console.log" in text
    assert "ann" not in text.lower()


def test_a_page_without_the_library_is_one_clear_line(
    history: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    assert main(["report"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert "pip install 'errata-hooks[report]'" in err
    assert not (history.root / "errata-report.html").exists()


def test_lessons_are_those_of_try(history: Any, errata: Errata) -> None:  # noqa: ARG001
    taught = json.loads(errata("try", "--json").stdout)
    assert taught["lessons"]
    text = errata("report", "--format", "md").stdout
    assert f"### Lessons ({len(taught['lessons'])})" in text
    for lesson in taught["lessons"]:
        assert lesson["description"].split("`")[0] in text
    share = f"({taught['commits']['agent']} of {taught['commits']['agent']};"
    assert share in text


def test_what_became_of_a_lesson(history: Any, errata: Errata) -> None:
    errata("backfill")
    errata("evolve")
    assert "Not enough data yet" in errata("report", "--format", "md").stdout
    for number in range(20, 60):
        # It still logs, but nobody minds.
        body = f"function page{number}(user) {{\n  console.log(user);\n}}\n"
        history.write(f"pages/page{number}.js", body)
        history.commit(f"feat: {number}{AGENT}", **on(60 + number))
    text = errata("report", "--format", "md").stdout
    assert "It works: agents repeat it less often than before." in text
    assert "Before: 8 of 8 (100%" in text
    assert "Since: 0 of 26 (0%" in text, "people may still correct those of the last two weeks"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--open", "--format", "md"), "--open needs a file (name one with -o FILE)"),
        (("-o", "."), "-o: '.' is a folder (name a file in it)"),
        (("-o", "no/such/file"), "-o: the folder of 'no/such/file' does not exist (make it first)"),
    ],
)
def test_bad_input(repo: Any, errata: Errata, args: tuple[str, ...], message: str) -> None:
    before = contents(repo.root)
    done = errata("report", "--format", "md", *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"errata: {message}\n"
    assert contents(repo.root) == before


@pytest.mark.parametrize("form", ["md", "html"])
def test_repositories_without_anything(repo: Any, errata: Errata, form: str) -> None:
    if form == "html":
        pytest.importorskip("vl_convert", reason="the extra `report` is not installed")
    args = ("report", "--format", form, "-o", "-")
    assert "This repository has no commit yet." in errata(*args).stdout
    repo.write("a.txt", "one\n")
    repo.commit("by a person")
    assert "No commit shows that an agent made it" in errata(*args).stdout
    repo.write("a.txt", "two\n")
    repo.commit(f"by an agent{AGENT}")
    done = errata(*args)
    assert (done.returncode, done.stderr) == (0, "")
    assert "nobody soon changed what an agent had committed" in done.stdout


def test_outside_a_repository(
    errata: Errata, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    done = errata("report", "--format", "md", cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


def test_a_pipe_takes_the_report_and_stays_one(history: Any) -> None:
    pipe = history.root / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert main(["report", "--format", "md", "-o", str(pipe)]) == 0
        assert os.read(reader, 100_000).startswith(b"## How coding agents do in repo\n")
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.lstat().st_mode)


def test_a_link_leads_to_the_file_that_is_written(history: Any) -> None:
    (history.root / "link.md").symlink_to("real.md")
    assert main(["report", "--format", "md", "-o", "link.md"]) == 0
    assert (history.root / "link.md").is_symlink()
    assert (history.root / "real.md").read_text().startswith("## How coding agents do")


def test_an_empty_name_is_refused(history: Any, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ARG001
    assert main(["report", "--format", "md", "-o", ""]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_types_are_those_that_a_person_gave(history: Any, errata: Errata) -> None:  # noqa: ARG001
    pytest.importorskip("vl_convert", reason="the extra `report` is not installed")
    errata("backfill")
    assert "communication gap" not in errata("report", "-o", "-").stdout
    rows = json.loads(errata("corrections", "--list", "--json").stdout)["corrections"]
    errata("accept", *[row["id"] for row in rows], "--type", "communication_gap")
    assert "communication gap" in errata("report", "-o", "-").stdout
