"""One night: a warning comes, it is understood, the plan is changed, decided on by a second person, printed,
driven, counted on a telephone, and what was missing is told.

Once with a pointer in Chinese by day, once in English in the dark with the screens the other way round,
once with the keys alone.  Nothing is asked of another host and nothing is in red ink (``watched``).
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.conftest import Watched
from tests.browser.hands import Hand, Keys, Pointer
from tests.browser.test_main_job import send_warning, shoot

DESK, PHONE = (1440, 900), (390, 844)
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? []
    : [...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll'))
        .map((e) => e.outerHTML.slice(0, 120))"""
SITUATION = "S-20211105-150500-blizzard"


@dataclass
class Night:
    """How the story is lived: language, light, hands, and who sits at which screen."""

    lang: str
    theme: str
    hand: Hand
    office: tuple[int, int] = DESK
    field_: tuple[int, int] = PHONE
    name: str = field(default="")

    def enter(self, watched: Watched, who: str, size: tuple[int, int]) -> Page:
        """Log in with this night's hands."""
        page = watched.page(*size)
        page.emulate_media(color_scheme=self.theme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.goto(f"{watched.address}/login?lang={self.lang}")
        self.hand.fill(page.locator("input[name=name]"), who)
        self.hand.fill(page.locator("input[name=password]"), "demo-2026")
        self.hand.press(page.locator("main button"))
        page.wait_for_url(lambda url: "/login" not in url)
        expect(page.locator("html")).to_have_attribute("lang", "zh-CN" if self.lang == "zh" else "en")
        return page

    def look(self, page: Page, name: str) -> None:
        """Nothing is wider than the screen; a picture where asked for."""
        wide = page.evaluate(TOO_WIDE)
        assert wide == [], (page.url, wide)
        shoot(page, f"story-{self.name}-{name}")


NIGHTS = (
    Night("zh", "light", Pointer(), name="pointer"),
    Night("en", "dark", Pointer(), PHONE, DESK, "mirrored"),
    Night("zh", "light", Keys(), name="keys"),
)


def understand(night: Night, duty: Page, code: str) -> None:
    """From the board to the situation, its level with reasons and countdowns, the plan behind it, the proposal."""
    hand = night.hand
    expect(duty.locator(f"#todo + ol a[href*='{code}']").first).to_be_visible()
    expect(duty.locator(".cope dd strong").first).to_contain_text("%")
    night.look(duty, "board")
    hand.press(duty.locator(f".event h3 a[href='/situations/{SITUATION}']"))
    expect(duty.locator("#clocks + table time").first).to_be_visible()
    expect(duty.locator("h1 .level, h1 .badge, h1 span").first).to_be_visible()
    night.look(duty, "situation")
    duty.goto(duty.url.partition("/situations")[0] + "/plans/")
    expect(duty.locator("#tables")).to_be_visible()
    night.look(duty, "plan")
    duty.go_back()
    hand.press(duty.locator("aside a.primary", has_text=code))
    expect(duty.locator("h1")).to_contain_text(code)
    night.look(duty, "proposal")


def change(night: Night, duty: Page) -> str:
    """A line struck out, taken back and done again, a warehouse left out; the code of the plan that results."""
    hand = night.hand
    chips = duty.locator(".chips .chip")
    hand.fill(duty.locator("#lines input.count").first, "0")
    hand.press(duty.locator("button[form=lines-edit]"))
    expect(chips).to_have_count(1)
    expect(duty.locator("#edited ul.changes li").first).to_be_visible()
    hand.press(duty.locator("#undo"))
    expect(chips).to_have_count(0)
    hand.press(duty.locator("#redo"))
    expect(chips).to_have_count(1)
    hand.press(duty.locator("#edit > summary"))
    lines = duty.locator("select[name=warehouse] option")
    value = lines.nth(1).get_attribute("value")
    assert value
    hand.choose(duty.locator("select[name=warehouse]"), value)
    hand.press(duty.locator("form:has(select[name=warehouse]) button"))
    expect(chips).to_have_count(2)
    night.look(duty, "changed")
    return duty.url.rpartition("/")[2].partition("#")[0]


def decide(night: Night, watched: Watched, duty: Page, code: str) -> Page:
    """Handed in by one, refused to the same one, approved by another on the other screen."""
    night.hand.press(duty.locator(f"form[action='/proposals/{code}/submit'] button"))
    expect(duty.locator("h1 .status-submitted")).to_be_visible()
    expect(duty.locator("form.approve")).to_have_count(0)
    approver = night.enter(watched, "approver", night.field_)
    night.hand.press(approver.locator(f"#todo + ol a[href*='{code}']").first)
    expect(approver.locator("#machine, .machine").first).to_be_attached()
    night.look(approver, "to-approve")
    night.hand.press(approver.locator("form.approve button"))
    expect(approver.locator("h1 .status-approved")).to_be_visible()
    return approver


def print_and_send(night: Night, store: Page) -> str:
    """The truck's papers, then the truck; the waybill's address."""
    night.hand.press(store.locator("tbody a").first)
    expect(store.locator("h1 small")).to_have_text("Waybill")
    bill = store.url.rpartition("/")[2]
    pack = store.request.get(str(store.locator("a[href$='pack.pdf']").evaluate("(link) => link.href")))
    pages = PdfReader(io.BytesIO(pack.body())).pages
    assert pack.ok and len(pages) >= 8 and bill in "".join(page.extract_text() for page in pages)
    night.look(store, "waybill")
    night.hand.press(store.locator("form[action$='/depart'] button"))
    expect(store.locator(".status-departed").first).to_be_visible()
    return bill


def receive(night: Night, store: Page) -> None:
    """Counted at the place: two units of the first line are not there."""
    hand = night.hand
    hand.press(store.locator("dd a.button[href*='/receive']").first)
    line = store.locator(".count-line").first
    hand.press(line.locator("summary"))
    sent = int(line.locator("input[name^=sent-]").input_value())
    hand.fill(line.locator("input[name^=good-]"), str(sent - 2))
    night.look(store, "receive")
    hand.press(store.locator("button.primary.wide"))
    expect(store.locator("main .flash, body > .flash").filter(has_text=re.compile("差异单|claim", re.I))).to_be_visible()


@pytest.mark.parametrize("night", NIGHTS, ids=lambda night: night.name)
def test_a_night(watched: Watched, night: Night) -> None:
    code = send_warning(watched)
    duty = night.enter(watched, "duty", night.office)
    understand(night, duty, code)
    code = change(night, duty)
    decide(night, watched, duty, code)
    store = night.enter(watched, "store", night.field_)
    store.goto(f"{watched.address}/waybills")
    bill = print_and_send(night, store)
    receive(night, store)
    duty.goto(f"{watched.address}/claims")
    claim = duty.locator("main tbody tr", has_text=bill)
    expect(claim).to_have_count(1)
    night.hand.press(claim.locator("a").first)
    expect(duty.locator("main")).to_contain_text(bill)
    night.look(duty, "claim")
