"""From an approved plan to deployments of its teams, and from their moves back to the plan's clocks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.clock import to_local
from dispatch.notices.model import Kind, Notice, Subject, Urgency
from dispatch.notices.store import post
from dispatch.plans.store import meet
from dispatch.proposals.store import get_row as get_proposal_row
from dispatch.proposals.tables import ProposalRow
from dispatch.teams.deployment import LEAVING
from dispatch.teams.deployment_store import get_row
from dispatch.teams.model import DeploymentState
from dispatch.teams.operations import (
    Asked,
    Order,
    Who,
    get_team,
    move,
    open_deployment,
    team_audience,
)
from dispatch.teams.tables import DeploymentRow
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


def move_team(session: Session, code: str, asked: Asked, who: Who, at: datetime) -> None:
    """Move a deployment on; the plan's hour for mustering is met when the last of its situation's teams
    has left, if any did."""
    move(session, code, asked, who, at)
    proposal = get_row(session, code).proposal
    if proposal is None:
        return
    situation = get_proposal_row(session, proposal).situation
    states = set(session.scalars(
        select(DeploymentRow.state).join(ProposalRow, ProposalRow.code == DeploymentRow.proposal)
        .where(ProposalRow.situation == situation)
    ))
    if states & LEAVING or states <= {DeploymentState.STOOD_DOWN}:
        return
    meet(session, situation, "muster", who.name, at)
