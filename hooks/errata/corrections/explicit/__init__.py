"""Corrections in words: is what a person typed to an agent a correction, of what type, and why."""

from errata.corrections.explicit.judge import Judgement, judge
from errata.corrections.explicit.stored import record

__all__ = ["Judgement", "judge", "record"]
