"""A member's telephone: big buttons, the place told, and no check-in lost where there is no signal."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Page, expect

from dispatch.config import Settings
from dispatch.db import make_engine, reading, run_in_transaction
from dispatch.teams.calls import Call, call_members
from dispatch.teams.deployment import Hand
from dispatch.teams.logbook import read_log
from dispatch.teams.members import Answer, answer
from dispatch.teams.model import DeploymentState, Muster
from dispatch.teams.operations import Asked, Order, Who, move, open_deployment
from tests.browser.conftest import Watched
from tests.conftest import NOW
from tests.teams.conftest import make_member

DESK = Who("duty", Hand.DESK)
SMALL = """[...document.querySelectorAll("main a, main button, main input, main select, main summary")]
  .filter((x) => x.offsetParent && x.type !== "checkbox" && x.getBoundingClientRect().height < 44).length"""


def sent(settings: Settings) -> tuple[str, str]:
    """The code and key of a deployment on its way, with one member."""
    def work(session) -> tuple[str, str]:  # type: ignore[no-untyped-def]
        session.add(make_member("M-0001", roles="leader"))
        session.flush()
        code = open_deployment(session, Order("RT-150500", "150522", NOW + timedelta(hours=2), "k"), "duty", NOW)
        (summons,) = call_members(session, Call(code, "k", ("M-0001",)), "duty", NOW)
        answer(session, code, Answer("M-0001", Muster.MUSTERED), DESK, NOW)
        move(session, code, Asked(DeploymentState.EN_ROUTE, 2), DESK, NOW)
        return code, summons.key

    return run_in_transaction(make_engine(settings.database_url), work)


def check_ins(settings: Settings, code: str) -> list[dict]:
    with reading(make_engine(settings.database_url)) as session:
        return [line for line in read_log(session, code) if line["kind"] == "check_in"]


def open_page(watched: Watched, key: str) -> Page:
    page = watched.page(390, 844)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": 122.35, "latitude": 42.93})
    page.goto(f"{watched.address}/my/{key}")
    return page


def test_a_check_in_tells_the_place_on_a_narrow_screen(watched: Watched, demo_file: Settings) -> None:
    code, key = sent(demo_file)
    page = open_page(watched, key)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390 and page.evaluate(SMALL) == 0
    expect(page.locator("time.countdown").first).to_contain_text("剩余")
    page.check("text=全队平安")
    page.click("text=报平安并发送位置")
    expect(page.locator("p.flash[role=status]").first).to_contain_text("已收到，请注意安全")
    (line,) = check_ins(demo_file, code)
    assert (line["lon"], line["lat"], line["detail"]) == (122.35, 42.93, {"all": True})


def test_without_a_signal_it_is_kept_and_sent_once_there_is_one(watched: Watched, demo_file: Settings) -> None:
    code, key = sent(demo_file)
    page = open_page(watched, key)
    page.context.set_offline(True)
    page.fill("input[name=text]", "过了垭口")
    page.get_by_role("button", name="报平安", exact=True).click()
    expect(page.locator("[data-kept] [role=status]")).to_contain_text("没有信号")
    assert check_ins(demo_file, code) == []
    page.context.set_offline(False)
    expect(page.locator(".timeline")).to_contain_text("过了垭口")
    page.reload()
    assert [line["detail"] for line in check_ins(demo_file, code)] == [{"text": "过了垭口"}]
    # the browser says itself that it was offline; nothing else may be wrong
    watched.faults[:] = [fault for fault in watched.faults if "ERR_INTERNET_DISCONNECTED" not in fault]


def test_a_token_of_a_session_that_ended_loses_nothing(watched: Watched, demo_file: Settings) -> None:
    code, key = sent(demo_file)
    page = open_page(watched, key)
    page.context.clear_cookies()
    page.fill("input[name=text]", "到了苏木")
    page.get_by_role("button", name="报平安", exact=True).click()
    expect(page.locator(".timeline")).to_contain_text("到了苏木")
    assert [line["detail"] for line in check_ins(demo_file, code)] == [{"text": "到了苏木"}]
    watched.faults[:] = [fault for fault in watched.faults if "400 (BAD REQUEST)" not in fault]


def test_what_stays_refused_is_kept_and_shown_and_holds_up_no_other(watched: Watched, demo_file: Settings) -> None:
    code, key = sent(demo_file)
    page = open_page(watched, key)
    old = {"form_key": "old", "at": "2020-01-01T00:00:00Z", "text": "时钟不准"}
    page.evaluate("one => localStorage.setItem(`check-in:${location.pathname}`, JSON.stringify([one]))", old)
    page.reload()
    shown = page.locator("[data-refused]")
    expect(shown).to_contain_text("时钟不准 — 报平安的时间早于本次任务")
    page.fill("input[name=text]", "一切正常")
    page.get_by_role("button", name="报平安", exact=True).click()
    expect(page.locator("[data-kept] [role=status]")).to_contain_text("已收到")
    assert [line["detail"] for line in check_ins(demo_file, code)] == [{"text": "一切正常"}]
    page.reload()
    expect(shown).to_contain_text("时钟不准")
    assert page.evaluate(SMALL) == 0
    page.get_by_role("button", name="不再发送").click()
    expect(shown).to_be_hidden()
    assert page.evaluate("localStorage.getItem(`check-in:${location.pathname}`)") == "[]"
    watched.faults[:] = [fault for fault in watched.faults if "400 (BAD REQUEST)" not in fault]
