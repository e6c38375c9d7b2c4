"""Relief teams as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

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
    organisation: str | None = None
    self_sufficient_h: int | None = None
    tour_days: int | None = None
    rested_at: datetime | None = None


class MemberKind(StrEnum):
    """Full-timers are the core, volunteers the supplement."""

    STAFF = "staff"
    VOLUNTEER = "volunteer"


class MemberStatus(StrEnum):
    """Where a member is between asking to join and having left."""

    APPLIED = "applied"
    ACTIVE = "active"
    PAUSED = "paused"
    REFUSED = "refused"
    LEFT = "left"


class DeploymentState(StrEnum):
    """Where a deployment is; ``CLOSED`` and ``STOOD_DOWN`` end it."""

    ALERTED = "alerted"
    MUSTERING = "mustering"
    EN_ROUTE = "en_route"
    ON_SITE = "on_site"
    HANDOVER = "handover"
    RETURNING = "returning"
    RESTING = "resting"
    CLOSED = "closed"
    STOOD_DOWN = "stood_down"


class Muster(StrEnum):
    """What a called member answered, and whether they are back."""

    CALLED = "called"
    COMING = "coming"
    DECLINED = "declined"
    MUSTERED = "mustered"
    BACK = "back"


class LogKind(StrEnum):
    """What an entry of the log book is."""

    STATE = "state"
    CALL = "call"
    ANSWER = "answer"
    CHECK_IN = "check_in"
    REPORT = "report"
    ALARM = "alarm"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A skill proven on a day, until a day (None: for life)."""

    skill: str
    issued_on: date
    expires_on: date | None
    issuer: str = ""
    number: str = ""

    def is_valid(self, day: date) -> bool:
        """True on the days from issue to expiry, both included."""
        return self.issued_on <= day and (self.expires_on is None or day <= self.expires_on)


@dataclass(frozen=True, slots=True)
class Member:
    """A person of a team as the roster knows them; no next of kin.

    ``roles`` are those of the rule (leader, driver …), ``languages`` ISO 639 codes (zh, mn, en).
    """

    code: str
    team_code: str
    name: str
    kind: MemberKind
    status: MemberStatus
    phone: str | None
    roles: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("zh",)
    certificates: tuple[Certificate, ...] = ()
    account: str | None = None

    def skills(self, day: date) -> frozenset[str]:
        """Skills with a certificate valid on a day."""
        return frozenset(c.skill for c in self.certificates if c.is_valid(day))


@dataclass(frozen=True, slots=True)
class TeamVehicle:
    """A vehicle a team drives itself; ``kind`` is one of the rule's (4wd, truck, van, boat …)."""

    plate: str
    team_code: str
    kind: str
    seats: int
    is_fit: bool
    checked_on: date


@dataclass(frozen=True, slots=True)
class Roster:
    """All that is known of a team: ``kit`` maps kit item to what there is, ``drills`` days held."""

    team: Team
    members: tuple[Member, ...] = ()
    kit: dict[str, int] | None = None
    vehicles: tuple[TeamVehicle, ...] = ()
    drills: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamAssignment:
    """A team sent to a county and when it can be there; ``rides`` = with a convoy of goods."""

    team_code: str
    county: str
    departs_at: datetime
    arrives_at: datetime
    reason: Words
    tour_ends_at: datetime | None = None
    rides: bool = False
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class TeamShortfall:
    """A county that misses ``missing`` teams (0: certificates), why, and the cheapest way out."""

    county: str
    cause: Words
    remedy: Words
    missing: int = 1


@dataclass(frozen=True, slots=True)
class TeamStays:
    """A team that is not sent, and why."""

    team_code: str
    reason: Words


@dataclass(frozen=True, slots=True)
class BareCover:
    """What no team covers any more (zh, en), and the move-up that would mend it, if there is one.

    Bare from ``since``, when the last team leaves, to ``until``: the move-up is there, or the first
    team is back and rested.  ``is_beyond``: that is longer than the rule allows.
    """

    zh: str
    en: str
    move_up: Words | None
    since: datetime
    until: datetime
    is_beyond: bool


@dataclass(frozen=True, slots=True)
class TeamResult:
    """Who goes, what is missing, who stays and why, what is left bare.

    ``values``: (value, lower bound) of sites without a team, bare covers, missing teams, missing
    certificates and weighted minutes, each settled before the next; sites and teams by weight.
    """

    assignments: tuple[TeamAssignment, ...]
    shortfalls: tuple[TeamShortfall, ...]
    stays: tuple[TeamStays, ...] = ()
    bare: tuple[BareCover, ...] = ()
    values: tuple[tuple[int, int], ...] = ()
    is_optimal: bool = True
