"""From a decision to reservations, waybills and the audit record, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from dispatch.accounts.authority import loans_of
from dispatch.accounts.store import get_account
from dispatch.audit.store import Act, record
from dispatch.clock import Clock, to_local
from dispatch.db import retried, transaction
from dispatch.errors import Conflict, DispatchError, NotEnoughStock, Refused
from dispatch.flow.send import send_teams
from dispatch.flow.stale import short_lines
from dispatch.inventory.rules import load_rules
from dispatch.inventory.service import Claim, release_expired, reserve
from dispatch.inventory.store import list_warehouses
from dispatch.proposals import store
from dispatch.proposals.approval import Asked, Standing, find_refusal
from dispatch.proposals.authority import Reach, grade_of
from dispatch.proposals.model import ProposalStatus
from dispatch.proposals.tables import ProposalRow
from dispatch.teams.store import list_teams
from dispatch.waybills.issue import make_bodies
from dispatch.waybills.queries import list_away, list_waybills
from dispatch.waybills.store import add as add_waybill


@retried
def submit(engine: Engine, code: str, actor: str, clock: Clock) -> None:
    """Hand a draft to the approvers."""
    with transaction(engine) as session:
        _decide(session, code, _asked(session, actor, ProposalStatus.SUBMITTED), clock)


@retried
def approve(engine: Engine, code: str, actor: str, seen_hash: str, clock: Clock) -> list[str]:
    """Approve as a second person: reserves every lot or none, sends the teams, issues the waybills.

    Returns the waybill codes; asked for a second time by who approved it, the same codes, and nothing
    is done twice.  Raises ``Refused`` (role, authority, own submission or edit), ``Conflict`` (state,
    another body seen, a truck or team that is out) or ``NotEnoughStock`` naming the lines (stock moved on).
    """
    with transaction(engine) as session:
        asked = _asked(session, actor, ProposalStatus.APPROVED, seen_hash)
        done = _done_already(session, code, asked)
        if done is not None:
            return done
        _row, body = _decide(session, code, asked, clock)
        now = clock.now()
        _check_trucks(session, body, now)
        claims = [Claim(line["from"], line["lot"], line["quantity"]) for line in body["lines"]]
        release_expired(session, now)
        try:
            reserve(session, claims, code, now, now + load_rules().promise)
        except NotEnoughStock as error:
            raise short_lines(body, error) from error
        send_teams(session, body, actor, now)
        return [add_waybill(session, waybill, actor, clock) for waybill in make_bodies(body)]


def _done_already(session: Session, code: str, asked: Asked) -> list[str] | None:
    """The waybills of an approval that this person gave to this very body before."""
    row = store.get_row(session, code, lock=True)
    given = store.approval_of(session, code) if row.status == ProposalStatus.APPROVED.value else None
    if given is None or (given.actor, given.seen_hash) != (asked.actor, asked.seen_hash):
        return None
    return [waybill["code"] for waybill in list_waybills(session, code)]


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
        asked = replace(_asked(session, actor, ProposalStatus.RETURNED, row.body_hash), comment=comment)
        _decide(session, code, asked, clock)


def refusal_for(session: Session, code: str, actor: str, at: datetime) -> DispatchError | None:
    """What would keep this person from approving a proposal as it stands, None when nothing would."""
    row = store.get_row(session, code)
    body = json.loads(row.body)
    asked = _asked(session, actor, ProposalStatus.APPROVED, row.body_hash)
    return _under(session, store.standing_of(session, row, body, reach_of(session, body)), asked, at)[1]


def reach_of(session: Session, body: Mapping[str, Any]) -> Reach:
    """Every place a proposal disposes of: those served, and those whose stores and teams give."""
    serves = {w.code: w.serves_adcode for w in list_warehouses(session)}
    homes = {team.code: team.home_county for team in list_teams(session)}
    places = {c["adcode"] for c in body["situation"]["counties"]}
    places |= {place for line in body["lines"] for place in (line["to"], serves[line["from"]])}
    places |= {place for team in body["teams"] for place in (team["county"], homes[team["team"]])}
    day = to_local(datetime.fromisoformat(body["situation"]["as_of"])).date()
    return Reach(grade_of(body["level"], special=body["special"]), frozenset(places), day)


def _asked(
    session: Session, actor: str, target: ProposalStatus, seen_hash: str | None = None
) -> Asked:
    account = get_account(session, actor)
    return Asked(actor, account["role"], target, seen_hash, account["place"])


def _decide(
    session: Session, code: str, asked: Asked, clock: Clock
) -> tuple[ProposalRow, dict[str, Any]]:
    row = store.get_row(session, code, lock=True)
    body = json.loads(row.body)
    asked, refusal = _under(session, store.standing_of(session, row, body, reach_of(session, body)), asked, clock.now())
    if refusal is not None:
        raise refusal
    store.move(session, row, asked, clock.now(), asked.comment)
    record(session, Act(asked.actor, f"proposal.{asked.target}", code, asked.comment), clock.now())
    return row, body


def _under(session: Session, standing: Standing, asked: Asked, at: datetime) -> tuple[Asked, DispatchError | None]:
    """The wish under one's own authority, or under the first that was lent or taken and suffices; else why not."""
    own = find_refusal(standing, asked)
    if own is None or asked.target not in (ProposalStatus.APPROVED, ProposalStatus.RETURNED):
        return asked, own
    refusal: DispatchError | None = own
    for loan in loans_of(session, asked.actor, at):
        words = "；".join(part for part in (asked.comment.strip(), f"{loan.zh} · {loan.en}") if part)
        lent = replace(asked, role=loan.role, place=loan.place, behalf=loan.giver)
        lack = find_refusal(standing, lent)
        if lack is None:
            return replace(lent, comment=words), None
        # somebody without authority of their own is told what the lent one lacks
        refusal = lack if isinstance(own, Refused) else own
    return asked, refusal
