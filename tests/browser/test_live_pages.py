"""Pages follow their data before one's eyes, say when they cannot, and lose nothing that was typed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from urllib.error import URLError

import pytest
from playwright.sync_api import Browser, Page, expect

from dispatch.clock import FixedClock
from dispatch.config import PROJECT_ROOT, Settings
from dispatch.db import make_engine
from dispatch.flow.approve import submit
from tests.browser.conftest import Watched
from tests.conftest import NOW

SITUATION = "/situations/S-20211105-150500-blizzard"
PROPOSAL = "P-20211108-001"


class Server:
    """A real server process that can be ended and started again on its port."""

    def __init__(self, settings: Settings) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, "DISPATCH_DATABASE_URL": settings.database_url, "PYTHONPATH": str(PROJECT_ROOT)}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        call = [sys.executable, "-c", "from dispatch.cli import main; main()", "serve", "--no-worker", "--port", str(self.port)]
        self.process = subprocess.Popen(call, env=self.environment, cwd=PROJECT_ROOT, stdout=subprocess.DEVNULL)
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{self.address}/healthz", timeout=2).close()
                return
            except (URLError, OSError):
                time.sleep(0.1)
        raise AssertionError("the server did not come up")

    def stop(self) -> None:
        if self.process:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@pytest.fixture
def server(demo_file: Settings) -> Iterator[Server]:
    made = Server(demo_file)
    made.start()
    yield made
    made.stop()


def log_in(page: Page, address: str, name: str = "duty") -> None:
    page.goto(f"{address}/login")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", "demo-2026")
    page.click("main button")
    page.wait_for_url(lambda url: "/login" not in url)


@pytest.mark.parametrize(("path", "place"), [("/alerts", "table.inbox"), (f"/proposals/{PROPOSAL}", "aside h1"), ("/proposals/", "main")])
def test_a_decision_shows_on_open_pages_without_loading_them(watched: Watched, demo_file: Settings, path: str, place: str) -> None:
    page = watched.log_in("viewer")
    page.goto(watched.address + path)
    expect(page.locator(place).first).to_contain_text("草案")
    page.evaluate("window.isSamePage = true")
    engine = make_engine(demo_file.database_url)
    submit(engine, PROPOSAL, "duty", FixedClock(NOW))
    expect(page.locator(place).first).to_contain_text("待审批", timeout=10_000)
    assert page.evaluate("window.isSamePage") is True
    engine.dispose()


def test_open_details_and_a_half_filled_form_stay_when_the_page_follows(watched: Watched, demo_file: Settings) -> None:
    page = watched.log_in("approver")
    page.goto(f"{watched.address}/proposals/{PROPOSAL}")
    criteria = page.locator("aside details", has_text="全部启动条件")
    criteria.locator("summary").click()
    page.locator("details#edit > summary").click()
    alpha = page.locator("#edit input[name=alpha]")
    alpha.fill("0.3")
    engine = make_engine(demo_file.database_url)
    submit(engine, PROPOSAL, "duty", FixedClock(NOW))
    expect(page.locator("#pulse")).to_contain_text("数据已更新", timeout=10_000)
    expect(page.locator("aside h1")).to_contain_text("待审批")
    expect(alpha).to_have_value("0.3")
    assert criteria.evaluate("details => details.open")
    engine.dispose()


def test_a_lost_server_is_said_with_the_age_of_the_data_and_a_found_one_brings_what_is_new(
    chromium: Browser, server: Server, demo_file: Settings
) -> None:
    page = chromium.new_page(locale="zh-CN")
    log_in(page, server.address, "viewer")
    page.goto(f"{server.address}/alerts")
    banner = page.locator("#pulse")
    expect(page.locator("table.inbox")).to_contain_text("草案")
    expect(banner).to_be_hidden()
    # the page has heard from the server at least once since it was opened
    with page.expect_response(lambda answer: answer.status == 304):
        pass
    shown = page.evaluate("new Intl.DateTimeFormat('sv-SE', {timeZone: 'Asia/Shanghai', hour: '2-digit', minute: '2-digit'})"
                          ".format(new Date(document.body.dataset.now))")
    server.stop()
    expect(banner).to_be_visible(timeout=10_000)
    told = banner.inner_text()
    assert "连接中断" in told and any(f"{shown[:3]}{(int(shown[3:]) + n) % 60:02d}" in told for n in (0, 1, 2)), (told, shown)
    engine = make_engine(demo_file.database_url)
    submit(engine, PROPOSAL, "duty", FixedClock(NOW))
    server.start()
    expect(banner).to_be_hidden(timeout=20_000)
    expect(page.locator("table.inbox")).to_contain_text("待审批")
    engine.dispose()
    page.close()


def test_a_form_sent_without_connection_is_kept_and_told(chromium: Browser, server: Server) -> None:
    page = chromium.new_page(locale="zh-CN")
    log_in(page, server.address)
    page.goto(f"{server.address}/reports/new")
    page.select_option("select[name=place]", "150522")
    page.fill("input[name=reporter]", "王五")
    server.stop()
    expect(page.locator("#pulse")).to_be_visible(timeout=15_000)
    page.click("main form button.primary")
    expect(page.locator(".not-sent")).to_contain_text("尚未提交")
    server.start()
    expect(page.locator("#pulse")).to_be_hidden(timeout=20_000)
    page.reload()
    expect(page.locator("input[name=reporter]")).to_have_value("王五")
    page.close()


def test_a_session_that_ended_is_said_and_the_typed_words_come_back_after_login(watched: Watched) -> None:
    page = watched.log_in("duty")
    page.goto(watched.address + SITUATION)
    page.locator("#figures details summary").click()
    page.fill("#figures input[name=reporter]", "包力高")
    page.fill("#figures input[name=need_aid]", "1230")
    page.select_option("#figures select[name=place]", "150522")
    page.context.clear_cookies()
    expect(page.locator("#pulse")).to_contain_text("登录已过期", timeout=10_000)
    # the browser tells of the 401 in red; it is what the page has just explained
    assert all("401" in fault for fault in watched.faults), watched.faults
    watched.faults.clear()
    page.locator("#pulse a").click()
    page.fill("input[name=name]", "duty")
    page.fill("input[name=password]", "demo-2026")
    page.click("main button")
    page.wait_for_url(lambda url: SITUATION in url)
    expect(page.locator(".kept")).to_contain_text("已放回")
    expect(page.locator("#figures input[name=reporter]")).to_have_value("包力高")
    expect(page.locator("#figures select[name=place]")).to_have_value("150522")
    page.locator("#figures form button.primary").click()
    expect(page.locator("#figures")).to_contain_text("1,230")
    page.goto(watched.address + SITUATION)
    expect(page.locator(".kept")).to_have_count(0)
    watched.faults[:] = [fault for fault in watched.faults if "401" not in fault]


def test_a_form_sent_after_the_session_ended_leads_over_the_login_back_to_its_words(watched: Watched) -> None:
    page = watched.log_in("duty")
    page.goto(f"{watched.address}/reports/new")
    page.fill("input[name=reporter]", "其木格")
    page.select_option("select[name=place]", "150522")
    page.context.clear_cookies()
    page.click("main form button.primary")
    expect(page.locator(".flash.fault")).to_contain_text("登录已过期")
    page.fill("input[name=name]", "duty")
    page.fill("input[name=password]", "demo-2026")
    page.click("main button")
    page.wait_for_url("**/reports/new")
    expect(page.locator("input[name=reporter]")).to_have_value("其木格")
    watched.faults[:] = [fault for fault in watched.faults if "401" not in fault]
