"""Two branches that both evolved, merged by git with the driver, and without it."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata import cli
from errata.runbooks import merge, promotion_log
from errata.runbooks.merge import FileVersions, union
from record_builders import AS_OF, FINDINGS, PROMOTIONS, finding, runbook

Run = Callable[..., subprocess.CompletedProcess[str]]
AT = ("--as-of", AS_OF)
ATTRIBUTES = (
    f"/{FINDINGS} merge=union\n/.claude/skills/runbooks/*/RUNBOOK.md merge=errata\n"
    f"/{PROMOTIONS} merge=errata\n"
)
NOTE = "## Patterns\n\nA note of ours.\n"


def strong(*days: float, name: str) -> list[dict[str, Any]]:
    return [finding(day, name, severity="blocking", affected_agents=["api-dev"]) for day in days]


class Team:
    """A repository with an evolved base and two branches."""

    def __init__(self, repo: Any, errata: Run, driver: bool) -> None:
        self.repo, self.errata = repo, errata
        self.root: Path = repo.root
        repo.write(".gitattributes", ATTRIBUTES)
        if driver:
            command = f"{shlex.quote(sys.executable)} -m errata merge-file"
            options = "--ancestor %O --ours %A --theirs %B --path %P"
            repo.git("config", "merge.errata.driver", f"{command} {options}")
        self.evolve(*strong(20, 21, 22, name="base-pattern"))
        repo.commit("base")
        repo.git("branch", "side")

    def evolve(self, *records: dict[str, Any]) -> None:
        self.repo.jsonl(FINDINGS, *records)
        done = self.errata("evolve", *AT)
        assert done.returncode == 0, done.stderr

    def on(self, branch: str, *records: dict[str, Any], edit: str = "") -> None:
        self.repo.git("switch", "-q", branch)
        self.evolve(*records)
        if edit:
            path = self.root / runbook()
            path.write_text(path.read_text().replace("## Patterns\n", edit))
        self.repo.commit(branch)

    def written(self) -> tuple[str, str]:
        return tuple((self.root / path).read_text() for path in (runbook(), PROMOTIONS))  # type: ignore[return-value]


@pytest.fixture
def team(repo: Any, errata: Run) -> Team:
    return Team(repo, errata, driver=True)


def diverge(team: Team, edit: str = "") -> None:
    team.on("side", *strong(3, 4, 5, 6, name="side-pattern"))
    team.on("main", *strong(1, 2, 3.5, 4.5, name="main-pattern"), edit=edit)


@pytest.mark.parametrize("how", ["merge", "squash", "pull", "rebase", "cherry-pick"])
def test_both_evolved(team: Team, how: str) -> None:
    diverge(team)
    commands = {
        "merge": ["merge", "-q", "--no-edit", "side"],
        "squash": ["merge", "-q", "--squash", "side"],
        "pull": ["pull", "-q", "--no-rebase", "--no-edit", ".", "side"],
        "rebase": ["rebase", "-q", "side"],
        "cherry-pick": ["cherry-pick", "side"],
    }
    team.repo.git(*commands[how])
    assert team.repo.git("ls-files", "-u") == ""
    merged = team.written()
    assert "<<<<" not in "".join(merged)
    team.evolve()
    if how != "cherry-pick":  # Git tells its driver nothing of what it picks.
        assert team.written() == merged
    for name in ("base-pattern", "main-pattern", "side-pattern"):
        assert all(name in text for text in team.written())


def test_both_directions_give_the_same_bytes(team: Team) -> None:
    diverge(team)
    team.repo.git("switch", "-qc", "other", "side")
    team.repo.git("merge", "-q", "--no-edit", "main")
    one = team.written()
    team.repo.git("switch", "-q", "main")
    team.repo.git("merge", "-q", "--no-edit", "side")
    assert team.written() == one


def test_both_promoted_the_same(team: Team) -> None:
    same = strong(1, 2, 3, 4, name="same")
    team.on("side", *same)
    team.on("main", *same, *strong(0.5, name="same"))
    team.repo.git("merge", "-q", "--no-edit", "side")
    merged = team.written()
    team.evolve()
    assert team.written() == merged and "Seen 5 times" in merged[0]


def test_manual_text_merges_around_the_block(team: Team) -> None:
    diverge(team, edit=NOTE)
    team.repo.git("merge", "-q", "--no-edit", "side")
    assert NOTE in team.written()[0]


def test_conflict_in_manual_text_stays_and_block_is_regenerated(team: Team) -> None:
    team.on("side", *strong(3, 4, 5, 6, name="side-pattern"), edit="## Patterns\n\nTheirs.\n")
    team.on("main", *strong(1, 2, 3.5, 4.5, name="main-pattern"), edit="## Patterns\n\nOurs.\n")
    said = team.repo.git("merge", "--no-edit", "side", ok=False)
    assert f"Merge conflict in {runbook()}" in said
    text = team.written()[0]
    assert text.count("<<<<<<<") == 1 and text.index(">>>>>>>") < text.index("errata:begin")
    assert "side-pattern" in text and "main-pattern" in text


def test_hand_edited_block_is_kept(team: Team) -> None:
    team.on("side", *strong(3, 4, 5, 6, name="side-pattern"))
    team.on("main", *strong(1, 2, 3.5, 4.5, name="main-pattern"))
    path = team.root / runbook()
    path.write_text(path.read_text().replace("- **main-pattern**", "- **my own words**"))
    team.repo.commit("by hand")
    team.repo.git("merge", "--no-edit", "side", ok=False)
    assert "my own words" in team.written()[0]


def test_a_new_agents_runbook_on_both_sides(team: Team) -> None:
    def sre(*days: float, name: str) -> list[dict[str, Any]]:
        return [finding(d, name, severity="blocking", affected_agents=["sre"]) for d in days]

    team.on("side", *sre(3, 4, 5, 6, name="side-pattern"))
    team.on("main", *sre(1, 2, 3.5, 4.5, name="main-pattern"))
    team.repo.git("merge", "-q", "--no-edit", "side")
    text = (team.root / runbook("sre")).read_text()
    assert "side-pattern" in text and "main-pattern" in text and text.count("# sre runbook") == 1


def test_failure_to_evolve_in_the_merge_is_reported(
    team: Team, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    diverge(team)
    names = {"ancestor": "main~1", "ours": "main", "theirs": "side"}
    for name, revision in names.items():
        text = team.repo.git("show", f"{revision}:{runbook()}")
        team.repo.write(f".git/{name}", text + "\n")
    monkeypatch.setenv(f"GITHEAD_{team.repo.git('rev-parse', 'side')}", "side")
    monkeypatch.setattr(merge, "MAX_LOG_BYTES", 0)
    ours = (team.root / ".git/ours").read_bytes()
    words = [word for name in names for word in (f"--{name}", f".git/{name}")]
    assert cli.main(["merge-file", *words, "--path", runbook()]) == 0
    assert capfd.readouterr().err == (
        f"errata: {runbook()}: not updated: the logs are too large to evolve within a merge; "
        "run `errata evolve`\n"
    )
    assert (team.root / ".git/ours").read_bytes() == ours


def test_without_the_driver_evolve_resolves_the_conflict(repo: Any, errata: Run) -> None:
    team = Team(repo, errata, driver=False)
    diverge(team)
    team.repo.git("merge", "--no-edit", "side", ok=False)
    assert all("<<<<<<<" in text for text in team.written())
    team.evolve()
    settled = team.written()
    assert "<<<<" not in "".join(settled) and "====" not in "".join(settled)
    team.repo.commit("merged")
    team.evolve()
    assert team.written() == settled
    assert len(promotion_log.parse(settled[1].encode())[0]) == 3


@pytest.mark.parametrize(
    "args",
    [
        ("--ours", "a", "--theirs", "b", "--path", "c"),
        ("--ancestor", "no", "--ours", "no", "--theirs", "no", "--path", "c"),
    ],
)
def test_bad_calls_are_one_line(repo: Any, errata: Run, args: tuple[str, ...]) -> None:  # noqa: ARG001
    done = errata("merge-file", *args)
    assert done.returncode not in (0, 1) or "no such file" in done.stderr
    assert done.stderr.startswith("errata: ") and done.stderr.count("\n") == 1


def test_any_other_file_is_merged_as_git_does_it(repo: Any, errata: Run) -> None:
    for name, text in (("o", "a\n\nb\n"), ("a", "a1\n\nb\n"), ("b", "a\n\nb2\n")):
        repo.write(name, text)
    args = ("--ancestor", "o", "--ours", "a", "--theirs", "b", "--path", "x.txt")
    assert errata("merge-file", *args).returncode == 0
    assert (repo.root / "a").read_text() == "a1\n\nb2\n"


EVENTS = st.lists(st.sampled_from([b"%d" % n for n in range(6)]), max_size=5, unique=True)


@given(EVENTS, EVENTS, EVENTS)
def test_union_is_symmetric(base: list[bytes], ours: list[bytes], theirs: list[bytes]) -> None:
    a, b, c = (b"".join(line + b"\n" for line in rows) for rows in (base, ours, theirs))
    got = union(FileVersions(a, b, c))
    assert got == union(FileVersions(a, c, b))
    rows = set(promotion_log.nonblank_lines(got))
    assert rows == {
        row for row in (*ours, *theirs) if row not in base or (row in ours and row in theirs)
    }


@given(st.lists(st.sampled_from([b"{}", b"=", b"<<<<<<", b""]), max_size=6))
def test_log_without_conflict_markers_is_unchanged(rows: list[bytes]) -> None:
    data = b"\n".join(rows)
    assert promotion_log.resolve_conflicts(data) == data


def test_missing_file_is_an_error_and_not_a_conflict(repo: Any, errata: Any) -> None:
    repo.write("a", "a\n")
    options = ("--ancestor", "a", "--theirs", "a", "--path", "x")
    run = errata("merge-file", "--ours", ".", *options)
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)
    repo.write("b", "b\n")
    repo.write("c", "c\n")
    run = errata("merge-file", "--ancestor", "a", "--ours", "b", "--theirs", "c", "--path", "x")
    assert (run.returncode, run.stderr) == (1, "errata: x: conflict\n")
