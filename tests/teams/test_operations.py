"""The desk sends teams, moves them on and writes the book, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dispatch.db import reading, run_in_transaction, transaction
from dispatch.errors import Conflict, DispatchError, InvalidInput, NotFound, Refused
from dispatch.teams.alarm import raise_overdue
from dispatch.teams.deployment import Hand
from dispatch.teams.model import Muster
from dispatch.teams.operations import Asked, Order, Remark, Who, add_note, move, open_deployment
from dispatch.teams.rules import load_team_rule
from tests.teams.conftest import COUNTY, DESK, HOUR, NOW, OTHER, TEAM, Desk, S

RULE = load_team_rule()


def test_a_whole_deployment(desk: Desk) -> None:
    code = desk.open()
    assert code == "DP-20211108-0001" and desk.team().status == "mustering"
    assert len(desk.call(code)) == 3 and desk.get(code).state is S.MUSTERING
    desk.answer(code, "M-0001", Muster.MUSTERED)
    desk.move(code, S.EN_ROUTE)
    assert desk.team().status == "en_route" and desk.get(code).last_check_in_at == NOW
    desk.clock.at += 3 * HOUR
    desk.move(code, S.ON_SITE)
    there = desk.get(code)
    assert there.on_site_at == desk.clock.at and there.tour_ends_at == desk.clock.at + timedelta(days=RULE.tour_days)
    desk.move(code, S.HANDOVER, "任务完成，无人接替")
    desk.move(code, S.RETURNING)
    with pytest.raises(Refused, match="not back: M-0001"):
        desk.move(code, S.RESTING)
    desk.answer(code, "M-0001", Muster.BACK)
    desk.move(code, S.RESTING)
    rested = desk.clock.at + timedelta(days=RULE.rest_days)
    assert (desk.team().status, desk.team().rested_at, desk.get(code).rested_at) == ("resting", rested, rested)
    with pytest.raises(Refused, match="rests until"):
        desk.move(code, S.CLOSED)
    desk.clock.at = rested
    desk.move(code, S.CLOSED)
    assert desk.team().status == "available" and desk.get(code).version == 8
    states = [line["detail"]["state"] for line in desk.log(code, "state")]
    assert states[::-1] == ["alerted", "mustering", "en_route", "on_site", "handover", "returning", "resting", "closed"]


def test_the_teams_own_tour_counts_before_the_rules(desk: Desk) -> None:
    with transaction(desk.engine) as session:
        session.execute(text("UPDATE team SET tour_days = 10 WHERE code = :c"), {"c": TEAM})
    assert desk.get(desk.on_site()).tour_ends_at == NOW + timedelta(days=10)


def test_the_same_order_again_is_the_same_deployment(desk: Desk) -> None:
    assert desk.open(submit_key="same") == desk.open(submit_key="same")
    assert len(desk.log("DP-20211108-0001")) == 1


def test_a_team_that_is_out_is_refused_with_where_it_is(desk: Desk) -> None:
    code = desk.on_site()
    with pytest.raises(Conflict, match=f"{code}, .*on site") as caught:
        desk.open(county="150525")
    assert "在现场" in caught.value.message_zh and caught.value.facts["county"] == COUNTY


@pytest.mark.parametrize(("sql", "error"), [
    ("status = 'unavailable'", Refused), ("rested_at = '2021-11-20 00:00:00+00:00'", Refused),
])
def test_a_team_that_is_not_ready_stays(desk: Desk, sql: str, error: type[DispatchError]) -> None:
    with transaction(desk.engine) as session:
        session.execute(text(f"UPDATE team SET {sql} WHERE code = :c"), {"c": TEAM})
    with pytest.raises(error, match="cannot go"):
        desk.open()


@pytest.mark.parametrize(("changes", "error"), [
    ({"county": "150500"}, InvalidInput), ({"county": "110101"}, InvalidInput), ({"team": "RT-0"}, NotFound),
    ({"muster_by": NOW - HOUR}, InvalidInput), ({"relieves": "DP-0"}, NotFound),
])
def test_an_order_that_cannot_be(desk: Desk, changes: dict, error: type[DispatchError]) -> None:
    with pytest.raises(error) as caught:
        desk.open(**changes)
    assert caught.value.remedy_zh and desk.team().status == "available"


def test_a_successor_is_named_once_and_stands_in_the_same_county(desk: Desk) -> None:
    code = desk.on_site()
    with pytest.raises(InvalidInput, match="Nobody is named"):
        desk.move(code, S.HANDOVER)
    with pytest.raises(Conflict, match="not to be relieved"):
        desk.open(OTHER, county="150525", relieves=code)
    follower = desk.open(OTHER, relieves=code)
    with pytest.raises(Conflict, match="not to be relieved") as caught:
        desk.open("RT-150001", relieves=code)
    assert follower in caught.value.remedy_zh
    desk.move(code, S.HANDOVER)
    with pytest.raises(InvalidInput, match="is not there yet"):
        desk.move(code, S.RETURNING)
    for target in (S.MUSTERING, S.EN_ROUTE, S.ON_SITE):
        desk.move(follower, target, "10 人，王队带队")
    desk.move(code, S.RETURNING)
    assert desk.get(follower).relieves == code


def test_a_team_turned_back_is_missed_until_all_are_home(desk: Desk) -> None:
    code = desk.open()
    desk.call(code)
    desk.answer(code, "M-0001", Muster.MUSTERED)
    desk.move(code, S.EN_ROUTE)
    with pytest.raises(Conflict):
        desk.move(code, S.STOOD_DOWN, "道路中断")
    with pytest.raises(Refused, match="duty desk"):
        desk.move(code, S.RETURNING, "道路中断", Who("M-0001", Hand.LEADER))
    desk.move(code, S.RETURNING, "道路中断")
    assert desk.team().status == "returning" and desk.do(raise_overdue, NOW + timedelta(days=1)) == 1
    with pytest.raises(Refused, match="not back: M-0001"):
        desk.move(code, S.RESTING)
    desk.answer(code, "M-0001", Muster.BACK)
    desk.move(code, S.RESTING)
    assert desk.get(code).on_site_at is None


def test_a_relief_turned_back_leaves_its_place_to_another(desk: Desk) -> None:
    code = desk.on_site()
    follower = desk.open(OTHER, relieves=code)
    for target in (S.MUSTERING, S.EN_ROUTE, S.RETURNING):
        desk.move(follower, target, "10 人，道路中断")
    with pytest.raises(InvalidInput, match="Nobody is named"):
        desk.move(code, S.HANDOVER)
    desk.open("RT-150001", relieves=code)
    desk.move(code, S.HANDOVER)


def test_two_people_at_once_and_the_second_sees_it(desk: Desk) -> None:
    code = desk.open()
    seen = desk.get(code).version
    desk.move(code, S.MUSTERING, version=seen)
    with pytest.raises(Conflict, match="has moved on; it is mustering") as caught:
        desk.move(code, S.STOOD_DOWN, "误报", version=seen)
    assert "集结中" in caught.value.message_zh and desk.get(code).state is S.MUSTERING


def attempt(desk: Desk, work: object) -> str:
    try:
        run_in_transaction(desk.engine, work)  # type: ignore[arg-type]
    except Conflict:
        return "conflict"
    return "done"


def test_of_many_at_the_same_moment_one_moves_it(desk: Desk) -> None:
    code = desk.open()

    def work(session: object) -> None:
        move(session, code, Asked(S.MUSTERING, 1), DESK, NOW)  # type: ignore[arg-type]

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: attempt(desk, work), range(4)))
    assert sorted(done) == ["conflict", "conflict", "conflict", "done"] and desk.get(code).version == 2


def test_of_many_orders_for_one_team_one_is_kept(desk: Desk) -> None:
    def order(number: int) -> str:
        asked = Order(TEAM, COUNTY, NOW + HOUR, f"race-{number}")
        return attempt(desk, lambda session: open_deployment(session, asked, "duty", NOW))

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(order, range(4))) == ["conflict", "conflict", "conflict", "done"]


def test_of_two_reliefs_at_the_same_moment_one_is_sent(desk: Desk) -> None:
    code = desk.on_site()

    def relieve(team: str) -> str:
        asked = Order(team, COUNTY, NOW + HOUR, f"relief-{team}", relieves=code)
        return attempt(desk, lambda session: open_deployment(session, asked, "duty", NOW))

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(relieve, (OTHER, "RT-150001"))) == ["conflict", "done"]


@pytest.mark.parametrize(("name", "is_allowed"), [
    ("duty", True), ("approver", True), ("admin", True), ("tongliao_desk", True),
    ("viewer", False), ("store", False), ("chifeng_desk", False),
])
def test_who_directs_a_team(desk: Desk, name: str, is_allowed: bool) -> None:
    code = desk.open()
    who = Who(name, Hand.DESK)
    if is_allowed:
        desk.move(code, S.MUSTERING, who=who)
    else:
        with pytest.raises(Refused, match="may not direct"):
            desk.move(code, S.MUSTERING, who=who)
    assert desk.get(code).version == 1 + is_allowed


def test_a_league_does_not_direct_the_regions_team(desk: Desk) -> None:
    code = desk.open("RT-150001")
    with pytest.raises(Refused, match="may not direct"):
        desk.move(code, S.MUSTERING, who=Who("tongliao_desk", Hand.DESK))


def test_the_book_is_corrected_by_a_new_line(desk: Desk) -> None:
    code = desk.open()
    desk.do(add_note, code, Remark("到达 10 人", "k1"), "duty", NOW)
    (first,) = desk.log(code, "note")
    for _ in range(2):
        desk.do(add_note, code, Remark("应为 12 人", "k2", first["id"]), "duty", NOW)
    lines = desk.log(code, "note")
    assert [line["detail"] for line in lines] == [{"text": "应为 12 人", "corrects": first["id"]}, {"text": "到达 10 人"}]
    for remark, error in ((Remark(" ", "k3"), InvalidInput), (Remark("长" * 501, "k4"), InvalidInput),
                          (Remark("x", ""), InvalidInput), (Remark("x", "k5", 10**6), NotFound)):
        with pytest.raises(error):
            desk.do(add_note, code, remark, "duty", NOW)


@pytest.mark.parametrize("sql", ["UPDATE deployment_log SET actor = 'x'", "DELETE FROM deployment_log"])
def test_no_line_of_the_book_is_changed(desk: Desk, sql: str) -> None:
    desk.open()
    with pytest.raises(DBAPIError, match="only ever added"), transaction(desk.engine) as session:
        session.execute(text(sql))


def test_the_league_is_told_and_the_record_holds_codes_alone(desk: Desk) -> None:
    code = desk.on_site()
    with reading(desk.engine) as session:
        notice = session.execute(text("SELECT place, tier, path, zh FROM notice")).one()
        acts = session.execute(text("SELECT action, subject, detail FROM audit ORDER BY id")).all()
    assert tuple(notice)[:3] == ("150500", "league", f"/deployments/{code}") and "23:00" not in notice.zh
    assert "11-09 01:00" in notice.zh
    assert [a.action for a in acts] == [
        "deployment.open", "deployment.call", "deployment.answer", "deployment.answer", "deployment.en_route", "deployment.on_site",
    ]
    assert not any("队员" in a.detail or "139" in a.detail for a in acts)
