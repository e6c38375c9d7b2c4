"""What the background work keeps in order by itself, once a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from dispatch.db import reading
from dispatch.exchange.rosters import forget_uploads
from dispatch.exchange.tables import UploadRow
from dispatch.exchange.uploads import Upload, preview
from dispatch.flow import work
from dispatch.flow.model import Way
from dispatch.flow.work import make_round
from dispatch.teams.people import leave
from dispatch.teams.rules import load_team_rule
from dispatch.teams.tables import ReadinessRow
from tests.conftest import NOW, settings_of
from tests.exchange.test_rosters import HEAD, WANG
from tests.exchange.test_uploads import xlsx
from tests.teams.desk import Desk

KEPT = timedelta(days=load_team_rule().retention_days)
DAY = timedelta(days=1)


@pytest.fixture
def desk(bare: Engine) -> Desk:
    return Desk(bare)


def round_at(desk: Desk, after: timedelta, *, look: bool = True) -> None:
    desk.clock.at = NOW + after
    make_round(desk.engine, Way("worker", desk.clock, settings_of(desk.engine)), look=look)


def sheet(desk: Desk) -> bytes:
    with reading(desk.engine) as session:
        return session.scalars(select(UploadRow.raw)).one()


def days_kept(desk: Desk) -> int:
    with reading(desk.engine) as session:
        return session.scalar(select(func.count(ReadinessRow.day.distinct()))) or 0


def test_people_and_sheets_whose_time_is_over_are_forgotten_by_the_worker(desk: Desk) -> None:
    gone, stays, asked = desk.member(name="孙走了"), desk.member(name="周还在"), desk.ask(name="郑无回音")
    preview(desk.engine, Upload("roster", "王小明的名册.xlsx", xlsx([WANG], HEAD)), "tl-plan", desk.clock)
    leave(desk.engine, gone, "tl-plan", desk.clock)
    round_at(desk, KEPT - DAY)
    assert desk.row(gone).name == "孙走了" and sheet(desk) and days_kept(desk) == 1
    round_at(desk, KEPT, look=False)
    assert desk.row(gone).name == "孙走了" and sheet(desk)
    round_at(desk, KEPT)
    assert [desk.row(code).name for code in (gone, stays, asked)] == ["", "周还在", ""]
    assert sheet(desk) == b"" and days_kept(desk) == 2
    assert [desk.acts(code)[-1] for code in (gone, asked)] == ["member.erase"] * 2


def test_the_house_is_kept_once_a_day(desk: Desk) -> None:
    first, second = desk.member(name="孙走了"), desk.member(name="周后走")
    leave(desk.engine, first, "tl-plan", desk.clock)
    desk.clock.at += timedelta(minutes=1)
    leave(desk.engine, second, "tl-plan", desk.clock)
    round_at(desk, KEPT)
    round_at(desk, KEPT + timedelta(minutes=2))
    assert (desk.row(first).name, desk.row(second).name) == ("", "周后走")
    round_at(desk, KEPT + DAY)
    assert desk.row(second).name == "" and days_kept(desk) == 2


def test_what_breaks_off_is_done_whole_the_next_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = desk.member(name="孙走了")
    leave(desk.engine, gone, "tl-plan", desk.clock)

    def broken(*_: object) -> list[str]:
        raise RuntimeError("power cut")

    monkeypatch.setattr(work, "forget_uploads", broken)
    with pytest.raises(RuntimeError):
        round_at(desk, KEPT)
    assert desk.row(gone).name == "孙走了" and days_kept(desk) == 0
    monkeypatch.setattr(work, "forget_uploads", forget_uploads)
    round_at(desk, KEPT + timedelta(minutes=1))
    assert desk.row(gone).name == "" and days_kept(desk) == 1
