"""Edits and alternatives of a plan: little changes, wishes hold, it stays on record, nobody approves their own."""

from collections import Counter

import pytest
from sqlalchemy import Engine, text

from dispatch.allocation.problem import LinePin
from dispatch.clock import FixedClock
from dispatch.config import Settings
from dispatch.db import reading, transaction
from dispatch.errors import Conflict, InvalidInput, Refused
from dispatch.flow import wanted
from dispatch.flow.alternatives import choose, make_next, modes_missing, table
from dispatch.flow.approve import approve, submit
from dispatch.flow.compare import changes, differences, figures_of, totals
from dispatch.flow.deliver import depart
from dispatch.flow.edit import edit, look
from dispatch.flow.gather import gather
from dispatch.flow.model import Way
from dispatch.flow.problems import trucks_at
from dispatch.flow.team_wishes import with_team, without_team
from dispatch.flow.wishes import Wishes
from dispatch.proposals.queries import get_proposal
from dispatch.routing.pins import OrderPin, TruckPin
from dispatch.waybills.issue import make_bodies
from dispatch.waybills.store import add as add_waybill
from tests.conftest import NOW, settings_of
from tests.waybills.desk import receive

CODE = "P-20211108-001"


def way(engine: Engine, actor: str = "duty", at: FixedClock | None = None) -> Way:
    return Way(actor, at or FixedClock(NOW), settings_of(engine))


def body_of(engine: Engine, code: str = CODE) -> dict:
    with reading(engine) as session:
        return get_proposal(session, code)


def edited(engine: Engine, wishes: Wishes, code: str = CODE) -> dict:
    return body_of(engine, edit(engine, code, wishes, way(engine)))


def test_an_edit_without_a_wish_changes_nothing_and_takes_the_place(demo: Engine) -> None:
    before = body_of(demo)
    after = edited(demo, Wishes())
    assert after["edited"]["changes"] == [] and after["edited"]["from"] == CODE
    assert sorted(after["plan"], key=str) == sorted(before["plan"], key=str)
    assert [(n["id"], n["lot"], n["quantity"]) for n in after["lines"]] == [(n["id"], n["lot"], n["quantity"]) for n in before["lines"]]
    assert body_of(demo)["status"] == "superseded" and after["status"] == "draft"


def test_a_truck_left_out_is_not_used_and_all_others_keep_their_load(demo: Engine) -> None:
    before = body_of(demo)
    truck = before["routes"][0]["vehicle"]
    after = edited(demo, wanted.without_truck(Wishes(), truck))
    assert truck not in {r["vehicle"] for r in after["routes"]}
    had, has = ({r["vehicle"]: [s["place"] for s in r["stops"]] for r in b["routes"]} for b in (before, after))
    same = [v for v in had if had[v] == has.get(v)]
    assert len(same) >= len(had) - 3
    assert f"不再使用车辆 {truck}" in {c["zh"] for c in after["edited"]["changes"]}
    assert after["edited"]["asked"] == [{"zh": f"不用车辆 {truck}", "en": f"without truck {truck}"}]


def test_a_pinned_quantity_is_sent_exactly_and_taken_back_again(demo: Engine) -> None:
    before = body_of(demo)
    (yard, county, item), line = max(totals(before).items(), key=lambda pair: pair[1]["quantity"])
    pin = LinePin(yard, county, item, line["quantity"] // 2)
    after = edited(demo, wanted.with_line(Wishes(), pin))
    assert totals(after)[yard, county, item]["quantity"] == line["quantity"] // 2
    chip = wanted.chips(wanted.with_line(Wishes(), pin), {})[0]
    again = edited(demo, wanted.dropped(look_wishes(demo, after["code"]), chip.key), after["code"])
    assert sorted(again["plan"], key=str) == sorted(before["plan"], key=str)


def look_wishes(engine: Engine, code: str) -> Wishes:
    with reading(engine) as session:
        return look(session, code).wishes


def test_a_warehouse_left_out_sends_nothing(demo: Engine) -> None:
    yard = Counter(line["from"] for line in body_of(demo)["lines"]).most_common(1)[0][0]
    after = edited(demo, wanted.without_warehouse(Wishes(), yard))
    assert after["lines"] and yard not in {line["from"] for line in after["lines"]}


def test_a_truck_keeps_its_load_whatever_else_is_weighed(demo: Engine) -> None:
    before = body_of(demo)
    route = next(r for r in before["routes"] if all(
        load[0] == r["depot"] for t in before["plan"] if t["vehicle"] == r["vehicle"] for load in t["loads"]))
    wishes = wanted.weighed(wanted.keeping_truck(Wishes(), before, route["vehicle"]), "fast", None)
    after = edited(demo, wishes)
    (kept,) = [r for r in after["routes"] if r["vehicle"] == route["vehicle"]]
    assert {s["place"] for s in route["stops"]} <= {s["place"] for s in kept["stops"]}
    assert after["wishes"]["mode"] == "fast"


def test_the_order_of_stops_is_kept(demo: Engine) -> None:
    before = body_of(demo)
    route = next(r for r in before["routes"] if len({s["place"] for s in r["stops"]}) > 1)
    order = tuple(reversed([s["place"] for s in route["stops"]]))
    wishes = wanted.keeping_truck(Wishes(), before, route["vehicle"])
    after = edited(demo, wanted.with_order(wishes, OrderPin(route["vehicle"], order)))
    (turned,) = [r for r in after["routes"] if r["vehicle"] == route["vehicle"]]
    assert [s["place"] for s in turned["stops"] if s["place"] in order] == list(order)


def test_wishes_that_contradict_each_other_are_named_by_two(demo: Engine) -> None:
    route = body_of(demo)["routes"][0]
    place, county = route["depot"], route["stops"][0]["place"]
    pin = TruckPin(route["vehicle"], place, county)
    both = wanted.without_warehouse(wanted.with_truck(Wishes(), pin), place)
    with pytest.raises(InvalidInput) as refused:
        edit(demo, CODE, both, way(demo))
    assert "固定车辆" in refused.value.message_zh and "不用" in refused.value.message_zh
    with pytest.raises(InvalidInput, match="without truck"):
        edit(demo, CODE, wanted.without_truck(wanted.with_truck(Wishes(), pin), route["vehicle"]), way(demo))
    with pytest.raises(InvalidInput, match="short"):
        edit(demo, CODE, wanted.with_line(Wishes(), LinePin(place, county, "QUILT", 10**6)), way(demo))
    assert body_of(demo)["status"] == "draft"


def test_a_truck_too_small_for_what_is_fixed_to_it_is_named(demo: Engine) -> None:
    body = body_of(demo)
    heavy = max(body["routes"], key=lambda r: r["load_kg"])
    place = max(heavy["stops"], key=lambda s: s["arrives_at"])["place"]
    pin = TruckPin(f"HIRE-{heavy['depot'].removeprefix('WH-')}-V10-1", heavy["depot"], place)
    with pytest.raises(InvalidInput, match="too heavy|too large|no truck"):
        edit(demo, CODE, wanted.with_truck(Wishes(), pin), way(demo))


def test_edits_are_on_record_and_the_editor_may_not_approve(demo: Engine, clock: FixedClock) -> None:
    code = edit(demo, CODE, Wishes(), way(demo, "approver"))
    code = edit(demo, code, Wishes(), way(demo, "duty"))
    body = body_of(demo, code)
    assert body["edited"]["editors"] == ["approver", "duty"] and body["created_by"] == "duty"
    with reading(demo) as session:
        rows = session.execute(text("SELECT actor, subject FROM audit WHERE action = 'proposal.edited' ORDER BY id")).all()
    assert [actor for actor, _ in rows] == ["approver", "duty"] and rows[1][1] == code
    submit(demo, code, "duty", clock)
    with pytest.raises(Refused, match="edited"):
        approve(demo, code, "approver", body["body_hash"], clock)


def test_only_planners_and_approvers_edit_and_only_what_is_open(demo: Engine, clock: FixedClock) -> None:
    with pytest.raises(Refused):
        edit(demo, CODE, Wishes(), way(demo, "viewer"))
    submit(demo, CODE, "duty", clock)
    with pytest.raises(Conflict, match="submitted"):
        edit(demo, CODE, Wishes(), way(demo))


def test_a_truck_that_is_out_is_neither_offered_nor_approved_twice(demo: Engine, clock: FixedClock) -> None:
    body = body_of(demo)
    submit(demo, CODE, "duty", clock)
    waybills = approve(demo, CODE, "approver", body["body_hash"], clock)
    out = {r["vehicle"] for r in body["routes"]}

    def ready(at: FixedClock) -> tuple[set[str], set[str]]:
        with reading(demo) as session:
            inputs = gather(session, body["situation"]["code"], at.now())
        return {v.code for v in inputs.vehicles}, {t.vehicle_code for t in inputs.busy_trucks}

    free, busy = ready(clock)
    assert busy == out and not free & out
    depart(demo, waybills[0], "store", clock)
    receive(demo, waybills[0], "store", {}, clock)
    assert ready(clock)[1] == out, "signed for, but still on its way back"
    later = FixedClock(NOW.replace(day=NOW.day + 3))
    assert ready(later)[1] == out - {body["routes"][0]["vehicle"]}


def test_loads_are_cut_for_the_trucks_that_are_not_out(demo: Engine, clock: FixedClock) -> None:
    body = body_of(demo)
    submit(demo, CODE, "duty", clock)
    approve(demo, CODE, "approver", body["body_hash"], clock)
    with reading(demo) as session:
        inputs = gather(session, body["situation"]["code"], clock.now())
    assert any(not tour.is_hired for tour in inputs.busy_trucks)
    counted = trucks_at(inputs, 0)
    free = Counter((v.warehouse_code, v.class_code) for v in inputs.vehicles)
    hired = Counter((t.warehouse_code, t.class_code) for t in inputs.busy_trucks if t.is_hired)
    assert {(w, c): n for w, of in counted.items() for c, n in of.items() if n} == {
        key: n for key in {*free, *hired} if (n := free[key] - hired[key])
    }


def test_a_plan_whose_truck_went_out_meanwhile_is_not_approved(demo: Engine, clock: FixedClock) -> None:
    body = body_of(demo)
    submit(demo, CODE, "duty", clock)
    with transaction(demo) as session:
        add_waybill(session, make_bodies(body)[0] | {"code": "WB-OTHER"}, "approver", clock)
    with pytest.raises(Conflict, match="WB-OTHER"):
        approve(demo, CODE, "approver", body["body_hash"], clock)
    assert body_of(demo)["status"] == "submitted"


def test_alternatives_are_worked_out_one_by_one_and_one_can_be_taken(demo: Engine) -> None:
    with reading(demo) as session:
        assert modes_missing(session, CODE) == ["fast", "fair", "frugal"]
    assert [make_next(demo, way(demo)) for _ in range(4)] == [f"{CODE} fast", f"{CODE} fair", f"{CODE} frugal", None]
    with reading(demo) as session:
        rows = {row["mode"]: row for row in table(session, CODE)}
    assert rows["balanced"]["is_current"] and rows["balanced"]["differences"] == []
    figures = {mode: row["figures"] for mode, row in rows.items()}
    assert figures["fast"]["arrival_h"] <= figures["balanced"]["arrival_h"]
    assert figures["frugal"]["cost_fen"] <= figures["fast"]["cost_fen"]
    code = choose(demo, CODE, "frugal", way(demo))
    taken = body_of(demo, code)
    assert taken["wishes"]["mode"] == "frugal"
    assert figures_of(taken).cost_fen <= figures["frugal"]["cost_fen"]
    with pytest.raises(InvalidInput):
        choose(demo, code, "cheapest", way(demo))


def test_changes_and_differences_are_told_from_bodies_alone() -> None:
    from_file, other = _plain_body(), _plain_body()
    other["lines"][0]["quantity"], other["lines"][0]["weight_g"] = 60, 180_000
    other["lines"][0]["arrives_at"] = "2021-11-08T20:00:00+00:00"
    other["routes"][0]["cost_fen"] += 320_000
    told = [c["en"] for c in changes(from_file, other)]
    assert told[0] == "transport +3,200 yuan (¥1,000 to ¥4,200)"
    assert "A to B: quilt -40 pcs (100 to 60)" in told and any("2.0 h later" in c for c in told)
    base, one = figures_of(from_file), figures_of(other)
    assert one.unmet_percent == 40.0 and one.least_percent == 60.0 and one.least_en == "B"
    said = [d["zh"] for d in differences(one, base)]
    assert said[0] == "多 3,200 元" and "一半急需物资（优先级 1）晚 2.0 小时" in said
    assert differences(base, base) == []


@pytest.mark.parametrize("value", ["0", "61", "0,8", "x", "0.05", ""])
def test_seconds_for_an_edit_that_cannot_be_are_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("DISPATCH_EDIT_SECONDS", value)
    with pytest.raises(InvalidInput, match="DISPATCH_EDIT_SECONDS"):
        Settings.from_env()
    monkeypatch.setenv("DISPATCH_EDIT_SECONDS", "1.5")
    assert Settings.from_env().edit_seconds == 1.5


def _plain_body() -> dict:
    line = {"id": "L1", "from": "W", "from_zh": "甲", "from_en": "A", "to": "C", "to_zh": "乙", "to_en": "B", "item": "Q",
            "item_zh": "棉被", "item_en": "quilt", "unit_zh": "床", "unit_en": "pcs", "quantity": 100, "weight_g": 300_000,
            "arrives_at": "2021-11-08T18:00:00+00:00", "vehicle": "V"}
    need = {"county": "C", "county_zh": "乙", "county_en": "B", "item": "Q", "quantity": 100, "priority": 1,
            "due_at": "2021-11-08T19:00:00+00:00"}
    route = {"vehicle": "V", "cost_fen": 100_000, "stops": [{"place": "C", "place_zh": "乙", "place_en": "B"}]}
    return {"situation": {"as_of": "2021-11-08T15:00:00+00:00"}, "lines": [line], "needs": [need], "teams": [], "routes": [route], "gaps": []}


def test_a_team_goes_where_a_coordinator_says_or_stays_and_the_plan_tells_why(demo: Engine) -> None:
    before = body_of(demo)
    first = before["teams"][0]
    assert first["tour_ends_at"] and {s["team"] for s in before["team_stays"]}.isdisjoint({first["team"]})
    assert all(s["reason"]["zh"] and s["reason"]["en"] for s in before["team_stays"]) and before["team_proof"]["is_optimal"]
    after = edited(demo, without_team(Wishes(), first["team"]))
    assert first["team"] not in {t["team"] for t in after["teams"]}
    assert {s["team"]: s["reason"]["code"] for s in after["team_stays"]}[first["team"]] == "team.kept"
    assert f"{first['team_zh']}不再派出" in {c["zh"] for c in after["edited"]["changes"]}
    county = before["situation"]["counties"][-1]["adcode"]
    wishes = with_team(without_team(Wishes(), "RT-150100"), "RT-150100", county)
    pinned = edited(demo, wishes, after["code"])
    assert {t["team"]: (t["county"], t["is_pinned"]) for t in pinned["teams"]}["RT-150100"] == (county, True)
    assert pinned["edited"]["asked"][0]["zh"].startswith("呼和浩特市红十字赈济救援队 →")
    assert wanted.dropped(wishes, "team:RT-150100") == Wishes()
    with pytest.raises(InvalidInput, match="no team or county 'RT-9'"):
        edited(demo, without_team(Wishes(), "RT-9"), pinned["code"])
