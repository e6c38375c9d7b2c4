"""Stock cards and movement history, newest first, from indexes alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from dispatch.errors import NotFound
from dispatch.inventory.tables import BalanceRow, ItemRow, LotRow, MovementRow


def stock_card(session: Session, lot_code: str, place: str, limit: int = 200) -> dict[str, Any]:
    """The last ``limit`` movements of a lot at a place with the balance after each.

    The running balance is counted back from the kept balance, so the newest line
    always shows what the ledger holds.
    """
    found = session.execute(
        select(LotRow, ItemRow).join(ItemRow, ItemRow.code == LotRow.item_code).where(LotRow.code == lot_code)
    ).first()
    if found is None:
        raise NotFound(
            f"There is no lot {lot_code}.", remedy="Check the label, or look it up on the stock page.",
            zh=f"没有编号为 {lot_code} 的批次。", remedy_zh="请核对标签，或在库存页面查找。",
        )
    lot, item = found
    balance = session.scalar(
        select(BalanceRow.on_hand).where(BalanceRow.place == place, BalanceRow.lot_code == lot_code)
    ) or 0
    rows = session.scalars(
        select(MovementRow)
        .where(MovementRow.lot_code == lot_code,
               or_(MovementRow.from_place == place, MovementRow.to_place == place))
        .order_by(MovementRow.id.desc()).limit(limit)
    )
    return {
        "lot": lot.code, "place": place, "item": item.code, "item_zh": item.name_zh, "item_en": item.name_en,
        "unit_zh": item.unit_zh, "unit_en": item.unit_en, "donor": lot.donor, "donation": lot.donation,
        "producer": lot.producer, "restriction": lot.restriction, "area": lot.area,
        "inspection": lot.inspection, "is_demo": lot.is_demo,
        "expires_on": lot.expires_on.isoformat() if lot.expires_on else None,
        "balance": balance, "rows": _running(list(rows), place, balance),
    }


def _running(rows: list[MovementRow], place: str, balance: int) -> list[dict[str, Any]]:
    lines = []
    for row in rows:
        is_in = row.to_place == place
        lines.append(
            {
                "id": row.id, "at": row.occurred_at.isoformat(), "recorded_at": row.recorded_at.isoformat(),
                "document": row.document, "reason": row.reason, "actor": row.actor,
                "other": row.from_place if is_in else row.to_place,
                "in": row.quantity if is_in else 0, "out": 0 if is_in else row.quantity,
                "balance": balance, "reverses_id": row.reverses_id,
            }
        )
        balance -= row.quantity if is_in else -row.quantity
    return lines


def places_of(session: Session, lot_code: str) -> list[dict[str, Any]]:
    """Where a lot is or was kept, with what is left there."""
    rows = session.execute(
        select(BalanceRow.place, BalanceRow.on_hand, BalanceRow.reserved)
        .where(BalanceRow.lot_code == lot_code).order_by(BalanceRow.on_hand.desc(), BalanceRow.place)
    )
    return [{"place": p, "on_hand": n, "reserved": r} for p, n, r in rows]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which movements to list; None = any.  ``before_id`` pages backwards."""

    place: str | None = None
    lot: str | None = None
    document: str | None = None
    actor: str | None = None
    since: datetime | None = None
    before_id: int | None = None


def movements(session: Session, wanted: Filter, limit: int = 100) -> list[dict[str, Any]]:
    """Movements newest first with the item's names."""
    query = (
        select(MovementRow, ItemRow.name_zh, ItemRow.name_en, ItemRow.unit_zh, ItemRow.unit_en)
        .join(LotRow, LotRow.code == MovementRow.lot_code)
        .join(ItemRow, ItemRow.code == LotRow.item_code)
        .order_by(MovementRow.id.desc()).limit(limit)
    )
    if wanted.place:
        query = query.where(or_(MovementRow.from_place == wanted.place, MovementRow.to_place == wanted.place))
    if wanted.lot:
        query = query.where(MovementRow.lot_code == wanted.lot)
    if wanted.document:
        query = query.where(MovementRow.document == wanted.document)
    if wanted.actor:
        query = query.where(MovementRow.actor == wanted.actor)
    if wanted.since:
        query = query.where(MovementRow.recorded_at >= wanted.since)
    if wanted.before_id:
        query = query.where(MovementRow.id < wanted.before_id)
    return [
        {
            "id": row.id, "lot": row.lot_code, "quantity": row.quantity, "from": row.from_place,
            "to": row.to_place, "at": row.occurred_at.isoformat(), "reason": row.reason,
            "actor": row.actor, "document": row.document, "reverses_id": row.reverses_id,
            "item_zh": zh, "item_en": en, "unit_zh": unit_zh, "unit_en": unit_en,
        }
        for row, zh, en, unit_zh, unit_en in session.execute(query)
    ]


def last_act_of(session: Session, actor: str) -> datetime | None:
    """When a person last wrote a movement: the start of what is new to them."""
    return session.scalar(select(func.max(MovementRow.recorded_at)).where(MovementRow.actor == actor))
