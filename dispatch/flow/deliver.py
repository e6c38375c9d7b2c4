"""A truck leaves, a truck arrives: waybill and ledger move together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from dispatch.accounts.store import get_account
from dispatch.audit.store import Act, record
from dispatch.clock import Clock
from dispatch.db import retried, transaction
from dispatch.errors import InvalidInput, Refused
from dispatch.inventory.book import append_movements, warehouse_place
from dispatch.inventory.model import Movement
from dispatch.inventory.service import Claim, take_reserved
from dispatch.plans.store import meet
from dispatch.proposals.store import get_row as get_proposal_row
from dispatch.waybills.model import WaybillStatus
from dispatch.waybills.store import get_row, move, received_at

HANDS = ("storekeeper", "planner", "approver", "administrator")


def _check_hands(account: Mapping[str, Any]) -> None:
    if account["role"] not in HANDS:
        raise Refused(
            f"The role {account['role']} may not move goods.",
            remedy="Log in as a storekeeper.",
            zh=f"角色 {account['role']} 不能办理物资交接。",
            remedy_zh="请用库管员账号登录。",
        )


@retried
def depart(engine: Engine, code: str, actor: str, clock: Clock) -> None:
    """The truck is loaded and leaves: reserved stock moves from warehouse into transit."""
    with transaction(engine) as session:
        _check_hands(get_account(session, actor))
        row = get_row(session, code, lock=True)
        body = json.loads(row.body)
        move(session, row, WaybillStatus.DEPARTED, Act(actor, "waybill.depart", code), clock)
        claims = [Claim(body["from"], line["lot"], line["quantity"]) for line in body["lines"]]
        target = f"transit:{code}"
        pieces = take_reserved(session, row.proposal, claims)
        steps = [
            replace(
                _movement(code, body["lines"][number], (place, target, units), actor, clock),
                idempotency_key=f"{code}:{body['lines'][number]['id']}:{place}",
            )
            for number, place, units in pieces
        ]
        append_movements(session, steps, clock.now())
        meet(session, get_proposal_row(session, row.proposal).situation, "goods_on_road", actor, clock.now())
        record(session, Act(actor, "waybill.depart", code), clock.now())


@retried
def receive(
    engine: Engine, code: str, actor: str, received: Mapping[str, int], clock: Clock
) -> datetime | None:
    """The consignee signs: what arrived goes to the recipient (pre-positioned goods into the
    site's stock), what is missing to loss.

    ``received`` maps a line id to units received; a line left out counts as whole.
    A waybill received before is left alone; the answer is then when that was.
    """
    with transaction(engine) as session:
        _check_hands(get_account(session, actor))
        row = get_row(session, code, lock=True)
        before = received_at(session, code)
        if before is not None:
            return before
        body = json.loads(row.body)
        move(session, row, WaybillStatus.RECEIVED, Act(actor, "waybill.receive", code), clock)
        steps = []
        for line in body["lines"]:
            good = received.get(line["id"], line["quantity"])
            if not 0 <= good <= line["quantity"]:
                raise InvalidInput(
                    f"Line {line['id']} of {code}: {good} received, but {line['quantity']} were sent.",
                    remedy="Count again; surplus goods are booked in as a receipt of their own.",
                    zh=f"运单 {code} 第 {line['id']} 行：收到 {good}，但只发出 {line['quantity']}。",
                    remedy_zh="请重新清点；多出的物资应另行办理入库。",
                )
            transit = f"transit:{code}"
            site = line.get("to_warehouse")
            target = warehouse_place(site) if site else f"recipient:{line['to']}"
            ends = ((target, good), (f"loss:{code}", line["quantity"] - good))
            steps += [
                _movement(code, line, (transit, end, quantity), actor, clock)
                for end, quantity in ends
                if quantity
            ]
        append_movements(session, steps, clock.now())
        meet(session, get_proposal_row(session, row.proposal).situation, "goods_there", actor, clock.now())
        record(session, Act(actor, "waybill.receive", code), clock.now())
        return None


def _movement(
    code: str, line: Mapping[str, Any], leg: tuple[str, str, int], actor: str, clock: Clock
) -> Movement:
    source, target, quantity = leg
    kind = target.partition(":")[0]
    return Movement(
        lot_code=line["lot"],
        quantity=quantity,
        from_place=source,
        to_place=target,
        occurred_at=clock.now(),
        reason={"transit": "issue", "recipient": "delivery", "wh": "transfer", "loss": "shortage"}[kind],
        actor=actor,
        document=code,
        idempotency_key=f"{code}:{line['id']}:{kind}",
    )
