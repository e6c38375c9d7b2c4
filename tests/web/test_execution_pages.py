"""Pages of execution: tracking, receipts, claims, roads, the driver's page and what devices send."""

import io
import re
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from dispatch.clock import FixedClock
from dispatch.db import reading
from dispatch.flow.deliver import depart
from dispatch.waybills.queries import get_waybill
from tests.conftest import NOW
from tests.waybills.desk import approved, on_the_road
from tests.web.conftest import Person

LogIn = Callable[[str], Person]
JPEG = b"\xff\xd8\xff\xe0" + b"1" * 50
QUEUED = {"X-Queued": "1"}


def count(engine: Engine, table: str) -> int:
    with reading(engine) as session:
        return int(session.scalar(text(f"SELECT COUNT(*) FROM {table}")) or 0)


def queued(person: Person, page: str, path: str, **fields: object):  # type: ignore[no-untyped-def]
    token = re.search(r'name="csrf_token" value="([^"]+)"', person.get(page))
    assert token
    return person.client.post(path, data={**fields, "csrf_token": token.group(1)}, headers=QUEUED)


def test_a_receipt_replayed_from_the_queue_is_one_fact(log_in: LogIn, demo: Engine, clock: FixedClock) -> None:
    paper = on_the_road(demo, clock)
    path, stop = f"/waybills/{paper['code']}/receive", paper["stops"][0]["place"]
    store = log_in("store")
    line = next(x for x in paper["lines"] if x["to"] == stop)
    fields = {"county": stop, "signed_by": "包文革", "form_key": "abc", "age_s": "3600", f"sent-{line['id']}": str(line["quantity"]),
              f"damaged-{line['id']}": "1", f"why-{line['id']}": "受潮"}
    for _ in range(2):
        answer = queued(store, path, path, **fields, photo=(io.BytesIO(JPEG), "a.jpg")) if count(demo, "receipt") == 0 else \
            queued(store, "/phone", path, **fields, photo=(io.BytesIO(JPEG), "a.jpg"))
        assert answer.status_code == 200 and "签收" in answer.json["done"]
    assert (count(demo, "receipt"), count(demo, "receipt_photo"), count(demo, "claim")) == (1, 1, 1)
    with reading(demo) as session:
        when, number = session.execute(text("SELECT said_at, id FROM receipt")).one()
        damaged = session.scalar(text("SELECT SUM(quantity) FROM movement WHERE reason = 'damage'"))
    assert str(when)[:16] == f"{NOW - timedelta(hours=1):%Y-%m-%d %H:%M}" and damaged == 1
    other = queued(store, "/phone", path, **{**fields, "form_key": "def", f"damaged-{line['id']}": "2"})
    assert other.status_code == 409 and "数量与本次不同" in other.json["refused"]
    assert store.client.get(f"/waybills/{paper['code']}/photos/{number}/1").data == JPEG
    assert store.client.get(f"/waybills/{paper['code']}/photos/{number}/2").status_code == 404
    page = store.get(f"/waybills/{paper['code']}")
    assert "已说明" in page and "短少 0，破损 1" in page


def test_what_is_refused_from_the_queue_says_why(log_in: LogIn, demo: Engine, clock: FixedClock) -> None:
    code = approved(demo, clock)[0]
    store = log_in("store")
    answer = queued(store, "/phone", f"/waybills/{code}/receive", signed_by="王", form_key="k")
    assert answer.status_code == 409 and "尚未登记发车" in answer.json["refused"] and "请先由发货仓库" in answer.json["refused"]
    assert queued(store, "/phone", f"/waybills/{code}/receive", signed_by="王", age_s="-1").status_code == 400
    assert store.client.get("/phone/token").json["who"] == "store"


def test_a_claim_is_explained_and_settled_on_its_page(log_in: LogIn, demo: Engine, clock: FixedClock) -> None:
    paper = on_the_road(demo, clock)
    store, duty = log_in("store"), log_in("duty")
    path = f"/waybills/{paper['code']}/receive"
    line = paper["lines"][0]
    assert store.post(path, path, signed_by="王", **{f"good-{line['id']}": str(line["quantity"] - 1)}).status_code == 302
    claim = f"/claims/CL{paper['code'].removeprefix('WB')}-{line['id']}"
    assert claim in store.get("/claims") and claim not in store.get("/claims?state=settled")
    assert duty.post(claim, claim, target="settled", words="赔了").status_code == 409
    assert duty.post(claim, claim, target="explained", words="").status_code == 400
    assert duty.post(claim, claim, target="nonsense", words="x").status_code == 400
    assert store.post(claim, claim, target="explained", words="车厢门未锁").status_code == 302
    assert store.post(claim, claim, target="settled", words="赔了").status_code == 403
    assert duty.post(claim, claim, target="settled", words="承运方赔付").status_code == 302
    page = store.get(claim)
    assert "车厢门未锁" in page and "承运方赔付" in page and 'name="target"' not in page
    with reading(demo) as session:
        acts = list(session.scalars(text("SELECT action FROM audit WHERE action LIKE 'claim.%' ORDER BY id")))
    assert acts == ["claim.explained", "claim.settled"]


def test_a_road_is_reported_twice_the_same_and_planned_around(log_in: LogIn, demo: Engine, clock: FixedClock) -> None:
    codes = approved(demo, clock)
    with reading(demo) as session:
        papers = [get_waybill(session, code) for code in codes]
    duty = log_in("duty")
    leg = next(leg for p in papers for leg in p["legs"] if leg["refs"])
    over = [p for p in papers if any({x["from"], x["to"]} == {leg["from"], leg["to"]} and x["refs"] == leg["refs"] for x in p["legs"])]
    first = over[0]
    depart(demo, first["code"], "store", clock)
    fields = {"ref": leg["refs"].split("/")[0], "a": leg["from"], "b": leg["to"], "state": "closed", "said_by": "养护站", "kind": "call",
              "until": "2021-11-09T18:00", "words": "雪阻", "form_key": "r1"}
    for _ in range(2):
        assert queued(duty, "/roads/new", "/roads/new", **fields).status_code == 200
    assert count(demo, "road_report") == 1
    page = duty.get("/roads")
    assert "养护站" in page and "2021-11-09 18:00" in page and "已装车在途，保持不变" in page
    ticked = re.findall(r'name="call_off" value="([^"]+)"', page)
    held = re.findall(r'name="waybill" value="([^"]+)"', page)
    assert sorted(held) == sorted(p["code"] for p in over) and first["code"] not in ticked
    before = count(demo, "draft_job")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)  # type: ignore[union-attr]
    answer = duty.client.post("/roads/replan", data={"waybill": held, "call_off": ticked, "why": "封路", "csrf_token": token})
    assert answer.status_code == 302 and "/situations/" in answer.headers["Location"]
    assert count(demo, "draft_job") == before + 1
    with reading(demo) as session:
        states = {code: get_waybill(session, code)["status"] for code in held}
    assert states == {code: "departed" if code == first["code"] else "cancelled" for code in held}
    edge = re.search(r'href="/roads/(\d+)"', page).group(1)  # type: ignore[union-attr]
    assert "雪阻" in duty.get(f"/roads/{edge}") and duty.client.get("/roads/999").status_code == 404


def test_a_road_that_is_not_clear_is_asked_for(log_in: LogIn, demo: Engine) -> None:
    store = log_in("store")
    base = {"state": "slow", "said_by": "我", "form_key": "k"}
    for wrong in ({"ref": "G45"}, {}, {"edge": "abc"}, {"edge": "1", "state": "wet"}, {"edge": "1", "until": "soon"},
                  {"edge": "1", "percent": "x"}, {"edge": "1", "percent": "100"}, {"lon": "x", "lat": "1"}, {"lon": "nan", "lat": "1"}):
        assert store.post("/roads/new", "/roads/new", **{**base, **wrong}).status_code == 400, wrong
    assert store.post("/roads/new", "/roads/new", **{**base, "edge": "9999"}).status_code == 404
    assert log_in("viewer").post("/roads/new", "/roads/new", **{**base, "edge": "1"}).status_code == 403
    assert count(demo, "road_report") == 0
    assert store.post("/roads/new", "/roads/new", **{**base, "lon": "122.3", "lat": "43.6", "kind": "phone"}).status_code == 302
    assert "<option" in store.get("/roads/new?ref=G45") and "没有符合的路段" in store.get("/roads/new?ref=G999")
    assert len(re.findall(r"<option value=\"\d+\">\D", store.get("/roads/new?lon=122.3&lat=43.6"))) >= 1


def test_a_truck_tells_where_it_is_in_four_ways(log_in: LogIn, demo: Engine, clock: FixedClock) -> None:
    paper = on_the_road(demo, clock)
    code, duty = paper["code"], log_in("duty")
    page = duty.get(f"/waybills/{code}")
    truck = re.search(rf'href="(/t/{code}/\w+)"', page).group(1)  # type: ignore[union-attr]
    driver = log_in("duty").client.application.test_client()
    shown = driver.get(truck)
    assert shown.status_code == 200 and shown.headers["Cache-Control"] == "no-store"
    assert driver.get(truck[:-1] + ("0" if truck[-1] != "0" else "1")).status_code == 404
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown.get_data(as_text=True)).group(1)  # type: ignore[union-attr]
    tap = {"lon": "121.9", "lat": "43.1", "form_key": "t1", "age_s": "60", "csrf_token": token}
    for _ in range(2):
        assert driver.post(f"{truck}/position", data=tap, headers=QUEUED).json == {"done": "已收到位置。"}
    assert driver.post(f"{truck}/position", data={"form_key": "t2", "csrf_token": token}, headers=QUEUED).status_code == 400
    assert duty.post(f"/waybills/{code}", f"/waybills/{code}/position", county="150525", words="刚过收费站", form_key="p1").status_code == 302
    basic = {"Authorization": "Basic " + b64encode(b"store:demo-2026").decode()}
    body = {"lon": 121.8, "lat": 43.0, "at": (NOW - timedelta(minutes=2)).isoformat()}
    sent = [driver.post(f"/api/waybills/{code}/positions", json=body, headers=basic).json["is_new"] for _ in range(2)]
    assert sent == [True, False]
    key = truck.rpartition("/")[2]
    stamp = int((NOW - timedelta(minutes=1)).timestamp())
    for when in (stamp, stamp * 1000):
        assert driver.post(f"/api/trucks/{code}/{key}?lat=43.2&lon=121.7&timestamp={when}").status_code == 200
    assert count(demo, "position_report") == 4
    for bad in ("lat=x&lon=1", "lat=95&lon=1", "lat=43&lon=121&timestamp=soon", "lat=43&lon=121&timestamp=2021-11-08T22:00:00"):
        assert driver.post(f"/api/trucks/{code}/{key}?{bad}").status_code == 400
    assert driver.post(f"/api/trucks/{code}/0{key[1:]}x?lat=43&lon=121").status_code == 404
    assert driver.post(f"/api/waybills/{code}/positions", json=body).status_code == 403
    assert driver.post(f"/api/waybills/{code}/positions", json=[1], headers=basic).status_code == 400
    page = duty.get(f"/waybills/{code}")
    for word in ("设备定位", "手机点报", "来电记录", "刚过收费站"):
        assert word in page
    assert code in duty.get("/waybills").split("全部运单")[0]


def test_a_driver_tells_of_a_road_of_the_way(log_in: LogIn, demo: Engine, clock: FixedClock) -> None:
    paper = on_the_road(demo, clock)
    duty = log_in("duty")
    truck = duty.client.get(f"/t/{paper['code']}").headers["Location"]
    leg = next(leg for leg in paper["legs"] if leg["refs"])
    fields = {"ref": leg["refs"].split("/")[0], "from": leg["from"], "to": leg["to"], "state": "closed", "words": "大货车横在路上", "form_key": "d1"}
    for _ in range(2):
        assert queued(duty, truck, f"{truck}/road", **fields).status_code == 200
    assert count(demo, "road_report") == 1
    assert f"driver {paper['code']}" in duty.get("/roads")


@pytest.mark.parametrize(("step", "fields", "state"), [
    ("broken", {}, "stranded"), ("take-back", {"warehouse": "WH-150500"}, "returned"),
])
def test_a_truck_that_does_not_get_there_leads_to_a_new_draft(
    log_in: LogIn, demo: Engine, clock: FixedClock, step: str, fields: dict[str, str], state: str
) -> None:
    paper = on_the_road(demo, clock)
    page, duty = f"/waybills/{paper['code']}", log_in("duty")
    assert duty.post(page, f"{page}/{step}", why="", **fields).status_code == 400
    before = count(demo, "draft_job")
    answer = duty.post(page, f"{page}/{step}", why="陷车", replan="1", **fields)
    assert answer.status_code == 302 and "/situations/" in answer.headers["Location"]
    with reading(demo) as session:
        assert get_waybill(session, paper["code"])["status"] == state
    assert count(demo, "draft_job") == before + 1
    assert duty.post(page, f"{page}/call-off", why="x").status_code == 409
    if step == "broken":
        assert "途中故障" in duty.get("/waybills")
        assert duty.post(page, f"{page}/go-on", why="修好").status_code == 302


def test_the_truck_pack_is_one_file(log_in: LogIn, demo: Engine, clock: FixedClock) -> None:
    code = approved(demo, clock)[0]
    answer = log_in("store").client.get(f"/waybills/{code}/pack.pdf")
    assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF")
    assert log_in("store").client.get("/waybills/WB-NONE/pack.pdf").status_code == 404


def test_the_telephone_shows_tasks_first(log_in: LogIn, demo: Engine, clock: FixedClock) -> None:
    paper = on_the_road(demo, clock)
    page = log_in("store").get("/phone")
    assert page.index(f"/waybills/{paper['code']}/receive") < page.index("报告路况")
    worker = log_in("store").client.get("/sw.js")
    assert worker.status_code == 200 and worker.headers["Cache-Control"] == "no-cache"
    anonymous = log_in("store").client.application.test_client()
    assert anonymous.get("/phone/token").status_code == 401 and anonymous.get("/phone").status_code == 302
