"""The calendar: planned, held, called off; attendance counts for readiness; lessons stay until closed with evidence."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, text

from dispatch.clock import FixedClock, to_local
from dispatch.db import reading
from dispatch.errors import Conflict, InvalidInput, NotFound, Refused
from dispatch.exercises.calendar import (
    attend,
    call_off,
    get_planned,
    hold,
    list_planned,
    mark_person,
    miss,
    plan_drill,
)
from dispatch.exercises.lessons import close_lesson, keep_lessons, list_lessons
from dispatch.exercises.model import Came, Guest, NewLesson, Plan
from dispatch.places import REGION_ADCODE
from dispatch.teams.board import standing
from dispatch.teams.queries import get_roster
from dispatch.teams.rules import load_team_rule

TEAM = "RT-150500"
DAY = date(2021, 11, 20)


def make_plan(**changes: object) -> Plan:
    return Plan(**{"title": "暴雪桌面推演", "on": DAY, "place": REGION_ADCODE, "leader": "admin", "teams": (TEAM,), **changes})  # type: ignore[arg-type]


def planned(demo: Engine, clock: FixedClock, **changes: object) -> str:
    return plan_drill(demo, make_plan(**changes), "admin", clock)


def test_a_drill_is_planned_held_and_its_attendance_counts_for_readiness(demo: Engine, clock: FixedClock) -> None:
    code = planned(demo, clock)
    later = FixedClock(clock.at + timedelta(days=12))
    with pytest.raises(Conflict, match="is planned"):
        attend(demo, code, Came(TEAM), "admin", later)
    with pytest.raises(InvalidInput, match="still to come"):
        hold(demo, code, DAY + timedelta(days=9), "admin", later)
    hold(demo, code, DAY, "admin", later)
    with pytest.raises(Conflict, match="is held"):
        call_off(demo, code, "雪大", "admin", later)
    rule, today = load_team_rule(), to_local(later.at).date()
    with reading(demo) as session:
        roster = get_roster(session, TEAM)
        members = [m.code for m in roster.members if m.status.value == "active"][:3]
    kept = attend(demo, code, Came(TEAM, tuple(members)), "admin", later)
    with pytest.raises(Conflict, match=kept):
        attend(demo, code, Came(TEAM, tuple(members)), "admin", later)
    with reading(demo) as session:
        assert DAY in get_roster(session, TEAM).drills
        after = standing(get_roster(session, TEAM), rule, today)
        (asked,) = get_planned(session, code).asked
        acts = set(session.scalars(text(f"SELECT action FROM audit WHERE subject = '{code}'")))
    assert after.last_drill == DAY and not after.is_drill_due
    assert (asked.team, asked.team_drill, asked.present) == (TEAM, kept, len(members))
    assert {"drill.plan", "drill.held"} <= acts


def test_what_is_ahead_stands_first_and_a_day_gone_by_is_told(demo: Engine, clock: FixedClock) -> None:
    late, soon = planned(demo, clock, on=DAY + timedelta(days=30)), planned(demo, clock)
    off = planned(demo, clock, title="撤销的")
    call_off(demo, off, "与救灾冲突", "admin", clock)
    with reading(demo) as session:
        rows = list_planned(session)
    assert [p.code for p in rows] == [soon, late, off] and rows[2].plan.words == "与救灾冲突"
    assert not rows[0].is_overdue(DAY) and rows[0].is_overdue(DAY + timedelta(days=1)) and not rows[2].is_overdue(date(2030, 1, 1))


@pytest.mark.parametrize("changes,error", [
    ({"title": " "}, InvalidInput), ({"on": date(2021, 11, 1)}, InvalidInput), ({"on": date(2031, 1, 1)}, InvalidInput),
    ({"leader": "nobody"}, NotFound), ({"teams": ("RT-NONE",)}, NotFound),
])
def test_what_cannot_be_meant_is_refused_whole(demo: Engine, clock: FixedClock, changes: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        planned(demo, clock, **changes)
    with reading(demo) as session:
        assert list_planned(session) == []


@pytest.mark.parametrize("name", ["duty", "store", "viewer", "auditor"])
def test_only_leaders_keep_the_calendar_and_the_lessons(demo: Engine, clock: FixedClock, name: str) -> None:
    with pytest.raises(Refused):
        plan_drill(demo, make_plan(), name, clock)
    with pytest.raises(Refused):
        keep_lessons(demo, [NewLesson("x", ("整改", "mend"), "仓储处", DAY)], name, clock)


def test_lessons_are_kept_once_and_closed_once_with_evidence(demo: Engine, clock: FixedClock) -> None:
    new = [NewLesson("2015-quake", ("72 小时满足率低", "low cover after 72 h"), "业务处", DAY), NewLesson("2015-quake", ("首批物资晚", "late"), "业务处", DAY)]
    assert (keep_lessons(demo, new, "admin", clock), keep_lessons(demo, new, "admin", clock)) == (2, 0)
    with reading(demo) as session:
        first, second = list_lessons(session)
    assert not first.is_overdue(DAY) and first.is_overdue(DAY + timedelta(days=1))
    with pytest.raises(InvalidInput, match="closed with evidence"):
        close_lesson(demo, first.id, " ok ", "admin", clock)
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(close_lesson, demo, first.id, "已补库，单据 D-1", name, clock) for name in ("admin", "admin")]
        faults = [a.exception() for a in answers]
    assert sum(f is None for f in faults) == 1 and sum(isinstance(f, Conflict) for f in faults) == 1
    with reading(demo) as session:
        rows = list_lessons(session)
    assert [r.id for r in rows] == [second.id, first.id] and rows[1].evidence == "已补库，单据 D-1" and rows[1].closed_by == "admin"
    with pytest.raises(NotFound):
        close_lesson(demo, 10_000, "没有这一项", "admin", clock)


def test_a_lesson_without_words_leaves_nothing_half_kept(demo: Engine, clock: FixedClock) -> None:
    with pytest.raises(InvalidInput, match="needs words and an owner"):
        keep_lessons(demo, [NewLesson("x", ("好的", "good"), "处", DAY), NewLesson("x", (" ", ""), "处", DAY)], "admin", clock)
    with reading(demo) as session:
        assert list_lessons(session) == []


def test_who_was_away_or_excused_is_told_and_a_team_that_missed_it_gains_nothing(demo: Engine, clock: FixedClock) -> None:
    other = "RT-150400"
    code = planned(demo, clock, teams=(TEAM, other), people=("张三 ", "李四", "", "张三"))
    later = FixedClock(clock.at + timedelta(days=12))
    with pytest.raises(Conflict, match="is planned"):
        miss(demo, code, (other, "absent"), "admin", later)
    hold(demo, code, DAY, "admin", later)
    with reading(demo) as session:
        first, second, *rest = [m.code for m in get_roster(session, TEAM).members if m.status.value == "active"]
        before = get_roster(session, other).drills
    with pytest.raises(InvalidInput, match="Both there and excused"):
        attend(demo, code, Came(TEAM, (first,), (first,)), "admin", later)
    attend(demo, code, Came(TEAM, (first,), (second,)), "admin", later)
    with pytest.raises(InvalidInput, match="neither absent nor excused"):
        miss(demo, code, (other, "late"), "admin", later)
    with pytest.raises(NotFound, match="was not asked"):
        miss(demo, code, ("RT-150700", "absent"), "admin", later)
    with pytest.raises(Refused):
        miss(demo, code, (other, "excused"), "duty", later)
    miss(demo, code, (other, "excused"), "admin", later)
    mark_person(demo, code, ("张三", "present"), "admin", later)
    with pytest.raises(NotFound, match="was not asked"):
        mark_person(demo, code, ("王五", "present"), "admin", later)
    with pytest.raises(InvalidInput):
        mark_person(demo, code, ("李四", "asked"), "admin", later)
    with reading(demo) as session:
        found = get_planned(session, code)
        assert get_roster(session, other).drills == before
    missed, came = found.asked
    assert (came.standing, came.present, came.absent, came.excused) == ("present", 1, len(rest), 1)
    assert (missed.team, missed.standing, missed.present, missed.team_drill) == (other, "excused", 0, None)
    assert found.people == (Guest("张三", "present"), Guest("李四", "asked"))
