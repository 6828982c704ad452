"""An expression that is not tried could not have matched: a cheap "no" is never wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errata.messages import shapes
from errata.messages.shapes import Shape

MESSAGES = Path(__file__).parents[2] / "bench/messages"
SHAPES = [value for value in vars(shapes).values() if isinstance(value, Shape)]
SHAPES += [shape for shape, _ in shapes.INLINE]
AROUND = st.sampled_from(["", " ", "a", ". ", "\n", "\x00", "ı", "(", '"'])
SIGNS = st.text(st.sampled_from("aBs1\u0131 \n.,:'\"`/@#-_<>[](){}=~$\t"))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.text[:30])
def test_whatever_matches_is_tried(shape: Shape) -> None:
    made = st.builds("{}{}{}".format, AROUND, st.from_regex(shape.text), AROUND)

    @settings(max_examples=25, deadline=None)
    @given(made | SIGNS)
    def holds(text: str) -> None:
        if re.search(shape.text, text) and _used(shape, text):
            assert shape.near(text)

    holds()


def _used(shape: Shape, text: str) -> bool:
    """Whether it matches where it is looked for: some are for the beginning alone."""
    if shape in (shapes.HARNESS, shapes.LOG_LINE, shapes.CODE_LINE):
        return re.match(shape.text, text) is not None
    return True


def test_whatever_matches_in_a_labelled_message_is_tried() -> None:
    tried = total = 0
    for file in sorted(MESSAGES.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            text = json.loads(line)["text"][:1000]
            for shape in SHAPES:
                near = shape.near(text)
                tried += near
                total += 1
                if not near and re.search(shape.text, text):
                    assert not _used(shape, text)
    # Otherwise nothing is gained.
    assert tried * 5 < total
