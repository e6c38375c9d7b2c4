"""The automatic players: one submits, another approves; trucks leave, arrive and are received by plan."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select

from dispatch.clock import FixedClock
from dispatch.db import reading, transaction
from dispatch.errors import DispatchError
from dispatch.flow.approve import approve, send_back, submit
from dispatch.flow.deliver import depart
from dispatch.flow.receive import sign
from dispatch.proposals.jobs import start_over
from dispatch.proposals.store import get_row
from dispatch.proposals.tables import DraftJobRow
from dispatch.waybills.queries import list_waybills
from dispatch.waybills.receipts import Signed

PLANNER, APPROVER, KEEPER = "duty", "approver", "store"


@dataclass(frozen=True, slots=True)
class Trip:
    """A truck of an approved plan: leaving, the last place reached, each county's hour."""

    waybill: str
    departs_at: datetime
    ends_at: datetime
    arrives: tuple[tuple[str, datetime], ...]


def is_open(engine: Engine, code: str, status: str) -> bool:
    """True while a proposal stands in a status and moves goods or teams."""
    with reading(engine) as session:
        row = get_row(session, code)
        return row.status == status and moves_something(json.loads(row.body))


def moves_something(body: dict[str, Any]) -> bool:
    """False for a stand-by list and for a plan without trucks and teams."""
    return body["kind"] != "standby" and bool(body["routes"] or body["teams"])


def hand_in(engine: Engine, code: str, at: datetime) -> None:
    """The planner hands a draft in."""
    submit(engine, code, PLANNER, FixedClock(at))


def decide_on(engine: Engine, code: str, at: datetime) -> tuple[Trip, ...] | str:
    """The approver approves; the trips, or why the plan could not be approved and went back."""
    with reading(engine) as session:
        row = get_row(session, code)
        seen, body = row.body_hash, json.loads(row.body)
    try:
        approve(engine, code, APPROVER, seen, FixedClock(at))
    except DispatchError as error:
        send_back(engine, code, APPROVER, error.message_zh[:400], FixedClock(at))
        return error.message
    with reading(engine) as session:
        return trips_of(list_waybills(session, code), body, at)


def trips_of(waybills: Iterable[dict[str, Any]], body: dict[str, Any], approved_at: datetime) -> tuple[Trip, ...]:
    """The trips of an approved plan: as planned, later by what its approval took."""
    later = approved_at - datetime.fromisoformat(body["situation"]["as_of"])
    return tuple(_trip(waybill, later) for waybill in waybills)


def solve_again(engine: Engine, code: str, at: datetime) -> None:
    """A plan that went back is solved again with the trucks and stock there are by now."""
    with transaction(engine) as session:
        row = session.scalars(select(DraftJobRow).where(DraftJobRow.proposal == code)).first()
        if row is not None:
            start_over(session, row, at)


def _trip(waybill: dict[str, Any], later: timedelta) -> Trip:
    stops = tuple((s["place"], datetime.fromisoformat(s["arrives_at"]) + later) for s in waybill["stops"])
    return Trip(waybill["code"], datetime.fromisoformat(waybill["departs_at"]) + later, stops[-1][1], stops)


def leave(engine: Engine, trip: Trip, at: datetime) -> None:
    """The storekeeper loads the truck and it leaves."""
    depart(engine, trip.waybill, KEEPER, FixedClock(at))


def take_in(engine: Engine, trip: Trip, at: datetime) -> None:
    """The consignee signs for everything."""
    sign(engine, trip.waybill, Signed(None, KEEPER, at, f"drill:{trip.waybill}"), KEEPER, FixedClock(at))
