"""The end of an agent's turn: what it said and did before a person's prompt."""

from __future__ import annotations

from typing import NamedTuple


class Call(NamedTuple):
    """A call of a tool.

    Attributes:
        name: the tool's name.
        file: the file that it reads or writes, or "".
    """

    name: str
    file: str = ""


class Turn(NamedTuple):
    """The end of an agent's turn.

    Attributes:
        text: the agent's last text; "" if it said nothing.
        spoke_last: no tool was called after that text.
        calls: its last tool calls, the last one first.
        rejected: the person rejected a tool call.
        interrupted: the person interrupted the turn.
        failed: a tool call failed.
        objections: what the person typed while rejecting tool calls, the last one first.
    """

    text: str = ""
    spoke_last: bool = False
    calls: tuple[Call, ...] = ()
    rejected: bool = False
    interrupted: bool = False
    failed: bool = False
    objections: tuple[str, ...] = ()
