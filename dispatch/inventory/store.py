"""Rows to values and back; locks in fixed order; the one way movements are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from shapely import Point
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from dispatch.errors import NotEnoughStock
from dispatch.geo import LonLat
from dispatch.inventory import ledger
from dispatch.inventory.model import (
    Item,
    Kit,
    Lot,
    Movement,
    StockLine,
    StockSnapshot,
    Tier,
    Warehouse,
)
from dispatch.inventory.tables import (
    BalanceRow,
    ItemRow,
    KitRow,
    LotRow,
    MinimumRow,
    MovementRow,
    WarehouseRow,
)


def warehouse_place(warehouse_code: str) -> str:
    """The ledger place of a warehouse."""
    return f"wh:{warehouse_code}"


def save_items(session: Session, items: Iterable[Item]) -> None:
    """Insert or update the catalogue by code."""
    for item in items:
        session.merge(ItemRow(**{**asdict(item), "hazards": list(item.hazards)}))
    session.flush()


def save_kits(session: Session, kits: Iterable[Kit]) -> None:
    """Add versions that are not there yet; a version's parts never change afterwards."""
    for kit in kits:
        if session.get(KitRow, (kit.item_code, kit.version)) is None:
            session.add(KitRow(**{**asdict(kit), "parts": [list(part) for part in kit.parts]}))
    session.flush()


def list_kits(session: Session) -> tuple[Kit, ...]:
    """Every version of every kit, by item and date."""
    rows = session.scalars(select(KitRow).order_by(KitRow.item_code, KitRow.valid_from))
    return tuple(
        Kit(
            row.item_code, row.version, row.valid_from, row.is_assumption, row.source,
            row.note_zh, row.note_en, tuple((item, units) for item, units in row.parts),
        )
        for row in rows
    )


def save_warehouses(session: Session, warehouses: Iterable[Warehouse]) -> None:
    """Insert or update warehouses by code."""
    for warehouse in warehouses:
        fields = asdict(warehouse)
        fields["tier"] = warehouse.tier.value
        fields["location"] = Point(warehouse.location.lon, warehouse.location.lat)
        session.merge(WarehouseRow(**fields))
    session.flush()


def save_minimums(session: Session, minimums: Mapping[tuple[str, str], int]) -> None:
    """Insert or update safety stock by (warehouse, item)."""
    known = {(r.warehouse_code, r.item_code): r for r in session.scalars(select(MinimumRow))}
    for (warehouse_code, item_code), quantity in minimums.items():
        row = known.get((warehouse_code, item_code))
        if row is None:
            session.add(
                MinimumRow(warehouse_code=warehouse_code, item_code=item_code, quantity=quantity)
            )
        else:
            row.quantity = quantity
    session.flush()


def save_lots(session: Session, lots: Iterable[Lot]) -> None:
    """Insert lots that are not there yet; a lot's facts never change afterwards."""
    known = set(session.scalars(select(LotRow.code)))
    new = [asdict(lot) for lot in lots if lot.code not in known]
    if new:
        session.execute(insert(LotRow), new)


def list_items(session: Session) -> tuple[Item, ...]:
    """The whole catalogue, by code."""
    names = tuple(Item.__slots__)
    return tuple(
        Item(**{**{n: getattr(row, n) for n in names}, "hazards": tuple(row.hazards)})
        for row in session.scalars(select(ItemRow).order_by(ItemRow.code))
    )


def list_warehouses(session: Session) -> tuple[Warehouse, ...]:
    """All warehouses, by code."""
    return tuple(
        Warehouse(
            code=row.code,
            name_zh=row.name_zh,
            name_en=row.name_en,
            tier=Tier(row.tier),
            serves_adcode=row.serves_adcode,
            league_adcode=row.league_adcode,
            county_adcode=row.county_adcode,
            location=LonLat(row.location.x, row.location.y),
        )
        for row in session.scalars(select(WarehouseRow).order_by(WarehouseRow.code))
    )


def _lot(row: LotRow) -> Lot:
    return Lot(**{name: getattr(row, name) for name in Lot.__slots__})


def snapshot(session: Session, at: datetime) -> StockSnapshot:
    """Stock of every warehouse as it stands, with safety stock."""
    rows = session.execute(
        select(BalanceRow, LotRow)
        .join(LotRow, LotRow.code == BalanceRow.lot_code)
        .where(BalanceRow.place.startswith("wh:"), BalanceRow.on_hand > 0)
        .order_by(BalanceRow.place, BalanceRow.lot_code)
    )
    lines = tuple(
        StockLine(balance.place.removeprefix("wh:"), _lot(lot), balance.on_hand, balance.reserved)
        for balance, lot in rows
    )
    minimum = {(r.warehouse_code, r.item_code): r.quantity for r in session.scalars(select(MinimumRow))}
    return StockSnapshot(at, lines, minimum)


def lock_balances(
    session: Session, keys: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], BalanceRow]:
    """Lock the balances of (place, lot) keys in sorted order; missing ones are made at 0."""
    locked = {}
    for place, lot_code in sorted(set(keys)):
        row = session.get(
            BalanceRow, (place, lot_code), with_for_update=True, populate_existing=True
        )
        if row is None:
            row = BalanceRow(place=place, lot_code=lot_code, on_hand=0, reserved=0)
            session.add(row)
            session.flush()
        locked[place, lot_code] = row
    return locked


def append_movements(
    session: Session, movements: Sequence[Movement], recorded_at: datetime
) -> list[int]:
    """Write movements with their balances; all or none.

    A movement whose idempotency key was written before is left out (a double
    click or a retry does no harm).  Raises ``NotEnoughStock`` with every short
    line at once.  Returns the ids written.
    """
    for movement in movements:
        ledger.check(movement)
    keys = [movement.idempotency_key for movement in movements]
    seen = set(
        session.scalars(
            select(MovementRow.idempotency_key).where(MovementRow.idempotency_key.in_(keys))
        )
    )
    fresh = [movement for movement in movements if movement.idempotency_key not in seen]
    change = ledger.effects(fresh)
    locked = lock_balances(session, change)
    short = [
        {"place": place, "lot": lot, "free": locked[place, lot].on_hand - locked[place, lot].reserved,
         "asked": -delta}
        for (place, lot), delta in sorted(change.items())
        if locked[place, lot].on_hand + delta < locked[place, lot].reserved
    ]
    if short:
        raise not_enough(short)
    for key, delta in change.items():
        locked[key].on_hand += delta
    rows = [MovementRow(recorded_at=recorded_at, **asdict(movement)) for movement in fresh]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def not_enough(short: list[dict[str, object]]) -> NotEnoughStock:
    """One error that names every short line."""
    words = "; ".join(f"{s['place']} lot {s['lot']}: asked {s['asked']}, free {s['free']}" for s in short)
    return NotEnoughStock(
        f"Not enough stock: {words}.",
        remedy="Lower the line, add a second source, or draft the proposal anew.",
        zh=f"库存不足：{words}。",
        remedy_zh="请减少数量、增加来源仓库，或重新生成方案。",
        facts={"lines": short},
    )
