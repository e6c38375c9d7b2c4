"""Demo rosters: a few people per team, marked demo everywhere, always the same.

Every third team has lapsed papers and an incomplete kit, so that there is something to see.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.clock import to_local
from dispatch.teams.access import code_of
from dispatch.teams.fields import months_after
from dispatch.teams.model import MemberKind, MemberStatus, Team
from dispatch.teams.rules import TeamRule, load_team_rule
from dispatch.teams.store import list_teams
from dispatch.teams.tables import (
    AttendanceRow,
    CertificateRow,
    MemberRow,
    TeamDrillRow,
    TeamKitRow,
    TeamVehicleRow,
)

PEOPLE = 10
STAFF = 2
ACTOR = "demo"
ROLES = (
    "leader", "deputy logistics", "driver", "driver", "medic", "translator registration", "logistics",
    "registration", "technician", "member",
)
BASIC = ("first_aid", "winter_survival")


def add_demo_rosters(session: Session, now: datetime) -> None:
    """Give every team its demo people and things where no team has anybody yet."""
    if session.scalar(select(MemberRow.code).limit(1)) is not None:
        return
    rule, today = load_team_rule(), to_local(now).date()
    teams = list_teams(session)
    for number, team in enumerate(teams):
        session.add_all(_members(team, number * PEOPLE, now))
    session.flush()
    for number, team in enumerate(teams):
        session.add_all(_certificates(team, number, rule, today))
        session.add_all(_things(team, number, rule, today))
        _add_drill(session, team, number, now)
    session.flush()


def _members(team: Team, before: int, now: datetime) -> Iterable[MemberRow]:
    joined = now - timedelta(days=400)
    for n in range(1, PEOPLE + 1):
        is_waiting, is_paused = n == PEOPLE and before % 40 == 0, n == PEOPLE - 1 and before % 30 == 0
        status = MemberStatus.APPLIED if is_waiting else MemberStatus.PAUSED if is_paused else MemberStatus.ACTIVE
        yield MemberRow(
            code=code_of(before + n), team_code=team.code, name=f"演示队员{n:02d}",
            kind=MemberKind.STAFF if n <= STAFF else MemberKind.VOLUNTEER, status=status,
            phone=f"1000000{before + n:04d}", roles=ROLES[n - 1], languages="zh mn" if n % 3 == 0 else "zh",
            applied_at=now - timedelta(days=3) if is_waiting else joined, applied_by=ACTOR,
            reviewed_at=None if is_waiting else joined, reviewed_by=None if is_waiting else ACTOR, review_note="",
        )


def _certificates(team: Team, number: int, rule: TeamRule, today: date) -> Iterable[CertificateRow]:
    needed = rule.specialities[team.speciality].skills
    for n in range(1, PEOPLE + 1):
        skills = {*BASIC[: 1 + n % 2], *(s for place, (s, least) in enumerate(needed.items()) if (n + place) % PEOPLE < least + 1)}
        for skill in sorted(skills):
            issued, ends = _days(rule.valid_months[skill], f"{team.code}{n}{skill}", number, today)
            yield CertificateRow(member=code_of(number * PEOPLE + n), skill=skill, issued_on=issued, expires_on=ends,
                                 issuer="演示", number=f"演示-{number:02d}-{n:02d}")


def _days(months: int, seed: str, number: int, today: date) -> tuple[date, date | None]:
    """Issue and expiry: some ended lately, more so in every third team, some end soon."""
    draw = zlib.crc32(seed.encode()) % 10
    if not months:
        return today - timedelta(days=200), None
    ended = 4 if number % 3 == 0 else 1
    left = -20 if draw < ended else 30 if draw < ended + 2 else 200 + 10 * draw
    issued = months_after(today + timedelta(days=left), -months)
    return issued, months_after(issued, months)


def _things(team: Team, number: int, rule: TeamRule, today: date) -> Iterable[TeamKitRow | TeamVehicleRow]:
    checked = today - timedelta(days=20 + number)
    speciality = rule.specialities[team.speciality]
    for place, (item, needed) in enumerate(speciality.kit.items()):
        if number % 3 == 0 and place % 4 == 3:
            continue
        have = needed // 2 if number % 3 == 1 and place % 5 == 4 else needed
        yield TeamKitRow(team_code=team.code, item=item, have=have, checked_on=checked)
    plate = 0
    for kind, needed in speciality.vehicles.items():
        for n in range(needed):
            plate += 1
            yield TeamVehicleRow(plate=f"蒙A演{number:02d}{plate:02d}", team_code=team.code, kind=kind, seats=rule.seats[kind],
                                 is_fit=not (number % 4 == 0 and n == 0), checked_on=checked)


def _add_drill(session: Session, team: Team, number: int, now: datetime) -> None:
    held = to_local(now).date() - timedelta(days=30 + 15 * number)
    code = f"DR-DEMO-{team.code.removeprefix('RT-')}"
    session.add(TeamDrillRow(code=code, team_code=team.code, held_on=held, title="演示：冬季集结和发放训练", recorded_by=ACTOR,
                             recorded_at=now))
    session.flush()
    session.add_all(AttendanceRow(drill=code, member=code_of(number * PEOPLE + n)) for n in range(1, PEOPLE - 1))
