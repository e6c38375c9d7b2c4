"""Every page as people with other eyes, hands and screens meet it: WCAG 2.2 A and AA by axe-core.

In the dark and in the light, on a wide screen and on a telephone, in Chinese; in English where lines break otherwise.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from tests.tour import Stop

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
SIZES = ((1440, 900), (390, 844))
THEMES = ("light", "dark")
# spread over the processes of a test run
PARTS = 4
IN_ENGLISH = ("login", "board-board", "situations-show", "proposals-show", "ledger-stock", "member-page")


@pytest.fixture
def desk(worked: Flask) -> Iterator[str]:
    """The address of the worked demo."""
    server = make_server("127.0.0.1", 0, worked, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


class Visitors:
    """One browser context for each person."""

    def __init__(self, browser: Browser, desk: str) -> None:
        self.browser, self.desk = browser, desk
        self.known: dict[str | None, BrowserContext] = {}

    def page(self, user: str | None) -> Page:
        if user not in self.known:
            self.known[user] = self.browser.new_context(locale="zh-CN")
            if user:
                page = self.known[user].new_page()
                page.goto(f"{self.desk}/login")
                page.fill("input[name=name]", user)
                page.fill("input[name=password]", "demo-2026")
                page.click("main button")
                page.wait_for_url(lambda url: "/login" not in url)
                page.close()
        return self.known[user].new_page()

    def close(self) -> None:
        for context in self.known.values():
            context.close()


@pytest.fixture
def visitors(chromium: Browser, desk: str) -> Iterator[Visitors]:
    found = Visitors(chromium, desk)
    yield found
    found.close()


def faults(page: Page, name: str) -> list[str]:
    """What axe-core finds on the page at every size and in both themes, and what is wider than the screen."""
    found = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{name} {width}: wider than the screen")
        for theme in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
            for violation in Axe().run(page, options=RULES).response["violations"]:
                nodes = violation["nodes"]
                found.append(f"{name} {width} {theme}: {violation['id']} ×{len(nodes)} {nodes[0]['html'][:160]} {nodes[0].get('failureSummary', '')[:200]}")
    return found


def look_at(visitors: Visitors, stops: list[Stop], lang: str) -> list[str]:
    found = []
    for stop in stops:
        page = visitors.page(stop.user)
        page.goto(f"{visitors.desk}{stop.path}{'&' if '?' in stop.path else '?'}lang={lang}", wait_until="load")
        found += faults(page, stop.name)
        page.close()
    return found


@pytest.mark.parametrize("part", range(PARTS))
def test_no_page_shuts_anybody_out(visitors: Visitors, stops: list[Stop], part: int) -> None:
    found = look_at(visitors, stops[part::PARTS], "zh")
    assert not found, "\n".join(found)


def test_no_page_shuts_anybody_out_in_english(visitors: Visitors, stops: list[Stop]) -> None:
    chosen = [stop for stop in stops if stop.name in IN_ENGLISH]
    found = look_at(visitors, chosen, "en")
    assert len(chosen) == len(IN_ENGLISH) and not found, "\n".join(found)


def test_a_fault_would_be_found(visitors: Visitors) -> None:
    """The check itself: a field without a name and words too pale to read."""
    page = visitors.page(None)
    page.goto(f"{visitors.desk}/login", wait_until="load")
    page.evaluate("""() => {
      const bad = document.createElement("p");
      bad.innerHTML = "<input><span>pale</span>";
      document.querySelector("main").append(bad);
      bad.lastChild.style.cssText = "color:#eee;background:#fff";
    }""")
    found = "\n".join(faults(page, "login"))
    assert "label" in found and "color-contrast" in found
