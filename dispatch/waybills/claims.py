"""Claims: a difference at a receipt stays open until it is explained, then settled or written off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.accounts.rights import roles_of
from dispatch.accounts.store import get_account
from dispatch.db import add_once
from dispatch.errors import Conflict, InvalidInput, NotFound, Refused
from dispatch.inventory.tables import ItemRow
from dispatch.waybills.receipts import Receipt
from dispatch.waybills.tables import ClaimEventRow, ClaimRow

MOST_WORDS = 500


class ClaimState(StrEnum):
    """Where a claim stands."""

    OPEN = "open"
    EXPLAINED = "explained"
    SETTLED = "settled"
    WRITTEN_OFF = "written_off"


MOVES: dict[ClaimState, frozenset[ClaimState]] = {
    ClaimState.OPEN: frozenset({ClaimState.EXPLAINED}),
    ClaimState.EXPLAINED: frozenset({ClaimState.SETTLED, ClaimState.WRITTEN_OFF}),
    ClaimState.SETTLED: frozenset(),
    ClaimState.WRITTEN_OFF: frozenset(),
}
MAY: dict[ClaimState, tuple[str, ...]] = {
    ClaimState.EXPLAINED: roles_of("claim.work"),
    ClaimState.SETTLED: roles_of("claim.settle"),
    ClaimState.WRITTEN_OFF: roles_of("claim.write_off"),
}


@dataclass(frozen=True, slots=True)
class ClaimStep:
    """A step as it is asked for: the new state, why, and the key that makes it count once."""

    target: ClaimState
    words: str
    submit_key: str


def open_claims(session: Session, receipt: Receipt) -> list[str]:
    """One claim for each line that did not arrive whole; one whose reason the consignee gave is
    explained at once.  Answers their codes."""
    codes = []
    for line in receipt.lines:
        if not line["damaged"] + line["short"]:
            continue
        code = f"CL{receipt.waybill.removeprefix('WB')}-{line['id']}"
        state = ClaimState.EXPLAINED if line["why"] else ClaimState.OPEN
        session.add(ClaimRow(
            code=code, receipt=receipt.id, waybill=receipt.waybill, line=line["id"], item=line["item"], lot=line["lot"],
            county=receipt.county, damaged=line["damaged"], short=line["short"], state=state.value, opened_at=receipt.recorded_at,
        ))
        session.flush()
        _write(session, code, (receipt.actor, receipt.recorded_at), ClaimStep(ClaimState.OPEN, "", f"open:{code}"))
        if line["why"]:
            _write(session, code, (receipt.actor, receipt.recorded_at),
                   ClaimStep(ClaimState.EXPLAINED, line["why"], f"why:{code}"))
        codes.append(code)
    return codes


def move_claim(session: Session, code: str, step: ClaimStep, actor: str, now: datetime) -> bool:
    """Move a claim on; False when this very step was taken before.

    Raises ``NotFound``, ``Refused`` (role; writing off what one explained oneself), ``Conflict``
    (not from this state), ``InvalidInput`` (no words).
    """
    row = session.get(ClaimRow, code, with_for_update=True)
    if row is None:
        raise NotFound(f"There is no claim {code}.", remedy="Open it from the list of claims.",
                       zh=f"没有编号为 {code} 的差异单。", remedy_zh="请从差异单列表打开。")
    key = f"{code}:{step.submit_key}"
    if session.scalar(select(ClaimEventRow.id).where(ClaimEventRow.submit_key == key)) is not None:
        return False
    _check_step(session, row, step, actor)
    row.state = step.target.value
    _write(session, code, (actor, now), ClaimStep(step.target, step.words.strip(), key))
    session.flush()
    return True


def _check_step(session: Session, row: ClaimRow, step: ClaimStep, actor: str) -> None:
    role = get_account(session, actor)["role"]
    if role not in MAY.get(step.target, ()):
        wanted = " or ".join(MAY.get(step.target, ("nobody",)))
        raise Refused(
            f"The role {role} may not do this to a claim.", remedy=f"Ask a person with the role {wanted}.",
            zh=f"角色 {role} 无权办理此步骤。", remedy_zh="请由有相应权限的人员办理。",
        )
    if step.target not in MOVES[ClaimState(row.state)]:
        raise Conflict(
            f"Claim {row.code} is {row.state}; it cannot become {step.target}.", remedy="Reload the page to see what was done.",
            zh=f"差异单 {row.code} 当前状态为 {row.state}，不能改为 {step.target}。", remedy_zh="请刷新页面查看办理情况。",
        )
    if not 0 < len(step.words.strip()) <= MOST_WORDS or not 0 < len(step.submit_key) <= 60:
        raise InvalidInput(
            f"Say why, in 1 to {MOST_WORDS} characters.", remedy="Write what happened or how it was settled.",
            zh=f"请填写说明（1 至 {MOST_WORDS} 字）。", remedy_zh="请写明原因或处理结果。",
        )
    explained_by = session.scalar(
        select(ClaimEventRow.actor)
        .where(ClaimEventRow.claim == row.code, ClaimEventRow.state == ClaimState.EXPLAINED.value)
        .order_by(ClaimEventRow.id.desc()).limit(1)
    )
    if step.target is ClaimState.WRITTEN_OFF and explained_by == actor:
        raise Refused(
            f"{actor} explained this difference and cannot write it off as well.", remedy="Ask a second approver.",
            zh=f"{actor} 已说明此差异，不能再由本人核销。", remedy_zh="请由另一位审批人核销。",
        )


def _write(session: Session, code: str, who: tuple[str, datetime], step: ClaimStep) -> None:
    actor, at = who
    add_once(session, ClaimEventRow, claim=code, at=at, actor=actor, state=step.target.value,
             words=step.words, submit_key=step.submit_key)


def list_claims(session: Session, waybill: str | None = None) -> list[dict[str, Any]]:
    """Every claim (of one waybill) with its steps, those that wait for somebody first, oldest first."""
    query = select(ClaimRow, ItemRow).join(ItemRow, ItemRow.code == ClaimRow.item).order_by(ClaimRow.opened_at, ClaimRow.code)
    rows = session.execute(query.where(ClaimRow.waybill == waybill) if waybill else query).all()
    steps = _steps(session, [claim.code for claim, _item in rows])
    order = list(ClaimState)
    return sorted(
        (
            {
                "code": c.code, "waybill": c.waybill, "line": c.line, "item": c.item, "item_zh": i.name_zh,
                "item_en": i.name_en, "unit_zh": i.unit_zh, "unit_en": i.unit_en, "lot": c.lot, "county": c.county,
                "damaged": c.damaged, "short": c.short, "state": c.state, "opened_at": c.opened_at.isoformat(),
                "steps": steps.get(c.code, []), "next": sorted(MOVES[ClaimState(c.state)]),
            }
            for c, i in rows
        ),
        key=lambda claim: order.index(ClaimState(claim["state"])),
    )


def get_claim(session: Session, code: str) -> dict[str, Any]:
    """One claim as in the list."""
    row = session.get(ClaimRow, code)
    found = [c for c in list_claims(session, row.waybill) if c["code"] == code] if row else []
    if not found:
        raise NotFound(f"There is no claim {code}.", remedy="Open it from the list of claims.",
                       zh=f"没有编号为 {code} 的差异单。", remedy_zh="请从差异单列表打开。")
    return found[0]


def _steps(session: Session, codes: Sequence[str]) -> Mapping[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    rows = session.scalars(select(ClaimEventRow).where(ClaimEventRow.claim.in_(codes)).order_by(ClaimEventRow.id))
    for r in rows:
        found.setdefault(r.claim, []).append(
            {"at": r.at.isoformat(), "actor": r.actor, "state": r.state, "words": r.words}
        )
    return found
