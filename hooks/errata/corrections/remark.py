"""A correction that a person writes into the code, as a comment for the agent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from errata.core.config import Explicit
from errata.records.model import CorrectionType


@dataclass(frozen=True, slots=True)
class Remark:
    """Words of a person that correct an agent.

    Attributes:
        text: the comments without their delimiters.
        type: the type of the correction.
        pattern: the pattern that the words name, or "".
        confidence, severity: high, medium or low.
        score: the probability that the words correct the agent, 0 to 1.
        terms: the terms that speak for it or against it, with their weights.
    """

    text: str
    type: CorrectionType
    pattern: str
    confidence: str
    severity: str
    score: float
    terms: tuple[tuple[str, float], ...]
    settings: Explicit

    @classmethod
    def of(cls, text: str, settings: Explicit) -> Remark | None:
        """The words of a comment; None if they correct nothing, or must not be recorded."""
        if not settings.enabled:
            return None
        from errata import messages
        from errata.corrections.classify.instruction_comments import without_address

        judgement = messages.judge(without_address(text))
        if not judgement.correction:
            return None
        return cls(
            text,
            judgement.type or CorrectionType.CODE_QUALITY,
            judgement.pattern,
            judgement.confidence,
            judgement.severity,
            judgement.score,
            judgement.terms,
            settings,
        )

    def to_fields(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of the record of its commit that are different for words."""
        from errata.messages import to_record

        words = to_record.user_correction(self.type.value, self.text, self.settings)
        return {
            "source": "explicit",
            "user_correction": {**record["user_correction"], **words},
            "severity": self.severity,
            "evidence": to_record.evidence(self.terms, self.settings),
            "score": round(self.score, 3),
            **({"pattern_confidence": self.confidence} if self.pattern else {}),
        }
