"""A warning, a proposal, a second person, a truck: in the browser."""

import base64
import json
import os
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched
from tests.builders import cap_xml

LOGIN = base64.b64encode(b"duty:demo-2026").decode()
SHOTS = os.environ.get("SCREENSHOTS")


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.evaluate("document.fonts.ready.then(() => 1)")
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


def send_warning(watched: Watched) -> str:
    """A red warning for one more county, an hour on, by the API; the code of the proposal the worker drafts."""
    document = cap_xml(
        identifier="15050041600000_20211108225000_1", sent="2021-11-08T22:50:00+08:00",
        expires="2021-11-09T22:50:00+08:00", headline="暴雪红色预警",
        area="<geocode><valueName>adcode</valueName><value>150581</value></geocode>",
    )
    request = urllib.request.Request(
        f"{watched.address}/api/alerts", data=document, headers={"Authorization": f"Basic {LOGIN}"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert json.load(answer)["alerts"][0]["status"] == "accepted"
    (code,) = watched.work()
    return code


def test_from_warning_to_received_goods(watched: Watched) -> None:
    code = send_warning(watched)
    duty = watched.log_in("duty")
    expect(duty.locator(".leaflet-container path").first).to_be_attached()
    shoot(duty, "board")
    duty.click(f"text={code}")
    expect(duty.locator("#lines tbody tr").first).to_contain_text("小时")
    expect(duty.locator(".leaflet-container path.leaflet-interactive").first).to_be_attached()
    shoot(duty, "proposal")
    duty.click("text=提交审批")
    expect(duty.locator(".flash")).to_contain_text("已提交审批")
    expect(duty.locator("text=批准并签发运单")).to_have_count(0)

    approver = watched.log_in("approver")
    approver.goto(f"{watched.address}/proposals/{code}")
    approver.click("text=批准并签发运单")
    expect(approver.locator(".flash")).to_contain_text("库存已预留")
    approver.goto(f"{watched.address}/stock?item=QUILT")
    reserved = approver.locator("tbody tr td:nth-child(6)").all_inner_texts()
    assert any(text.replace(",", "") != "0" for text in reserved)
    shoot(approver, "stock")

    store = watched.log_in("store", 390, 844)
    store.goto(f"{watched.address}/waybills")
    store.click("tbody a >> nth=0")
    shoot(store, "waybill-390")
    store.click("text=装车完毕，发车")
    expect(store.locator(".flash")).to_contain_text("在途")
    bill = store.url
    store.click("dd a.button:has-text('签收') >> nth=0")
    store.locator(".count-line summary").first.click()
    store.locator("input[name^=good-]").first.fill("0")
    store.click("button.primary:has-text('签收')")
    expect(store.locator("main .flash, body > .flash").filter(has_text="已开差异单")).to_be_visible()
    store.goto(bill)
    expect(store.locator("h1 + p .status")).to_contain_text("已签收")


@pytest.mark.parametrize("width,height", [(1440, 900), (390, 844)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_fits_its_screen(watched: Watched, width: int, height: int, language: str) -> None:
    page = watched.log_in("duty", width, height)
    for path in (
        "/", "/alerts", "/alerts/documents", "/situations/S-20211105-150500-blizzard", "/reports/new", "/notices/", "/proposals/", "/proposals/P-20211108-001", "/stock", "/waybills",
        "/lots/DEMO-150500-QUILT-A", "/movements", "/health", "/documents/",
        "/documents/new/receipt?warehouse=WH-150500&", "/warehouses/", "/warehouses/WH-150500", "/money", "/uploads/",
    ):
        sign = "" if path.endswith("&") else "?"
        page.goto(f"{watched.address}{path}{sign}lang={language}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        shoot(page, f"{language}{width}{path.replace('/', '-').partition('?')[0]}")
        assert wide <= width, (path, wide)


def test_a_loss_report_from_a_phone_raises_a_new_draft(watched: Watched) -> None:
    store = watched.log_in("store", 390, 844)
    store.goto(f"{watched.address}/alerts")
    store.click("table.inbox a >> nth=0")
    expect(store.locator("h1")).to_contain_text("通辽市暴雪")
    clock = store.locator("time.countdown").first
    expect(clock).to_contain_text("剩余")  # the script has taken over from the plain time
    before = clock.inner_text()
    expect(clock).not_to_have_text(before)
    store.click("text=上报或更正")
    form = store.locator("form.reporting")
    form.locator("select[name=kind]").select_option("follow_up")
    form.locator("select[name=place]").select_option("150525")
    form.locator("input[name=relocated]").fill("420")
    form.locator("input[name=reporter]").fill("奈曼旗红十字会")
    form.locator("button.primary").click()
    expect(store.locator(".flash")).to_contain_text("已收到报告")
    expect(store.locator("#figures")).to_contain_text("420")
    shoot(store, "situation-390")
    (code,) = watched.work()
    duty = watched.log_in("duty")
    duty.goto(f"{watched.address}/situations/S-20211105-150500-blizzard")
    expect(duty.locator("aside a.primary")).to_have_text(code)
    duty.click("text=全部启动条件")
    shoot(duty, "situation")
    duty.click(f"aside >> text={code}")
    expect(duty.locator("h1")).to_contain_text(code)


def test_goods_are_received_by_a_scanned_code_in_five_taps(watched: Watched) -> None:
    duty = watched.log_in("duty")
    duty.goto(f"{watched.address}/proposals/P-20211108-001")
    duty.click("text=提交审批")
    approver = watched.log_in("approver")
    approver.goto(f"{watched.address}/proposals/P-20211108-001")
    approver.click("text=批准并签发运单")
    expect(approver.locator(".flash")).to_contain_text("库存已预留")
    store = watched.log_in("store", 390, 844)
    taps = []

    def tap(selector: str) -> None:
        taps.append(selector)
        store.click(selector)

    # the phone's camera opens the address on the paper
    store.goto(f"{watched.address}/w/WB-20211108-001-001?h=0")
    tap("text=装车完毕，发车")
    tap("dd a.button:has-text('签收')")
    tap("button.primary:has-text('签收')")
    expect(store.locator("main .flash, body > .flash").filter(has_text="已签收")).to_be_visible()
    store.goto(f"{watched.address}/w/WB-20211108-001-001")
    expect(store.locator("h1 + p .status")).to_contain_text("已签收")
    assert len(taps) <= 5


def test_a_storekeeper_works_with_the_keyboard_alone(watched: Watched) -> None:
    page = watched.log_in("store")
    page.goto(f"{watched.address}/documents/new/receipt?warehouse=WH-150500")
    page.locator("select[name=source]").focus()
    page.locator("select[name=source]").select_option("purchase")
    page.keyboard.press("Tab")
    page.keyboard.type("被服厂")
    page.locator("select[name=item-0]").focus()
    page.keyboard.type("QUILT")
    page.keyboard.press("Tab")
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("GR-")
    expect(page.locator("main table")).to_contain_text("12")
    shoot(page, "document")
