"""A telephone in the field: large targets, and nothing lost and nothing booked twice where there is no signal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from dispatch.clock import FixedClock
from dispatch.config import Settings
from dispatch.db import make_engine, reading
from dispatch.waybills.queries import get_waybill
from tests.browser.conftest import Watched
from tests.conftest import NOW
from tests.waybills.desk import on_the_road

SMALL = """[...document.querySelectorAll("main a, main button, main input:not([type=hidden]), main select, main summary")]
  .filter((x) => x.offsetParent && !["checkbox", "radio"].includes(x.type) && x.getBoundingClientRect().height < 44)
  .map((x) => x.outerHTML.slice(0, 80))"""
STATUS = "[data-queue-box] [role=status]"


def counted(settings: Settings, table: str) -> int:
    with reading(make_engine(settings.database_url)) as session:
        return int(session.scalar(text(f"SELECT COUNT(*) FROM {table}")) or 0)


def truck(settings: Settings) -> dict:
    return on_the_road(make_engine(settings.database_url), FixedClock(NOW))


def phone(watched: Watched) -> Page:
    """A storekeeper's telephone that has kept its pages."""
    page = watched.log_in("store", 390, 844)
    open_page(watched, page, "/phone")
    return page


def open_page(watched: Watched, page: Page, path: str) -> None:
    """Open a page and wait until its script is there: before that its forms are sent plainly."""
    page.goto(f"{watched.address}{path}")
    expect(page.locator("html")).to_have_attribute("data-is-ready", "1")


def calm(watched: Watched) -> None:
    # the browser says itself that it was offline; nothing else may be wrong
    quiet = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED")
    watched.faults[:] = [fault for fault in watched.faults if not any(word in fault for word in quiet)]


def test_a_receipt_without_a_signal_is_booked_once_when_there_is_one(watched: Watched, demo_file: Settings, tmp_path: Path) -> None:
    paper = truck(demo_file)
    page = phone(watched)
    page.context.set_offline(True)
    # the page itself opens from what the telephone has kept
    open_page(watched, page, f"/waybills/{paper['code']}/receive")
    page.locator(".count-line summary").first.click()
    page.locator("input[name^=damaged-]").first.fill("1")
    page.fill("input[name=signed_by]", "包文革")
    photo = tmp_path / "p.jpg"
    photo.write_bytes(b"\xff\xd8\xff\xe0" + b"1" * 900)
    page.set_input_files("input[type=file]", str(photo))
    page.click("button.primary:has-text('签收')")
    expect(page.locator(STATUS)).to_contain_text("没有信号")
    expect(page.locator("[data-queue-count]")).to_have_text("1")
    assert counted(demo_file, "receipt") == 0

    open_page(watched, page, "/phone/queue")
    expect(page.locator("[data-queue-list]")).to_contain_text(paper["code"])
    with page.expect_download() as saved:
        page.click("[data-queue-export]")
    told = json.loads(Path(saved.value.path()).read_text("utf-8"))
    fields = dict(told["entries"][0]["fields"])
    assert fields["signed_by"] == "包文革" and fields["photo"].startswith("data:image/jpeg;base64,")

    page.context.set_offline(False)
    page.click("[data-queue-send]")
    expect(page.locator("[data-queue-empty]")).to_be_visible()
    expect(page.locator("[data-queue-count]")).to_be_hidden()
    page.reload()
    assert (counted(demo_file, "receipt"), counted(demo_file, "receipt_photo"), counted(demo_file, "claim")) == (1, 1, 1)
    with reading(make_engine(demo_file.database_url)) as session:
        units = session.execute(text("SELECT reason, SUM(quantity) FROM movement WHERE document = :c GROUP BY reason"), {"c": paper["code"]})
        booked = {reason: n for reason, n in units}
    first = [line for line in paper["lines"] if line["to"] == paper["stops"][0]["place"]]
    assert booked["damage"] == 1 and booked["delivery"] == sum(line["quantity"] for line in first) - 1
    calm(watched)


def test_an_answer_lost_on_the_way_is_asked_for_again_and_booked_once(watched: Watched, demo_file: Settings) -> None:
    paper = truck(demo_file)
    page = phone(watched)
    open_page(watched, page, f"/waybills/{paper['code']}/receive")
    answers = []

    def lose(route, request) -> None:  # type: ignore[no-untyped-def]
        if request.method != "POST" or answers:
            route.fallback()
            return
        # the server books it, the telephone never hears of it
        answers.append(route.fetch().status)
        route.abort("internetdisconnected")

    page.context.route("**/receive", lose)
    page.click("button.primary:has-text('签收')")
    expect(page.locator(STATUS)).to_contain_text("没有信号")
    assert answers == [200] and counted(demo_file, "receipt") == 1
    movements = counted(demo_file, "movement")
    open_page(watched, page, "/phone/queue")
    expect(page.locator("[data-queue-empty]")).to_be_visible()
    assert counted(demo_file, "receipt") == 1 and counted(demo_file, "movement") == movements
    calm(watched)


def test_a_refusal_stays_with_its_sentence_until_taken_away(watched: Watched, demo_file: Settings) -> None:
    paper = truck(demo_file)
    page = phone(watched)
    open_page(watched, page, "/roads/new")
    page.select_option("select[name=edge]", index=3)
    page.check("input[value=slow]")
    page.fill("input[name=percent]", "0")
    page.get_by_role("button", name="发送", exact=True).click()
    expect(page.locator("[data-queue-box] [role=alert]")).to_contain_text("剩余车速应为 1 至 99")
    open_page(watched, page, "/phone/queue")
    expect(page.locator("[data-queue-list] .refused")).to_contain_text("请填 1 至 99")
    drop = page.get_by_role("button", name="不再发送")
    drop.click()
    page.get_by_role("button", name="再点一次确认删除").click()
    expect(page.locator("[data-queue-empty]")).to_be_visible()
    assert counted(demo_file, "road_report") == 0 and paper
    watched.faults[:] = [fault for fault in watched.faults if "400" not in fault]


def test_a_road_report_without_a_signal(watched: Watched, demo_file: Settings) -> None:
    page = phone(watched)
    page.context.set_offline(True)
    open_page(watched, page, "/roads/new")
    page.select_option("select[name=edge]", index=2)
    page.check("input[value=closed]")
    page.fill("textarea[name=words]", "雪深过膝")
    page.get_by_role("button", name="发送", exact=True).click()
    expect(page.locator(STATUS)).to_contain_text("没有信号")
    assert counted(demo_file, "road_report") == 0
    page.context.set_offline(False)
    expect(page.locator("[data-queue-count]")).to_be_hidden()
    page.goto(f"{watched.address}/roads")
    expect(page.locator("main table")).to_contain_text("雪深过膝")
    assert counted(demo_file, "road_report") == 1
    calm(watched)


def test_who_logs_out_leaves_no_pages_behind(watched: Watched, demo_file: Settings) -> None:
    page = phone(watched)
    assert page.evaluate("caches.open('phone-pages-1').then((c) => c.keys()).then((k) => k.length)") > 0
    page.click("details.menu > summary")
    page.click("text=退出")
    page.wait_for_url("**/login")
    for _ in range(50):
        if not page.evaluate("caches.has('phone-pages-1')"):
            break
        page.wait_for_timeout(100)
    assert not page.evaluate("caches.has('phone-pages-1')")


def test_a_driver_without_an_account_sends_the_place(watched: Watched, demo_file: Settings) -> None:
    paper = truck(demo_file)
    desk = watched.log_in("duty")
    desk.goto(f"{watched.address}/waybills/{paper['code']}")
    link = desk.get_by_text("司机页面").get_attribute("href")
    page = watched.page(390, 844)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": 121.95, "latitude": 43.05})
    open_page(watched, page, str(link))
    assert page.evaluate(SMALL) == []
    page.click("text=我在这里")
    expect(page.locator(STATUS)).to_contain_text("已收到位置")
    assert counted(demo_file, "position_report") == 1
    desk.reload()
    expect(desk.locator(".track .timeline")).to_contain_text("43.050")
    watched.faults[:] = [fault for fault in watched.faults if "401" not in fault]


@pytest.mark.parametrize("path", ["/phone", "/roads/new", "/phone/queue", "/waybills", "/roads", "/claims", "/waybills/{code}", "/waybills/{code}/receive"])
def test_pages_fit_a_telephone_and_a_thumb(watched: Watched, demo_file: Settings, path: str) -> None:
    paper = truck(demo_file)
    with reading(make_engine(demo_file.database_url)) as session:
        assert get_waybill(session, paper["code"])["status"] == "departed"
    page = watched.log_in("store", 390, 844)
    page.goto(f"{watched.address}{path.format(code=paper['code'])}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate(SMALL) == []
