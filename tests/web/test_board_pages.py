"""The board's pages: what they say, in rows and as data, at any moment; what bad addresses get."""

import csv
import io
import json
import re
from collections.abc import Callable

from sqlalchemy import Engine, update

from dispatch.clock import FixedClock
from dispatch.db import transaction
from dispatch.inventory.tables import WarehouseRow
from dispatch.routing.reports import RoadTold, tell_road
from dispatch.routing.road_state import RoadStateKind
from dispatch.scenes import LAYERS
from tests.web.conftest import Person

LogIn = Callable[[str], Person]
CODE = "P-20211108-001"
EVERY_PAGE = (
    "/", "/?at=2021-11-07T08:00", "/?at=2021-11-09T08:00", "/map/table", "/roads", "/claims", "/phone", "/openness", "/alerts", "/alerts/documents", "/reports/new", "/proposals/",
    f"/proposals/{CODE}", "/stock", "/waybills", "/movements", "/health", "/documents/", "/documents/new/receipt", "/warehouses/", "/warehouses/WH-150500",
    "/money", "/uploads/", "/plans/", "/plans/what-if", "/teams/", "/teams/RT-150500", "/deployments/", "/notices", "/my/", "/situations/S-20211105-150500-blizzard",
)
# data blocks hold what people typed, escaped; they are not tags
BLOCKS = re.compile(r"<script type=\"application/json\".*?</script>|<script nonce.*?</script>", re.S)


def visible(page: str) -> str:
    return re.sub(r"<[^>]+>", " ", BLOCKS.sub("", page))


def test_the_board_says_what_happens_what_to_decide_and_whether_it_is_enough(log_in: LogIn) -> None:
    page = log_in("duty").get("/")
    words = visible(page)
    assert "演示" in words and "通辽市暴雪" in words and "7 个旗县" in words
    assert f"核对并提交方案 {CODE}" in words and "首批物资到达" in words
    assert re.search(r"需求满足\D{0,120}100%", words) and "首车到达" in words
    due = re.findall(r'<time class="countdown" datetime="([^"]+)"', page)
    assert len(due) == 7 and due == sorted(due)


def test_an_approver_sees_what_waits_for_them_and_the_duty_officer_what_waits_for_others(log_in: LogIn) -> None:
    duty, approver = log_in("duty"), log_in("approver")
    assert "审批方案" not in visible(approver.get("/"))
    duty.post(f"/proposals/{CODE}", f"/proposals/{CODE}/submit")
    assert f"审批方案 {CODE}" in visible(approver.get("/"))
    mine = visible(duty.get("/"))
    assert f"审批方案 {CODE}" not in mine and "另有 1 项等待他人处理" in mine
    assert f"审批方案 {CODE}" in visible(duty.get("/?who=all"))


def test_no_page_has_a_style_attribute_or_a_handler(log_in: LogIn) -> None:
    client = log_in("duty").client
    for path in EVERY_PAGE:
        answer = client.get(path, follow_redirects=True)
        page = re.sub(r"<script.*?</script>", "", answer.get_data(as_text=True), flags=re.S)
        tags = re.findall(r"<[a-zA-Z][^>]*>", page)
        assert answer.status_code == 200 and tags, path
        assert not [t for t in tags if re.search(r"\s(style|on[a-z]+)\s*=", re.sub(r'"[^"]*"', '""', t))], path
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe-inline" not in policy and "style-src-attr" not in policy


def test_a_layer_is_had_as_geojson_and_not_again_while_it_is_the_same(log_in: LogIn) -> None:
    client = log_in("duty").client
    for key in LAYERS:
        first = client.get(f"/map/{key}.geojson")
        assert first.status_code == 200 and first.mimetype == "application/geo+json"
        data = json.loads(first.data)
        assert data["type"] == "FeatureCollection" and data["key"] == key
        again = client.get(f"/map/{key}.geojson", headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304 and not again.data
    tag = client.get("/map/trucks.geojson").headers["ETag"]
    assert client.get("/map/trucks.geojson?at=2021-11-09T08:00", headers={"If-None-Match": tag}).status_code == 200


def test_a_layer_is_another_once_something_happened(log_in: LogIn, demo: Engine, clock: FixedClock) -> None:
    client = log_in("duty").client
    tag = client.get("/map/routes.geojson").headers["ETag"]
    closed = client.get("/map/roads.geojson").data.count(b'"kind":"closed"')
    with transaction(demo) as session:
        tell_road(session, RoadTold(12, RoadStateKind.CLOSED, clock.now(), "call", "交警", "k"), "duty", clock.now())
    assert client.get("/map/roads.geojson").data.count(b'"kind":"closed"') == closed + 1
    assert client.get("/map/routes.geojson", headers={"If-None-Match": tag}).status_code == 304


def test_layers_need_a_login_and_a_known_name(log_in: LogIn) -> None:
    assert log_in("nobody").client.get("/map/levels.geojson").status_code == 302
    assert log_in("duty").client.get("/map/secrets.geojson").status_code == 404


BAD_TIMES = (
    ("yesterday", "“yesterday”不是可识别的时间"), ("2021-13-45T99:00", "不是可识别的时间"),
    ("2021-10-01T00:00", "超出范围"), ("2031-01-01T00:00", "超出范围"), ("x" * 4000, "不是可识别的时间"),
)


def test_a_time_that_cannot_be_is_told_and_the_present_is_shown(log_in: LogIn) -> None:
    client = log_in("duty").client
    for path in ("/", "/map/table"):
        for at, words in BAD_TIMES:
            answer = client.get(path, query_string={"at": at})
            page = visible(answer.get_data(as_text=True))
            assert answer.status_code == 400 and words in page and "→" in page, at
            assert "2021-11-08 23:00" in page, "the present is shown"
    assert client.get("/map/levels.geojson?at=never").status_code == 400


def test_the_past_and_the_plan_are_marked_as_such_and_lead_back(log_in: LogIn) -> None:
    person = log_in("duty")
    past, ahead = visible(person.get("/?at=2021-11-07T08:00")), visible(person.get("/?at=2021-11-09T08:00"))
    assert "回看 2021-11-07 08:00" in past and "回到现在" in past
    assert "按计划推演 2021-11-09 08:00，非实况" in ahead
    # what must be decided is of now, whatever the map shows
    assert f"核对并提交方案 {CODE}" in past and f"核对并提交方案 {CODE}" in ahead


def test_the_scale_works_as_links_and_as_a_form(log_in: LogIn) -> None:
    person = log_in("duty")
    page = person.get("/")
    steps = re.findall(r'<a href="(/\?(?:at=[^"]*)?)"( aria-current="time")?>([^<]+)</a>', page)
    assert [s[2] for s in steps][0] == "−72 h" and [s[2] for s in steps][-1] == "+72 h"
    assert [s[2] for s in steps if s[1]] == ["现在"]
    for href, _, _ in steps:
        person.get(href)
    assert '<input type="datetime-local" name="at" min="2021-11-05T23:00" max="2021-11-11T23:00"' in page


def rows_in(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_the_table_says_what_the_map_says_and_goes_away_as_csv(log_in: LogIn) -> None:
    client = log_in("duty").client
    on_map = sum(len(json.loads(client.get(f"/map/{key}.geojson").data)["features"]) for key in LAYERS)
    answer = client.get("/map/table?download=csv")
    assert answer.mimetype == "text/csv"
    heads, tags, *rows = rows_in(answer.data.decode("utf-8-sig"))
    assert len(rows) == on_map and heads[0] == "图层" and tags[1] == "#meta+id"
    narrowed = client.get("/map/table?layer=roads&q=封闭&download=csv").data.decode("utf-8-sig")
    assert len(rows_in(narrowed)) == 2 + 9
    page = client.get("/map/table?layer=roads&q=封闭").get_data(as_text=True).partition("</main>")[0]
    assert page.count('<th scope="row">') == 9 and "focus=road:" in page


def test_the_table_orders_by_the_heading_clicked_and_back(log_in: LogIn) -> None:
    person = log_in("duty")
    up = re.findall(r'<th scope="row">(?:<a[^>]*>)?([^<]+)', person.get("/map/table?layer=warehouses&sort=name"))
    down = re.findall(r'<th scope="row">(?:<a[^>]*>)?([^<]+)', person.get("/map/table?layer=warehouses&sort=name&down=1"))
    assert len(up) == 93 and up == sorted(up) and down == up[::-1]
    for odd in ("sort=secret", "page=-1", "page=9999999999", "page=０", "layer=<b>", "down=7", "q=" + "很" * 4000):
        assert person.client.get(f"/map/table?{odd}").status_code == 200, odd


def test_a_name_of_four_thousand_characters_with_tags_stays_a_name(log_in: LogIn, demo: Engine) -> None:
    name = "<script>alert(1)</script>=cmd|" + "长" * 4000
    if demo.dialect.name == "postgresql":
        name = name[:80]
    with transaction(demo) as session:
        session.execute(update(WarehouseRow).where(WarehouseRow.code == "WH-150500").values(name_zh=name))
    person = log_in("duty")
    for path in ("/", "/map/table?layer=warehouses", "/warehouses/"):
        page = person.get(path)
        assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in person.get("/map/table?layer=warehouses&q=alert")
    data = json.loads(person.client.get("/map/warehouses.geojson").data)
    assert name in [f["properties"]["name"] for f in data["features"]]


def test_the_list_is_answered_only_when_it_changed_and_without_the_map(log_in: LogIn) -> None:
    duty = log_in("duty")
    first = duty.client.get("/", headers={"X-Live": "1"})
    page = first.get_data(as_text=True)
    assert first.status_code == 200 and "核对并提交方案" in page and "folium-map" not in page
    tag = first.headers["ETag"].strip('"')
    assert duty.client.get("/", headers={"X-Live": tag}).status_code == 304
    duty.post(f"/proposals/{CODE}", f"/proposals/{CODE}/submit")
    assert "核对并提交方案" not in duty.client.get("/", headers={"X-Live": tag}).get_data(as_text=True)
