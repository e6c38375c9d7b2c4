"""From a code to its paper: reads what the forms need, in the words people know."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.clock import to_local
from dispatch.errors import NotFound
from dispatch.inventory.cards import stock_card
from dispatch.inventory.store import list_items
from dispatch.inventory.tables import ItemRow, LotRow, MovementRow
from dispatch.money.store import get_donation
from dispatch.operations.queries import get_document
from dispatch.paper import forms
from dispatch.paper.model import Paper
from dispatch.proposals.snapshot import content_hash
from dispatch.waybills.queries import get_waybill

DOCUMENT_FORMS = {
    "requisition": forms.requisition, "transfer-order": forms.transfer_order, "pick-list": forms.pick_list,
    "packing-list": forms.packing_list, "goods-received": forms.goods_received_note, "loss-report": forms.loss_report,
}
FORMS_OF = {
    "receipt": ("goods-received",), "inspection": ("goods-received",), "putaway": ("pick-list",),
    "transfer": ("requisition", "transfer-order", "pick-list", "packing-list", "goods-received"),
    "issue": ("pick-list", "packing-list"), "return": ("goods-received",), "loss": ("loss-report",),
    "kit_build": ("pick-list", "packing-list"), "kit_break": ("packing-list",), "repack": ("packing-list",),
    "stocktake": (),
}


def _local(text: str) -> str:
    return f"{to_local(datetime.fromisoformat(text)):%Y-%m-%d %H:%M}"


def document_paper(session: Session, code: str, form: str) -> Paper:
    """One of the forms of a stock document; ``NotFound`` for a form it does not have."""
    body = get_document(session, code)
    if form not in FORMS_OF.get(body["kind"], ()):
        raise NotFound(
            f"{code} has no paper {form!r}.", remedy="Choose one of those on the document's page.",
            zh=f"单据 {code} 没有 {form!r} 这种打印件。", remedy_zh="请在单据页面选择打印件。",
        )
    return DOCUMENT_FORMS[form]({**body, "created_at": _local(body["created_at"])})


def waybill_body(session: Session, code: str) -> dict[str, Any]:
    """A waybill's frozen body in the words of its paper."""
    found = get_waybill(session, code)
    items = {item.code: item for item in list_items(session)}
    return {
        **found,
        "basis": f"{found['situation_zh']} {found['situation_en']}（{found['proposal']}）",
        "departs_at": _local(found["departs_at"]),
        "stops": [{**stop, "arrives_at": _local(stop["arrives_at"])} for stop in found["stops"]],
        "roads": " → ".join(leg["refs"] for leg in found["legs"] if leg["refs"]) or "—",
        "distance_km": found["distance_m"] // 1000,
        "lines": [
            {**line, "volume_cm3": line["quantity"] * items[line["item"]].volume_cm3} for line in found["lines"]
        ],
    }


def waybill_paper(session: Session, code: str) -> Paper:
    """The waybill in four copies."""
    return forms.waybill(waybill_body(session, code))


def packing_list_of_waybill(session: Session, code: str) -> Paper:
    """What is on the truck."""
    body = waybill_body(session, code)
    return forms.packing_list({
        **body, "created_at": _local(body["issued_at"]), "warehouse_zh": body["from_zh"],
        "target_zh": "；".join(stop["place_zh"] for stop in body["stops"]), "reason": body["basis"],
    })


def stock_card_paper(session: Session, lot: str, place: str) -> Paper:
    """A lot's card at a place, oldest line first as on the wall."""
    card = stock_card(session, lot, place, limit=500)
    rows = [{**row, "at": _local(row["at"])} for row in reversed(card["rows"])]
    body = {**card, "rows": rows}
    return forms.stock_card({**body, "content_hash": content_hash(body)})


def certificate_paper(session: Session, code: str) -> Paper:
    """The certificate of a gift, with the goods it came as."""
    gift = get_donation(session, code)
    lots = session.execute(
        select(LotRow.code, ItemRow.name_zh, ItemRow.name_en, func.sum(MovementRow.quantity))
        .join(ItemRow, ItemRow.code == LotRow.item_code)
        .join(MovementRow, MovementRow.lot_code == LotRow.code)
        .where(LotRow.donation == code, MovementRow.reason == "receipt")
        .group_by(LotRow.code, ItemRow.name_zh, ItemRow.name_en).order_by(LotRow.code)
    )
    body = {
        "code": gift.code, "donor": gift.donor, "amount_fen": gift.amount_fen,
        "designation": gift.designation, "received_on": gift.received_on.isoformat(),
        "lines": [{"lot": lot, "item_zh": zh, "item_en": en, "quantity": int(n)} for lot, zh, en, n in lots],
    }
    return forms.donation_certificate({**body, "content_hash": content_hash(body)})
