"""Read-only views of waybills."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.waybills.store import get_row
from dispatch.waybills.tables import WaybillEventRow, WaybillRow


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


def _view(row: WaybillRow) -> dict[str, Any]:
    return {
        **json.loads(row.body),
        "status": row.status,
        "issued_at": row.issued_at.isoformat(),
        "issued_by": row.issued_by,
        "content_hash": row.content_hash,
    }
