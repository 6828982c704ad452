"""Messages that are corrections, and messages that are not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from errata.messages import judge, model
from errata.records.model import CorrectionType

# False positives that others published about word lists.
PUBLISHED = (
    "no dialog appeared",
    "no problem",
    "No, thanks",
    "don't push directly to that branch",
    "That approach won't work for X, let's use Y",
    "Perfect! Now let's add the tests",
    "Perfect! Now let's move on to the next step.",
)
OTHERS = (
    "now add retries to the uploader",
    "why does this use a lock?",
    "is it wrong to call close twice?",
    "never touch the vendored folder",
    "my bad, I gave you the wrong path, it's src/net/",
    "yes but only for admins",
    "translate to German: 'that is wrong'",
    "CI is green again",
    "ok",
    "fix the flaky login test",
    "no, that's fine",
    "no, the second one",
    "no",
    "stop the server",
    "don't forget tests",
    "wrong password error: handle it",
    "no problem, use Decimal",
    "No, it's fine",
    "No, the first one",
    "no need to add tests",
    "no, go ahead and use option 2",
    "no, that should be enough",
    "no, it must have been the cache",
    "that's wrong in the docs, can you file an issue?",
    "that's right, use Decimal",
    "yes, Decimal, not int",
    "use Decimal, not int, for all money",
    "you should have access now",
    "wrong totals in the May report, find out why",
    "they should have used Decimal from the beginning, but it's too late now",
    "is that wrong: should it be Decimal?",
    "Plan:\n1. Use Decimal instead of int\n2. Sizes must be positive",
)
FOUND = {
    "the retries never stop once the queue is drained": "code_quality",
    "still failing": "code_quality",
    "that's wrong": "code_quality",
    "you only migrated three of the five tables": "code_completeness",
    "undo that": "approach_rejection",
    "who asked for a new dependency": "expectation_mismatch",
    "that's not what I asked for": "expectation_mismatch",
    "by 'drop' I meant the column, not the table": "communication_gap",
    "early returns please, rather than the nested ifs": "preference_conflict",
    "no, revert that": "approach_rejection",
    "no, use the existing helper": "approach_rejection",
    "not like that": "approach_rejection",
    "undo this": "approach_rejection",
    "stop": "expectation_mismatch",
    "don't touch the tests": "expectation_mismatch",
    "wrong file": "communication_gap",
    "I said tabs, not spaces": "communication_gap",
    "nope": "",
    "wrong": "",
    "nope that's not it": "",
    "the readme was fine before": "",
    "no, that's wrong: use Decimal instead of int": "code_quality",
    "No, use Decimal instead of int": "approach_rejection",
    "No. Use the helper instead.": "approach_rejection",
    "no, put it in utils.py": "preference_conflict",
    "That's wrong, sizes must be Decimal": "code_quality",
    "Wrong.\n\nThe date must be parsed as UTC.": "code_quality",
    "worng, should be utc": "code_quality",
    "no, that's not right: sizes are decimals": "code_quality",
    "you should have used Decimal": "",
    "not like that: use a context manager": "",
    "No, the left panel, not the right one": "",
    "I said Decimal, not int": "communication_gap",
}


@pytest.mark.parametrize("text", [*PUBLISHED, *OTHERS])
def test_other_messages_are_no_corrections(text: str) -> None:
    judgement = judge(text)
    assert not judgement.correction
    assert judgement.type is None


@pytest.mark.parametrize(("text", "kind"), FOUND.items())
def test_corrections_are_found(text: str, kind: str) -> None:
    judgement = judge(text)
    assert judgement.correction
    assert judgement.score >= model.load().threshold
    assert judgement.type in CorrectionType
    assert kind in ("", judgement.type)


def test_terms_are_sorted_by_weight() -> None:
    judgement = judge("you forgot the None case")
    weights = [abs(weight) for _, weight in judgement.terms]
    assert weights == sorted(weights, reverse=True)
    assert "rule you-did" in dict(judgement.terms)


def test_one_correction_in_a_long_message_is_found() -> None:
    around = "I looked at the branch. The names are fine. The layout is fine. "
    text = f"{around}You broke the login, it returns 500 now. {around}"
    assert judge(text).correction
    assert not judge(around * 2).correction


def test_pattern_is_named_if_a_rule_matches() -> None:
    assert judge("you forgot the null check, it may be None here").pattern == "nil-dereference"


def test_verdict_is_the_same_in_another_process() -> None:
    text = "the second page repeats the last row"
    code = f"from errata.messages import judge; print(judge({text!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == repr(judge(text))


def test_judge_imports_no_slow_package() -> None:
    code = (
        "import sys; from errata.messages import judge; judge('you broke it');"
        "heavy = {'detect_secrets', 'requests', 'click', 'rich', 'msgspec', 'git', 'numpy'};"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
