"""The transcript that a tool keeps of a session: reads the end of the agent's last turn."""

from errata.agenthooks.transcripts.last_turn import last_turn, parse

__all__ = ["last_turn", "parse"]
