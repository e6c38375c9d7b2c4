"""Who may see what of the people in a team, and what the others see instead.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dispatch.accounts.rights import roles_of
from dispatch.places import REGION_ADCODE
from dispatch.teams.model import Member, Team

PLANNERS = roles_of("team.manage")
KEEPERS = roles_of("team.keep")
HIDDEN = "****"
REGION_TIER = "region"


@dataclass(frozen=True, slots=True)
class Viewer:
    """An account as seen from the rosters; ``team`` is the team whose active member it is."""

    name: str
    role: str
    place: str
    team: str | None = None

    @classmethod
    def of(cls, account: Mapping[str, Any], team: str | None = None) -> Viewer:
        """The viewer behind an account."""
        return cls(account["name"], account["role"], account["place"], team)

    def covers(self, team: Team) -> bool:
        """True where the account's place is the team's own or above it.

        A team of the region sits in a league but answers to the region alone.
        """
        if self.place == REGION_ADCODE:
            return True
        return team.tier != REGION_TIER and self.place in (team.league_adcode, team.home_county)

    def manages(self, team: Team) -> bool:
        """True for planners and above in whose place the team is: they see and decide all."""
        return self.role in PLANNERS and self.covers(team)

    def keeps(self, team: Team) -> bool:
        """True for those who keep the books of kit, vehicles and drills of a team."""
        return self.role in KEEPERS and self.covers(team)

    def is_comrade(self, team: Team) -> bool:
        """True for members of the team itself, who call each other."""
        return self.team == team.code

    def sees_people(self, team: Team) -> bool:
        """True where names and telephones are shown as they are."""
        return self.manages(team) or self.is_comrade(team)


def is_at_or_below(place: str, above: str) -> bool:
    """True where a place is another one or lies in it."""
    return above in (REGION_ADCODE, place, place[:4] + "00")


def mask_name(name: str) -> str:
    """The first sign of a name; how long it is stays hidden too."""
    return name[:1] + "*" if name else ""


def mask_phone(phone: str | None) -> str:
    """The first three and last four signs of a telephone; all of a short one is hidden."""
    if not phone:
        return ""
    return phone[:3] + HIDDEN + phone[-4:] if len(phone) >= 11 else HIDDEN


def shown_to(viewer: Viewer, team: Team, member: Member) -> Member:
    """The member as the viewer may see them; certificate numbers are for planners alone."""
    if viewer.manages(team):
        return member
    plain = tuple(replace(c, number=HIDDEN if c.number else "") for c in member.certificates)
    if viewer.is_comrade(team):
        return replace(member, certificates=plain)
    return replace(member, name=mask_name(member.name), phone=mask_phone(member.phone), account=None,
                   certificates=plain)
