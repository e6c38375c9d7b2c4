"""What approved plans have promised and not delivered: the recall list on stepping down."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.proposals.tables import ProposalRow
from dispatch.waybills.tables import WaybillRow

WORDS = {
    "issued": ("尚未装车：可取消并释放预留", "not loaded yet: may be cancelled, its stock released"),
    "departed": ("在途：联系司机返回或改送", "on the road: call the driver back or send elsewhere"),
    "stranded": ("途中故障：物资仍在车上，登记退库或换车", "broken down with its load: book it back, or send another truck"),
}


def recall_list(session: Session, codes: Sequence[str]) -> list[dict[str, Any]]:
    """Waybills of a situation's approved proposals that have not been received, with their load."""
    rows = session.scalars(
        select(WaybillRow)
        .join(ProposalRow, ProposalRow.code == WaybillRow.proposal)
        .where(ProposalRow.situation.in_(codes), WaybillRow.status.in_(list(WORDS)))
        .order_by(WaybillRow.code)
    )
    return [_entry(row.code, row.status, json.loads(row.body)) for row in rows]


def _entry(code: str, status: str, body: dict[str, Any]) -> dict[str, Any]:
    zh, en = WORDS[status]
    return {
        "waybill": code, "status": status, "vehicle": body["vehicle"], "zh": zh, "en": en,
        "from_zh": body["from_zh"], "from_en": body["from_en"],
        "to_zh": "、".join(s["place_zh"] for s in body["stops"]),
        "to_en": ", ".join(s["place_en"] for s in body["stops"]),
        "lines": len(body["lines"]), "units": sum(line["quantity"] for line in body["lines"]),
    }
