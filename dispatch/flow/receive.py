"""A stop counts and signs: receipt, ledger, claims and waybill move together, each stop once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from dispatch.audit.store import Act, record
from dispatch.clock import Clock, clock_words
from dispatch.db import retried, transaction
from dispatch.errors import Conflict, InvalidInput
from dispatch.flow.deliver import check_hands, place_of, waybill_movement
from dispatch.inventory.book import append_movements
from dispatch.notices.model import Audience, Kind, Notice, Subject, Urgency
from dispatch.notices.store import post
from dispatch.plans.store import meet
from dispatch.proposals.store import get_row as get_proposal_row
from dispatch.waybills.claims import open_claims
from dispatch.waybills.model import ON_ROAD, WaybillStatus
from dispatch.waybills.receipts import (
    Receipt,
    Signed,
    add_receipt,
    check_signed,
    counted,
    list_receipts,
)
from dispatch.waybills.store import get_row, move
from dispatch.waybills.tables import WaybillRow
from dispatch.words import Words


@dataclass(frozen=True, slots=True)
class Outcome:
    """What signing came to: the receipts that stand, the claims opened, and whether any is new
    (False: all of it was signed before, nothing was booked again)."""

    receipts: tuple[Receipt, ...]
    claims: tuple[str, ...]
    is_new: bool


@retried
def sign(engine: Engine, code: str, signed: Signed, actor: str, clock: Clock) -> Outcome:
    """Book what a stop received: good units to the recipient (pre-positioned goods into the site's
    stock), damaged ones to the site's quarantine or to loss, missing ones to loss, each difference
    as a claim.  The last stop closes the waybill.

    The same receipt sent again books nothing.  Raises ``Refused`` (role), ``NotFound``,
    ``InvalidInput`` (figures, no such stop), ``Conflict`` (not on the road; signed before with
    other figures).
    """
    with transaction(engine) as session:
        check_hands(session, actor)
        row = get_row(session, code, lock=True)
        body = json.loads(row.body)
        check_signed(signed, clock.now())
        counties = [signed.county] if signed.county else [stop["place"] for stop in body["stops"]]
        before = {receipt.county: receipt for receipt in list_receipts(session, code)}
        if all(county in before for county in counties):
            return _again(code, body, signed, [before[county] for county in counties])
        _check_on_road(row)
        _check_stop(code, body, counties)
        return _book(session, (row, body), signed, [c for c in counties if c not in before], (actor, clock.now()))


def _again(code: str, body: Mapping[str, Any], signed: Signed, before: list[Receipt]) -> Outcome:
    """What was signed before; ``Conflict`` when this time one stop was counted otherwise."""
    for receipt in before if signed.county else ():
        lines = counted(code, _lines_to(body, receipt.county), signed.differences)
        if [_figures(line) for line in lines] != [_figures(line) for line in receipt.lines]:
            at = clock_words(receipt.said_at, signed.said_at)
            raise Conflict(
                f"{code} was signed for at {at} by {receipt.signed_by} with other figures.",
                remedy="Both counts are wanted: open the waybill, and tell the duty desk of yours.",
                zh=f"运单 {code} 已由 {receipt.signed_by} 于 {at} 签收，数量与本次不同。",
                remedy_zh="请打开运单核对，并把您的清点结果报告值班室。",
            )
    return Outcome(tuple(before), (), is_new=False)


def _figures(line: Mapping[str, Any]) -> tuple[object, ...]:
    return (line["id"], line["good"], line["damaged"], line["short"])


def _lines_to(body: Mapping[str, Any], county: str) -> list[Mapping[str, Any]]:
    return [line for line in body["lines"] if line["to"] == county]


def _check_on_road(row: WaybillRow) -> None:
    if WaybillStatus(row.status) not in ON_ROAD:
        raise Conflict(
            f"Waybill {row.code} is {row.status}; its truck has not been sent off.",
            remedy="Have the sending warehouse book the departure first, then sign.",
            zh=f"运单 {row.code} 当前状态为 {row.status}，尚未登记发车。", remedy_zh="请先由发货仓库登记发车，再签收。",
        )


def _check_stop(code: str, body: Mapping[str, Any], counties: list[str]) -> None:
    stops = {stop["place"] for stop in body["stops"]}
    strange = [county for county in counties if county not in stops]
    if strange:
        raise InvalidInput(
            f"Waybill {code} does not stop at {strange[0]}.", remedy="Check the number on the paper.",
            zh=f"运单 {code} 没有 {strange[0]} 这一站。", remedy_zh="请核对纸面编号。",
        )


def _book(
    session: Session, waybill: tuple[WaybillRow, dict[str, Any]], signed: Signed, counties: list[str], who: tuple[str, datetime]
) -> Outcome:
    (row, body), (actor, now) = waybill, who
    lines = {county: _lines_to(body, county) for county in counties}
    counts = counted(row.code, [line for of in lines.values() for line in of], signed.differences)
    of = {line["id"]: line for line in counts}
    receipts, claims = [], []
    for county in counties:
        kept = add_receipt(session, row.code, replace(signed, county=county), [of[line["id"]] for line in lines[county]], who)
        if kept is None:
            raise Conflict(
                "This receipt's key was used for another one.", remedy="Reload the page and sign again.",
                zh="此签收的提交编号已用于另一份签收。", remedy_zh="请刷新页面后重新签收。",
            )
        receipts.append(kept)
        claims += open_claims(session, kept)
    steps = [step for county in counties for line in lines[county] for step in _steps(row.code, line, of[line["id"]], (actor, signed.said_at))]
    append_movements(session, steps, now)
    situation = get_proposal_row(session, row.proposal).situation
    meet(session, situation, "goods_there", actor, signed.said_at)
    _close_when_done(session, row, body, who)
    for receipt in receipts:
        record(session, Act(actor, "waybill.receive", row.code, f"{receipt.county} {receipt.signed_by}"), now)
    if claims:
        _tell_difference(session, (row, body), claims, now)
    return Outcome(tuple(receipts), tuple(claims), is_new=True)


def _steps(
    code: str, line: Mapping[str, Any], count: Mapping[str, Any], who: tuple[str, datetime]
) -> Iterator[Any]:
    site = line.get("to_warehouse")
    ends = (
        (place_of(line), count["good"], ""),
        (f"quarantine:{site}" if site else f"loss:{code}", count["damaged"], "damage"),
        (f"loss:{code}", count["short"], "shortage"),
    )
    for place, units, reason in ends:
        if units:
            yield waybill_movement(code, line, (f"transit:{code}", place, units), who, reason)


def _close_when_done(session: Session, row: WaybillRow, body: Mapping[str, Any], who: tuple[str, datetime]) -> None:
    actor, now = who
    signed = {receipt.county for receipt in list_receipts(session, row.code)}
    if signed >= {stop["place"] for stop in body["stops"]}:
        move(session, row, WaybillStatus.RECEIVED, Act(actor, "waybill.receive", row.code), now)


def _tell_difference(session: Session, waybill: tuple[WaybillRow, Mapping[str, Any]], claims: list[str], now: datetime) -> None:
    """The sender and the duty desk hear of it at once."""
    row, body = waybill
    words = Words(
        "notice.difference",
        f"运单 {row.code}（{body['vehicle']}）签收有差异，{len(claims)} 行待说明",
        f"Waybill {row.code} ({body['vehicle']}): {len(claims)} line(s) did not arrive as sent and need explaining",
    )
    place = str(body["stops"][0]["place"])
    post(session, Notice(Audience(place, "county", "storekeeper"), Kind.WORK, Subject(row.code, f"/waybills/{row.code}"),
                         words, Urgency.SOON, f"difference:{claims[0]}"), now)
