"""What comes due by itself: one alarm for each thing owed and missing, and people told; teams that have rested."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.audit.store import Act, record
from dispatch.clock import to_local
from dispatch.notices.model import Kind, Notice, Subject, Urgency
from dispatch.notices.store import post
from dispatch.teams.deployment import LEAVING, OUT, Deployment
from dispatch.teams.deployment_store import list_called, list_deployments
from dispatch.teams.logbook import Entry, write
from dispatch.teams.model import DeploymentState, LogKind
from dispatch.teams.operations import close_rested, team_audience
from dispatch.teams.rules import load_team_rule
from dispatch.teams.tables import TeamRow
from dispatch.teams.watch import Missed, all_missed
from dispatch.words import Words

WORKER = "worker"
LATE = {
    "muster": ("集结逾期，尚未出发", "should have mustered and has not left"),
    "arrival": ("逾期未到达现场", "should have arrived and has not"),
    "tour": ("任务期已满，尚未交接", "has been out longer than its tour and is not relieved"),
}


def raise_overdue(session: Session, at: datetime) -> int:
    """Write an alarm into the book of each team that owes something and tell who directs it; once for
    each check-in missed and each hour that passed.  Answers how many were raised."""
    rule = load_team_rule()
    going = list_deployments(session, states=OUT | LEAVING)
    people = list_called(session, [d.code for d in going])
    return sum(
        _raise(session, deployment, missed, at)
        for deployment in going
        for missed in all_missed(deployment, people.get(deployment.code, ()), at, rule)
    )


def close_all_rested(session: Session, at: datetime) -> int:
    """Give back the teams whose rest is over; answers how many."""
    resting = list_deployments(session, states={DeploymentState.RESTING})
    return sum(close_rested(session, deployment.code, at) for deployment in resting)


def _raise(session: Session, deployment: Deployment, missed: Missed, at: datetime) -> bool:
    key = f"alarm:{deployment.code}:{missed.name}:{missed.due.isoformat()}"
    detail = {"due": missed.due.isoformat(), "what": missed.name, "members": list(missed.members)}
    if not write(session, Entry(deployment.code, LogKind.ALARM, at, WORKER, key, detail), at):
        return False
    team = session.get_one(TeamRow, deployment.team_code)
    post(session, Notice(team_audience(team), Kind.ESCALATION, Subject(deployment.code, f"/deployments/{deployment.code}"),
                         _words(team, deployment, missed), Urgency.NOW, key), at)
    record(session, Act(WORKER, "deployment.overdue", deployment.code, f"{missed.name} {missed.due.isoformat()}"), at)
    return True


def _words(team: TeamRow, deployment: Deployment, missed: Missed) -> Words:
    due = f"{to_local(missed.due):%m-%d %H:%M}"
    if missed.name == "people":
        who = missed.members
        return Words("notice.unheard_people", f"{team.name_zh}有 {len(who)} 人逾期未报平安（{'、'.join(who)}），应于 {due} 前报到，请立即联系",
                     f"{team.name_en}: {len(who)} not heard of ({', '.join(who)}), due by {due}. Reach them now")
    if missed.name == "check_in":
        since = f"{to_local(deployment.last_check_in_at or deployment.alerted_at):%m-%d %H:%M}"
        return Words("notice.overdue_team", f"{team.name_zh}逾期未报平安，最后一次联系 {since}，请立即联系",
                     f"{team.name_en} has missed its check-in; last heard of {since}. Reach it now")
    zh, en = LATE[missed.name]
    return Words(f"notice.late_{missed.name}", f"{team.name_zh}{zh}（应为 {due}），请联系并更新状态",
                 f"{team.name_en} {en} (due {due}). Call it and bring its state up to date")
