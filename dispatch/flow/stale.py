"""Stock or trucks that moved on since a proposal was made: which of its lines can no longer be kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dispatch.errors import NotEnoughStock
from dispatch.inventory.store import snapshot
from dispatch.waybills.queries import list_away

Body = Mapping[str, Any]
MOST_NAMED = 5


def stale_lines(session: Session, body: Body, at: datetime) -> list[dict[str, Any]]:
    """The lines that stock no longer allows at a moment, each with ``free``: units it could still have.

    Read without locking: approving looks again.
    """
    free = {(s.warehouse_code, s.lot_code): s.available for s in snapshot(session, at).lines}
    return _short(body, free)


def stale_trucks(session: Session, body: Body, at: datetime) -> list[dict[str, Any]]:
    """Trucks of the plan that are loaded or on the road for another one by now, with its waybill."""
    away = {truck.vehicle: truck.waybill for truck in list_away(session, at)}
    return [{"vehicle": r["vehicle"], "waybill": away[r["vehicle"]]} for r in body["routes"] if r["vehicle"] in away]


def _short(body: Body, free: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    """Lines served in their order from what is free; those that come short."""
    left = dict(free)
    short = []
    for line in body["lines"]:
        key = line["from"], line["lot"]
        has = min(line["quantity"], max(0, left.get(key, 0)))
        left[key] = left.get(key, 0) - has
        if has < line["quantity"]:
            short.append({**line, "free": has})
    return short


def short_lines(body: Body, error: NotEnoughStock) -> NotEnoughStock:
    """The refusal of the stock told in the proposal's own lines."""
    reported: list[Mapping[str, Any]] = error.facts["lines"]  # type: ignore[assignment]
    asked = {(line["from"], line["lot"]) for line in body["lines"]}
    free = dict.fromkeys(asked, 10**9)
    free |= {(str(s["place"]).removeprefix("wh:"), str(s["lot"])): int(s["free"]) for s in reported}
    lines = _short(body, free)
    zh = "；".join(f"{n['id']} {n['from_zh']}→{n['to_zh']} {n['item_zh']} 需 {n['quantity']:,}、现余 {n['free']:,}" for n in lines[:MOST_NAMED])
    en = "; ".join(f"{n['id']} {n['from_en']} to {n['to_en']}: {n['item_en']} {n['quantity']:,} wanted, {n['free']:,} left"
                   for n in lines[:MOST_NAMED])
    return NotEnoughStock(
        f"Stock moved on since the plan was made; {len(lines)} line(s) can no longer be kept: {en}. Nothing was reserved.",
        remedy="Return the proposal and solve it again from today's stock.",
        zh=f"方案生成后库存已变动，{len(lines)} 项无法满足：{zh}。没有预留任何物资。", remedy_zh="请退回，并按最新库存重新计算。",
        facts={"lines": [{k: n[k] for k in ("id", "from", "to", "item", "lot", "quantity", "free")} for n in lines]},
    )
