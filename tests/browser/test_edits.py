"""A plan edited in the browser: two taps on a phone, a slider on the desk."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched
from tests.browser.test_main_job import shoot

PAGE = "/proposals/P-20211108-001"


def test_a_truck_is_taken_out_with_two_taps_on_a_phone(watched: Watched) -> None:
    duty = watched.log_in("duty", 390, 844)
    duty.goto(watched.address + PAGE)
    truck = duty.locator("button[name=leave]").first.get_attribute("value")
    duty.locator(".jump a", has_text="运输路线").click()
    tall = duty.locator("button[name=leave]").first.bounding_box()
    assert tall is not None and tall["height"] >= 44
    duty.locator("button[name=leave]").first.click()
    expect(duty.locator("#edited")).to_contain_text(f"不再使用车辆 {truck}")
    expect(duty.locator(".chip")).to_contain_text(f"不用车辆 {truck}")
    shoot(duty, "edited-390")


def test_the_slider_and_the_number_say_the_same(watched: Watched) -> None:
    duty = watched.log_in("duty")
    duty.goto(watched.address + PAGE)
    duty.click("text=修改方案")
    slider, field = duty.locator("input[type=range]"), duty.locator("#alpha")
    expect(slider).to_be_visible()
    slider.focus()
    slider.press("ArrowRight")
    expect(field).to_have_value("0.65")
    field.fill("0.9")
    expect(slider).to_have_value("0.9")
    duty.locator(".modes label", has_text="求省").click()
    duty.locator("#edit button", has_text="重新计算").first.click()
    expect(duty.locator(".chips")).to_contain_text("公平下限 0.9")
    expect(duty.locator(".chips")).to_contain_text("权衡：求省")
    shoot(duty, "edited")


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_open_panel_and_the_comparison_fit_the_screen(watched: Watched, width: int, language: str) -> None:
    duty = watched.log_in("duty", width, 900)
    duty.goto(f"{watched.address}{PAGE}?lang={language}")
    duty.locator("#alternatives + .scroll + .gives form button").last.click()
    expect(duty.locator(".gives form")).to_have_count(3)
    duty.locator("#edit > summary").click()
    for one in duty.locator("#edit details > summary").all():
        one.click()
    assert duty.evaluate("document.documentElement.scrollWidth") <= width
    box = duty.locator(".compare").bounding_box()
    assert box is not None and box["width"] <= width
    shoot(duty, f"compare-{width}-{language}")


def test_quantities_are_edited_in_the_table(watched: Watched) -> None:
    duty = watched.log_in("duty")
    duty.goto(watched.address + PAGE)
    field = duty.locator("#lines input.count").first
    name = field.get_attribute("name")
    field.fill("0")
    duty.click("text=按改动的数量重新计算")
    expect(duty.locator(".chip")).to_have_count(1)
    expect(duty.locator("#edited li.what-line").first).to_have_text(re.compile("-"))
    assert duty.locator(f'input[name="{name}"]').count() == 0
