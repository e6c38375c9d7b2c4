"""The board in a browser: strict policy, hostile texts, many markers, no scripts, no font, keys alone."""

from __future__ import annotations

import json
import re
import urllib.request

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import update

from dispatch.db import make_engine, transaction
from dispatch.inventory.tables import WarehouseRow
from dispatch.routing.reports import RoadTold, tell_road
from dispatch.routing.road_state import RoadStateKind
from tests.browser.conftest import Watched
from tests.browser.test_main_job import LOGIN, shoot
from tests.browser.test_plan_pages import SMALL, fits
from tests.builders import cap_xml
from tests.conftest import NOW

ATTACK = "<script>alert(1)</script><img src=x onerror=alert(2)><b style='color:red'>x</b>"
VIOLATIONS = """window.violations = []; document.addEventListener('securitypolicyviolation',
  (e) => window.violations.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`));"""
MANY = 5000


def watch_policy(page: Page) -> None:
    """From now on every breach of the policy and every dialog is kept."""
    page.add_init_script(VIOLATIONS)
    page.on("dialog", lambda dialog: (_ for _ in ()).throw(AssertionError(dialog.message)))


def spoil(watched: Watched) -> None:
    """Tags in a warning, in a road report and in a name."""
    text = ATTACK.replace("<", "&lt;").replace(">", "&gt;")
    document = cap_xml(
        identifier="15050041600000_20211108225000_1", sent="2021-11-08T22:50:00+08:00", expires="2021-11-09T22:50:00+08:00",
        headline=text, area="<geocode><valueName>adcode</valueName><value>150581</value></geocode>",
    )
    request = urllib.request.Request(f"{watched.address}/api/alerts", data=document, headers={"Authorization": f"Basic {LOGIN}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert json.load(answer)["alerts"][0]["status"] == "accepted"
    engine = make_engine(watched.settings.database_url)
    with transaction(engine) as session:
        session.execute(update(WarehouseRow).where(WarehouseRow.code == "WH-150500").values(name_zh=ATTACK + "长" * 4000))
        tell_road(session, RoadTold(12, RoadStateKind.CLOSED, NOW, "call", ATTACK[:80], "k", words=ATTACK), "duty", NOW)
    engine.dispose()


def test_tags_in_warnings_reports_and_names_do_nothing(watched: Watched) -> None:
    spoil(watched)
    page = watched.log_in("duty")
    watch_policy(page)
    for path in ("/?focus=WH-150500", "/?focus=road:12", "/map/table", "/map/table?q=alert", "/alerts", "/situations/S-20211105-150500-blizzard", "/warehouses/"):
        page.goto(watched.address + path, wait_until="load")
        assert page.evaluate("window.violations") == [], path
        assert page.evaluate("document.querySelectorAll('img[src=x], main b[style]').length") == 0, path
        assert fits(page), path
    page.goto(f"{watched.address}/?focus=WH-150500")
    expect(page.locator(".leaflet-popup-content strong")).to_contain_text("<script>alert(1)</script>")
    for marker in page.locator(".sign-box").all()[:5]:
        marker.dispatch_event("mouseover")
    assert page.evaluate("window.violations") == []


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_the_map_shows_what_is_affected_and_the_page_fits(watched: Watched, width: int, scheme: str) -> None:
    page = watched.log_in("duty", width, 844)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(watched.address + "/")
    expect(page.locator("path.zone-red")).to_have_count(7)
    assert fits(page)
    assert page.evaluate(SMALL) == 0
    seen = page.evaluate("""() => { const entry = sceneMap.layers.get('levels');
      const hit = entry.data.features.filter((f) => f.properties.kind !== 'calm');
      return entry.map.getBounds().contains(L.geoJSON(hit).getBounds()); }""")
    assert seen, "every affected county is in view"
    # nearer than the whole region, which needs zoom 5 or less
    assert page.evaluate("sceneMap.layers.get('levels').map.getZoom()") >= 6
    shoot(page, f"board-{width}-{scheme}")


def test_the_legend_follows_the_layers_that_are_on(watched: Watched) -> None:
    page = watched.log_in("duty")
    row = page.locator(".map-keys li", has_text="红色预警范围")
    expect(row).to_be_hidden()
    expect(page.locator(".map-keys li", has_text="I 级响应")).to_be_visible()
    page.locator(".leaflet-control-layers").hover()
    page.get_by_label("预警范围").check()
    expect(row).to_be_visible()
    expect(page.locator("path.zone-alert_red")).to_have_count(1)
    page.get_by_label("响应级别").uncheck()
    expect(page.locator(".map-keys li", has_text="I 级响应")).to_be_hidden()


def test_layers_come_anew_without_a_reload(watched: Watched) -> None:
    page = watched.log_in("duty")
    expect(page.locator(".leaflet-container path.track-closed")).to_have_count(9)
    page.evaluate("window.stayed = true")
    engine = make_engine(watched.settings.database_url)
    with transaction(engine) as session:
        tell_road(session, RoadTold(12, RoadStateKind.CLOSED, NOW, "call", "交警", "k"), "duty", NOW)
    engine.dispose()
    # the page hears of it by itself
    expect(page.locator(".leaflet-container path.track-closed")).to_have_count(10)
    assert page.evaluate("window.stayed") is True


def test_five_thousand_markers_become_few_signs(watched: Watched) -> None:
    page = watched.log_in("duty")

    def many(route: Route) -> None:
        features = [
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [119 + n % 71 / 15, 42 + n // 71 / 20]},
             "properties": {"kind": "truck", "code": f"T{n}", "name": f"车 {n}", "rank": 0 if n == 77 else 6}}
            for n in range(MANY)
        ]
        route.fulfill(json={"type": "FeatureCollection", "key": "trucks", "gathers": True, "features": features})

    page.route(re.compile(r"/map/trucks\.geojson"), many)
    page.evaluate("sceneMap.refresh('trucks')")
    expect(page.locator(".gathered").first).to_be_visible()
    signs = page.evaluate("sceneMap.layers.get('trucks').pointGroup.getLayers().length")
    assert signs < 400
    told = page.evaluate("""() => [...document.querySelectorAll('.gathered span')].reduce((sum, e) => sum + Number(e.textContent), 0)""")
    assert told > MANY / 2
    expect(page.locator(".gathered.grave")).to_have_count(1)
    # each can be found by its code all the same
    assert page.evaluate("sceneMap.show('T4321', 12)") is True
    expect(page.locator(".leaflet-popup-content strong")).to_have_text("车 4321")


def test_keys_alone_reach_and_open_a_thing_on_the_map(watched: Watched) -> None:
    page = watched.log_in("duty")
    expect(page.locator("path.zone-red").first).to_be_attached()
    page.locator(".leaflet-container").focus()
    # all things are one stop; the gravest comes first, the arrows go to its neighbours and Home comes back to it
    page.keyboard.press("Tab")
    name = "document.activeElement.getAttribute('aria-label') || ''"
    expect(page.locator("[role=button]:focus")).to_have_attribute("aria-label", re.compile("I 级响应"))
    first = page.evaluate(name)
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(name) not in ("", first)
    page.keyboard.press("Home")
    assert page.evaluate(name) == first
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup-content")).to_contain_text("I 级响应")
    page.keyboard.press("Escape")
    expect(page.locator(".leaflet-popup-content")).to_have_count(0)


def test_the_slider_leads_to_the_time_it_points_at(watched: Watched) -> None:
    page = watched.log_in("duty")
    slider = page.locator("#scale input[type=range]")
    slider.focus()
    with page.expect_navigation(url=re.compile(r"at=2021-11-0\dT")):
        page.keyboard.press("ArrowLeft")
    expect(page.locator(".not-now")).to_contain_text("回看 2021-11-08 22:30")


def test_without_scripts_the_list_the_scale_and_the_table_still_work(watched: Watched) -> None:
    context = watched.browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{watched.address}/login")
    page.fill("input[name=name]", "duty")
    page.fill("input[name=password]", "demo-2026")
    page.click("main button")
    expect(page.locator(".todo")).to_contain_text("核对并提交方案")
    expect(page.locator(".no-map")).to_contain_text("列表")
    page.click("text=−24 h")
    expect(page.locator(".not-now")).to_contain_text("回看")
    page.fill("#scale input[type=datetime-local]", "2021-11-09T06:00")
    page.click("#scale button")
    expect(page.locator(".not-now")).to_contain_text("按计划推演 2021-11-09 06:00")
    page.goto(f"{watched.address}/map/table")
    page.select_option("select[name=layer]", "roads")
    page.fill("main input[name=q]", "封闭")
    page.click("main button:has-text('筛选')")
    expect(page.locator("main tbody tr")).to_have_count(9)
    context.close()


def test_a_font_that_does_not_come_leaves_page_and_map_usable(watched: Watched) -> None:
    page = watched.page()
    page.route("**/*.woff2", lambda route: route.abort())
    page.goto(f"{watched.address}/login")
    page.fill("input[name=name]", "duty")
    page.fill("input[name=password]", "demo-2026")
    page.click("main button")
    expect(page.locator(".todo")).to_contain_text("核对并提交方案")
    # signs are drawings, not letters of a font
    expect(page.locator(".sign svg").first).to_be_visible()
    watched.faults[:] = [fault for fault in watched.faults if "woff2" not in fault and "ERR_FAILED" not in fault]
