"""The proposal page in the browser: a load dragged, undone by keys, a road chosen on the map, approved on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched
from tests.browser.test_main_job import shoot

PAGE = "/proposals/P-20211108-001"


def test_a_load_is_dragged_to_another_truck_and_taken_back_by_keys(watched: Watched) -> None:
    duty = watched.log_in("duty")
    duty.goto(watched.address + PAGE)
    duty.evaluate("document.querySelectorAll('.depot').forEach((d) => (d.open = true))")
    field, target = duty.evaluate("""() => {
        for (const load of document.querySelectorAll('.load[draggable=true]'))
            for (const option of load.querySelectorAll('option'))
                if (option.value && document.querySelector(`.truck[data-truck="${option.value}"]`))
                    return [load.dataset.load, option.value];
        return [null, null];
    }""")
    if field is None:
        pytest.fail("the demo has no two trucks of a warehouse that could take each other's load")
    duty.locator(f'.load[data-load="{field}"]').drag_to(duty.locator(f'.truck[data-truck="{target}"] h3'))
    expect(duty.locator("#edited")).to_contain_text(re.compile("固定车辆 " + re.escape(target)))
    expect(duty.locator(f'.truck[data-truck="{target}"] .load[data-load="{field}"]')).to_have_count(1)
    shoot(duty, "dragged")
    duty.wait_for_load_state()
    duty.keyboard.press("Control+z")
    expect(duty.locator("#edited h2")).to_have_text("已撤销")
    duty.wait_for_load_state()
    expect(duty.locator(f'.truck[data-truck="{target}"] .load[data-load="{field}"]')).to_have_count(0)
    duty.keyboard.press("Control+Shift+Z")
    expect(duty.locator("#edited h2")).to_have_text("已重做")
    expect(duty.locator(f'.truck[data-truck="{target}"] .load[data-load="{field}"]')).to_have_count(1)


def test_keys_are_left_to_a_field_in_which_somebody_types(watched: Watched) -> None:
    duty = watched.log_in("duty")
    duty.goto(watched.address + PAGE)
    duty.locator("button[name=leave]").first.click()
    expect(duty.locator("#edited")).to_be_visible()
    here = duty.url
    duty.locator("#lines input.count").first.press("Control+z")
    expect(duty.locator("#undo")).to_be_enabled()
    assert duty.url == here


def test_a_road_is_chosen_on_the_map(watched: Watched) -> None:
    duty = watched.log_in("duty")
    duty.goto(watched.address + PAGE)
    duty.locator("#edit > summary").click()
    duty.locator("#pick-road").click()
    expect(duty.locator("#pick-road")).to_have_attribute("aria-pressed", "true")
    duty.evaluate("""() => {
        const map = window[document.querySelector('.folium-map').id];
        const roads = [];
        map.eachLayer((layer) => { if (layer.options && layer.options.color === '#6b3fa0') roads.push(layer); });
        roads[39].fire('click');
    }""")
    chosen = duty.locator("#road").input_value()
    assert chosen.isdigit()
    duty.locator("#road-edit button", has_text="按此路况重新计算").click()
    expect(duty.locator(".chip")).to_contain_text("不走 ")


def approve(page: Page) -> None:
    page.get_by_role("button", name="批准并签发运单").click()
    expect(page.locator(".flash")).to_contain_text("已批准")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_is_approved_on_a_phone_and_going_back_shows_it_approved(watched: Watched, language: str) -> None:
    duty, phone = watched.log_in("duty"), watched.log_in("approver", 390, 844)
    duty.goto(watched.address + PAGE)
    duty.get_by_role("button", name="提交审批").click()
    phone.goto(f"{watched.address}{PAGE}?lang={language}")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    button = phone.locator(".approve button")
    box = button.bounding_box()
    assert box is not None and box["height"] >= 44
    shoot(phone, f"approve-390-{language}")
    button.dblclick()
    expect(phone.locator("h1 .status-approved")).to_be_visible()
    expect(phone.locator(".approve")).to_have_count(0)
    phone.go_back()
    phone.goto(watched.address + PAGE)
    phone.go_back()
    expect(phone.locator("h1 .status-approved")).to_be_visible()
    phone.reload()
    expect(phone.locator("#waybills + ul li")).not_to_have_count(0)


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_fits_the_screen_and_says_its_headings_in_order(watched: Watched, width: int, language: str) -> None:
    duty = watched.log_in("duty", width)
    duty.goto(f"{watched.address}{PAGE}?lang={language}")
    assert duty.evaluate("document.documentElement.scrollWidth") <= width
    levels = duty.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map((h) => +h.tagName[1])")
    assert levels[0] == 1 and all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False))
    small = duty.evaluate("""() => [...document.querySelectorAll('main button, main select, main summary')]
        .filter((e) => e.offsetParent && e.getBoundingClientRect().height < (innerWidth < 1100 ? 44 : 24)).map((e) => e.outerHTML.slice(0, 90))""")
    assert small == []
    bare = duty.evaluate("""() => [...document.querySelectorAll('main input:not([type=hidden]), main select, main textarea')]
        .filter((e) => !e.labels?.length && !e.getAttribute('aria-label')).map((e) => e.outerHTML.slice(0, 90))""")
    assert bare == []
