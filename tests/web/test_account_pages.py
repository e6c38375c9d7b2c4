"""Logging in with everything there is: waits, codes, sessions, keys; and the pages of accounts."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from dispatch.accounts.rules import login_rule
from dispatch.accounts.second_factor import seal
from dispatch.accounts.tables import AccountRow
from dispatch.app import create_app
from dispatch.audit.queries import list_acts
from dispatch.clock import FixedClock
from dispatch.db import reading, transaction
from dispatch.flow.approve import submit
from tests.accounts.people import GOOD, add
from tests.conftest import NOW, settings_of
from tests.person import TOKEN, Person

RULE, CODE, SECRET = login_rule(), "P-20211108-001", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class Desk:
    """The application with two clocks to move, and people of its own beside the demo's."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.wall = engine, FixedClock(NOW)
        self.app: Flask = create_app(settings_of(engine), engine, FixedClock(NOW), self.wall)
        add(engine, ("wang", "planner", "150000"), ("chief", "administrator", "150000"), ("boss", "approver", "150000"))
        with transaction(engine) as session:
            for name in ("chief", "boss"):
                session.get_one(AccountRow, name).factor_secret = seal(SECRET, self.app.config["SECRET_KEY"])

    def later(self, seconds: float) -> None:
        self.wall.at += timedelta(seconds=seconds)

    def person(self, name: str, password: str = GOOD) -> Person:
        """Somebody logged in, with a code where they have a second factor."""
        person = Person.__new__(Person)
        person.client = self.app.test_client()
        answer = person.post("/login", "/login", name=name, password=password)
        if answer.location == "/login/code":
            self.later(30)
            assert person.post("/login/code", "/login/code", code=self.code()).status_code == 302
        return person

    def code(self) -> str:
        return pyotp.TOTP(SECRET).at(self.wall.at)


@pytest.fixture
def desk(demo: Engine) -> Desk:
    return Desk(demo)


def flashes(page: str) -> str:
    return " ".join(re.findall(r'<p class="flash[^>]*>(.*?)</p>', page, re.S))


def raw_login(client: FlaskClient, name: str, password: str, path: str = "/login", **more: str):  # type: ignore[no-untyped-def]
    token = TOKEN.search(client.get(path).get_data(as_text=True))
    assert token
    return client.post(path, data={"csrf_token": token.group(1), "name": name, "password": password, **more})


def test_wrong_passwords_have_to_wait_and_the_page_says_how_long(desk: Desk) -> None:
    client = desk.app.test_client()
    for _ in range(RULE.failures_before_wait):
        assert raw_login(client, "wang", "wrong").status_code == 200
    answer = raw_login(client, "wang", GOOD)
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) == RULE.wait_s
    assert str(RULE.wait_s) in flashes(answer.get_data(as_text=True))
    desk.later(RULE.wait_s)
    assert raw_login(client, "wang", GOOD).status_code == 302
    page = client.get("/account/").get_data(as_text=True)
    assert page.count("未成功") == RULE.failures_before_wait and page.count("登录成功") == 1


def test_the_same_answer_for_no_account_and_a_wrong_password(desk: Desk) -> None:
    pages = [re.sub(r'value="[^"]*"|nonce[-=]"?[\w-]+', "", raw_login(desk.app.test_client(), name, "wrong").get_data(as_text=True))
             for name in ("wang", "nobody")]
    assert pages[0] == pages[1]


def test_a_second_factor_is_asked_for_and_a_code_counts_once(desk: Desk) -> None:
    client = desk.app.test_client()
    assert raw_login(client, "boss", GOOD).location == "/login/code"
    # half way in is not in
    assert client.get("/proposals/").status_code == 302
    assert raw_login(client, "", "", "/login/code", code="000000").status_code == 200
    code = desk.code()
    assert raw_login(client, "", "", "/login/code", code=code).location == "/"
    assert client.get("/proposals/").status_code == 200
    other = desk.app.test_client()
    raw_login(other, "boss", GOOD)
    assert raw_login(other, "", "", "/login/code", code=code).status_code == 200 and other.get("/proposals/").status_code == 302


def test_half_way_in_does_not_last(desk: Desk) -> None:
    client = desk.app.test_client()
    raw_login(client, "boss", GOOD)
    desk.later(RULE.half_way_s)
    assert client.get("/login/code").location == "/login"


def test_an_approver_without_a_second_factor_sets_one_up_before_anything_else(desk: Desk) -> None:
    add(desk.engine, ("fresh", "approver", "150000"))
    person = desk.person("fresh")
    assert person.client.get("/").location == "/account/factor"
    assert person.post("/account/", f"/proposals/{CODE}/approve").location == "/account/factor"
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", person.get("/account/factor"))
    assert secret and "<svg" in person.get("/account/factor")
    assert person.post("/account/factor", "/account/factor", code="000000").status_code == 302
    answer = person.post("/account/factor", "/account/factor", code=pyotp.TOTP(secret.group(1)).at(desk.wall.at))
    codes = re.findall(r"<li><code>([a-z2-7-]{19})</code>", answer.get_data(as_text=True))
    assert len(codes) == RULE.recovery_codes and codes[0] not in person.get("/account/")
    assert person.client.get("/").status_code == 200
    client = desk.app.test_client()
    raw_login(client, "fresh", GOOD)
    assert raw_login(client, "", "", "/login/code", code=codes[0]).location == "/"


def test_demo_people_go_in_without_one_and_it_is_said(desk: Desk) -> None:
    person = desk.person("approver", "demo-2026")
    assert person.client.get("/").status_code == 200 and "演示账号" in person.get("/account/")


def test_a_new_password_logs_the_others_out_and_stands_nowhere(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    here, there = desk.person("wang"), desk.person("wang")
    new = "quiet river below nine stones"
    assert here.post("/account/", "/account/password", old=GOOD, new=new, again="other").status_code == 302
    assert here.post("/account/", "/account/password", old=GOOD, new=new, again=new).status_code == 302
    assert here.client.get("/").status_code == 200 and there.client.get("/").status_code == 302
    assert desk.person("wang", new).client.get("/").status_code == 200
    with reading(desk.engine) as session:
        told = str(list_acts(session, {}))
    assert "account.password_changed" in told and not any(word in told + caplog.text for word in (GOOD, new, "wrong"))


def test_logging_out_ends_the_session_on_the_server(desk: Desk) -> None:
    person = desk.person("wang")
    kept = person.client.get_cookie("session")
    assert kept
    person.post("/account/", "/logout")
    thief = desk.app.test_client()
    thief.set_cookie("session", kept.value)
    assert thief.get("/").status_code == 302


def test_sessions_are_listed_and_ended(desk: Desk) -> None:
    here, there = desk.person("wang"), desk.person("wang")
    marks = re.findall(r'name="session" value="(\w{64})"', here.get("/account/"))
    assert len(marks) == 1
    here.post("/account/", "/account/sessions/end", session=marks[0])
    assert there.client.get("/").status_code == 302
    third = desk.person("wang")
    here.post("/account/", "/account/sessions/end-others")
    assert third.client.get("/").status_code == 302 and here.client.get("/").status_code == 200
    # nobody ends the sessions of others
    mine = desk.person("viewer", "demo-2026")
    mark = re.findall(r'name="session" value="(\w{64})"', desk.person("wang").get("/account/"))[0]
    mine.post("/account/", "/account/sessions/end", session=mark)
    assert here.client.get("/").status_code == 200


def test_a_session_ends_unused_and_is_written_down_once_a_minute(desk: Desk) -> None:
    person = desk.person("wang")
    for _ in range(40):
        desk.later(RULE.idle_s / 10)
        if person.client.get("/account/").status_code != 200:
            break
    assert NOW + timedelta(seconds=RULE.session_s) <= desk.wall.at < NOW + timedelta(seconds=RULE.session_s + RULE.idle_s / 5)
    other = desk.person("wang")
    desk.later(RULE.idle_s)
    assert other.client.get("/account/").status_code == 302


def test_an_open_page_that_asks_by_itself_keeps_no_session_alive(desk: Desk) -> None:
    person = desk.person("wang")
    for _ in range(10):
        desk.later(RULE.idle_s / 10)
        last = person.client.get("/proposals/", headers={"X-Live": "x"}).status_code
    assert last == 401 and person.client.get("/proposals/").status_code == 302


def test_a_key_opens_what_its_scope_says(desk: Desk) -> None:
    person = desk.person("wang")
    tokens = {}
    for scope in ("read", "gps", "all"):
        page = person.post("/account/", "/account/keys", label=scope, scope=scope, days="2").get_data(as_text=True)
        tokens[scope] = re.findall(r"dk_\w{8}_[\w-]{43}", page)[0]
        assert tokens[scope] not in person.get("/account/")
    client = desk.app.test_client()

    def status(scope: str, path: str, method: str = "GET") -> int:
        return int(client.open(path, method=method, json={} if method == "POST" else None,
                               headers={"Authorization": f"Bearer {tokens[scope]}"}).status_code)

    assert [status(scope, "/api/situations") for scope in tokens] == [200, 403, 200]
    assert [status(scope, "/api/reports", "POST") for scope in tokens] == [403, 403, 400]
    assert [status(scope, "/api/waybills/WB-1/positions", "POST") for scope in tokens] == [403, 400, 400]
    code = tokens["read"].split("_")[1]
    person.post("/account/", "/account/keys/revoke", code=code)
    assert [status(scope, "/api/situations") for scope in tokens] == [403, 403, 200]
    desk.later(2 * 86_400)
    assert status("all", "/api/situations") == 403
    # a key is no login of a browser
    assert client.get("/", headers={"Authorization": f"Bearer {tokens['all']}"}).status_code == 302


def test_a_password_alone_does_not_open_the_api_where_a_second_factor_is_asked_for(desk: Desk) -> None:
    client = desk.app.test_client()
    assert client.get("/api/situations", auth=("boss", GOOD)).status_code == 403
    assert client.get("/api/situations", auth=("wang", GOOD)).status_code == 200
    for _ in range(RULE.failures_before_wait):
        assert client.get("/api/situations", auth=("wang", "wrong")).status_code == 403
    answer = client.get("/api/situations", auth=("wang", GOOD))
    assert answer.status_code == 429 and answer.json["error"]["code"] == "too_many" and answer.headers["Retry-After"]


def test_an_approval_asks_again_who_it_is(desk: Desk) -> None:
    boss = desk.person("boss")
    submit(desk.engine, CODE, "duty", FixedClock(NOW))
    seen = re.search(r'name="seen_hash" value="(\w+)"', boss.get(f"/proposals/{CODE}"))
    assert seen and 'name="proof"' not in boss.get(f"/proposals/{CODE}")
    desk.later(RULE.again_s)
    page = f"/proposals/{CODE}"
    assert 'name="proof"' in boss.get(page)
    for proof in ("", "000000", "wrong"):
        boss.post(page, f"{page}/approve", seen_hash=seen.group(1), proof=proof)
        assert "已批准：" not in boss.get(page)
    boss.post(page, f"{page}/approve", seen_hash=seen.group(1), proof=desk.code())
    assert "已批准：" in flashes(boss.get(page))


def test_an_administrator_makes_moves_and_shuts_out_accounts(desk: Desk) -> None:
    chief = desk.person("chief")
    page = chief.post("/people/", "/people/", name="li", display_zh="李伟", role="planner", place="150500").get_data(as_text=True)
    password = re.search(r"<code>li</code> <code>([\w-]+)</code>", page)
    assert password and password.group(1) not in chief.get("/people/")
    assert desk.app.test_client().get("/api/situations", auth=("li", password.group(1))).status_code == 403
    li = desk.person("li", password.group(1))
    assert li.client.get("/").location == "/account/#password"
    li.post("/account/", "/account/password", old=password.group(1), new=GOOD, again=GOOD)
    assert li.client.get("/").status_code == 200
    chief.post("/people/", "/people/li/post", role="viewer", place="150522")
    assert li.client.get("/").status_code == 302
    li = desk.person("li")
    chief.post("/people/", "/people/li/disable")
    assert li.client.get("/").status_code == 302 and desk.person("li").client.get("/").status_code == 302
    chief.post("/people/", "/people/li/enable")
    assert desk.person("li").client.get("/").status_code == 200
    assert chief.post("/people/", "/people/boss/factor").status_code == 302
    assert desk.person("boss").client.get("/").location == "/account/factor"
    assert chief.post("/people/", "/people/chief/post", role="approver", place="150000").status_code == 403
    desk.later(RULE.again_s)
    assert chief.post("/people/", "/people/li/disable").status_code == 400
    assert chief.post("/people/", "/account/again", proof=desk.code(), next="/people/").location == "/people/"
    assert chief.post("/people/", "/people/li/disable").status_code == 302


def test_authority_is_lent_and_taken_on_its_page_and_shown_on_every_page(desk: Desk) -> None:
    boss, wang, viewer = desk.person("boss"), desk.person("wang"), desk.person("viewer", "demo-2026")
    boss.post("/authority/", "/authority/delegations", receiver="wang", reason="休假", ends_at="2021-11-10T08:00")
    assert "休假" in wang.get("/authority/")
    assert all("委托审批权" in person.get("/account/") for person in (boss, wang)) and "委托审批权" not in viewer.get("/account/")
    submit(desk.engine, CODE, "duty", FixedClock(NOW))
    assert "seen_hash" in wang.get(f"/proposals/{CODE}") and "seen_hash" not in viewer.get(f"/proposals/{CODE}")
    boss.post("/authority/", "/authority/delegations/1/end")
    assert "委托审批权" not in wang.get("/account/")
    assert "seen_hash" not in wang.get(f"/proposals/{CODE}")
    assert wang.post("/authority/", "/authority/emergency", reason="无人", hours="4").status_code == 400
    wang.post("/authority/", "/authority/emergency", reason="联系不到任何审批人，已打三次电话", hours="4")
    for path in ("/", "/stock", "/authority/"):
        assert "紧急授权生效中：wang" in flashes(viewer.get(path))
    assert viewer.post("/authority/", "/authority/emergency/1/review", finding="好").status_code == 403
    wang.post("/authority/", "/authority/emergency/1/close")
    assert "紧急授权生效中" not in viewer.get("/")
    auditor = desk.person("auditor", "demo-2026")
    auditor.post("/authority/", "/authority/emergency/1/review", finding="未批准任何方案")
    assert "auditor 已复核" in wang.get("/authority/")
