"""The plan and what if in a browser, wide and on a phone."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched
from tests.browser.test_main_job import shoot
from tests.builders import plan_text

# heads of columns that sort are smaller where there is a pointer
SMALL = """[...document.querySelectorAll('main button, main a.button, main select, main summary, ' +
  'main input:not([type=hidden]):not([type=checkbox])')].filter(e => e.offsetParent
  && e.getBoundingClientRect().height < (innerWidth > 1099 && e.matches('.sort') ? 24 : 43.5)).length"""


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def answered(page: Page, relocated: str) -> None:
    with page.expect_response(lambda r: "what-if.json" in r.url and f"relocated={relocated}" in r.url):
        page.fill("#count-relocated", relocated)


@pytest.mark.parametrize("width", [1440, 390])
def test_pages_fit_and_targets_are_large_enough(watched: Watched, width: int) -> None:
    page = watched.log_in("duty", width, 844)
    for path in ("/plans/", "/plans/new", "/plans/editions/2024-06-12/2", "/plans/what-if?place=150500&relocated=60000"):
        page.goto(watched.address + path)
        assert fits(page), path
        assert page.evaluate(SMALL) == 0, path
        shoot(page, f"{path.split('?')[0].strip('/').replace('/', '-')}-{width}")


def test_sliders_answer_at_once_without_leaving_the_page(watched: Watched) -> None:
    page = watched.log_in("viewer")
    page.goto(f"{watched.address}/plans/what-if?place=150500")
    page.evaluate("window.stayed = true")
    answered(page, "6000")
    expect(page.locator(".big .level")).to_have_text("III")
    slider = page.locator("input[type=range][data-for=count-relocated]")
    slider.focus()
    with page.expect_response(lambda r: "relocated=3000000" in r.url):
        page.keyboard.press("End")
    assert page.input_value("#count-relocated") == "3000000"
    expect(page.locator(".big .level")).to_have_text("I")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#count-relocated")).to_have_value("2500000")
    assert page.evaluate("window.stayed") is True and "relocated=" in page.url


def test_a_slider_stops_at_every_threshold(watched: Watched) -> None:
    page = watched.log_in("viewer")
    page.goto(f"{watched.address}/plans/what-if")
    stops = page.get_attribute("input[data-for=count-relocated]", "data-stops")
    assert stops and {"300", "1000", "5000", "20000", "50000", "1000000", "3000000"} <= set(stops.split())


def test_a_phone_keeps_the_level_in_sight_and_says_what_is_wrong(watched: Watched) -> None:
    page = watched.log_in("viewer", 390, 844)
    page.goto(f"{watched.address}/plans/what-if?place=150500")
    answered(page, "60000")
    expect(page.locator("#verdict-bar .level")).to_have_text("I")
    expect(page.locator("#verdict-bar")).to_be_in_viewport()
    answered(page, "-3")
    expect(page.locator("#answer [role=alert]")).to_contain_text("不是 0 到 30,000,000 的整数")
    # a refused figure answers 400, which the browser notes in red: the only such note here
    assert all("400" in fault for fault in watched.faults) and watched.faults
    watched.faults.clear()


def test_an_edition_from_text_to_force(watched: Watched) -> None:
    duty = watched.log_in("duty")
    duty.goto(f"{watched.address}/plans/new")
    duty.fill("textarea[name=text]", plan_text(relocated="[1000000, 500000, 120000, 60000]"))
    duty.fill("textarea[name=reason]", "门槛偏低")
    duty.click("text=预览影响")
    expect(duty.locator(".outcomes tr.changed")).to_have_count(2)
    shoot(duty, "plan-preview")
    duty.click("text=提交审批")
    expect(duty.locator(".flash")).to_contain_text("须由另一人审批")
    approver = watched.log_in("approver", 390, 844)
    approver.goto(duty.url)
    assert fits(approver)
    shoot(approver, "plan-decide-390")
    approver.fill("textarea[name=comment]", "同意")
    approver.click("button[value=approve]")
    expect(approver.locator("h1 .status")).to_have_text("已批准")
    duty.goto(f"{watched.address}/plans/?at=2025-04-01")
    expect(duty.locator(".lead").first).to_contain_text("2025-03-01/1")
