"""Who should learn a pattern: the first rule that names anybody."""

from __future__ import annotations

from typing import Any

import pytest

from errata.core.config import Config, Identity, Routing
from errata.patterns.route import Router

NOBODY: dict[str, Any] = {
    "category": "convention",
    "affected": (),
    "authors": (),
    "by_path": (),
    "recorded": (),
}


@pytest.mark.parametrize(
    ("known", "agents", "why"),
    [
        ({"affected": {"sre", "api-dev"}}, ("api-dev", "sre"), "the records name them"),
        ({"authors": {"sre"}, "by_path": {"x"}}, ("sre",), "they wrote what was corrected"),
        ({"by_path": {"frontend-dev"}, "category": "api"}, ("frontend-dev",), "a path rule"),
        ({"category": "security", "recorded": {"x"}}, ("api-dev", "sre"), "category rule"),
        ({"recorded": {"test-engineer"}}, ("test-engineer",), "they recorded it"),
        ({"recorded": {"code-reviewer"}}, ("api-dev",), "default rule"),  # awareness only
        ({"recorded": {"code-reviewer", "sre"}}, ("sre",), "they recorded it"),
        ({}, ("api-dev",), "default rule"),
        # Known by the tool only: for everyone, whatever the work.
        ({"authors": {"claude-code"}, "by_path": {"x"}}, ("everyone",), "they wrote"),
        ({"authors": {"claude-code", "codex"}}, ("everyone",), "they wrote"),
        ({"authors": {"claude-code", "sre"}}, ("everyone", "sre"), "they wrote"),
        ({"affected": {"claude"}}, ("everyone",), "the records name them"),
        ({"learned": {"cursor"}, "category": "security"}, ("everyone",), "they learnt it"),
        ({"learned": {"sre"}, "category": "testing"}, ("test-engineer",), "category rule"),
        ({"recorded": {"gemini-cli"}}, ("everyone",), "they recorded it"),
        # It only records other agents' sessions.
        ({"authors": {"entire"}}, ("everyone",), "they wrote"),
    ],
)
def test_the_first_rule_that_names_an_agent_wins(
    known: dict[str, Any], agents: tuple[str, ...], why: str
) -> None:
    route = Router(Config()).route("a-pattern", **{**NOBODY, **known})
    assert route.agents == agents
    assert why in route.why


def test_settings_override_the_routing_tables() -> None:
    own = Routing(
        default=("anyone",),
        categories={"security": ("guard",), "odd": ("odd-one",)},
        patterns={"a-pattern": ("chosen",)},
    )
    router = Router(Config(routing=own))
    assert router.route("a-pattern", **{**NOBODY, "affected": {"sre"}}).agents == ("chosen",)
    assert router.route("b", **{**NOBODY, "category": "security"}).agents == ("guard",)
    assert router.route("b", **{**NOBODY, "category": "odd"}).agents == ("odd-one",)
    assert router.route("b", **{**NOBODY, "category": "testing"}).agents == ("test-engineer",)
    assert router.route("b", **NOBODY).agents == ("anyone",)


def test_what_settings_name_is_taken_literally() -> None:
    """A tool that a person names in ``errata.toml`` keeps a runbook of its own."""
    own = Routing(default=("codex",), patterns={"a-pattern": ("claude-code",)})
    router = Router(Config(routing=own))
    authors = {**NOBODY, "authors": {"claude-code"}}
    assert router.route("a-pattern", **authors).agents == ("claude-code",)
    assert router.route("b", **authors).agents == ("everyone",)
    assert router.route("b", **NOBODY).agents == ("codex",)


def test_tool_of_a_repositorys_own_rule_is_no_role() -> None:
    own = Identity(agent="house-bot", role="platform-dev", author_email="house@example.org")
    router = Router(Config(identities=(own,)))
    assert router.route("b", **{**NOBODY, "authors": {"house-bot"}}).agents == ("everyone",)
    roles = {"authors": {"platform-dev"}}
    assert router.route("b", **{**NOBODY, **roles}).agents == ("platform-dev",)
