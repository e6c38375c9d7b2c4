"""A truck leaves: waybill and ledger move together; what receipt and return share with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from dispatch.accounts.rights import roles_of
from dispatch.accounts.store import get_account
from dispatch.audit.store import Act, record
from dispatch.clock import Clock
from dispatch.db import retried, transaction
from dispatch.errors import Conflict, Refused
from dispatch.inventory.book import append_movements, warehouse_place
from dispatch.inventory.model import Movement
from dispatch.inventory.service import Claim, take_reserved
from dispatch.plans.store import meet
from dispatch.proposals.store import get_row as get_proposal_row
from dispatch.waybills.model import WaybillStatus
from dispatch.waybills.store import get_row, move

HANDS = roles_of("waybill.work")
REASONS = {"transit": "issue", "recipient": "delivery", "wh": "transfer", "loss": "shortage"}


def check_hands(session: Session, actor: str, roles: tuple[str, ...] = HANDS) -> None:
    """``Refused`` for a role that may not move goods, or is not one of the roles asked for."""
    role = get_account(session, actor)["role"]
    if role not in roles:
        raise Refused(
            f"The role {role} may not move goods.",
            remedy="Log in as one of: " + ", ".join(roles) + ".",
            zh=f"角色 {role} 不能办理物资交接。",
            remedy_zh="请用有权限的账号登录（库管、值班或审批人员）。",
        )


@retried
def depart(engine: Engine, code: str, actor: str, clock: Clock) -> None:
    """The truck is loaded and leaves: reserved stock moves from warehouse into transit."""
    with transaction(engine) as session:
        check_hands(session, actor)
        row, now = get_row(session, code, lock=True), clock.now()
        body = json.loads(row.body)
        if row.status == WaybillStatus.STRANDED:
            raise Conflict(
                f"The truck of {code} broke down on the way; its goods are on it already.",
                remedy="Use “goes on” on its page.", zh=f"运单 {code} 的车辆在途中故障，物资已在车上。",
                remedy_zh="请在运单页使用“恢复行驶”。",
            )
        move(session, row, WaybillStatus.DEPARTED, Act(actor, "waybill.depart", code), now)
        claims = [Claim(body["from"], line["lot"], line["quantity"]) for line in body["lines"]]
        target = f"transit:{code}"
        pieces = take_reserved(session, row.proposal, claims)
        steps = [
            replace(
                waybill_movement(code, body["lines"][number], (place, target, units), (actor, now)),
                idempotency_key=f"{code}:{body['lines'][number]['id']}:{place}",
            )
            for number, place, units in pieces
        ]
        append_movements(session, steps, now)
        meet(session, get_proposal_row(session, row.proposal).situation, "goods_on_road", actor, now)
        record(session, Act(actor, "waybill.depart", code), now)


def place_of(line: Mapping[str, Any]) -> str:
    """Where a line of a waybill goes: the recipient's county, or the warehouse it is pre-positioned in."""
    site = line.get("to_warehouse")
    return warehouse_place(site) if site else f"recipient:{line['to']}"


def waybill_movement(
    code: str, line: Mapping[str, Any], leg: tuple[str, str, int], who: tuple[str, datetime], reason: str = ""
) -> Movement:
    """One fact of a waybill's line; ``leg`` is from, to, units and ``who`` the actor and the hour it happened."""
    source, target, quantity = leg
    kind = target.partition(":")[0]
    return Movement(
        lot_code=line["lot"],
        quantity=quantity,
        from_place=source,
        to_place=target,
        occurred_at=who[1],
        reason=reason or REASONS[kind],
        actor=who[0],
        document=code,
        idempotency_key=f"{code}:{line['id']}:{reason or kind}",
    )
