"""Output of git and text of people: messages, trailers, histories, diffs, blame; and lexers."""

from __future__ import annotations

import io
from collections.abc import Iterable

from qa.fuzz.target import Target, chosen

from errata.core.errors import GitError
from errata.corrections.attribution.blame import parse_spans
from errata.corrections.attribution.diff import Hunk
from errata.corrections.attribution.git_log import parse_log
from errata.corrections.attribution.patch import parse_patch
from errata.corrections.classify import evidence, substance, token_diff
from errata.corrections.classify.evidence import Facts
from errata.corrections.classify.token_diff import Difference
from errata.provenance import trailers
from errata.provenance.agent_trace import AgentTraces
from errata.provenance.commits import parse_commits
from errata.provenance.git_ai_note import parse_note
from errata.provenance.identity import CommitIdent, classify
from errata.provenance.rules import load_rules
from errata.provenance.trailers import Settings
from errata.records.pattern_names import name_of

_SETTINGS = tuple(
    Settings(cleanup, comment, "", editor)
    for cleanup in ("default", "strip", "whitespace", "verbatim", "scissors")
    for comment in ("#", ";", "auto", "//")
    for editor in (True, False)
)
_RULES = load_rules()
_MESSAGE = b"""fix: check the widget

  Co-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>
* Agent: api-dev
Agent-Session: 0123-abc
Feature: feat-042
Assisted-by: claude-code:opus-4
Made-with: Cursor
\xf0\x9f\xa4\x96 Generated with [Claude Code](https://claude.ai/code)
"""
_KEYS = (
    *(b"Co-authored-by: ", b"Agent: ", b"Agent-Session: ", b"Feature: ", b"Assisted-by: "),
    *(b"Generated-by: ", b"Claude-Session: ", b"Amp-Thread-ID: ", b"Runbook: ", b"Corrects: "),
    *(
        b"Cursor <cursoragent@cursor.com>",
        b" (aider)",
        b"noreply@anthropic.com",
        b"\\n",
        b"<",
        b">",
    ),
    *(b"# ", b";", b"# ------------------------ >8 ------------------------\n", b"\n\n", b"via"),
    *(b"Signed-off-by: ", b"claude code", b"gpt-5", b"[bot]", b" @", b"\t", b"- ", b"fixup! "),
)
_ZEROS = b"0" * 40
_SHA = b"0123456789abcdef0123456789abcdef01234567"
_DIFF = b"""diff --git a/a.py b/a.py
index %s..%s 100644
--- a/a.py
+++ b/a.py
@@ -1,2 +1,3 @@ def
-x
-y
+x = 1
+y
+z
\\ No newline at end of file
diff --git a/old name b/new name
similarity index 90%%
rename from old name
rename to new name
@@ -0,0 +1 @@
+a
diff --git "a/t\\303\\244b\\t" "b/t\\303\\244b\\t"
new file mode 100755
index %s..%s
--- /dev/null
+++ "b/t\\303\\244b\\t"
@@ -0,0 +1 @@
+n
""" % (_SHA, _ZEROS, _ZEROS, _SHA)
# With the prefixes of errata.corrections.attribution.patch.
_PATCH = _DIFF.replace(b"a/", b"a://").replace(b"b/", b"b://")
_COMBINED = b"""::100644 100644 100644 %s %s %s MM\ta.py\ta.py\ta.py
::100644 000000 000000 %s %s %s DA\tb\tb\tb

diff --combined a.py
index %s,%s..%s
--- a/a.py
+++ b/a.py
@@@ -1,2 -1,2 +1,3 @@@
- a
 -b
++c
  d
""" % ((_SHA,) * 9)
_HEAD = b"\0".join(
    (_SHA, _ZEROS, b"1736951400", b"1736951400", b"Ann", b"a@x.test", b"Ann", b"a@x.test")
)
_DIFF_WORDS = (
    *(
        b"diff --git a/",
        b"diff --combined ",
        b"@@ -1 +1 @@\n",
        b"@@ -0,0 +1,2 @@\n",
        b"@@@ -1 -1 +1",
    ),
    *(
        b"--- ",
        b"+++ ",
        b"/dev/null",
        b"rename from ",
        b"rename to ",
        b"copy from ",
        b"::",
        b"Binary",
    ),
    *(
        b"new file mode ",
        b"deleted file mode ",
        b"index ",
        b"\\ No newline",
        b"\x01",
        b"\0",
        b'"a/',
    ),
    *(
        b"\\303",
        b"\\777",
        b"\\n",
        b"100644",
        b"160000",
        _SHA,
        b"-",
        b"+",
        b"\n",
        b"\t",
        b",18446744073709551616",
    ),
)
_ENDINGS = (
    *(".py", ".js", ".go", ".c", ".html", ".yaml", ".sh", ".sql", ".rb", ".toml", ".md", ".x"),
    *(".json", ".tsx", ".rs", ".css", ".java", ".kt", ".swift", ".cs", ".lua", ".php", ".scala"),
)
_CODE_WORDS = (
    *(b'"""', b"'", b"`", b"/*", b"*/", b"//", b"${", b"{{", b"(", b")", b"[", b"]", b",", b";"),
    *(
        b"\n",
        b"\n    ",
        b"- ",
        b"* ",
        b"# ",
        b"import a",
        b"f'{a}'",
        b"<a b='c'>",
        b"</a>",
        b": |\n",
    ),
)
_BLAME = b"%s 1 1 2\nauthor Ann\nsummary x\nboundary\nfilename a\n%s 3 3 1\nfilename a\n" % (
    _SHA,
    _SHA,
)


def _trailers(data: bytes) -> None:
    """The parts of a message file, byte for byte, and the keys of its trailers."""
    (settings,), raw = chosen(data, _SETTINGS)
    assert isinstance(settings, Settings)
    message = trailers.split(raw, settings)
    assert message.text + message.rest == raw
    again = trailers.split(message.text, settings)
    if settings.comment != "auto":
        assert again.text == message.text
    trailers.is_blank(message, settings)
    trailers.keys_in(message.text)


def _provenance(data: bytes) -> None:
    """A commit: four lines of names and addresses, then the message."""
    name, email, by, by_email, message = (data.decode("utf-8", "replace") + "\n\n\n\n").split(
        "\n", 4
    )
    identity = classify(CommitIdent(name, email, by, by_email, message), _RULES)
    assert identity.kind in ("agent", "person", "bot", "unknown")
    assert len(identity.role) <= 64
    assert not any("\n" in line for line in (identity.role, identity.session, identity.feature))


def _history(data: bytes) -> None:
    """``git log`` in both formats."""
    for read in (parse_commits, lambda out: list(parse_log(io.BytesIO(out)))):
        try:
            read(data)
        except GitError:
            continue


def _diff(data: bytes) -> None:
    in_a_log = io.BytesIO(b"\x01" + _HEAD + b"\0\0\n" + data)
    for read in (
        lambda: parse_patch(data),
        lambda: [file for diff in parse_log(in_a_log) for file in diff.files],
    ):
        try:
            files = read()
        except GitError:
            continue
        for file in files:
            assert len(file.old_paths) >= 1
            assert all(hunk.start >= 0 for hunk in file.hunks)


def _blame(data: bytes) -> None:
    try:
        parse_spans(data)
    except GitError:
        return


def _tokens(data: bytes) -> None:
    """Two versions of a few lines, in any language."""
    (ending,), rest = chosen(data, _ENDINGS)
    old, _, new = rest.partition(b"\0")
    before, after = old.split(b"\n"), new.split(b"\n")
    token_diff.compare(f"a{ending}", before, after)
    name = f"a{ending}".encode()
    assert substance.is_cosmetic(name, old, old)
    cosmetic = substance.is_cosmetic(name, old, new)
    assert cosmetic is substance.is_cosmetic(name, new, old)
    substance.cosmetic_hunks(name, old, [Hunk(0, before, after)])


def _substance(data: bytes) -> None:
    """Two versions of a file, in any language."""
    (ending,), rest = chosen(data, _ENDINGS)
    old, _, new = rest.partition(b"\0")
    path = f"a{ending}".encode()
    hunks = [Hunk(0, old.split(b"\n"), new.split(b"\n"))]
    assert substance.is_cosmetic(path, old, old)
    assert substance.is_cosmetic(path, old, new) == substance.is_cosmetic(path, new, old)
    assert len(substance.classify_hunks(path, old, hunks)) == 1


def _evidence(data: bytes) -> None:
    """The evidence of a message, and the pattern that its words name."""
    text = data.decode("utf-8", "replace")
    facts = Facts(3, 2, 0, 0, 5, 1, 9, 2.0, False, {Difference.LOGIC: 3})
    evidence.score_evidence(text, facts)
    name_of(text)


def _messages() -> Iterable[bytes]:
    for at, name in enumerate((b"Ann", b"Claude", b"dependabot[bot]", b"Ann (aider)")):
        who = b"\n".join((name, b"a@x.test", b"GitHub", b"noreply@github.com"))
        yield who + b"\n" + (_MESSAGE if at % 2 == 0 else b"fix\n")
    for line in _MESSAGE.splitlines():
        yield b"Ann\na@x.test\nAnn\na@x.test\nfix\n\n" + line + b"\n"


def _message_files() -> Iterable[bytes]:
    hints = b"\n# Please enter\n# ------------------------ >8 ------------------------\ndiff\n"
    for at in range(0, len(_SETTINGS), 5):
        yield bytes([at]) + _MESSAGE[:120] + hints
    yield b"\0Signed-off-by: Ann <a@x.test>\r\n\r\n"


def _histories() -> Iterable[bytes]:
    for body in (_DIFF, _COMBINED, b""):
        yield b"\x01" + _HEAD + b"\0fix\n\nmore\n\0\n\n" + body + b"\x01" + _HEAD + b"\0second\0\n"
    yield _HEAD.replace(b"\0", b"\n") + b"\nfix\n\nmore\n\0" + _HEAD.replace(b"\0", b"\n") + b"\n\0"


def _sources() -> Iterable[bytes]:
    samples = (b"def f(x):\n    return 'a'  # b", b"if (a) { b(`c${d}`); } /* e */", b"a: [1, 'b']")
    for at in range(12):
        yield bytes([at]) + samples[at % 3] + b"\0" + samples[at % 3].replace(b"a", b"q")


def _subjects() -> Iterable[bytes]:
    yield b"fix: forgot the error handling"
    yield b'Revert "feat: widgets"\n\nThis reverts commit 0123456.'
    yield b"The hardcoded value is not validated, so that the tenant of another leaks"


_NOTE = b"""src/main.rs
  s_c9883b05a2487d::t_9f8e7d6c5b4a32 1-10,15-20
  h_31dce776f88375 42-50
"src/my file.rs"
  abcd1234abcd1234 3
---
{"schema_version": "authorship/3.0.0", "humans": {},
 "prompts": {"abcd1234abcd1234": {"agent_id": {"tool": "cursor"}}},
 "sessions": {"s_c9883b05a2487d": {"agent_id": {"tool": "claude", "id": "x", "model": "m"}}}}
"""
_TRACE = (
    b'{"version": "0.1.0", "vcs": {"type": "git", "revision": "0123"}, "tool": {"name": "cursor"},'
    b' "files": [{"path": "a.py", "conversations": [{"contributor": {"type": "ai"},'
    b' "ranges": [{"start_line": 1, "end_line": 5}]}]}]}'
)


def _note(text: bytes) -> None:
    record = parse_note(text)
    spans = [span for spans in record.files.values() for span in spans] if record else []
    assert all(0 < span.start <= span.stop for span in spans)


def _trace(text: bytes) -> None:
    record = AgentTraces.parse(text).of_commit("0123", ())
    spans = [span for spans in record.files.values() for span in spans] if record else []
    assert all(0 < span.start <= span.stop for span in spans)


TARGETS = (
    Target("note", _note, lambda: [_NOTE], (b"---\n", b"  ", b"::", b"-", b",", b'"', b"{}")),
    Target(
        "trace",
        _trace,
        lambda: [_TRACE],
        (b'"ranges"', b"[]", b"{}", b"null", b"-1", b"1e999", b"\n"),
    ),
    Target("trailers", _trailers, _message_files, _KEYS),
    Target("provenance", _provenance, _messages, _KEYS),
    Target("history", _history, _histories, _DIFF_WORDS, limit=900),
    Target("diff", _diff, lambda: [_DIFF, _PATCH, _COMBINED], _DIFF_WORDS, limit=700),
    Target("blame", _blame, lambda: [_BLAME], (_SHA, b"boundary", b"\n", b" ", b"1 1 2")),
    Target(
        "tokens", _tokens, _sources, (b'"""', b"'", b"`", b"/*", b"*/", b"//", b"${", b"{{"), 40
    ),
    Target("substance", _substance, _sources, _CODE_WORDS, 80),
    Target("evidence", _evidence, _subjects, (b"fix", b"revert", b"oops", b"error handling", b" ")),
)
