"""Pictures of every page and state, for eyes: both widths, languages and themes, with an index to leaf through.

``python -m tests.screenshots [WORD…]`` (or ``./go screenshots``); a word keeps the pages whose name has it.
Made from a demo of its own on which a night's work was done; nothing is asked of another host.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
from html import escape
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from dispatch.clock import FixedClock
from dispatch.config import PROJECT_ROOT, Settings
from dispatch.db import make_engine
from dispatch.reference.setup import initialise
from tests.conftest import NOW
from tests.tour import Stop, application, tour

FOLDER = PROJECT_ROOT / "screenshots"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]
WIDTHS = {1440: 900, 390: 844}
LANGUAGES, THEMES = ("zh", "en"), ("light", "dark")
TALLEST_PX = 4000


def main(words: list[str]) -> None:
    """Make the pictures and the index; prints where it is."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(f"sqlite:///{folder}/tour.sqlite", testing=True)
        initialise(make_engine(settings.database_url), settings, demo=True)
        app = application(settings, FixedClock(NOW))
        untouched = [Stop(f"untouched-{stop.name}", stop.path, stop.user, stop.status) for stop in tour(app, furnished=False)[:12]]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            server = make_server("127.0.0.1", 0, app, threaded=True)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            address = f"http://127.0.0.1:{server.port}"
            shown = shoot_all(browser, address, chosen(untouched, words))
            shown += shoot_all(browser, address, chosen(tour(app, furnished=True), words))
            browser.close()
            server.shutdown()
    index = write_index(shown)
    print(f"{len(shown)} pages, {len(list(FOLDER.glob('*.png')))} pictures: {index}")


def chosen(stops: list[Stop], words: list[str]) -> list[Stop]:
    """The stops whose names have one of the words; all of them without words."""
    return [stop for stop in stops if not words or any(word in stop.name for word in words)]


def shoot_all(browser: Browser, address: str, stops: list[Stop]) -> list[Stop]:
    """Every stop at every width, in every language and theme."""
    for user in dict.fromkeys(stop.user for stop in stops):
        context = browser.new_context(locale="zh-CN")
        page = context.new_page()
        if user:
            page.goto(f"{address}/login")
            page.fill("input[name=name]", user)
            page.fill("input[name=password]", "demo-2026")
            page.click("main button")
            page.wait_for_url(lambda url: "/login" not in url)
        for stop, lang in product([s for s in stops if s.user == user], LANGUAGES):
            page.goto(f"{address}{stop.path}{'&' if '?' in stop.path else '?'}lang={lang}", wait_until="load")
            page.evaluate("document.fonts.ready.then(() => 1)")
            for (width, height), theme in product(WIDTHS.items(), THEMES):
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
                page.set_viewport_size({"width": width, "height": height})
                tall = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST_PX)
                page.screenshot(path=str(FOLDER / picture(stop, width, lang, theme)), full_page=tall > height,
                                clip={"x": 0, "y": 0, "width": width, "height": max(tall, height)})
        context.close()
    return stops


def picture(stop: Stop, width: int, lang: str, theme: str) -> str:
    """The file name of one picture."""
    return f"{stop.name}-{width}-{lang}-{theme}.png"


def write_index(stops: list[Stop]) -> Path:
    """A page that shows each stop's pictures in one row."""
    rows = []
    for stop in stops:
        cells = "".join(
            f'<a href="{name}"><img src="{name}" alt="{name}" loading="lazy"></a>'
            for width, lang, theme in product(WIDTHS, LANGUAGES, THEMES) for name in [picture(stop, width, lang, theme)])
        rows.append(f"<h2>{escape(stop.name)} <small>{escape(stop.path)} · {stop.user or '—'} · {stop.status}</small></h2><p>{cells}</p>")
    style = "body{font:14px sans-serif;margin:16px}img{height:260px;border:1px solid #999;margin-right:6px}p{white-space:nowrap;overflow:auto}"
    index = FOLDER / "index.html"
    index.write_text(f'<!doctype html><meta charset="utf-8"><title>Pages</title><style>{style}</style>{"".join(rows)}', "utf-8")
    return index


if __name__ == "__main__":
    main(sys.argv[1:])
