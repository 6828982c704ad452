"""``errata who`` as a process."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def commits(repo: Any) -> Any:
    repo.commit("Plain work")
    repo.commit(
        "Add quota\n\nAgent: api-dev\nAgent-Session: s-1\nFeature: feat-042\n"
        "Co-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>"
    )
    bot = {
        "GIT_AUTHOR_NAME": "renovate[bot]",
        "GIT_AUTHOR_EMAIL": "29139614+renovate[bot]@users.noreply.github.com",
    }
    repo.commit("Update dependency", **bot)
    repo.commit("By whom?", GIT_AUTHOR_NAME="Codex Agent", GIT_AUTHOR_EMAIL="x@example.org")
    return repo


def test_text(commits: Any, errata: Any) -> None:
    sha = commits.git("rev-parse", "HEAD~2")
    done = errata("who", "HEAD~2")
    assert done.stdout == (
        f"{sha[:12]} Add quota\n"
        "  agent: claude-code\n"
        "  role: api-dev\n"
        "  model: Claude Opus 4.6\n"
        "  session: s-1\n"
        "  feature: feat-042\n"
        "  source: trailer\n"
        "  because: Agent: api-dev (our trailer)\n"
        "  because: Co-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>"
        " (claude-code by email)\n"
    )
    assert done.returncode == 0 and done.stderr == ""


@pytest.mark.usefixtures("commits")
def test_the_default_is_head(errata: Any) -> None:
    assert "  unknown: Codex Agent <x@example.org>\n" in errata("who").stdout


def test_json_of_a_range(commits: Any, errata: Any) -> None:
    data = json.loads(errata("who", "--format", "json", "HEAD~3..HEAD", "HEAD~3").stdout)
    assert [entry["kind"] for entry in data] == ["unknown", "bot", "agent", "person"]
    assert [entry["name"] for entry in data] == ["Codex Agent", "renovate", "api-dev", "Ann Author"]
    assert data[2]["commit"] == commits.git("rev-parse", "HEAD~2")
    assert set(data[0]) == {
        *("commit", "subject", "author", "kind", "name", "tool"),
        *("role", "model", "session", "feature", "source", "lines", "lines_source", "evidence"),
    }


def test_the_repositorys_own_identities(commits: Any, errata: Any) -> None:
    commits.write("errata.toml", '[[identities]]\nagent = "cody"\nauthor_name = "Codex Agent"\n')
    assert "  agent: cody\n" in errata("who").stdout


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (("--", "--output=pwned"), 2, "errata: '--output=pwned' is not a revision"),
        (("nosuch",), 2, "errata: 'nosuch' names no commit of this repository"),
        (("--nosuch",), 2, "No such option"),
    ],
)
def test_a_mistake_is_one_line(
    commits: Any, errata: Any, args: tuple[str, ...], status: int, said: str
) -> None:
    done = errata("who", *args)
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr and "Traceback" not in done.stderr
    assert not (commits.root / "pwned").exists()


def test_an_empty_repository(repo: Any, errata: Any) -> None:  # noqa: ARG001
    done = errata("who")
    assert done.returncode == 2 and "has no commit yet" in done.stderr


def test_nothing_of_a_commit_drives_the_terminal(repo: Any, errata: Any) -> None:
    repo.commit("Evil \x1b]0;title\x07 \u202e subject", GIT_AUTHOR_NAME="A\x1b[31m")
    out = errata("who").stdout
    assert "Evil" in out and not set(out) & {"\x1b", "\x07", "\u202e"}


def test_help_and_the_list_of_commands_agree(errata: Any) -> None:
    from errata.cli import COMMANDS
    from errata.commands.who import command

    assert command.get_short_help_str(200) == COMMANDS["who"]
    assert COMMANDS["who"] in errata("--help").stdout.replace("\n" + " " * 15, " ")
