"""Aliases for a log in an unknown dialect, proposed from the log itself."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialect_samples import FILES, SAMPLES, Sample
from errata import rules
from errata.core import config
from errata.records import aliases_toml, field_guesses, validate
from errata.records.alias_proposal import Proposal, propose
from errata.records.dialect import translate
from errata.records.instants import parse
from errata.records.model import Kind
from record_builders import finding, lines

NOW = parse("2025-03-01")


def ask(records: list[dict[str, Any]], kind: Kind = Kind.FINDING) -> Proposal:
    return propose(kind, records, exists=lambda path: path in FILES)


def settings(proposal: Proposal) -> config.Alias:
    """What errata.toml holds once the proposal is pasted into it."""
    parsed = config.parse(tomllib.loads(aliases_toml.text(proposal)))
    return parsed.aliases[proposal.kind]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_proposal_makes_the_log_valid(sample: Sample) -> None:
    found = ask(sample.records)
    assert found.complete, aliases_toml.text(found)
    alias = settings(found)
    report = validate.check(Kind.FINDING, lines(*sample.records), now=NOW, alias=alias)
    assert (report.checked, report.problems) == (12, [])
    assert validate.check(Kind.FINDING, lines(*sample.records), now=NOW).problems


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_proposal_means_what_the_log_says(sample: Sample) -> None:
    alias = settings(ask(sample.records))
    read = [translate(Kind.FINDING, record, alias) for record in sample.records]
    named = [record["pattern"] for record in read]
    assert named.count(sample.pattern) == sample.count
    severities = tuple(record["severity"] for record in read[: len(sample.severities)])
    assert severities == sample.severities
    assert read[0]["file"] == sample.first_file
    assert all(" " in record["description"] for record in read)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_proposal_is_short_and_always_the_same(sample: Sample) -> None:
    text = aliases_toml.text(ask(sample.records))
    written = [line for line in text.splitlines() if line and line[0] != "#"]
    assert len(written) <= aliases_toml.LINES
    assert aliases_toml.text(ask(list(sample.records))) == text


def test_a_person_is_not_made_an_agent() -> None:
    records = [{**record, "reviewer": "Alice Smith"} for record in SAMPLES[5].records]
    assert "reviewer" not in ask(records).alias.fields
    assert ask(SAMPLES[5].records).alias.fields["reviewer"] == "agent"


def test_our_own_log_needs_nothing() -> None:
    found = ask([finding(n) for n in range(4)])
    assert (found.alias, found.complete) == (config.Alias(), True)
    assert aliases_toml.text(found) == ""


def test_only_the_form_of_the_time_is_another() -> None:
    found = ask([finding(n, timestamp=1_736_942_400 + n) for n in range(4)])
    assert settings(found).fields == {"timestamp": "timestamp"}
    assert found.complete


def test_a_time_in_the_future_is_no_dialect() -> None:
    found = ask([finding(n, timestamp="2999-01-01T00:00:00Z") for n in range(3)])
    assert (found.alias, found.missing) == (config.Alias(), ())


def test_without_a_time_no_time_is_made_up() -> None:
    records = [
        {key: value for key, value in record.items() if key != "ts"}
        for record in SAMPLES[5].records
    ]
    found = ask(records)
    assert found.missing == ("a time",)
    assert not found.complete


def test_without_words_nothing_can_be_learned() -> None:
    found = ask([{"ts": "2025-01-15", "level": "error", "path": "a.py"}] * 3)
    assert found.missing == ("a description",)


def test_an_unknown_severity_is_a_warning_and_is_said() -> None:
    records = [finding(n, severity="P1") for n in range(19)] + [finding(20, severity="Doom")]
    found = ask(records)
    assert found.alias.values["severity"] == {"P1": "blocking", "Doom": "warning"}
    assert "Doom" in aliases_toml.text(found)
    assert found.complete


def test_each_severity_is_mapped_once_whatever_its_case() -> None:
    records = [finding(n, severity=word) for n, word in enumerate(("HIGH", "High", "high", "nit"))]
    assert ask(records).alias.values["severity"] == {"HIGH": "blocking"}


def test_records_without_a_severity_are_warnings() -> None:
    records = [finding(1), finding(2)]
    del records[1]["severity"]
    found = ask(records)
    assert found.alias.values["severity"] == {"": "warning"}
    assert found.complete


def test_a_severity_that_is_no_text_but_true_or_false() -> None:
    records = [finding(n, severity=n == 1) for n in range(3)]
    for record in records:
        record["priority"] = "high" if record.pop("severity") else "low"
    assert ask(records).alias.fields == {"priority": "severity"}


def test_a_field_of_ours_that_holds_something_else_is_moved() -> None:
    records = [finding(n, affected_agents=[{"who": "x"}], service={"a": 1}) for n in range(3)]
    found = ask(records)
    assert found.alias.fields["affected_agents"] == "their_affected_agents"
    assert found.alias.fields["service"] == "their_service"
    assert found.complete


def test_an_id_that_recurs_is_the_name_of_the_rule() -> None:
    records = [finding(n, id=("R-101", "R-102")[n % 2]) for n in range(6)]
    for record in records:
        del record["pattern"]
    found = ask(records)
    assert found.alias.fields == {"id": "pattern"}
    assert found.complete


def test_incidents_keep_their_own_scale() -> None:
    records = [{"at": "2025-01-15", "severity": "high", "message": "It broke"}] * 3
    found = ask(records, Kind.INCIDENT)
    assert found.alias.values == {}
    assert settings(found).fields == {"at": "timestamp", "message": "description"}


def test_names_and_values_of_a_log_cannot_break_out_of_the_toml() -> None:
    odd = 'a"\n[logs]\n\x1b[31m\u202e'
    records = [
        {
            "ts": "2025-01-15",
            odd: {"message": f"No check {n}"},
            "level": f"error {odd}",
            "path": "a",
        }
        for n in range(3)
    ]
    text = aliases_toml.text(ask(records))
    assert "\x1b" not in text
    assert "\u202e" not in text
    parsed = tomllib.loads(text)
    assert list(parsed) == ["aliases"]
    assert f"{odd}.message" in parsed["aliases"]["finding"]["fields"]


def test_what_is_configured_already_stays() -> None:
    old = config.Alias(fields={"who": "agent"}, values={"category": {"sec": "security"}})
    text = aliases_toml.text(ask(SAMPLES[5].records), "notes/f.jsonl", old)
    parsed = config.parse(tomllib.loads(text))
    assert parsed.logs.findings == "notes/f.jsonl"
    assert parsed.aliases["finding"].fields["who"] == "agent"
    assert parsed.aliases["finding"].values["category"] == {"sec": "security"}


def test_a_long_proposal_keeps_the_path_of_the_log() -> None:
    fields = {f"field-{n}": "description" for n in range(aliases_toml.LINES)}
    proposal = replace(ask([]), alias=config.Alias(fields={**fields, "fix": "suggested_fix"}))
    text = aliases_toml.text(proposal, "suggested_fix")
    assert '"suggested_fix"\n\n[aliases.finding.fields]\n' in text
    assert "fix =" not in text


_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(st.lists(st.dictionaries(st.text(max_size=6), _VALUE, max_size=5), max_size=4))
def test_whatever_a_log_holds_a_proposal_is_toml(records: list[dict[str, Any]]) -> None:
    found = ask(records)
    config.parse(tomllib.loads(aliases_toml.text(found)))
    assert 0 <= found.valid <= found.total == len(records)


# --- the rules by their own examples ---

TABLES = rules.source("dialects")


@pytest.mark.parametrize("rule", TABLES["field"], ids=lambda r: f"{r['ours']}{r.get('weak', '')}")
def test_a_rule_for_fields_holds_to_its_examples(rule: dict[str, Any]) -> None:
    def known(name: str) -> bool:
        return field_guesses.rank(name, rule["ours"], weak=rule.get("weak", False)) is not None

    assert [name for name in rule["match"] if not known(name)] == []
    assert [name for name in rule["miss"] if known(name)] == []


@pytest.mark.parametrize("rule", TABLES["severity"], ids=lambda rule: rule["ours"])
def test_a_rule_for_severities_holds_to_its_examples(rule: dict[str, Any]) -> None:
    assert {word: field_guesses.severity(word) for word in rule["match"]} == dict.fromkeys(
        rule["match"], rule["ours"]
    )
    assert [word for word in rule["miss"] if field_guesses.severity(word) == rule["ours"]] == []
    assert [word for word in rule["words"] if field_guesses.folded(word) != word] == []


def test_no_word_is_on_two_scales() -> None:
    words = [word for rule in TABLES["severity"] for word in rule["words"]]
    assert len(words) == len(set(words))


def test_the_rule_for_agents_holds_to_its_examples() -> None:
    assert [name for name in TABLES["agents"]["match"] if not field_guesses.is_agent(name)] == []
    assert [name for name in TABLES["agents"]["miss"] if field_guesses.is_agent(name)] == []
