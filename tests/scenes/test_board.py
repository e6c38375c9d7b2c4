"""The board's map at a moment: what was, what is, what is planned."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from dispatch.clock import FixedClock
from dispatch.db import reading, transaction
from dispatch.flow.deliver import depart
from dispatch.geo import LonLat
from dispatch.routing.reports import RoadTold, tell_road
from dispatch.routing.road_state import RoadStateKind
from dispatch.scenes import LAYERS, Moment, board_scene
from dispatch.scenes.table import PAGE, Choice, chosen, page_of, rows_of
from dispatch.waybills.positions import PositionKind, PositionTold, tell_position
from maps.scene import Item, Layer, Marker, Scene
from tests.conftest import NOW
from tests.waybills.desk import approved

H = timedelta(hours=1)
TONGLIAO = "1505"


def at(engine: Engine, when: datetime, now: datetime = NOW, lang: str = "zh") -> Scene:
    with reading(engine) as session:
        return board_scene(session, Moment(when, now), lang)


def layer(scene: Scene, key: str) -> Layer:
    return next(x for x in scene.layers if x.key == key)


def kinds(scene: Scene, key: str) -> Counter[str]:
    return Counter(item.kind for item in layer(scene, key).items)


def find(scene: Scene, key: str, code: str) -> Item:
    return next(item for item in layer(scene, key).items if item.about.code == code)


def test_counties_stand_in_the_level_in_force_and_the_map_looks_at_them(demo: Engine) -> None:
    scene = at(demo, NOW)
    assert [x.key for x in scene.layers] == list(LAYERS)
    hit = [z for z in layer(scene, "levels").items if z.kind != "calm"]
    assert len(hit) == 7 and {z.about.place[:4] for z in hit} == {TONGLIAO}
    assert {(z.kind, getattr(z, "label", "")) for z in hit} == {("red", "I")}
    assert len(layer(scene, "levels").items) == 103
    west, south, east, north = scene.bounds or (0, 0, 0, 0)
    assert 119 < west < east < 124 and 42 < south < north < 46


def test_the_past_is_shown_as_it_was(demo: Engine) -> None:
    before = at(demo, NOW - 48 * H)
    assert set(kinds(before, "levels")) == {"calm"}
    assert kinds(before, "alerts")["alert_red"] == 0 and kinds(before, "alerts")["alert_yellow"] == 1
    assert kinds(before, "roads")["closed"] == 0
    # without a response the warnings are what one must see
    assert layer(before, "alerts").is_on and not layer(at(demo, NOW), "alerts").is_on
    assert kinds(at(demo, NOW), "roads")["closed"] == 9


def test_what_is_known_later_is_not_known_before(demo: Engine) -> None:
    with transaction(demo) as session:
        tell_road(session, RoadTold(12, RoadStateKind.CLOSED, NOW - 2 * H, "call", "王师傅", "k"), "duty", NOW)
    assert find(at(demo, NOW - 3 * H), "roads", "road:12").kind == "road"
    closed = find(at(demo, NOW), "roads", "road:12")
    assert closed.kind == "closed" and "王师傅" in closed.text and closed.about.as_of == NOW - 2 * H
    assert not closed.about.is_old


def test_a_person_counts_before_a_notice_and_an_old_word_looks_old(demo: Engine) -> None:
    shut = next(item.about.code for item in layer(at(demo, NOW), "roads").items if item.kind == "closed")
    with transaction(demo) as session:
        tell_road(session, RoadTold(int(shut.split(":")[1]), RoadStateKind.OPEN, NOW, "call", "交警", "k"), "duty", NOW)
        tell_road(session, RoadTold(12, RoadStateKind.SLOW, NOW - 13 * H, "phone", "李队长", "l", percent=40), "duty", NOW)
    scene = at(demo, NOW)
    assert find(scene, "roads", shut).about.state == "畅通"
    old = find(scene, "roads", "road:12")
    assert old.kind == "slow" and "40％" in old.about.state and old.about.is_old and "再次核实" in old.text


def test_trucks_of_a_plan_show_only_ahead_and_move_by_it(demo: Engine) -> None:
    assert kinds(at(demo, NOW), "trucks") == Counter()
    assert set(kinds(at(demo, NOW), "routes")) == {"route_draft"}
    soon, later = at(demo, NOW + 2 * H), at(demo, NOW + 30 * H)
    assert set(kinds(soon, "trucks")) <= {"truck_planned", "truck_there"} and kinds(soon, "trucks")["truck_planned"] > 0
    assert set(kinds(later, "trucks")) == {"truck_there"}
    assert "非实况" in layer(soon, "trucks").items[0].text


def test_a_truck_is_where_it_was_last_told_and_the_past_keeps_it_there(demo: Engine, clock: FixedClock) -> None:
    code = approved(demo, clock)[0]
    depart(demo, code, "store", clock)
    with transaction(demo) as session:
        told = PositionTold(code, PositionKind.CALL, NOW + H, "k", LonLat(120.5, 43.5))
        tell_position(session, told, "duty", NOW + H)
    now = NOW + 2 * H
    there = find(at(demo, now, now), "trucks", code)
    assert isinstance(there, Marker) and (there.lon, there.lat) == (120.5, 43.5)
    assert there.about.as_of == NOW + H and there.kind in ("truck", "truck_late")
    before = find(at(demo, NOW + H / 2, now), "trucks", code)
    assert isinstance(before, Marker) and (before.lon, before.lat) != (120.5, 43.5)
    silent = find(at(demo, NOW + 4 * H, NOW + 4 * H), "trucks", code)
    assert silent.kind == "truck_silent" and silent.about.rank == 0
    others = kinds(at(demo, now, now), "trucks")
    assert others["truck_late"] > 0, "trucks that should have left by now are late"


def test_warehouses_show_their_fill_against_their_minimum(demo: Engine) -> None:
    found = layer(at(demo, NOW), "warehouses")
    assert len(found.items) == 93 and found.gathers
    low = next(m for m in found.items if m.kind == "stock_full" and "最缺" in m.text)
    item, share = low.text.removeprefix("最缺：").split("、")[0].rsplit(" ", 1)
    have, least = share.replace("（现时库存）", "").split("/")
    assert item and int(have.replace(",", "")) < int(least.replace(",", ""))


def test_english_layers_hold_no_chinese_of_ours(demo: Engine) -> None:
    for one in at(demo, NOW + 3 * H, lang="en").layers:
        words = " ".join([one.title, *(w for _, w in one.legend), *(f"{i.text} {i.about.name} {i.about.state} {i.about.place_name}" for i in one.items)])
        assert not [c for c in words if "一" <= c <= "鿿"], one.key


SORTS: list[tuple[str, Callable[..., object]]] = [
    ("rank", lambda r: r.rank), ("layer", lambda r: r.layer), ("name", lambda r: r.name), ("state", lambda r: r.state),
]


@pytest.mark.parametrize(("sort", "key"), SORTS)
def test_the_table_has_everything_on_the_map_in_the_order_asked_for(demo: Engine, sort: str, key: Callable[..., object]) -> None:
    scene = at(demo, NOW)
    rows = chosen(rows_of(scene), Choice(sort=sort))
    assert len(rows) == sum(len(x.items) for x in scene.layers)
    assert [key(r) for r in rows] == sorted((key(r) for r in rows), key=lambda k: k)  # type: ignore[type-var]
    assert all(row.name for row in rows), "nothing on the map is without a name"
    assert [key(r) for r in chosen(rows, Choice(sort=sort, is_down=True))] == [key(r) for r in reversed(rows)]


def test_the_table_is_narrowed_by_layer_and_words_and_comes_in_pages(demo: Engine) -> None:
    rows = rows_of(at(demo, NOW))
    found = chosen(rows, Choice(layer="roads", words="封闭 g45"))
    assert found and all(r.layer == "roads" and "封闭" in r.state and "G45" in r.name for r in found)
    assert chosen(rows, Choice(words="没有这样的地方")) == ()
    first, pages = page_of(rows, 1)
    assert len(first) == PAGE and pages == -(-len(rows) // PAGE)
    last, _ = page_of(rows, 99)
    assert list(last) == list(rows[(pages - 1) * PAGE:])
