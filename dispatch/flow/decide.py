"""The decision itself: pure values in, pure values out, every answer checked.

Prepared once (needs, roads, allocation, what the routes are asked), then a first route
plan at once and better ones slice by slice; each can be concluded into a decision.
"""

from __future__ import annotations

import hashlib
import threading
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

from dispatch.allocation.model import AllocationResult
from dispatch.allocation.params import AllocationParams, load_params
from dispatch.allocation.problem import AllocationProblem
from dispatch.allocation.solver import allocate
from dispatch.allocation.verify import violations as allocation_violations
from dispatch.errors import Refused
from dispatch.flow.compose_cover import setting_of
from dispatch.flow.model import Decision, Inputs
from dispatch.flow.problems import (
    allocation_problem,
    conditions_of,
    routing_problem,
    travel_matrix,
)
from dispatch.flow.rehome import rehome
from dispatch.flow.team_problem import team_problem, with_rides
from dispatch.flow.wishes import Wishes
from dispatch.needs.estimate import estimate
from dispatch.needs.model import NeedLine
from dispatch.needs.sites import check_sites, toward_sites
from dispatch.routing import planner
from dispatch.routing.finish import make_result
from dispatch.routing.plan import RoutePlan, lane_keys
from dispatch.routing.problem import RoutingParams, RoutingProblem
from dispatch.routing.rates import load_routing
from dispatch.routing.road_wishes import broken_wishes
from dispatch.routing.roads import RoadConditions
from dispatch.routing.surroundings import RoadFacts
from dispatch.routing.verify import violations as routing_violations
from dispatch.teams.problem import TeamProblem
from dispatch.teams.solver import assign
from dispatch.teams.verify import told_wrongly
from dispatch.teams.verify import violations as team_violations

NO_WISHES = Wishes()
OnPlan = Callable[[RoutePlan], None]


class Stopwatch:
    """Seconds per named stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """Book the time since the last lap under a stage."""
        now = time.perf_counter()
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + now - self._last, 4)
        self._last = now


@dataclass(frozen=True)
class Prepared:
    """All that comes before the routes."""

    inputs: Inputs
    wishes: Wishes
    forecast: tuple[NeedLine, ...]
    needs: tuple[NeedLine, ...]
    conditions: RoadConditions
    allocation_problem: AllocationProblem
    allocation: AllocationResult
    routing_problem: RoutingProblem
    team_problem: TeamProblem
    params: RoutingParams
    watch: Stopwatch = field(compare=False)

    @cached_property
    def input_hash(self) -> str:
        """SHA-256 of everything the solvers are given."""
        return _hash(self.allocation_problem, self.routing_problem, (self.team_problem, self.wishes, self.params))


def prepare(
    inputs: Inputs, params: RoutingParams, wishes: Wishes = NO_WISHES, *, instant: bool = False
) -> Prepared:
    """Needs, roads, allocation and teams; what the routes and the teams are asked.

    ``instant`` takes the allocation by flow even where trucks bind and leaves the causes of
    gaps for later: an answer in milliseconds to begin with.
    """
    watch = Stopwatch()
    forecast = _forecast(inputs)
    needs = _moved(inputs, forecast)
    watch.lap("needs")
    conditions = conditions_of(inputs, wishes)
    matrix = travel_matrix(inputs, conditions, needs)
    watch.lap("roads")
    asked = allocation_problem(inputs, needs, (matrix, conditions), wishes)
    allotted = allocate(asked, _weights(params, wishes, instant=instant))
    watch.lap("allocation")
    routes = routing_problem(inputs, (asked, allotted), (matrix, conditions), wishes)
    watch.lap("routes")
    sending = team_problem(inputs, matrix, (asked, allotted), wishes)
    watch.lap("teams")
    return Prepared(
        inputs, wishes, forecast, needs, conditions, asked, allotted, routes, sending,
        params, watch,
    )


def _weights(params: RoutingParams, wishes: Wishes, *, instant: bool) -> AllocationParams:
    weights = load_params()
    alpha = wishes.alpha if wishes.alpha is not None else load_routing().modes[wishes.mode].alpha
    return replace(
        weights, seed=params.seed, alpha=weights.alpha if alpha is None else alpha,
        engine="flow" if instant else weights.engine, explains=not instant,
    )


def _hash(asked: AllocationProblem, routes: RoutingProblem, how: tuple[TeamProblem, Wishes, RoutingParams]) -> str:
    teams, wishes, params = how
    parts = (
        asked.needs, asked.offers, asked.withheld, asked.departs_at,
        sorted(asked.safety_stock.items()), sorted(asked.fleet.items()), routes.shipments, routes.vehicles,
        sorted(routes.classes.items()), routes.rates, routes.driving, sorted(routes.sources.items()),
        teams.alerted_at, teams.muster_s, teams.teams_wanted, sorted(teams.sites.items()),
        [(c.team, c.readiness, c.is_ready, c.has_vehicle, sorted(c.skills.items()), c.recent) for c in teams.candidates],
        wishes.to_json(), params,
    )
    digest = hashlib.sha256(repr(parts).encode())
    for table in (asked.travel_s, routes.matrix.duration_s, routes.matrix.distance_m):
        pairs = sorted(table)
        digest.update("\n".join(chain.from_iterable(pairs)).encode())
        digest.update(array("q", map(table.__getitem__, pairs)).tobytes())
    return digest.hexdigest()


def first_plan(prepared: Prepared, before: RoutePlan | None = None) -> RoutePlan:
    """A route plan at once."""
    plan = planner.first_plan(prepared.routing_problem, before)
    prepared.watch.lap("routes")
    return plan


def improve(
    prepared: Prepared, plan: RoutePlan, before: RoutePlan | None = None, cancel: threading.Event | None = None
) -> RoutePlan:
    """One more slice of the budget; never worse."""
    better = planner.improve(prepared.routing_problem, plan, prepared.params, before, cancel)
    prepared.watch.lap("routes")
    return better


def conclude(prepared: Prepared, plan: RoutePlan) -> Decision:
    """The decision a route plan makes, independently checked.

    Raises ``Refused`` naming the broken rules when a check fails.
    """
    asked = prepared.allocation_problem
    routes, allotted = rehome(prepared.routing_problem, plan, (asked, prepared.allocation))
    result = make_result(routes, plan)
    prepared.watch.lap("routes")
    inputs = prepared.inputs
    facts = RoadFacts(inputs.edges, inputs.speeds, prepared.conditions)
    # teams may ride with the trucks of this plan
    sending = with_rides(prepared.team_problem, inputs, result.routes)
    teams = assign(sending)
    prepared.watch.lap("teams")
    _refuse_broken(
        allocation_violations(asked, allotted)
        + routing_violations(routes, result, facts)
        + broken_wishes(result, prepared.wishes.roads, inputs.edges, inputs.speeds)
        + team_violations(sending, teams.assignments)
        + told_wrongly(sending, teams)
    )
    prepared.watch.lap("verify")
    return Decision(
        inputs.activation, prepared.forecast, prepared.needs, asked, allotted, routes, result,
        sending, teams, dict(prepared.conditions.percent),
        dict(prepared.watch.seconds), plan, prepared.wishes, prepared.params, prepared.input_hash,
        lane_keys(prepared.routing_problem.shipments),
    )


def decide(
    inputs: Inputs,
    params: RoutingParams,
    wishes: Wishes = NO_WISHES,
    before: RoutePlan | None = None,
    on_plan: OnPlan | None = None,
) -> Decision:
    """Level, needs, allocation, routes and teams for one situation, in one go."""
    prepared = prepare(inputs, params, wishes)
    plan = first_plan(prepared, before)
    while plan.slices < params.slices:
        if on_plan:
            on_plan(plan)
        plan = improve(prepared, plan, before)
    return conclude(prepared, plan)


def _forecast(inputs: Inputs) -> tuple[NeedLine, ...]:
    return estimate(inputs.situation, inputs.activation, setting_of(inputs))


def _moved(inputs: Inputs, forecast: tuple[NeedLine, ...]) -> tuple[NeedLine, ...]:
    """The needs that goods are moved for: all, those of the sites in the area, or none."""
    kind = inputs.activation.kind
    if kind == "preposition":
        checks = check_sites(forecast, inputs.warehouses, inputs.stock)
        return toward_sites(forecast, checks, inputs.warehouses)
    return forecast if kind == "dispatch" else ()


def _refuse_broken(broken: Sequence[str]) -> None:
    if broken:
        raise Refused(
            "The plan failed its independent check and was not kept: " + "; ".join(broken[:5]),
            remedy="Draft again; report this text when it stays.",
            zh="方案未通过独立校验，未保存：" + "；".join(broken[:5]),
            remedy_zh="请重新生成；如仍出现，请上报此信息。",
            facts={"violations": list(broken)},
        )
