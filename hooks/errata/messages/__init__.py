"""Corrections in words: is what a person typed to an agent a correction, of what type, and why."""

from errata.messages.judge import Judgement, judge
from errata.messages.to_record import record

__all__ = ["Judgement", "judge", "record"]
