"""What an angry insider, a tired storekeeper and a bored student try at the door; the list of all is docs/security.md."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from dispatch.app import create_app
from dispatch.clock import FixedClock
from dispatch.db import reading
from dispatch.web.routes import API
from tests.conftest import NOW, settings_of
from tests.person import TOKEN, Person

LogIn = Callable[[str], Person]
NASTY = (
    "' OR 1=1 --", "<script>alert(1)</script>", "{{7*7}}", "../../etc/passwd", "%s%n", "\0", "a\0b", "\u202egnp.exe", "￿" * 500, "1e999", "-1",
    "9" * 40, "=cmd|' /C calc'!A0", "\r\nSet-Cookie: x=1",
)


@pytest.fixture
def app(demo: Engine) -> Flask:
    app = create_app(settings_of(demo), demo, FixedClock(NOW))
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def inside(app: Flask, name: str) -> FlaskClient:
    client = app.test_client()
    client.post("/login", data={"name": name, "password": "demo-2026"})
    return client


@pytest.mark.parametrize("word", NASTY)
def test_a_student_types_odd_things_everywhere(app: Flask, word: str) -> None:
    """Into the login, the search, every public page, every gap of an address: never a 500, never their words as markup."""
    out, viewer = app.test_client(), inside(app, "viewer")
    answers = [
        out.post("/login", data={"name": word, "password": word}), out.get("/login", query_string={"next": word}),
        out.get("/openness/gifts", query_string={"code": word}), out.get("/api/situations", auth=(word, word)),
        out.get("/api/situations", headers={"Authorization": f"Bearer dk_{word.encode('ascii', 'ignore').decode().strip()[:20]!r}_x"}),
        viewer.get("/search", query_string={"q": word}), viewer.get("/search.json", query_string={"q": word}),
        viewer.get("/stock", query_string={"lot": word, "item": word}), viewer.get("/", query_string={"at": word}),
        viewer.get("/map/table", query_string={"layer": word, "q": word}), viewer.get("/live", query_string={"areas": word}),
    ]
    for answer in answers:
        page = answer.get_data(as_text=True)
        assert answer.status_code < 500 and "<script>alert" not in page and "Set-Cookie: x" not in str(answer.headers)


def test_a_student_puts_odd_things_into_addresses(app: Flask) -> None:
    viewer = inside(app, "viewer")
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or "<" not in rule.rule or rule.endpoint in API:
            continue
        for piece in ("%00", "9" * 30, "%27%20OR%201=1", "%C0%AE%C0%AE", "..%2f..%2fwsgi.py"):
            answer = viewer.get(re.sub(r"<[^>]+>", piece, rule.rule))
            assert answer.status_code < 500, (rule.rule, piece)
            assert b"create_app" not in answer.get_data()


@pytest.mark.parametrize("goal", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example", "\\\\evil"])
def test_a_student_sends_people_elsewhere_after_the_login(app: Flask, goal: str) -> None:
    answer = app.test_client().post("/login", query_string={"next": goal}, data={"name": "duty", "password": "demo-2026"})
    assert answer.status_code == 302 and answer.location == "/"


def test_a_student_forges_a_cookie(app: Flask) -> None:
    """A cookie signed by another key, or by the right one with a name instead of a token, opens nothing."""
    forger = Flask("forger")
    forger.secret_key = "guess"
    client = app.test_client()
    for maker, content in ((forger, {"_user_id": "admin"}), (app, {"_user_id": "admin"}), (app, {"_user_id": ""}), (app, {"_user_id": "\ud800"})):
        signer = SecureCookieSessionInterface().get_signing_serializer(maker)
        assert signer
        client.set_cookie("session", signer.dumps(content))
        assert client.get("/audit/").status_code == 302


def test_a_student_comes_with_a_cookie_from_before_the_login(app: Flask) -> None:
    """What a browser carried before the login is worth nothing after it to somebody else."""
    client = app.test_client()
    client.get("/login?lang=en")
    before = client.get_cookie("session")
    client.post("/login", data={"name": "duty", "password": "demo-2026"})
    after = client.get_cookie("session")
    assert before and after and before.value != after.value
    thief = app.test_client()
    thief.set_cookie("session", before.value)
    assert thief.get("/").status_code == 302


def test_a_student_makes_a_page_that_posts_for_others(log_in: LogIn) -> None:
    duty = log_in("duty")
    for path in ("/proposals/P-20211108-001/submit", "/account/keys", "/authority/emergency", "/notices/read", "/logout"):
        answer = duty.client.post(path, data={"label": "x"}, headers={"Origin": "https://evil.example"})
        assert answer.status_code in (400, 401), path


def test_an_insider_sends_forms_that_their_page_does_not_show(app: Flask, demo: Engine) -> None:
    viewer = inside(app, "viewer")
    for path in ("/proposals/P-20211108-001/submit", "/proposals/P-20211108-001/approve", "/money/reserve", "/people/", "/people/viewer/post",
                 "/authority/emergency", "/authority/delegations", "/audit/export", "/documents/new/loss", "/uploads/", "/plans/new"):
        assert viewer.post(path, data={"role": "administrator", "place": "150000"}).status_code == 403, path
    with reading(demo) as session:
        assert session.scalar(text("SELECT role FROM account WHERE name = 'viewer'")) == "viewer"
        assert session.scalar(text("SELECT status FROM proposal WHERE code = 'P-20211108-001'")) == "draft"


def test_an_insider_adds_fields_to_a_form(app: Flask, demo: Engine) -> None:
    """More fields than the form has change nothing: no role, no name, no time of one's own choosing."""
    duty = inside(app, "duty")
    more = {"actor": "approver", "role": "approver", "as": "approver", "_method": "DELETE", "submitted_by": "approver", "at": "2020-01-01"}
    duty.post("/proposals/P-20211108-001/submit", data=more)
    with reading(demo) as session:
        assert session.execute(text("SELECT submitted_by FROM proposal WHERE code = 'P-20211108-001'")).scalar() == "duty"
    assert duty.post("/proposals/P-20211108-001/approve", data=more).status_code == 403


def test_a_tired_storekeeper_leaves_and_the_next_person_presses_back(log_in: LogIn) -> None:
    store = log_in("store")
    assert store.client.get("/stock").headers["Cache-Control"]
    assert "no-" in store.client.get("/stock").headers["Cache-Control"]
    token = TOKEN.search(store.get("/stock"))
    store.post("/stock", "/logout")
    assert store.client.get("/stock").status_code == 302
    assert token and store.client.post("/documents/new/receipt", data={"csrf_token": token.group(1)}).status_code in (302, 400)


def test_a_tired_storekeeper_types_the_password_where_the_name_goes(app: Flask, demo: Engine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    app.test_client().post("/login", data={"name": "my-very-own-words", "password": "x"})
    with reading(demo) as session:
        kept = [str(session.execute(text(f"SELECT * FROM {table}")).all()) for table in ("login_attempt", "audit")]
    assert "my-very-own-words" not in "".join(kept) + caplog.text
