"""Corrections in words: whether a message to an agent is a correction, of which type, and why."""

from errata.messages.judge import Judgement, judge
from errata.messages.to_record import record

__all__ = ["Judgement", "judge", "record"]
