"""``errata log``: what is written, what is refused, and that a refusal writes nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import click
import pytest

from errata.commands import log
from errata.records import instants
from errata.records.identity import record_id
from errata.records.model import Kind
from errata.records.new_record import FIELDS
from errata.records.validate import Report, check

Run = Callable[..., subprocess.CompletedProcess[str]]
LOGS = {
    "finding": ".claude/review-findings.jsonl",
    "learning": ".claude/session-learnings.jsonl",
    "correction": ".claude/user-corrections.jsonl",
    "incident": ".claude/incidents.jsonl",
}
WHEN = ["--timestamp", "2025-01-15T14:30:00Z"]
FINDING = ["--severity", "warning", "--file", "a.go", "--description", "No Ready condition"]
LEARNING = ["--agent", "api-dev", "--insight", "Use sync.Once"]
CORRECTION = ["--agent", "api-dev", "--type", "code_completeness"]
CORRECTION += ["--ai-summary", "Wrote a handler", "--summary", "Handle the error"]
INCIDENT = ["--severity", "high", "--description", "Queue ran full"]
MINIMAL = {
    "finding": FINDING,
    "learning": LEARNING,
    "correction": CORRECTION,
    "incident": INCIDENT,
}


def _logged(repo: Any, kind: str) -> list[dict[str, Any]]:
    path = repo.root / LOGS[kind]
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _nothing_written(repo: Any) -> bool:
    return not any((repo.root / path).exists() for path in LOGS.values())


def _pipe(text: str, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "errata", "log", *args],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )


def test_finding_with_every_option(repo: Any, errata: Run) -> None:
    args = [*FINDING, *WHEN, "--pattern", "missing-status-condition", "--agent", "code-reviewer"]
    args += ["--feature-id", "feat-042", "--pr", "17", "--service", "compute-api"]
    args += ["--category", "api", "--affected-agent", "api-dev", "--affected-agent", "sre"]
    args += ["--suggested-fix", "Add it", "--context", "Review", "--extra", "team=core"]
    done = errata("log", "finding", *args)
    record = {
        "timestamp": "2025-01-15T14:30:00Z",
        "severity": "warning",
        "description": "No Ready condition",
        "file": "a.go",
        "pattern": "missing-status-condition",
        "agent": "code-reviewer",
        "feature_id": "feat-042",
        "pr": 17,
        "service": "compute-api",
        "category": "api",
        "affected_agents": ["api-dev", "sre"],
        "suggested_fix": "Add it",
        "context": "Review",
        "team": "core",
    }
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"logged finding {record_id(record)} to {LOGS['finding']}\n"
    assert _logged(repo, "finding") == [record]


def test_learning_with_every_option(repo: Any, errata: Run) -> None:
    args = [*LEARNING, *WHEN, "--type", "anti-pattern", "--name", "use-sync-once"]
    args += ["--confidence", "high", "--feature-id", "feat-042", "--applicable-to", "sre"]
    args += ["--code-example", "once.Do(init)", "--context", "Flaky test"]
    assert errata("log", "learning", *args).returncode == 0
    assert _logged(repo, "learning") == [
        {
            "timestamp": "2025-01-15T14:30:00Z",
            "agent": "api-dev",
            "insight": "Use sync.Once",
            "type": "anti-pattern",
            "name": "use-sync-once",
            "confidence": "high",
            "feature_id": "feat-042",
            "applicable_to": ["sre"],
            "code_example": "once.Do(init)",
            "context": "Flaky test",
        }
    ]


def test_correction_with_every_option(repo: Any, errata: Run) -> None:
    args = [*CORRECTION, *WHEN, "--source", "implicit", "--ai-tool", "Edit", "--ai-file", "h.go"]
    args += ["--ai-commit", "abc", "--verbatim", "you swallow it", "--commit", "def"]
    args += ["--files", "h.go", "--files", "i.go", "--session-id", "s1", "--id", "corr-1"]
    args += ["--pattern", "missing-error-context", "--pattern-confidence", "low"]
    args += ["--severity", "medium", "--task", "Endpoint", "--feature-id", "f", "--service", "s"]
    done = errata("log", "correction", *args)
    assert done.stdout == f"logged correction corr-1 to {LOGS['correction']}\n"
    assert _logged(repo, "correction") == [
        {
            "date": "2025-01-15",
            "timestamp": "2025-01-15T14:30:00Z",
            "id": "corr-1",
            "session_id": "s1",
            "agent": "api-dev",
            "correction_type": "code_completeness",
            "source": "implicit",
            "ai_action": {
                "summary": "Wrote a handler",
                "tool_used": "Edit",
                "file": "h.go",
                "commit": "abc",
            },
            "user_correction": {
                "summary": "Handle the error",
                "verbatim": "you swallow it",
                "commit": "def",
                "files": ["h.go", "i.go"],
            },
            "pattern_inferred": "missing-error-context",
            "pattern_confidence": "low",
            "severity": "medium",
            "context": {"task": "Endpoint", "feature_id": "f", "service": "s"},
        }
    ]


def test_incident(repo: Any, errata: Run) -> None:
    args = [*INCIDENT, *WHEN, "--root-cause", "No limit", "--service", "queue"]
    assert errata("log", "incident", *args).returncode == 0
    assert _logged(repo, "incident") == [
        {
            "timestamp": "2025-01-15T14:30:00Z",
            "severity": "high",
            "description": "Queue ran full",
            "service": "queue",
            "root_cause": "No limit",
        }
    ]


@pytest.mark.parametrize("kind", LOGS)
def test_the_least_is_enough_and_its_time_is_now(repo: Any, errata: Run, kind: str) -> None:
    assert errata("log", kind, *MINIMAL[kind]).returncode == 0
    (record,) = _logged(repo, kind)
    written = datetime.fromisoformat(record["timestamp"])
    assert abs(datetime.now(UTC) - written) < timedelta(minutes=2)
    assert check(Kind(kind), (repo.root / LOGS[kind]).read_bytes(), now=instants.clock()) == (
        Report(checked=1, problems=[])
    )


def test_correction_defaults(repo: Any, errata: Run) -> None:
    errata("log", "correction", *CORRECTION)
    (record,) = _logged(repo, "correction")
    assert record["source"] == "explicit"
    assert record["date"] == record["timestamp"][:10]
    assert "verbatim" not in record["user_correction"]


def test_works_from_a_folder_below_and_with_a_configured_path(repo: Any, errata: Run) -> None:
    repo.write("errata.toml", '[logs]\nfindings = "logs/f.jsonl"\n')
    below = repo.write("src/x", "").parent
    done = errata("log", "finding", *FINDING, cwd=below)
    assert done.stdout.endswith(" to logs/f.jsonl\n")
    assert len((repo.root / "logs/f.jsonl").read_text().splitlines()) == 1


def test_agent_comes_from_the_environment_unless_given(repo: Any, errata: Run) -> None:
    errata("log", "finding", *FINDING, ERRATA_AGENT="sre")
    errata("log", "finding", *FINDING, "--agent", "api-dev", ERRATA_AGENT="sre")
    assert [record["agent"] for record in _logged(repo, "finding")] == ["sre", "api-dev"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["finding", "--severity", "P1"], "'--severity': 'P1' is not one of 'blocking', 'warning'"),
        (["finding", *FINDING[2:]], "--severity is missing (one of: blocking, warning, nit)"),
        (["finding", *FINDING[:2], *FINDING[4:]], "--file is missing"),
        (["finding", *FINDING, "--description", ""], "$.description: '' is not allowed"),
        (["finding", *FINDING, "--agent", "API Dev"], "$.agent: 'API Dev' is not allowed"),
        (["finding", *FINDING, "--pattern", "No Slug"], "$.pattern: 'No Slug' is not allowed"),
        (["finding", *FINDING, "--timestamp", "soon"], "--timestamp: 'soon' is not a date"),
        (["finding", *FINDING, "--date", "2025-02-30"], "--date: '2025-02-30' is not a date"),
        (["finding", *FINDING, "--date", "2999-01-01"], "is in the future"),
        (["finding", *FINDING, "--extra", "novalue"], "--extra 'novalue' (write KEY=VALUE)"),
        (["finding", *FINDING, "--extra", "pr=1"], "--extra pr: use the option --pr"),
        (["finding", *FINDING, "--extra", "a=1", "--extra", "a=2"], "--extra a: is given twice"),
        (["finding", *FINDING, "--nonsense", "1"], "No such option"),
        (["finding", *FINDING, "stray"], "unexpected extra argument"),
        (["finding", "--json", "none.json"], "none.json"),
        (["finding", "--json", "-", "--file", "x"], "--file together with --json"),
        (["learning", *LEARNING[2:]], "--agent is missing"),
        (["correction", *CORRECTION, "--source", "said"], "'said' is not one of 'explicit'"),
        (["correction", *CORRECTION, "--type", "bug"], "'bug' is not one of 'code_quality'"),
        (["incident", *INCIDENT, "--severity", "huge"], "'huge' is not one of 'blocking'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_value_is_one_line_and_nothing_is_written(
    repo: Any, errata: Run, args: list[str], said: str
) -> None:
    done = errata("log", *args)
    assert done.returncode != 0
    assert said in done.stderr
    assert done.stderr.startswith("errata: not logged: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert _nothing_written(repo)


def test_a_log_that_cannot_be_written_is_one_line(repo: Any, errata: Run) -> None:
    (repo.root / LOGS["finding"]).mkdir(parents=True)
    done = errata("log", "finding", *FINDING)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "is a directory" in done.stderr


PIPED = {"severity": "nit", "file": "a", "description": "d", "timestamp": "2025-01-15T14:30:00Z"}


def test_json_keeps_what_is_given(repo: Any) -> None:
    given = {**PIPED, "custom": {"deep": [1, 2.5, None]}}
    done = _pipe(json.dumps(given, indent=2), "finding", "--json", "-")
    assert done.stdout == f"logged finding {record_id(given)} to {LOGS['finding']}\n"
    assert _logged(repo, "finding") == [given]


def test_json_lines_from_a_file(repo: Any, errata: Run) -> None:
    lines = [json.dumps({**PIPED, "file": str(n)}) for n in range(3)]
    repo.write("in.jsonl", "\r\n".join([*lines, "", ""]))
    done = errata("log", "finding", "--json", "in.jsonl")
    assert done.stdout == f"logged 3 findings to {LOGS['finding']}\n"
    assert [record["file"] for record in _logged(repo, "finding")] == ["0", "1", "2"]


def test_json_gets_time_and_agent_where_they_are_absent(
    repo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERRATA_AGENT", "sre")
    text = json.dumps({"insight": "one"}) + "\n" + json.dumps({"insight": "two", "agent": "me"})
    assert _pipe(text, "learning", "--json", "-").returncode == 0
    records = _logged(repo, "learning")
    assert [record["agent"] for record in records] == ["sre", "me"]
    assert all("timestamp" in record for record in records)


def test_json_with_an_id_that_is_taken_is_not_logged_again(repo: Any) -> None:
    text = json.dumps({**PIPED, "id": "f-1"})
    _pipe(text, "finding", "--json", "-")
    done = _pipe(text, "finding", "--json", "-")
    assert done.stdout == f"not logged: finding f-1 is already in {LOGS['finding']}\n"
    both = text + "\n" + json.dumps({**PIPED, "id": "f-2"})
    done = _pipe(both, "finding", "--json", "-")
    assert done.stdout == f"logged 1 finding to {LOGS['finding']}; 1 already in it\n"
    assert [record["id"] for record in _logged(repo, "finding")] == ["f-1", "f-2"]


GOOD = json.dumps(PIPED)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "stdin: is empty"),
        ("{", "stdin:1: not valid JSON"),
        (GOOD + "\n{", "stdin:2: not valid JSON"),
        (GOOD + '\n\n{"severity":"P1"}', "stdin:3: not logged: $"),
        ("[" + GOOD + "]", "stdin:1: not logged: $: "),
        ("7", "stdin:1: not logged: $: "),
        (GOOD.replace("nit", "P1"), "$.severity: 'P1' is not allowed; allowed: blocking, warning"),
        (GOOD[:-1] + ',"file":"b"}', "duplicate key 'file'"),
        (GOOD.replace("2025-01", "2999-01"), "is in the future"),
        (GOOD.replace("2025-01-15T14:30:00Z", "soon"), "$.timestamp: 'soon' is not allowed"),
        (GOOD.replace('"d"', "NaN"), "not valid JSON"),
    ],
)
def test_bad_json_is_one_line_and_nothing_is_written(repo: Any, text: str, said: str) -> None:
    done = _pipe(text, "finding", "--json", "-")
    assert said in done.stderr
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (1, 1, "")
    assert _nothing_written(repo)


@pytest.mark.parametrize("value", [7, "soon", [], "9999-12-31T23:59:59-23:00", "2025-02-30"])
def test_a_time_that_is_none_never_ends_in_a_traceback(repo: Any, value: object) -> None:
    text = json.dumps({"timestamp": value, "agent": "a"})
    done = _pipe(text, "correction", "--json", "-")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert _nothing_written(repo)


def test_options_speak_the_schemas_words() -> None:
    """Each choice that an option offers is what the schema allows there, and each key is known."""
    from errata.records.schema import load

    for kind, fields in FIELDS.items():
        for field in fields:
            known = load(kind)["properties"]
            for part in field.key.split("."):
                assert part in known, f"{kind}: {field.key}"
                known, schema = known[part].get("properties", {}), known[part]
            if field.choices:
                assert set(field.choices) == set(schema["enum"]) - {None}, f"{kind}: {field.key}"


def test_every_kind_has_its_command_and_help(errata: Run) -> None:
    assert isinstance(log.command, click.Group)
    assert set(log.command.commands) == set(LOGS) == {str(kind) for kind in Kind}
    for kind in LOGS:
        shown = errata("log", kind, "--help")
        assert (shown.returncode, shown.stderr) == (0, "")
        assert "--extra KEY=VALUE" in shown.stdout
