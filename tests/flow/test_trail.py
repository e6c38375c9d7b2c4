"""Undo and redo, what an edit costs, how far the plan is from the machine's own, loads moved, roads closed."""

from collections import Counter

import pytest
from sqlalchemy import Engine

from dispatch.db import reading
from dispatch.errors import Conflict, InvalidInput, Refused
from dispatch.flow import wanted
from dispatch.flow.edit import edit, look, names_of, redo, undo
from dispatch.flow.load_wishes import load_key, moving_load, trucks_for_loads, yard_of
from dispatch.flow.road_wishes import with_road
from dispatch.flow.wishes import Wishes, wishes_from_json
from dispatch.proposals.queries import list_proposals
from dispatch.proposals.snapshot import canonical
from dispatch.routing.pins import TruckPin
from dispatch.routing.rates import load_routing
from dispatch.routing.road_wishes import RoadWish
from dispatch.routing.store import list_classes, list_vehicles
from tests.flow.test_edit import CODE, body_of, edited, way


def plan(body: dict) -> list:
    return sorted(body["plan"], key=str)


def test_edits_are_undone_and_done_again_step_by_step(demo: Engine) -> None:
    first = body_of(demo)
    one, two = (r["vehicle"] for r in first["routes"][:2])
    a = edited(demo, wanted.without_truck(Wishes(), one))
    b = edited(demo, wanted.without_truck(wishes_from_json(a["wishes"]), two), a["code"])
    assert (b["edited"]["past"], b["edited"]["future"]) == ([CODE, a["code"]], [])
    back = body_of(demo, undo(demo, b["code"], way(demo)))
    assert back["wishes"] == a["wishes"] and plan(back) == plan(a) and back["edited"]["kind"] == "undo"
    start = body_of(demo, undo(demo, back["code"], way(demo)))
    assert start["wishes"] == first["wishes"] and plan(start) == plan(first)
    assert start["edited"]["machine"]["changes"] == [] and start["edited"]["past"] == []
    with pytest.raises(Conflict, match="nothing to undo"):
        undo(demo, start["code"], way(demo))
    again = body_of(demo, redo(demo, start["code"], way(demo)))
    assert again["wishes"] == a["wishes"] and plan(again) == plan(a)
    last = body_of(demo, redo(demo, again["code"], way(demo)))
    assert last["wishes"] == b["wishes"] and plan(last) == plan(b) and last["edited"]["future"] == []
    with pytest.raises(Conflict, match="Nothing was undone"):
        redo(demo, last["code"], way(demo))
    fresh = body_of(demo, undo(demo, last["code"], way(demo)))
    branch = edited(demo, wanted.weighed(Wishes(), "fast", None), fresh["code"])
    assert branch["edited"]["future"] == [], "a new edit ends what could be done again"


def test_undo_takes_the_right_to_edit_and_counts_as_a_hand_in_the_plan(demo: Engine) -> None:
    code = edit(demo, CODE, wanted.weighed(Wishes(), "fast", None), way(demo))
    with pytest.raises(Refused):
        undo(demo, code, way(demo, "viewer"))
    back = body_of(demo, undo(demo, code, way(demo, "approver")))
    assert back["edited"]["editors"] == ["approver", "duty"]


def test_the_difference_to_the_machines_plan_is_kept_through_every_edit(demo: Engine) -> None:
    first = body_of(demo)
    one, two = (r["vehicle"] for r in first["routes"][:2])
    a = edited(demo, wanted.without_truck(Wishes(), one))
    b = edited(demo, wanted.without_truck(wishes_from_json(a["wishes"]), two), a["code"])
    machine = b["edited"]["machine"]
    assert machine["code"] == CODE
    assert [c["zh"] for c in machine["asked"]] == [f"不用车辆 {t}" for t in sorted((one, two))]
    assert {f"不再使用车辆 {one}", f"不再使用车辆 {two}"} <= {c["zh"] for c in machine["changes"]}
    cost = [sum(r["cost_fen"] for r in body["routes"]) for body in (first, a, b)]
    figures = b["edited"]["figures"]
    assert [machine["figures"]["cost_fen"], figures["before"]["cost_fen"], figures["after"]["cost_fen"]] == cost
    with reading(demo) as session:
        (row,) = [p for p in list_proposals(session) if p["code"] == b["code"]]
    body = {k: v for k, v in b.items() if k not in ("status", "submitted_by", "body_hash", "decisions")}
    assert row["body_hash"] == b["body_hash"] and '"machine"' in canonical(body), "the approver signs it too"


def busy_road(body: dict) -> int:
    return Counter(leg["edge"] for r in body["routes"] for leg in r["legs"]).most_common(1)[0][0]


def test_a_road_that_is_closed_is_not_driven_and_opens_again_with_the_wish(demo: Engine) -> None:
    before = body_of(demo)
    edge = busy_road(before)
    after = edited(demo, with_road(Wishes(), str(edge), 0))
    assert edge not in {leg["edge"] for r in after["routes"] for leg in r["legs"]}
    assert edge in {e["edge"] for e in after["closed_edges"]} and after["verified"]
    with reading(demo) as session:
        (chip,) = wanted.chips(wishes_from_json(after["wishes"]), names_of(session))
    assert chip.key == f"road:{edge}" and chip.zh.startswith("不走 ") and "—" in chip.zh
    back = edited(demo, wanted.dropped(wishes_from_json(after["wishes"]), chip.key), after["code"])
    assert plan(back) == plan(before)


def test_a_slowed_road_takes_longer_wherever_it_is_still_driven(demo: Engine) -> None:
    before = body_of(demo)
    edge = busy_road(before)
    after = edited(demo, with_road(Wishes(), str(edge), 50))
    full = max(leg["duration_s"] for r in before["routes"] for leg in r["legs"] if leg["edge"] == edge)
    slow = [leg["duration_s"] for r in after["routes"] for leg in r["legs"] if leg["edge"] == edge]
    assert all(s >= 2 * full - 1 for s in slow)
    assert after["wishes"]["roads"] == [{"edge_id": edge, "percent": 50}]


@pytest.mark.parametrize("road,percent", [("x", 0), ("7", 100), ("7", -1), ("", 0), ("7" * 12, 0)])
def test_a_road_that_cannot_be_is_refused(road: str, percent: int) -> None:
    with pytest.raises(InvalidInput):
        with_road(Wishes(), road, percent)


def test_a_road_there_is_not_is_named(demo: Engine) -> None:
    with pytest.raises(InvalidInput, match="no road 99999"):
        edit(demo, CODE, with_road(Wishes(), "99999", 0), way(demo))


def test_a_road_wish_about_one_road_is_replaced_by_the_next() -> None:
    wishes = with_road(with_road(with_road(Wishes(), "7", 50), "8", 0), "7", 0)
    assert wishes.roads == (RoadWish(8, 0), RoadWish(7, 0))
    assert wishes_from_json(wishes.to_json()) == wishes


def choices(engine: Engine, body: dict) -> dict:
    with reading(engine) as session:
        return trucks_for_loads(body, (list_vehicles(session), list_classes(session)), load_routing())


def test_a_load_moves_to_another_truck_of_its_warehouse_and_the_rest_stays(demo: Engine) -> None:
    before = body_of(demo)
    tour = next(t for t in before["plan"] if len(t["loads"]) > 1 and all(one[0] == t["depot"] for one in t["loads"]))
    load = tour["loads"][0]
    to = next(t.code for t in choices(demo, before)[load_key(load)] if t.code.startswith("HIRE-"))
    wishes = moving_load(Wishes(), before, load_key(load), (to, yard_of(to, {})))
    after = edited(demo, wishes)
    assert {n["vehicle"] for n in after["lines"] if n["load"] == load} == {to}
    had, has = ({tuple(one): t["vehicle"] for t in b["plan"] for one in t["loads"]} for b in (before, after))
    moved = {one for one in had if had[one] != has.get(one)}
    assert tuple(load) in moved and len(moved) <= 4, "an edit changes little else"
    back = moving_load(wishes, after, load_key(load), (tour["vehicle"], tour["depot"]))
    assert len(back.pins.trucks) == 1, "the last move of a load counts"


def test_a_load_of_a_lane_fixed_as_a_whole_moves_alone() -> None:
    body = {"plan": [{"vehicle": "A", "loads": [["W", "C", 0], ["W", "C", 1], ["W", "D", 0]]}]}
    whole = wanted.with_truck(Wishes(), TruckPin("A", "W", "C"))
    moved = moving_load(whole, body, "W:C:0", ("B", "W"))
    assert set(moved.pins.trucks) == {TruckPin("A", "W", "C", 1), TruckPin("B", "W", "C", 0)}


@pytest.mark.parametrize("load,vehicle,yard,words", [
    ("WH-1:150525:0", "V", "WH-1", "no load"), ("", "V", "", "no load"), (None, "V", "", "not known"), (None, "V", "WH-150100", "stands at WH-150100"),
])
def test_a_move_that_cannot_be_is_told(demo: Engine, load: str | None, vehicle: str, yard: str, words: str) -> None:
    body = body_of(demo)
    first = next(one for t in body["plan"] for one in t["loads"] if one[0] != "WH-150100")
    with pytest.raises(InvalidInput, match=words):
        moving_load(Wishes(), body, load_key(first) if load is None else load, (vehicle, yard))


def test_trucks_on_offer_stand_at_the_loads_warehouse_carry_it_and_are_fit_for_the_way(demo: Engine) -> None:
    body = body_of(demo)
    with reading(demo) as session:
        yards, classes = {v.code: v.warehouse_code for v in list_vehicles(session)}, list_classes(session)
    offered = choices(demo, body)
    assert set(offered) == {load_key(one) for t in body["plan"] for one in t["loads"]}
    carrier = {load_key(one): t["vehicle"] for t in body["plan"] for one in t["loads"]}
    red = {c["adcode"] for c in body["situation"]["counties"] if c["colour"] == "red"}
    assert red
    for load, trucks in offered.items():
        yard, county, _number = load.split(":")
        grams = sum(n["weight_g"] for n in body["lines"] if load_key(n["load"]) == load)
        assert {yard_of(t.code, yards) for t in trucks} <= {yard} and carrier[load] not in {t.code for t in trucks}
        assert all(t.payload_g >= grams for t in trucks)
        assert county not in red or not any("V10" in t.code for t in trucks), "a van is not fit for snow"
    assert any(offered.values()) and classes["V10"].skills == "cold_start"


def test_what_was_seen_is_what_an_edit_begins_from(demo: Engine) -> None:
    with reading(demo) as session:
        assert look(session, CODE).wishes == Wishes()
