"""Help in a browser: keys that lead about, their list, switching them off, the tour by keys, words explained."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Watched
from tests.browser.hands import Keys


def test_keys_lead_about_and_can_be_switched_off(watched: Watched) -> None:
    page = watched.log_in("duty")
    page.wait_for_load_state()
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url("**/proposals/")
    page.wait_for_load_state()
    page.keyboard.press("?")
    expect(page.locator("#keys-dialog")).to_be_visible()
    Keys().press(page.locator("#keys-dialog button"))
    expect(page.locator("#keys-dialog")).to_be_hidden()
    # letters typed into a field are letters
    page.locator("header input[name=q]").focus()
    page.keyboard.type("g s?")
    expect(page.locator("header input[name=q]")).to_have_value("g s?")
    page.goto(f"{watched.address}/help")
    page.locator("main [data-keys-off]").check()
    page.locator("h1").click()
    page.keyboard.press("?")
    page.keyboard.press("g")
    page.keyboard.press("b")
    expect(page.locator("#keys-dialog")).to_be_hidden()
    assert page.url.endswith("/help")
    page.locator("main [data-keys-off]").uncheck()
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#keys-dialog")).to_be_visible()


def test_the_tour_is_taken_by_keys_over_its_pages(watched: Watched) -> None:
    for width in (1440, 390):
        page, keys = watched.log_in("duty", width, 844), Keys()
        page.goto(f"{watched.address}/?tour=1")
        box = page.locator("#tour")
        expect(box).to_contain_text("第 1 步，共 6 步")
        expect(page.locator("#tour-title")).to_be_focused()
        for number in range(2, 7):
            keys.press(box.locator("[data-tour=on]"))
            expect(box).to_contain_text(f"第 {number} 步")
            place = box.bounding_box()
            assert place is not None and place["x"] >= 0 and place["x"] + place["width"] <= width
        assert page.url.endswith("/waybills")
        expect(box.locator("[data-tour=on]")).to_be_hidden()
        page.keyboard.press("Escape")
        expect(box).to_be_hidden()
        page.reload()
        expect(box).to_be_hidden()


def test_a_word_is_explained_to_pointer_and_keys_and_sent_away(watched: Watched) -> None:
    page = watched.log_in("duty")
    word = page.locator(".cope .term").first
    meaning = word.locator("[role=tooltip]")
    expect(meaning).to_be_hidden()
    word.hover()
    expect(meaning).to_be_visible()
    # the pointer may go onto what is said
    meaning.hover()
    expect(meaning).to_be_visible()
    page.mouse.move(0, 0)
    expect(meaning).to_be_hidden()
    word.focus()
    expect(meaning).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("Escape")
    expect(meaning).to_be_hidden()
