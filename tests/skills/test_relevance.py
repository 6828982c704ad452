"""Skills by fit: the table says who gets what first."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.skills import relevance
from errata.skills.find import Skill, skill


def make(name: str, about: str, paths: str = "") -> Skill:
    extra = f"paths: '{paths}'\n" if paths else ""
    text = f"---\nname: {name}\ndescription: '{about}'\n{extra}---\nx\n"
    return skill(f".claude/skills/{name}/SKILL.md", text.encode())


SKILLS = [
    make("k8s-apiserver-patterns", "Aggregated API server storage, types, validation"),
    make("kustomize-patterns", "Kustomize base, components, overlays", "config/**/*.yaml"),
    make("design-tokens", "Frontend token architecture and pattern registry"),
    make("go-conventions", "Go code style, testing patterns, import ordering", "*.go"),
    make("capability-telemetry", "Observability setup, metrics, tracing for the API"),
    make("pipeline-conductor", "Pipeline stages, handoff format, templates"),
]


def fitting(agent: str = "", files: Sequence[str] = ()) -> list[str]:
    return [skill.folder for skill, _ in relevance.rank(SKILLS, agent, files)]


@pytest.mark.parametrize(
    ("agent", "files", "names"),
    [
        ("frontend-dev", (), ["design-tokens"]),
        ("api-dev", (), ["capability-telemetry", "k8s-apiserver-patterns"]),
        ("test-engineer", (), ["go-conventions"]),
        ("sre", ["config/base/kustomization.yaml"], ["kustomize-patterns"]),
        ("", ["pkg/x/types.go"], ["go-conventions", "k8s-apiserver-patterns"]),
        ("", ["./main.go"], ["go-conventions"]),
        ("add-a-metric", (), ["capability-telemetry"]),
        ("", (), []),
        ("use-the-code", ["src/main.rs"], []),
    ],
)
def test_ranking(agent: str, files: list[str], names: list[str]) -> None:
    assert fitting(agent, files) == names


def test_ties_go_by_name() -> None:
    skills = [make("b", "widgets"), make("a", "widgets"), make("c", "widgets")]
    assert [one.folder for one, _ in relevance.rank(skills, "widget")] == ["a", "b", "c"]


def test_a_rare_word_outweighs_a_common_one() -> None:
    skills = [make("a", "storage"), make("b", "storage"), make("c", "quota")]
    ranked = relevance.rank(skills, "storage quota")
    assert ranked[0][0].folder == "c"


@given(st.permutations(SKILLS), st.sampled_from(["api-dev", "frontend-dev", "pattern"]))
def test_the_order_of_skills_does_not_matter(skills: list[Skill], agent: str) -> None:
    assert relevance.rank(skills, agent) == relevance.rank(SKILLS, agent)


def test_a_pattern_cannot_take_long() -> None:
    assert not relevance.matches_any(["**/" * 30 + "x"], ["a/" * 60 + "b"])
    assert relevance.matches_any(["**/{a,b}/*.py"], ["x/y/b/c.py"])
