"""Stock against its rules: short, over, expiring, with what to do about it.  Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dispatch.inventory.fefo import usable_days
from dispatch.inventory.model import StockLine, StockSnapshot, Tier, Warehouse
from dispatch.words import Words


@dataclass(frozen=True, slots=True)
class StockRules:
    """``max_factor`` times the minimum is the most; ``horizon_days`` before expiry one acts;
    ``promise`` is how long goods stay promised to an approved proposal."""

    max_factor: int = 2
    horizon_days: int = 180
    promise: timedelta = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Reorder:
    """An item below its minimum: order up to the maximum."""

    warehouse_code: str
    item_code: str
    available: int
    minimum: int
    order: int
    action: Words


@dataclass(frozen=True, slots=True)
class Expiry:
    """A lot that ends within the horizon and what to do with it."""

    warehouse_code: str
    line: StockLine
    days: int
    action: Words


@dataclass(frozen=True)
class Health:
    """The page in figures."""

    reorder: tuple[Reorder, ...]
    over: tuple[tuple[str, str, int, int], ...]
    expiring: tuple[Expiry, ...]


def check_health(
    stock: StockSnapshot, warehouses: Mapping[str, Warehouse], rules: StockRules, today: date
) -> Health:
    """Reorder list, overstock as (warehouse, item, available, most), and lots about to end."""
    available: dict[tuple[str, str], int] = defaultdict(int)
    for line in stock.lines:
        days = usable_days(line.expires_on, today)
        if days is None or days > 0:
            available[line.warehouse_code, line.lot.item_code] += line.available
    short, over = [], []
    for (place, item), least in sorted(stock.minimum.items()):
        units, most = available[place, item], least * rules.max_factor
        if units < least:
            short.append(_reorder((place, item), units, (least, most), _surplus(available, stock, warehouses, (place, item))))
        elif least and units > most:
            over.append((place, item, units, most))
    return Health(tuple(short), tuple(over), tuple(_expiring(stock, available, warehouses, rules, today)))


def _reorder(
    key: tuple[str, str], units: int, bounds: tuple[int, int], giver: tuple[Warehouse, int] | None
) -> Reorder:
    least, most = bounds
    order = most - units
    if giver is not None and giver[1] >= least - units:
        house, spare = giver
        action = Words("reorder.transfer", f"可由 {house.name_zh} 调入（富余 {spare:,}）",
                       f"transfer from {house.name_en} ({spare:,} to spare)")
    else:
        action = Words("reorder.buy", f"申请上级调拨或采购 {order:,}", f"ask the tier above for, or buy, {order:,}")
    return Reorder(key[0], key[1], units, least, order, action)


def _surplus(
    available: Mapping[tuple[str, str], int], stock: StockSnapshot,
    warehouses: Mapping[str, Warehouse], key: tuple[str, str],
) -> tuple[Warehouse, int] | None:
    """The warehouse of the same league, or the region's, with most above its minimum."""
    place, item = key
    mine = warehouses[place]
    near = [
        w for w in warehouses.values()
        if w.code != place and (w.league_adcode == mine.league_adcode or w.tier is Tier.REGION)
    ]
    spare = [(available.get((w.code, item), 0) - stock.minimum.get((w.code, item), 0), w.code) for w in near]
    best = max(spare, default=(0, ""))
    return (warehouses[best[1]], best[0]) if best[0] > 0 else None


def _expiring(
    stock: StockSnapshot, available: Mapping[tuple[str, str], int],
    warehouses: Mapping[str, Warehouse], rules: StockRules, today: date,
) -> list[Expiry]:
    found = []
    for line in stock.lines:
        days = usable_days(line.expires_on, today)
        if days is None or days > rules.horizon_days:
            continue
        found.append(Expiry(line.warehouse_code, line, days, _action(line, days, (stock, available), warehouses)))
    return sorted(found, key=lambda e: (e.days, e.warehouse_code, e.line.lot_code))


def _action(
    line: StockLine, days: int,
    known: tuple[StockSnapshot, Mapping[tuple[str, str], int]], warehouses: Mapping[str, Warehouse],
) -> Words:
    stock, available = known
    if days <= 0:
        return Words("expiry.write_off", "已过期：隔离并办理报损", "expired: quarantine and write off")
    item, mine = line.lot.item_code, warehouses[line.warehouse_code]
    wanting = sorted(
        (available.get((w.code, item), 0) - stock.minimum.get((w.code, item), 0), w.code)
        for w in warehouses.values()
        if w.code != mine.code and w.league_adcode == mine.league_adcode
    )
    if days > 60 and wanting and wanting[0][0] < 0:
        other = warehouses[wanting[0][1]]
        return Words("expiry.rotate", f"轮换到 {other.name_zh}（缺 {-wanting[0][0]:,}）",
                     f"rotate to {other.name_en} ({-wanting[0][0]:,} short)")
    if days > 30:
        return Words("expiry.distribute", f"安排在 {mine.name_zh} 所辖地区的救助发放中使用",
                     f"use in a distribution in the area of {mine.name_en}")
    return Words("expiry.exchange", "与供应商协商换新或就近捐用", "exchange with the supplier, or give away nearby at once")

