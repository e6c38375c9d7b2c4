"""Receive, inspect, put away, issue, take back: documents done in one step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from dispatch.clock import to_local
from dispatch.errors import InvalidInput
from dispatch.inventory.book import append_movements, warehouse_place
from dispatch.inventory.fefo import Use, pick, refuse_unfit
from dispatch.inventory.model import Lot, Movement, StockLine
from dispatch.inventory.store import list_items, lots_at, save_lots, set_inspection
from dispatch.money.store import save_donation
from dispatch.money.tables import DonationRow
from dispatch.operations.forms import Faults, check_lines, check_recipients
from dispatch.operations.store import Work

SOURCES = {"purchase": "supplier", "donation": "donor", "transfer": "supplier", "handover": "supplier"}


def movement(work: Work, number: str, leg: tuple[str, str, str, int], reason: str) -> Movement:
    """One fact of this document; ``leg`` is lot, from, to, units."""
    lot, source, target, quantity = leg
    return Movement(
        lot_code=lot, quantity=quantity, from_place=source, to_place=target,
        occurred_at=work.at, reason=reason, actor=work.actor, document=work.code,
        idempotency_key=f"{work.code}:{number}",
    )


def checked(work: Work, *needs: str) -> list[dict[str, Any]]:
    """The document's lines, or every fault in them at once."""
    items = {item.code: item for item in list_items(work.session)}
    faults = Faults()
    lines = check_lines(work.body, items, needs, faults)
    faults.raise_if_any()
    return lines


def post_receipt(work: Work) -> None:
    """Goods from outside become lots; what needs inspection goes to quarantine first."""
    lines = checked(work, "item")
    source, party = work.body.get("source", ""), str(work.body.get("party") or "").strip()
    faults = Faults()
    if source not in SOURCES:
        faults.add(f"来源 {source!r} 应为 {'、'.join(SOURCES)}", f"source {source!r} is not one of {', '.join(SOURCES)}")
    if not party:
        faults.add("缺少供应方或捐赠方", "the supplier or donor is missing")
    if source == "donation" and not work.body.get("agreement"):
        faults.add("捐赠入库须填写捐赠协议编号", "a donation needs its agreement")
    faults.raise_if_any()
    if source == "donation":
        work.body["donation"] = _gift(work, party)
    inspect = bool(work.body.get("inspect"))
    place = f"quarantine:{work.warehouse}" if inspect else warehouse_place(work.warehouse)
    steps = []
    lots = []
    for number, line in enumerate(lines, 1):
        lot = _new_lot(work, number, line, (source, party), "pending" if inspect else "passed")
        lots.append(lot)
        leg = (lot.code, f"{SOURCES[source]}:{party[:60]}", place, line["quantity"])
        steps.append(movement(work, str(number), leg, "receipt"))
        line["lot"] = lot.code
    save_lots(work.session, lots)
    append_movements(work.session, steps, work.at)
    work.body["lines"] = lines


def _gift(work: Work, donor: str) -> str:
    """The gift these goods belong to; made here when the form names none that is known."""
    code = str(work.body.get("donation") or f"JW-{work.code.removeprefix('GR-')}")
    save_donation(work.session, DonationRow(
        code=code, donor=donor[:120], is_public=not work.body.get("anonymous"), kind="goods",
        amount_fen=0, designation=work.body.get("designation") or None,
        agreement=str(work.body.get("agreement"))[:120], received_on=to_local(work.at).date(),
        recorded_by=work.actor,
    ))
    return code


def _new_lot(
    work: Work, number: int, line: Mapping[str, Any], origin: tuple[str, str], inspection: str
) -> Lot:
    source, party = origin
    return Lot(
        code=f"{work.code}-{number:02d}",
        item_code=line["item"],
        produced_on=line["produced_on"],
        expires_on=line["expires_on"],
        owner=str(work.body.get("owner") or work.warehouse),
        restriction=line.get("restriction") or None,
        donor=party if source == "donation" else None,
        producer=line.get("producer") or (party if source == "purchase" else None),
        area=line.get("area") or None,
        unit_cost_fen=line.get("unit_cost_fen"),
        inspection=inspection,
        kit_version=line.get("kit_version") or None,
        donation=work.body.get("donation") or None,
    )


def post_inspection(work: Work) -> None:
    """Quarantined goods pass into the store, or are sent back or written off."""
    lines = checked(work, "lot")
    steps = []
    for number, line in enumerate(lines, 1):
        is_good = bool(line.get("passed"))
        target = warehouse_place(work.warehouse) if is_good else f"loss:{work.code}"
        leg = (line["lot"], f"quarantine:{work.warehouse}", target, line["quantity"])
        steps.append(movement(work, str(number), leg, "inspection" if is_good else "rejected"))
    append_movements(work.session, steps, work.at)
    good = {line["lot"] for line in lines if line.get("passed")}
    for lot in sorted({line["lot"] for line in lines}):
        set_inspection(work.session, lot, "passed" if lot in good else "failed")


def post_putaway(work: Work) -> None:
    """From the dock into a bin, or from bin to bin."""
    lines = checked(work, "lot", "to_bin")
    steps = [
        movement(
            work, str(number),
            (line["lot"], warehouse_place(work.warehouse, line.get("from_bin") or ""),
             warehouse_place(work.warehouse, line["to_bin"]), line["quantity"]),
            "putaway",
        )
        for number, line in enumerate(lines, 1)
    ]
    append_movements(work.session, steps, work.at)


def choose(work: Work, lines: list[dict[str, Any]], use: Use) -> list[tuple[str, str, int]]:
    """(lot, place, units) for the lines: named lots are checked, others picked by the one rule."""
    chosen: list[tuple[str, str, int]] = []
    for line in lines:
        left = line["quantity"]
        holdings = lots_at(work.session, work.warehouse, line["item"], line.get("lot"))
        places = {h.line.lot_code: h for h in holdings}
        if line.get("lot") and line["lot"] in places:
            refuse_unfit(places[line["lot"]].line, use)
        taken = pick([h.line for h in holdings], left, use)
        for piece, units in taken:
            left -= units
            chosen += _from_bins(work.session, work.warehouse, piece, units)
        if left:
            raise InvalidInput(
                f"{line['item']}: {line['quantity']} asked, {line['quantity'] - left} usable at {work.warehouse}.",
                remedy="Ask for less, or have goods transferred first.",
                zh=f"{line['item']}：需要 {line['quantity']}，{work.warehouse} 可用 {line['quantity'] - left}。",
                remedy_zh="请减少数量，或先调入物资。",
            )
    return chosen


def _from_bins(
    session: Session, warehouse: str, piece: StockLine, units: int
) -> list[tuple[str, str, int]]:
    found = []
    for holding in lots_at(session, warehouse, piece.lot.item_code, piece.lot_code):
        for place, free in holding.bins:
            take = min(units, free)
            if take:
                found.append((piece.lot_code, place, take))
                units -= take
    return found


def post_issue(work: Work) -> None:
    """Goods leave for a distribution with its list of recipients."""
    lines = checked(work, "item")
    faults = Faults()
    if not work.body.get("county"):
        faults.add("缺少发放地旗县", "the county of the distribution is missing")
    check_recipients(work.body, lines, faults)
    faults.raise_if_any()
    use = Use(str(work.body.get("purpose") or ""), work.body["county"], to_local(work.at).date())
    pieces = choose(work, lines, use)
    steps = [
        movement(work, str(n), (lot, place, f"recipient:{work.body['county']}", units), "issue")
        for n, (lot, place, units) in enumerate(pieces, 1)
    ]
    append_movements(work.session, steps, work.at)
    work.body["picks"] = [{"lot": lot, "place": p, "quantity": n} for lot, p, n in pieces]


def post_return(work: Work) -> None:
    """Goods come back from recipients, into quarantine."""
    lines = checked(work, "lot")
    county = str(work.body.get("county") or "")
    steps = [
        movement(work, str(n), (line["lot"], f"recipient:{county or '-'}",
                                f"quarantine:{work.warehouse}", line["quantity"]), "return")
        for n, line in enumerate(lines, 1)
    ]
    append_movements(work.session, steps, work.at)
