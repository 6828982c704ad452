"""A lesson is explained with everything that it was made of, and a correction names its lesson."""

from __future__ import annotations

import json
from typing import Any

import pytest

from errata.commands.explain_lesson import rate_lines
from errata.patterns.lesson import Rate
from record_builders import AS_OF, CORRECTIONS, implicit, shown

LOG = "debug-output-removed console.log"
EXAMPLE = shown(LOG, before=["console.log(user)"], after=["logger.debug(user)"])
RECORDS = [
    *(implicit(n, LOG, id=f"cor-{n:012}", examples=[EXAMPLE]) for n in range(1, 6)),
    *(implicit(n, f"call-added f{n}", f"call-removed g{n}") for n in range(10, 40)),
]
AT = ("--as-of", AS_OF)


@pytest.fixture
def logged(repo: Any) -> Any:
    repo.jsonl(CORRECTIONS, *RECORDS)
    return repo


@pytest.mark.usefixtures("logged")
def test_a_lesson(errata: Any) -> None:
    done = errata("explain", "no-console-log", *AT)
    assert done.returncode == 0
    assert done.stdout.split("CONFIDENCE")[0].splitlines() == [
        "PATTERN: no-console-log",
        "=" * 63,
        "",
        "LESSON:",
        "  In `src/`: do not leave `console.log` in committed code.",
        "  Debug output reaches users and logs.",
        f"  src/user.py ({'0' * 12}):",
        "  - console.log(user)",
        "  + logger.debug(user)",
        "",
        "GROUPED BY:",
        *(
            f"  {fact}"
            for fact in done.stdout.split("GROUPED BY:\n  ")[1].split("\n\n")[0].split("\n  ")
        ),
        "",
        "HOW OFTEN:",
        "  not known: `errata backfill` counts what agents committed",
        "",
    ]
    assert "  debug output removed: console.log\n" in done.stdout
    assert "  example         yes  shows a correction\n" in done.stdout
    assert done.stdout.split("MEMBERS (5):\n")[1].splitlines()[:2] == [
        f"  cor-{1:012}  2025-02-28  {'0' * 12}  Edit 1",
        f"  cor-{2:012}  2025-02-27  {'0' * 12}  Edit 2",
    ]


@pytest.mark.parametrize(
    ("base", "text"),
    [(0.0, "0%"), (0.00001, "less than 0.01%"), (0.0046, "0.46%"), (0.031, "3%")],
)
def test_a_rate(base: float, text: str) -> None:
    assert rate_lines(Rate(5, 20, 0.112, 0.469, base, "other edits of this kind")) == [
        "5 of 20 agent commits that could have called for it: 25% (95% interval 11% to 47%)",
        f"compared with {text} of other edits of this kind",
    ]


@pytest.mark.usefixtures("logged")
def test_for_programs(errata: Any) -> None:
    lesson = json.loads(errata("explain", "no-console-log", "--format", "json", *AT).stdout)[
        "lesson"
    ]
    assert lesson["example"]["before"] == ["console.log(user)"]
    assert [member["id"] for member in lesson["members"]] == [f"cor-{n:012}" for n in range(1, 6)]
    assert lesson["rate"] is None


@pytest.mark.usefixtures("logged")
def test_a_correction_names_its_lesson(errata: Any) -> None:
    done = errata("explain", f"cor-{3:012}")
    assert (
        "Lesson: no-console-log (`errata explain no-console-log`)\n"
        "  In `src/`: do not leave `console.log` in committed code.\n"
        '  It belongs there because its edit is "debug output removed: console.log".\n'
    ) in done.stdout
    assert "EDITS:\n  debug output removed: console.log\n" in done.stdout
    assert (
        "An entry for no-console-log in a runbook. It is due for api-dev; run `errata evolve`."
    ) in done.stdout
    answer = json.loads(errata("explain", f"cor-{3:012}", "--format", "json").stdout)
    assert answer["lesson"] == "no-console-log"


@pytest.mark.usefixtures("logged")
def test_patterns_and_corrections_say_the_instruction(errata: Any) -> None:
    sentence = "In `src/`: do not leave `console.log` in committed code.\n"
    for words in (("patterns",), ("patterns", "no-console-log"), ("corrections", "--analyze")):
        assert sentence in errata(*words, *AT).stdout


@pytest.mark.usefixtures("logged")
def test_the_runbook_says_the_lesson(logged: Any, errata: Any) -> None:
    assert errata("evolve", *AT).returncode == 0
    (path,) = (logged.root / ".claude/skills/runbooks").glob("*/RUNBOOK.md")
    assert (
        "- **no-console-log** (anti-pattern): In `src/`: do not leave `console.log` in committed "
        "code. Debug output reaches users and logs.\n"
        "  Before: `console.log(user)` After: `logger.debug(user)`\n"
        "  People corrected this 5 times, mostly in `src/`, since 2025-02-24, last 2025-02-28; "
    ) in path.read_text()
    before = path.read_bytes()
    assert errata("evolve", *AT).returncode == 0
    assert path.read_bytes() == before


@pytest.fixture
def complained(repo: Any) -> Any:
    example = shown("import-removed a", before=["import a"], after=[])
    reply = {"commit": "0" * 40, "files": ["src/user.py"]}
    subjects = ["lint fixes", "chore: Flake8", "fix ESLint errors", "lint fixes", "Lint"]
    complaints = (
        implicit(
            n,
            f"name-removed a{n}",
            "import-removed a",
            id=f"cor-{n:012}",
            examples=[example],
            user_correction={"summary": subject, **reply},
        )
        for n, subject in enumerate(subjects, 1)
    )
    repo.jsonl(CORRECTIONS, *complaints, *RECORDS[5:])
    return repo


@pytest.mark.usefixtures("complained")
def test_a_complaint_is_quoted_and_not_counted(errata: Any) -> None:
    shown_text = errata("explain", "run-the-linter", *AT).stdout
    assert "  Do not commit code that the linter complains about;" in shown_text
    assert "HOW OFTEN:\n  5 complaints; no rate, because any commit can lead to" in shown_text
    assert '  the same complaint in what they say: "lint", "Flake8", "ESLint"' in shown_text
    assert "complaint-" not in shown_text


@pytest.mark.usefixtures("complained")
@pytest.mark.parametrize(("number", "words"), [(1, "lint"), (2, "Flake8"), (3, "ESLint")])
def test_a_correction_quotes_its_complaint(errata: Any, number: int, words: str) -> None:
    shown_text = errata("explain", f"cor-{number:012}").stdout
    assert f'  It belongs there because it says "{words}"' in shown_text


def test_a_lesson_that_a_person_wrote(repo: Any, errata: Any) -> None:
    texts = ("--description", "Library code prints", "--instead", "Call the logger.")
    assert errata("teach", "--pattern", "use-the-logger", *texts).returncode == 0
    done = errata("explain", "use-the-logger")
    lead, _, rest = done.stdout.partition("  Written by Ann Author on ")
    assert lead.endswith("LESSON:\n  Library code prints\n  Instead: Call the logger.\n")
    assert "CONFIDENCE AND TREND: none, because nothing was seen of it" in rest
    assert "  written         yes  by Ann Author on " in rest
    assert "sources" not in rest and "first seen" not in rest
    # It replaces what errata says of a group.
    repo.jsonl(CORRECTIONS, *RECORDS)
    assert errata("teach", "--pattern", "no-console-log", *texts).returncode == 0
    for name in ("no-console-log", f"cor-{3:012}"):
        shown_text = errata("explain", name).stdout
        assert "  Instead: Call the logger.\n  Written by Ann Author on" in shown_text
        assert "do not leave" not in shown_text and "would say nothing" not in shown_text
    assert "CONFIDENCE: 0." in errata("explain", "no-console-log").stdout


@pytest.mark.usefixtures("logged")
def test_a_rejected_correction_does_not_count(errata: Any) -> None:
    assert errata("reject", f"cor-{3:012}").returncode == 0
    shown_text = errata("explain", f"cor-{3:012}").stdout
    assert "WHY IT COUNTED:" in shown_text and "WHY IT COUNTS" not in shown_text
    assert "Pattern: none, because it was rejected" in shown_text
    assert errata("patterns", "dismiss", "no-console-log").returncode == 0
    assert "  dismissed       yes  by Ann Author on " in errata("explain", "no-console-log").stdout


@pytest.mark.usefixtures("logged")
def test_a_later_entry_prevented_nothing(errata: Any) -> None:
    assert errata("evolve").returncode == 0
    for number, text in (
        (1, ": compare the Runbook trailer"),
        (3, ", but it came later, on 2025-02-28."),
    ):
        assert text in errata("explain", f"cor-{number:012}").stdout
