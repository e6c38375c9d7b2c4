"""What a team has and does: kit, vehicles, drills with who was there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from dispatch.audit.store import Act, record
from dispatch.clock import Clock, to_local
from dispatch.db import run_in_transaction
from dispatch.errors import Conflict, InvalidInput, NotFound
from dispatch.teams.access import check_keeps, get_team, viewer_of
from dispatch.teams.fields import clean_plate, clean_text, not_after, one_of, wrong
from dispatch.teams.model import MemberStatus, Team, TeamVehicle
from dispatch.teams.rules import load_team_rule
from dispatch.teams.tables import (
    AttendanceRow,
    MemberRow,
    TeamDrillRow,
    TeamKitRow,
    TeamVehicleRow,
)

MOST_PIECES = 99_999
MOST_SEATS = 60
CHECKED = ("检查日期", "day of the check")


@dataclass(frozen=True, slots=True)
class KitCount:
    """What was counted of a team's kit on a day; items that are not named stay as they were."""

    team_code: str
    have: Mapping[str, int]
    checked_on: date


@dataclass(frozen=True, slots=True)
class Drill:
    """A drill held, with the codes of the members who were there."""

    team_code: str
    held_on: date
    title: str
    members: tuple[str, ...]


def save_kit(engine: Engine, count: KitCount, actor: str, clock: Clock) -> None:
    """Keep a count of kit; every wrong line is told and nothing kept then."""
    rule = load_team_rule()
    not_after(count.checked_on, to_local(clock.now()).date(), CHECKED)
    for item, units in count.have.items():
        one_of(item, {code: (code, code) for code in rule.items}, ("装备", "item"))
        if not 0 <= units <= MOST_PIECES:
            raise wrong((f"{rule.items[item][0]}数量", f"count of {item}"), str(units),
                        (f"0 至 {MOST_PIECES} 的整数", f"a whole number from 0 to {MOST_PIECES}"))

    def work(session: Session) -> None:
        team = _kept(session, count.team_code, actor)
        for item, units in count.have.items():
            session.merge(TeamKitRow(team_code=team.code, item=item, have=units, checked_on=count.checked_on))
        record(session, Act(actor, "team.kit", team.code, " ".join(sorted(count.have))), clock.now())

    run_in_transaction(engine, work)


def save_vehicle(engine: Engine, given: TeamVehicle, actor: str, clock: Clock) -> None:
    """Keep a vehicle and whether it is fit; a plate of another team is refused."""
    kind = one_of(given.kind, load_team_rule().vehicles, ("车型", "kind of vehicle"))
    plate = clean_plate(given.plate)
    not_after(given.checked_on, to_local(clock.now()).date(), CHECKED)
    if not 0 <= given.seats <= MOST_SEATS:
        raise wrong(("座位数", "number of seats"), str(given.seats), (f"0 至 {MOST_SEATS}", f"0 to {MOST_SEATS}"))

    def work(session: Session) -> None:
        team = _kept(session, given.team_code, actor)
        known = session.get(TeamVehicleRow, plate)
        if known is not None and known.team_code != team.code:
            raise Conflict(f"{plate} belongs to {known.team_code}.", remedy="That team has to take it off its list first.",
                           zh=f"{plate} 已登记在 {known.team_code}。", remedy_zh="请先由该队注销这辆车。")
        session.merge(TeamVehicleRow(plate=plate, team_code=team.code, kind=kind, seats=given.seats,
                                     is_fit=given.is_fit, checked_on=given.checked_on))
        record(session, Act(actor, "team.vehicle", team.code, plate), clock.now())

    run_in_transaction(engine, work)


def remove_vehicle(engine: Engine, team_code: str, plate: str, actor: str, clock: Clock) -> None:
    """Take a vehicle off a team's list."""
    def work(session: Session) -> None:
        team = _kept(session, team_code, actor)
        row = session.get(TeamVehicleRow, plate)
        if row is None or row.team_code != team.code:
            raise NotFound(f"{team.code} has no vehicle {plate}.", remedy="Look at the team's page again.",
                           zh=f"{team.name_zh} 没有车辆 {plate}。", remedy_zh="请刷新队伍页面。")
        session.delete(row)
        record(session, Act(actor, "team.vehicle_removed", team.code, plate), clock.now())

    run_in_transaction(engine, work)


def record_drill(engine: Engine, drill: Drill, actor: str, clock: Clock) -> str:
    """Keep a drill and who was there; only active members of the team can have been.

    Returns the drill's code.
    """
    not_after(drill.held_on, to_local(clock.now()).date(), ("训练日期", "day of the drill"))
    title = clean_text(drill.title, 120, ("训练内容", "title"))
    if not title:
        raise InvalidInput("The drill has no title.", remedy="Write what was trained.",
                           zh="缺少训练内容。", remedy_zh="请填写训练内容。")

    def work(session: Session) -> str:
        team = _kept(session, drill.team_code, actor)
        there = set(drill.members)
        _check_active(session, team, there)
        prefix = f"DR-{team.code.removeprefix('RT-')}-{drill.held_on:%Y%m%d}-"
        held = session.scalar(select(func.count()).where(TeamDrillRow.code.startswith(prefix))) or 0
        code = f"{prefix}{held + 1}"
        session.add(TeamDrillRow(code=code, team_code=team.code, held_on=drill.held_on, title=title,
                                 recorded_by=actor, recorded_at=clock.now()))
        session.flush()
        session.add_all(AttendanceRow(drill=code, member=member) for member in sorted(there))
        record(session, Act(actor, "team.drill", code, f"{team.code}: {len(there)}"), clock.now())
        return code

    return run_in_transaction(engine, work)


def _check_active(session: Session, team: Team, codes: set[str]) -> None:
    active = set(session.scalars(select(MemberRow.code).where(
        MemberRow.team_code == team.code, MemberRow.status == MemberStatus.ACTIVE)))
    if strangers := sorted(codes - active):
        listed = "、".join(strangers)
        raise InvalidInput(
            f"Not active members of {team.code}: {', '.join(strangers)}.", remedy="Leave them out, or take them in first.",
            zh=f"{team.name_zh} 没有这些在队队员：{listed}。", remedy_zh="请去掉，或先办理入队。")


def _kept(session: Session, code: str, actor: str) -> Team:
    team = get_team(session, code)
    check_keeps(viewer_of(session, actor), team)
    return team
