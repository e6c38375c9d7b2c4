"""From the Tongliao warnings to waybills, on SQLite and on PostGIS."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from dispatch.clock import FixedClock
from dispatch.config import Settings
from dispatch.db import make_engine, reading, transaction
from dispatch.errors import Conflict, Refused
from dispatch.flow.approve import approve, submit
from dispatch.flow.deliver import depart
from dispatch.inventory.proof import find_differences
from dispatch.inventory.queries import stock_rows
from dispatch.proposals.queries import get_proposal, list_proposals
from dispatch.reference.setup import initialise
from dispatch.waybills.queries import get_waybill
from tests.conftest import settings_of
from tests.waybills.desk import receive


def proposal(engine: Engine) -> dict:
    with reading(engine) as session:
        return get_proposal(session, list_proposals(session)[0]["code"])


def test_the_demo_situation_ends_in_a_verified_proposal(demo: Engine) -> None:
    body = proposal(demo)
    assert body["situation"]["code"] == "S-20211105-150500-blizzard"
    # red snowstorm = pre-alert II, and road icing orange beside it lifts one level
    assert body["level"] == 1
    assert body["verified"] and body["routes"] and body["teams"]
    wanted: Counter = Counter()
    for need in body["needs"]:
        wanted[need["county"], need["item"]] += need["quantity"]
    answered: Counter = Counter()
    for line in body["lines"]:
        answered[line["to"], line["item"]] += line["quantity"]
    for gap in body["gaps"]:
        answered[gap["county"], gap["item"]] += gap["quantity"]
    assert answered == wanted
    assert all(line["reason"]["zh"] and line["reason"]["en"] for line in body["lines"])
    closed = {(e["from"], e["to"], e["refs"]) for e in body["closed_edges"]}
    driven = {(leg["from"], leg["to"], leg["refs"]) for r in body["routes"] for leg in r["legs"]}
    assert closed and not closed & driven


def test_initialising_twice_changes_nothing(demo: Engine, clock: FixedClock) -> None:
    with reading(demo) as session:
        before = (find_differences(session), len(list_proposals(session)))
    initialise(demo, settings_of(demo), demo=True)
    with reading(demo) as session:
        assert (find_differences(session), len(list_proposals(session))) == before


def test_same_input_same_plan(demo: Engine, clock: FixedClock, tmp_path: Path) -> None:
    other_settings = Settings(f"sqlite:///{tmp_path}/other.sqlite", testing=True)
    other = make_engine(other_settings.database_url)
    initialise(other, other_settings, demo=True)
    first, second = proposal(demo), proposal(other)
    for key in ("needs", "lines", "gaps", "routes", "teams"):
        assert first[key] == second[key]


def test_approval_reserves_all_and_trucks_move_the_ledger(demo: Engine, clock: FixedClock) -> None:
    body = proposal(demo)
    code = body["code"]
    submit(demo, code, "duty", clock)
    with pytest.raises(Refused):
        approve(demo, code, "duty", body["body_hash"], clock)
    with pytest.raises(Conflict):
        approve(demo, code, "approver", "0" * 64, clock)
    waybills = approve(demo, code, "approver", body["body_hash"], clock)
    assert len(waybills) == len(body["routes"])
    with reading(demo) as session:
        reserved = sum(row["reserved"] for row in stock_rows(session))
    assert reserved == sum(line["quantity"] for line in body["lines"])
    assert approve(demo, code, "approver", body["body_hash"], clock) == waybills, "a second click is the first one again"
    with pytest.raises(Conflict, match="approver at 2021-11-08 23:00"):
        approve(demo, code, "approver2", body["body_hash"], clock)
    depart(demo, waybills[0], "store", clock)
    with reading(demo) as session:
        first = get_waybill(session, waybills[0])["lines"][0]
    receive(demo, waybills[0], "store", {first["id"]: first["quantity"] - 1}, clock)
    with reading(demo) as session:
        assert find_differences(session)["discrepancies"] == []
        assert get_waybill(session, waybills[0])["status"] == "received"
        lost = session.scalar(text("SELECT SUM(quantity) FROM movement WHERE reason='shortage'"))
    assert lost == 1


def test_the_submitter_may_not_approve_even_as_approver(demo: Engine, clock: FixedClock) -> None:
    body = proposal(demo)
    submit(demo, body["code"], "approver", clock)
    with pytest.raises(Refused, match="cannot decide"):
        approve(demo, body["code"], "approver", body["body_hash"], clock)


@pytest.mark.parametrize("sql", ["UPDATE movement SET quantity = 1", "DELETE FROM movement"])
def test_the_database_refuses_to_change_a_movement(demo: Engine, sql: str) -> None:
    with pytest.raises(DBAPIError, match="facts"), transaction(demo) as session:
        session.execute(text(sql))


def test_the_database_refuses_a_negative_balance(demo: Engine) -> None:
    with pytest.raises(DBAPIError), transaction(demo) as session:
        session.execute(text("UPDATE balance SET on_hand = -1"))
