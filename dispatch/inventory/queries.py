"""Read-only lists of stock for pages and the command line."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from dispatch.inventory.tables import BalanceRow, ItemRow, LotRow, MinimumRow, WarehouseRow


def stock_rows(
    session: Session, warehouse: str | None = None, item: str | None = None, lot: str | None = None
) -> list[dict[str, Any]]:
    """One row per (warehouse, lot) that holds anything, with the item's safety stock."""
    at_warehouse = or_(
        BalanceRow.place == "wh:" + WarehouseRow.code,
        BalanceRow.place.like("wh:" + WarehouseRow.code + "/%"),
    )
    query = (
        select(BalanceRow, LotRow, ItemRow, WarehouseRow, MinimumRow.quantity)
        .join(LotRow, LotRow.code == BalanceRow.lot_code)
        .join(ItemRow, ItemRow.code == LotRow.item_code)
        .join(WarehouseRow, at_warehouse)
        .outerjoin(
            MinimumRow,
            (MinimumRow.warehouse_code == WarehouseRow.code)
            & (MinimumRow.item_code == ItemRow.code),
        )
        .where(BalanceRow.on_hand > 0)
        .order_by(WarehouseRow.code, ItemRow.code, LotRow.expires_on, LotRow.code)
    )
    if warehouse:
        query = query.where(WarehouseRow.code == warehouse)
    if item:
        query = query.where(ItemRow.code == item)
    if lot:
        query = query.where(LotRow.code == lot)
    return [_stock_row(*row) for row in session.execute(query)]


def _stock_row(
    balance: BalanceRow, lot: LotRow, item: ItemRow, warehouse: WarehouseRow, minimum: int | None
) -> dict[str, Any]:
    return {
        "warehouse": warehouse.code,
        "warehouse_zh": warehouse.name_zh,
        "warehouse_en": warehouse.name_en,
        "tier": warehouse.tier,
        "item": item.code,
        "item_zh": item.name_zh,
        "item_en": item.name_en,
        "unit_zh": item.unit_zh,
        "unit_en": item.unit_en,
        "bin": balance.place.partition("/")[2],
        "lot": lot.code,
        "inspection": lot.inspection,
        "condition": lot.condition,
        "expires_on": lot.expires_on.isoformat() if lot.expires_on else None,
        "restriction": lot.restriction,
        "is_demo": lot.is_demo,
        "on_hand": balance.on_hand,
        "reserved": balance.reserved,
        "available": balance.on_hand - balance.reserved,
        "minimum": minimum or 0,
    }
