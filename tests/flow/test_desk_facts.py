"""The desk's list as it is read from the database, from draft to trucks on the road."""

from datetime import timedelta

from sqlalchemy import Engine

from dispatch.clock import FixedClock
from dispatch.db import reading
from dispatch.flow.approve import approve, submit
from dispatch.flow.cope import cover
from dispatch.flow.desk import split, tasks
from dispatch.flow.desk_facts import Desk, read_desk
from dispatch.flow.desk_model import Person, Task
from dispatch.proposals.queries import get_proposal, list_proposals
from dispatch.scenes import Moment, read_facts
from tests.conftest import NOW

DUTY, APPROVER = Person("duty", "planner", "150000"), Person("approver", "approver", "150000")


def look(engine: Engine, clock: FixedClock) -> tuple[Desk, tuple[Task, ...]]:
    with reading(engine) as session:
        events = read_facts(session, Moment(clock.now(), clock.now())).events
        found = read_desk(session, [(e.situation, e.standing, e.alerts) for e in events], clock.now())
    return found, tasks(found.facts, clock.now())


def test_the_list_follows_a_proposal_from_draft_to_trucks_that_do_not_leave(demo: Engine, clock: FixedClock) -> None:
    desk, found = look(demo, clock)
    assert {t.kind for t in found} == {"submit", "clock"}
    assert {t.words.code for t in found if t.kind == "clock"} == {
        f"desk.clock.{n}" for n in ("first_report", "follow_up", "working_group", "muster", "goods_on_road", "goods_there")}
    with reading(demo) as session:
        body = get_proposal(session, list_proposals(session)[0]["code"])
    draft = next(t for t in found if t.kind == "submit")
    assert draft.due_at.isoformat() == min(r["departs_at"] for r in body["routes"])
    assert cover(desk.facts).units_needed == body["headline"]["units_needed"]
    before = {r.item.en: r.left for r in desk.reserves}
    assert set(before) <= {line["item_en"] for line in body["lines"]}

    submit(demo, body["code"], "duty", clock)
    _, found = look(demo, clock)
    mine, others = split(found, DUTY)
    assert "approve" not in {t.kind for t in mine} and others == 1
    assert "approve" in {t.kind for t in split(found, APPROVER)[0]}

    approve(demo, body["code"], "approver", body["body_hash"], clock)
    desk, found = look(demo, clock)
    assert not {"approve", "submit"} & {t.kind for t in found} and cover(desk.facts).is_approved
    # what was a plan is promised now: the region keeps the same
    assert {r.item.en: r.left for r in desk.reserves} == before

    clock.at = NOW + timedelta(hours=3)
    _, found = look(demo, clock)
    assert "not_left" in {t.kind for t in found}
