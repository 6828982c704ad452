"""Does an agent run this process? The environment tells, or the caller does in ERRATA_AGENT.

A hook that runs at every commit and mostly has nothing to do imports this: keep imports few.
"""

from __future__ import annotations

import os

from errata import rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_OFF = ("0", "false", "no", "none", "off")
_NAME_LIMIT = 64
# `Feature: ` with it has 72 columns.
_FEATURE_LIMIT = 63
# `Agent-Session: ` with it has less than 100 columns, the limit of many checks of messages.
_TOKEN_LIMIT = 84
_PUNCTUATION = "._:/@+-"
# Latin letters that Unicode does not decompose.
_LATIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
)


class Agent:
    """The agent at the keyboard: its tool, its role, and its session; each may be ""."""

    __slots__ = ("role", "session", "tool")

    def __init__(self, tool: str, role: str, session: str) -> None:
        self.tool = tool
        self.role = role
        self.session = session

    @property
    def name(self) -> str:
        """What the ``Agent:`` trailer says: the role, else the tool."""
        return self.role or self.tool


def at_keyboard(env: Mapping[str, str]) -> Agent | None:
    """The agent that runs this process, or None for a person.

    ``ERRATA_AGENT`` names a role ("api-dev"), else the tool may name one; if no role can be made of
    it, the agent goes by its tool, else by :func:`fallback_name`. With 0, no, none, off or false it
    says that a person is at work, whatever else the environment holds.
    """
    if is_off(env):
        return None
    tool = _tool(env)
    name = env.get("ERRATA_AGENT", "")
    role = agent_name(name)
    if name.strip() and not role and not tool:
        role = fallback_name(name)
    if not role and not tool:
        return None
    return Agent(tool, role or agent_name(tool_variable(env, tool, "role")), _session(env, tool))


def unusable_name(env: Mapping[str, str]) -> str:
    """What ``ERRATA_AGENT`` holds if no role can be made of it; else ""."""
    name = _first_line(env.get("ERRATA_AGENT", ""))
    return "" if is_off(env) or agent_name(name) else name


def is_off(env: Mapping[str, str]) -> bool:
    """Whether ``ERRATA_AGENT`` says that a person is at work."""
    return env.get("ERRATA_AGENT", "").strip().lower() in _OFF


def _tool(env: Mapping[str, str]) -> str:
    """The tool whose variable is set, or ""."""
    for variable, expected, tool, unless in rules.load("agents")["environment"]:
        value = env.get(variable, "").lower() if not env.get(unless) else ""
        if value == expected if expected else value not in ("", *_OFF):
            return str(tool)
    return ""


def tool_variable(env: Mapping[str, str], tool: str, kind: str) -> str:
    """What the first variable of a kind ("role", "call") that a tool sets holds; else ""."""
    form = rules.load("agents")["tools"].get(tool, {})
    return next(filter(None, (env.get(name) for name in form.get(f"{kind}_variables", ()))), "")


def _session(env: Mapping[str, str], tool: str) -> str:
    tools = rules.load("agents")["tools"]
    variables = ("ERRATA_SESSION", *(tools[tool]["session_variables"] if tool else ()))
    return next((value for name in variables if (value := token(env.get(name, "")))), "")


def agent_name(text: str) -> str:
    """``text`` as an agent's name, lower-case words joined by '-'; "" if it has no such words.

    Letters lose their accents; other scripts than Latin are left out.
    """
    line = _first_line(text).lower()
    if not line.isascii():
        import unicodedata

        plain = unicodedata.normalize("NFKD", line.casefold().translate(_LATIN))
        line = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in line).split()
    return "-".join(words)[:_NAME_LIMIT].strip("-")


def fallback_name(text: str) -> str:
    """A name for an agent whose own name has no letter that a role may have; always the same."""
    import zlib

    return f"agent-{zlib.crc32(_first_line(text).encode('utf-8', 'surrogatepass')):08x}"


def token(text: str, limit: int = _TOKEN_LIMIT) -> str:
    """``text`` as one word that is safe in a trailer; "" if it has no such characters."""
    line = _first_line(text)
    word = "".join(c for c in line if c.isascii() and (c.isalnum() or c in _PUNCTUATION))
    return word.lstrip(_PUNCTUATION)[:limit]


def _first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "")


def message_file(env: Mapping[str, str]) -> list[str]:
    """The file of the commit message if pre-commit or prek runs the hook without naming it.

    They apply the ``files`` and ``exclude`` of the whole configuration to the message too, and do
    not pass it on if these do not match. Empty for a merge, whose message is in another file.
    """
    if env.get("PRE_COMMIT") != "1":
        return []
    from errata.core import git

    # Two calls: the path of a git directory may contain a newline.
    merge, message = (
        os.fsdecode(git.spawn_status("rev-parse", "--git-path", name)[1][:-1])
        for name in ("MERGE_HEAD", "COMMIT_EDITMSG")
    )
    return [message] if message and not os.path.exists(merge) else []  # noqa: PTH110


def feature(env: Mapping[str, str], branch: str) -> str:
    """The feature: ``ERRATA_FEATURE``, or ``feat-042`` in the name of the branch; else ""."""
    if configured := token(env.get("ERRATA_FEATURE", ""), _FEATURE_LIMIT):
        return configured
    import re

    match = re.search(r"(?:^|[/_-])(feat-\d{1,12})(?![a-z0-9])", branch, re.IGNORECASE)
    return match[1].lower() if match else ""
