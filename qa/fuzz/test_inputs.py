"""Mutated seeds and random input for every parser: only documented exceptions are raised."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from qa.fuzz import registry
from qa.fuzz.child import mutants
from qa.fuzz.guard import Guard
from qa.fuzz.mutation import NASTY

_EXAMPLES = {"yaml": 10, "yaml-edit": 4, "toml-edit": 6, "propose": 6, "redact": 15}
_NONSENSE = st.one_of(
    st.binary(max_size=80),
    st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(st.sampled_from(NASTY), max_size=8).map(b"".join),
)


@pytest.mark.parametrize("name", registry.NAMES)
def test_parser_survives_mutations(name: str) -> None:
    target = registry.load(name)

    @settings(
        max_examples=_EXAMPLES.get(name, 30),
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.integers(0, 2**32), _NONSENSE)
    def holds(seed: int, nonsense: bytes) -> None:
        changed = mutants(target, random.Random(seed))
        for data in (next(changed), next(changed), nonsense[: target.limit]):
            finding = guard.check(data)
            assert finding is None, finding.detail

    with Guard(target.run) as guard:
        holds()
