"""Catalogue, warehouses, lots and the stock snapshot: rows to values and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from shapely import Point
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from dispatch.errors import NotFound
from dispatch.geo import LonLat
from dispatch.inventory.book import warehouse_of
from dispatch.inventory.model import (
    Item,
    Kit,
    Lot,
    StockLine,
    StockSnapshot,
    Tier,
    Warehouse,
)
from dispatch.inventory.tables import (
    BalanceRow,
    FreezeRow,
    ItemRow,
    KitRow,
    LotRow,
    MinimumRow,
    WarehouseRow,
)


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


@dataclass(frozen=True, slots=True)
class Holding:
    """A lot at a warehouse and what is free of it in each bin, as (place, units)."""

    line: StockLine
    bins: tuple[tuple[str, int], ...]


def lots_at(
    session: Session, warehouse: str, item: str, lot: str | None = None
) -> list[Holding]:
    """Lots of an item at one warehouse that are not being counted, dock before bins."""
    query = (
        select(BalanceRow, LotRow)
        .join(LotRow, LotRow.code == BalanceRow.lot_code)
        .outerjoin(
            FreezeRow,
            (FreezeRow.place == BalanceRow.place) & (FreezeRow.lot_code == BalanceRow.lot_code),
        )
        .where(
            LotRow.item_code == item, BalanceRow.on_hand > 0, FreezeRow.document.is_(None),
            BalanceRow.place.startswith(f"wh:{warehouse}"),
        )
        .order_by(BalanceRow.place, BalanceRow.lot_code)
    )
    if lot:
        query = query.where(LotRow.code == lot)
    piles: dict[str, list[tuple[str, int, int]]] = {}
    lots: dict[str, Lot] = {}
    for balance, row in session.execute(query):
        if warehouse_of(balance.place) == warehouse:
            lots[row.code] = _lot(row)
            piles.setdefault(row.code, []).append((balance.place, balance.on_hand, balance.reserved))
    return [
        Holding(
            StockLine(warehouse, lots[code], sum(b[1] for b in bins), sum(b[2] for b in bins)),
            tuple((place, on_hand - reserved) for place, on_hand, reserved in bins),
        )
        for code, bins in sorted(piles.items())
    ]


def get_lot(session: Session, code: str) -> Lot:
    """One lot's facts; ``NotFound`` with a remedy."""
    row = session.get(LotRow, code)
    if row is None:
        raise NotFound(
            f"There is no lot {code}.", remedy="Check the label, or look it up on the stock page.",
            zh=f"没有编号为 {code} 的批次。", remedy_zh="请核对标签，或在库存页面查找。",
        )
    return _lot(row)


def set_inspection(session: Session, code: str, state: str) -> None:
    """The one fact of a lot that changes: what its inspection found."""
    get_lot(session, code)
    session.execute(update(LotRow).where(LotRow.code == code).values(inspection=state))


def snapshot(session: Session, at: datetime) -> StockSnapshot:
    """Stock of every warehouse as it stands, bins summed, with safety stock; lots being
    counted are left out."""
    facts = (getattr(LotRow, name) for name in Lot.__slots__)
    rows = session.execute(
        select(BalanceRow.place, BalanceRow.on_hand, BalanceRow.reserved, *facts)
        .join(LotRow, LotRow.code == BalanceRow.lot_code)
        .where(BalanceRow.place.startswith("wh:"), BalanceRow.on_hand > 0)
        .order_by(BalanceRow.place, BalanceRow.lot_code)
    )
    frozen = set(session.execute(select(FreezeRow.place, FreezeRow.lot_code)))
    piles: dict[tuple[str, str], StockLine] = {}
    for place, on_hand, reserved, *values in rows:
        lot = Lot(*values)
        if (place, lot.code) in frozen:
            continue
        key = (warehouse_of(place), lot.code)
        old = piles.get(key)
        if old:
            on_hand, reserved = on_hand + old.on_hand, reserved + old.reserved
        piles[key] = StockLine(key[0], lot, on_hand, reserved)
    lines = tuple(piles[key] for key in sorted(piles))
    least = select(MinimumRow.warehouse_code, MinimumRow.item_code, MinimumRow.quantity)
    minimum = {(warehouse, item): units for warehouse, item, units in session.execute(least)}
    return StockSnapshot(at, lines, minimum)
