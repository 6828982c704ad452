"""Whose commit is it, where one example line cannot tell."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.core import config
from errata.core.errors import ConfigError
from errata.provenance.identity import CommitIdent, Provenance, classify, load_rules, parse_identity

ANN = "Ann Author <ann@example.org>"
CLAUDE = "Claude Opus 4.6 <noreply@anthropic.com>"


def who(message: str, author: str = ANN, committer: str = ANN, **settings: Any) -> Provenance:
    ident = CommitIdent(*parse_identity(author), *parse_identity(committer), message)
    return classify(ident, load_rules(config.parse(settings)))


def test_a_plain_commit_is_a_persons() -> None:
    assert who("Add quota\n\nSigned-off-by: Bob <bob@example.org>\n") == Provenance("person")


@pytest.mark.parametrize(
    "line",
    [
        f"Co-authored-by: {CLAUDE}",
        f"Co-Authored-By: {CLAUDE}",
        f"CO-AUTHORED-BY:{CLAUDE}",
        f"    Co-authored-by: {CLAUDE}",
        f"\tCo-authored-by: {CLAUDE}",
        f"* Co-authored-by: {CLAUDE}",
        f"  - Co-authored-by: {CLAUDE}",
        f"Co-authored-by: {CLAUDE}\r",
        f"Co-authored-by: {CLAUDE}   ",
        f"Co-authored-by : {CLAUDE}",
        f"Co-authored-by\t:{CLAUDE}",
        f"all in one line\\n\\nCo-authored-by: {CLAUDE}",
    ],
)
def test_a_squash_merge_hides_trailers(line: str) -> None:
    items = f"* first\n\n{line}\n\n* second\n\n{line}\n\n* third\n"
    message = f"Add quota (#12)\n\n{items}\n---------\n\nReviewed-by: B <b@x>\n"
    got = who(message)
    assert (got.kind, got.tool, got.model) == ("agent", "claude-code", "Claude Opus 4.6")


@pytest.mark.parametrize(
    "line",
    [
        f"> Co-authored-by: {CLAUDE}",
        f"- Co-authored-by -: {CLAUDE}",
        f"Never write Co-authored-by: {CLAUDE} in a message.",
        f"Reviewed-by: {CLAUDE}",
        f"Reported-by: {CLAUDE}",
        "the identity of Claude Code is noreply@anthropic.com",
    ],
)
def test_talk_about_an_agent_is_not_its_work(line: str) -> None:
    assert who(f"Docs\n\n{line}\n").kind == "person"


def test_the_author_decides_first() -> None:
    copilot = "copilot-swe-agent[bot] <198982749+Copilot@users.noreply.github.com>"
    got = who(f"Fix\n\nCo-authored-by: {CLAUDE}\nCo-authored-by: {ANN}\n", copilot)
    assert (got.kind, got.tool, got.model) == ("agent", "copilot", "")
    bot = "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>"
    got = who(f"Bump\n\nCo-authored-by: {CLAUDE}\n", bot)
    assert (got.kind, got.tool) == ("bot", "dependabot")


def test_a_bots_commit_with_our_trailer_is_the_agents() -> None:
    bot = "github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>"
    got = who("Add\n\nAgent: api-dev\n", bot)
    assert (got.kind, got.name, got.tool) == ("agent", "api-dev", "")
    assert (who("Add\n\nAgent: codex\n", bot).tool, who("Add\n", bot).kind) == ("codex", "bot")


def test_a_committer_is_not_an_author() -> None:
    aider = "Ann Author (aider) <ann@example.org>"
    assert (who("Edit\n", aider, aider).kind, who("Edit\n", aider).tool) == ("agent", "aider")
    edit = who("Edit\n", ANN, aider)
    assert edit.kind == "person" and "committer" in edit.evidence[0]
    assert who("Rebased\n", ANN, "Claude <noreply@anthropic.com>") == Provenance("person")
    by_trailer = who("Edit\n\nCo-authored-by: aider (gpt-5) <aider@aider.chat>\n", ANN, aider)
    assert (by_trailer.tool, by_trailer.model) == ("aider", "gpt-5")


def test_the_tool_named_most_often_then_first() -> None:
    copilot = "Co-authored-by: Copilot <175728472+Copilot@users.noreply.github.com>\n"
    claude = f"Co-authored-by: {CLAUDE}\n"
    assert who(f"S\n\n{copilot}{claude}").tool == "copilot"
    assert who(f"S\n\n{copilot}{claude}{claude}").tool == "claude-code"


def test_a_tools_own_trailer_goes_before_prose_and_policies() -> None:
    prose = "🤖 Generated with [Claude Code](https://claude.ai/code)\n"
    policy = "Assisted-by: Codex:gpt-5\n"
    assert who(f"S\n\n{policy}{prose}").tool == "claude-code"
    assert who(f"S\n\n{policy}{prose}Made-with: Cursor\n").tool == "cursor"
    entire = "Entire-Checkpoint: a3b2c4d5e6f7\n"
    assert who(f"S\n\n{entire}Co-authored-by: Amp <amp@ampcode.com>\n").tool == "amp"
    assert (who(f"S\n\n{policy}").tool, who(f"S\n\n{policy}").model) == ("codex", "gpt-5")


def test_our_trailers_give_role_session_and_feature() -> None:
    got = who(
        "Add\n\nAgent: api-dev\nAgent-Session: s-1\nFeature: feat-042\n"
        f"Co-authored-by: {CLAUDE}\nClaude-Session: https://claude.ai/code/session_01Au\n"
    )
    assert (got.name, got.role, got.tool) == ("api-dev", "api-dev", "claude-code")
    assert (got.session, got.feature, got.model) == ("s-1", "feat-042", "Claude Opus 4.6")
    assert len(got.evidence) == 3


@pytest.mark.parametrize(
    "line",
    ["agent: api-dev", "AGENT: api-dev", "Agent: API Dev", "Agent: cap it at 2", "Agent: a--b"],
)
def test_other_uses_of_the_word_agent(line: str) -> None:
    assert who(f"Add\n\n{line}\n").kind == "person"


def test_prose_that_begins_like_our_trailers_is_not_one() -> None:
    got = who("Add\n\nFeature: two words\nAgent-Session: the long one\n")
    assert (got.kind, got.feature, got.session) == ("person", "", "")


OWN = {
    "identities": [
        {"agent": "pydanty", "author_name": "pydanty[bot]"},
        {"agent": "our-agent", "role": "sre", "author_email": "agent+*@example.org"},
        {"agent": "gastown", "trailer": "Executed-By: */polecats/*"},
        {"agent": "scribe", "body": "*written by the scribe*"},
        {"agent": "nightly", "committer_name": "Nightly Agent"},
        {"agent": "ci", "kind": "bot", "author_name": "CI"},
        {"kind": "person", "author_name": "Roo Code", "author_email": "chris@roocode.com"},
    ]
}


@pytest.mark.parametrize(
    ("message", "author", "committer", "expected"),
    [
        ("S\n", "pydanty[bot] <1+pydanty[bot]@x>", ANN, ("agent", "pydanty", "")),
        ("S\n", "A <Agent+7@example.org>", ANN, ("agent", "our-agent", "sre")),
        ("S\n\nCo-authored-by: A <agent+7@example.org>\n", ANN, ANN, ("agent", "our-agent", "sre")),
        ("S\n\nExecuted-By: beads/polecats/opal\n", ANN, ANN, ("agent", "gastown", "")),
        ("S\n\nExecuted-By: beads/crew/emma\n", ANN, ANN, ("person", "", "")),
        ("S\n\nThis was Written by the Scribe.\n", ANN, ANN, ("agent", "scribe", "")),
        ("S\n", ANN, "Nightly Agent <n@example.org>", ("agent", "nightly", "")),
        ("S\n", "CI <ci@example.org>", ANN, ("bot", "ci", "")),
        ("S\n", "Roo Code <chris@roocode.com>", ANN, ("person", "", "")),
        ("S\n", "Roo Code <x@roocode.com>", ANN, ("unknown", "", "")),
    ],
)
def test_a_repositorys_own_identities(
    message: str, author: str, committer: str, expected: tuple[str, str, str]
) -> None:
    got = who(message, author, committer, **OWN)
    assert (got.kind, got.tool, got.role) == expected


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"agnt": "x"}, "identities[0].agnt: unknown key (did you mean 'agent'?)"),
        ({"author_name": "x"}, "identities[0].agent: '' is not an agent name"),
        ({"agent": "a"}, "looks at nothing, must look at one place"),
        ({"agent": "a", "body": "x", "trailer": "Y"}, "looks at trailer and body"),
        ({"agent": "a", "author_name": "*"}, "matches everything"),
        ({"agent": "a", "author_name": 1}, "must be a string"),
        ({"agent": "a", "trailer": "no key"}, "'no key' is not a trailer"),
        ({"kind": "cat", "author_name": "x"}, "'cat' is not allowed"),
    ],
)
def test_a_faulty_identity_is_refused(table: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.parse({"identities": [table]})
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"window_days": 0}, "must be from 1 to 36500"),
        ({"enabled": 1}, "must be true or false, not 1"),
        ({"deadline_seconds": True}, "must be a number, not True"),
        ({"deadline_seconds": float("nan")}, "must be from 0.1 to 3600"),
        ({"window": 3}, "did you mean 'window_days'?"),
    ],
)
def test_a_faulty_capture_section_is_refused(table: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.parse({"capture": table})
    assert said in str(caught.value)
    assert config.parse({"capture": {"enabled": False}}).capture.enabled is False


TEXT = st.text(max_size=40)


@given(st.lists(st.one_of(TEXT, st.sampled_from([f"Co-authored-by: {CLAUDE}", "Agent: x"]))))
def test_nothing_crashes_and_the_answer_stays(lines: list[str]) -> None:
    message = "\n".join(lines)
    got = who(message)
    assert got == who(message) and got.kind in ("agent", "person", "bot", "unknown")
    if f"Co-authored-by: {CLAUDE}" in lines:
        assert got.kind == "agent"


@given(TEXT, TEXT, TEXT)
def test_any_identity_is_answered(name: str, email: str, value: str) -> None:
    ident = CommitIdent(name, email, name, email, f"S\n\nCo-authored-by: {value}\n")
    assert classify(ident, load_rules()).kind in ("agent", "person", "bot", "unknown")


@given(st.text(), st.text())
def test_parsing_an_identity_never_fails(name: str, email: str) -> None:
    parse_identity(f"{name} <{email}>")
    parse_identity(name)


def test_a_typical_commit_is_cheap() -> None:
    """Some microseconds each; the bound leaves room for a slow, busy machine."""
    import time

    rules = load_rules()
    message = (
        "Add quota to the storage layer\n\n" + "A line of explanation as people write it.\n" * 8
    )
    commit = CommitIdent("Ann Author", "ann@example.org", "GitHub", "noreply@github.com", message)
    classify(commit, rules)
    best = 1.0
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(1000):
            classify(commit, rules)
        best = min(best, (time.perf_counter() - start) / 1000)
    assert best < 40e-6
