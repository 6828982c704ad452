"""From logs to runbooks: what is written, what holds it back, and the laws of writing."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errata import learn
from errata.core.config import Config, Routing
from errata.core.errors import ErrataError, LogError, RunbookError
from errata.core.git import Repository
from errata.records import schema
from errata.records.model import DAY, Severity
from errata.runbooks import promotion_log
from errata.runbooks.plan_evolve import EvolvePlan, plan_evolve
from errata.runbooks.promotions import EvolveScope
from record_builders import (
    CORRECTIONS,
    FINDINGS,
    INCIDENTS,
    LEARNINGS,
    NOW,
    PATTERNS,
    PROMOTIONS,
    TRENDS,
    correction,
    finding,
    implicit,
    incident,
    learning,
    lines,
    put,
    repository,
    runbook,
    shown,
    tree,
)

CONFIG = Config()
NAME = "missing-widget-check"


def run(
    root: Path, scope: EvolveScope | None = None, config: Config = CONFIG, limit: int = NOW
) -> EvolvePlan:
    """Evolve once."""
    repo = Repository(root, None, None)
    plan = plan_evolve(repo, config, limit, scope)
    learn.apply(repo, config, plan)
    return plan


def strong(*days: float, name: str = NAME, **more: Any) -> list[dict[str, Any]]:
    return [finding(day, name, severity="blocking", **more) for day in days]


def events(root: Path) -> list[tuple[str, str, list[str]]]:
    rows = [json.loads(line) for line in (root / PROMOTIONS).read_text().splitlines()]
    assert all(schema.is_valid("promotion-log", row) for row in rows)
    return [(row["event"], row["pattern"], row["agents"]) for row in rows]


def runbook_text(root: Path, agent: str = "api-dev") -> str:
    return (root / runbook(agent)).read_text()


def test_evolve_writes_all_files(tmp_path: Path) -> None:
    put(tmp_path, FINDINGS, lines(*strong(1, 2, 3, 4, 5)))
    plan = run(tmp_path)
    assert events(tmp_path) == [("promoted", NAME, ["api-dev"])]
    text = runbook_text(tmp_path)
    assert f'- **{NAME}** (anti-pattern): "The widget of 1 days ago is not checked".' in text
    assert "Seen 5 times (new), last 2025-02-28; confidence 0.68" in text
    registry = json.loads((tmp_path / PATTERNS).read_text())
    assert registry["patterns"][NAME]["status"] == "promoted"
    assert registry["patterns"][NAME]["runbooks"] == [runbook()]
    assert schema.is_valid("patterns", registry)
    assert schema.is_valid("trends", json.loads((tmp_path / TRENDS).read_text()))
    assert [change.added for change in plan.changes] == [(NAME,)]


def test_without_records_no_files_are_written(tmp_path: Path) -> None:
    assert run(tmp_path).decided is None
    put(tmp_path, FINDINGS, b"")
    run(tmp_path)
    assert list(tree(tmp_path)) == [FINDINGS]


def test_derived_files_are_ignored_by_git(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    put(tmp_path, FINDINGS, lines(*strong(1, 2, 3, 4, 5)))
    with learn.exclusive(repo, CONFIG):
        learn.apply(repo, CONFIG, plan_evolve(repo, CONFIG, NOW))
    seen = repo.git("status", "--porcelain", "-uall").decode().split()[1::2]
    assert sorted(seen) == sorted([FINDINGS, PROMOTIONS, runbook()])


def test_retirement_and_return(tmp_path: Path) -> None:
    rows = strong(195, 194, 193, 192, 191)
    put(tmp_path, FINDINGS, lines(*rows))
    run(tmp_path)
    assert NAME in runbook_text(tmp_path)
    put(tmp_path, FINDINGS, lines(*rows, finding(100, "other")))
    run(tmp_path)
    assert NAME not in runbook_text(tmp_path)
    assert events(tmp_path)[-1] == ("archived", NAME, ["api-dev"])
    assert json.loads((tmp_path / PATTERNS).read_text())["patterns"][NAME]["status"] == "archived"
    put(tmp_path, FINDINGS, lines(*rows, finding(100, "other"), *strong(2)))
    run(tmp_path)
    assert "it was archived and came back" in runbook_text(tmp_path)
    assert [kind for kind, _, _ in events(tmp_path)] == [
        "promoted",
        "archived",
        "restored",
    ]


def test_result_does_not_depend_on_the_clock(tmp_path: Path) -> None:
    put(tmp_path, FINDINGS, lines(*strong(1, 2, 3, 4, 5)))
    run(tmp_path)
    before = tree(tmp_path)
    run(tmp_path, limit=NOW + 500 * DAY)
    assert tree(tmp_path) == before


def test_records_in_the_future_are_skipped(tmp_path: Path) -> None:
    put(tmp_path, FINDINGS, lines(*strong(1, 2, 3, 4, 5), finding(-0.9), finding(-1.5)))
    plan = run(tmp_path)
    assert plan.decided is not None
    assert plan.decided.windows.now == NOW + int(0.9 * DAY)
    # Within a day of the newest that counts, but not of the clock.
    assert plan.decided.patterns[NAME].count == 6


def test_entry_follows_a_change_of_agents(tmp_path: Path) -> None:
    put(tmp_path, FINDINGS, lines(*strong(1, 2, 3, 4, 5)))
    run(tmp_path)
    for agent in ("zed", "abel"):
        config = Config(routing=Routing(patterns={NAME: (agent,)}))
        run(tmp_path, config=config)
        assert NAME in runbook_text(tmp_path, agent)
        assert NAME not in runbook_text(tmp_path)
        before = tree(tmp_path)
        run(tmp_path, config=config)
        assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("subject", "edit", "line", "taught"),
    [
        ("Fix lint errors, part {}", "import-removed json", "import json", True),
        ("Remove duplicate helper {}", "function-removed load", "def load(path):", False),
    ],
)
def test_what_a_check_refuses_is_taught_after_three_corrections(
    tmp_path: Path, subject: str, edit: str, line: str, taught: bool
) -> None:
    """Other complaints are as severe as their records, here medium, and need a few more."""
    records = [
        implicit(
            day,
            edit,
            user_correction={"summary": subject.format(day), "commit": f"{day:040x}"},
            severity="medium",
            examples=[shown(edit, before=[line])],
        )
        for day in (1, 2, 3)
    ]
    put(tmp_path, CORRECTIONS, lines(*records))
    decided = run(tmp_path).decided
    assert decided
    (pattern,) = decided.patterns.values()
    assert pattern.lesson and pattern.count == 3
    assert pattern.severity is (Severity.BLOCKING if taught else Severity.WARNING)
    promoted = [event for event, *_ in events(tmp_path)] if (tmp_path / PROMOTIONS).exists() else []
    assert promoted == (["promoted"] if taught else [])


def test_a_complaint_is_taught_without_lines_that_show_it(tmp_path: Path) -> None:
    def clippy(day: int) -> dict[str, Any]:
        made = {"summary": f"Satisfy clippy, part {day}", "commit": f"{day:040x}"}
        return implicit(day, "arguments-changed .unwrap_or_else", user_correction=made)

    put(tmp_path, CORRECTIONS, lines(*map(clippy, (1, 2, 3))))
    run(tmp_path)
    assert [event for event, *_ in events(tmp_path)] == ["promoted"]
    assert "do not commit code that the linter complains about" in runbook_text(tmp_path).lower()


def test_options_limit_the_scope(tmp_path: Path) -> None:
    rows = strong(1, 2, 3, 4, 5, affected_agents=["api-dev", "sre"])
    rows += strong(1, 2, 3, 4, 5, name="other")
    put(tmp_path, FINDINGS, lines(*rows))
    run(tmp_path, EvolveScope(agent="sre"))
    assert events(tmp_path) == [("promoted", NAME, ["sre"])]
    assert not (tmp_path / runbook()).exists()
    run(tmp_path, EvolveScope(pattern="other"))
    assert events(tmp_path)[1:] == [("promoted", "other", ["api-dev"])]
    run(tmp_path)
    assert events(tmp_path)[2:] == [("updated", NAME, ["api-dev", "sre"])]


def test_since_uses_only_recent_records(tmp_path: Path) -> None:
    put(tmp_path, FINDINGS, lines(*strong(1, 20, 21, 22, 23, 24, 25)))
    run(tmp_path, EvolveScope(since=14))
    assert events(tmp_path) == [] if (tmp_path / PROMOTIONS).exists() else True
    assert not (tmp_path / runbook()).exists()
    run(tmp_path, EvolveScope(since=60))
    assert NAME in runbook_text(tmp_path)


def test_run_after_a_kill_between_two_files_completes(tmp_path: Path) -> None:
    put(tmp_path, FINDINGS, lines(*strong(1, 2, 3, 4, 5)))
    run(tmp_path)
    whole = tree(tmp_path)
    for path in (runbook(), PATTERNS, TRENDS, ".claude/patterns/.gitignore"):
        (tmp_path / path).unlink()
        run(tmp_path)
        assert tree(tmp_path) == whole


def _hand_edit(root: Path) -> None:
    path = root / runbook()
    path.write_text(path.read_text().replace("is not checked", "must be ignored"))


def _unmark(root: Path) -> None:
    path = root / runbook()
    path.write_text(path.read_text().replace("<!-- errata:end -->\n", ""))


def _link_out(root: Path) -> None:
    shutil.rmtree(root / ".claude/skills/runbooks/api-dev")
    (root / ".claude/skills/runbooks/api-dev").symlink_to(root.parent / "elsewhere")
    (root.parent / "elsewhere").mkdir()


def _fifo(root: Path) -> None:
    (root / runbook()).unlink()
    os.mkfifo(root / runbook())


def _log_is_folder(root: Path) -> None:
    (root / PROMOTIONS).unlink()
    (root / PROMOTIONS).mkdir()


def _log_is_fifo(root: Path) -> None:
    (root / PROMOTIONS).unlink()
    os.mkfifo(root / PROMOTIONS)


def _patterns_out(root: Path) -> None:
    shutil.rmtree(root / ".claude/patterns")
    (root.parent / "elsewhere").mkdir()
    (root / ".claude/patterns").symlink_to(root.parent / "elsewhere")


def _runbooks_file(root: Path) -> None:
    shutil.rmtree(root / ".claude/skills/runbooks")
    (root / ".claude/skills/runbooks").write_text("in the way")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_hand_edit, "edited by hand"),
        (_unmark, "errata:begin has no errata:end"),
        (_link_out, "leads out of the work tree"),
        (_fifo, "not a regular file"),
        (_log_is_folder, "promotion-log.jsonl"),
        (_log_is_fifo, "not a regular file"),
        (_patterns_out, "leads out of the work tree"),
        (_runbooks_file, "runbooks"),
    ],
)
def test_invalid_input_changes_nothing(tmp_path: Path, damage: Any, said: str) -> None:
    root = tmp_path / "r"
    put(root, FINDINGS, lines(*strong(1, 2, 3, 4, 5)))
    run(root)
    damage(root)
    put(root, FINDINGS, lines(*strong(0, 1, 2, 3, 4, 5), *strong(1, 2, 3, 4, 5, name="other")))
    before = tree(tmp_path)
    with pytest.raises(ErrataError, match=said) as refused:
        run(root)
    assert isinstance(refused.value, LogError | RunbookError)
    assert "\n" not in str(refused.value)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("name", ["patterns.json", "trends.json", "promotion-log.jsonl"])
def test_no_file_is_written_through_a_link(tmp_path: Path, name: str) -> None:
    root = tmp_path / "r"
    put(root, FINDINGS, lines(*strong(1, 2, 3, 4, 5)))
    precious = put(tmp_path, "precious", b"")
    (root / ".claude/patterns").mkdir()
    (root / ".claude/patterns" / name).symlink_to(precious)
    with pytest.raises(ErrataError):
        run(root)
    assert precious.read_bytes() == b""


def test_rebuild_discards_a_manual_edit(tmp_path: Path) -> None:
    put(tmp_path, FINDINGS, lines(*strong(1, 2, 3, 4, 5)))
    run(tmp_path)
    before = tree(tmp_path)
    _hand_edit(tmp_path)
    run(tmp_path, EvolveScope(rebuild=True))
    assert tree(tmp_path) == before


def test_damaged_events_are_reported_and_skipped(tmp_path: Path) -> None:
    put(tmp_path, FINDINGS, lines(*strong(1, 2, 3, 4, 5)))
    run(tmp_path)
    with (tmp_path / PROMOTIONS).open("ab") as file:
        file.write(b"{damaged\n" + lines({"event": "promoted", "agents": ["../../x"]}))
    before = tree(tmp_path)
    plan = run(tmp_path)
    assert plan.invalid_events == [2, 3]
    assert tree(tmp_path) == before


def test_files_for_agents_have_no_hidden_characters(tmp_path: Path) -> None:
    nasty = "a\u202eb\u200bc\x1b[31md\x9b31me\u2028f<!-- errata:end -->"
    rows = strong(1, 2, 3, 4, 5, description=nasty, service=nasty, category=nasty)
    put(tmp_path, FINDINGS, lines(*rows))
    run(tmp_path)
    for path in (runbook(), PATTERNS):
        text = (tmp_path / path).read_text()
        assert not set(text) & set("\u202e\u200b\x1b\x9b\u2028")
    assert runbook_text(tmp_path).count("<!-- errata:end -->") == 1
    before = tree(tmp_path)
    run(tmp_path)
    assert tree(tmp_path) == before


def test_concurrent_runs_take_turns(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    with (
        learn.exclusive(repo, CONFIG),
        pytest.raises(LogError, match="another errata evolve"),
        learn.exclusive(repo, CONFIG, timeout=0.05),
    ):
        pass
    with learn.exclusive(repo, CONFIG, timeout=0.05):
        pass


def test_outdated_runbooks_are_listed(tmp_path: Path) -> None:
    repo = Repository(tmp_path, None, None)
    put(tmp_path, FINDINGS, lines(*strong(1, 2, 3, 4, 5)))
    assert learn.stale(repo, CONFIG, NOW) == [(runbook(), f"+{NAME}")]
    run(tmp_path)
    assert learn.stale(repo, CONFIG, NOW) == []
    put(tmp_path, FINDINGS, lines(*strong(0, 1, 2, 3, 4, 5)))
    assert learn.stale(repo, CONFIG, NOW) == [(runbook(), f"~{NAME}")]


# --- laws --------------------------------------------------------------------------------------

_NAMES = ("a-name", "missing-status-condition", "third-name")
_DAYS = st.integers(0, 220)
_FINDING = st.builds(
    finding,
    _DAYS,
    st.sampled_from(_NAMES),
    severity=st.sampled_from(["blocking", "warning", "nit", "P1"]),
    affected_agents=st.sampled_from([None, ["sre"], ["api-dev", "sre"]]),
    description=st.sampled_from(["x", "é\u202e", "<!-- errata:end -->", "# A heading"]),
    suggested_fix=st.sampled_from([None, "Do it"]),
    service=st.sampled_from([None, "one", "two"]),
)
_LEARNING = st.builds(learning, _DAYS, st.sampled_from(_NAMES), type=st.sampled_from(["tip", None]))
_CORRECTION = st.builds(
    correction,
    _DAYS,
    st.sampled_from(_NAMES),
    agent=st.sampled_from(["api-dev", "frontend-dev"]),
    source=st.sampled_from(["explicit", "implicit"]),
)
_LOGS = st.fixed_dictionaries(
    {
        FINDINGS: st.lists(_FINDING, min_size=3, max_size=25),
        LEARNINGS: st.lists(_LEARNING, max_size=6),
        CORRECTIONS: st.lists(_CORRECTION, max_size=10),
        INCIDENTS: st.lists(st.builds(incident, _DAYS, st.sampled_from(_NAMES)), max_size=3),
    }
)
LAW = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
WRITTEN = (PATTERNS, TRENDS, PROMOTIONS, runbook(), runbook("sre"), runbook("frontend-dev"))


def log(root: Path, logs: dict[str, list[dict[str, Any]]]) -> None:
    for path, rows in logs.items():
        put(root, path, lines(*rows))


def written(root: Path) -> dict[str, bytes]:
    return {path: data for path, data in tree(root).items() if path in WRITTEN}


@LAW
@given(_LOGS)
def test_evolve_is_idempotent_and_deterministic(logs: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        here, there = Path(folder, "here"), Path(folder, "there")
        log(here, logs)
        log(there, logs)
        run(here)
        first = tree(here)
        run(here)
        assert tree(here) == first
        run(there, limit=NOW + 77 * DAY)
        assert tree(there) == first


@LAW
@given(_LOGS, st.randoms(use_true_random=False))
def test_format_order_and_duplicates_of_records_do_not_matter(logs: Any, chance: Any) -> None:
    def respell(row: dict[str, Any]) -> bytes:
        items = list(row.items())
        chance.shuffle(items)
        text = json.dumps(
            dict(items),
            ensure_ascii=chance.random() < 0.5,
            separators=chance.choice([(",", ":"), (", ", ": "), (" ,", " : ")]),
        )
        return text.encode() + chance.choice([b"\n", b"\r\n", b" \n", b"\n\n"])

    with tempfile.TemporaryDirectory() as folder:
        plain, odd = Path(folder, "plain"), Path(folder, "odd")
        log(plain, logs)
        for path, rows in logs.items():
            again = [respell(row) for row in (*rows, *rows[::2])]
            chance.shuffle(again)
            put(odd, path, b"".join(again))
        run(plain)
        run(odd)
        assert written(odd) == written(plain)


@LAW
@given(_LOGS, st.integers(0, 24))
def test_intermediate_runs_do_not_change_the_result(logs: Any, cut: int) -> None:
    """The promotion log remembers the way; a second run never adds to it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        rows = sorted(logs[FINDINGS], key=lambda row: row["timestamp"])
        log(root, logs | {FINDINGS: rows[:cut]})
        run(root)
        log(root, logs | {FINDINGS: rows})
        run(root)
        before = tree(root)
        plan = run(root)
        assert plan.events == [] and tree(root) == before
        events, bad = promotion_log.parse(
            (root / PROMOTIONS).read_bytes() if plan.standings else b""
        )
        assert not bad and promotion_log.fold(events) == plan.standings


def test_branches_agree_after_a_merge(repo: Any) -> None:
    """Both promote the same thing, and merge by union: one line, one entry, no conflict."""
    put(repo.root, ".gitattributes", b"*.jsonl merge=union\n")
    log(repo.root, {FINDINGS: strong(20, 21, 22, 23, 24)})
    repo.commit("logs")
    git = Repository.discover(repo.root)

    def evolve() -> None:
        learn.apply(git, CONFIG, plan_evolve(git, CONFIG, NOW))

    repo.git("switch", "-q", "-c", "side")
    repo.jsonl(FINDINGS, *strong(1, 2, 3, 4, 5, name="theirs"), *strong(10))
    evolve()
    repo.commit("theirs")
    repo.git("switch", "-q", "main")
    repo.jsonl(FINDINGS, *strong(1, 2, 3, 4, 5, name="ours"), *strong(10))
    evolve()
    repo.commit("ours")
    repo.git("merge", "-q", "side", ok=False)
    assert repo.git("diff", "--name-only", "--diff-filter=U").split() == [runbook()]
    evolve()
    merged = (repo.root / PROMOTIONS).read_text().splitlines()
    assert len(merged) == len(set(merged)) == 3
    text = runbook_text(repo.root)
    entries = [name for name in (NAME, "ours", "theirs") if f"**{name}**" in text]
    assert entries == [NAME, "ours", "theirs"]
    assert "<<<<" not in text
    # The same logs, learned from in one go, make the same runbook.
    fresh = repo.root.parent / "fresh"
    put(fresh, FINDINGS, (repo.root / FINDINGS).read_bytes())
    run(fresh)
    assert runbook_text(fresh) == runbook_text(repo.root)
    assert (fresh / PATTERNS).read_bytes() == (repo.root / PATTERNS).read_bytes()
