"""What the pages show of deployments: the board, one deployment, a member's own page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.accounts.store import get_account
from dispatch.geography.store import list_names
from dispatch.teams.access import viewer_of
from dispatch.teams.deployment import ENDED, Deployment, Hand, next_states
from dispatch.teams.deployment_store import (
    deployment_of,
    find_successor,
    get_row,
    list_called,
    list_deployments,
)
from dispatch.teams.logbook import read_log
from dispatch.teams.members import LEADERS, Caller
from dispatch.teams.model import DeploymentState, MemberStatus
from dispatch.teams.operations import may_lead
from dispatch.teams.rules import load_team_rule
from dispatch.teams.store import list_teams
from dispatch.teams.tables import MemberRow, MusterRow
from dispatch.teams.watch import account, clocks

ENDED_SHOWN = 20
FREE_TEXT = ("text", "note")


def list_board(session: Session, at: datetime) -> dict[str, list[dict[str, Any]]]:
    """Deployments that run, the late ones first, and the latest that have ended."""
    going = list_deployments(session, states=set(DeploymentState) - ENDED)
    lines = _lines(session, going, at)
    last = datetime.max.replace(tzinfo=at.tzinfo)
    lines.sort(key=lambda x: (not x["is_late"], min((c.at for c in x["clocks"]), default=last), x["d"].code))
    return {"going": lines, "ended": _lines(session, list_deployments(session, states=ENDED)[:ENDED_SHOWN], at)}


def _lines(session: Session, found: Iterable[Deployment], at: datetime) -> list[dict[str, Any]]:
    rule, names = load_team_rule(), list_names(session)
    found = tuple(found)
    teams = {t.code: t for t in list_teams(session)}
    called = list_called(session, {d.code for d in found})
    lines = []
    for d in found:
        people = called.get(d.code, ())
        running = clocks(d, at, rule)
        lines.append({
            "d": d, "team": teams[d.team_code], "county": names[d.county], "clocks": running,
            "counts": Counter(p.muster.value for p in people), "people": account(d, people, at, rule),
            "is_late": any(c.is_late for c in running),
        })
    return lines


def get_page(session: Session, code: str, reader: str, at: datetime) -> dict[str, Any]:
    """One deployment with its people, its book, who relieves it and whom it relieves; where people
    are and what they wrote is for those who direct the team and its own members."""
    deployment = deployment_of(get_row(session, code))
    line = _lines(session, [deployment], at)[0]
    log = read_log(session, code)
    team = line["team"]
    leads = may_lead(get_account(session, reader), team.tier, team.league_adcode)
    is_open = leads or viewer_of(session, reader).is_comrade(team)
    return {
        **line, "members": _members(session, deployment), "log": log if is_open else [_outline(entry) for entry in log],
        "leads": leads, "is_open": is_open,
        "successor": find_successor(session, code), "next": next_states(deployment.state, Hand.DESK),
    }


def _outline(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the book as others see it: when and what, neither where nor in whose words."""
    detail = {name: value for name, value in entry["detail"].items() if name not in FREE_TEXT}
    return {**entry, "detail": detail, "lon": None, "lat": None}


def _members(session: Session, deployment: Deployment) -> list[dict[str, Any]]:
    """The active members of the team and all who were called, also those of another team since, with what they answered."""
    called = {row.member: row for row in session.scalars(select(MusterRow).where(MusterRow.deployment == deployment.code))}
    rows = session.scalars(
        select(MemberRow).where((MemberRow.team_code == deployment.team_code) | MemberRow.code.in_(called))
        .order_by(MemberRow.code)
    )
    return [
        {
            "code": m.code, "name": m.name, "phone": m.phone, "roles": m.roles.split(),
            "is_leader": bool(LEADERS & set(m.roles.split())),
            "is_active": m.status == MemberStatus.ACTIVE and m.team_code == deployment.team_code,
            "muster": called[m.code].muster if m.code in called else None,
            "last_seen_at": _iso(called[m.code].last_seen_at) if m.code in called else None,
        }
        for m in rows if m.code in called or m.status == MemberStatus.ACTIVE
    ]


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def get_own_page(session: Session, caller: Caller, at: datetime) -> dict[str, Any]:
    """A member's own view: the task, their answer, and for a leader the others and what is next."""
    deployment = deployment_of(get_row(session, caller.deployment))
    members = [m for m in _members(session, deployment) if m["muster"] is not None]
    own = [line for line in read_log(session, deployment.code) if line["actor"] == caller.member]
    return {
        **_lines(session, [deployment], at)[0], "caller": caller, "own": own[:10],
        "me": next(m for m in members if m["code"] == caller.member),
        "members": members if caller.is_leader else [],
        "next": next_states(deployment.state, Hand.LEADER) if caller.is_leader else (),
    }
