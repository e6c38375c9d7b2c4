"""Every state against every action, and the clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from dispatch.errors import Conflict, InvalidInput, Refused
from dispatch.teams.deployment import (
    ANSWERS,
    ENDED,
    MOVES,
    STATE_NAMES,
    TEAM_STATUS,
    Deployment,
    Facts,
    Hand,
    Wish,
    effect,
    find_refusal,
    may_answer,
    next_states,
)
from dispatch.teams.model import DeploymentState as S
from dispatch.teams.model import Muster
from dispatch.teams.rules import load_team_rule
from dispatch.teams.tables import STATUSES
from dispatch.teams.watch import Called, account, check_in_due, clocks, missed_check_in
from tests.builders import AT

RULE = load_team_rule()
HOUR = timedelta(hours=1)
WHOLE = Facts(mustered=8, successor=S.ON_SITE)
CHAIN = (S.ALERTED, S.MUSTERING, S.EN_ROUTE, S.ON_SITE, S.HANDOVER, S.RETURNING, S.RESTING, S.CLOSED)


def make_deployment(**changes: Any) -> Deployment:
    """A team on site for an hour, its rest over in the past where it counts."""
    base = Deployment(
        "DP-1", "RT-1", "150522", S.ON_SITE, 3, AT - 6 * HOUR, AT - 4 * HOUR, on_site_at=AT - HOUR,
        tour_ends_at=AT + timedelta(days=7), rested_at=AT - HOUR, last_check_in_at=AT - HOUR,
    )
    return replace(base, **changes)


@pytest.mark.parametrize(("source", "target", "hand"), list(product(S, S, Hand)))
def test_each_state_and_action(source: S, target: S, hand: Hand) -> None:
    refusal = find_refusal(make_deployment(state=source), Wish(target, hand, "因故"), WHOLE, AT)
    on_the_chain = (source, target) in zip(CHAIN, CHAIN[1:], strict=False)
    stands_down = target is S.STOOD_DOWN and source in CHAIN[:2]
    turns_back = (source, target) == (S.EN_ROUTE, S.RETURNING)
    desk_only = stands_down or turns_back or target in (S.HANDOVER, S.CLOSED)
    if not (on_the_chain or stands_down or turns_back):
        assert isinstance(refusal, Conflict) and refusal.remedy_zh
    elif hand is Hand.MEMBER or (hand is Hand.LEADER and desk_only):
        assert type(refusal) is Refused and "值班员" in refusal.message_zh
    else:
        assert refusal is None
    assert (target in next_states(source, hand)) == (refusal is None)


def test_every_state_has_a_name_a_team_status_and_a_way_on() -> None:
    assert set(STATE_NAMES) == set(TEAM_STATUS) == set(S)
    assert set(TEAM_STATUS.values()) <= set(STATUSES)
    assert {source for source, _ in MOVES} == set(S) - ENDED


@pytest.mark.parametrize(("source", "target", "facts", "note", "error"), [
    (S.MUSTERING, S.EN_ROUTE, Facts(mustered=0), "8 人", Refused),
    (S.MUSTERING, S.EN_ROUTE, Facts(has_roster=False), "", InvalidInput),
    (S.MUSTERING, S.EN_ROUTE, Facts(has_roster=False), "8 人，张队带队", None),
    (S.ON_SITE, S.HANDOVER, Facts(), "", InvalidInput),
    (S.ON_SITE, S.HANDOVER, Facts(), "任务完成，无人接替", None),
    (S.ON_SITE, S.HANDOVER, Facts(successor=S.ALERTED), "", None),
    (S.HANDOVER, S.RETURNING, Facts(successor=S.EN_ROUTE), "", InvalidInput),
    (S.HANDOVER, S.RETURNING, Facts(successor=S.EN_ROUTE), "伤员后送", None),
    (S.HANDOVER, S.RETURNING, Facts(successor=S.ON_SITE), "", None),
    (S.RETURNING, S.RESTING, Facts(not_back=("M-1",)), "不等了", Refused),
    (S.RETURNING, S.RESTING, Facts(not_back=("M-1", "M-2")), "M-1 在通辽市医院", Refused),
    (S.RETURNING, S.RESTING, Facts(not_back=("M-1",)), "M-12 在通辽市医院", Refused),
    (S.RETURNING, S.RESTING, Facts(not_back=("M-1", "M-2")), "M-1、M-2在通辽市医院", None),
    (S.RETURNING, S.RESTING, Facts(), "", None),
    (S.MUSTERING, S.STOOD_DOWN, Facts(), "", InvalidInput),
    (S.EN_ROUTE, S.RETURNING, Facts(), "", InvalidInput),
    (S.EN_ROUTE, S.RETURNING, Facts(successor=S.ON_SITE), "", InvalidInput),
    (S.EN_ROUTE, S.RETURNING, Facts(), "道路中断", None),
])
def test_what_a_move_needs(source: S, target: S, facts: Facts, note: str, error: type[Exception] | None) -> None:
    refusal = find_refusal(make_deployment(state=source), Wish(target, Hand.DESK, note), facts, AT)
    assert (None if refusal is None else type(refusal)) is error
    assert refusal is None or (refusal.remedy and refusal.remedy_zh != refusal.remedy)


def test_only_the_desk_vouches_for_who_is_not_back() -> None:
    wish = Wish(S.RESTING, Hand.LEADER, "M-1 在医院")
    refusal = find_refusal(make_deployment(state=S.RETURNING), wish, Facts(not_back=("M-1",)), AT)
    assert isinstance(refusal, Refused) and "M-1" in refusal.message_zh


def test_a_team_is_closed_when_it_has_rested_and_not_before() -> None:
    resting = make_deployment(state=S.RESTING, rested_at=AT)
    wish = Wish(S.CLOSED, Hand.DESK)
    assert isinstance(find_refusal(resting, wish, Facts(), AT - timedelta(seconds=1)), Refused)
    assert find_refusal(resting, wish, Facts(), AT) is None


def test_what_a_move_sets() -> None:
    assert effect(S.EN_ROUTE, AT, 7, 3) == {"last_check_in_at": AT}
    assert effect(S.ON_SITE, AT, 7, 3)["tour_ends_at"] == AT + timedelta(days=7)
    assert effect(S.RESTING, AT, 7, 3) == {"rested_at": AT + timedelta(days=3)}
    assert effect(S.HANDOVER, AT, 7, 3) == {}


@pytest.mark.parametrize(("state", "said", "answer"), list(product(S, Muster, Muster)))
def test_what_a_member_may_answer(state: S, said: Muster, answer: Muster) -> None:
    may = may_answer(state, said, answer)
    if answer is Muster.BACK:
        assert may == (said is Muster.MUSTERED and state in CHAIN[2:7])
    elif said is Muster.BACK:
        assert may == (answer is Muster.MUSTERED and state in CHAIN[2:7])
    elif said is Muster.MUSTERED:
        assert may == (answer in (Muster.COMING, Muster.DECLINED) and state in CHAIN[:2])
    else:
        assert may == (answer in ANSWERS[said] and state in CHAIN[:4])


def test_check_ins_fall_due_and_are_missed_one_after_the_other() -> None:
    silent = make_deployment(last_check_in_at=AT)
    every, grace = RULE.check_in_every_h * HOUR, RULE.overdue_after_h * HOUR
    assert check_in_due(silent, RULE) == AT + every
    assert missed_check_in(silent, AT + every + grace - timedelta(seconds=1), RULE) is None
    assert missed_check_in(silent, AT + every + grace, RULE) == AT + every
    assert missed_check_in(silent, AT + 2 * every + grace, RULE) == AT + 2 * every
    assert missed_check_in(silent, AT + 9 * every, RULE) == AT + 8 * every


@pytest.mark.parametrize("state", sorted(set(S) - {S.EN_ROUTE, S.ON_SITE, S.HANDOVER, S.RETURNING}))
def test_nobody_at_home_has_to_check_in(state: S) -> None:
    assert check_in_due(make_deployment(state=state), RULE) is None
    assert missed_check_in(make_deployment(state=state), AT + timedelta(days=9), RULE) is None


@pytest.mark.parametrize(("state", "names"), [
    (S.ALERTED, ["muster"]), (S.EN_ROUTE, ["arrival", "check_in"]), (S.HANDOVER, ["check_in", "tour"]),
    (S.RETURNING, ["check_in"]), (S.RESTING, ["rest"]), (S.CLOSED, []), (S.STOOD_DOWN, []),
])
def test_the_clocks_of_a_state(state: S, names: list[str]) -> None:
    running = clocks(make_deployment(state=state, muster_by=AT + HOUR, expected_at=AT + HOUR), AT, RULE)
    assert [c.name for c in running] == names
    assert not any(c.is_late for c in running)


def test_what_is_late_comes_first() -> None:
    running = clocks(make_deployment(last_check_in_at=AT, tour_ends_at=AT + HOUR), AT + 3 * HOUR, RULE)
    assert [(c.name, c.is_late) for c in running] == [("tour", True), ("check_in", False)]


def test_people_not_accounted_for() -> None:
    people = [
        Called("M-1", Muster.CALLED, AT - 9 * HOUR), Called("M-2", Muster.DECLINED, AT - 9 * HOUR),
        Called("M-3", Muster.MUSTERED, AT - 9 * HOUR, AT - 5 * HOUR), Called("M-4", Muster.MUSTERED, AT - 9 * HOUR, AT),
        Called("M-5", Muster.BACK, AT - 9 * HOUR), Called("M-6", Muster.MUSTERED, AT - 9 * HOUR),
    ]
    found = account(make_deployment(), people, AT, RULE)
    assert (found.unanswered, found.unheard, found.not_back) == (("M-1",), ("M-3", "M-6"), ("M-3", "M-4", "M-6"))
    waiting = account(make_deployment(state=S.MUSTERING), people, AT, RULE)
    assert waiting.unheard == waiting.not_back == ()
