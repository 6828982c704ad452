"""A history with planted mistakes: an agent makes some again and again, and people correct most.

Each mistake has a look-alike that is not a mistake, which a rule may take for one; so the precision
of rules is known without a reader.
"""

from __future__ import annotations

import random
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

AGENT = "Claude <noreply@anthropic.com>"
PERSON = "Ann Author <ann@example.org>"
_START = 1_736_942_400
_STEP = 5_000


@dataclass(frozen=True, slots=True)
class Mistake:
    """What an agent writes, what a person makes of it, and code that only looks like it."""

    name: str
    ending: str
    wrong: str
    right: str
    look_alike: str = ""

    def shows(self, line: str) -> bool:
        """Whether a line is one of those that the agent writes wrongly, whatever its names."""
        pattern = re.escape(self.wrong.format(v="@@")).replace("@@", r"v\d+_\d+")
        return any(
            re.fullmatch(part, line.strip()) for part in map(str.strip, pattern.split("\\\n"))
        )


MISTAKES = (
    Mistake("console.log", "ts", "console.log({v});", "", "logger.log({v});"),
    Mistake(
        "encoding",
        "py",
        "{v} = open(path_{v})",
        '{v} = open(path_{v}, encoding="utf-8")',
        '{v} = open(path_{v}, "rb")',
    ),
    Mistake(
        "except",
        "py",
        "try:\n    load({v})\nexcept Exception:\n    stop({v})",
        "try:\n    load({v})\nexcept ValueError:\n    stop({v})",
        "try:\n    main({v})\nexcept KeyError as error:\n    raise Exception({v}) from error",
    ),
    Mistake(
        "os.path.join",
        "py",
        "{v} = os.path.join(root, name)",
        "{v} = Path(root, name)",
        "{v} = ', '.join(names)",
    ),
    Mistake(
        "any",
        "ts",
        "export const {v}: any = read();",
        "export const {v}: unknown = read();",
        "export const {v}: Row[] = rows.any(read);",
    ),
    Mistake(
        "type-ignore",
        "py",
        "{v} = call({v}0)  # type: ignore",
        "{v} = call({v}0)",
        '{v} = "type: ignore"',
    ),
    Mistake(
        "todo", "ts", "// TODO: handle {v}\nhandle({v});", "handle({v});", 'const {v} = "TODO";'
    ),
    Mistake(
        "signal",
        "ts",
        'await fetch(url_{v}, {{ method: "GET" }});',
        'await fetch(url_{v}, {{ method: "GET", signal }});',
        "await fetch(url_{v}, {{ ...options }});",
    ),
    Mistake(
        "lodash",
        "ts",
        'import {{ {v} }} from "lodash";',
        'import {{ {v} }} from "lodash-es";',
        'import {{ {v} }} from "lodash/fp";',
    ),
    Mistake(
        "assertTrue",
        "py",
        "self.assertTrue({v} == 1)",
        "self.assertEqual({v}, 1)",
        "self.assertFalse({v} == 1)",
    ),
    Mistake("print", "py", 'print("debug", {v})', "", "print({v}, file=sys.stderr)"),
    Mistake("emoji", "md", "## \U0001f680 Start {v}", "## Start {v}", "## Start → {v}"),
    # A machine cannot tell these by what is written.
    Mistake(
        "guard",
        "py",
        "def f_{v}(a):\n    return a.b_{v}",
        "def f_{v}(a):\n    if a is None:\n        return None\n    return a.b_{v}",
    ),
    Mistake(
        "message",
        "py",
        'raise ValueError("bad {v}")',
        'raise ValueError("{v} must be positive")',
        'raise ValueError("{v} must be even")',
    ),
)
_PLAIN = {
    "py": (
        "def g_{v}(a, b):\n    return a + b",
        "{v} = [x for x in rows if x]",
        "class C{v}:\n    size = 3",
    ),
    "ts": (
        "export const g{v} = (a: number) => a + 1;",
        "const {v} = new Map<string, number>();",
        "if (rows.length) {{\n  send{v}(rows);\n}}",
    ),
    "md": ("Text about {v}.", "- {v}", "### Part {v}"),
}


def build(
    root: Path, commits: int, seed: int, corrected: float = 0.8
) -> dict[tuple[str, str], set[str]]:
    """Write a history of so many commits of an agent.

    Args:
        corrected: the share of mistakes that a person corrects.

    Returns:
        (subject of the agent's commit, path) -> the mistakes that it made there.
    """
    choose = random.Random(seed)
    stream: list[bytes] = []
    planted: dict[tuple[str, str], set[str]] = {}
    now = _START
    for number in range(commits):
        now += _STEP
        ending = choose.choice(("py", "ts", "py", "ts", "md"))
        path = f"src/part{number % 5}/m{number}.{ending}"
        before: list[str] = []
        after: list[str] = []
        made: set[str] = set()
        for part in range(choose.randint(3, 6)):
            value = f"v{number}_{part}"
            mistake = choose.choice([m for m in MISTAKES if m.ending == ending])
            kind = choose.random()
            if kind < 0.35:
                before.append(mistake.wrong.format(v=value))
                made.add(mistake.name)
                fixed = choose.random() < corrected
                after.append((mistake.right if fixed else mistake.wrong).format(v=value))
            elif kind < 0.55 and mistake.look_alike:
                before.append(mistake.look_alike.format(v=value))
                after.append(before[-1])
            else:
                before.append(choose.choice(_PLAIN[ending]).format(v=value))
                after.append(before[-1])
        subject = f"feat: add m{number}"
        planted[subject, path] = made
        stream.append(_commit(AGENT, now, subject, path, before))
        if before != after:
            now += _STEP
            lines = [line for line in after if line]
            stream.append(_commit(PERSON, now, f"fix: repair m{number}", path, lines))
    root.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
    subprocess.run(["git", "fast-import", "--quiet"], cwd=root, input=b"".join(stream), check=True)
    subprocess.run(["git", "reset", "-q", "--hard", "main"], cwd=root, check=True)
    return planted


def _commit(author: str, when: int, subject: str, path: str, blocks: list[str]) -> bytes:
    text = "".join(f"{block}\n" for block in blocks).encode()
    head = (
        f"commit refs/heads/main\nauthor {author} {when} +0000\ncommitter {author} {when} +0000\n"
    )
    message = f"{subject}\n".encode()
    return b"".join(
        (
            head.encode(),
            b"data %d\n" % len(message) + message,
            f"M 100644 inline {path}\n".encode(),
            b"data %d\n" % len(text) + text + b"\n",
        )
    )
