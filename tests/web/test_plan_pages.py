"""The plan page, editing editions, what if."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from dispatch.plans.policy import LEVELS, MEASURES, TIERS
from tests.builders import POLICY, plan_text
from tests.web.conftest import Person

LogIn = Callable[[str], Person]
SITUATION = "S-20211105-150500-blizzard"
PAGES = (
    "/plans/", "/plans/?at=2025-01-01", f"/plans/editions/{POLICY.version}", "/plans/new", "/plans/what-if",
    "/plans/what-if?place=150500&relocated=60000&colour=red", f"/plans/what-if?situation={SITUATION}",
)
HIGHER = "[1000000, 500000, 120000, 60000]"


def form(**changes: str) -> dict[str, str]:
    return {"text": plan_text(relocated=HIGHER), "base": POLICY.version, "version": "", "valid_from": "",
            "reason": "门槛偏低", "step": "propose", **changes}


@pytest.mark.parametrize("path", PAGES)
def test_pages_load_nothing_from_elsewhere_and_have_no_inline_handlers(log_in: LogIn, path: str) -> None:
    page = log_in("duty").get(path)
    assert not re.findall(r"(?:src|href)=[\"'](?:https?:)?//", page)
    assert "<script>" not in page and not re.findall(r"<[^>]+\son\w+=", page)


def test_english_pages_keep_chinese_to_sources_and_data(log_in: LogIn) -> None:
    person = log_in("viewer")
    person.get("/plans/?lang=en")
    for path in PAGES[:1] + PAGES[4:]:
        page = re.sub(r"<script.*?</script>|<option.*?</option>|<optgroup[^>]*>|<(\w+)[^>]*lang=\"zh-CN\">.*?</\1>", "", person.get(path), flags=re.S)
        left = re.findall(r"[一-鿿]+", re.sub(r"查看者（演示）|中文", "", re.sub(r"<[^>]+>", " ", page)))
        assert not left, (path, left)


def test_every_number_of_the_plan_stands_on_the_page_as_an_assumption_with_its_source(log_in: LogIn) -> None:
    page = log_in("viewer").get("/plans/")
    for tier in TIERS:
        for measure in MEASURES:
            bands = POLICY.thresholds[tier][measure]
            for level in LEVELS:
                assert f'<span class="guess" lang="zh-CN" title="假设 · {bands.article}">{bands.edges[level - 1]:,}</span>' in page
    for source in POLICY.sources.values():
        assert source in page
    assert page.count("guess-tag") > 20 and "赈济救护部" in page
    assert "12小时内降雪量" in page and page.count('<tr><th scope="row">') > 40


def test_the_plan_on_a_day_and_a_day_that_is_none(log_in: LogIn) -> None:
    person = log_in("viewer")
    assert "早于最早的版本" in person.get("/plans/?at=2020-01-01")
    assert "早于最早的版本" not in person.get("/plans/?at=2025-01-01")
    assert person.client.get("/plans/?at=soon").status_code == 400
    assert person.client.get("/plans/editions/none").status_code == 404


def test_from_preview_to_the_plan_in_force(log_in: LogIn) -> None:
    duty, approver = log_in("duty"), log_in("approver")
    seen = duty.post("/plans/new", "/plans/new", **form(step="preview")).get_data(as_text=True)
    assert "2018年7月洪涝" in seen and "2 个有变化" in seen and f"+relocated = {HIGHER}" in seen
    made = duty.post("/plans/new", "/plans/new", **form())
    assert made.headers["Location"] == "/plans/editions/2025-03-01/1"
    page = made.headers["Location"]
    assert "须由另一位审批人决定" in duty.get(page) and 'name="decision"' not in duty.get(page)
    assert duty.post("/plans/new", page, decision="approve").status_code == 403
    assert approver.post(page, page, decision="reject").status_code == 400
    assert approver.post(page, page).status_code == 400
    assert approver.post(page, page, decision="approve", comment="同意").status_code == 302
    assert approver.post(page, page, decision="approve").status_code == 409
    assert "同意" in duty.get(page) and "120,000" in duty.get("/plans/?at=2025-04-01")
    assert "120,000" not in duty.get("/plans/?at=2025-02-01")


def test_faults_come_back_beside_their_lines_and_nothing_is_lost(log_in: LogIn) -> None:
    text = plan_text(relocated="[1, 2, 3, 4]", dead_missing='"viele"')
    answer = log_in("duty").post("/plans/new", "/plans/new", **form(text=text, reason="我的理由"))
    page = answer.get_data(as_text=True)
    line = text.splitlines().index("relocated = [1, 2, 3, 4]") + 1
    assert answer.status_code == 400 and "文本有 2 处错误" in page
    assert f'href="#line-{line}"' in page and f'<tr id="line-{line}" class="bad">' in page and "级别重叠" in page
    assert "我的理由" in page and "relocated = [1, 2, 3, 4]" in page.split("<textarea class=\"code\"")[1]


def test_head_fields_a_taken_version_and_a_stale_base(log_in: LogIn) -> None:
    duty = log_in("duty")
    made = duty.post("/plans/new", "/plans/new", **form(version="2026-01-01/a", valid_from="2026-01-01"))
    assert made.headers["Location"].endswith("2026-01-01/a")
    again = duty.post("/plans/new", "/plans/new", **form(version="2026-01-01/a", valid_from="2026-01-01"))
    assert again.status_code == 409 and "已被使用" in again.get_data(as_text=True)
    stale = duty.post("/plans/new", "/plans/new", **form(version="x", base="2020-01-01/1"))
    assert stale.status_code == 409 and "为基础" in stale.get_data(as_text=True)


@pytest.mark.parametrize("name", ["viewer", "store", "approver"])
def test_other_roles_may_look_but_not_propose(log_in: LogIn, name: str) -> None:
    person = log_in(name)
    assert "只能预览" in person.get("/plans/new")
    assert person.post("/plans/new", "/plans/new", **form()).status_code == 403
    assert person.post("/plans/new", "/plans/new", **form(step="preview")).status_code == 200


def test_what_if_without_a_script(log_in: LogIn) -> None:
    page = log_in("viewer").get("/plans/what-if?place=150500&hazard=blizzard&relocated=6000&temperature=-25")
    assert 'level level-yellow">III' in page and "14,000" in page and "12,000" in page
    assert re.search(r'name="relocated"[^>]*value="6000"', page)


@pytest.mark.parametrize("query", ["relocated=-1", "relocated=99999999", "place=1", "colour=pink", "on=soon", "temperature=cold", "place=<b>"])
def test_what_if_refuses_in_words(log_in: LogIn, query: str) -> None:
    person = log_in("viewer")
    page = person.client.get(f"/plans/what-if?{query}")
    assert page.status_code == 400 and 'role="alert"' in page.get_data(as_text=True) and "<b>" not in page.get_data(as_text=True).split("role=\"alert\"")[1].split("</div>")[0]
    error = person.client.get(f"/plans/what-if.json?{query}")
    assert error.status_code == 400 and error.get_json()["error"]["message_zh"]


def test_what_if_as_json(log_in: LogIn) -> None:
    person = log_in("viewer")
    body = person.client.get("/plans/what-if.json?place=150522&relocated=6000").get_json()
    assert (body["level"], [p["level"] for p in body["places"]]) == (1, [None, 3, 1]) and "html" not in body
    assert "需求和余量" in person.client.get("/plans/what-if.json?place=150522&relocated=6000&html=1").get_json()["html"]
    assert person.client.get("/plans/what-if.json?situation=none").status_code == 404
    prefilled = person.get(f"/plans/what-if?situation={SITUATION}")
    assert '<option value="150500" selected>' in prefilled and re.search(r'name="affected"[^>]*value="5609"', prefilled)


def test_strangers_are_sent_to_the_login(log_in: LogIn) -> None:
    client = log_in("nobody").client
    for path in ("/plans/", "/plans/new", "/plans/what-if", "/plans/what-if.json"):
        assert client.get(path).status_code == 302
