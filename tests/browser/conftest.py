"""A real Chromium on a real server; anything non-local or in red ink fails the test."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright
from werkzeug.serving import make_server

from dispatch.app import create_app
from dispatch.clock import FixedClock
from dispatch.config import Settings
from dispatch.db import make_engine
from dispatch.flow.model import Way
from dispatch.flow.work import work_once
from tests.conftest import NOW

CHROMIUM = Path("/usr/bin/chromium")
# a page on a busy machine may take its time; what never comes still fails
PATIENCE_MS = 30_000
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="session")
def started() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        if os.environ.get("REQUIRE_CHROMIUM"):
            pytest.fail("Chromium is required here and not installed")
        pytest.skip("Chromium is not installed: apt-get install chromium")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def chromium(started: Browser) -> Iterator[Browser]:
    """The browser of this run; the pages of a test end with it, or they would go on asking for news for the rest of the run."""
    yield started
    for context in started.contexts:
        context.close()


@pytest.fixture
def address(demo_file: Settings) -> Iterator[str]:
    """A running server on a demo database of its own."""
    app = create_app(demo_file, clock=FixedClock(NOW))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


class Watched:
    """Pages whose every request and message is watched, and the worker beside them."""

    def __init__(self, browser: Browser, address: str, settings: Settings) -> None:
        self.browser, self.address, self.settings = browser, address, settings
        self.faults: list[str] = []

    def work(self) -> tuple[str, ...]:
        """One round of the worker; the proposals it drafted."""
        way = Way("worker", FixedClock(NOW), self.settings)
        return work_once(make_engine(self.settings.database_url), way).drafted

    def page(self, width: int = 1440, height: int = 900) -> Page:
        """A page of a person of its own."""
        context = self.browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        context.route("**/*", self._guard)
        page = context.new_page()
        page.on("console", lambda m: self.faults.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self.faults.append(str(e)))
        page.on("requestfailed", self._failed)
        return page

    def _failed(self, request: Request) -> None:
        # a page left before its font came is no fault
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"failed: {request.url} {request.failure}")

    def _guard(self, route, request) -> None:  # type: ignore[no-untyped-def]
        if request.url.startswith((self.address, "data:", "blob:")):
            route.continue_()
        else:
            self.faults.append(f"outside: {request.url}")
            route.abort()

    def log_in(self, name: str, width: int = 1440, height: int = 900) -> Page:
        page = self.page(width, height)
        page.goto(f"{self.address}/login")
        page.fill("input[name=name]", name)
        page.fill("input[name=password]", "demo-2026")
        page.click("main button")
        # the next page must not be asked for before this one has answered
        page.wait_for_url(lambda url: "/login" not in url)
        return page


@pytest.fixture
def watched(chromium: Browser, address: str, demo_file: Settings) -> Iterator[Watched]:
    found = Watched(chromium, address, demo_file)
    yield found
    faults = list(found.faults)
    for context in chromium.contexts:
        context.close()
    assert faults == []
