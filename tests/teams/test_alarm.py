"""A team not heard of: one alarm and one notice for each check-in missed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from dispatch.db import reading, run_in_transaction
from dispatch.errors import Conflict
from dispatch.flow.model import Way
from dispatch.flow.work import make_round
from dispatch.teams.alarm import close_all_rested, raise_overdue
from dispatch.teams.deployment import Hand
from dispatch.teams.model import Muster
from dispatch.teams.operations import Who
from dispatch.teams.rules import load_team_rule
from tests.conftest import settings_of
from tests.teams.conftest import HOUR, NOW, Desk, S

RULE = load_team_rule()
EVERY, GRACE = RULE.check_in_every_h * HOUR, RULE.overdue_after_h * HOUR


def notices(desk: Desk) -> list[tuple[str, str]]:
    with reading(desk.engine) as session:
        return [tuple(r) for r in session.execute(text("SELECT kind, urgency FROM notice WHERE kind = 'escalation'"))]


def resting(desk: Desk) -> str:
    code = desk.on_site("M-0001")
    desk.move(code, S.HANDOVER, "任务完成")
    desk.move(code, S.RETURNING)
    desk.answer(code, "M-0001", Muster.BACK)
    desk.move(code, S.RESTING)
    return code


def test_a_team_that_has_rested_may_be_sent_though_nobody_closed_it(desk: Desk) -> None:
    code = resting(desk)
    with pytest.raises(Conflict, match=f"{code}.*resting"):
        desk.open()
    desk.clock.at += timedelta(days=RULE.rest_days)
    again = desk.open()
    assert desk.get(code).state is S.CLOSED and desk.get(again).state is S.ALERTED
    assert desk.team().status == "mustering"


def test_one_alarm_for_each_check_in_missed(desk: Desk) -> None:
    code = desk.on_site()
    steps = [(EVERY + GRACE - timedelta(minutes=1), 0), (EVERY + GRACE, 1), (EVERY + GRACE, 0),
             (EVERY + 2 * GRACE, 0), (2 * EVERY + GRACE, 1)]
    assert [desk.do(raise_overdue, NOW + after) for after, _ in steps] == [raised for _, raised in steps]
    lines = desk.log(code, "alarm")
    assert [line["detail"]["due"] for line in lines] == [(NOW + 2 * EVERY).isoformat(), (NOW + EVERY).isoformat()]
    assert notices(desk) == [("escalation", "now")] * 2
    with reading(desk.engine) as session:
        acts = session.execute(text("SELECT actor FROM audit WHERE action = 'deployment.overdue'")).all()
    assert len(acts) == 2


def test_after_a_long_pause_of_the_worker_one_alarm_is_enough(desk: Desk) -> None:
    desk.on_site()
    assert desk.do(raise_overdue, NOW + timedelta(days=5)) == 1


def test_who_checked_in_is_not_alarmed_about_and_the_next_silence_is(desk: Desk) -> None:
    code = desk.on_site()
    desk.clock.at += EVERY
    desk.check_in(code, is_for_all=True)
    assert desk.do(raise_overdue, NOW + EVERY + GRACE) == 0
    assert desk.do(raise_overdue, NOW + 2 * EVERY + GRACE) == 1


def whats(desk: Desk, code: str) -> list[tuple[str, list[str]]]:
    return [(line["detail"]["what"], line["detail"]["members"]) for line in reversed(desk.log(code, "alarm"))]


def test_nobody_is_missed_who_stood_down(desk: Desk) -> None:
    desk.move(desk.open(), S.STOOD_DOWN, "因故")
    assert desk.do(raise_overdue, NOW + timedelta(days=5)) == 0


def test_a_late_muster_is_told_once(desk: Desk) -> None:
    code = desk.open()
    due = desk.get(code).muster_by
    late = timedelta(minutes=RULE.late_after_min)
    steps = [(late - timedelta(minutes=1), 0), (late, 1), (late + 5 * HOUR, 0)]
    assert [desk.do(raise_overdue, due + after) for after, _ in steps] == [raised for _, raised in steps]
    assert whats(desk, code) == [("muster", [])] and notices(desk) == [("escalation", "now")]


def test_a_late_arrival_is_told(desk: Desk) -> None:
    code = desk.open(expected_at=NOW + HOUR)
    desk.call(code)
    desk.answer(code, "M-0001", Muster.MUSTERED)
    desk.move(code, S.EN_ROUTE)
    late = timedelta(minutes=RULE.late_after_min)
    assert [desk.do(raise_overdue, NOW + HOUR + after) for after in (timedelta(), late, late)] == [0, 1, 0]
    assert whats(desk, code) == [("arrival", [])]


def test_a_tour_that_is_over_is_told(desk: Desk) -> None:
    code = desk.on_site()
    ends = desk.get(code).tour_ends_at
    assert ends is not None
    desk.clock.at = ends
    desk.check_in(code)
    assert desk.do(raise_overdue, ends + timedelta(minutes=RULE.late_after_min)) == 2
    assert [what for what, _ in whats(desk, code)] == ["people", "tour"]


def test_one_silent_member_of_a_team_that_is_heard_of(desk: Desk) -> None:
    code = desk.on_site("M-0001", "M-0002", "M-0003")
    desk.clock.at += EVERY
    desk.check_in(code, is_for_all=True)
    desk.clock.at += EVERY
    for member in ("M-0001", "M-0003"):
        desk.check_in(code, Who(member, Hand.MEMBER))
    assert desk.do(raise_overdue, NOW + 2 * EVERY + GRACE) == 1
    assert whats(desk, code) == [("people", ["M-0002"])]
    assert desk.do(raise_overdue, NOW + 2 * EVERY + 2 * GRACE) == 0


def test_two_workers_raise_it_once(desk: Desk) -> None:
    code = desk.on_site()
    later = NOW + EVERY + GRACE
    with ThreadPoolExecutor(3) as pool:
        raised = list(pool.map(lambda _: run_in_transaction(desk.engine, lambda s: raise_overdue(s, later)), range(3)))
    assert sorted(raised) == [0, 0, 1] and len(desk.log(code, "alarm")) == 1


def test_the_worker_gives_back_who_has_rested(desk: Desk) -> None:
    code = resting(desk)
    way = Way("worker", desk.clock, settings_of(desk.engine))
    make_round(desk.engine, way)
    assert desk.get(code).state is S.RESTING
    desk.clock.at += timedelta(days=RULE.rest_days)
    make_round(desk.engine, way)
    assert desk.get(code).state is S.CLOSED and desk.team().status == "available"
    assert desk.do(close_all_rested, desk.clock.now()) == 0


def test_the_worker_raises_it(desk: Desk) -> None:
    code = desk.on_site()
    desk.clock.at = NOW + EVERY + GRACE
    way = Way("worker", desk.clock, settings_of(desk.engine))
    assert make_round(desk.engine, way, look=False).escalated == 0
    assert make_round(desk.engine, way).escalated == 1
    assert make_round(desk.engine, way).escalated == 0
    assert len(desk.log(code, "alarm")) == 1
