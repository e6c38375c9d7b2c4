"""Small random questions in which much goes wrong: closed roads, windows, pins, few trucks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from dispatch.routing.conditions import RoadConditions
from dispatch.routing.model import RoadEdge, Shipment, Vehicle, VehicleClass
from dispatch.routing.pins import OrderPin, Pins, TruckPin
from dispatch.routing.problem import RoutingProblem
from dispatch.routing.rates import load_routing
from dispatch.routing.roads import build_matrix
from dispatch.routing.speeds import load_speeds
from dispatch.routing.surroundings import RoadFacts, Surroundings

AT = datetime(2021, 11, 8, 0, 0, tzinfo=UTC)
COUNTIES = ("a", "b", "c", "d", "e")
YARDS = {"WH-A": "a", "WH-B": "b"}


def hours(chance: Random, least: float, most: float) -> datetime:
    """A whole minute some hours after the departure."""
    return AT + timedelta(minutes=int(60 * chance.uniform(least, most)))


def random_roads(chance: Random) -> RoadFacts:
    """Up to seven roads, some closed (for good or for hours), some slow."""
    pairs = [(a, b) for n, a in enumerate(COUNTIES) for b in COUNTIES[n + 1 :]]
    edges = tuple(
        RoadEdge(n, a, b, 1000 * chance.randint(20, 500), "national", f"G{100 + n}", "A")
        for n, (a, b) in enumerate(chance.sample(pairs, chance.randint(4, 7)), 1)
    )
    percent = {e.id: chance.choice([0, 0, 50]) for e in edges if chance.random() < 0.4}
    changes = {
        i: ((hours(chance, 1, 30), 100),) for i in percent if chance.random() < 0.4
    }
    return RoadFacts(edges, load_speeds(), RoadConditions({}, percent, changes))


def random_shipments(chance: Random, most: int) -> tuple[Shipment, ...]:
    """Up to ``most`` shipments, a third with hours of receipt."""
    found = []
    for number in range(chance.randint(1, most)):
        kg = chance.choice([chance.randint(50, 3000), chance.randint(1000, 10_000)])
        opens = hours(chance, 0, 10) if chance.random() < 0.2 else None
        closes = hours(chance, 2, 30) if chance.random() < 0.4 else None
        if opens and closes and opens > closes:
            opens = None
        found.append(Shipment(
            number, chance.choice(["WH-A", "WH-A", "WH-A", "WH-B"]), chance.choice(COUNTIES[1:]),
            kg * 1000, kg * chance.randint(2000, 8000), hours(chance, 4, 40), chance.randint(1, 4),
            (("QUILT", f"L{number}", max(1, kg // 3)),), opens, closes,
        ))
    return tuple(found)


def random_routing(chance: Random) -> RoutingProblem:
    """At most five shipments and three trucks at two warehouses."""
    data, roads = load_routing(), random_roads(chance)
    skills = chance.choice(["", "snow"])
    classes = {
        code: VehicleClass(code, code, code, *figures) for code, figures in {
            "V18": (1800, 16_000_000, 30_000, 220, "test", "snow"),
            "V80": (8000, 36_000_000, 60_000, 400, "test", skills),
        }.items()
    }
    vehicles = tuple(
        Vehicle(f"T{n}", chance.choice(["V18", "V80"]), chance.choice(["WH-A", "WH-A", "WH-B"]))
        for n in range(chance.randint(0, 3))
    )
    shipments = random_shipments(chance, 5)
    leaves = AT + timedelta(seconds=3600)
    matrix = build_matrix(roads.edges, roads.speeds, roads.conditions, COUNTIES, leaves)
    return RoutingProblem(
        shipments=shipments, vehicles=vehicles, classes=classes, warehouse_county=YARDS,
        matrix=matrix, departs_at=AT, load_s=3600, unload_s=chance.choice([600, 1800]),
        driving=replace(data.driving, drivers=chance.choice([1, 2])),
        rates=replace(data.rates, hire_most=chance.choice([0, 0, 0, 1])),
        skills={c: frozenset({"snow"}) for c in COUNTIES if chance.random() < 0.3},
        pins=random_pins(chance, vehicles), around=Surroundings(roads=roads),
    )


def random_pins(chance: Random, vehicles: tuple[Vehicle, ...]) -> Pins:
    """Sometimes a truck left out, a lane pinned to a truck, an order of stops."""
    out = frozenset(v.code for v in vehicles if chance.random() < 0.2)
    kept = [v for v in vehicles if v.code not in out]
    trucks = tuple(
        TruckPin(v.code, v.warehouse_code, c)
        for v in kept[:1] for c in COUNTIES[1:] if chance.random() < 0.25
    )
    orders = tuple(
        OrderPin(v.code, tuple(chance.sample(COUNTIES[1:], 2)))
        for v in kept if chance.random() < 0.3
    )
    return Pins(trucks, orders, (), out)
