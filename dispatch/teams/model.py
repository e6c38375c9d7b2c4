"""Relief teams as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dispatch.words import Words


@dataclass(frozen=True, slots=True)
class Team:
    """A relief team; ``staff`` and ``volunteers`` are head counts, ``status`` one
    of available, standby, mustering, en_route, on_site, returning, resting,
    unavailable; ``is_assumption`` marks names and sizes not yet confirmed."""

    code: str
    name_zh: str
    name_en: str
    tier: str
    league_adcode: str
    home_county: str
    speciality: str
    staff: int
    volunteers: int
    status: str
    is_assumption: bool


@dataclass(frozen=True, slots=True)
class TeamAssignment:
    """A team sent to a county and when it can be there."""

    team_code: str
    county: str
    departs_at: datetime
    arrives_at: datetime
    reason: Words


@dataclass(frozen=True, slots=True)
class TeamShortfall:
    """A county left without a team, and why."""

    county: str
    cause: Words
    remedy: Words
