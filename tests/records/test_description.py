"""Reading the descriptions of edits from the corrections log."""

from __future__ import annotations

import json
from typing import Any

import pytest

from errata.core.config import Alias
from errata.records.model import Kind
from errata.records.reader import DescribedCorrection, RawArea, RawExample, described_decoder
from record_builders import correction, finding

EDITS = ["argument-added open(encoding=)", "comment-removed"]
AREA = {"folders": ["src"], "languages": ["python"], "tests": False, "symbols": ["load"]}
EXAMPLE = {"edits": EDITS[:1], "file": "a.py", "before": ["open(p)"], "after": ["open(p, e)"]}


def described(**more: Any) -> bytes:
    fields = {"edits": EDITS, "area": AREA, "examples": [EXAMPLE]}
    return json.dumps(correction(1, **{**fields, **more})).encode()


@pytest.mark.parametrize("alias", [None, Alias({}, {})])
@pytest.mark.parametrize("date", [{}, {"timestamp": "2025-01-15"}])
def test_a_description_is_read(alias: Alias | None, date: dict[str, str]) -> None:
    raw = described_decoder(Kind.CORRECTION, alias)(described(**date))
    assert isinstance(raw, DescribedCorrection)
    assert raw.edits == tuple(EDITS)
    assert raw.area == RawArea(("src",), ("python",), False, ("load",))
    assert raw.examples == (RawExample(tuple(EDITS[:1]), "a.py", ("open(p)",), ("open(p, e)",)),)
    assert raw.record().agent == "api-dev"


def test_parts_of_a_description_may_be_missing() -> None:
    raw = described_decoder(Kind.CORRECTION)(described(edits=[], area=None, examples=None))
    assert isinstance(raw, DescribedCorrection)
    assert (raw.edits, raw.area, raw.examples) == ((), None, None)


@pytest.mark.parametrize("fields", [{"edits": "x"}, {"area": 7}, {"examples": [{"before": 1}]}])
def test_a_malformed_description_is_left_out(fields: dict[str, Any]) -> None:
    raw = described_decoder(Kind.CORRECTION)(described(**fields))
    assert not isinstance(raw, DescribedCorrection)
    assert raw.record().agent == "api-dev"


def test_other_records_are_read_as_always() -> None:
    line = json.dumps(finding(1)).encode()
    assert described_decoder(Kind.FINDING)(line).record().file == "pkg/apis/types.go"
    line = json.dumps(correction(1)).encode()
    assert not isinstance(described_decoder(Kind.CORRECTION)(line), DescribedCorrection)
