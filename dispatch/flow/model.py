"""Everything a decision rests on, gathered once, and everything it answers."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.alerts.model import Situation
from dispatch.allocation.model import AllocationResult
from dispatch.allocation.problem import AllocationProblem
from dispatch.inventory.model import Item, StockSnapshot, Warehouse
from dispatch.needs.model import NeedLine
from dispatch.needs.standards import Standards
from dispatch.places import County
from dispatch.plans.model import Activation
from dispatch.plans.policy import Policy
from dispatch.routing.model import RoadEdge, RoutingResult, Vehicle, VehicleClass
from dispatch.routing.problem import RoutingProblem
from dispatch.routing.speeds import SpeedTable
from dispatch.teams.model import Team, TeamAssignment, TeamShortfall
from dispatch.teams.problem import TeamProblem


@dataclass(frozen=True)
class Inputs:
    """What is known at the moment of deciding; plain values, no session."""

    situation: Situation
    counties: dict[str, County]
    names: dict[str, tuple[str, str]]
    items: dict[str, Item]
    warehouses: dict[str, Warehouse]
    stock: StockSnapshot
    edges: tuple[RoadEdge, ...]
    classes: dict[str, VehicleClass]
    vehicles: tuple[Vehicle, ...]
    teams: tuple[Team, ...]
    policy: Policy
    standards: Standards
    speeds: SpeedTable


@dataclass(frozen=True)
class Decision:
    """The answer of each stage beside the problem it answered."""

    activation: Activation
    needs: tuple[NeedLine, ...]
    allocation_problem: AllocationProblem
    allocation: AllocationResult
    routing_problem: RoutingProblem
    routing: RoutingResult
    team_problem: TeamProblem
    teams: tuple[TeamAssignment, ...]
    team_shortfalls: tuple[TeamShortfall, ...]
    road_percent: dict[int, int]
    stage_seconds: dict[str, float]
