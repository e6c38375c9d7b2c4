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
from dispatch.exercises.model import (
    AWAY,
    Asked,
    Came,
    Guest,
    Plan,
    Planned,
    Standing,
    check_leader,
    check_plan,
)
from dispatch.exercises.tables import (
    DrillAwayRow,
    DrillPersonRow,
    DrillTeamRow,
    PlannedDrillRow,
)
from dispatch.teams.gear import Drill, record_drill
from dispatch.teams.model import MemberStatus
from dispatch.teams.store import list_teams
from dispatch.teams.tables import AttendanceRow, MemberRow


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
        session.add_all(DrillTeamRow(drill=code, team_code=team, team_drill=None, standing=Standing.ASKED) for team in sorted(set(plan.teams)))
        names = {" ".join(name.split()) for name in plan.people} - {""}
        session.add_all(DrillPersonRow(drill=code, name=name, standing=Standing.ASKED) for name in sorted(names))
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


def attend(engine: Engine, code: str, came: Came, actor: str, clock: Clock) -> str:
    """Keep who of a team was there, in the books of the team (where readiness reads it); its code there.

    Raises ``Conflict`` before the drill was held and when it is kept already, ``InvalidInput`` for
    somebody both there and excused.
    """
    both = set(came.members) & set(came.excused)
    if both:
        raise InvalidInput(f"Both there and excused: {min(both)}.", remedy="Choose one for each.",
                           zh=f"既参加又请假：{min(both)}。", remedy_zh="每人只能选一项。")
    with transaction(engine) as session:
        row = _held_with(session, code, came.team)
        held_on, title = row.held_on, row.title
        active = set(session.scalars(select(MemberRow.code).where(MemberRow.team_code == came.team, MemberRow.status == MemberStatus.ACTIVE)))
    assert held_on is not None
    kept = record_drill(engine, Drill(came.team, held_on, f"{code} {title}"[:120], came.members), actor, clock)
    with transaction(engine) as session:
        session.merge(DrillTeamRow(drill=code, team_code=came.team, team_drill=kept, standing=Standing.PRESENT))
        for member in sorted(active - set(came.members)):
            session.merge(DrillAwayRow(drill=code, member=member, standing=Standing.EXCUSED if member in came.excused else Standing.ABSENT))
    return kept


@retried
def miss(engine: Engine, code: str, away: tuple[str, str], actor: str, clock: Clock) -> None:
    """A team that was asked did not come; ``away`` is (team, absent or excused).  Its readiness gains nothing."""
    team, standing = away
    with transaction(engine) as session:
        check_leader(get_account(session, actor)["role"])
        _held_with(session, code, team)
        asked = session.get(DrillTeamRow, (code, team))
        if asked is None:
            raise NotFound(f"{team[:40]} was not asked to {code}.", remedy="Choose a team of the list.",
                           zh=f"{code} 没有邀请 {team[:40]}。", remedy_zh="请从列表中选择。")
        asked.standing = _away(standing)
        record(session, Act(actor, "drill.missed", code, f"{team}: {standing}"), clock.now())


@retried
def mark_person(engine: Engine, code: str, person: tuple[str, str], actor: str, clock: Clock) -> None:
    """Whether a person asked beside the teams was there: present, absent or excused."""
    name, standing = person
    with transaction(engine) as session:
        check_leader(get_account(session, actor)["role"])
        _planned(session, code, ("held",))
        row = session.get(DrillPersonRow, (code, name))
        if row is None:
            raise NotFound(f"{name[:40]} was not asked to {code}.", remedy="Choose somebody of the list.",
                           zh=f"{code} 没有邀请 {name[:40]}。", remedy_zh="请从名单中选择。")
        row.standing = Standing.PRESENT if standing == Standing.PRESENT else _away(standing)
        record(session, Act(actor, "drill.attended", code, f"{name}: {standing}"), clock.now())


def list_planned(session: Session) -> list[Planned]:
    """The whole calendar, what comes next first, then what is over, newest first."""
    present = Counter(session.scalars(select(AttendanceRow.drill)))
    away = Counter((drill, team, standing) for drill, team, standing in session.execute(
        select(DrillAwayRow.drill, MemberRow.team_code, DrillAwayRow.standing).join(MemberRow, MemberRow.code == DrillAwayRow.member)))
    asked: dict[str, list[Asked]] = {}
    for row in session.scalars(select(DrillTeamRow).order_by(DrillTeamRow.team_code)):
        counts = [away[row.drill, row.team_code, standing.value] for standing in AWAY]
        asked.setdefault(row.drill, []).append(Asked(row.team_code, row.team_drill, present[row.team_drill or ""], row.standing, *counts))
    people: dict[str, list[Guest]] = {}
    for person in session.scalars(select(DrillPersonRow).order_by(DrillPersonRow.name)):
        people.setdefault(person.drill, []).append(Guest(person.name, person.standing))
    rows = [_as_planned(row, tuple(asked.get(row.code, ())), tuple(people.get(row.code, ())))
            for row in session.scalars(select(PlannedDrillRow).order_by(PlannedDrillRow.planned_on, PlannedDrillRow.code))]
    ahead = [p for p in rows if p.status == "planned"]
    return ahead + [p for p in reversed(rows) if p.status != "planned"]


def get_planned(session: Session, code: str) -> Planned:
    """One drill of the calendar; ``NotFound``."""
    found = next((p for p in list_planned(session) if p.code == code), None)
    if found is None:
        raise _unknown(code)
    return found


def _as_planned(row: PlannedDrillRow, asked: tuple[Asked, ...], people: tuple[Guest, ...]) -> Planned:
    plan = Plan(row.title, row.planned_on, row.place, row.leader, row.scenario, tuple(a.team for a in asked), row.words, tuple(p.name for p in people))
    return Planned(row.code, plan, row.status, row.held_on, asked, people)


def _held_with(session: Session, code: str, team: str) -> PlannedDrillRow:
    """A drill that was held and of which nothing is kept yet for a team."""
    row = _planned(session, code, ("held",))
    asked = session.get(DrillTeamRow, (code, team))
    if asked is not None and asked.team_drill is not None:
        raise Conflict(f"Attendance of {team} at {code} is kept as {asked.team_drill}.", remedy="Open the page of the team.",
                       zh=f"{team} 参加 {code} 的记录已登记为 {asked.team_drill}。", remedy_zh="请在队伍页面查看。")
    return row


def _away(standing: str) -> Standing:
    if standing not in AWAY:
        raise InvalidInput(f"{standing[:20]!r} is neither absent nor excused.", remedy="Choose one of them.",
                           zh=f"“{standing[:20]}”既不是缺席也不是请假。", remedy_zh="请选择其一。")
    return Standing(standing)


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
