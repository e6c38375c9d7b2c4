"""Pages that follow their data: what has not changed is not told again; who is logged out is told so."""

from __future__ import annotations

import time
from dataclasses import replace
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from dispatch.app import create_app
from dispatch.clock import FixedClock
from dispatch.db import reading, transaction
from dispatch.flow.pulse import AREAS, kept, pulse
from dispatch.notices.tables import NoticeRow
from tests.conftest import NOW, settings_of
from tests.web.conftest import Person

PAGES = ("/", "/alerts", "/situations/S-20211105-150500-blizzard", "/proposals/P-20211108-001", "/deployments/", "/waybills")


@pytest.fixture
def desk(demo: Engine, clock: FixedClock) -> Person:
    return Person(create_app(settings_of(demo), demo, clock).test_client(), "duty")


def ask(client: FlaskClient, path: str, tag: str = "1"):  # type: ignore[no-untyped-def]
    return client.get(path, headers={"X-Live": tag})


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_told_again_only_when_something_changed(desk: Person, path: str) -> None:
    first = ask(desk.client, path)
    assert first.status_code == 200 and first.headers["X-As-Of"] == NOW.isoformat()
    tag = first.get_etag()[0]
    assert f'data-tag="{tag}"' in desk.get(path)
    again = ask(desk.client, path, tag)
    assert again.status_code == 304 and not again.data and again.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("kind", ["sqlite"])
def test_an_unchanged_page_costs_its_counters_and_who_asks(desk: Person, demo: Engine) -> None:
    tag = ask(desk.client, "/alerts").get_etag()[0]
    told: list[str] = []
    event.listen(demo, "before_cursor_execute", lambda *args: told.append(args[2]))
    assert ask(desk.client, "/alerts", tag).status_code == 304
    counters = sum(len(AREAS[area]) for area in ("situations", "proposals"))
    assert len([text for text in told if text.startswith("SELECT")]) == counters + 1


def test_a_decision_reaches_the_pages_that_show_it_and_no_others(desk: Person, demo: Engine) -> None:
    tags = {path: ask(desk.client, path).get_etag()[0] for path in PAGES}
    answer = desk.post("/proposals/P-20211108-001", "/proposals/P-20211108-001/submit")
    assert answer.status_code == 302
    new = {path for path, tag in tags.items() if ask(desk.client, path, tag).status_code == 200}
    assert new == {"/", "/alerts", "/proposals/P-20211108-001"}
    shown = ask(desk.client, "/proposals/P-20211108-001").get_data(as_text=True)
    assert "待审批" in shown and "leaflet" not in shown


def test_ages_in_words_make_a_page_new_with_the_minute(desk: Person, clock: FixedClock) -> None:
    tag = ask(desk.client, "/alerts").get_etag()[0]
    clock.at = clock.at.replace(minute=clock.at.minute + 1)
    assert ask(desk.client, "/alerts", tag).status_code == 200


def test_one_person_is_not_given_the_page_of_another(demo: Engine, clock: FixedClock) -> None:
    app = create_app(settings_of(demo), demo, clock)
    tag = ask(Person(app.test_client(), "duty").client, "/alerts").get_etag()[0]
    assert ask(Person(app.test_client(), "viewer").client, "/alerts", tag).status_code == 200


def test_who_is_logged_out_hears_it_and_comes_back_to_the_page(desk: Person, demo: Engine) -> None:
    page = "/situations/S-20211105-150500-blizzard"
    desk.post("/", "/logout")
    assert ask(desk.client, page).status_code == 401 and ask(desk.client, "/live").status_code == 401
    sent = desk.client.post(f"{page}/reports", data={"reporter": "x"}, headers={"Referer": f"http://localhost{page}?lang=zh"})
    assert sent.status_code == 302 and sent.location == "/login?next=/situations/S-20211105-150500-blizzard?lang%3Dzh"
    assert "登录已过期" in desk.client.get(sent.location).get_data(as_text=True)
    elsewhere = desk.client.post(f"{page}/reports", headers={"Referer": "http://elsewhere.example/x"})
    assert elsewhere.location == "/login?next=/"
    # a page with a person and a spoilt token is another matter
    again = Person(desk.client, "duty")
    assert again.client.post(f"{page}/reports", data={"csrf_token": "x"}).status_code == 400


def test_a_counter_moves_with_its_rows_and_no_other_does(demo: Engine) -> None:
    with reading(demo) as session:
        before = {area: pulse(session, [area]) for area in AREAS}
    with transaction(demo) as session:
        session.add(NoticeRow(dedupe_key="x", place="150000", tier="region", min_role="viewer", kind="alert", subject="s", path="/",
                              words_code="x", zh="一", en="one", urgency="digest", is_exercise=False, posted_at=NOW))
    with reading(demo) as session:
        after = {area: pulse(session, [area]) for area in AREAS}
    assert {area for area in AREAS if before[area] != after[area]} == {"notices"}


def test_what_is_kept_is_read_once_for_a_pulse(demo: Engine) -> None:
    reads: list[str] = []

    def read() -> list[str]:
        reads.append("read")
        return list(reads)

    with Session(demo) as session:
        assert kept(session, "x", "1", read) is kept(session, "x", "1", read)
        assert len(kept(session, "x", "2", read)) == 2
        assert len(kept(session, "y", "2", read)) == 3


def test_who_finds_a_seat_is_told_and_who_does_not_goes_on_asking(demo: Engine, clock: FixedClock) -> None:
    app = create_app(replace(settings_of(demo), live_streams=1), demo, clock)
    first, second = Person(app.test_client(), "duty"), Person(app.test_client(), "viewer")
    assert 'data-stream="/live/events?areas=proposals"' in first.get("/proposals/")
    assert first.client.get("/live/events?areas=secrets").status_code == 400
    stream = first.client.get("/live/events?areas=proposals", buffered=False)
    said = stream.iter_encoded()
    assert stream.mimetype == "text/event-stream" and next(said) == b"retry: 3000\n\n"
    assert second.client.get("/live/events?areas=proposals").status_code == 204
    changed = Thread(target=_hand_in_later, args=(app,))
    changed.start()
    assert next(said) == b"data: changed\n\n"
    changed.join()
    stream.close()
    # the seat is free again
    again = second.client.get("/live/events?areas=proposals", buffered=False)
    assert again.status_code == 200
    again.close()


def _hand_in_later(app: Flask) -> None:
    time.sleep(2)
    Person(app.test_client(), "duty").post("/proposals/P-20211108-001", "/proposals/P-20211108-001/submit")


def test_without_seats_pages_do_not_ask_for_one(desk: Person) -> None:
    assert "data-stream" not in desk.get("/proposals/")
    assert desk.client.get("/live/events?areas=proposals").status_code == 204
