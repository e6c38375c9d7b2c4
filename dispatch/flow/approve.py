"""From a decision to reservations, waybills and the audit record, in one transaction."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from dispatch.accounts.store import get_account
from dispatch.audit.store import Act, record
from dispatch.clock import Clock
from dispatch.db import retried, transaction
from dispatch.errors import Conflict
from dispatch.flow.send import send_teams
from dispatch.inventory.rules import load_rules
from dispatch.inventory.service import Claim, release_expired, reserve
from dispatch.proposals import store
from dispatch.proposals.approval import Asked, find_refusal
from dispatch.proposals.model import ProposalStatus
from dispatch.proposals.tables import ProposalRow
from dispatch.waybills.issue import make_bodies
from dispatch.waybills.queries import list_away
from dispatch.waybills.store import add as add_waybill


@retried
def submit(engine: Engine, code: str, actor: str, clock: Clock) -> None:
    """Hand a draft to the approvers."""
    with transaction(engine) as session:
        _decide(session, code, _asked(session, actor, ProposalStatus.SUBMITTED), clock)


@retried
def approve(engine: Engine, code: str, actor: str, seen_hash: str, clock: Clock) -> list[str]:
    """Approve as a second person: reserves every lot or none, sends the teams, issues the waybills.

    Returns the waybill codes.  Raises ``Refused`` (role, own submission or edit),
    ``Conflict`` (state, another body seen, a truck or team that is out) or ``NotEnoughStock`` (stock moved on).
    """
    with transaction(engine) as session:
        asked = _asked(session, actor, ProposalStatus.APPROVED, seen_hash)
        _row, body = _decide(session, code, asked, clock)
        now = clock.now()
        _check_trucks(session, body, now)
        claims = [Claim(line["from"], line["lot"], line["quantity"]) for line in body["lines"]]
        release_expired(session, now)
        reserve(session, claims, code, now, now + load_rules().promise)
        send_teams(session, body, actor, now)
        return [add_waybill(session, waybill, actor, clock) for waybill in make_bodies(body)]


def _check_trucks(session: Session, body: dict[str, Any], at: datetime) -> None:
    """``Conflict`` when a truck of the plan is loaded or on the road for another one by now."""
    away = {truck.vehicle: truck.waybill for truck in list_away(session, at)}
    taken = sorted(r["vehicle"] for r in body["routes"] if r["vehicle"] in away)
    if taken:
        zh = "、".join(f"{code}（{away[code]}）" for code in taken[:5])
        en = ", ".join(f"{code} ({away[code]})" for code in taken[:5])
        raise Conflict(
            f"{len(taken)} truck(s) of this plan are out for another one: {en}.",
            remedy="Return the proposal and solve it again; other trucks will be taken.",
            zh=f"本方案有 {len(taken)} 辆车已派给其他运单：{zh}。", remedy_zh="请退回后重新计算，系统将改派其他车辆。",
            facts={"vehicles": taken},
        )


@retried
def send_back(engine: Engine, code: str, actor: str, comment: str, clock: Clock) -> None:
    """Return a submitted proposal with a word why."""
    with transaction(engine) as session:
        row = store.get_row(session, code)
        asked = _asked(session, actor, ProposalStatus.RETURNED, row.body_hash)
        _decide(session, code, asked, clock, comment)


def _asked(
    session: Session, actor: str, target: ProposalStatus, seen_hash: str | None = None
) -> Asked:
    return Asked(actor, get_account(session, actor)["role"], target, seen_hash)


def _decide(
    session: Session, code: str, asked: Asked, clock: Clock, comment: str = ""
) -> tuple[ProposalRow, dict[str, Any]]:
    row = store.get_row(session, code, lock=True)
    body = json.loads(row.body)
    refusal = find_refusal(store.standing_of(row, body), asked)
    if refusal is not None:
        raise refusal
    store.move(session, row, asked, clock.now(), comment)
    record(session, Act(asked.actor, f"proposal.{asked.target}", code, comment), clock.now())
    return row, body
