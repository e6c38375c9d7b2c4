"""How soon 200 open boards see a change, and how the server stands 50 people at once.

    python -m benchmarks.desk_live [--pollers 200] [--changes 6] [--users 50] [--json FILE]

A demo database and a server process of its own (``dispatch serve``).  The pollers ask as open
boards do: for the page without its map, every two seconds, with the tag they have;
a change is a report of a situation, written by another process.  Measured is the time from the
report's coming in (so with its writing) to the moment each poller has the new answer in full (aim:
3 s for 95 of a hundred).  Then ``--users`` people each open one page after the other, reading a
second in between; the table gives the wait per page.  All share the machine with the server.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.report import finish, quantile
from dispatch.accounts.store import DEMO_PASSWORD
from dispatch.alerts.model import LossCounts
from dispatch.alerts.reports import Report
from dispatch.config import PROJECT_ROOT, Settings
from dispatch.db import make_engine
from dispatch.demo_time import clock_of
from dispatch.flow.judge import Filing, file_report
from dispatch.flow.model import Way
from dispatch.reference.setup import initialise

EVERY_S = 2.0
SITUATION = "S-20211105-150500-blizzard"
PAGES = (
    "/", "/alerts", f"/situations/{SITUATION}", "/proposals/P-20211108-001", "/waybills",
    "/deployments/", "/search?q=tongliao",
)
FORM = "application/x-www-form-urlencoded"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Browser:
    """One connection that stays open, with the cookie of a person."""

    port: int
    cookie: str = ""
    link: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, path: str, tag: str = "") -> tuple[int, str, bytes]:
        """Status, tag and body."""
        head = {"Cookie": self.cookie, "Accept-Encoding": "gzip"}
        self.link.request("GET", path, headers=head | ({"X-Live": tag} if tag else {}))
        answer = self.link.getresponse()
        new = (answer.getheader("ETag") or "").removeprefix("W/").strip('"')
        return answer.status, new, answer.read()

    def log_in(self, name: str) -> None:
        """As the login page does it."""
        self.link.request("GET", "/login")
        answer = self.link.getresponse()
        found = TOKEN.search(answer.read().decode())
        cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        given = {"name": name, "password": DEMO_PASSWORD, "csrf_token": found[1] if found else ""}
        head = {"Cookie": cookie, "Content-Type": FORM}
        self.link.request("POST", "/login", urllib.parse.urlencode(given), head)
        answer = self.link.getresponse()
        answer.read()
        self.cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]


class Pollers:
    """Open boards: each asks every two seconds and notes when it had something new."""

    def __init__(self, port: int, cookie: str, count: int) -> None:
        self.port, self.cookie = port, cookie
        self.changed: list[float] = []
        self.waits: list[float] = []
        self.bodies = self.answers = 0
        self.lock, self.end = threading.Lock(), threading.Event()
        self.threads = [
            threading.Thread(target=self._follow, args=(Random(n),), daemon=True)
            for n in range(count)
        ]

    def start(self) -> None:
        """All of them, spread over one round."""
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """Ends all of them."""
        self.end.set()
        for thread in self.threads:
            thread.join()

    def _follow(self, random: Random) -> None:
        browser, tag = Browser(self.port, self.cookie), "1"
        self.end.wait(EVERY_S * random.random())
        while not self.end.is_set():
            began = time.monotonic()
            status, new, _ = browser.get("/", tag)
            now = time.monotonic()
            with self.lock:
                self.waits.append(now - began)
                self.answers += 1
                if status == 200 and tag != "1":
                    self.changed.append(now)
                self.bodies += status == 200
            tag = new or tag
            self.end.wait(EVERY_S * (0.85 + 0.3 * random.random()))


@contextmanager
def serving(settings: Settings) -> Iterator[int]:
    """A server process on the database; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    run_it = "from dispatch.cli import main; main()"
    call = [sys.executable, "-c", run_it, "serve", "--no-worker", "--port", str(port)]
    environment = {**os.environ, "DISPATCH_DATABASE_URL": settings.database_url}
    process = subprocess.Popen(call, env=environment, cwd=PROJECT_ROOT, stdout=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def measure_changes(settings: Settings, pollers: Pollers, changes: int) -> list[float]:
    """Seconds from each report to each poller's new answer."""
    engine = make_engine(settings.database_url)
    way = Way("duty", clock_of(engine), settings, waits=False)
    found: list[float] = []
    for number in range(changes):
        # clear of the turn of the minute, which makes every board new by itself
        while not 5 < way.clock.now().second < 45:
            time.sleep(1)
        with pollers.lock:
            pollers.changed.clear()
        now = way.clock.now()
        report = Report(
            "", "follow_up", "blizzard", "150521", now, now, "bench",
            LossCounts(need_aid=1000 + number),
        )
        began = time.monotonic()
        file_report(engine, Filing(report, SITUATION, f"live-{number}"), way)
        time.sleep(12)
        with pollers.lock:
            found += [at - began for at in pollers.changed]
    engine.dispose()
    return found


def measure_pages(
    port: int, cookie: str, users: int, seconds: int
) -> dict[str, list[float]]:
    """Waits per page with ``users`` people at once, each reading for a second."""
    waits: dict[str, list[float]] = defaultdict(list)
    end = time.monotonic() + seconds

    def use(number: int) -> None:
        browser, random = Browser(port, cookie), Random(number)
        time.sleep(random.random())
        while time.monotonic() < end:
            path = random.choice(PAGES)
            began = time.monotonic()
            status, _, _ = browser.get(path)
            if status != 200:
                raise SystemExit(f"{path}: {status}")
            waits[path].append(time.monotonic() - began)
            time.sleep(0.5 + random.random())

    threads = [threading.Thread(target=use, args=(n,)) for n in range(users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waits


def row(what: str, values: list[float]) -> dict[str, Any]:
    """One line of the table."""
    if not values:
        return {"what": what, "count": 0, "p50_s": "", "p95_s": "", "max_s": ""}
    shares = {"p50_s": quantile(values, 0.5), "p95_s": quantile(values, 0.95), "max_s": max(values)}
    return {"what": what, "count": len(values), **{n: round(v, 3) for n, v in shares.items()}}


def run(
    asked: argparse.Namespace, settings: Settings
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Both measurements on one server."""
    with serving(settings) as port:
        person = Browser(port)
        person.log_in("duty")
        pollers = Pollers(port, person.cookie, asked.pollers)
        pollers.start()
        time.sleep(10)
        pollers.waits.clear()
        seen = measure_changes(settings, pollers, asked.changes)
        pollers.stop()
        waits = measure_pages(port, person.cookie, asked.users, asked.seconds)
    rows = [
        row(f"change to board, {asked.pollers} boards, {asked.changes} changes", seen),
        row("answer to a poller", pollers.waits),
        *(row(f"{path}, {asked.users} users", waits[path]) for path in PAGES),
    ]
    return rows, {
        "expected": asked.pollers * asked.changes, "answers": pollers.answers,
        "bodies": pollers.bodies, "load": os.getloadavg(),
    }


def main() -> None:
    """Parse, prepare, measure, report."""
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    parser.add_argument("--pollers", type=int, default=200)
    parser.add_argument("--changes", type=int, default=6)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(f"sqlite:///{folder}/live.sqlite")
        initialise(make_engine(settings.database_url), settings, demo=True)
        rows, more = run(asked, settings)
    finish(rows, asked.json, **more)


if __name__ == "__main__":
    main()
