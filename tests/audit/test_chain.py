"""The chain of acts: whatever is done to the record afterwards shows, and where."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.audit.chain import FIELDS, START, link, walk

AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
WORDS = st.text(max_size=12)
ACTS = st.lists(st.tuples(st.datetimes(timezones=st.just(UTC)), WORDS, WORDS, WORDS, WORDS, WORDS), min_size=1, max_size=12)


def chained(values: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Acts as a database holds them."""
    before, found = START, []
    for number, one in enumerate(values, 1):
        act = dict(zip(FIELDS, one, strict=True))
        before = link(before, act)
        found.append({**act, "id": number * 3, "chain": before})
    return found


@given(ACTS)
def test_an_untouched_chain_holds(values: list[tuple[Any, ...]]) -> None:
    acts = chained(values)
    verdict = walk(acts, (len(acts), acts[-1]["chain"]))
    assert verdict.broken is None and verdict.acts == len(acts) and verdict.chain == acts[-1]["chain"]


@given(ACTS, st.data())
def test_a_changed_act_is_named(values: list[tuple[Any, ...]], data: st.DataObject) -> None:
    acts = chained(values)
    n, name = data.draw(st.integers(0, len(acts) - 1)), data.draw(st.sampled_from(FIELDS))
    other = AT - timedelta(days=40_000) if name == "at" else acts[n][name] + "x"
    acts[n] = {**acts[n], name: other}
    broken = walk(acts).broken
    assert broken is not None and (broken.number, broken.act_id) == (n + 1, (n + 1) * 3)


@given(ACTS, st.data())
def test_an_act_taken_out_is_named_by_the_next_or_by_the_head(values: list[tuple[Any, ...]], data: st.DataObject) -> None:
    acts = chained(values)
    head, n = (len(acts), acts[-1]["chain"]), data.draw(st.integers(0, len(acts) - 1))
    broken = walk(acts[:n] + acts[n + 1:], head).broken
    assert broken is not None and broken.number == n + 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda acts: [acts[1], acts[0], *acts[2:]],
        lambda acts: [acts[0], acts[0], *acts[1:]],
        lambda acts: acts + [{**acts[-1], "id": 99}],
        lambda acts: [{**acts[0], "actor": acts[0]["action"], "action": acts[0]["actor"]}, *acts[1:]],
    ],
)
def test_moved_doubled_added_and_swapped_show(spoil: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
    acts = chained([(AT, "a", "b", "c", str(n), "") for n in range(4)])
    assert walk(spoil(acts), (4, acts[-1]["chain"])).broken is not None


def test_a_word_may_not_slip_into_the_next_field() -> None:
    one = {"at": AT, "actor": "ab", "action": "c", "subject": "", "detail": "", "seen": ""}
    assert link(START, one) != link(START, {**one, "actor": "a", "action": "bc"})


def test_the_same_moment_is_the_same_in_every_zone_and_as_text() -> None:
    act = {"at": AT, "actor": "a", "action": "b", "subject": "c", "detail": "d", "seen": ""}
    there = AT.astimezone(timezone(timedelta(hours=8)))
    assert link(START, act) == link(START, {**act, "at": there}) == link(START, {**act, "at": there.isoformat()})


def test_an_empty_record_is_whole() -> None:
    verdict = walk([], (0, START))
    assert verdict.as_dict() == {"ok": True, "acts": 0, "chain": START, "first_broken": None}
