"""Our commands and skills in the format of each agent tool."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from importlib import resources

from errata import rules
from errata.rules.agent_tools import with_setup

_PACKAGE = "errata.skills.shipped"
_COMMANDS = ("evolve", "patterns", "trends", "corrections")
_SKILLS = ("learning-engine", "user-corrections")
_FRONT = re.compile(r"\A---\n(.*?)\n---\n+", re.DOTALL)
_ARGUMENTS = "$ARGUMENTS"


def wanted(tools: Sequence[str]) -> dict[str, bytes]:
    """Path from the top of the repository -> content, of all files that the tools need."""
    setups = with_setup()
    texts: dict[str, bytes] = {}
    for setup in (setups[tool] for tool in tools):
        for name in _SKILLS:
            texts[f"{setup['skills']}/{name}/SKILL.md"] = _shipped(
                f"skills/{name}/SKILL.md"
            ).encode()
        if setup["commands"]:
            convert = _FORMATS[setup["commands"]["format"]]
            for name in _COMMANDS:
                path = setup["commands"]["path"].format(name=name)
                texts[path] = convert(_shipped(f"commands/{name}.md")).encode()
        texts |= {path: text.encode() for path, text in setup.get("texts", {}).items()}
    return texts


def is_shipped(data: bytes) -> bool:
    """Whether a file is as this version of errata, or an earlier one, wrote it."""
    return digest(data) in _shipped_digests()


def digest(data: bytes) -> str:
    """The digest by which a shipped text is known. A checkout may have changed its line ends."""
    return sha256(data.replace(b"\r\n", b"\n")).hexdigest()


@cache
def _shipped_digests() -> frozenset[str]:
    by_name = rules.load("shipped_texts")["digests"].values()
    return frozenset(known for digests in by_name for known in digests)


def kind(path: str) -> str:
    """``skill``, ``command`` or ``manifest``."""
    if path.endswith(".json"):
        return "manifest"
    return "skill" if path.endswith("/SKILL.md") else "command"


@cache
def _shipped(path: str) -> str:
    return resources.files(_PACKAGE).joinpath(path).read_text("utf-8")


def _toml(text: str) -> str:
    """A command for Gemini CLI, which replaces ``{{args}}`` with the arguments, not in a shell."""
    front = _FRONT.match(text)
    assert front
    about = re.search(r"^description: (.+)$", front[1], re.MULTILINE)
    assert about
    body = text[front.end() :].replace(_ARGUMENTS, "{{args}}")
    assert '"' not in about[1] and "'''" not in body
    return f"description = \"{about[1]}\"\nprompt = '''\n{body}'''\n"


def _with_args(text: str) -> str:
    """A command for Qwen Code, which replaces ``{{args}}`` as Gemini CLI does."""
    return text.replace(_ARGUMENTS, "{{args}}")


def _plain(text: str) -> str:
    """A command for Cursor, which has no fields and appends the arguments to the text."""
    front = _FRONT.match(text)
    assert front
    typed = "(what was typed after the name of the command)"
    return text[front.end() :].replace(_ARGUMENTS, typed)


# The values of ``commands.format`` in rules/agents.toml.
_FORMATS: dict[str, Callable[[str], str]] = {
    "front-matter": str,
    "front-matter-args": _with_args,
    "plain": _plain,
    "toml": _toml,
}
