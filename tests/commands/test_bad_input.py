"""Invalid input of all kinds: one clear line, a matching exit status, and no data loss."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from record_builders import (
    AS_OF,
    FINDINGS,
    PATTERNS,
    PROMOTIONS,
    finding,
    learning,
    lines,
    put,
    runbook,
    tree,
)

Run = Callable[..., subprocess.CompletedProcess[str]]
NAME = "missing-widget-check"
AT = ("--as-of", AS_OF)
GOOD = lines(*(finding(day, severity="blocking") for day in range(1, 6)))


def plain(done: subprocess.CompletedProcess[str]) -> str:
    """Standard error, checked for tracebacks."""
    assert "Traceback" not in done.stderr and "Traceback" not in done.stdout
    return done.stderr


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (lines(finding(1, severity="P1")), "severity 'P1' is not allowed; allowed: blocking"),
        (lines(finding(1, timestamp="1st of May")), "'1st of May' is not a date; allowed: 2025"),
        (lines(finding(1, description=7)), "Expected `str | null`, got `int`"),
        (lines(finding(1, agent="../../x")), "'../../x' is not an agent name"),
        (lines(finding(1, "\x1b[31mred\u202e")), "is not a pattern name"),
        (b"\xff\xfe\x80 no text at all\n", "JSON is malformed"),
        (b"[" * 100_000 + b"\n", "nested too deeply"),
    ],
    ids=["severity", "date", "type", "agent", "name", "bytes", "deep"],
)
def test_invalid_line_is_skipped_and_reported(
    repo: Any, errata: Run, bad: bytes, message: str
) -> None:
    log = put(repo.root, FINDINGS, GOOD + bad + lines(finding(6)))
    before = log.read_bytes()
    done = errata("evolve", *AT)
    (line,) = plain(done).splitlines()
    assert done.returncode == 1
    assert line.startswith(f"{FINDINGS}:6: left out: ") and message in line
    assert "\x1b" not in line and "\u202e" not in line
    assert "Findings analyzed: 6\n" in done.stdout
    assert log.read_bytes() == before
    assert NAME in (repo.root / runbook()).read_text()
    for view in ("patterns", "trends", "corrections"):
        shown = errata(view, *AT)
        assert (shown.returncode, plain(shown)) == (0, done.stderr)


def test_many_invalid_lines_are_counted(repo: Any, errata: Run) -> None:
    put(repo.root, FINDINGS, GOOD + b"{\n" * 30)
    done = errata("evolve", *AT)
    errors = plain(done).splitlines()
    assert len(errors) == 21 and errors[19].startswith(f"{FINDINGS}:25: ")
    assert errors[20] == "... and 10 more; `errata validate` lists them"


def test_only_invalid_lines(repo: Any, errata: Run) -> None:
    put(repo.root, FINDINGS, b"{\n")
    done = errata("evolve", *AT)
    assert done.returncode == 1 and plain(done).startswith(f"{FINDINGS}:1: left out: ")
    assert "No findings, learnings or corrections yet." in done.stdout
    assert not (repo.root / PATTERNS).exists()


def test_record_in_the_future(repo: Any, errata: Run) -> None:
    put(repo.root, FINDINGS, GOOD + lines(finding(-700_000)))
    done = errata("evolve", *AT)
    assert done.returncode == 0
    assert plain(done) == "1 record left out: more than a day in the future\n"


def test_incomplete_last_line_is_ignored(repo: Any, errata: Run) -> None:
    log = put(repo.root, FINDINGS, GOOD + lines(finding(6))[:-30])
    before = log.read_bytes()
    done = errata("evolve", *AT)
    assert (done.returncode, plain(done)) == (0, "")
    assert "Findings analyzed: 5\n" in done.stdout
    assert log.read_bytes() == before


@pytest.mark.parametrize("ended", [b"", b"\n"])
def test_line_of_100_megabytes(repo: Any, errata: Run, ended: bytes) -> None:
    log = repo.root / FINDINGS
    put(repo.root, FINDINGS, GOOD)
    with log.open("ab") as file:
        file.write(b'{"description": "')
        for _ in range(100):
            file.write(b"x" * (1 << 20))
        file.write(b'"}' + ended)
    done = errata("evolve", *AT)
    message = f"{FINDINGS}:6: left out: the line is longer than 1 MiB\n" if ended else ""
    assert (done.returncode, plain(done)) == (int(bool(ended)), message)
    assert NAME in (repo.root / runbook()).read_text()
    assert (repo.root / PATTERNS).stat().st_size < 10_000


def _folder(path: Path) -> None:
    path.mkdir()


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _binary(path: Path) -> None:
    path.write_bytes(b"\x7fELF\x00\x00\x01" * 1000)


def _outside(path: Path) -> None:
    path.symlink_to(put(path.parents[2], "elsewhere.jsonl", GOOD))


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _unreadable(path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads everything; the fifo stands for it")
    path.write_bytes(GOOD)
    path.chmod(0)


@pytest.mark.parametrize("make", [_folder, _fifo, _binary, _outside, _loop, _unreadable])
def test_log_that_is_not_a_file(repo: Any, errata: Run, make: Callable[[Path], None]) -> None:
    (repo.root / ".claude").mkdir()
    make(repo.root / FINDINGS)
    for command in ("evolve", "patterns", "trends", "corrections"):
        done = errata(command, *AT)
        (line,) = plain(done).splitlines()
        assert done.returncode == 2 and done.stdout == ""
        assert line.startswith(f"errata: {FINDINGS}: ") and line.endswith(")")
    assert [path for path in tree(repo.root) if path.startswith(".claude/p")] == []


def test_unknown_setting_suggests_the_closest_name(repo: Any, errata: Run) -> None:
    put(repo.root, "errata.toml", b"[evolve]\nmin_occurences = 2\n")
    put(repo.root, FINDINGS, GOOD)
    done = errata("evolve", *AT)
    assert done.returncode == 2
    assert plain(done) == (
        "errata: errata.toml: evolve.min_occurences: unknown key "
        "(did you mean 'min_occurrences'?)\n"
    )
    assert not (repo.root / PATTERNS).exists()


def test_settings_apply(repo: Any, errata: Run) -> None:
    put(repo.root, "errata.toml", b"[evolve]\nmin_occurrences = 6\n")
    put(repo.root, FINDINGS, GOOD)
    assert "Not promoted (below threshold)" in errata("evolve", *AT).stdout


@pytest.fixture
def evolved(repo: Any, errata: Run) -> Any:
    """A repository with a runbook, and a record that is newer than the runbook."""
    put(repo.root, FINDINGS, GOOD)
    assert errata("evolve", *AT).returncode == 0
    put(repo.root, FINDINGS, GOOD + lines(finding(0, severity="blocking")))
    return repo


def _refused(repo: Any, errata: Run, *args: str) -> str:
    """The error of an evolve that changes nothing."""
    before = {p: d for p, d in tree(repo.root).items() if not p.startswith(".git/errata")}
    done = errata("evolve", *AT, *args)
    (line,) = plain(done).splitlines()
    assert done.returncode == 1 and line.startswith("errata: ")
    after = {p: d for p, d in tree(repo.root).items() if not p.startswith(".git/errata")}
    assert after == before
    return line


def test_block_edited_by_hand(evolved: Any, errata: Run) -> None:
    path = evolved.root / runbook()
    path.write_text(path.read_text().replace("is not checked", "is fine") + "\nmine\n")
    line = _refused(evolved, errata)
    assert f"{runbook()}:" in line and "edited by hand" in line
    assert "`errata evolve --rebuild --agent api-dev`" in line
    done = errata("evolve", *AT, "--rebuild", "--agent", "api-dev")
    assert (done.returncode, plain(done)) == (0, "")
    text = path.read_text()
    assert "is fine" not in text and "is not checked" in text and text.endswith("\nmine\n")


def test_markers_in_a_code_fence_are_text(evolved: Any, errata: Run) -> None:
    path = evolved.root / runbook()
    example = "\n```\n<!-- errata:begin sha256=0000000000000000 -->\n<!-- errata:end -->\n```\n"
    path.write_text(path.read_text().replace("## Anti-patterns\n", "## Anti-patterns\n" + example))
    done = errata("evolve", *AT)
    assert (done.returncode, plain(done)) == (0, "")
    assert example in path.read_text() and "Seen 6 times" in path.read_text()


def test_damaged_marker(evolved: Any, errata: Run) -> None:
    path = evolved.root / runbook()
    path.write_text(path.read_text().replace("<!-- errata:end -->", "<!-- errata:end"))
    assert f"{runbook()}:" in _refused(evolved, errata)


def test_runbook_behind_a_link_to_outside(evolved: Any, errata: Run, tmp_path: Path) -> None:
    outside = put(tmp_path, "outside.md", b"precious\n")
    (evolved.root / runbook()).unlink()
    (evolved.root / runbook()).symlink_to(outside)
    assert "a symbolic link leads out of the work tree" in _refused(evolved, errata)
    assert outside.read_bytes() == b"precious\n"


def test_damaged_promotion_log(evolved: Any, errata: Run) -> None:
    with (evolved.root / PROMOTIONS).open("ab") as file:
        file.write(b"<<<<<<< HEAD\n" + lines({"event": "promoted", "agents": ["../../x"]}))
    done = errata("evolve", *AT)
    assert done.returncode == 1
    assert plain(done).splitlines() == [
        f"{PROMOTIONS}:2: invalid; ignored",
        f"{PROMOTIONS}:3: invalid; ignored",
    ]
    assert "Seen 6 times" in (evolved.root / runbook()).read_text()


NASTY = (
    "a\x1b[31mred\x1b[0m\x1b]0;title\x07 b\u202eb\u200bc\x9b31md\u2028e\rf\x08g "
    "<!-- errata:end -->\n# Heading\n```"
)


def test_fields_of_a_record_are_sanitised_everywhere(repo: Any, errata: Run) -> None:
    nasty_fields: dict[str, Any] = {
        "severity": "blocking",
        "description": NASTY,
        "category": NASTY,
        "service": NASTY,
        "feature_id": NASTY,
        "suggested_fix": NASTY,
    }
    rows = [finding(day, **nasty_fields) for day in range(1, 7)]
    rows += [finding(1, "x" + NASTY, **nasty_fields), finding(1, severity=NASTY)]
    put(repo.root, FINDINGS, lines(*rows, learning(1, agent="api-dev", insight=NASTY)))
    for args in (
        ("evolve",),
        ("patterns",),
        ("patterns", NAME),
        ("patterns", NASTY),
        ("trends",),
        ("trends", "--compare"),
        ("trends", "--service", NASTY),
        ("corrections", "--agent", NASTY),
        ("explain", NAME),
        ("evolve", "--pattern", NASTY),
        ("evolve", "--format", "json"),
        ("patterns", "--format", "json"),
    ):
        done = errata(*args, *AT)
        plain(done)
        for text in (done.stdout, done.stderr):
            hidden = set(text) & set("\x1b\x07\u202e\u200b\x9b\u2028\r\x08")
            assert not hidden, (args, hidden)
    text = (repo.root / runbook()).read_text()
    assert text.count("<!-- errata:end -->") == 1
    assert [row for row in text.splitlines() if row.startswith("#")][-1] == "## Recent learnings"
    assert (
        errata("evolve", *AT).returncode == 1
    )  # The invalid lines again; the block is still valid.


def test_terminal_without_unicode(repo: Any, errata: Run) -> None:
    put(repo.root, FINDINGS, lines(finding(1, description="naïve → 目"), finding(2), finding(3)))
    for extra in ({}, {"FORCE_COLOR": "1"}):
        for args in (("patterns", NAME), ("evolve",), ("trends",)):
            done = errata(*args, *AT, PYTHONIOENCODING="ascii", **extra)
            assert (done.returncode, plain(done)) == (0, "")


def test_state_folder_that_cannot_be_created(repo: Any, errata: Run) -> None:
    put(repo.root, FINDINGS, GOOD)
    put(repo.root, ".git/errata", b"in the way")
    done = errata("evolve", *AT)
    assert done.returncode == 2
    assert plain(done).startswith("errata: ") and "it must be a writable folder" in done.stderr
    assert errata("patterns", *AT).returncode == 0


def test_file_in_place_of_the_patterns_folder(repo: Any, errata: Run) -> None:
    put(repo.root, FINDINGS, GOOD)
    put(repo.root, ".claude/patterns", b"in the way")
    done = errata("evolve", *AT)
    assert done.returncode in (1, 2) and len(plain(done).splitlines()) == 1
    assert not (repo.root / runbook()).exists()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ("pattrens", "No such command 'pattrens'; did you mean 'patterns'? (see `errata --help`)"),
        (
            "log findng",
            "No such command 'findng'; did you mean 'finding'? (see `errata log --help`)",
        ),
        ("help nonsense", "No such command 'nonsense' (see `errata --help`)"),
        (
            "patterns --agnt x",
            "No such option '--agnt'; did you mean '--agent'? (see `errata patterns --help`)",
        ),
        ("patterns --nonsense", "No such option '--nonsense' (see `errata patterns --help`)"),
        (
            "patterns --color never",
            "errata --color goes before the command (see `errata patterns --help`)",
        ),
        ("help patterns nonsense", "No such command 'nonsense' (see `errata patterns --help`)"),
    ],
)
def test_wrong_command_line_names_what_may_be_meant(errata: Run, args: str, message: str) -> None:
    done = errata(*args.split())
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"errata: {message}\n")


@pytest.mark.parametrize("view", ["patterns", "explain"])
def test_wrong_pattern_names_the_near_ones(repo: Any, errata: Run, view: str) -> None:
    put(repo.root, FINDINGS, GOOD)
    for name in ("missing-widgt-check", "widget"):
        done = errata(view, name)
        hint = "did you mean 'missing-widget-check'?"
        assert (done.returncode, done.stderr) == (
            2,
            f"errata: no pattern named {name!r} ({hint})\n",
        )


@pytest.mark.parametrize("args", [("help", "patterns"), ("patterns", "--help"), ("patterns", "-h")])
def test_help_is_the_same_in_every_way(errata: Run, args: tuple[str, ...]) -> None:
    done = errata(*args)
    assert done.returncode == 0
    assert done.stdout == errata("help", "patterns").stdout
    assert errata("-V").stdout == errata("--version").stdout


def test_json_is_short_for_the_format(repo: Any, errata: Run) -> None:
    put(repo.root, FINDINGS, GOOD)
    for view in ("patterns", "trends", "corrections", "evolve --dry-run", "skills", "doctor"):
        args = view.split()
        short, long = errata(*args, "--json"), errata(*args, "--format", "json")
        assert short.stdout == long.stdout and short.stdout[0] in "[{"
