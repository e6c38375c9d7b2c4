"""Every page of the desk, found as a person finds them: by following the links of a demo on which work was done.

One list for what must hold on every page: languages, accessibility, pictures.
"""

from __future__ import annotations

import io
import json
import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from dispatch.app import create_app
from dispatch.clock import Clock
from dispatch.config import Settings
from dispatch.db import make_engine
from tests.builders import POLICY, plan_text
from tests.person import TOKEN, Person
from tests.rooms import CODE as SCENARIO
from tests.rooms import furnish_room

HERE = "WH-150500"
CODE = "P-20211108-001"
KEY = re.compile(r'name="key" value="(\w+)"')
HREF = re.compile(r'<a\s[^>]*?href="([^"]+)"')
# pages whose parts differ by what they are about are looked at more often
OFTEN = {"documents.form": 9, "goods.waybill": 3, "proposals.show": 2, "documents.show": 4, "deployments.show": 2, "plans.index": 2, "teams.index": 2}


@dataclass(frozen=True)
class Stop:
    """One page in one state: its name, where it is, who looks (nobody: None), and the status it answers with."""

    name: str
    path: str
    user: str | None = "duty"
    status: int = 200


# states no link leads to
BESIDE = (
    Stop("login", "/login", None),
    Stop("not-found", "/nowhere", status=404),
    Stop("no-right", "/teams/waiting", "viewer", 403),
    Stop("board-viewer", "/", "viewer"),
    Stop("proposal-approver", f"/proposals/{CODE}", "approver"),
    Stop("money-approver", "/money", "approver"),
    Stop("waybills-store", "/waybills", "store"),
    Stop("stock-none", "/stock?lot=NO-SUCH-LOT"),
    Stop("movements-none", "/movements?lot=NO-SUCH-LOT"),
    Stop("what-if-answer", "/plans/what-if?place=150500&relocated=60000&colour=red&hazard=blizzard"),
    Stop("what-if-wrong", "/plans/what-if?place=150500&relocated=many", status=400),
    Stop("quiet-situations", "/alerts?show=ended"),
    Stop("board-past", "/?at=2021-11-08T12:00"),
    Stop("board-ahead", "/?at=2021-11-09T12:00"),
    Stop("board-wrong-time", "/?at=soon", status=400),
    Stop("search", "/search?q=tongliao"),
    Stop("search-none", "/search?q=no-such-thing"),
    Stop("audit", "/audit/", "auditor"),
    Stop("people", "/people/", "admin"),
    Stop("account", "/account/"),
    Stop("account-factor", "/account/factor"),
    Stop("authority", "/authority/", "approver"),
    Stop("openness", "/openness/", None),
    Stop("openness-nothing", "/openness/gifts/JZ-19990101-0001", None, 404),
)


def tour(app: Flask, *, furnished: bool) -> list[Stop]:
    """The stops of a demo; ``furnished`` does work on it first, so that lists have lines and papers exist."""
    beside = list(BESIDE)
    if furnished:
        beside += furnish(app)
    found = list(follow(app))
    return found + [stop for stop in beside if stop not in found]


def follow(app: Flask) -> Iterator[Stop]:
    """Pages reached by links from the first page: each address rule once, some more often."""
    client = Person(app.test_client(), "duty").client
    seen: Counter[str] = Counter()
    tried: set[str] = set()
    waiting = deque(["/"])
    while waiting:
        path = waiting.popleft()
        endpoint = endpoint_of(app, path)
        if endpoint is None or path in tried or seen[endpoint] >= OFTEN.get(endpoint, 1):
            continue
        tried.add(path)
        answer = client.get(path)
        if answer.mimetype != "text/html":
            seen[endpoint] += 1
            continue
        if answer.status_code in (301, 302, 303, 308):
            waiting.append(answer.headers["Location"])
            continue
        seen[endpoint] += 1
        text = answer.get_data(as_text=True)
        number = f"-{seen[endpoint]}" if seen[endpoint] > 1 else ""
        yield Stop(endpoint.replace(".", "-") + number, path, "duty", answer.status_code)
        for link in HREF.findall(text):
            waiting.append(urldefrag(urljoin(path, link.replace("&amp;", "&"))).url)


def endpoint_of(app: Flask, path: str) -> str | None:
    """The name of the rule an address falls under; None for what is no page of the desk."""
    split = urlsplit(path)
    if split.scheme or "lang=" in split.query or "download=" in split.query:
        return None
    try:
        endpoint, _ = app.url_map.bind("localhost").match(split.path, method="GET")
    except RequestRedirect as moved:
        return endpoint_of(app, urlsplit(moved.new_url).path)
    except HTTPException:
        return None
    return str(endpoint)


def furnish(app: Flask) -> list[Stop]:
    """A night's work on the demo, with words in Latin letters so that Han letters on an English page are ours."""
    duty, approver, store = (Person(app.test_client(), name) for name in ("duty", "approver", "store"))
    _approve(duty, approver, store)
    kept = _keep_stock(duty, approver, store)
    _change_plan(duty)
    return [*kept, *_call_team(duty), *_join_team(duty), *_drill(app)]


def _done(answer) -> str:  # type: ignore[no-untyped-def]
    assert answer.status_code in (200, 302, 303), answer.get_data(as_text=True)[-3000:]
    return str(answer.headers.get("Location", ""))


def _key(person: Person, path: str) -> str:
    found = KEY.search(person.get(path))
    assert found, path
    return found.group(1)


def _approve(duty: Person, approver: Person, store: Person) -> None:
    page = f"/proposals/{CODE}"
    _done(duty.post(page, f"{page}/submit"))
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', approver.get(page)))
    fields.pop("csrf_token")
    _done(approver.post(page, f"{page}/approve", **fields))
    for bill in ("/waybills/WB-20211108-001-001", "/waybills/WB-20211108-001-002"):
        _done(store.post(bill, f"{bill}/depart"))
    # one line of the first stop comes short, so that there is a claim; a road is told of
    page = f"{bill}/receive"
    told = store.get(page)
    hidden = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', told))
    hidden.pop("csrf_token")
    line = re.findall(r'name="good-(\w+)"', told)[0]
    _done(store.post(page, page, **{**hidden, "signed_by": "Keeper", f"good-{line}": "0"}))
    page = "/roads/new"
    edge = re.findall(r'<option value="(\d+)"', duty.get(f"{page}?ref=G45").partition('name="edge"')[2])[0]
    key = re.findall(r'name="form_key" value="([^"]+)"', duty.get(page))[0]
    _done(duty.post(page, page, edge=edge, state="slow", percent="50", form_key=key, words="Ice"))


def _keep_stock(duty: Person, approver: Person, store: Person) -> list[Stop]:
    page = f"/documents/new/receipt?warehouse={HERE}"
    _done(store.post(page, "/documents/new/receipt", **{
        "warehouse": HERE, "key": _key(store, page), "source": "purchase", "party": "Factory", "item-0": "QUILT", "quantity-0": "10"}))
    page = f"/documents/new/transfer?warehouse={HERE}"
    path = _done(store.post(page, "/documents/new/transfer", **{
        "warehouse": HERE, "key": "t1", "target": "WH-150522", "reason": "Reserve", "item-0": "COAT", "quantity-0": "3"}))
    _done(approver.post(path, f"{path}/approved"))
    _done(store.post(path, f"{path}/loaded"))
    page = f"/documents/new/stocktake?warehouse={HERE}"
    _done(store.post(page, "/documents/new/stocktake", **{"warehouse": HERE, "key": "c1", "lot-0": "DEMO-150500-QUILT-A"}))
    sheet = io.BytesIO(b"warehouse,item,quantity,bin,lot,expires_on\n")
    token = TOKEN.search(store.get("/uploads/"))
    assert token
    _done(store.client.post("/uploads/", data={"csrf_token": token.group(1), "kind": "opening", "file": (sheet, "sheet.csv")}))
    gift = _done(duty.post("/money", "/money/gifts", donor="A company", amount="1,000.00", key="g", is_public="1"))
    path = f"/warehouses/{HERE}"
    _done(store.post(path, f"{path}/checks", criterion="fire", is_met="1", evidence="Photograph 12"))
    return [Stop("trace", gift), Stop("gift", f"/openness/gifts/{gift.rpartition('/')[2]}", None)]


def _change_plan(duty: Person) -> None:
    _done(duty.post("/plans/new", "/plans/new", text=plan_text(relocated="[1000000, 500000, 120000, 60000]"),
                    base=POLICY.version, version="", valid_from="", reason="Raise", step="propose"))


def _call_team(duty: Person) -> list[Stop]:
    # the approved plan sent teams; the people of one are called now
    path = re.findall(r'href="(/deployments/[A-Z][\w-]+)"', duty.get("/deployments/"))[0]
    shown = duty.post(path, f"{path}/call", key=_key(duty, path)).get_data(as_text=True)
    first, *_ = re.findall(r"/my/[\w-]+", shown)
    return [Stop("member-page", first, None), Stop("deployment", path), Stop("deployment-viewer", path, "viewer")]


def _join_team(duty: Person) -> list[Stop]:
    page = "/teams/RT-150400"
    _done(duty.post(f"{page}/apply", f"{page}/apply", name="C. Applicant", kind="volunteer", phone="13800000001", roles="driver", languages="zh"))
    found = re.search(r"TM-\d{6}", duty.get(page))
    assert found
    return [Stop("member", f"/teams/members/{found.group()}")]


def _drill(app: Flask) -> list[Stop]:
    """A live drill in the middle, one that is planned, one that was held, a lesson that is overdue."""
    admin, folder = Person(app.test_client(), "admin"), app.extensions["dispatch"].settings.drills_folder
    room = f"/drills/rooms/{furnish_room(folder)}"
    page, asked = "/drills/calendar", {"teams": "RT-150500", "scenario": SCENARIO, "people": "A. Guest"}
    _done(admin.post(page, page, title="Blizzard at the table", on="2021-12-01", **asked))
    held = _done(admin.post(page, page, title="Tents in the dark", on="2021-11-08", **asked))
    _done(admin.post(held, f"{held}/held", on="2021-11-08"))
    page = "/drills/lessons"
    _done(admin.post(page, page, words="Nobody stood in", owner="Operations", due="2021-11-01", source="Table"))
    return [Stop("drill-room", room), Stop("drill-room-leader", room, "admin"), Stop("drill-held-leader", held, "admin"),
            Stop("drill-calendar-leader", "/drills/calendar", "admin"), Stop("drill-lessons-leader", page, "admin"),
            Stop("drill-room-none", "/drills/rooms/nothing", status=404)]


def application(settings: Settings, clock: Clock) -> Flask:
    """The desk of a demo by a clock of the caller's."""
    return create_app(settings, make_engine(settings.database_url), clock)


def save_stops(path: Path, stops: list[Stop]) -> None:
    """Keep stops beside the database they belong to."""
    path.write_text(json.dumps([asdict(stop) for stop in stops]), "utf-8")


def read_stops(path: Path) -> list[Stop]:
    """What ``save_stops`` kept."""
    return [Stop(**fields) for fields in json.loads(path.read_text("utf-8"))]
