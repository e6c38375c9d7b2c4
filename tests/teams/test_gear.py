"""Kit, vehicles, drills, and teams that come in from outside."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from dispatch.db import reading
from dispatch.errors import Conflict, InvalidInput, NotFound, Refused
from dispatch.teams.gear import (
    Drill,
    KitCount,
    record_drill,
    remove_vehicle,
    save_kit,
    save_vehicle,
)
from dispatch.teams.intake import NewTeam, take_in
from dispatch.teams.model import TeamVehicle
from dispatch.teams.people import pause
from dispatch.teams.queries import get_roster, kit_checks, list_drills
from tests.teams.desk import HH, TL, Desk

TODAY = date(2021, 11, 8)
COUNT = KitCount(TL, {"tent": 2, "radio": 3}, TODAY)
TRUCK = TeamVehicle("蒙G12345", TL, "truck", 3, True, TODAY)
OUTSIDE = NewTeam("BLUE-SKY-1", "蓝天救援队", "Blue Sky", "通辽市蓝天救援中心", "search_rescue", "150502", 2, 30)


@pytest.fixture
def desk(bare: Engine) -> Desk:
    return Desk(bare)


def test_a_count_changes_the_lines_it_names(desk: Desk) -> None:
    save_kit(desk.engine, COUNT, "tl-store", desk.clock)
    save_kit(desk.engine, KitCount(TL, {"radio": 4}, TODAY - timedelta(days=1)), "tl-plan", desk.clock)
    assert desk.roster().kit == {"tent": 2, "radio": 4} and desk.roster(HH).kit is None
    with reading(desk.engine) as session:
        assert kit_checks(session, TL) == {"tent": TODAY, "radio": TODAY - timedelta(days=1)}


@pytest.mark.parametrize("count", [
    replace(COUNT, have={"tent": 1, "rocket": 1}), replace(COUNT, have={"tent": -1}), replace(COUNT, have={"tent": 10**6}),
    replace(COUNT, checked_on=TODAY + timedelta(days=1)),
])
def test_a_wrong_count_keeps_nothing(desk: Desk, count: KitCount) -> None:
    with pytest.raises(InvalidInput):
        save_kit(desk.engine, count, "tl-store", desk.clock)
    assert desk.roster().kit is None


@pytest.mark.parametrize("actor", ["tl-view", "hh-plan"])
def test_who_may_not_keep_the_books(desk: Desk, actor: str) -> None:
    for act in (
        lambda: save_kit(desk.engine, COUNT, actor, desk.clock),
        lambda: save_vehicle(desk.engine, TRUCK, actor, desk.clock),
        lambda: record_drill(desk.engine, Drill(TL, TODAY, "集结", ()), actor, desk.clock),
    ):
        with pytest.raises(Refused):
            act()


def test_a_vehicle_belongs_to_one_team(desk: Desk) -> None:
    save_vehicle(desk.engine, TRUCK, "tl-store", desk.clock)
    save_vehicle(desk.engine, replace(TRUCK, plate="蒙G 12345", is_fit=False), "tl-store", desk.clock)
    assert desk.roster().vehicles == (replace(TRUCK, is_fit=False),)
    with pytest.raises(Conflict, match=TL):
        save_vehicle(desk.engine, replace(TRUCK, team_code=HH), "hh-plan", desk.clock)
    with pytest.raises(NotFound):
        remove_vehicle(desk.engine, HH, TRUCK.plate, "hh-plan", desk.clock)
    remove_vehicle(desk.engine, TL, TRUCK.plate, "tl-store", desk.clock)
    assert desk.roster().vehicles == ()


@pytest.mark.parametrize("fields", [
    {"plate": "x"}, {"kind": "rocket"}, {"seats": 61}, {"seats": -1}, {"checked_on": TODAY + timedelta(days=1)},
])
def test_a_wrong_vehicle(desk: Desk, fields: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        save_vehicle(desk.engine, replace(TRUCK, **fields), "tl-store", desk.clock)  # type: ignore[arg-type]


def test_only_active_members_of_the_team_were_at_its_drill(desk: Desk) -> None:
    mine, paused, theirs = desk.member(), desk.member(), desk.member(HH)
    pause(desk.engine, paused, "tl-plan", desk.clock)
    for stranger in (paused, theirs, desk.ask(), "TM-999999"):
        with pytest.raises(InvalidInput, match=stranger):
            record_drill(desk.engine, Drill(TL, TODAY, "集结", (mine, stranger)), "tl-store", desk.clock)
    first = record_drill(desk.engine, Drill(TL, TODAY, "集结", (mine, mine)), "tl-store", desk.clock)
    second = record_drill(desk.engine, Drill(TL, TODAY, "发放", ()), "tl-store", desk.clock)
    with reading(desk.engine) as session:
        held = {d.code: d.members for d in list_drills(session, TL)}
    assert held == {first: (mine,), second: ()} and desk.roster().drills == (TODAY, TODAY)
    for wrong in (Drill(TL, TODAY + timedelta(days=1), "集结", ()), Drill(TL, TODAY, " ", ())):
        with pytest.raises(InvalidInput):
            record_drill(desk.engine, wrong, "tl-store", desk.clock)


def test_outside_and_county_teams_come_in(desk: Desk) -> None:
    assert take_in(desk.engine, OUTSIDE, "tl-plan", desk.clock) == "BLUE-SKY-1"
    county = replace(OUTSIDE, code="rt-150502", organisation="", name_en="")
    assert take_in(desk.engine, county, "horqin", desk.clock) == "RT-150502"
    with reading(desk.engine) as session:
        teams = [get_roster(session, code).team for code in ("BLUE-SKY-1", "RT-150502")]
    assert [(t.tier, t.league_adcode, t.organisation) for t in teams] == [
        ("outside", "150500", "通辽市蓝天救援中心"), ("county", "150500", None)]
    with pytest.raises(Conflict):
        take_in(desk.engine, OUTSIDE, "tl-plan", desk.clock)
    assert desk.ask("BLUE-SKY-1", "horqin").startswith("TM-")


@pytest.mark.parametrize("fields,error", [
    ({"code": "x"}, InvalidInput), ({"code": "A B C"}, InvalidInput), ({"name_zh": ""}, InvalidInput),
    ({"speciality": "magic"}, InvalidInput), ({"home_county": "110101"}, InvalidInput), ({"staff": -1}, InvalidInput),
    ({"volunteers": 1000}, InvalidInput), ({"home_county": "150102"}, Refused),
])
def test_a_team_that_cannot_come_in(desk: Desk, fields: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        take_in(desk.engine, replace(OUTSIDE, **fields), "tl-plan", desk.clock)  # type: ignore[arg-type]
