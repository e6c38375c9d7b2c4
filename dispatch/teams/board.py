"""A roster in figures: people, certificates about to lapse, kit against the rule.  Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from dispatch.teams.model import Certificate, Member, MemberKind, MemberStatus, Roster, Team
from dispatch.teams.rules import TeamRule


class Validity(StrEnum):
    """Where a certificate stands on a day; a renewed one no longer counts as lapsing."""

    VALID = "valid"
    LAPSING = "lapsing"
    LAPSED = "lapsed"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Standing:
    """One team on the board: active people, certificates, kit lines complete of those asked for,
    fit vehicles, day of the last drill, applications waiting."""

    team: Team
    staff: int
    volunteers: int
    valid: int
    lapsing: int
    lapsed: int
    kit_complete: int
    kit_lines: int
    vehicles_fit: int
    vehicles: int
    last_drill: date | None
    is_drill_due: bool
    waiting: int


@dataclass(frozen=True, slots=True)
class KitLine:
    """A kit item of a team: what it has and what the rule asks for; ``have`` None = never counted."""

    item: str
    have: int | None
    needed: int

    @property
    def is_complete(self) -> bool:
        """True when there is as much as asked for."""
        return (self.have or 0) >= self.needed


@dataclass(frozen=True, slots=True)
class Lapse:
    """A certificate of an active or paused member and when it ends."""

    team: Team
    member: Member
    certificate: Certificate
    validity: Validity


def active(roster: Roster) -> tuple[Member, ...]:
    """Those who can be called."""
    return tuple(m for m in roster.members if m.status is MemberStatus.ACTIVE)


def newest(member: Member) -> dict[str, Certificate]:
    """Skill → the certificate that lasts longest."""
    found: dict[str, Certificate] = {}
    for one in member.certificates:
        if one.skill not in found or _end(one) > _end(found[one.skill]):
            found[one.skill] = one
    return found


def validity_of(certificate: Certificate, member: Member, rule: TeamRule, day: date) -> Validity:
    """Where one certificate of a member stands."""
    if newest(member)[certificate.skill] != certificate:
        return Validity.REPLACED
    if not certificate.is_valid(day):
        return Validity.LAPSED
    is_near = _end(certificate) <= day + timedelta(days=rule.lapse_warning_days)
    return Validity.LAPSING if is_near else Validity.VALID


def kit_lines(roster: Roster, rule: TeamRule) -> tuple[KitLine, ...]:
    """What the speciality asks for, then what the team has besides, in the rule's order."""
    needed, have = rule.specialities[roster.team.speciality].kit, roster.kit or {}
    return tuple(KitLine(item, have.get(item), needed.get(item, 0)) for item in rule.items if item in needed or item in have)


def standing(roster: Roster, rule: TeamRule, day: date) -> Standing:
    """A team's line on the board on a day."""
    people = active(roster)
    counts: dict[Validity, int] = defaultdict(int)
    for member in people:
        for one in newest(member).values():
            counts[validity_of(one, member, rule, day)] += 1
    asked = [line for line in kit_lines(roster, rule) if line.needed]
    last = max((d for d in roster.drills if d <= day), default=None)
    return Standing(
        team=roster.team,
        staff=sum(m.kind is MemberKind.STAFF for m in people),
        volunteers=sum(m.kind is MemberKind.VOLUNTEER for m in people),
        valid=counts[Validity.VALID] + counts[Validity.LAPSING], lapsing=counts[Validity.LAPSING],
        lapsed=counts[Validity.LAPSED],
        kit_complete=sum(line.is_complete for line in asked), kit_lines=len(asked),
        vehicles_fit=sum(v.is_fit for v in roster.vehicles), vehicles=len(roster.vehicles),
        last_drill=last, is_drill_due=last is None or (day - last).days > rule.drill_every_days,
        waiting=sum(m.status is MemberStatus.APPLIED for m in roster.members),
    )


def lapses(rosters: Iterable[Roster], rule: TeamRule, day: date) -> dict[str, list[Lapse]]:
    """Month (2026-11) → certificates that end in it, soonest first; for-life ones never do."""
    found = [
        Lapse(roster.team, member, one, validity_of(one, member, rule, day))
        for roster in rosters for member in roster.members
        if member.status in (MemberStatus.ACTIVE, MemberStatus.PAUSED)
        for one in newest(member).values() if one.expires_on is not None
    ]
    months: dict[str, list[Lapse]] = defaultdict(list)
    for lapse in sorted(found, key=lambda x: (_end(x.certificate), x.team.code, x.member.code)):
        months[f"{_end(lapse.certificate):%Y-%m}"].append(lapse)
    return dict(months)


def _end(certificate: Certificate) -> date:
    return certificate.expires_on or date.max
