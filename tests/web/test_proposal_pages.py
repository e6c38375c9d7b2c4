"""The proposal page without a script: read, undone, approved once, refused with the lines, kept over a login."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from dispatch.clock import FixedClock
from dispatch.db import reading, transaction
from dispatch.flow.approve import approve, submit
from dispatch.inventory.service import Claim, reserve
from dispatch.proposals.queries import get_proposal
from dispatch.web.timeline import timeline_of
from tests.conftest import NOW
from tests.web.conftest import TOKEN, Person
from tests.web.test_edit_pages import edit, truck_of

LogIn = Callable[[str], Person]
CODE = "P-20211108-001"
PAGE = f"/proposals/{CODE}"


@pytest.fixture(params=["sqlite"])
def kind(request: pytest.FixtureRequest) -> str:
    """Pages are the same on both databases; tests/flow looks at both."""
    return str(request.param)


def body_of(engine: Engine, code: str = CODE) -> dict:
    with reading(engine) as session:
        return get_proposal(session, code)


def seen_hash(page: str) -> str:
    return re.findall(r'name="seen_hash" value="(\w+)"', page)[0]


def test_the_page_says_what_a_coordinator_reads_first(log_in: LogIn, demo: Engine) -> None:
    body, page = body_of(demo), log_in("viewer").get(PAGE)
    head = body["headline"]
    assert f"<strong>{head['people_covered']:,}</strong> / {head['people']:,}" in page
    assert f"<strong>{head['percent_covered']}%</strong>" in page and "首车" in page and "全区安全库存余" in page
    assert len(re.findall(r'<tr><th scope="row"><code>', page)) == len(body["routes"]) + len(body["teams"])
    assert page.count('role="img"') == len(body["routes"]) + len(body["teams"])
    assert "已通过独立校验" in page and "任何方案都不会更低" in page and "留下什么" in page
    for line in body["lines"][:3]:
        assert line["reason"]["zh"] in page
    assert 'style="' not in page.split('<div class="map">')[1].split("</aside>")[1]


def test_the_timeline_keeps_to_its_axis_and_to_the_body(demo: Engine) -> None:
    body = body_of(demo)
    line = timeline_of(body)
    for row in (*line.trucks, *line.teams):
        for bar in row.bars:
            x, width = (float(v.rstrip("%")) for v in (bar.x, bar.width))
            assert 0 <= x <= 100 and width >= 0 and x + width <= 100.02
        places = [float(s.x.rstrip("%")) for s in row.stops]
        assert places == sorted(places) and [s.at for s in row.stops] == sorted(s.at for s in row.stops)
    arrivals = {r["vehicle"]: [s["arrives_at"] for s in r["stops"]] for r in body["routes"]}
    assert {r.code: [s.at for s in r.stops] for r in line.trucks} == arrivals
    ticks = [float(t.x.rstrip("%")) for t in line.ticks]
    assert ticks == sorted(ticks) and 2 <= len(ticks) <= 10
    gaps = {round(b - a, 1) for a, b in zip(ticks, ticks[1:], strict=False)}
    assert max(gaps) - min(gaps) <= 0.11, "whole hours stand at even distances"
    empty = timeline_of({**body, "routes": [], "teams": [], "needs": []})
    assert empty.trucks == () and empty.due is None and empty.ticks


def test_undo_and_redo_are_buttons(log_in: LogIn) -> None:
    duty = log_in("duty")
    page = duty.get(PAGE)
    assert 'id="undo"' not in page
    truck = truck_of(page)
    edited = edit(duty, leave=truck)
    shown = duty.get(edited)
    assert re.search(r'id="undo" aria-keyshortcuts="Control\+Z">', shown) and re.search(r'id="redo"[^>]* disabled', shown)
    back = duty.post(edited, f"{edited}/undo").headers["Location"].partition("#")[0]
    shown = duty.get(back)
    assert f'name="keep" value="{truck}"' in shown and "已撤销" in shown and re.search(r'id="undo"[^>]* disabled', shown)
    again = duty.post(back, f"{back}/redo").headers["Location"].partition("#")[0]
    assert f"不再使用车辆 {truck}" in duty.get(again)
    answer = duty.post(again, f"{again}/redo")
    assert answer.status_code == 303 and "没有可重做的修改" in duty.get(again)


def test_an_edit_of_a_page_that_is_not_the_newest_leads_to_the_newest(log_in: LogIn) -> None:
    duty = log_in("duty")
    first = edit(duty, mode="fast", alpha="")
    assert edit(duty, PAGE, mode="fair", alpha="") == first, "the second click of a double click"
    assert "已被取代" in duty.get(first)
    assert f"打开最新方案 {first.rsplit('/', 1)[1]}" in duty.get(PAGE)


def test_a_road_is_closed_from_the_list(log_in: LogIn, demo: Engine) -> None:
    duty = log_in("duty")
    page = duty.get(PAGE)
    driven = re.findall(r'<option value="(\d+)">', page.split('optgroup label="本方案经过"')[1].split("</optgroup>")[0])
    assert set(map(int, driven)) == {leg["edge"] for r in body_of(demo)["routes"] for leg in r["legs"]}
    shown = duty.get(edit(duty, road=driven[0], road_percent="0"))
    assert "不走 " in re.findall(r'class="chip">([^<]+)', shown)[0]
    assert edit(duty, road="99999", road_percent="0") and edit(duty, road=driven[0], road_percent="many")
    roads = json.loads(duty.client.get("/proposals/roads.json").data)
    assert len(roads) == 317 and {"id", "name", "line"} == set(roads[0])


def test_a_load_is_moved_by_the_list_beside_it(log_in: LogIn, demo: Engine) -> None:
    duty = log_in("duty")
    found = re.findall(r'<select form="loads-edit" name="(move:[^"]+)".*?<option value="([^"]+)">', duty.get(PAGE), re.S)
    assert found
    (field, truck) = found[0]
    code = edit(duty, **{field: truck}).rsplit("/", 1)[1]
    lines = [n for n in body_of(demo, code)["lines"] if ":".join(map(str, n["load"])) == field.removeprefix("move:")]
    assert lines and {n["vehicle"] for n in lines} == {truck}
    assert "没有货物" in duty.get(edit(duty, f"/proposals/{code}", **{"move:WH-1:150502:0": truck}))


def test_approval_shows_the_difference_to_the_machines_plan(log_in: LogIn) -> None:
    duty, approver = log_in("duty"), log_in("approver")
    truck = truck_of(duty.get(PAGE))
    page = edit(duty, leave=truck)
    duty.post(page, f"{page}/submit")
    shown = approver.get(page)
    machine = shown.split('id="machine"')[1].split("</details>")[0]
    assert "open" in machine[:60] and f"不用车辆 {truck}" in machine and "系统原方案" in machine and CODE in machine
    assert "批准并签发运单" in shown


def test_a_second_click_on_approve_and_the_other_approver(log_in: LogIn, demo: Engine) -> None:
    duty, one, two = log_in("duty"), log_in("approver"), log_in("approver2")
    duty.post(PAGE, f"{PAGE}/submit")
    seen, page_of_two = seen_hash(one.get(PAGE)), two.get(PAGE)
    for _ in range(2):
        answer = one.post(PAGE, f"{PAGE}/approve", seen_hash=seen)
        assert answer.status_code == 303 and "签发运单" in one.get(PAGE)
    two.post(PAGE, f"{PAGE}/approve", seen_hash=seen_hash(page_of_two))
    shown = two.get(PAGE)
    assert "approver 于 2021-11-08 23:00" in shown and "没有重复执行" in shown
    assert shown.count('name="seen_hash"') == 0
    with reading(demo) as session:
        assert session.scalar(text("SELECT COUNT(*) FROM waybill")) == len(body_of(demo)["routes"])
    assert one.client.get(PAGE).headers["Cache-Control"] == "no-store"


def test_stock_that_moved_is_told_by_its_lines_before_and_after_the_click(log_in: LogIn, demo: Engine) -> None:
    duty, approver = log_in("duty"), log_in("approver")
    duty.post(PAGE, f"{PAGE}/submit")
    seen, line = seen_hash(approver.get(PAGE)), body_of(demo)["lines"][0]
    with transaction(demo) as session:
        free = session.scalar(text("SELECT SUM(on_hand - reserved) FROM balance WHERE lot_code = :l AND place LIKE :p"),
                              {"l": line["lot"], "p": f"wh:{line['from']}%"})
        reserve(session, [Claim(line["from"], line["lot"], int(free))], "other", NOW)
    approver.post(PAGE, f"{PAGE}/approve", seen_hash=seen)
    shown = approver.get(PAGE)
    assert re.search(r'role="alert">[^<]*库存已变动[^<]*' + line["id"], shown) and "没有预留任何物资" in shown
    assert f"{line['id']} {line['from_zh']} → {line['to_zh']} {line['item_zh']}：需 {line['quantity']:,}，现余 0" in shown
    assert re.search(r'<button class="primary" disabled>批准', shown)
    approver.post(PAGE, f"{PAGE}/return", comment="库存变了，请重算")
    shown = duty.get(PAGE)
    assert "<q>库存变了，请重算</q>" in shown and "按最新情况重新计算" in shown
    again = duty.get(edit(duty))
    assert 'id="stale"' not in again and "<q>库存变了，请重算</q>" in again


def test_a_return_without_a_word_is_told(log_in: LogIn) -> None:
    duty, approver = log_in("duty"), log_in("approver")
    duty.post(PAGE, f"{PAGE}/submit")
    approver.post(PAGE, f"{PAGE}/return", comment=" ")
    shown = approver.get(PAGE)
    assert "没有写明原因" in shown and "待审批" in shown


def test_a_league_approver_reads_why_not_and_whom_to_ask(log_in: LogIn) -> None:
    duty, league = log_in("duty"), log_in("tongliao")
    duty.post(PAGE, f"{PAGE}/submit")
    shown = league.get(PAGE)
    assert "须由自治区审批" in shown and "批准并签发运单" not in shown and 'name="comment"' not in shown
    assert league.post(PAGE, f"{PAGE}/approve", seen_hash="0" * 64).status_code in (303, 403)
    assert "待审批" in league.get(PAGE)


def kept_of(page: str) -> dict[str, str]:
    found = {name: value.replace("&#34;", '"') for name, value in re.findall(r'name="(act|kept)" value="([^"]*)"', page)}
    token = TOKEN.search(page)
    assert token
    return {**found, "csrf_token": token.group(1)}


@pytest.mark.parametrize("how", ["cookie gone", "logged out elsewhere"])
def test_an_edit_sent_after_the_session_ended_goes_on_after_the_login(log_in: LogIn, how: str) -> None:
    duty = log_in("duty")
    page = duty.get(PAGE)
    truck = truck_of(page)
    token = TOKEN.search(page)
    assert token
    if how == "cookie gone":
        duty.client.delete_cookie("session")
    else:
        duty.post(PAGE, "/logout")
    answer = duty.client.post(f"{PAGE}/edit", data={"leave": truck, "csrf_token": token.group(1)})
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 401 and "您的修改还在" in shown
    wrong = duty.client.post(f"{PAGE}/resume", data={**kept_of(shown), "name": "duty", "password": "no"})
    shown = wrong.get_data(as_text=True)
    assert wrong.status_code == 401 and "账号或密码不正确" in shown
    done = duty.client.post(f"{PAGE}/resume", data={**kept_of(shown), "name": "duty", "password": "demo-2026"})
    assert done.status_code == 303
    assert f"不再使用车辆 {truck}" in duty.get(done.headers["Location"].partition("#")[0])


def test_a_comment_sent_after_the_session_ended_is_kept_too(log_in: LogIn, demo: Engine) -> None:
    duty, approver = log_in("duty"), log_in("approver")
    duty.post(PAGE, f"{PAGE}/submit")
    token = TOKEN.search(approver.get(PAGE))
    assert token
    approver.client.delete_cookie("session")
    answer = approver.client.post(f"{PAGE}/return", data={"comment": "缺“棉被”", "csrf_token": token.group(1)})
    kept = kept_of(answer.get_data(as_text=True))
    approver.client.post(f"{PAGE}/resume", data={**kept, "name": "approver", "password": "demo-2026"})
    assert body_of(demo)["decisions"][-1]["comment"] == "缺“棉被”"


@pytest.mark.parametrize("kept", ["", "[]", "{", '{"a": 1}'])
def test_a_kept_form_that_cannot_be_read_is_told(log_in: LogIn, kept: str) -> None:
    duty = log_in("duty")
    assert duty.post(PAGE, f"{PAGE}/resume", act="edit", kept=kept).status_code == 400


def test_a_stranger_cannot_edit_through_the_kept_form(log_in: LogIn, demo: Engine) -> None:
    duty = log_in("duty")
    stranger: FlaskClient = duty.client.application.test_client()
    page = stranger.post(f"{PAGE}/edit", data={"leave": "X", "csrf_token": "forged"}).get_data(as_text=True)
    refused = stranger.post(f"{PAGE}/resume", data={**kept_of(page), "name": "", "password": ""})
    assert refused.status_code == 401 and body_of(demo)["status"] == "draft"
    assert stranger.post(f"{PAGE}/edit", data={"leave": "X"}).status_code == 400


def test_the_list_shows_what_is_to_be_decided_first(log_in: LogIn, demo: Engine, clock: FixedClock) -> None:
    duty = log_in("duty")
    new = edit(duty, mode="frugal", alpha="").rsplit("/", 1)[1]
    duty.get(PAGE)  # the sentence about the edit is read
    page = duty.get("/proposals/")
    assert new in page.split("已办结")[0] and CODE not in page and "显示已被取代的 1 个方案" in page
    assert CODE in duty.get("/proposals/?all=1")
    submit(demo, new, "duty", clock)
    approve(demo, new, "approver", body_of(demo, new)["body_hash"], FixedClock(datetime(2021, 11, 8, 15, 5, tzinfo=UTC)))
    assert new in duty.get("/proposals/").split("已办结")[1]
