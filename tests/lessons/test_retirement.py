"""Lessons die with their code; a prohibition does not die because people removed the thing."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from errata.core.config import Config
from errata.core.git import Repository
from errata.lessons.retirement import Code, needed_names
from errata.runbooks import promotion_log
from record_builders import AS_OF, PROMOTIONS, ago, runbook, tree

Run = Callable[..., subprocess.CompletedProcess[str]]
LOG = ".claude/user-corrections.jsonl"


@pytest.mark.parametrize(
    ("fact", "names"),
    [
        ("callee-changed os.path.join → Path", ["Path"]),
        ("name-replaced gemini-2.5 → gemini-flash", ["flash"]),
        ("call-added logger.debug", ["debug"]),
        ("argument-added open(encoding=)", ["open"]),
        # Prohibitions: that the thing is gone is what they are for.
        ("call-removed console.log", []),
        ("debug-output-removed console.log", []),
        ("import-removed old_helper", []),
        ("comment-removed", []),
        ("comment-added in tests", []),
        # No names.
        ("guard-added null check", []),
        ("operator-changed + → -", []),
    ],
)
def test_needed_names(fact: str, names: list[str]) -> None:
    assert list(needed_names(fact)) == names


@pytest.mark.parametrize(
    ("facts", "files", "reason"),
    [
        (["callee-changed old_call → new_call"], ["src/a.py"], ""),
        (
            ["callee-changed old_call → lost_call"],
            ["src/a.py"],
            "`lost_call` is no longer in the code",
        ),
        # Only within another word.
        (["call-added new_cal"], ["src/a.py"], "`new_cal` is no longer in the code"),
        # Only in a log of errata.
        (["call-added only_logged"], ["src/a.py"], "`only_logged` is no longer in the code"),
        # One of two names is left.
        (["call-added lost_call", "call-added new_call"], ["src/a.py"], ""),
        (["call-removed old_call"], ["src/gone.py"], ""),
        (["call-removed puts"], ["lib/a.rb", "lib/b.rb"], "there are no `.rb` files any more"),
        (["call-removed puts"], ["lib/a.rb", "src/a.py"], ""),
        (["comment-removed in src/a.py"], ["src/a.py"], ""),
        (
            ["comment-removed in src/gone.py"],
            ["src/gone.py"],
            "`src/gone.py` is no longer in the repository",
        ),
        # A file that was moved keeps its name.
        (["comment-removed in pkg/a.py"], ["pkg/a.py"], ""),
        (["in src/"], ["src/a.py"], ""),
        (["in old/"], ["src/a.py"], "`old/` is no longer in the repository"),
        (["comment-removed in tests"], ["src/a.py"], ""),
        (["comment-removed in python"], ["src/a.py"], ""),
    ],
)
def test_why_gone(repo: Any, facts: Sequence[str], files: Sequence[str], reason: str) -> None:
    repo.write("src/a.py", "new_call()\n")
    repo.write(LOG, '{"edits": ["call-added only_logged"]}\n')
    repo.commit()
    repo.write("src/a.py", "")
    assert Code(Repository.discover(), Config()).why_gone(facts, files) == reason


def test_without_commits_nothing_is_known_to_be_gone(repo: Any) -> None:
    assert Code(Repository.discover(), Config()).why_gone(["call-added x_y"], ["a.py"]) == ""
    assert repo.git("log", ok=False) == ""


# ------------------------------------------------------------------------------ errata evolve


def correction(days: float, number: int, **edit: Any) -> dict[str, Any]:
    return {
        "id": f"cor-{number:020}",
        "timestamp": ago(days),
        "agent": "api-dev",
        "correction_type": "code_quality",
        "source": "implicit",
        "severity": "high",
        "ai_action": {"summary": "wrote it", "commit": f"{number:040x}"},
        "user_correction": {
            "summary": f"Fix the paths, part {number}",
            "commit": f"{number + 100:040x}",
            "files": ["src/a.py"],
        },
        "edits": ["callee-changed old_helper → new_helper"],
        "area": {"folders": ["src"], "languages": ["python"], "tests": False, "symbols": []},
        "examples": [
            {
                "edits": ["callee-changed old_helper → new_helper"],
                "file": "src/a.py",
                "before": ["old_helper(a)"],
                "after": ["new_helper(a)"],
            }
        ],
        **edit,
    }


def others() -> list[dict[str, Any]]:
    """Corrections of other kinds: nothing stands out where everything is the same."""
    kinds = ("call-removed", "import-removed", "function-removed", "default-changed")
    return [
        correction(
            10 + number,
            200 + number,
            edits=[f"{kinds[number % 4]} other_{number}"],
            area={"folders": [f"lib{number}"], "languages": ["go"], "tests": False, "symbols": []},
            examples=[],
            user_correction={
                "summary": f"Word{number} thing{number}",
                "commit": f"{number + 300:040x}",
                "files": [f"lib{number}/b{number}.go"],
            },
        )
        for number in range(16)
    ]


@pytest.fixture
def learnt(repo: Any, errata: Run) -> Any:
    """A lesson in a runbook: use new_helper, not old_helper."""
    repo.write("src/a.py", "new_helper(a)\n")
    repo.jsonl(LOG, *(correction(days, days) for days in range(1, 9)), *others())
    repo.commit("logs")
    assert errata("evolve", "--as-of", AS_OF).returncode == 0
    text = (repo.root / runbook()).read_text()
    assert "new_helper" in text, text
    return repo


def events(repo: Any) -> list[dict[str, Any]]:
    return [json.loads(row) for row in (repo.root / PROMOTIONS).read_text().splitlines()]


def remove_code(repo: Any) -> None:
    repo.write("src/a.py", "other(a)\n")
    repo.commit("Remove the helper")


def test_evolve_retires_a_lesson_whose_code_is_gone_and_says_why(learnt: Any, errata: Run) -> None:
    remove_code(learnt)
    reason = "`new_helper` is no longer in the code"
    shown = errata("evolve", "--dry-run", "--as-of", AS_OF).stdout
    assert f"Archived (api-dev): {reason}" in shown
    errata("evolve", "--as-of", AS_OF)
    assert "new_helper" not in (learnt.root / runbook()).read_text()
    last = events(learnt)[-1]
    assert (last["event"], last["reason"]) == ("archived", reason)
    name = last["pattern"]
    assert f": {reason}\n" in errata("patterns", name, "--as-of", AS_OF).stdout
    assert reason in errata("explain", name, "--as-of", AS_OF).stdout
    before = tree(learnt.root)
    errata("evolve", "--as-of", AS_OF)
    assert tree(learnt.root) == before, "the second evolve changes nothing"


def test_it_returns_with_a_new_occurrence_once_the_code_is_back(learnt: Any, errata: Run) -> None:
    remove_code(learnt)
    errata("evolve", "--as-of", AS_OF)
    learnt.write("src/a.py", "new_helper(a)\n")
    learnt.commit("Bring the helper back")
    errata("evolve", "--as-of", AS_OF)
    assert events(learnt)[-1]["event"] == "archived", "only an occurrence brings it back"
    learnt.jsonl(LOG, correction(0.5, 50))
    errata("evolve", "--as-of", AS_OF)
    assert events(learnt)[-1]["event"] == "restored"
    assert "new_helper" in (learnt.root / runbook()).read_text()


def test_a_new_occurrence_alone_does_not_bring_it_back(learnt: Any, errata: Run) -> None:
    remove_code(learnt)
    errata("evolve", "--as-of", AS_OF)
    learnt.jsonl(LOG, correction(0.5, 50))
    errata("evolve", "--as-of", AS_OF)
    assert [event["event"] for event in events(learnt)] == ["promoted", "archived"]


def test_a_lesson_whose_code_is_gone_already_is_never_promoted(repo: Any, errata: Run) -> None:
    repo.write("src/a.py", "other(a)\n")
    repo.jsonl(LOG, *(correction(days, days) for days in range(1, 9)), *others())
    repo.commit("logs")
    errata("evolve", "--as-of", AS_OF)
    assert [event["event"] for event in events(repo)] == ["archived"]
    assert not (repo.root / runbook()).exists()


def test_the_hook_only_follows_the_log(learnt: Any, errata: Run) -> None:
    """What is written after a merge is a function of the logs, not of the tree."""
    learnt.git("add", "-A")
    learnt.commit("runbooks")
    remove_code(learnt)
    text = (learnt.root / runbook()).read_text()
    learnt.git("checkout", "-q", "-b", "topic")
    learnt.jsonl(LOG, correction(0.2, 60))
    learnt.commit("more")
    learnt.git("checkout", "-q", "main")
    learnt.git("merge", "-q", "--no-ff", "-m", "merge", "topic")
    from errata.githooks import refresh

    refresh.main(["0"])
    assert "new_helper" in (learnt.root / runbook()).read_text()
    assert "new_helper" in text
    errata("evolve", "--as-of", AS_OF)
    retired = (learnt.root / runbook()).read_text()
    assert "new_helper" not in retired
    refresh.main(["0"])
    assert (learnt.root / runbook()).read_text() == retired


def test_the_reason_is_folded_in_any_order() -> None:
    rows = [
        {"date": ago(3), "event": "promoted", "pattern": "use-it", "agents": ["a"]},
        {"date": ago(2), "event": "archived", "pattern": "use-it", "agents": ["a"], "reason": "x"},
        {"date": ago(2), "event": "archived", "pattern": "use-it", "agents": ["a"], "reason": "y"},
    ]
    figures = {"confidence": 0.7, "occurrences": 3, "entry_type": "tip"}
    data = [json.dumps({**row, **figures}).encode() for row in rows]
    reasons = set()
    for seed in range(10):
        shuffled = data * 2
        random.Random(seed).shuffle(shuffled)
        folded, invalid = promotion_log.parse(b"\n".join([*shuffled, b""]))
        assert not invalid
        reasons.add(promotion_log.fold(folded)["use-it"].reason)
    assert reasons == {"y"}
