"""Read-only views of waybills."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.waybills.model import CALLED_OFF, WaybillStatus
from dispatch.waybills.receipts import stops_signed
from dispatch.waybills.rules import load_tracking_rule
from dispatch.waybills.store import get_row
from dispatch.waybills.tables import WaybillEventRow, WaybillRow

LONGEST_WAY = timedelta(days=7)
OVER = (WaybillStatus.RECEIVED, WaybillStatus.RETURNED, WaybillStatus.CANCELLED)


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
    """Trucks not free at a moment, by code: from the issue of the paper until the goods are signed for
    (or back in a warehouse) and the way has been driven back once more (assumption: as long as the way
    out); a broken one for as long as the rule says, unless it went on."""
    broken_for = load_tracking_rule().broken_for
    since = at - max(LONGEST_WAY, broken_for)
    ended = select(WaybillEventRow.waybill).where(
        WaybillEventRow.status.in_([s.value for s in OVER]), WaybillEventRow.at <= since
    )
    rows = session.execute(
        select(WaybillRow.code, WaybillRow.body, WaybillEventRow.status, WaybillEventRow.at)
        .outerjoin(WaybillEventRow, WaybillEventRow.waybill == WaybillRow.code)
        .where(WaybillRow.code.not_in(ended)).order_by(WaybillRow.code, WaybillEventRow.id)
    )
    bodies, events = {}, defaultdict[str, list[tuple[str, datetime]]](list)
    for code, text, status, moment in rows:
        bodies[code] = text
        events[code] += [(status, moment)] if status else []
    found = {}
    for code, text in bodies.items():
        body = json.loads(text)
        free_at = _free_at(events[code], timedelta(seconds=sum(leg["duration_s"] for leg in body["legs"])), broken_for)
        if free_at is None or free_at > at:
            found[body["vehicle"]] = Away(body["vehicle"], body["vehicle_class"], body["from"], code)
    return [found[vehicle] for vehicle in sorted(found)]


def _free_at(events: Sequence[tuple[str, datetime]], way_back: timedelta, broken_for: timedelta) -> datetime | None:
    """When a truck stands ready again, by what happened to its waybill in order; None = not yet known."""
    free, broken = None, None
    for status, at in events:
        if status == WaybillStatus.STRANDED:
            broken = at + broken_for
        elif status == WaybillStatus.DEPARTED:
            broken = None
        elif status == WaybillStatus.CANCELLED:
            free = at
        elif status in OVER:
            free = at + way_back
    return max(free, broken) if free and broken else free


def list_called_off(session: Session, proposals: Sequence[str]) -> list[dict[str, Any]]:
    """Waybills of proposals that were ever stopped: code, proposal, status now, number of events, and the
    ids of the lines that do not come (``lost``; none when it went on or all stops had signed)."""
    stopped = select(WaybillEventRow.waybill).where(WaybillEventRow.status.in_([s.value for s in CALLED_OFF]))
    count = func.count(WaybillEventRow.id)
    rows = session.execute(
        select(WaybillRow, count).join(WaybillEventRow, WaybillEventRow.waybill == WaybillRow.code)
        .where(WaybillRow.proposal.in_(list(proposals)), WaybillRow.code.in_(stopped))
        .group_by(WaybillRow.code).order_by(WaybillRow.code)
    ).all()
    signed = stops_signed(session, [row.code for row, _n in rows])
    return [
        {
            "code": row.code, "proposal": row.proposal, "status": row.status, "events": number,
            "lost": [
                line["id"] for line in json.loads(row.body)["lines"]
                if WaybillStatus(row.status) in CALLED_OFF and (row.code, line["to"]) not in signed
            ],
        }
        for row, number in rows
    ]


def _view(row: WaybillRow) -> dict[str, Any]:
    return {
        **json.loads(row.body),
        "status": row.status,
        "issued_at": row.issued_at.isoformat(),
        "issued_by": row.issued_by,
        "content_hash": row.content_hash,
    }
