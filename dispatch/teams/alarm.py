"""What comes due by itself: one alarm for each check-in missed, and people told; teams that have rested."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.audit.store import Act, record
from dispatch.clock import to_local
from dispatch.notices.model import Kind, Notice, Subject, Urgency
from dispatch.notices.store import post
from dispatch.teams.deployment import OUT, Deployment
from dispatch.teams.deployment_store import list_deployments
from dispatch.teams.logbook import Entry, write
from dispatch.teams.model import DeploymentState, LogKind
from dispatch.teams.operations import close_rested, team_audience
from dispatch.teams.rules import load_team_rule
from dispatch.teams.tables import TeamRow
from dispatch.teams.watch import missed_check_in
from dispatch.words import Words

WORKER = "worker"


def raise_overdue(session: Session, at: datetime) -> int:
    """Write an alarm into the book of each team that missed a check-in and tell who directs it;
    once for each check-in missed.  Answers how many were raised."""
    rule = load_team_rule()
    raised = 0
    for deployment in list_deployments(session, states=OUT):
        due = missed_check_in(deployment, at, rule)
        if due is not None:
            raised += _raise(session, deployment, due, at)
    return raised


def close_all_rested(session: Session, at: datetime) -> int:
    """Give back the teams whose rest is over; answers how many."""
    resting = list_deployments(session, states={DeploymentState.RESTING})
    return sum(close_rested(session, deployment.code, at) for deployment in resting)


def _raise(session: Session, deployment: Deployment, due: datetime, at: datetime) -> bool:
    key = f"alarm:{deployment.code}:{due.isoformat()}"
    if not write(session, Entry(deployment.code, LogKind.ALARM, at, WORKER, key, {"due": due.isoformat()}), at):
        return False
    team = session.get_one(TeamRow, deployment.team_code)
    last = deployment.last_check_in_at or deployment.alerted_at
    since = f"{to_local(last):%m-%d %H:%M}"
    words = Words(
        "notice.overdue_team", f"{team.name_zh}逾期未报平安，最后一次联系 {since}，请立即联系",
        f"{team.name_en} has missed its check-in; last heard of {since}. Reach it now",
    )
    post(session, Notice(team_audience(team), Kind.ESCALATION, Subject(deployment.code, f"/deployments/{deployment.code}"),
                         words, Urgency.NOW, key), at)
    record(session, Act(WORKER, "deployment.overdue", deployment.code, due.isoformat()), at)
    return True
