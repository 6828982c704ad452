"""Who reverts a commit does not become the author of what it brings back."""

from __future__ import annotations

from typing import Any

import pytest

from desk import CODE, HookedDesk

LESS = CODE.replace('    size = body["size"]\n', "    size = 0\n").replace("(name, size)", "(name)")
BOTH = ('body["size"]', "Volume(name, size)")


@pytest.fixture
def desk(repo: Any) -> HookedDesk:
    return HookedDesk(repo)


def revert(desk: HookedDesk, revision: str = "HEAD", **env: str) -> str:
    desk.git("revert", "--no-edit", revision, **env)
    return str(desk.repo.git("rev-parse", "HEAD"))


def fix(desk: HookedDesk) -> list[str]:
    """A person changes two lines; the agents that this corrects, once and looking back."""
    before = len(desk.records())
    desk.replace('body["size"]', 'int(body["size"])')
    desk.replace("Volume(name, size)", "Volume(name, size=size)")
    sha = desk.commit("fix: a size may come as text")
    agents = [record["agent"] for record in desk.records()[before:]]
    assert len(desk.found_later().get(sha, [])) == len(agents)
    return agents


def test_an_agents_revert_brings_back_a_persons_lines(desk: HookedDesk) -> None:
    desk.repo.write("api.py", CODE)
    desk.commit("feat: volumes")
    desk.repo.write("api.py", LESS)
    desk.agent_commits("fix: less")
    revert(desk, ERRATA_AGENT="api-dev")
    assert fix(desk) == []


def test_a_persons_revert_brings_back_an_agents_lines(desk: HookedDesk) -> None:
    desk.repo.write("api.py", CODE)
    desk.agent_commits("feat: volumes")
    desk.repo.write("api.py", LESS)
    desk.commit("refactor: less")
    revert(desk)
    assert fix(desk) == ["api-dev"]


@pytest.mark.parametrize(("lines", "agents"), [(10, ["api-dev"]), (50_000, [])])
def test_a_large_file(desk: HookedDesk, lines: int, agents: list[str]) -> None:
    """Git would take too long to say who wrote the lines that come back."""
    data = "".join(f"row_{n} = {n}\n" for n in range(lines))
    desk.repo.write("api.py", CODE + data)
    desk.agent_commits("feat: volumes")
    desk.repo.write("api.py", LESS + data)
    desk.commit("refactor: less")
    revert(desk)
    assert fix(desk) == agents


def test_a_revert_of_a_revert(desk: HookedDesk) -> None:
    desk.repo.write("api.py", LESS)
    desk.commit("feat: volumes")
    desk.repo.write("api.py", CODE)
    desk.agent_commits("feat: sizes")
    revert(desk)
    (record,) = desk.records()
    assert record["correction_type"] == "approach_rejection"
    revert(desk)
    assert fix(desk) == ["api-dev"]


def test_an_agents_revert_of_its_own_commit_corrects_nothing(desk: HookedDesk) -> None:
    desk.repo.write("api.py", LESS)
    desk.commit("feat: volumes")
    desk.repo.write("api.py", CODE)
    desk.agent_commits("feat: sizes")
    revert(desk, ERRATA_AGENT="api-dev")
    assert desk.records() == []


def test_a_reverted_commit_that_is_not_in_this_clone(desk: HookedDesk) -> None:
    desk.repo.write("api.py", CODE)
    desk.agent_commits(f'Revert "x"\n\nThis reverts commit {"a" * 40}.')
    assert fix(desk) == []
