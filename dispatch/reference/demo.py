"""Demo opening stock: deterministic, from the stock rule, marked demo everywhere."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from dispatch.inventory.model import Item, Lot, Tier, Warehouse

OWNER = "内蒙古自治区红十字会（演示数据）"


def _spread(text: str, low: int, high: int) -> int:
    return low + zlib.crc32(text.encode()) % (high - low + 1)


def demo_stock(
    warehouses: Iterable[Warehouse],
    items: Mapping[str, Item],
    minimum: Mapping[tuple[str, str], int],
    today: date,
) -> list[tuple[Lot, str, int]]:
    """(lot, warehouse code, units): 75 % to 215 % of the minimum, in two lots.

    The older lot holds a third.  League warehouses keep a tenth of their quilts as
    a gift bound to blizzards, so that donor restriction is seen at work.
    """
    stock = []
    for warehouse in warehouses:
        for code, item in sorted(items.items()):
            least = minimum.get((warehouse.code, code), 0)
            if not least:
                continue
            total = least * _spread(warehouse.code + code, 75, 215) // 100
            older = total // 3
            gift = total // 10 if warehouse.tier is Tier.LEAGUE and code == "QUILT" else 0
            for tag, units in (("A", older), ("B", total - older - gift), ("G", gift)):
                if units:
                    restriction = "blizzard" if tag == "G" else None
                    stock.append((_lot(warehouse, item, (tag, restriction), today), warehouse.code, units))
    return stock


def _lot(warehouse: Warehouse, item: Item, kind: tuple[str, str | None], today: date) -> Lot:
    tag, restriction = kind
    code = f"DEMO-{warehouse.code.removeprefix('WH-')}-{item.code}-{tag}"
    life = item.shelf_life_days
    age = _spread(code, 0, life // 2) if life else 0
    produced = today - timedelta(days=age)
    expires = produced + timedelta(days=life) if life else None
    return Lot(code, item.code, produced, expires, OWNER, restriction, is_demo=True)
