"""Screens at three widths, with and without colour: tests/screens/NAME.WIDTH[.colour].txt.

After a change that is meant, `make screens` writes them anew; read the difference.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import screen_repository
from test_views_golden import WRITE, without_style

from errata.cli import main
from errata.commands.layout import cells

SCREENS = Path(__file__).parents[1] / "screens"
WIDTHS = (60, 80, 200)
LESSON = "logger-debug-instead-of-print"
VIEWS = {
    "patterns": ("patterns", "--all"),
    "pattern": ("patterns", LESSON),
    "trends": ("trends",),
    "corrections": ("corrections",),
    "corrections-analyze": ("corrections", "--analyze"),
    "corrections-list": ("corrections", "--list"),
    "review": ("review",),
    "explain-pattern": ("explain", LESSON),
    "explain-finding": ("explain", "missing-input-validation"),
    "explain-correction": ("explain", "CORRECTION"),
    "evolve": ("evolve", "--dry-run"),
    "backfill": ("backfill", "--dry-run"),
    "try": ("try",),
    "doctor": ("doctor",),
}
CONTEXT = ("context", "--agent", "api-dev")


@cache
def _repository(folder: Path) -> tuple[Path, str]:
    """The repository, after a backfill and an evolve, and the id of a correction."""
    root = folder / "repo"
    screen_repository.create(root)
    os.chdir(root)
    assert main(["backfill"]) == main(["evolve"]) == 0
    log = (root / ".claude/user-corrections.jsonl").read_text().splitlines()
    return root, json.loads(log[1])["id"]


@pytest.fixture
def correction(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[str]:
    """Work in the repository; the id of a correction."""
    path = [str(Path(sys.executable).parent), *os.environ["PATH"].split(os.pathsep)]
    monkeypatch.setenv("PATH", os.pathsep.join(path))
    monkeypatch.delenv("NO_COLOR")
    here = Path.cwd()
    root, id = _repository(tmp_path_factory.getbasetemp() / "screens")
    os.chdir(root)
    capsys.readouterr()
    yield id
    os.chdir(here)


@pytest.mark.parametrize("colour", [False, True], ids=["plain", "colour"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", VIEWS)
def test_screen(
    name: str,
    width: int,
    colour: bool,
    correction: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("FORCE_COLOR" if colour else "NO_COLOR", "1")
    status = main([correction if word == "CORRECTION" else word for word in VIEWS[name]])
    shown, errors = capsys.readouterr()
    assert (status, errors) == (int(name == "doctor"), "")
    lines = without_style(shown).splitlines()
    assert [line for line in lines if cells(line) > width and not line.startswith("  fix: ")] == []
    assert "\x1b" not in (without_style(shown) if colour else shown)
    path = SCREENS / f"{name}.{width}{'.colour' if colour else ''}.txt"
    if WRITE:
        path.write_text(shown)
    assert shown == path.read_text()


@pytest.mark.usefixtures("correction")
@pytest.mark.parametrize("width", [*WIDTHS, 0])
def test_text_for_agents_has_no_width_and_no_colour(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert main(CONTEXT) == 0
    shown = capsys.readouterr().out
    path = SCREENS / "context.txt"
    if WRITE:
        path.write_text(shown)
    assert shown == path.read_text()


@pytest.mark.usefixtures("correction")
@pytest.mark.parametrize("name", [name for name in VIEWS if name != "explain-correction"])
def test_a_pipe_gets_every_word_of_the_widest_screen(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    main(VIEWS[name])
    words = capsys.readouterr().out.split()
    wide = (SCREENS / f"{name}.200.txt").read_text().split()
    assert [word for word in wide if word not in words and not word.endswith("…")] == []


def test_no_screen_is_left_over() -> None:
    wanted = {f"{name}.{w}{c}.txt" for name in VIEWS for w in WIDTHS for c in ("", ".colour")}
    assert {path.name for path in SCREENS.iterdir()} == {*wanted, "context.txt"}
