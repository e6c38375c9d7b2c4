"""Relief teams: rows to values and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from dispatch.teams.model import (
    Certificate,
    DeploymentState,
    Member,
    MemberKind,
    MemberStatus,
    Roster,
    Team,
    TeamVehicle,
)
from dispatch.teams.tables import (
    CertificateRow,
    DeploymentRow,
    MemberRow,
    TeamDrillRow,
    TeamKitRow,
    TeamRow,
    TeamVehicleRow,
)

GOING_OR_THERE = (
    DeploymentState.ALERTED, DeploymentState.MUSTERING, DeploymentState.EN_ROUTE, DeploymentState.ON_SITE,
    DeploymentState.HANDOVER,
)


def save_teams(session: Session, teams: Iterable[Team]) -> None:
    """Insert teams that are not there yet; a team's state is never reset by a reload."""
    for team in teams:
        if session.get(TeamRow, team.code) is None:
            session.add(TeamRow(**asdict(team)))
    session.flush()


def list_teams(session: Session) -> tuple[Team, ...]:
    """All teams, by code."""
    rows = session.scalars(select(TeamRow).order_by(TeamRow.code))
    return tuple(Team(**{n: getattr(r, n) for n in Team.__slots__}) for r in rows)


def list_rosters(session: Session) -> tuple[Roster, ...]:
    """All teams with their people, kit, vehicles and drills, by code; those who left are left out."""
    certificates: dict[str, list[Certificate]] = defaultdict(list)
    for c in session.scalars(select(CertificateRow).order_by(CertificateRow.id)):
        certificates[c.member].append(Certificate(c.skill, c.issued_on, c.expires_on, c.issuer, c.number))
    members: dict[str, list[Member]] = defaultdict(list)
    there = MemberRow.status.in_((MemberStatus.ACTIVE, MemberStatus.PAUSED, MemberStatus.APPLIED))
    for m in session.scalars(select(MemberRow).where(there).order_by(MemberRow.code)):
        members[m.team_code].append(member_of(m, tuple(certificates[m.code])))
    kit: dict[str, dict[str, int]] = defaultdict(dict)
    for k in session.scalars(select(TeamKitRow)):
        kit[k.team_code][k.item] = k.have
    vehicles: dict[str, list[TeamVehicle]] = defaultdict(list)
    for v in session.scalars(select(TeamVehicleRow).order_by(TeamVehicleRow.plate)):
        vehicles[v.team_code].append(TeamVehicle(v.plate, v.team_code, v.kind, v.seats, v.is_fit, v.checked_on))
    drills: dict[str, list[date]] = defaultdict(list)
    for d in session.scalars(select(TeamDrillRow).order_by(TeamDrillRow.held_on)):
        drills[d.team_code].append(d.held_on)
    return tuple(
        Roster(t, tuple(members[t.code]), kit.get(t.code), tuple(vehicles[t.code]), tuple(drills[t.code]))
        for t in list_teams(session)
    )


def recent_deployments(session: Session, since: datetime) -> dict[str, int]:
    """Deployments per team that began since a moment, those stood down left out."""
    query = (
        select(DeploymentRow.team_code, func.count())
        .where(DeploymentRow.alerted_at >= since, DeploymentRow.state != DeploymentState.STOOD_DOWN)
        .group_by(DeploymentRow.team_code)
    )
    return {code: count for code, count in session.execute(query)}


def teams_out(session: Session, proposals: Sequence[str], counties: Sequence[str]) -> frozenset[str]:
    """Teams on their way to, or in, these counties or sent by these proposals; not those going home."""
    query = select(DeploymentRow.team_code).where(
        or_(DeploymentRow.proposal.in_(proposals), DeploymentRow.county.in_(counties)),
        DeploymentRow.state.in_(GOING_OR_THERE),
    )
    return frozenset(session.scalars(query))


def member_of(row: MemberRow, certificates: tuple[Certificate, ...]) -> Member:
    """A row and its certificates as a value."""
    return Member(
        row.code, row.team_code, row.name, MemberKind(row.kind), MemberStatus(row.status), row.phone,
        tuple(row.roles.split()), tuple(row.languages.split()), certificates, row.account,
    )
