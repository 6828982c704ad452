"""Who should learn a pattern: the first rule that names anybody."""

from __future__ import annotations

from typing import Any

import pytest

from errata.core.config import Config, Routing
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
