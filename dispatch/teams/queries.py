"""Reading what the pages of rosters show."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.errors import NotFound
from dispatch.teams.model import MemberStatus, Roster
from dispatch.teams.store import list_rosters
from dispatch.teams.tables import (
    AttendanceRow,
    CertificateRow,
    MemberRow,
    TeamDrillRow,
    TeamKitRow,
)


@dataclass(frozen=True, slots=True)
class DrillHeld:
    """A drill with the codes of who was there."""

    code: str
    held_on: date
    title: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An application that waits for its review."""

    code: str
    team_code: str
    applied_at: datetime
    applied_by: str


def get_roster(session: Session, team_code: str) -> Roster:
    """A team with its people and things; raises ``NotFound``."""
    found = next((r for r in list_rosters(session) if r.team.code == team_code), None)
    if found is None:
        raise NotFound(f"There is no team {team_code}.", remedy="Choose one from the list.",
                       zh=f"没有编号为 {team_code} 的救援队。", remedy_zh="请从列表中选择。")
    return found


def list_drills(session: Session, team_code: str) -> list[DrillHeld]:
    """The drills of a team, newest first."""
    there: dict[str, list[str]] = defaultdict(list)
    drills = select(TeamDrillRow).where(TeamDrillRow.team_code == team_code)
    rows = list(session.scalars(drills.order_by(TeamDrillRow.held_on.desc(), TeamDrillRow.code.desc())))
    for drill, member in session.execute(
        select(AttendanceRow.drill, AttendanceRow.member).join(TeamDrillRow, TeamDrillRow.code == AttendanceRow.drill)
        .where(TeamDrillRow.team_code == team_code).order_by(AttendanceRow.member)
    ):
        there[drill].append(member)
    return [DrillHeld(r.code, r.held_on, r.title, tuple(there[r.code])) for r in rows]


def kit_checks(session: Session, team_code: str) -> dict[str, date]:
    """Kit item → when it was last counted."""
    query = select(TeamKitRow.item, TeamKitRow.checked_on).where(TeamKitRow.team_code == team_code)
    return {item: day for item, day in session.execute(query)}


def certificate_numbers(session: Session, team_code: str) -> dict[tuple[str, str, date], int]:
    """(member, skill, day of issue) → the row's number, to point at one certificate."""
    query = select(CertificateRow.member, CertificateRow.skill, CertificateRow.issued_on, CertificateRow.id)
    rows = session.execute(query.join(MemberRow, MemberRow.code == CertificateRow.member)
                           .where(MemberRow.team_code == team_code))
    return {(member, skill, day): number for member, skill, day, number in rows}


def list_waiting(session: Session) -> list[Waiting]:
    """Applications without an answer, oldest first."""
    query = select(MemberRow).where(MemberRow.status == MemberStatus.APPLIED)
    rows = session.scalars(query.order_by(MemberRow.applied_at, MemberRow.code))
    return [Waiting(r.code, r.team_code, r.applied_at, r.applied_by) for r in rows]
