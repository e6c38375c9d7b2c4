"""What waits at the desk, as plain values.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dispatch.flow.board_rule import BoardRule
from dispatch.geo import LonLat
from dispatch.plans.clocks import state
from dispatch.proposals.authority import Reach, find_lack
from dispatch.teams.deployment import Deployment
from dispatch.teams.rules import TeamRule
from dispatch.waybills.progress import Trip
from dispatch.waybills.rules import TrackingRule
from dispatch.words import Words


@dataclass(frozen=True, slots=True)
class Person:
    """Who looks at the list: name, role, place (adcode)."""

    name: str
    role: str
    place: str


@dataclass(frozen=True, slots=True)
class Task:
    """Something a person must do: what, where, by when, and who may
    (``roles``, but not ``not_by``; ``reach`` is what an approval would set in motion)."""

    kind: str
    subject: str
    words: Words
    where: Words
    due_at: datetime
    href: str
    roles: frozenset[str]
    not_by: frozenset[str] = frozenset()
    level: int | None = None
    reach: Reach | None = None

    def state(self, at: datetime) -> str:
        """missed, soon or running, as clocks of the plan are."""
        return state(self.due_at, None, at)

    def is_for(self, person: Person) -> bool:
        """Whether a person may do it; what sets goods in motion needs the authority of the level as well."""
        if person.role not in self.roles or person.name in self.not_by:
            return False
        return self.reach is None or find_lack(self.reach, person.place) is None


@dataclass(frozen=True, slots=True)
class OpenEvent:
    """An open situation as the desk sees it; ``free_at`` is when a step down becomes possible."""

    code: str
    title: Words
    level: int | None
    is_active: bool
    colour: str | None
    newest_sent: datetime
    is_judged: bool
    is_cancelled: bool = False
    free_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline of the plan that nobody has met yet."""

    situation: str
    name: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Missing:
    """Units of an item that stay missing."""

    item: Words
    unit: Words
    quantity: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A proposal that counts: drafted, submitted, returned or approved."""

    code: str
    situation: str
    status: str
    level: int | None
    created_at: datetime
    decided_at: datetime
    first_departure: datetime | None
    percent: int
    units_needed: int
    units_sent: int
    first_arrival: datetime | None
    last_arrival: datetime | None
    missing: tuple[Missing, ...]
    not_by: frozenset[str] = frozenset()
    reach: Reach | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """A document that came in and could not be read."""

    number: int
    file_name: str
    received_at: datetime


@dataclass(frozen=True)
class DeskFacts:
    """Everything the list is made of."""

    events: tuple[OpenEvent, ...]
    clocks: tuple[Clock, ...]
    plans: tuple[Plan, ...]
    trips: tuple[Trip, ...]
    deployments: tuple[Deployment, ...]
    team_names: Mapping[str, tuple[str, str]]
    unread: tuple[Unread, ...]
    names: Mapping[str, tuple[str, str]]
    seats: Mapping[str, LonLat]
    rule: BoardRule
    tracking: TrackingRule
    team_rule: TeamRule


def newest_plans(plans: Iterable[Plan]) -> dict[str, Plan]:
    """Situation → the plan that counts: the newest."""
    found: dict[str, Plan] = {}
    for plan in sorted(plans, key=lambda p: (p.created_at, p.code)):
        found[plan.situation] = plan
    return found


def counting_plans(plans: Iterable[Plan]) -> dict[str, tuple[Plan, ...]]:
    """Situation → the plans that count together, the newest last: those approved, then the one that waits.

    A later plan's need is what the approved ones before it leave open.
    """
    plans = tuple(plans)
    newest = newest_plans(plans)
    return {
        code: (*(p for p in sorted(plans, key=lambda p: (p.created_at, p.code))
                 if p.situation == code and p.status == "approved" and p.code != last.code), last)
        for code, last in newest.items()
    }
