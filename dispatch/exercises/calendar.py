"""The calendar of drills: planned, held, called off; attendance goes into the books of the teams."""

from __future__ import annotations

from collections import Counter
from datetime import date

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from dispatch.accounts.store import get_account
from dispatch.audit.store import Act, record
from dispatch.clock import Clock, to_local
from dispatch.db import retried, transaction
from dispatch.errors import Conflict, InvalidInput, NotFound
from dispatch.exercises.model import Asked, Plan, Planned, check_leader, check_plan
from dispatch.exercises.tables import DrillTeamRow, PlannedDrillRow
from dispatch.teams.gear import Drill, record_drill
from dispatch.teams.store import list_teams
from dispatch.teams.tables import AttendanceRow


@retried
def plan_drill(engine: Engine, plan: Plan, actor: str, clock: Clock) -> str:
    """Put a drill into the calendar; its code.

    Raises ``Refused`` (role), ``InvalidInput`` (title, day), ``NotFound`` (leader, team).
    """
    now = clock.now()
    with transaction(engine) as session:
        check_leader(get_account(session, actor)["role"])
        check_plan(plan, to_local(now).date())
        get_account(session, plan.leader)
        unknown = set(plan.teams) - {team.code for team in list_teams(session)}
        if unknown:
            raise NotFound(f"There is no team {min(unknown)[:40]}.", remedy="Choose from the list.",
                           zh=f"没有救援队 {min(unknown)[:40]}。", remedy_zh="请从列表中选择。")
        prefix = f"DP-{plan.on.year}-"
        count = session.scalar(select(func.count()).select_from(PlannedDrillRow).where(PlannedDrillRow.code.startswith(prefix))) or 0
        code = f"{prefix}{count + 1:03d}"
        session.add(PlannedDrillRow(
            code=code, title=plan.title.strip()[:120], scenario=plan.scenario, planned_on=plan.on, place=plan.place, leader=plan.leader,
            status="planned", held_on=None, words=plan.words.strip()[:500], created_by=actor, created_at=now,
        ))
        session.flush()
        session.add_all(DrillTeamRow(drill=code, team_code=team, team_drill=None) for team in sorted(set(plan.teams)))
        record(session, Act(actor, "drill.plan", code, f"{plan.on} {plan.title[:60]}"), now)
    return code


@retried
def call_off(engine: Engine, code: str, why: str, actor: str, clock: Clock) -> None:
    """Take a drill off the calendar; it stays there as called off, with the reason."""
    with transaction(engine) as session:
        check_leader(get_account(session, actor)["role"])
        row = _planned(session, code, ("planned",))
        if not why.strip():
            raise InvalidInput("No reason is given.", remedy="Write why it is called off.", zh="没有填写取消原因。", remedy_zh="请填写取消原因。")
        row.status, row.words = "cancelled", why.strip()[:500]
        record(session, Act(actor, "drill.cancel", code, why.strip()[:200]), clock.now())


@retried
def hold(engine: Engine, code: str, on: date, actor: str, clock: Clock) -> None:
    """Say that a drill was held, and on which day."""
    now = clock.now()
    with transaction(engine) as session:
        check_leader(get_account(session, actor)["role"])
        row = _planned(session, code, ("planned",))
        if on > to_local(now).date():
            raise InvalidInput(f"{on} is still to come.", remedy="Give the day it was held.", zh=f"{on} 尚未到来。", remedy_zh="请填写实际举行的日期。")
        row.status, row.held_on = "held", on
        record(session, Act(actor, "drill.held", code, str(on)), now)


def attend(engine: Engine, code: str, drill: tuple[str, tuple[str, ...]], actor: str, clock: Clock) -> str:
    """Keep who of a team was there, in the books of the team (where readiness reads it); its code there.

    ``drill`` is (team, members).  Raises ``Conflict`` before it was held and when it is kept already.
    """
    team, members = drill
    with transaction(engine) as session:
        row = _planned(session, code, ("held",))
        asked = session.get(DrillTeamRow, (code, team))
        if asked is not None and asked.team_drill is not None:
            raise Conflict(f"Attendance of {team} at {code} is kept as {asked.team_drill}.", remedy="Open the page of the team.",
                           zh=f"{team} 参加 {code} 的记录已登记为 {asked.team_drill}。", remedy_zh="请在队伍页面查看。")
        held_on, title = row.held_on, row.title
    assert held_on is not None
    kept = record_drill(engine, Drill(team, held_on, f"{code} {title}"[:120], members), actor, clock)
    with transaction(engine) as session:
        session.merge(DrillTeamRow(drill=code, team_code=team, team_drill=kept))
    return kept


def list_planned(session: Session) -> list[Planned]:
    """The whole calendar, what comes next first, then what is over, newest first."""
    present = Counter(session.scalars(select(AttendanceRow.drill)))
    asked: dict[str, list[Asked]] = {}
    for row in session.scalars(select(DrillTeamRow).order_by(DrillTeamRow.team_code)):
        asked.setdefault(row.drill, []).append(Asked(row.team_code, row.team_drill, present[row.team_drill or ""]))
    rows = [_as_planned(row, tuple(asked.get(row.code, ()))) for row in session.scalars(select(PlannedDrillRow).order_by(PlannedDrillRow.planned_on))]
    ahead = [p for p in rows if p.status == "planned"]
    return ahead + [p for p in reversed(rows) if p.status != "planned"]


def get_planned(session: Session, code: str) -> Planned:
    """One drill of the calendar; ``NotFound``."""
    found = next((p for p in list_planned(session) if p.code == code), None)
    if found is None:
        raise _unknown(code)
    return found


def _as_planned(row: PlannedDrillRow, asked: tuple[Asked, ...]) -> Planned:
    plan = Plan(row.title, row.planned_on, row.place, row.leader, row.scenario, tuple(a.team for a in asked), row.words)
    return Planned(row.code, plan, row.status, row.held_on, asked)


def _planned(session: Session, code: str, states: tuple[str, ...]) -> PlannedDrillRow:
    row = session.get(PlannedDrillRow, code, with_for_update=True)
    if row is None:
        raise _unknown(code)
    if row.status not in states:
        words = {"planned": "未举行", "held": "已举行", "cancelled": "已取消"}
        raise Conflict(f"{code} is {row.status}.", remedy="Reload the calendar.", zh=f"{code} {words[row.status]}。", remedy_zh="请刷新演练计划。")
    return row


def _unknown(code: str) -> NotFound:
    return NotFound(f"There is no planned drill {code[:40]}.", remedy="Open the calendar.", zh=f"没有演练计划 {code[:40]}。", remedy_zh="请打开演练计划。")
