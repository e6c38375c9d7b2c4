"""A draft improves before one's eyes: the page follows without being loaded again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from dispatch.clock import FixedClock
from dispatch.config import Settings
from dispatch.db import make_engine, transaction
from dispatch.flow.solve import Solver
from dispatch.proposals.jobs import get_job, start_over
from dispatch.routing.problem import RoutingParams
from tests.browser.conftest import Watched
from tests.conftest import NOW

PAGE = "/situations/S-20211105-150500-blizzard"


@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_follows_a_draft_to_its_proposal(watched: Watched, demo_file: Settings, width: int) -> None:
    engine = make_engine(demo_file.database_url)
    with transaction(engine) as session:
        start_over(session, get_job(session, 1, lock=True), NOW)
    solver = Solver(engine, demo_file, "w", RoutingParams(iterations=60, slices=8), FixedClock(NOW))
    page = watched.log_in("duty", width)
    page.goto(watched.address + PAGE)
    live = page.locator("[data-live]")
    expect(live).to_contain_text("正在排队")
    solver.begin(1)
    expect(live).to_contain_text("第 0 步，共 8 步")
    solver.go_on(1)
    expect(live).to_contain_text("第 1 步，共 8 步")
    live.get_by_role("link", name="查看目前的方案").click()
    expect(page.locator("h1")).to_contain_text("非最终")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="采用目前的方案").click()
    expect(page).to_have_url(f"{watched.address}/proposals/P-20211108-002")
    engine.dispose()


def test_the_page_of_a_draft_tells_of_a_newer_version_and_of_the_end(watched: Watched, demo_file: Settings) -> None:
    engine = make_engine(demo_file.database_url)
    with transaction(engine) as session:
        start_over(session, get_job(session, 1, lock=True), NOW)
    solver = Solver(engine, demo_file, "w", RoutingParams(iterations=60, slices=8), FixedClock(NOW))
    solver.begin(1)
    page = watched.log_in("viewer")
    page.goto(watched.address + "/drafts/1")
    expect(page.locator("[data-live]")).to_contain_text("第 1 版")
    solver.go_on(1)
    expect(page.get_by_role("link", name="已有第 2 版")).to_be_visible()
    code = solver.finish(1)
    expect(page.get_by_role("link", name=f"方案已定：{code}")).to_be_visible()
    engine.dispose()
