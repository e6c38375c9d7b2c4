"""Drafts on the pages: the live part, the plan in hand, and the decisions on it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from dispatch.clock import FixedClock
from dispatch.db import reading, transaction
from dispatch.flow.solve import Solver
from dispatch.proposals.drafts import get_draft
from dispatch.proposals.jobs import get_job
from dispatch.routing.problem import RoutingParams
from tests.conftest import NOW, settings_of
from tests.web.conftest import Person

LogIn = Callable[[str], Person]
SITUATION = "S-20211105-150500-blizzard"
PAGE = f"/situations/{SITUATION}"


@pytest.fixture
def number(demo: Engine) -> int:
    """The example's draft, asked for again and begun: a first plan is there, improving."""
    with transaction(demo) as session:
        row = get_job(session, 1, lock=True)
        row.status, row.proposal, row.attempts, row.worker = "queued", None, 0, None
    solver = Solver(demo, settings_of(demo), "w", RoutingParams(iterations=60, slices=8), FixedClock(NOW))
    assert solver.begin(1) == 8 and solver.go_on(1) == 1
    return 1


def draft(engine: Engine, number: int) -> dict:
    with reading(engine) as session:
        return get_draft(session, number, NOW)


def test_the_situation_page_shows_how_far_the_draft_is_and_its_plan(log_in: LogIn, number: int) -> None:
    page = log_in("duty").get(PAGE)
    assert "非最终方案，正在改进：第 1 步，共 8 步" in page and f'href="/drafts/{number}"' in page
    assert f'action="/drafts/{number}/take"' in page and "data-live" in page
    assert f'action="/drafts/{number}/take"' not in log_in("viewer").get(PAGE)


def test_the_page_of_a_draft_shows_the_plan_marked_as_not_final(log_in: LogIn, number: int) -> None:
    page = log_in("viewer").get(f"/drafts/{number}")
    assert "非最终" in page and 'id="lines"' in page and "尚不能提交审批" in page
    assert not re.findall(r"(?:src|href)=[\"'](?:https?:)?//", page) and "<script>" not in page


@pytest.mark.parametrize("path", [f"{PAGE}/decide", "/drafts/1/standing?shown=1"])
def test_a_live_part_is_sent_again_only_when_it_changed(
    demo: Engine, log_in: LogIn, number: int, path: str
) -> None:
    person = log_in("duty")
    first = person.client.get(path)
    tag = first.headers["ETag"].strip('"')
    assert first.status_code == 200 and "Cache-Control" in first.headers
    joint = "&" if "?" in path else "?"
    assert person.client.get(f"{path}{joint}since={tag}").status_code == 304
    assert person.client.get(path, headers={"If-None-Match": f'"{tag}"'}).status_code == 304
    with transaction(demo) as session:
        get_job(session, number, lock=True).progress = 2
    changed = person.client.get(f"{path}{joint}since={tag}")
    assert changed.status_code == 200 and "第 2 步" in changed.get_data(as_text=True)


def test_the_tag_on_the_page_is_that_of_its_live_part(log_in: LogIn, number: int) -> None:
    person = log_in("duty")
    for page, part in ((PAGE, f"{PAGE}/decide"), (f"/drafts/{number}", f"/drafts/{number}/standing?shown={2}")):
        tag = re.search(r'data-live="[^"]+" data-tag="(\w+)"', person.get(page))
        assert tag and person.client.get(part).headers["ETag"] == f'"{tag.group(1)}"', page


def test_taking_the_plan_leads_to_its_proposal(demo: Engine, log_in: LogIn, number: int) -> None:
    person = log_in("duty")
    answer = person.post(PAGE, f"/drafts/{number}/take")
    code = draft(demo, number)["proposal"]
    assert answer.status_code == 302 and answer.location == f"/proposals/{code}"
    assert person.client.get(f"/drafts/{number}").location == f"/proposals/{code}"
    assert person.post(PAGE, f"/drafts/{number}/take").status_code == 409
    assert "duty 采用了当时的方案" in person.get(PAGE)


def test_stopping_and_asking_again(demo: Engine, log_in: LogIn, number: int) -> None:
    person = log_in("duty")
    assert person.post(PAGE, f"/drafts/{number}/stop").status_code == 302
    assert draft(demo, number)["status"] == "stopped" and "停止了方案生成" in person.get(PAGE)
    assert person.post(PAGE, f"/drafts/{number}/again").status_code == 302
    again = draft(demo, number)
    assert again["status"] == "queued" and not again["has_plan"] and "正在排队" in person.get(PAGE)


def test_a_viewer_decides_nothing_and_an_unknown_draft_is_told(log_in: LogIn, number: int) -> None:
    person = log_in("viewer")
    for act in ("take", "stop", "again"):
        assert person.post(PAGE, f"/drafts/{number}/{act}").status_code == 403
    assert person.client.get("/drafts/999").status_code == 404


def test_a_draft_that_no_worker_takes_up_is_told(demo: Engine, log_in: LogIn, clock: FixedClock) -> None:
    with transaction(demo) as session:
        row = get_job(session, 1, lock=True)
        row.status, row.proposal, row.asked_at = "queued", None, NOW
    person = log_in("duty")
    assert "dispatch work" not in person.get(PAGE)
    clock.at = NOW.replace(minute=2)
    assert "dispatch work" in person.get(PAGE)
