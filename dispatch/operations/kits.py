"""Building kits from parts, breaking them, and repacking a lot: nothing appears or vanishes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dispatch.clock import to_local
from dispatch.errors import InvalidInput
from dispatch.inventory.book import append_movements, warehouse_place
from dispatch.inventory.fefo import Use
from dispatch.inventory.model import Kit, Lot
from dispatch.inventory.store import get_lot, list_kits, list_warehouses, save_lots
from dispatch.operations.forms import Faults, whole
from dispatch.operations.goods import choose, movement
from dispatch.operations.store import Work


def _kit(work: Work, item: str, version: str) -> Kit:
    kit = next((k for k in list_kits(work.session) if (k.item_code, k.version) == (item, version)), None)
    if kit is None:
        raise InvalidInput(
            f"There is no version {version!r} of the kit {item!r}.",
            remedy="Choose one of the versions in the catalogue.",
            zh=f"没有 {item!r} 的版本 {version!r}。", remedy_zh="请选择目录中的版本。",
        )
    return kit


def _quantity(work: Work) -> int:
    quantity = whole(work.body.get("quantity"))
    if not quantity:
        faults = Faults()
        faults.add(f"数量 {work.body.get('quantity')!r} 不是大于零的整数",
                   f"quantity {work.body.get('quantity')!r} is not a whole number above zero")
        faults.raise_if_any()
    return quantity or 0


def build(work: Work) -> None:
    """Parts, first expiring first, become one lot of kits that expires with its first part."""
    quantity = _quantity(work)
    kit = _kit(work, str(work.body.get("kit")), str(work.body.get("version")))
    county = next(w.county_adcode for w in list_warehouses(work.session) if w.code == work.warehouse)
    lines = [{"item": item, "quantity": units * quantity} for item, units in kit.parts]
    pieces = choose(work, lines, Use("", county, to_local(work.at).date()))
    ends = [lot.expires_on for lot in (get_lot(work.session, code) for code, _, _ in pieces)]
    made = Lot(
        code=f"{work.code}-K", item_code=kit.item_code, produced_on=to_local(work.at).date(),
        expires_on=min((end for end in ends if end), default=None), owner=work.warehouse,
        kit_version=kit.version,
    )
    save_lots(work.session, [made])
    steps = [
        movement(work, str(n), (lot, place, f"kit:{work.code}", units), "kit_build")
        for n, (lot, place, units) in enumerate(pieces, 1)
    ]
    leg = (made.code, f"kit:{work.code}", warehouse_place(work.warehouse), quantity)
    append_movements(work.session, [*steps, movement(work, "kit", leg, "kit_build")], work.at)
    work.body["picks"] = [{"lot": lot, "place": p, "quantity": n} for lot, p, n in pieces]
    work.body["made"] = [{"lot": made.code, "item": kit.item_code, "quantity": quantity}]


def break_up(work: Work) -> None:
    """Kits of one lot become lots of their parts, good as long as the kit was."""
    quantity = _quantity(work)
    old = get_lot(work.session, str(work.body.get("lot")))
    kit = _kit(work, old.item_code, old.kit_version or "")
    made = [
        (_part(work, old, item), units * quantity) for item, units in kit.parts
    ]
    _turn(work, (old.code, quantity), made, "kit_break")


def _part(work: Work, old: Lot, item: str) -> Lot:
    produced: date = to_local(work.at).date()
    return Lot(f"{work.code}-{item}"[:60], item, produced, old.expires_on, old.owner, donation=old.donation)


def repack(work: Work) -> None:
    """Units of a lot become a lot of their own with the same facts (new boxes, new labels)."""
    quantity = _quantity(work)
    old = get_lot(work.session, str(work.body.get("lot")))
    _turn(work, (old.code, quantity), [(replace(old, code=f"{work.code}-R"), quantity)], "repack")


def _turn(work: Work, used: tuple[str, int], made: list[tuple[Lot, int]], reason: str) -> None:
    save_lots(work.session, [lot for lot, _ in made])
    dock = warehouse_place(work.warehouse, str(work.body.get("bin") or ""))
    steps = [movement(work, "used", (used[0], dock, f"kit:{work.code}", used[1]), reason)]
    steps += [
        movement(work, str(n), (lot.code, f"kit:{work.code}", warehouse_place(work.warehouse), units), reason)
        for n, (lot, units) in enumerate(made, 1)
    ]
    append_movements(work.session, steps, work.at)
    work.body["made"] = [{"lot": lot.code, "item": lot.item_code, "quantity": n} for lot, n in made]
