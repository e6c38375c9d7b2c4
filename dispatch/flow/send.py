"""From an approved plan to deployments of its teams, in the transaction of the approval."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dispatch.clock import to_local
from dispatch.notices.model import Kind, Notice, Subject, Urgency
from dispatch.notices.store import post
from dispatch.teams.operations import Order, get_team, open_deployment, team_audience
from dispatch.words import Words


def send_teams(session: Session, body: dict[str, Any], actor: str, at: datetime) -> list[str]:
    """Open a deployment for each team of a plan; answers their codes.

    A stand-by list sends nobody.  The plan counts from its situation's moment; musterings and
    arrivals count from the approval.  A team that still rests is not sent; who directs it is told
    to send it then.  Raises ``Conflict`` when a team is out for something else.
    """
    if body["kind"] == "standby":
        return []
    later = at - datetime.fromisoformat(body["situation"]["as_of"])
    orders = [
        Order(
            team["team"], team["county"], datetime.fromisoformat(team["departs_at"]) + later,
            f"{body['code']}:{team['team']}", datetime.fromisoformat(team["arrives_at"]) + later, body["code"],
        )
        for team in body["teams"]
    ]
    # in the order of their codes: two approvals then wait for each other in one order
    orders.sort(key=lambda order: order.team)
    return [open_deployment(session, o, actor, at) for o in orders if not _rests(session, o, at)]


def _rests(session: Session, order: Order, at: datetime) -> bool:
    team = get_team(session, order.team)
    if team.status != "resting" or team.rested_at is None or team.rested_at <= at:
        return False
    until = f"{to_local(team.rested_at):%m-%d %H:%M}"
    words = Words("notice.team_rests", f"{team.name_zh}休整至 {until}，届时请在“出队”页派出（{order.proposal}）",
                  f"{team.name_en} rests until {until}; send it then from the deployments page ({order.proposal})")
    post(session, Notice(team_audience(team), Kind.DEADLINE, Subject(order.proposal or order.team, "/deployments/"), words,
                         Urgency.SOON, f"team-rests:{order.submit_key}"), at)
    return True
