"""Proposals approved under authority lent, or taken in an emergency; on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from dispatch.accounts import authority, people
from dispatch.accounts.authority import Lending, Taking
from dispatch.accounts.people import Desk
from dispatch.accounts.rules import login_rule
from dispatch.accounts.store import get_account
from dispatch.audit.queries import list_acts
from dispatch.clock import FixedClock
from dispatch.db import reading, transaction
from dispatch.errors import Conflict, DispatchError, InvalidInput, NotFound, Refused
from dispatch.flow.approve import approve, send_back, submit
from dispatch.flow.emergency import take_authority
from dispatch.notices.store import list_inbox
from dispatch.proposals.queries import get_proposal
from tests.accounts.people import add, at
from tests.conftest import NOW

CODE, RULE = "P-20211108-001", login_rule()
CLOCK = FixedClock(NOW)
END = NOW + timedelta(days=2)


def lend(engine: Engine, giver: str, receiver: str, ends_at: datetime = END, reason: str = "休假") -> int:
    with transaction(engine) as session:
        return authority.lend(session, giver, Lending(receiver, reason, ends_at), RULE, NOW)


def decide(engine: Engine, actor: str, when: datetime = NOW) -> list[str]:
    with reading(engine) as session:
        seen = get_proposal(session, CODE)["body_hash"]
    return approve(engine, CODE, actor, seen, FixedClock(when))


def test_a_planner_approves_under_a_delegation_and_it_says_so(demo: Engine) -> None:
    add(demo, ("second", "planner", "150000"))
    submit(demo, CODE, "duty", CLOCK)
    with pytest.raises(Refused):
        decide(demo, "second")
    number = lend(demo, "approver", "second")
    assert decide(demo, "second")
    with reading(demo) as session:
        decision = get_proposal(session, CODE)["decisions"][-1]
        assert decision["actor"] == "second" and f"under delegation {number} of approver" in decision["comment"]
        assert "delegation" in list_acts(session, {"action": "proposal.approved"})[0]["detail"]


def test_lent_authority_passes_no_second_pair_of_eyes_by(demo: Engine) -> None:
    """The submitter borrows authority; the giver submitted and lets a friend approve."""
    add(demo, ("friend", "planner", "150000"))
    lend(demo, "approver", "duty")
    lend(demo, "approver", "friend")
    submit(demo, CODE, "duty", CLOCK)
    with pytest.raises(Refused, match="submitted"):
        decide(demo, "duty")
    send_back(demo, CODE, "approver2", "once more", CLOCK)
    submit(demo, CODE, "approver", CLOCK)
    with pytest.raises(Refused, match="had a hand"):
        decide(demo, "friend")


def test_authority_ends_with_its_end_its_withdrawal_and_its_giver(demo: Engine) -> None:
    add(demo, ("second", "planner", "150000"))
    submit(demo, CODE, "duty", CLOCK)
    number = lend(demo, "approver", "second")
    with reading(demo) as session:
        assert authority.loans_of(session, "second", END - timedelta(seconds=1))
        assert not authority.loans_of(session, "second", END)
        assert not authority.loans_of(session, "second", NOW - timedelta(seconds=1))
    with transaction(demo) as session:
        with pytest.raises(NotFound):
            authority.take_back(session, "approver2", number, NOW)
        authority.take_back(session, "approver", number, NOW)
    with pytest.raises(Refused):
        decide(demo, "second")
    lend(demo, "approver2", "second")
    with transaction(demo) as session:
        people.disable(session, Desk(None, at()), "approver2")
    with pytest.raises(Refused):
        decide(demo, "second")


def test_a_league_lends_no_more_than_it_has(demo: Engine) -> None:
    add(demo, ("helper", "planner", "150500"))
    submit(demo, CODE, "duty", CLOCK)
    lend(demo, "tongliao", "helper")
    with pytest.raises(Refused):
        decide(demo, "helper")


@pytest.mark.parametrize(("giver", "receiver"), [
    ("duty", "approver"), ("approver", "approver"), ("approver", "store"), ("approver", "viewer"), ("tongliao", "far"), ("approver", "nobody"),
])
def test_authority_goes_to_fitting_people_alone(demo: Engine, giver: str, receiver: str) -> None:
    add(demo, ("far", "planner", "150100"))
    with pytest.raises(DispatchError):
        lend(demo, giver, receiver)


@pytest.mark.parametrize(("ends_at", "reason"), [(NOW, "x"), (NOW + timedelta(days=RULE.delegation_days_most, seconds=1), "x"), (END, " "), (END, "x" * 501)])
def test_a_delegation_has_an_end_and_a_reason(demo: Engine, ends_at: datetime, reason: str) -> None:
    with pytest.raises(InvalidInput):
        lend(demo, "approver", "duty", ends_at, reason)


def test_an_emergency_authority_sounds_an_alarm_and_is_reviewed(demo: Engine) -> None:
    add(demo, ("night", "planner", "150000"))
    submit(demo, CODE, "duty", CLOCK)
    number = take_authority(demo, "night", Taking("电话联系三位审批人均无人接听", 4), CLOCK)
    with reading(demo) as session:
        told = list_inbox(session, get_account(session, "viewer"))[0]
        assert told["urgency"] == "now" and "night" in told["zh"] and told["path"] == "/authority"
        assert list_acts(session, {"action": "glass."})[0]["actor"] == "night"
        assert [e["account"] for e in authority.open_glass(session, NOW)] == ["night"]
    assert decide(demo, "night", NOW + timedelta(hours=3))
    with reading(demo) as session:
        assert f"emergency authority {number}" in get_proposal(session, CODE)["decisions"][-1]["comment"]
    over = NOW + timedelta(hours=4)
    with transaction(demo) as session:
        for name, when in (("auditor", NOW), ("night", over)):
            with pytest.raises(DispatchError):
                authority.review_glass(session, name, number, "fine", when)
        authority.review_glass(session, "auditor", number, "仅批准一份方案，适当", over)
        with pytest.raises(Conflict):
            authority.review_glass(session, "auditor", number, "again", over)
        assert authority.open_glass(session, over) == []


def test_emergency_authority_is_no_way_round_the_second_person(demo: Engine) -> None:
    submit(demo, CODE, "duty", CLOCK)
    number = take_authority(demo, "duty", Taking("联系不到任何审批人，道路即将封闭", 4), CLOCK)
    with pytest.raises(Refused, match="submitted"):
        decide(demo, "duty")
    with pytest.raises(Conflict):
        take_authority(demo, "duty", Taking("联系不到任何审批人，道路即将封闭", 4), CLOCK)
    with transaction(demo) as session:
        authority.close_glass(session, "duty", number, NOW)
        assert not authority.loans_of(session, "duty", NOW)


@pytest.mark.parametrize(("name", "reason", "hours"), [
    ("duty", "没人", 4), ("duty", " " * 30, 4), ("duty", "联系不到任何审批人，已打三次电话", 0), ("duty", "联系不到任何审批人，已打三次电话", 25),
    ("store", "联系不到任何审批人，已打三次电话", 4), ("viewer", "联系不到任何审批人，已打三次电话", 4), ("approver", "联系不到任何审批人，已打三次电话", 4),
])
def test_emergency_authority_needs_a_planner_a_reason_and_an_end(demo: Engine, name: str, reason: str, hours: int) -> None:
    with pytest.raises(DispatchError):
        take_authority(demo, name, Taking(reason, hours), CLOCK)
