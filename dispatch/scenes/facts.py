"""What the board's map is drawn from, read once; plain values of one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dispatch.alerts.model import Alert, RoadNotice, Situation
from dispatch.flow.board_rule import BoardRule
from dispatch.inventory.model import Warehouse
from dispatch.places import County
from dispatch.plans.escalation import Standing
from dispatch.routing.model import RoadEdge
from dispatch.routing.road_state import RoadReportRule, RoadState
from dispatch.teams.deployment import Deployment
from dispatch.teams.model import Team
from dispatch.teams.readiness import Readiness
from dispatch.teams.rules import TeamRule
from dispatch.waybills.progress import Trip
from dispatch.waybills.rules import TrackingRule

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Moment:
    """The moment shown and the moment it is: before, the map tells what was; after, what is planned."""

    at: datetime
    now: datetime

    @property
    def is_past(self) -> bool:
        """True when the map looks back."""
        return self.at < self.now

    @property
    def is_ahead(self) -> bool:
        """True when the map looks ahead."""
        return self.at > self.now


@dataclass(frozen=True, slots=True)
class Event:
    """A situation at the moment, with the level in force and the warnings it rests on."""

    situation: Situation
    standing: Standing
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """A road notice of a warning, and when the warning was sent."""

    notice: RoadNotice
    sent: datetime
    event: str


@dataclass(frozen=True, slots=True)
class Stock:
    """A warehouse with its lines against the minimum: item name (zh, en), units there, minimum."""

    warehouse: Warehouse
    lines: tuple[tuple[str, str, int, int], ...]


@dataclass(frozen=True)
class MapFacts:
    """Everything the layers need."""

    moment: Moment
    rule: BoardRule
    names: Mapping[str, tuple[str, str]]
    counties: Mapping[str, County]
    events: tuple[Event, ...]
    edges: tuple[RoadEdge, ...]
    notices: tuple[Notice, ...]
    reports: tuple[RoadState, ...]
    road_rule: RoadReportRule
    stock: tuple[Stock, ...]
    teams: tuple[tuple[Team, Readiness], ...]
    team_rule: TeamRule
    deployments: tuple[Deployment, ...]
    trips: tuple[Trip, ...]
    tracking: TrackingRule

    def seat(self, adcode: str) -> Point:
        """Where a county's seat is."""
        seat = self.counties[adcode].seat
        return seat.lon, seat.lat
