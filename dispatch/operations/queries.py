"""Read-only views of stock documents."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.errors import NotFound
from dispatch.inventory.tables import ItemRow, LotRow, WarehouseRow
from dispatch.operations.model import MOVES, Kind, Status
from dispatch.operations.tables import CountRow, StockDocumentEventRow, StockDocumentRow


def list_documents(
    session: Session, kind: str | None = None, warehouse: str | None = None, limit: int = 200
) -> list[dict[str, Any]]:
    """Documents newest first, in one line each."""
    query = select(StockDocumentRow).order_by(StockDocumentRow.created_at.desc(), StockDocumentRow.code.desc())
    if kind:
        query = query.where(StockDocumentRow.kind == kind)
    if warehouse:
        query = query.where(StockDocumentRow.warehouse == warehouse)
    names = dict(session.execute(select(WarehouseRow.code, WarehouseRow.name_zh)).all())
    return [
        {
            "code": row.code, "kind": row.kind, "status": row.status, "warehouse": row.warehouse,
            "warehouse_zh": names.get(row.warehouse, row.warehouse), "target": row.target,
            "created_by": row.created_by, "created_at": row.created_at.isoformat(),
        }
        for row in session.scalars(query.limit(limit))
    ]


def get_document(session: Session, code: str) -> dict[str, Any]:
    """One document with goods lines in full, its events, and the steps open from here.

    The figures of a count stay hidden while it is running (it is blind).
    """
    row = session.get(StockDocumentRow, code)
    if row is None:
        raise NotFound(
            f"There is no stock document {code}.", remedy="Check the number, or look in the list.",
            zh=f"没有编号为 {code} 的单据。", remedy_zh="请核对编号，或在单据列表中查找。",
        )
    body = json.loads(row.body)
    houses = {w.code: (w.name_zh, w.name_en) for w in session.scalars(select(WarehouseRow))}
    events = session.scalars(
        select(StockDocumentEventRow).where(StockDocumentEventRow.document == code).order_by(StockDocumentEventRow.id)
    )
    counters = session.scalars(select(CountRow.counter).where(CountRow.document == code).distinct())
    return {
        **body,
        "code": row.code, "kind": row.kind, "status": row.status,
        "warehouse": row.warehouse, "warehouse_zh": houses[row.warehouse][0], "warehouse_en": houses[row.warehouse][1],
        "target": row.target, "target_zh": houses.get(row.target or "", ("", ""))[0],
        "created_by": row.created_by, "created_at": row.created_at.isoformat(),
        "lines": _lines(session, body),
        "events": [{"at": e.at.isoformat(), "actor": e.actor, "status": e.status, "detail": e.detail} for e in events],
        "counters": sorted(counters),
        "next": sorted(s.value for s in MOVES.get((Kind(row.kind), Status(row.status)), frozenset())),
        "content_hash": hashlib.sha256(row.body.encode()).hexdigest(),
    }


def _lines(session: Session, body: dict[str, Any]) -> list[dict[str, Any]]:
    """Picked lots where there are any, else what was asked for; with names, weight and volume."""
    given = body.get("picks") or body.get("lines") or body.get("differences") or body.get("made") or []
    items = {item.code: item for item in session.scalars(select(ItemRow))}
    codes = {line["lot"] for line in given if line.get("lot")}
    of_lot = dict(session.execute(select(LotRow.code, LotRow.item_code).where(LotRow.code.in_(codes))).all())
    lines = []
    for line in given:
        item = items.get(line.get("item") or of_lot.get(line.get("lot") or "", ""))
        quantity = int(line.get("quantity") or line.get("counted") or 0)
        if item is not None:
            lines.append({
                **line, "quantity": quantity, "item": item.code, "item_zh": item.name_zh, "item_en": item.name_en,
                "unit_zh": item.unit_zh, "unit_en": item.unit_en,
                "weight_g": quantity * item.weight_g, "volume_cm3": quantity * item.volume_cm3,
            })
    return lines
