"""The walk through a review: what follows from each typed line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errata.curation.walk import Decide, Effect, Item, Say, Show, TakeBack, Walk, answer, refused
from errata.records.curation_log import Author, Decision

NAMED = Item(
    "cor-1",
    yes={"action": "teach", "pattern": "no-print", "corrections": ["cor-1"]},
    no={"action": "reject", "corrections": ["cor-1"]},
    wrong_pattern={"action": "reject", "corrections": ["cor-1"], "pattern": "no-print"},
    corrections=("cor-1",),
)
UNNAMED = Item(
    "cor-2",
    {"action": "accept", "corrections": ["cor-2"]},
    {"action": "reject", "corrections": ["cor-2"]},
    corrections=("cor-2",),
)
PROPOSAL = Item("cur-3", {"action": "confirm", "of": "cur-3"}, {"action": "undo", "of": "cur-3"})
ITEMS = (NAMED, UNNAMED, PROPOSAL)
DESCRIBED = frozenset({"no-dump", "q", "x"})


def walked(*lines: str, at: int = 0) -> tuple[Walk, list[Effect]]:
    """The state after some lines, and the effects of all of them."""
    walk, effects = Walk(ITEMS, at, described=DESCRIBED), []
    for line in lines:
        walk, effect = answer(walk, line)
        effects.append(effect)
    return walk, effects


@pytest.mark.parametrize(
    ("at", "line", "content"),
    [
        (0, "y", NAMED.yes),
        (0, " YES ", NAMED.yes),
        (0, "n", NAMED.no),
        (0, "n only a  typo", {**NAMED.no, "why": "only a  typo"}),
        (0, "w", NAMED.wrong_pattern),
        (0, "wrong it prints on purpose", {**NAMED.wrong_pattern, "why": "it prints on purpose"}),
        (0, "name no-dump", {"action": "teach", "pattern": "no-dump", "corrections": ["cor-1"]}),
        (1, "y", UNNAMED.yes),
        (1, "n", UNNAMED.no),
        (1, "a no-dump", {"action": "teach", "pattern": "no-dump", "corrections": ["cor-2"]}),
        (2, "y", PROPOSAL.yes),
        (2, "no wrong", {**PROPOSAL.no, "why": "wrong"}),
    ],
)
def test_what_is_decided(at: int, line: str, content: object) -> None:
    walk, (effect,) = walked(line, at=at)
    assert effect == Decide(content)
    assert walk.at == at + 1


@pytest.mark.parametrize(
    ("at", "line", "after"),
    [
        (0, "s", 1),
        (0, "skip", 1),
        (0, "", 0),
        (0, "?", 0),
        (0, "yn", 0),
        (0, "d", 0),
        (0, "u", 0),
        (1, "w", 1),
        (2, "name no-dump", 2),
        (2, "name", 2),
    ],
)
def test_nothing_is_decided(at: int, line: str, after: int) -> None:
    walk, (effect,) = walked(line, at=at)
    assert not isinstance(effect, Decide | TakeBack)
    assert walk.at == after


def test_name_on_a_line_of_its_own() -> None:
    walk, effects = walked("name", "no-dump")
    decided = {"action": "teach", "pattern": "no-dump", "corrections": ["cor-1"]}
    assert effects == [None, Decide(decided)]
    assert (walk.at, walk.naming) == (1, False)


def test_empty_name_names_nothing() -> None:
    walk, effects = walked("name", "  ")
    assert effects == [None, Say("Not named.")]
    assert (walk.at, walk.naming) == (0, False)


def test_new_name_asks_what_to_do_instead() -> None:
    walk, effects = walked("name use the logger", " Call log.info.  ")
    content = {"action": "teach", "pattern": "use the logger", "corrections": ["cor-1"]}
    assert effects == [None, Decide({**content, "instead": "Call log.info."})]
    assert (walk.at, walk.named) == (1, "")


def test_what_to_do_instead_is_asked_once_and_again_after_an_undo() -> None:
    lines = ("name use-the-logger", "Call log.info.")
    walk, effects = walked(*lines, "name Use_the logger")
    content = {"action": "teach", "pattern": "Use_the logger", "corrections": ["cor-2"]}
    assert effects[-1] == Decide(content)
    walk, effects = walked(*lines, "u", "name use-the-logger")
    assert effects[-1] is None
    assert (walk.at, walk.named) == (0, "use-the-logger")


@pytest.mark.parametrize(
    ("text", "typed", "is_asked"),
    [
        ({"instead": "Call log.info."}, ("y",), False),
        ({"description": "Library code prints."}, ("y",), False),
        ({}, ("y",), True),
        ({"instead": "Call log.info."}, ("n",), True),
        ({"instead": "Call log.info."}, ("s",), True),
        ({"instead": "Call log.info."}, ("y", "u", "s"), True),
    ],
)
def test_what_a_confirmed_proposal_says_is_not_asked_again(
    text: dict[str, str], typed: tuple[str, ...], is_asked: bool
) -> None:
    proposal = Decision(
        id="cur-3",
        timestamp="2026-03-01T00:00:00Z",
        by=Author(kind="agent", name="reviewer"),
        action="teach",
        pattern="use-the-logger",
        corrections=("cor-1",),
        **text,
    )
    walk = Walk((replace(PROPOSAL, proposal=proposal), UNNAMED))
    for line in (*typed, "name use-the-logger"):
        walk, effect = answer(walk, line)
    assert (effect is None, walk.named) == (is_asked, "use-the-logger" if is_asked else "")


def test_what_to_do_instead_can_be_left_out() -> None:
    for lines in (("name new", ""), ("name", "new", "  ")):
        walk, effects = walked(*lines)
        content = {"action": "teach", "pattern": "new", "corrections": ["cor-1"]}
        assert effects[-1] == Decide(content)
        assert walk.at == 1


def test_refused_name_is_asked_for_anew() -> None:
    walk, _ = walked("name no-prints", "Call log.info.")
    before, _ = walked("name no-prints")
    assert refused(before) == Walk(ITEMS, described=DESCRIBED)
    assert walk.at == 1


def test_what_is_no_name_is_refused_before_more_is_asked() -> None:
    content = {"action": "teach", "pattern": "no-print!", "corrections": ["cor-1"]}
    for lines in (("name no-print!",), ("name", "no-print!")):
        assert walked(*lines)[1][-1] == Decide(content)


def test_name_like_an_answer_is_a_name() -> None:
    _, effects = walked("name", "q")
    assert effects[1] == Decide({"action": "teach", "pattern": "q", "corrections": ["cor-1"]})


def test_undo_goes_back_and_takes_back_only_what_was_decided() -> None:
    walk, effects = walked("y", "s", "u", "u", "u")
    assert [type(effect) for effect in effects] == [Decide, type(None), type(None), TakeBack, Say]
    assert (walk.at, walk.past) == (0, ())


def test_end_and_quit() -> None:
    assert walked("s", "s", "s")[0].item is None
    walk, _ = walked("q")
    assert walk.item is None
    assert walk.past == ()


def test_undo_works_behind_the_last_item() -> None:
    walk, effects = walked("s", "s", "n", "u")
    assert effects[-1] == TakeBack()
    assert walk.item == PROPOSAL


def test_difference_on_demand() -> None:
    assert walked("d")[1] == [Show()]


LINES = st.sampled_from(
    ["y", "n", "n why", "w", "name x", "name new", "name", "d", "s", "u", "q", "?", ""]
)


@given(st.lists(LINES, max_size=30))
def test_law_what_is_written_is_what_is_past(lines: list[str]) -> None:
    """Decisions minus those taken back are the decided ones of the past, whatever is typed."""
    walk, effects = walked(*lines)
    written = sum(isinstance(e, Decide) for e in effects)
    taken_back = sum(isinstance(e, TakeBack) for e in effects)
    assert written - taken_back == sum(item.decided for item in walk.past)
    assert [item.at for item in walk.past] == list(range(walk.at))


@given(st.lists(LINES, max_size=12))
def test_law_undo_restores_every_state(lines: list[str]) -> None:
    walk, _ = walked(*lines)
    if walk.item and not (walk.naming or walk.named):
        for line in ("y", "n", "s", "name x"):
            after, _ = answer(walk, line)
            if after.at > walk.at:
                assert answer(after, "u")[0] == walk
