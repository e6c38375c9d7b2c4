"""Waybill rows: issue, lock, move on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dispatch.audit.store import Act
from dispatch.clock import Clock
from dispatch.errors import Conflict, NotFound
from dispatch.proposals.snapshot import canonical, content_hash
from dispatch.waybills.model import TRANSITIONS, WaybillStatus
from dispatch.waybills.tables import WaybillEventRow, WaybillRow


def add(session: Session, body: dict[str, Any], actor: str, clock: Clock) -> str:
    """Issue one waybill; returns its code."""
    row = WaybillRow(
        code=body["code"],
        proposal=body["proposal"],
        status=WaybillStatus.ISSUED.value,
        issued_at=clock.now(),
        issued_by=actor,
        body=canonical(body),
        content_hash=content_hash(body),
    )
    session.add(row)
    session.flush()
    return row.code


def get_row(session: Session, code: str, *, lock: bool = False) -> WaybillRow:
    """The row, locked for a change when asked; ``NotFound`` with a remedy."""
    row = session.get(WaybillRow, code, with_for_update=lock or None)
    if row is None:
        raise NotFound(
            f"There is no waybill {code}.",
            remedy="Check the number on the paper, or scan its code again.",
            zh=f"没有编号为 {code} 的运单。",
            remedy_zh="请核对纸面编号，或重新扫码。",
        )
    return row


def move(session: Session, row: WaybillRow, target: WaybillStatus, act: Act, now: datetime) -> None:
    """Move a waybill on; ``Conflict`` when its table of moves does not allow it."""
    if target not in TRANSITIONS[WaybillStatus(row.status)]:
        raise Conflict(
            f"Waybill {row.code} is {row.status}; it cannot become {target}.",
            remedy="Open the waybill to see when and by whom it was moved on.",
            zh=f"运单 {row.code} 当前状态为 {row.status}，不能改为 {target}。",
            remedy_zh="请打开运单查看是谁在何时办理的。",
        )
    row.status = target.value
    session.add(
        WaybillEventRow(
            waybill=row.code,
            at=now,
            actor=act.actor,
            status=target.value,
            detail=act.detail,
        )
    )
    session.flush()
