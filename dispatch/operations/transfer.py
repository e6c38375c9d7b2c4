"""Transfer between warehouses: request → approval with pick → load → receive → claim."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from dispatch.clock import to_local
from dispatch.errors import InvalidInput
from dispatch.inventory.book import append_movements, warehouse_place
from dispatch.inventory.fefo import Use
from dispatch.inventory.service import Claim, release, reserve, take_reserved
from dispatch.inventory.store import list_warehouses
from dispatch.operations.forms import Faults, whole
from dispatch.operations.goods import checked, choose, movement
from dispatch.operations.store import Work

ARRIVES_WITHIN = timedelta(days=2)
HOLDS_FOR = timedelta(days=3)


def request(work: Work) -> None:
    """Check that the other warehouse exists and the lines can be read."""
    lines = checked(work, "item")
    known = {w.code for w in list_warehouses(work.session)}
    target = work.body.get("target")
    faults = Faults()
    if target not in known or target == work.warehouse:
        faults.add(f"调入仓库 {target!r} 不存在或与调出仓库相同",
                   f"the receiving warehouse {target!r} is unknown or the sending one")
    faults.raise_if_any()
    work.body["lines"] = [{k: v for k, v in line.items() if v is not None} for line in lines]


def approve(work: Work) -> None:
    """Pick the lots by the one rule and promise them to this document."""
    target = next(w for w in list_warehouses(work.session) if w.code == work.body["target"])
    use = Use("", target.county_adcode, to_local(work.at + ARRIVES_WITHIN).date())
    picked: dict[str, int] = defaultdict(int)
    for lot, _place, units in choose(work, work.body["lines"], use):
        picked[lot] += units
    claims = [Claim(work.warehouse, lot, units) for lot, units in picked.items()]
    reserve(work.session, claims, work.code, work.at, work.at + HOLDS_FOR)
    work.body["picks"] = [{"lot": c.lot_code, "quantity": c.quantity} for c in claims]


def load(work: Work) -> None:
    """The picked lots leave on a vehicle."""
    picks = work.body["picks"]
    claims = [Claim(work.warehouse, p["lot"], p["quantity"]) for p in picks]
    pieces = take_reserved(work.session, work.code, claims)
    steps = [
        movement(work, f"load:{n}", (picks[i]["lot"], place, f"transit:{work.code}", units), "transfer")
        for n, (i, place, units) in enumerate(pieces, 1)
    ]
    append_movements(work.session, steps, work.at)


def receive(work: Work, received: Mapping[str, Mapping[str, Any]]) -> None:
    """Good goods to the dock, damaged to quarantine, missing to loss until claimed.

    ``received`` maps a lot to ``good`` and ``damaged`` units; a lot left out counts as whole.
    """
    faults = Faults()
    steps = []
    for n, line in enumerate(work.body["picks"], 1):
        lot, sent = line["lot"], line["quantity"]
        counted = received.get(lot, {"good": sent, "damaged": 0})
        good, damaged = whole(counted.get("good")), whole(counted.get("damaged", 0))
        if good is None or damaged is None or good + damaged > sent:
            faults.add(f"批次 {lot}：完好 {counted.get('good')} + 破损 {counted.get('damaged', 0)} 超过发出数 {sent} 或不是整数",
                       f"lot {lot}: good {counted.get('good')} + damaged {counted.get('damaged', 0)} "
                       f"is more than the {sent} sent, or not whole")
            continue
        line.update(good=good, damaged=damaged, short=sent - good - damaged)
        target = work.body["target"]
        ends = ((warehouse_place(target), good), (f"quarantine:{target}", damaged),
                (f"loss:{work.code}", line["short"]))
        steps += [
            movement(work, f"receive:{n}:{end}", (lot, f"transit:{work.code}", end, units), "transfer")
            for end, units in ends if units
        ]
    faults.raise_if_any()
    append_movements(work.session, steps, work.at)


def cancel(work: Work) -> None:
    """Give the promised lots back."""
    release(work.session, work.code)


def claim(work: Work, note: str) -> None:
    """Hold the carrier or sender to the damage and shortage."""
    missing = [p for p in work.body["picks"] if p.get("short") or p.get("damaged")]
    if not missing:
        raise InvalidInput(
            f"{work.code} arrived whole; there is nothing to claim.", remedy="Leave it as it is.",
            zh=f"{work.code} 全部完好签收，没有可索赔的差异。", remedy_zh="无需索赔。",
        )
    work.body["claim"] = note
