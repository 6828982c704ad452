"""The outcomes of the rules that people wrote for agents: how often agents broke them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from errata.lessons.agent_work import AgentWork
from errata.lessons.outcome_counts import OutcomeCounts
from errata.lessons.texts import truncate, visible
from errata.outcomes.count_outcomes import count_outcomes
from errata.outcomes.readers import Readers
from errata.outcomes.rule_trials import RuleTrials
from errata.outcomes.watched import Watched
from errata.provenance.identity import Provenance

MAX_TEXT = 300
"""Characters of a rule that are kept."""


def rule_outcomes(
    work: AgentWork,
    makers: Mapping[str, Provenance],
    trials: Iterable[RuleTrials],
    corrected: Mapping[str, int],
    window: int,
) -> dict[str, OutcomeCounts]:
    """``FILE: name`` -> counts, of the rules that agents could have broken.

    A commit shows by itself whether it broke a rule, so that the newest ones count, too.

    Args:
        work: agents' commits.
        makers: who made each, by object id.
        corrected: object id of an agent's commit -> its corrections, of whatever kind.
        window: how long people may take to correct a commit (microseconds).
    """
    watched = [_watched(each) for each in trials if each.trials]
    return count_outcomes(work, makers, watched, corrected, Readers(), window)


def _watched(each: RuleTrials) -> Watched:
    rule = each.rule
    return Watched(
        name=truncate(visible(rule.key), MAX_TEXT),
        periods=rule.periods,
        repeated={trial.commit: 1 for trial in each.trials if trial.repeated},
        chances=frozenset(trial.commit for trial in each.trials),
        source="rule",
        says=truncate(rule.text, MAX_TEXT),
        file=truncate(visible(rule.file), MAX_TEXT),
    )
