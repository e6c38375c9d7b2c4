"""The desk's side of a deployment: open it, move it on, write into its book.

Every function works in the caller's transaction and is safe to repeat.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from dispatch.accounts.rights import roles_of
from dispatch.accounts.store import get_account
from dispatch.audit.store import Act, record
from dispatch.clock import to_local
from dispatch.errors import Conflict, InvalidInput, NotFound, Refused
from dispatch.geography.store import list_names
from dispatch.notices.model import Audience, Kind, Notice, Subject, Urgency
from dispatch.notices.store import post
from dispatch.places import REGION_ADCODE
from dispatch.teams.deployment import (
    ENDED,
    STATE_NAMES,
    TEAM_STATUS,
    Hand,
    Wish,
    effect,
    find_refusal,
)
from dispatch.teams.deployment_store import (
    deployment_of,
    facts_of,
    find_open,
    find_successor,
    get_row,
)
from dispatch.teams.logbook import Entry, clean_key, clean_text, write
from dispatch.teams.model import DeploymentState, LogKind
from dispatch.teams.rules import load_team_rule
from dispatch.teams.tables import DeploymentRow, LogRow, MusterRow, TeamRow
from dispatch.words import Words

DESK_ROLES = roles_of("deployment.lead")
READY = ("available", "standby", "resting")


@dataclass(frozen=True, slots=True)
class Order:
    """A team sent to a county; ``submit_key`` names the order, ``relieves`` the deployment it takes over."""

    team: str
    county: str
    muster_by: datetime
    submit_key: str
    expected_at: datetime | None = None
    proposal: str | None = None
    relieves: str | None = None


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who acts: an account of the desk, or a member by their code."""

    name: str
    hand: Hand


@dataclass(frozen=True, slots=True)
class Asked:
    """A state asked for by somebody who saw a version of the deployment."""

    target: DeploymentState
    version: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A line for the book; ``corrects`` is the number of the line that it puts right."""

    text: str
    key: str
    corrects: int | None = None


def may_lead(account: dict[str, str], tier: str, league: str) -> bool:
    """True when an account directs the teams of a tier and league: the region's all, a league's its own."""
    if account["role"] not in DESK_ROLES:
        return False
    return account["place"] == REGION_ADCODE or (tier != "region" and account["place"] == league)


def check_desk(session: Session, actor: str, team: TeamRow) -> None:
    """``Refused`` when somebody may not direct the team."""
    if not may_lead(get_account(session, actor), team.tier, team.league_adcode):
        raise Refused(
            f"{actor} may not direct {team.code}.", remedy="Ask a planner of the team's league or of the region.",
            zh=f"{actor} 不能调度 {team.code}。", remedy_zh="请由该队所属盟市或自治区的调度员办理。",
        )


def get_team(session: Session, code: str) -> TeamRow:
    """The team, locked: two orders for one team come one after the other."""
    team = session.get(TeamRow, code, with_for_update=True, populate_existing=True)
    if team is None:
        raise NotFound(f"There is no team {code}.", remedy="Choose one from the list.",
                       zh=f"没有编号为 {code} 的救援队。", remedy_zh="请从列表中选择。")
    return team


def open_deployment(session: Session, order: Order, actor: str, at: datetime) -> str:
    """Send a team; returns the deployment's code, the same one when the order comes again.

    Raises ``Conflict`` saying where the team is when it is out, ``Refused`` when it is not ready.
    Whether the actor may is for the caller to check.
    """
    known = session.scalar(select(DeploymentRow.code).where(DeploymentRow.submit_key == order.submit_key))
    if known is not None:
        return known
    team = get_team(session, order.team)
    _check_order(session, order, at)
    _check_ready(session, team, at)
    row = DeploymentRow(
        code=_next_code(session, at), team_code=team.code, county=order.county, proposal=order.proposal,
        state=DeploymentState.ALERTED.value, version=1, alerted_at=at, muster_by=order.muster_by,
        expected_at=order.expected_at, relieves=order.relieves, created_by=actor, submit_key=order.submit_key,
    )
    session.add(row)
    session.flush()
    team.status = TEAM_STATUS[DeploymentState.ALERTED]
    _tell_opened(session, team, row)
    _log_state(session, row, actor, at, "")
    record(session, Act(actor, "deployment.open", row.code, f"{team.code} {order.county}"), at)
    return row.code


def _check_order(session: Session, order: Order, at: datetime) -> None:
    names = list_names(session)
    if order.county not in names or order.county.endswith("00"):
        raise InvalidInput(f"{order.county!r} is not a county.", remedy="Choose a county from the list.",
                           zh=f"{order.county!r} 不是旗县代码。", remedy_zh="请从列表中选择旗县。")
    if order.muster_by < at:
        raise InvalidInput("The time to muster by is past.", remedy="Give a time from now on.",
                           zh="集结时限已过。", remedy_zh="请填写当前之后的时间。")
    if order.relieves is None:
        return
    # held, so that of two desks the second sees the first one's relief
    former = get_row(session, order.relieves, lock=True)
    other = find_successor(session, former.code)
    if former.state in ENDED or other is not None or former.county != order.county:
        raise Conflict(
            f"{former.code} is not to be relieved by {order.team} in {order.county}.",
            remedy=f"It is relieved by {other.code} already." if other else "It has ended, or stands in another county.",
            zh=f"{order.team} 不能在 {order.county} 接替 {former.code}。",
            remedy_zh=f"已由 {other.code} 接替。" if other else "该任务已结束，或不在此旗县。",
        )


def _check_ready(session: Session, team: TeamRow, at: datetime) -> None:
    out = find_open(session, team.code)
    if out is not None and not close_rested(session, out.code, at):
        state, place = STATE_NAMES[out.state], list_names(session)[out.county]
        raise Conflict(
            f"{team.code} is out: {out.code}, {place[1]}, {state[1]}.", remedy="Choose another team, or wait until it has rested.",
            zh=f"{team.code} 已出队：{out.code}，{place[0]}，{state[0]}。", remedy_zh="请另选队伍，或等待其休整完毕。",
            facts={"team": team.code, "deployment": out.code, "county": out.county, "state": out.state.value},
        )
    if not is_ready(team.status, team.rested_at, at):
        raise Refused(
            f"{team.code} is {team.status} and cannot go.", remedy="Choose a team that is available and rested.",
            zh=f"{team.code} 当前不能出队（{team.status}）。", remedy_zh="请选择可用且已休整的队伍。",
        )


def is_ready(status: str, rested_at: datetime | None, at: datetime) -> bool:
    """True when a team that is in no deployment may be sent."""
    return status in READY and (rested_at is None or rested_at <= at)


def close_rested(session: Session, code: str, at: datetime) -> bool:
    """Close a deployment whose team has rested; False when it has not, or is somewhere else."""
    row = get_row(session, code, lock=True)
    wish = Wish(DeploymentState.CLOSED, Hand.DESK)
    if find_refusal(deployment_of(row), wish, facts_of(session, row), at) is not None:
        return False
    set_state(session, row, get_team(session, row.team_code), wish.target, at)
    _log_state(session, row, "system", at, "")
    record(session, Act("system", f"deployment.{wish.target}", code), at)
    return True


def _next_code(session: Session, at: datetime) -> str:
    prefix = f"DP-{to_local(at):%Y%m%d}-"
    number = session.scalar(select(func.count()).where(DeploymentRow.code.startswith(prefix))) or 0
    return f"{prefix}{number + 1:04d}"


def team_audience(team: TeamRow) -> Audience:
    """Who directs a team: the planners of its league, or of the region."""
    if team.tier == "region":
        return Audience(REGION_ADCODE, "region", "planner")
    return Audience(team.league_adcode, "league", "planner")


def _tell_opened(session: Session, team: TeamRow, row: DeploymentRow) -> None:
    zh, en = list_names(session)[row.county]
    by = f"{to_local(row.muster_by):%m-%d %H:%M}"
    words = Words("notice.deployed", f"{team.name_zh}前往{zh}，请于 {by} 前集结", f"{team.name_en} goes to {en}; muster by {by}")
    post(session, Notice(team_audience(team), Kind.DEADLINE, Subject(row.code, f"/deployments/{row.code}"), words,
                         Urgency.NOW, f"deployed:{row.code}"), row.alerted_at)


def move(session: Session, code: str, asked: Asked, who: Who, at: datetime) -> None:
    """Move a deployment on, and its team with it.

    Raises ``Conflict`` when it has moved on since the version seen, and what the table of moves
    has against it.
    """
    row = get_row(session, code, lock=True)
    team = get_team(session, row.team_code)
    if who.hand is Hand.DESK:
        check_desk(session, who.name, team)
    if row.version != asked.version:
        state = STATE_NAMES[DeploymentState(row.state)]
        raise Conflict(
            f"{code} has moved on; it is {state[1]} now.", remedy="Reload the page and look again.",
            zh=f"{code} 已被他人更新，当前{state[0]}。", remedy_zh="请刷新页面后再操作。", facts={"version": row.version},
        )
    wish = Wish(asked.target, who.hand, clean_text(asked.note))
    refusal = find_refusal(deployment_of(row), wish, facts_of(session, row), at)
    if refusal is not None:
        raise refusal
    set_state(session, row, team, wish.target, at)
    _log_state(session, row, who.name, at, wish.note)
    record(session, Act(who.name, f"deployment.{wish.target}", code), at)


def set_state(session: Session, row: DeploymentRow, team: TeamRow, target: DeploymentState, at: datetime) -> None:
    """Write a state with the times it sets; where it ends, the keys of the telephones end too."""
    rule = load_team_rule()
    for name, value in effect(target, at, team.tour_days or rule.tour_days, rule.rest_days).items():
        setattr(row, name, value)
    row.state, row.version = target.value, row.version + 1
    team.status = TEAM_STATUS[target]
    if target is DeploymentState.RESTING:
        team.rested_at = row.rested_at
    if target in ENDED:
        session.execute(update(MusterRow).where(MusterRow.deployment == row.code).values(key_sha256=None))
    session.flush()


def _log_state(session: Session, row: DeploymentRow, actor: str, at: datetime, note: str) -> None:
    detail = {"state": row.state, **({"note": note} if note else {})}
    write(session, Entry(row.code, LogKind.STATE, at, actor, f"state:{row.code}:{row.version}", detail), at)


def add_note(session: Session, code: str, remark: Remark, actor: str, at: datetime) -> None:
    """Write a line of the desk; what was wrong stays and is corrected by a new line that names it."""
    row = get_row(session, code)
    check_desk(session, actor, get_team(session, row.team_code))
    detail: dict[str, object] = {"text": clean_text(remark.text, is_required=True)}
    if remark.corrects is not None:
        known = session.scalar(select(LogRow.id).where(LogRow.id == remark.corrects, LogRow.deployment == code))
        if known is None:
            raise NotFound(f"The book of {code} has no line {remark.corrects}.", remedy="Look for its number in the book.",
                           zh=f"{code} 的日志没有第 {remark.corrects} 条。", remedy_zh="请核对日志编号。")
        detail["corrects"] = remark.corrects
    if write(session, Entry(code, LogKind.NOTE, at, actor, f"note:{code}:{clean_key(remark.key)}", detail), at):
        record(session, Act(actor, "deployment.note", code), at)


def fresh_key() -> str:
    """A key for a form, so that it counts once."""
    return uuid.uuid4().hex
