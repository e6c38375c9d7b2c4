"""Everything a decision rests on, gathered once, and everything it answers."""

from __future__ import annotations

from dataclasses import dataclass, field

from dispatch.alerts.model import Situation
from dispatch.allocation.model import AllocationResult
from dispatch.allocation.problem import AllocationProblem
from dispatch.clock import Clock
from dispatch.config import Settings
from dispatch.flow.wishes import Wishes
from dispatch.inventory.model import Item, StockSnapshot, Warehouse
from dispatch.needs.exposure_table import ExposureTable
from dispatch.needs.model import Covered, NeedLine
from dispatch.needs.standards import Standards
from dispatch.places import County
from dispatch.plans.model import Activation
from dispatch.plans.policy import Policy
from dispatch.routing.model import RoadEdge, RoutingResult, Vehicle, VehicleClass
from dispatch.routing.pins import LockedTour
from dispatch.routing.plan import LaneKey, RoutePlan
from dispatch.routing.problem import RoutingParams, RoutingProblem
from dispatch.routing.speeds import SpeedTable
from dispatch.teams.model import TeamResult
from dispatch.teams.problem import Candidate, TeamProblem


@dataclass(frozen=True, slots=True)
class Way:
    """On whose behalf, by which clock, under which settings.

    ``draft`` false only keeps messages; ``waits`` false leaves drafting to the worker.
    """

    actor: str
    clock: Clock
    settings: Settings
    draft: bool = True
    waits: bool = True


@dataclass(frozen=True)
class Inputs:
    """What is known at the moment of deciding; plain values, no session.

    ``covered`` tells per (county, item) what earlier approved dispatches and local
    distributions already bring; ``busy_teams`` are out for this situation now,
    ``busy_trucks`` those that open waybills or the way back keep from standing ready.
    """

    situation: Situation
    activation: Activation
    counties: dict[str, County]
    names: dict[str, tuple[str, str]]
    items: dict[str, Item]
    warehouses: dict[str, Warehouse]
    stock: StockSnapshot
    edges: tuple[RoadEdge, ...]
    classes: dict[str, VehicleClass]
    vehicles: tuple[Vehicle, ...]
    candidates: tuple[Candidate, ...]
    policy: Policy
    standards: Standards
    exposure: ExposureTable
    speeds: SpeedTable
    covered: dict[tuple[str, str], Covered] = field(default_factory=dict)
    busy_teams: frozenset[str] = frozenset()
    kit_versions: dict[str, str] = field(default_factory=dict)
    busy_trucks: tuple[LockedTour, ...] = ()


@dataclass(frozen=True)
class Decision:
    """The answer of each stage beside the problem it answered.

    ``forecast_needs`` is what people are expected to need; ``needs`` the part that this
    proposal moves goods for (all of it for a dispatch, what the sites in the area lack for a
    pre-positioning, nothing for a stand-by list).  ``plan`` is the route plan before times
    and reasons; ``input_hash``, ``wishes`` and ``params`` are what it takes to make it again;
    ``lanes`` names its shipments as they were allotted.
    """

    activation: Activation
    forecast_needs: tuple[NeedLine, ...]
    needs: tuple[NeedLine, ...]
    allocation_problem: AllocationProblem
    allocation: AllocationResult
    routing_problem: RoutingProblem
    routing: RoutingResult
    team_problem: TeamProblem
    teams: TeamResult
    road_percent: dict[int, int]
    stage_seconds: dict[str, float]
    plan: RoutePlan
    wishes: Wishes
    params: RoutingParams
    input_hash: str
    lanes: dict[int, LaneKey]
