"""How often one may ask, how much one may send, and what every answer carries."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from flask import Flask

from dispatch.app import create_app
from dispatch.clock import FixedClock
from dispatch.config import DEMO_SECRET, Settings
from dispatch.errors import InvalidInput
from dispatch.web.limits import rate_limits
from tests.conftest import NOW
from tests.person import Person


@pytest.fixture
def app(demo_file: Settings) -> Flask:
    return create_app(demo_file, clock=FixedClock(NOW))


def first_of(kind: str) -> int:
    return int(rate_limits()[kind].split(" ")[0])


def test_logins_from_one_address_are_counted_whatever_the_name(app: Flask) -> None:
    """Many names, one guess each: no name waits, the address does."""
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    answers = [client.post("/login", data={"name": f"n{n}", "password": "demo-2026"}) for n in range(first_of("login") + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert answers[-1].status_code == 429 and int(answers[-1].headers["Retry-After"]) > 0
    assert "请求过于频繁" in answers[-1].get_data(as_text=True)
    # who is in, and what needs no login, goes on
    assert client.get("/openness/").status_code == 200 and client.get("/login").status_code == 200


def test_programs_without_credentials_are_slowed_and_those_with_are_not(app: Flask) -> None:
    client = app.test_client()
    statuses = [client.get("/api/situations").status_code for _ in range(first_of("api_unknown") + 1)]
    assert set(statuses[:-1]) == {403} and statuses[-1] == 429
    assert client.get("/api/situations").json["error"]["message_zh"] == "请求过于频繁。"
    assert client.get("/api/situations", auth=("viewer", "demo-2026")).status_code == 200


def test_a_factor_for_measuring_raises_the_figures(demo_file: Settings) -> None:
    client = create_app(replace(demo_file, rate_factor=2), clock=FixedClock(NOW)).test_client()
    assert {client.get("/api/situations").status_code for _ in range(2 * first_of("api_unknown"))} == {403}


def test_addresses_are_believed_from_known_servers_in_front_alone(demo_file: Settings) -> None:
    """A bored student cannot ask from a thousand addresses by saying so."""
    for proxies, last in ((0, 429), (1, 403)):
        client = create_app(replace(demo_file, trusted_proxies=proxies), clock=FixedClock(NOW)).test_client()
        statuses = [client.get("/api/situations", headers={"X-Forwarded-For": f"10.0.{n // 200}.{n % 200}"}).status_code
                    for n in range(first_of("api_unknown") + 1)]
        assert statuses[-1] == last


def test_what_is_too_large_is_refused_in_plain_words(app: Flask) -> None:
    person = Person(app.test_client(), "store")
    person.client.get("/uploads/")
    answer = person.client.post("/uploads/", data={"file": (io.BytesIO(b"0" * (33 * 1024 * 1024)), "big.xlsx")})
    assert answer.status_code in (400, 413)
    answer = app.test_client().post("/api/alerts", data=b"0" * (33 * 1024 * 1024), auth=("duty", "demo-2026"))
    assert answer.status_code == 413 and "32 MiB" in answer.json["error"]["message_zh"]


def test_every_answer_carries_its_headers(app: Flask) -> None:
    person = Person(app.test_client(), "duty")
    for path in ("/", "/login", "/nowhere", "/openness/", "/static/shell.js", "/api/situations"):
        head = person.client.get(path).headers
        assert "'unsafe" not in head["Content-Security-Policy"] and "frame-ancestors 'none'" in head["Content-Security-Policy"]
        assert head["X-Content-Type-Options"] == "nosniff" and head["Referrer-Policy"] == "same-origin"
        assert head["Cross-Origin-Opener-Policy"] == "same-origin" and "microphone=()" in head["Permissions-Policy"]
        assert "Strict-Transport-Security" not in head
    assert "no-" in person.client.get("/stock").headers["Cache-Control"]


def test_in_real_use_cookies_are_for_https_and_this_host_alone(demo_file: Settings) -> None:
    app = create_app(replace(demo_file, production=True, secret_key="r" * 40), clock=FixedClock(NOW))
    answer = app.test_client().get("/login", base_url="https://desk.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=") and all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Domain" not in cookie and answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize("secret", [DEMO_SECRET, "short"])
def test_real_use_does_not_begin_with_a_known_or_short_secret(secret: str) -> None:
    with pytest.raises(InvalidInput):
        Settings("sqlite://", production=True, secret_key=secret)


def test_demo_people_stay_outside_in_real_use(demo_file: Settings) -> None:
    app = create_app(replace(demo_file, production=True, secret_key="r" * 40), clock=FixedClock(NOW))
    app.config.update(WTF_CSRF_ENABLED=False, SESSION_COOKIE_SECURE=False, SESSION_COOKIE_NAME="session")
    client = app.test_client()
    assert "demo-2026" not in client.get("/login").get_data(as_text=True)
    assert client.post("/login", data={"name": "admin", "password": "demo-2026"}).status_code == 200
    assert client.get("/api/situations", auth=("admin", "demo-2026")).status_code == 403
