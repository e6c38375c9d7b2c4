"""Loss with two people, and the blind stocktake by two counters."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from dispatch.errors import Conflict, InvalidInput, Refused
from dispatch.inventory.book import append_movements, lock_balances, warehouse_place
from dispatch.inventory.tables import FreezeRow
from dispatch.operations.forms import Faults, whole
from dispatch.operations.goods import checked, movement
from dispatch.operations.store import Work, freeze, list_counts, save_counts, thaw


def request_loss(work: Work) -> None:
    """What is lost and why; nothing moves until a second person agrees."""
    lines = checked(work, "lot")
    faults = Faults()
    if not str(work.body.get("reason") or "").strip():
        faults.add("缺少报损原因", "the reason of the loss is missing")
    faults.raise_if_any()
    work.body["lines"] = [{k: v for k, v in line.items() if v is not None} for line in lines]


def post_loss(work: Work) -> None:
    """The written-off units leave the store, or the quarantine where they lay."""
    steps = []
    for n, line in enumerate(work.body["lines"], 1):
        place = (
            f"quarantine:{work.warehouse}" if line.get("quarantined")
            else warehouse_place(work.warehouse, line.get("bin") or "")
        )
        leg = (line["lot"], place, f"loss:{work.code}", line["quantity"])
        steps.append(movement(work, str(n), leg, "write_off"))
    append_movements(work.session, steps, work.at)


def open_count(work: Work) -> None:
    """Freeze the lots to count, and only those."""
    lots = sorted({str(lot) for lot in work.body.get("lots") or []})
    keys = freeze(work, lots) if lots else []
    if not keys:
        raise InvalidInput(
            f"None of the lots named is kept at {work.warehouse}.", remedy="Choose the lots to count.",
            zh=f"{work.warehouse} 没有所选批次的库存。", remedy_zh="请选择要盘点的批次。",
        )
    work.body["keys"] = [list(key) for key in keys]


def count(work: Work, figures: Mapping[str, Any]) -> None:
    """One counter's figures, ``place|lot`` → units, without the book before their eyes."""
    faults = Faults()
    wanted = {f"{place}|{lot}": (place, lot) for place, lot in work.body["keys"]}
    found: dict[tuple[str, str], int] = {}
    for name, key in wanted.items():
        units = whole(figures.get(name))
        if units is None:
            faults.add(f"批次 {key[1]}（{key[0]}）的盘点数 {figures.get(name)!r} 不是整数",
                       f"lot {key[1]} at {key[0]}: {figures.get(name)!r} is not a whole number")
        else:
            found[key] = units
    faults.raise_if_any()
    save_counts(work, found)


def agreed(work: Work) -> dict[tuple[str, str], int]:
    """The figure that two counters share for every lot; ``Conflict`` names the others."""
    counts: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in list_counts(work.session, work.code):
        counts[row.place, row.lot_code].append(row.quantity)
    result, open_lots = {}, []
    for place, lot in work.body["keys"]:
        best = Counter(counts[place, lot]).most_common(1)
        if best and best[0][1] >= 2:
            result[place, lot] = best[0][0]
        else:
            open_lots.append(f"{lot}（{len(counts[place, lot])}）")
    if open_lots:
        listed = "、".join(open_lots)
        raise Conflict(
            f"No two counts agree yet for: {listed}.", remedy="Have another person count these lots.",
            zh=f"以下批次尚无两人一致的盘点结果：{listed}。", remedy_zh="请由另一人复盘这些批次。",
        )
    return result


def post_count(work: Work) -> None:
    """Book the differences and let the lots move again; a counter may not decide."""
    if work.actor in {row.counter for row in list_counts(work.session, work.code)}:
        raise Refused(
            f"{work.actor} counted {work.code} and cannot also close it.",
            remedy="A person who did not count closes it.",
            zh=f"{work.actor} 参与了 {work.code} 的盘点，不能自行审核。", remedy_zh="请由未参与盘点的人审核。",
        )
    figures = agreed(work)
    locked = lock_balances(work.session, figures)
    steps, differences = [], []
    for n, (key, units) in enumerate(sorted(figures.items()), 1):
        book = locked[key].on_hand
        if units < book:
            leg = (key[1], key[0], f"loss:{work.code}", book - units)
        else:
            leg = (key[1], f"found:{work.code}", key[0], units - book)
        if units != book:
            steps.append(movement(work, str(n), leg, "count"))
        differences.append({"place": key[0], "lot": key[1], "book": book, "counted": units})
    append_movements(work.session, steps, work.at)
    work.body["differences"] = differences
    thaw(work)


def cancel_count(work: Work) -> None:
    """Let the lots move again without booking anything."""
    thaw(work)


def is_frozen(work: Work) -> bool:
    """True while the lots of this count may not move."""
    query = select(FreezeRow.lot_code).where(FreezeRow.document == work.code).limit(1)
    return work.session.scalar(query) is not None
