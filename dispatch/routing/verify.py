"""The independent checker: recomputes every rule from the problem, without the solver."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from dispatch.routing.model import Leg, Route, RoutingResult, Shipment
from dispatch.routing.problem import RoutingProblem
from dispatch.routing.road_check import road_violations
from dispatch.routing.surroundings import RoadFacts

NOISE = 1


def violations(
    problem: RoutingProblem, result: RoutingResult, facts: RoadFacts | None = None
) -> list[str]:
    """Every broken rule as a sentence; an empty list means the plan stands.

    With ``facts`` each road driven is checked against the road table and the notices too.
    """
    found = [*_each_shipment_once(problem, result), *_each_vehicle_once(problem, result), *_hired(problem, result)]
    for route in result.routes:
        found += _check_load(problem, route)
        found += _check_times(problem, route, facts)
        found += _check_skills(problem, route)
        found += _check_cost(problem, route)
    found += [*_check_pins(problem, result), *_check_worth(problem, result)]
    return found


def _each_shipment_once(problem: RoutingProblem, result: RoutingResult) -> Iterable[str]:
    carried = Counter(i for r in result.routes for stop in r.stops for i in stop.shipment_ids)
    carried.update(u.shipment_id for u in result.unserved)
    wanted = {s.id for s in problem.shipments}
    for i in sorted(wanted | set(carried)):
        if carried.get(i, 0) != 1 or i not in wanted:
            yield f"shipment {i} is carried {carried.get(i, 0)} times"


def _each_vehicle_once(problem: RoutingProblem, result: RoutingResult) -> Iterable[str]:
    own = {v.code: v for v in problem.vehicles}
    used = Counter(route.vehicle_code for route in result.routes)
    yield from (f"truck {code} drives {n} routes" for code, n in used.items() if n > 1)
    for route in result.routes:
        vehicle = own.get(route.vehicle_code)
        if route.is_hired == (vehicle is not None):
            yield f"truck {route.vehicle_code} is wrongly marked own or hired"
        elif vehicle and (vehicle.warehouse_code, vehicle.class_code) != (
            route.warehouse_code, route.vehicle_class,
        ):
            yield f"truck {route.vehicle_code} does not stand at {route.warehouse_code}"
        if not route.stops:
            yield f"truck {route.vehicle_code} drives nowhere"


def _hired(problem: RoutingProblem, result: RoutingResult) -> Iterable[str]:
    hired = Counter((r.warehouse_code, r.vehicle_class) for r in result.routes if r.is_hired)
    for (place, kind), number in hired.items():
        if number > problem.rates.hire_most:
            yield f"{place}: {number} trucks of class {kind} hired of {problem.rates.hire_most}"


def _check_load(problem: RoutingProblem, route: Route) -> Iterable[str]:
    shipments = problem.by_id
    load_g = load_cm3 = 0
    for stop in route.stops:
        for number in stop.shipment_ids:
            shipment = shipments.get(number)
            if shipment is None:
                continue
            load_g, load_cm3 = load_g + shipment.load_g, load_cm3 + shipment.load_cm3
            if shipment.county != stop.county:
                yield f"shipment {number} is left at {stop.county}, not {shipment.county}"
            if shipment.warehouse_code != route.warehouse_code:
                yield f"shipment {number} does not start at {route.warehouse_code}"
    kind = problem.classes[route.vehicle_class]
    if load_g != route.load_g or load_g > kind.payload_kg * 1000:
        yield f"truck {route.vehicle_code} carries {load_g} g of {kind.payload_kg} kg"
    if load_cm3 != route.load_cm3 or load_cm3 > kind.volume_cm3:
        yield f"truck {route.vehicle_code} carries {load_cm3} of {kind.volume_cm3} cm3"


class _Clock:
    """A truck's time with its crew's hours, counted afresh from the driving rules."""

    def __init__(self, problem: RoutingProblem, at: datetime) -> None:
        self.rules, self.at = problem.driving, at
        self.at_wheel_s = self.awake_s = 0

    def drive(self, seconds: int) -> None:
        for _ in range(10_000):
            if self.awake_s == self.rules.drivers * self.rules.driver_day_s and seconds:
                self.stand(self.rules.sleep_s)
            if self.at_wheel_s == self.rules.rest_after_s and seconds:
                self.stand(self.rules.rest_s)
            part = min(
                seconds, self.rules.rest_after_s - self.at_wheel_s,
                self.rules.drivers * self.rules.driver_day_s - self.awake_s,
            )
            self.at += timedelta(seconds=part)
            self.at_wheel_s, self.awake_s, seconds = self.at_wheel_s + part, self.awake_s + part, seconds - part
            if not seconds:
                return

    def stand(self, seconds: int) -> None:
        self.at += timedelta(seconds=seconds)
        self.at_wheel_s = 0 if seconds >= self.rules.rest_s else self.at_wheel_s
        self.awake_s = 0 if seconds >= self.rules.sleep_s else self.awake_s


def _check_times(problem: RoutingProblem, route: Route, facts: RoadFacts | None) -> Iterable[str]:
    """Drives the legs stop by stop with a clock of its own; every road as it is by then."""
    name = f"truck {route.vehicle_code}"
    begins = problem.departs_at + timedelta(seconds=problem.load_s)
    if route.departs_at != begins:
        yield f"{name} leaves at {route.departs_at}, not {begins}"
    clock, here = _Clock(problem, begins), problem.warehouse_county[route.warehouse_code]
    legs = list(route.legs)
    shipments = problem.by_id
    for stop in route.stops:
        if stop.county == here:
            clock.drive(problem.matrix.duration_s[here, here])
        while here != stop.county:
            if not legs:
                yield f"{name} never reaches {stop.county}"
                return
            leg = legs.pop(0)
            yield from (f"{name}: {fault}" for fault in _leg_faults(here, leg, clock.at, facts))
            if leg.wait_s:
                clock.stand(leg.wait_s)
            clock.drive(leg.duration_s)
            here = leg.to_adcode
        if clock.at != stop.arrives_at:
            yield f"{name} is at {stop.county} {stop.arrives_at}, not {clock.at}"
        yield from _check_window(name, stop.wait_s, clock.at, [shipments[i] for i in stop.shipment_ids if i in shipments])
        clock.stand(stop.wait_s + problem.unload_s)
    if legs:
        yield f"{name} drives on after its last stop"
    if (clock.at - begins).total_seconds() != route.duration_s:
        yield f"{name} takes {route.duration_s} s, not {clock.at - begins}"
    if route.distance_m != sum(leg.distance_m for leg in route.legs):
        yield f"{name} drives another distance than its legs"


def _leg_faults(here: str, leg: Leg, at: datetime, facts: RoadFacts | None) -> Iterable[str]:
    if leg.from_adcode != here:
        yield f"jumps from {here} to {leg.from_adcode}"
    if facts is not None:
        yield from road_violations(facts.edges, facts.speeds, facts.conditions, (leg,), at)


def _check_window(name: str, wait_s: int, at: datetime, loads: list[Shipment]) -> Iterable[str]:
    opens = max((s.opens_at for s in loads if s.opens_at), default=at)
    wanted = max(0, int((opens - at).total_seconds()))
    if wait_s != wanted:
        yield f"{name} waits {wait_s} s for a window, not {wanted}"
    for s in loads:
        if s.closes_at and at > s.closes_at:
            yield f"{name} brings shipment {s.id} at {at}, after its window"


def _check_skills(problem: RoutingProblem, route: Route) -> Iterable[str]:
    able = frozenset(problem.classes[route.vehicle_class].skills.split())
    for stop in route.stops:
        lacks = problem.skills.get(stop.county, frozenset()) - able
        if lacks:
            yield f"truck {route.vehicle_code} is not fit for {stop.county}: {' '.join(sorted(lacks))}"


def _check_cost(problem: RoutingProblem, route: Route) -> Iterable[str]:
    kind, matrix = problem.classes[route.vehicle_class], problem.matrix
    places = [problem.warehouse_county[route.warehouse_code], *(s.county for s in route.stops)]
    if problem.returns:
        places.append(places[0])
    metres = sum(matrix.distance_m.get(pair, 0) for pair in zip(places, places[1:], strict=False))
    cost = kind.fixed_cost_fen + kind.cost_per_km_fen * metres // 1000
    if route.is_hired:
        cost = cost * problem.rates.hire_factor_percent // 100
    if cost != route.cost_fen:
        yield f"truck {route.vehicle_code} costs {cost} fen, not {route.cost_fen}"


def _check_pins(problem: RoutingProblem, result: RoutingResult) -> Iterable[str]:
    lane = {s.id: (s.warehouse_code, s.county) for s in problem.shipments}
    carrier = {i: r.vehicle_code for r in result.routes for stop in r.stops for i in stop.shipment_ids}
    for pin in problem.pins.trucks:
        for i, vehicle in carrier.items():
            same = lane.get(i) == (pin.warehouse_code, pin.county) and pin.number is None
            if same and vehicle != pin.vehicle_code:
                yield f"shipment {i} rides in {vehicle}, pinned to {pin.vehicle_code}"
    for i, truck in problem.rides.items():
        if carrier.get(i, truck) != truck:
            yield f"shipment {i} rides in {carrier[i]}, fixed to {truck}"
    routes = {r.vehicle_code: r for r in result.routes}
    for order in problem.pins.orders:
        visited = [s.county for s in routes[order.vehicle_code].stops] if order.vehicle_code in routes else []
        met = [c for c in visited if c in order.counties]
        if met != [c for c in order.counties if c in met]:
            yield f"truck {order.vehicle_code} drives {met}, pinned as {list(order.counties)}"
    yield from (f"truck {code} is used, though left out" for code in sorted(problem.pins.without & set(routes)))
    yield from _check_locked(problem, routes)


def _check_locked(problem: RoutingProblem, routes: dict[str, Route]) -> Iterable[str]:
    numbered: dict[tuple[str, str], list[int]] = {}
    for s in problem.shipments:
        numbered.setdefault((s.warehouse_code, s.county), []).append(s.id)
    for tour in problem.pins.locked:
        wanted = {
            numbered[w, c][n] for w, c, n in tour.loads if n < len(numbered.get((w, c), ()))
        }
        route = routes.get(tour.vehicle_code)
        carried = {i for stop in route.stops for i in stop.shipment_ids} if route else set()
        if carried != wanted:
            yield f"truck {tour.vehicle_code} is loaded, and its load was changed"


def _check_worth(problem: RoutingProblem, result: RoutingResult) -> Iterable[str]:
    of = problem.by_id
    rates = problem.rates
    starts = problem.departs_at + timedelta(seconds=problem.load_s)
    total = float(sum(rates.unserved(of[u.shipment_id].priority) for u in result.unserved if u.shipment_id in of))
    loads = 0
    for route in result.routes:
        total += route.cost_fen
        for stop in route.stops:
            for s in (of[i] for i in stop.shipment_ids if i in of):
                waited, late = stop.arrives_at - starts, stop.arrives_at - s.due_at
                tonnes = max(s.load_g, rates.least_load_g) / 1e6
                for table, span in ((rates.arrival_fen_per_tonne_hour, waited), (rates.late_fen_per_tonne_hour, late)):
                    total += table[min(s.priority, len(table)) - 1] * tonnes * max(0.0, span.total_seconds()) / 3600
                loads += 1
    if abs(total - result.objective) > (2 * loads + 1) * NOISE:
        yield f"the plan weighs {total:.0f} fen, not {result.objective}"
    if result.bound > result.objective:
        yield f"the bound {result.bound} is above the plan {result.objective}"
