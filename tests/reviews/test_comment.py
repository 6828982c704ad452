"""What a review comment says, how severe it is, and whether it is a finding."""

from __future__ import annotations

import pytest

from errata.records import field_guesses
from errata.reviews import comment

CODERABBIT = """_⚠️ Potential issue_ | _🟠 Major_ | _⚡ Quick win_

<details>
<summary>Analysis chain</summary>

**A script was run.**
</details>

**Close the file when reading fails.**

`load` opens the file and never closes it.

```diff
-open(path)
+with open(path) as file:
```

<!-- fingerprinting:phantom -->
"""
CODEX = (
    "**<sub><sub>![P1 Badge](https://img.shields.io/badge/P1-orange)</sub></sub>  Check x**\n\nY."
)
GEMINI = "![medium](https://example.org/medium-priority.svg)\n\nThe two branches are identical."
BUGBOT = "### Roll is lost\n\n<!-- **High Severity** -->\n\n<!-- DESCRIPTION START -->\nText."
SOURCERY = "**issue (bug_risk):** The lock is not released."


@pytest.mark.parametrize(
    ("body", "word", "headline"),
    [
        (CODERABBIT, "🟠 Major", "Close the file when reading fails."),
        (CODEX, "P1", "Check x"),
        (GEMINI, "medium", "The two branches are identical."),
        (BUGBOT, "High", "Roll is lost"),
        (SOURCERY, "", "The lock is not released."),
        (
            "🔴 **`wait` is missing from the table**\n\nText.",
            "🔴",
            "`wait` is missing from the table",
        ),
        ("nit: rename this", "nit", "rename this"),
        ("**nitpick (non-blocking):** rename this", "nitpick", "rename this"),
        ("[P2] Handle empty input", "P2", "Handle empty input"),
        ("**Severity:** Critical\n\nx leaks.", "Critical", "Severity: Critical"),
        ("This needs error handling", "", "This needs error handling"),
        ("> old words\n\nUse `x` instead. #Resolved", "", "Use `x` instead."),
        ("Move <b>this</b> [there](https://example.org/x).", "", "Move this there."),
        ("??\n\nThis is odd.", "", "This is odd."),
    ],
)
def test_severity_and_headline(body: str, word: str, headline: str) -> None:
    assert comment.severity(body) == word
    assert not word or field_guesses.severity(word)
    assert comment.headline(body) == headline


@pytest.mark.parametrize(
    "body",
    [
        *(CODERABBIT, CODEX, GEMINI, BUGBOT, SOURCERY),
        "```suggestion\nx = 1\n```",
        "LGTM\n```suggestion\nx = 1\n```",
        "Shouldn't this be async?",
        "Can we use the helper here?",
        "Why not reuse `load`?",
        "Is this still needed?",
        "typo",
        "Nice, but the error is lost",
        "Do we need other cases? The parser looks complicated; please add some.",
        "Use `@dataclass` here",
        "@Override is missing",
    ],
)
def test_a_finding(body: str) -> None:
    assert comment.reason_to_skip(body) == ""


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("LGTM!", "praise or agreement"),
        ("Nice catch, thanks!", "praise or agreement"),
        ("👍", "praise or agreement"),
        ("hmmm", "praise or agreement"),
        ("praise: clear names", "praise or agreement"),
        ("What's this for?", "a question"),
        ("why is `T` not used in the macro?", "a question"),
        ("question: does it return early?", "a question"),
        ("@coderabbitai review", "a command to a bot"),
        ("/retest", "a command to a bot"),
        ("Fixed in 0123abc.", "a summary or status"),
        ("**Actionable comments posted: 3**", "a summary or status"),
        ("", "without words"),
        ("> quoted", "without words"),
        ("<!-- only a marker -->", "without words"),
    ],
)
def test_not_a_finding(body: str, why: str) -> None:
    assert comment.reason_to_skip(body) == why


def test_the_heading_of_a_rule() -> None:
    assert comment.rule("## Unused import\n\nUnused import os.") == "Unused import"
    assert comment.rule("Unused import") == ""
