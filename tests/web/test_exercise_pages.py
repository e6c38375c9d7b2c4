"""Calendar and lessons on their pages, by who leads and by who looks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Engine

from dispatch.clock import FixedClock
from dispatch.db import reading
from dispatch.teams.queries import get_roster
from tests.web.conftest import Person

LogIn = Callable[[str], Person]
TEAM = "RT-150500"


def test_from_plan_to_attendance(log_in: LogIn, demo: Engine, clock: FixedClock) -> None:
    leader, duty = log_in("admin"), log_in("duty")
    assert "还没有计划的演练" in duty.get("/drills/calendar") and 'name="title"' not in duty.get("/drills/calendar")
    assert duty.post("/drills/calendar", "/drills/calendar", title="x", on="2021-12-01").status_code == 403
    assert leader.post("/drills/calendar", "/drills/calendar", title="x", on="someday").status_code == 400
    answer = leader.post("/drills/calendar", "/drills/calendar", title="<b>暴雪</b>推演", on="2021-11-10", teams=TEAM,
                         scenario="2015-04-15-alxa-left-earthquake", place="150500", words="全要素", people="张三\n李四")
    path = answer.headers["Location"]
    page = duty.get(path)
    assert "&lt;b&gt;暴雪&lt;/b&gt;推演" in page and TEAM in page and 'name="why"' not in page
    clock.at += timedelta(days=2)
    assert "已过日期" not in leader.get("/drills/calendar")
    assert leader.post(path, f"{path}/held", on="2021-11-10").status_code == 302
    with reading(demo) as session:
        member = next(m.code for m in get_roster(session, TEAM).members if m.status.value == "active")
    assert f'name="member-{member}"' in leader.get(path)
    assert leader.post(path, f"{path}/missed", team=TEAM, standing="late").status_code == 400
    assert leader.post(path, f"{path}/attendance", team=TEAM, **{f"member-{member}": "present"}).status_code == 302
    assert "已登记 1 人参加，缺席" in duty.get(path) and "2021-11-10" in duty.get(f"/teams/{TEAM}")
    assert duty.post(path, f"{path}/people", name="张三", standing="present").status_code == 403
    assert leader.post(path, f"{path}/people", name="张三", standing="excused").status_code == 302
    assert "张三：请假" in duty.get(path) and "李四：待登记" in duty.get(path)
    assert leader.client.get("/drills/calendar/DP-1999-001").status_code == 404


def test_lessons_by_hand_closed_with_evidence(log_in: LogIn, clock: FixedClock) -> None:
    leader, viewer = log_in("admin"), log_in("viewer")
    assert leader.post("/drills/lessons", "/drills/lessons", words="通信中断时无人接替", owner="业务处", due="2021-11-09").status_code == 302
    clock.at += timedelta(days=3)
    page = viewer.get("/drills/lessons")
    assert "未关闭 1 项，其中逾期 1 项" in page and 'name="evidence"' not in page
    assert viewer.post("/drills/lessons", "/drills/lessons/1/close", evidence="做完了，见纪要").status_code == 403
    assert leader.post("/drills/lessons", "/drills/lessons/1/close", evidence="").status_code == 400
    assert leader.post("/drills/lessons", "/drills/lessons/1/close", evidence="已设双岗，见纪要").status_code == 302
    assert "已设双岗，见纪要" in viewer.get("/drills/lessons")
    assert leader.post("/drills/lessons", "/drills/lessons/1/close", evidence="又关了一次").status_code == 409


def test_no_findings_without_a_score(log_in: LogIn) -> None:
    leader = log_in("admin")
    assert leader.post("/drills/lessons", "/drills/lessons/from/2015-04-15-alxa-left-earthquake").status_code == 404
    assert leader.post("/drills/lessons", "/drills/lessons/from/nothing").status_code == 404
