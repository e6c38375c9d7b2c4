"""A truck does not get there: called off, broken down, going on, or its load back in a warehouse.

What it was to bring counts as not coming from that moment on, so that the next draft of the
situation plans it again; trucks that are loaded or under way stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from dispatch.accounts.rights import roles_of
from dispatch.alerts.situations import get_row as get_situation
from dispatch.audit.store import Act, record
from dispatch.db import reading, retried, transaction
from dispatch.errors import Conflict, InvalidInput, NotFound, Refused
from dispatch.flow.deliver import check_hands, waybill_movement
from dispatch.flow.follow import Followed, follow_up
from dispatch.flow.model import Way
from dispatch.inventory.book import append_movements, warehouse_place
from dispatch.inventory.service import Claim, release_part
from dispatch.inventory.store import list_warehouses
from dispatch.notices.model import Audience, Kind, Notice, Subject, Urgency
from dispatch.notices.store import post
from dispatch.proposals.store import get_row as get_proposal_row
from dispatch.waybills.model import WaybillStatus
from dispatch.waybills.receipts import list_receipts
from dispatch.waybills.store import get_row, move
from dispatch.waybills.tables import WaybillRow
from dispatch.words import Words

MOST_WORDS = 500
MAY_CALL_OFF = roles_of("waybill.call_off")


@dataclass(frozen=True, slots=True)
class Halt:
    """One waybill that is stopped: why, by whom, when."""

    code: str
    why: str
    actor: str
    now: datetime


def call_off(engine: Engine, code: str, why: str, way: Way) -> None:
    """A waybill whose truck has not left is called off: its stock is free again, its truck too.

    Raises ``Refused`` (role), ``Conflict`` (the truck has left), ``InvalidInput`` (no reason).
    """
    def work(session: Session, row: WaybillRow, halt: Halt) -> None:
        check_hands(session, halt.actor, MAY_CALL_OFF)
        if row.status == WaybillStatus.STRANDED:
            raise Conflict(
                f"The goods of {row.code} are on its truck; they cannot be called off.",
                remedy="Let it go on, or book its load back into a warehouse.",
                zh=f"运单 {row.code} 的物资在车上，不能取消。", remedy_zh="请登记恢复行驶，或将物资退入仓库。",
            )
        _cancel(session, row, halt)

    _step(engine, (code, why), way, work)


def break_down(engine: Engine, code: str, why: str, way: Way) -> None:
    """The truck is broken: one that has not left is called off, one under way keeps its load where it stands.

    The truck is not planned again for as long as the tracking rule says.
    """
    def work(session: Session, row: WaybillRow, halt: Halt) -> None:
        was = row.status
        move(session, row, WaybillStatus.STRANDED, Act(halt.actor, "waybill.broken", row.code, halt.why), halt.now)
        if was == WaybillStatus.ISSUED:
            _cancel(session, row, halt)
        _tell_broken(session, row, halt)

    _step(engine, (code, why), way, work)


def go_on(engine: Engine, code: str, why: str, way: Way) -> None:
    """A broken-down truck drives again, or another carries its load on: what it brings is coming again."""
    def work(session: Session, row: WaybillRow, halt: Halt) -> None:
        if row.status != WaybillStatus.STRANDED:
            raise Refused(
                f"The truck of {row.code} is not broken down.", remedy="Open the waybill to see where it stands.",
                zh=f"运单 {row.code} 的车辆没有登记故障。", remedy_zh="请打开运单查看状态。",
            )
        move(session, row, WaybillStatus.DEPARTED, Act(halt.actor, "waybill.goes_on", row.code, halt.why), halt.now)

    _step(engine, (code, why), way, work)


def take_back(engine: Engine, code: str, warehouse: str, why: str, way: Way) -> None:
    """What is still on the truck stands in a warehouse now, where the next draft may use it.

    Raises ``NotFound`` for a warehouse that there is not, ``Conflict`` when nothing is on the road.
    """
    def work(session: Session, row: WaybillRow, halt: Halt) -> None:
        if warehouse not in {w.code for w in list_warehouses(session)}:
            raise NotFound(f"There is no warehouse {warehouse}.", remedy="Choose one from the list.",
                           zh=f"没有编号为 {warehouse} 的仓库。", remedy_zh="请从列表中选择仓库。")
        move(session, row, WaybillStatus.RETURNED, Act(halt.actor, "waybill.returned", row.code, halt.why), halt.now)
        steps = [
            replace(
                waybill_movement(row.code, line, (f"transit:{row.code}", warehouse_place(warehouse), line["quantity"]),
                                 (halt.actor, halt.now), "transfer"),
                idempotency_key=f"{row.code}:{line['id']}:back",
            )
            for line in still_on(session, row)
        ]
        append_movements(session, steps, halt.now)

    _step(engine, (code, why), way, work)


def replan(engine: Engine, situation: str, way: Way) -> Followed:
    """Ask for a new draft of a situation as everything stands now; nothing is asked twice for one state."""
    with reading(engine) as session:
        code = get_situation(session, situation).code
    return follow_up(engine, code, replace(way, draft=True))


def situation_of(session: Session, code: str) -> str:
    """The situation a waybill's plan was made for."""
    return get_proposal_row(session, get_row(session, code).proposal).situation


def still_on(session: Session, row: WaybillRow) -> list[Mapping[str, Any]]:
    """The lines of a waybill for stops that have not signed."""
    signed = {receipt.county for receipt in list_receipts(session, row.code)}
    return [line for line in json.loads(row.body)["lines"] if line["to"] not in signed]


@retried
def _step(engine: Engine, asked: tuple[str, str], way: Way, work: Callable[[Session, WaybillRow, Halt], None]) -> None:
    code, why = asked
    with transaction(engine) as session:
        check_hands(session, way.actor)
        if not 0 < len(why.strip()) <= MOST_WORDS:
            raise InvalidInput(
                f"Say why, in 1 to {MOST_WORDS} characters.", remedy="Write what happened and where.",
                zh=f"请填写原因（1 至 {MOST_WORDS} 字）。", remedy_zh="请写明发生了什么、在哪里。",
            )
        row = get_row(session, code, lock=True)
        halt = Halt(code, why.strip(), way.actor, way.clock.now())
        work(session, row, halt)
        record(session, Act(way.actor, f"waybill.{row.status}", code, halt.why), halt.now)


def _cancel(session: Session, row: WaybillRow, halt: Halt) -> None:
    move(session, row, WaybillStatus.CANCELLED, Act(halt.actor, "waybill.cancelled", row.code, halt.why), halt.now)
    body = json.loads(row.body)
    release_part(session, row.proposal, [Claim(body["from"], line["lot"], line["quantity"]) for line in body["lines"]])


def _tell_broken(session: Session, row: WaybillRow, halt: Halt) -> None:
    body = json.loads(row.body)
    words = Words("notice.truck_broken", f"{body['vehicle']}（运单 {row.code}）故障：{halt.why}",
                  f"{body['vehicle']} (waybill {row.code}) broke down: {halt.why}")
    audience = Audience(str(body["stops"][0]["place"]), "county", "storekeeper")
    post(session, Notice(audience, Kind.ESCALATION, Subject(row.code, f"/waybills/{row.code}"), words, Urgency.NOW,
                         f"broken:{row.code}:{halt.now.isoformat()}"), halt.now)
