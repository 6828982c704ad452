"""Lines of the promotion log that no errata wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from conftest import Repo
from errata.runbooks import promotion_log
from errata.runbooks.promotion_log import PromotionEvent
from record_builders import FINDINGS, NOW, PROMOTIONS, finding, lines

EVENT = PromotionEvent(NOW, "promoted", "missing-check", ("sre",), 0.8, 7, "tip").to_record()


@pytest.mark.parametrize("count", [-1, 10**30, 1_000_000_001])
def test_number_that_nothing_occurs_is_refused(count: int) -> None:
    """A bundle has numbers of 64 bits."""
    events, bad = promotion_log.parse(lines(EVENT | {"occurrences": count}, EVENT))
    assert (len(events), bad) == (1, [1])


def test_event_at_the_end_of_time_is_followed_by_others(
    repo: Repo, errata: Callable[..., Any]
) -> None:
    last = EVENT | {"date": "9999-12-31T23:59:59.999999Z", "event": "archived"}
    repo.write(FINDINGS, lines(*(finding(day, "missing-check") for day in range(8))))
    repo.write(PROMOTIONS, lines(last))
    done = errata("evolve", "--as-of", "2025-03-01")
    done = errata("evolve") if done.returncode == 2 else done
    assert done.returncode == 0 and "Traceback" not in done.stderr
    for line in (repo.root / PROMOTIONS).read_text().splitlines():
        assert json.loads(line)["date"] <= "9999-12-31T23:59:59.999999Z"
