"""Waybills as tours at a moment: what had happened by then."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.geo import LonLat
from dispatch.waybills.model import WaybillStatus
from dispatch.waybills.positions import Position
from dispatch.waybills.progress import Trip
from dispatch.waybills.queries import LONGEST_WAY
from dispatch.waybills.tables import PositionRow, WaybillEventRow, WaybillRow

OVER = (WaybillStatus.RECEIVED, WaybillStatus.CANCELLED, WaybillStatus.RETURNED)


def list_trips(session: Session, known: datetime) -> Iterator[Trip]:
    """Waybills issued by the moment with their state and last position of then, by code; those that
    are over and older than the longest way are left out."""
    happened: dict[str, dict[str, datetime]] = defaultdict(dict)
    for code, status, at in session.execute(
        select(WaybillEventRow.waybill, WaybillEventRow.status, WaybillEventRow.at)
        .where(WaybillEventRow.at <= known).order_by(WaybillEventRow.id)
    ):
        happened[code].pop(status, None)
        happened[code][status] = at
    places = _positions(session, known)
    recent = WaybillRow.issued_at > known - LONGEST_WAY
    rows = select(WaybillRow).where(WaybillRow.issued_at <= known, recent | WaybillRow.status.not_in([s.value for s in OVER]))
    for row in session.scalars(rows.order_by(WaybillRow.code)):
        past = happened[row.code]
        status = next(reversed(past), WaybillStatus.ISSUED.value)
        yield Trip(row.code, f"/waybills/{row.code}", status, json.loads(row.body),
                   past.get(WaybillStatus.DEPARTED), past.get(WaybillStatus.RECEIVED), places.get(row.code))


def _positions(session: Session, known: datetime) -> dict[str, Position]:
    """Waybill → the last position said up to the moment, also of trucks that have arrived since."""
    recent = PositionRow.said_at.between(known - LONGEST_WAY, known)
    rows = session.scalars(select(PositionRow).where(recent).order_by(PositionRow.said_at, PositionRow.id))
    return {
        r.waybill: Position(r.waybill, r.kind, LonLat(r.place.x, r.place.y), r.county, r.said_at, r.recorded_at, r.actor, r.words)
        for r in rows
    }
