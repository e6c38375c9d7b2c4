"""Read-only views of waybills."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.waybills.model import WaybillStatus
from dispatch.waybills.store import get_row
from dispatch.waybills.tables import WaybillEventRow, WaybillRow

LONGEST_WAY = timedelta(days=7)


def list_waybills(session: Session, proposal: str | None = None) -> list[dict[str, Any]]:
    """All waybills (of one proposal), each with its frozen body, by code."""
    query = select(WaybillRow).order_by(WaybillRow.code)
    if proposal:
        query = query.where(WaybillRow.proposal == proposal)
    return [_view(row) for row in session.scalars(query)]


def get_waybill(session: Session, code: str) -> dict[str, Any]:
    """One waybill with its events."""
    row = get_row(session, code)
    events = session.scalars(
        select(WaybillEventRow).where(WaybillEventRow.waybill == code).order_by(WaybillEventRow.id)
    )
    return {
        **_view(row),
        "events": [
            {"at": e.at.isoformat(), "actor": e.actor, "status": e.status, "detail": e.detail}
            for e in events
        ],
    }


@dataclass(frozen=True, slots=True)
class Away:
    """A truck that an open waybill holds, or that is on its way back."""

    vehicle: str
    class_code: str
    warehouse: str
    waybill: str


def list_away(session: Session, at: datetime) -> list[Away]:
    """Trucks not free at a moment, by code: from the issue of the paper until the goods are
    signed for and the way has been driven back once more (assumption: as long as the way out)."""
    signed = (
        select(WaybillEventRow.waybill, WaybillEventRow.at)
        .where(WaybillEventRow.status == WaybillStatus.RECEIVED.value).subquery()
    )
    rows = session.execute(
        select(WaybillRow.code, WaybillRow.body, signed.c.at)
        .outerjoin(signed, signed.c.waybill == WaybillRow.code)
        .where((signed.c.at.is_(None)) | (signed.c.at > at - LONGEST_WAY))
        .order_by(WaybillRow.code)
    )
    found = {}
    for code, text, signed_at in rows:
        body = json.loads(text)
        way_s = sum(leg["duration_s"] for leg in body["legs"])
        if signed_at is None or signed_at + timedelta(seconds=way_s) > at:
            found[body["vehicle"]] = Away(body["vehicle"], body["vehicle_class"], body["from"], code)
    return [found[vehicle] for vehicle in sorted(found)]


def _view(row: WaybillRow) -> dict[str, Any]:
    return {
        **json.loads(row.body),
        "status": row.status,
        "issued_at": row.issued_at.isoformat(),
        "issued_by": row.issued_by,
        "content_hash": row.content_hash,
    }
