"""``dispatch drill calendar|lessons``."""

from datetime import date, timedelta

from dispatch.clock import FixedClock
from dispatch.config import Settings
from dispatch.db import make_engine
from dispatch.demo_time import clock_of
from dispatch.exercises.calendar import plan_drill
from dispatch.exercises.lessons import close_lesson, keep_lessons
from dispatch.exercises.model import NewLesson, Plan
from dispatch.places import REGION_ADCODE
from tests.cli.test_contract import answer, dispatch


def test_the_calendar_is_told(demo_file: Settings) -> None:
    engine = make_engine(demo_file.database_url)
    clock = FixedClock(clock_of(engine).now() - timedelta(days=30))
    code = plan_drill(engine, Plan("暴雪推演", clock.at.date() + timedelta(days=9), REGION_ADCODE, "admin", teams=("RT-150500",), people=("张三",)), "admin", clock)
    engine.dispose()
    (told,) = answer(demo_file, "drill", "calendar", "--json")["drills"]
    assert (told["code"], told["status"], told["is_overdue"], told["held_on"]) == (code, "planned", True, None)
    assert told["teams"] == [{"team": "RT-150500", "standing": "asked", "present": 0, "absent": 0, "excused": 0}]
    assert told["people"] == [{"name": "张三", "standing": "asked"}]
    assert f"{code}  暴雪推演  planned  ✘ 已过日期" in dispatch(demo_file, "drill", "calendar").stdout


def test_lessons_are_told_open_ones_and_those_overdue(demo_file: Settings) -> None:
    engine = make_engine(demo_file.database_url)
    clock = clock_of(engine)
    keep_lessons(engine, [NewLesson("S", ("晚", "late"), "处", date(2021, 1, 1)), NewLesson("S", ("少", "few"), "处", date(2099, 1, 1)),
                          NewLesson("S", ("错", "wrong"), "处", date(2021, 1, 2))], "admin", clock)
    close_lesson(engine, 3, "已更正，见纪要", "admin", clock)
    engine.dispose()
    told = answer(demo_file, "drill", "lessons", "--json")
    assert (told["open"], told["overdue"]) == (2, 1) and [r["en"] for r in told["lessons"]] == ["late", "few", "wrong"]
    assert told["lessons"][0]["is_overdue"] and told["lessons"][2]["evidence"] == "已更正，见纪要" and told["lessons"][2]["closed_by"] == "admin"
    assert [r["en"] for r in answer(demo_file, "drill", "lessons", "--open", "--json")["lessons"]] == ["late", "few"]
    shown = dispatch(demo_file, "drill", "lessons").stdout
    assert "✘ 逾期 overdue" in shown and "已关闭 closed: 已更正，见纪要" in shown
