"""``errata evolve``: its options, and what each leaves as it was."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from errata.records import schema
from record_builders import (
    AS_OF,
    CORRECTIONS,
    FINDINGS,
    PROMOTIONS,
    ago,
    correction,
    finding,
    implicit,
    lines,
    put,
    runbook,
    tree,
)

Run = Callable[..., subprocess.CompletedProcess[str]]
NAME = "missing-widget-check"
AT = ("--as-of", AS_OF)


def strong(*days: float, name: str = NAME, **more: Any) -> list[dict[str, Any]]:
    return [finding(day, name, severity="blocking", **more) for day in days]


@pytest.fixture
def logged(repo: Any) -> Any:
    """A repository with something to promote, committed."""
    both = {"affected_agents": ["api-dev", "sre"]}
    repo.jsonl(FINDINGS, *strong(1, 2, 3, 4, 5), *strong(1, 2, 3, 4, 5, name="other", **both))
    repo.commit("logs")
    return repo


def test_a_dry_run_writes_nothing_at_all(logged: Any, errata: Run) -> None:
    before = tree(logged.root)
    done = errata("evolve", "--dry-run", *AT)
    assert done.returncode == 0
    assert done.stdout.startswith("DRY RUN: NOTHING IS CHANGED\n")
    assert "Would promote to: api-dev" in done.stdout
    assert f"RUNBOOKS TO CHANGE:\n  {runbook()}\n    + {NAME}\n    + other\n" in done.stdout
    assert tree(logged.root) == before
    # Nor when a cache is there, and the logs were touched since.
    assert errata("evolve", *AT).returncode == 0
    (logged.root / FINDINGS).touch()
    logged.jsonl(FINDINGS, *strong(0))
    before = tree(logged.root)
    assert errata("evolve", "--dry-run", "--format", "json", *AT).returncode == 0
    assert tree(logged.root) == before


def test_the_second_time_nothing_happens(logged: Any, errata: Run) -> None:
    assert "RUNBOOKS CHANGED:" in errata("evolve", *AT).stdout
    before = tree(logged.root)
    done = errata("evolve", *AT)
    assert "RUNBOOKS" not in done.stdout and "Promoted to: api-dev" in done.stdout
    assert tree(logged.root) == before


def test_runbook_of_a_tool_moves_to_everyone(repo: Any, errata: Run) -> None:
    """An earlier version gave tools runbooks of their own, as ``errata.toml`` does here."""
    days = range(1, 6)
    made = {"agent": "claude-code", "severity": "high"}
    repo.jsonl(CORRECTIONS, *(correction(day, NAME, **made) for day in days))
    repo.jsonl(FINDINGS, *strong(*days, name="other", affected_agents=["claude"]))
    settings = f'[routing.patterns]\n{NAME} = ["claude-code"]\nother = ["claude"]\n'
    (repo.root / "errata.toml").write_text(settings)
    old = repo.write(runbook("claude-code"), "# Mine\n\n## Patterns\n\n- **sleep**: never\n")
    assert errata("evolve", *AT).returncode == 0
    assert NAME in old.read_text() and not (repo.root / runbook("everyone")).exists()
    (repo.root / "errata.toml").unlink()
    done = errata("evolve", *AT)
    assert done.returncode == 0 and "everyone" in done.stdout
    shared = (repo.root / runbook("everyone")).read_text()
    assert f"**{NAME}**" in shared and "**other**" in shared
    assert NAME not in old.read_text() and "- **sleep**: never\n" in old.read_text()
    events = [json.loads(line) for line in (repo.root / PROMOTIONS).read_text().splitlines()]
    changes = {(event["pattern"], event["event"], *event["agents"]) for event in events[2:]}
    assert changes == {(NAME, "updated", "everyone"), ("other", "updated", "everyone")}
    before = tree(repo.root)
    assert errata("evolve", *AT).returncode == 0
    assert tree(repo.root) == before
    for agent in ("claude-code", "claude", "codex", "api-dev"):
        context = errata("context", "--agent", agent).stdout
        assert f"**{NAME}**" in context and ("**sleep**" in context) is (agent == "claude-code")
    shown = errata("patterns", "--agent", "api-dev", *AT).stdout
    assert NAME in shown and "everyone" in shown


def test_clones_write_the_same_bytes(logged: Any, errata: Run) -> None:
    other = logged.root.parent / "clone"
    logged.git("clone", "-q", str(logged.root), str(other))
    assert errata("evolve", *AT).returncode == 0
    assert errata("evolve", cwd=other).returncode == 0  # as of the clock, years later
    written = [path for path in tree(logged.root) if path.startswith(".claude")]
    assert len(written) == 7
    for path in written:
        assert (logged.root / path).read_bytes() == (other / path).read_bytes()


def test_as_of_does_not_revert_runbooks(logged: Any, errata: Run) -> None:
    assert errata("evolve").returncode == 0
    before = tree(logged.root)
    done = errata("evolve", "--as-of", "2025-02-26T12:00:00Z")
    assert done.returncode == 0
    assert done.stdout.startswith("AS OF 2025-02-26: NOTHING IS CHANGED\n")
    assert "[3 occurrences]" in done.stdout  # none after that moment
    assert "Would promote to: api-dev" in done.stdout  # what was promoted later is not known
    assert tree(logged.root) == before


@pytest.mark.usefixtures("logged")
def test_a_quiet_log_says_when_its_newest_record_is(errata: Run) -> None:
    done = errata("evolve", "--as-of", "2025-07-01")
    assert "Newest record: 2025-02-28; all figures are as of then\n" in done.stdout


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize(
    "words",
    [
        ("evolve", "--dry-run"),
        ("patterns",),
        ("patterns", NAME),
        ("trends",),
        ("explain", NAME),
    ],
)
def test_a_history_that_ended_is_shown_as_of_its_newest_record(
    errata: Run, words: tuple[str, ...]
) -> None:
    """The same as on its last day, with the date in place of the days."""
    done, then = errata(*words), errata(*words, "--as-of", "2025-02-28")
    assert done.stderr == "" and NAME in then.stdout
    assert "2025-02-28" in done.stdout
    shown = done.stdout.replace("Newest record: 2025-02-28; all figures are as of then\n", "")
    shown = shown.replace("-day window to 2025-02-28", "-day window")
    shown = shown.replace("30 days to 2025-02-28", "last 30 days")
    assert shown == then.stdout


def test_one_agent(logged: Any, errata: Run) -> None:
    assert errata("evolve", "--agent", "sre", *AT).returncode == 0
    assert not (logged.root / runbook()).exists()
    assert "other" in (logged.root / runbook("sre")).read_text()


def test_one_pattern(logged: Any, errata: Run) -> None:
    done = errata("evolve", "--pattern", "Other", *AT)
    assert done.returncode == 0 and NAME not in done.stdout
    assert NAME not in (logged.root / runbook()).read_text()


def test_the_last_days_alone(logged: Any, errata: Run) -> None:
    # Counted from the newest record, as everything is.
    done = errata("evolve", "--since", "2", *AT)
    assert "Findings analyzed: 4\n" in done.stdout
    assert "Not promoted (below threshold)" in done.stdout
    assert not (logged.root / PROMOTIONS).exists()


def test_json(logged: Any, errata: Run) -> None:
    logged.jsonl(CORRECTIONS, correction(2), correction(3, None))
    found = json.loads(errata("evolve", "--format", "json", *AT).stdout)
    assert found["analyzed"] == {"finding": 10, "learning": 0, "correction": 2, "incident": 0}
    assert (found["dry_run"], found["unnamed"], found["future"], found["rejected"]) == (
        False,
        1,
        0,
        0,
    )
    assert [pattern["name"] for pattern in found["patterns"]] == [NAME, "other"]
    assert all(schema.is_valid("promotion-log", event) for event in found["events"])
    assert [changed["path"] for changed in found["runbooks"]] == [runbook(), runbook("sre")]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--pattern", "othr"], "no pattern named 'othr' (did you mean 'other'?)"),
        (["--pattern", "zzz"], "no pattern named 'zzz' (`errata patterns --all` lists them)"),
        (["--agent", "../../x"], "--agent: '../../x' is not an agent name"),
        (["--as-of", "soon"], "--as-of: 'soon' is not a date (use 2025-01-31"),
        (["--since", "0"], "Invalid value for '--since'"),
        (["--since", "two"], "Invalid value for '--since'"),
    ],
)
def test_invalid_options_change_nothing(
    logged: Any, errata: Run, args: list[str], said: str
) -> None:
    before = {path for path in tree(logged.root) if path.startswith(".claude")}
    done = errata("evolve", *args)
    assert done.returncode == 2 and done.stdout == ""
    assert said in done.stderr and "Traceback" not in done.stderr
    assert {path for path in tree(logged.root) if path.startswith(".claude")} == before


def test_retirement_and_return(logged: Any, errata: Run) -> None:
    assert errata("evolve", *AT).returncode == 0
    logged.jsonl(FINDINGS, finding(1, "newer", timestamp=ago(-90)))
    late = ("--as-of", ago(-90))
    done = errata("evolve", *late)
    assert f"    - {NAME}\n    - other\n" in done.stdout
    assert NAME not in (logged.root / runbook()).read_text()
    assert "Archived on 2025-05-30: 91 >= 90 days" in errata("patterns", NAME, *late).stdout
    assert "PROMOTION: archived on 2025-05-30" in errata("explain", NAME, *late).stdout
    logged.jsonl(FINDINGS, finding(-91))
    back = ("--as-of", ago(-91))
    done = errata("evolve", *back)
    assert f"REGRESSED: {NAME} (none in the 30 days before, now 1)" in done.stdout
    assert "it was archived and came back" in (logged.root / runbook()).read_text()


def test_outbox_is_flushed_first(logged: Any, errata: Run) -> None:
    rows = [correction(day, id=f"c-{day}") for day in (1, 2)]
    put(logged.root, ".git/errata/outbox.jsonl", lines(*rows))
    before = tree(logged.root)
    assert "User corrections: 2" in errata("evolve", "--dry-run", *AT).stdout
    assert tree(logged.root) == before
    done = errata("evolve", *AT)
    assert done.stderr == f"2 corrections moved to {CORRECTIONS}\n"
    assert "User corrections: 2" in done.stdout
    moved = [json.loads(line) for line in (logged.root / CORRECTIONS).read_text().splitlines()]
    assert moved == rows
    assert (logged.root / ".git/errata/outbox.jsonl").read_bytes() == b""


@pytest.mark.usefixtures("logged")
def test_the_terms_of_an_explanation_sum_up(errata: Run) -> None:
    found = json.loads(errata("explain", NAME, "--format", "json", *AT).stdout)
    assert sum(term["points"] for term in found["terms"]) == pytest.approx(found["confidence"])
    for term in found["terms"]:
        assert term["points"] == pytest.approx(term["share"] * term["value"])
    assert sum(term["share"] for term in found["terms"]) == pytest.approx(1)
    assert found["promotion"]["verdict"] == "due for api-dev; run `errata evolve`"
    shown = errata("explain", NAME, *AT).stdout
    terms = [row.split() for row in shown.split("CONFIDENCE", 1)[1].splitlines() if " = " in row]
    points = [float(row[row.index("=") + 1]) for row in terms]
    assert len(points) == 5
    total = next(row for row in shown.splitlines() if row.startswith("  sum"))
    assert sum(points) == pytest.approx(float(total.split()[1]), abs=3e-4)


@pytest.mark.usefixtures("logged")
def test_views_filter_and_answer_in_json(errata: Run) -> None:
    def names(*args: str) -> list[str]:
        done = errata("patterns", "--format", "json", *AT, *args)
        assert done.returncode == 0
        return [entry["name"] for entry in json.loads(done.stdout)]

    assert names() == [NAME, "other"]
    assert names("--agent", "sre") == ["other"]
    assert names("--trend", "increasing") == []
    assert names("--category", "completeness") == [NAME]
    assert json.loads(errata("patterns", NAME, "--format", "json").stdout)["name"] == NAME
    trends = json.loads(errata("trends", "--format", "json", *AT).stdout)
    assert schema.is_valid("trends", trends)
    assert "No pattern matches." in errata("patterns", "--trend", "increasing", *AT).stdout
    late = errata("patterns", "--as-of", "2025-07-01")
    assert late.stdout.startswith("TOP PATTERNS (30 days to 2025-02-28)\n")
    assert "No records of service 'x'." in errata("trends", "--service", "x", *AT).stdout
    assert errata("trends", "--alerts", *AT).stdout.endswith("No alerts.\n")


def test_flood_is_held_back_and_reported_once(repo: Any, errata: Run) -> None:
    rows = strong(*range(1, 13), session_id="s-1", affected_agents=["api-dev"])
    repo.jsonl(FINDINGS, *rows, *strong(1, 2, 3, 4, 5, name="honest"))
    done = errata("evolve", *AT)
    assert done.returncode == 0
    assert done.stdout.count("HELD BACK, because a session or a minute counts once:") == 1
    assert f"counts once: {NAME} (see `errata explain NAME`)\n" in done.stdout
    assert "-> Not promoted (sessions: 1 < 3; confidence: 0." in done.stdout
    registry = json.loads((repo.root / ".claude/patterns/patterns.json").read_text())
    assert schema.is_valid("patterns", registry)
    figures = {name: (p["count"], p["sessions"]) for name, p in registry["patterns"].items()}
    assert figures == {NAME: (12, 1), "honest": (5, 5)}
    explanation = errata("explain", NAME, *AT).stdout
    assert "occurrences     yes  12 >= 3\n" in explanation
    assert "sessions        no   1 < 3\n" in explanation
    assert "12 occurrences in 1 session; a session, or a minute, counts once\n" in explanation
    assert "min(1 / 10, 1)" in explanation
    assert "sessions: 1 < 3" in errata("patterns", NAME, *AT).stdout
    # An honest pattern is explained as it was before there were sessions.
    assert "session" not in errata("explain", "honest", *AT).stdout
    # The switch.
    repo.write("errata.toml", "[evolve]\nper_session = false\n")
    naive = errata("evolve", *AT).stdout
    assert "HELD BACK" not in naive and naive.count("Promoted to: api-dev") == 2
    assert f"{NAME}** (anti-pattern)" in (repo.root / runbook()).read_text()


def test_a_runbook_says_in_how_many_sessions(repo: Any, errata: Run) -> None:
    rows = [row for day in (1, 3, 5, 7) for row in strong(day, day + 0.5, session_id=f"s-{day}")]
    repo.jsonl(FINDINGS, *rows)
    assert errata("evolve", *AT).returncode == 0
    assert "Seen 8 times in 4 sessions (new)" in (repo.root / runbook()).read_text()


def test_counts_name_their_window_and_what_they_leave_out(logged: Any, errata: Run) -> None:
    window = "Occurrences: those of the last 30 days\n"
    assert window not in errata("evolve", "--dry-run", *AT).stdout, "there are no others"
    assert errata("evolve", *AT).returncode == 0
    logged.jsonl(FINDINGS, finding(-32, "newer"), *strong(-32, name="other"))
    later = ("--as-of", ago(-32))
    assert window in errata("evolve", "--dry-run", *later).stdout
    shown = errata("patterns", *later).stdout
    assert NAME not in shown and "1 more pattern in runbooks: `errata patterns --all`" in shown
    assert "more pattern" not in errata("patterns", "--all", *later).stdout


@pytest.mark.usefixtures("logged")
def test_a_lesson_of_a_person_needs_no_figures(errata: Run) -> None:
    texts = ("--description", "Library code prints", "--instead", "Call the logger.")
    assert errata("teach", "--pattern", "use-the-logger", *texts).returncode == 0
    shown = errata("evolve").stdout.partition("WRITTEN, NOT SEEN YET:\n")[2]
    assert shown.startswith("  use-the-logger ") and "[not seen yet]" in shown
    assert "use-the-logger" not in shown.partition("CONFIDENCE")[2].partition("RUNBOOKS")[0]
    assert errata("patterns", "dismiss", "use-the-logger").returncode == 0
    assert "Archived (everyone): dismissed by Ann Author on " in errata("evolve").stdout
    assert "use-the-logger" in errata("patterns", "--dismissed").stdout
    assert "PROMOTION: archived on " in errata("explain", "use-the-logger").stdout
    assert errata("undo").returncode == 0 and errata("evolve").returncode == 0
    details = errata("patterns", "use-the-logger").stdout
    assert "Seen: not yet\n" in details
    assert "last seen" not in details and "Examples" not in details
    assert "Library code prints; Call the logger. (written by Ann Author" in (
        errata("patterns", "--all").stdout
    )
    texts = ("--description", "Library code prints.", *texts[2:])
    assert errata("teach", "--pattern", "use-the-logger", *texts).returncode == 0
    assert "Library code prints. Call the logger. (written by" in errata("patterns", "--all").stdout


def test_what_a_person_decided_stands_apart_from_what_is_uncertain(repo: Any, errata: Run) -> None:
    repo.jsonl(CORRECTIONS, *(implicit(n, "call-removed print", id=f"cor-{n:02}") for n in (1, 2)))
    lesson = ("--pattern", "use-the-logger", "--instead", "Call the logger.")
    assert errata("teach", "cor-01", "cor-02", *lesson).returncode == 0
    shown = errata("evolve").stdout.partition("DECIDED BY PEOPLE:\n")[2]
    assert shown.startswith("  use-the-logger ")
    assert "use-the-logger" not in shown.partition("CONFIDENCE")[2].partition("RUNBOOKS")[0]
