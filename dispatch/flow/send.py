"""From an approved plan to deployments of its teams, in the transaction of the approval."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dispatch.teams.operations import Order, open_deployment


def send_teams(session: Session, body: dict[str, Any], actor: str, at: datetime) -> list[str]:
    """Open a deployment for each team of a plan; answers their codes.

    A stand-by list sends nobody.  The plan counts from its situation's moment; musterings and
    arrivals count from the approval.  Raises ``Conflict`` when a team is out for something else.
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
    return [open_deployment(session, order, actor, at) for order in sorted(orders, key=lambda o: o.team)]
