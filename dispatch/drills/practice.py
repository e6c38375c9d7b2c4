"""How goods are sent without a plan: from the nearest warehouse that has them, a truck for
each lane, straight there and back, hired when no own truck is left."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

from dispatch.allocation.model import AllocationResult, Gap, SupplyLine
from dispatch.allocation.problem import AllocationProblem
from dispatch.flow.decide import Prepared, prepare
from dispatch.flow.model import Decision, Inputs
from dispatch.flow.problems import routing_problem
from dispatch.flow.rehome import spare_lots
from dispatch.flow.team_problem import with_rides
from dispatch.routing.finish import make_result
from dispatch.routing.model import Shipment, VehicleClass
from dispatch.routing.plan import RoutePlan, Tour, lane_keys
from dispatch.routing.problem import RoutingParams, RoutingProblem
from dispatch.routing.search.adapt import hired_code
from dispatch.teams.solver import assign
from dispatch.words import Words

NEAREST = Words("practice.nearest", "就近调拨", "from the nearest warehouse that has it")
NONE_LEFT = Words("practice.none_left", "各库可用库存已用完", "no warehouse that may send has any left")
NO_REMEDY = Words("practice.no_remedy", "就近调拨不提出办法", "practice proposes none")
MANY = 10**6


def practise(inputs: Inputs, params: RoutingParams) -> Decision:
    """The decision practice comes to from the same facts, needs and stock; teams as we would send them."""
    prepared = prepare(inputs, params, instant=True)
    asked = prepared.allocation_problem
    allotted = nearest_first(asked, prepared.allocation)
    problem = practice_problem(prepared)
    plan = direct_plan(problem)
    result = make_result(problem, plan)
    sending = with_rides(prepared.team_problem, inputs, result.routes)
    return Decision(
        inputs.activation, prepared.forecast, prepared.needs, asked, allotted, problem, result, sending,
        assign(sending), dict(prepared.conditions.percent), dict(prepared.watch.seconds), plan,
        prepared.wishes, params, prepared.input_hash, lane_keys(problem.shipments),
    )


def nearest_first(asked: AllocationProblem, result: AllocationResult) -> AllocationResult:
    """Needs by urgency, each from the nearest warehouse with stock, lots first expiring first."""
    stock = spare_lots(asked, ())
    yards = sorted({warehouse for warehouse, _ in stock})
    sent: Counter[tuple[str, str, str, str]] = Counter()
    for need in sorted(asked.needs, key=lambda n: (n.priority, n.county, n.item_code)):
        missing = need.quantity
        ways = [
            (asked.travel_s[w, need.county], w) for w in yards if (w, need.county) in asked.travel_s
        ]
        for _, yard in sorted(ways):
            for place, offer in enumerate(stock.get((yard, need.item_code), [])):
                units = min(missing, offer.quantity)
                if units:
                    sent[need.county, need.item_code, offer.lot_code, yard] += units
                    stock[yard, need.item_code][place] = replace(
                        offer, quantity=offer.quantity - units
                    )
                    missing -= units
            if not missing:
                break
    lines = tuple(
        SupplyLine(*key, units, asked.departs_at, NEAREST) for key, units in sorted(sent.items())
    )
    return replace(result, lines=lines, gaps=_gaps(asked, sent))


def _gaps(asked: AllocationProblem, sent: Counter[tuple[str, str, str, str]]) -> tuple[Gap, ...]:
    came = Counter[tuple[str, str]]()
    for (county, item, _lot, _yard), units in sent.items():
        came[county, item] += units
    short = ((need, need.quantity - came[need.county, need.item_code]) for need in asked.needs)
    return tuple(
        Gap(need.county, need.item_code, units, NONE_LEFT, NO_REMEDY) for need, units in short if units > 0
    )


def practice_problem(prepared: Prepared) -> RoutingProblem:
    """The shipments of who allots nearest first."""
    asked, result = prepared.allocation_problem, prepared.allocation
    allotted = nearest_first(asked, result)
    roads = prepared.routing_problem.matrix, prepared.conditions
    problem = routing_problem(prepared.inputs, (asked, allotted), roads, prepared.wishes)
    return without_end_of_hire(replace(problem, sources={}, spare={}))


def without_end_of_hire(problem: RoutingProblem) -> RoutingProblem:
    """As many trucks to hire as wanted."""
    return replace(problem, rates=replace(problem.rates, hire_most=MANY))


def direct_plan(problem: RoutingProblem) -> RoutePlan:
    """The smallest own truck that takes the shipment, else the smallest hired one, for each."""
    own: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for vehicle in problem.vehicles:
        payload = problem.classes[vehicle.class_code].payload_kg
        own[vehicle.warehouse_code].append((payload, vehicle.code, vehicle.class_code))
    for trucks in own.values():
        trucks.sort()
    numbers: Counter[tuple[str, str]] = Counter()
    out = {tour.vehicle_code for tour in problem.pins.locked}
    tours, left = [], []
    for s in problem.shipments:
        place = problem.warehouse_county[s.warehouse_code]
        fit = [
            c
            for c in sorted(problem.classes.values(), key=lambda c: c.payload_kg)
            if _takes(problem, c, s)
        ]
        if not fit or (place, s.county) not in problem.matrix.duration_s:
            left.append(s.id)
            continue
        codes = {c.code for c in fit}
        truck = next((t for t in own[s.warehouse_code] if t[2] in codes), None)
        if truck:
            own[s.warehouse_code].remove(truck)
            tours.append(Tour(truck[1], truck[2], False, s.warehouse_code, (s.id,)))
            continue
        key = (s.warehouse_code, fit[0].code)
        numbers[key] += 1
        while hired_code(*key, numbers[key]) in out:
            numbers[key] += 1
        tours.append(Tour(hired_code(*key, numbers[key]), key[1], True, s.warehouse_code, (s.id,)))
    return RoutePlan(tuple(tours), tuple(left), 0.0)


def _takes(problem: RoutingProblem, kind: VehicleClass, s: Shipment) -> bool:
    able = problem.skills.get(s.county, frozenset()) <= frozenset(kind.skills.split())
    return able and s.load_g <= kind.payload_kg * 1000 and s.load_cm3 <= kind.volume_cm3
