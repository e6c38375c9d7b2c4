"""Inbox, situation page, reports and notices through HTTP."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from dispatch.app import create_app
from dispatch.clock import FixedClock
from tests.builders import cap_xml
from tests.conftest import settings_of
from tests.web.conftest import Person

SITUATION = "/situations/S-20211105-150500-blizzard"
REPORT = {"kind": "follow_up", "hazard": "blizzard", "place": "150525", "as_of": "2021-11-08T22:00",
          "certainty": "reported", "relocated": "1,234", "reporter": "王五"}


@pytest.fixture
def api(demo: Engine, clock: FixedClock) -> FlaskClient:
    return create_app(settings_of(demo), demo, clock).test_client()


def basic(name: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:demo-2026".encode()).decode()}


def test_the_inbox_has_one_line_a_situation(log_in: Callable[[str], Person]) -> None:
    page = log_in("viewer").get("/alerts")
    assert page.count("/situations/") == 1 and "通辽市暴雪" in page and "初报上报" in page
    assert "5,609" in page and "上报灾情" not in page
    assert "没有记录" in log_in("duty").get("/alerts?show=ended")


def test_the_situation_page_tells_level_reasons_figures_and_clocks(log_in: Callable[[str], Person]) -> None:
    page = log_in("duty").get(SITUATION)
    for words in ("两种橙色及以上预警", "怎样才能降级", "死亡和失踪", "5,609", "首批物资到达", "道路结冰", "假设", "P-20211108-001"):
        assert words in page, words
    english = log_in("duty").get(SITUATION + "?lang=en")
    assert "What would lower it" in english and "two warnings of orange or above" in english


def test_a_report_from_the_form_shows_at_once(log_in: Callable[[str], Person]) -> None:
    duty = log_in("duty")
    answer = duty.post(SITUATION, SITUATION + "/reports", **REPORT)
    assert answer.status_code == 302
    page = duty.get(SITUATION)
    assert "1,234" in page and "王五" in page and "续报" in page


def test_a_faulty_report_keeps_what_was_typed(log_in: Callable[[str], Person]) -> None:
    duty = log_in("duty")
    answer = duty.post(SITUATION, SITUATION + "/reports", **{**REPORT, "relocated": "99,999,999", "note": "雪深二尺"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400 and "超过当地人口" in page and 'value="雪深二尺"' in page and 'value="99,999,999"' in page
    bad = duty.post(SITUATION, SITUATION + "/reports", **{**REPORT, "relocated": "many"})
    assert bad.status_code == 400 and "relocated" in bad.get_data(as_text=True)


def test_a_report_of_something_new_opens_its_own_page(log_in: Callable[[str], Person]) -> None:
    duty = log_in("store")
    answer = duty.post("/reports/new", "/reports/new", **{**REPORT, "hazard": "flood", "place": "150122"})
    assert answer.status_code == 302 and "/situations/S-20211108-150100-flood" in answer.location


@pytest.mark.parametrize("path,fields", [
    (SITUATION + "/reports", REPORT),
    (SITUATION + "/entries/forecast", {"relocated": "100", "note": "x"}),
    (SITUATION + "/step-down", {"target": "end", "reason": "x"}),
    (SITUATION + "/special", {"reason": "x"}),
    (SITUATION + "/deadlines/muster", {}),
])
def test_a_viewer_changes_nothing(log_in: Callable[[str], Person], path: str, fields: dict[str, str]) -> None:
    assert log_in("viewer").post(SITUATION, path, **fields).status_code == 403


def test_stepping_down_too_early_says_when(log_in: Callable[[str], Person]) -> None:
    answer = log_in("approver").post(SITUATION, SITUATION + "/step-down", target="3", reason="雪停")
    assert answer.status_code == 403 and "仍支持当前级别" in answer.get_data(as_text=True)
    wrong = log_in("approver").post(SITUATION, SITUATION + "/step-down", target="IV", reason="雪停")
    assert wrong.status_code == 400


def test_judgements_from_the_forms(log_in: Callable[[str], Person]) -> None:
    duty = log_in("duty")
    for kind, fields in (
        ("forecast", {"relocated": "30000", "note": "会商"}), ("government", {"place": "150500", "level": "3", "note": "通政办"}),
        ("lowered", {"codes": "border", "note": "边境"}), ("observation", {"snow_depth_cm": "45", "lon": "122.2", "lat": "43.6"}),
    ):
        assert duty.post(SITUATION, f"{SITUATION}/entries/{kind}", **fields).status_code == 302, kind
    page = duty.get(SITUATION)
    assert "会商研判" in page and "政府已启动III级" in page and "边境地区" in page and "45" in page
    assert duty.post(SITUATION, f"{SITUATION}/entries/observation", snow_depth_cm="deep").status_code == 400
    assert duty.post(SITUATION, f"{SITUATION}/entries/rumour", note="x").status_code == 400


def test_a_deadline_is_ticked_once(log_in: Callable[[str], Person]) -> None:
    duty = log_in("duty")
    duty.post(SITUATION, SITUATION + "/deadlines/muster")
    assert "✔ 已完成" in duty.get(SITUATION)
    duty.post(SITUATION, SITUATION + "/deadlines/muster")
    assert "未在计时" in duty.get(SITUATION)
    assert duty.post(SITUATION, SITUATION + "/deadlines/lunch").status_code == 400


def test_markup_in_warnings_and_reports_stays_text(log_in: Callable[[str], Person], api: FlaskClient) -> None:
    evil = "&lt;script&gt;alert(1)&lt;/script&gt;暴雪红色预警"
    area = "<geocode><valueName>a</valueName><value>150921</value></geocode>"
    answer = api.post("/api/alerts", data=cap_xml(identifier="EVIL", headline=evil, area=area,
                                                  sent="2021-11-08T22:50:00+08:00", expires="2021-11-09T22:50:00+08:00"),
                      headers=basic("duty"))
    situation = answer.json["alerts"][0]["situation"]
    log_in("duty").post(SITUATION, f"/situations/{situation}/reports", **{
        **REPORT, "place": "150921", "reporter": "<img src=x onerror=alert(1)>"})
    page = log_in("duty").get(f"/situations/{situation}")
    assert "<script>alert" not in page and "<img src=x" not in page and "&lt;script&gt;alert" in page


def test_the_api_takes_reports_once_and_names_faults(api: FlaskClient) -> None:
    body = {**REPORT, "counts": {"relocated": 1234}, "as_of": "2021-11-08T22:00:00+08:00"}
    headers = {**basic("store"), "Idempotency-Key": "k-1"}
    first = api.post("/api/reports", json=body, headers=headers)
    again = api.post("/api/reports", json=body, headers=headers)
    assert first.status_code == 200 and first.json == again.json
    bad = api.post("/api/reports", json={**body, "counts": {"relocated": -3}}, headers=basic("store"))
    assert bad.status_code == 400 and bad.json["error"]["remedy_zh"]
    assert api.post("/api/reports", data=b"[1]", headers=basic("store")).status_code == 400
    assert api.post("/api/reports", json=body, headers=basic("viewer")).status_code == 403
    shown = api.get("/api/situations/" + first.json["situation"], headers=basic("viewer"))
    assert shown.status_code == 200 and shown.json["level"] == 1
    assert api.get("/api/situations/S-none", headers=basic("viewer")).status_code == 404
    assert len(api.get("/api/situations", headers=basic("viewer")).json["situations"]) == 1


def test_notices_are_read_and_told_elsewhere_on_wish(log_in: Callable[[str], Person]) -> None:
    duty = log_in("duty")
    page = duty.get("/notices/")
    assert "启动I级" in page and re.search(r'bell"[^\n]*<strong>\d+</strong>', page)
    numbers = re.findall(r'name="id" value="(\d+)"', page)
    duty.post("/notices/", "/notices/read", id=numbers[0])
    duty.post("/notices/", "/notices/subscriptions", channel="email", address="duty@example.invalid", urgency="now")
    assert "duty@example.invalid" in duty.get("/notices/")
    assert duty.post("/notices/", "/notices/subscriptions", channel="email", address="no address", urgency="now").status_code == 400
    assert duty.post("/notices/", "/notices/subscriptions", channel="email", address="a@example.invalid", urgency="often").status_code == 400
    duty.post("/notices/", "/notices/subscriptions/remove", channel="email", address="duty@example.invalid")
    assert "duty@example.invalid" not in duty.get("/notices/")


def test_a_document_is_kept_word_for_word(log_in: Callable[[str], Person]) -> None:
    duty = log_in("duty")
    assert "全部来文" in duty.get("/alerts")
    assert b"<identifier>" in duty.client.get("/alerts/documents/1.xml").data
    assert duty.client.get("/alerts/documents/999.xml").status_code == 404
