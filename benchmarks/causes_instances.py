"""Small random questions in which much goes wrong: closed roads, windows, pins, few trucks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from dispatch.allocation.problem import AllocationProblem, Fleet, Offer, Rule
from dispatch.flow.closed import through_closed
from dispatch.needs.model import NeedLine
from dispatch.routing.conditions import RoadConditions
from dispatch.routing.driving import stops_on_the_way_s
from dispatch.routing.model import RoadEdge, Shipment, Vehicle, VehicleClass
from dispatch.routing.pins import OrderPin, Pins, TruckPin
from dispatch.routing.problem import RoutingProblem
from dispatch.routing.rates import load_routing
from dispatch.routing.roads import build_matrix
from dispatch.routing.speeds import load_speeds
from dispatch.routing.surroundings import RoadFacts, Surroundings
from dispatch.words import Words

AT = datetime(2021, 11, 8, 0, 0, tzinfo=UTC)
COUNTIES = ("a", "b", "c", "d", "e")
NO_WORDS = Words("need", "需求", "need")
HOLDERS = (Rule.SAFETY_STOCK, Rule.TIER, Rule.LEVEL, Rule.LEFT_OUT)
YARDS = {"WH-A": "a", "WH-B": "b"}


def hours(chance: Random, least: float, most: float) -> datetime:
    """A whole minute some hours after the departure."""
    return AT + timedelta(minutes=int(60 * chance.uniform(least, most)))


def random_roads(chance: Random, places: tuple[str, ...] = COUNTIES) -> RoadFacts:
    """Up to seven roads, some closed (for good or for hours), some slow."""
    pairs = [(a, b) for n, a in enumerate(places) for b in places[n + 1 :]]
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


BANNERS = ("150521", "150522", "150525", "152921")
STORES = {"W0": "150521", "W1": "150522", "W2": "150102", "W3": "150102"}
WEIGHTS = {"QUILT": (3000, 20_000), "STOVE": (25_000, 90_000)}


def random_allocation(chance: Random) -> tuple[AllocationProblem, RoadFacts]:
    """At most four warehouses and counties and two items, under every rule there is."""
    roads = random_roads(chance, (*BANNERS, "150102"))
    needs = tuple(
        NeedLine(c, i, chance.randint(1, 30), hours(chance, 3, 40), chance.randint(1, 4), NO_WORDS)
        for c in BANNERS[: chance.randint(1, 4)] for i in WEIGHTS if chance.random() < 0.8
    ) or (NeedLine(BANNERS[0], "QUILT", 9, hours(chance, 3, 40), 1, NO_WORDS),)
    lots = [random_lot(chance, n) for n in range(chance.randint(0, 10))]
    leaves = AT + timedelta(seconds=roads.speeds.load_s)
    matrix = build_matrix(roads.edges, roads.speeds, roads.conditions, set(STORES.values()), leaves)
    counties = sorted({n.county for n in needs})
    travel_s = {
        (w, c): reached_s(matrix.duration_s[STORES[w], c], roads)
        for w in STORES for c in counties if (STORES[w], c) in matrix.duration_s
    }
    cut_off = [(w, c) for w in STORES for c in counties if (w, c) not in travel_s]
    closed_s, ways = through_closed(roads, STORES, cut_off, (AT, Surroundings()))
    limits = [None, 30_000, 300_000, 600_000]
    rooms = [None, 400_000, 1_500_000]
    fleet = {w: Fleet(8_000_000, chance.choice(limits), chance.choice(rooms)) for w in STORES}
    return AllocationProblem(
        needs=needs, offers=tuple(o for o in lots if not o.held_by), travel_s=travel_s,
        departs_at=AT, hazard="blizzard", item_weight_g={i: w[0] for i, w in WEIGHTS.items()},
        item_names={i: (i, i) for i in WEIGHTS}, county_names={c: (c, c) for c in counties},
        withheld=tuple(o for o in lots if o.held_by),
        safety_stock={("W0", "QUILT"): chance.choice([0, 0, 15])},
        closed_travel_s={**travel_s, **closed_s}, closed_ways=ways,
        item_volume_cm3={i: w[1] for i, w in WEIGHTS.items()}, fleet=chance.choice([{}, fleet]),
    ), roads


def random_lot(chance: Random, number: int) -> Offer:
    """Offered or held back; some expire, some are bound to a purpose or an area."""
    place = f"W{chance.randint(0, 3)}"
    return Offer(
        place, place, place, f"L{number}", chance.choice(list(WEIGHTS)), chance.randint(1, 40),
        chance.choice([None, AT.date() + timedelta(days=chance.randint(0, 3)), date(2023, 1, 1)]),
        chance.choice([None, None, "blizzard", "flood"]), chance.choice([None, None, "150500"]),
        chance.choice([None, None, None, *HOLDERS]),
    )


def reached_s(seconds: int, roads: RoadFacts) -> int:
    """From the order to arrival after so many seconds on the road."""
    return roads.speeds.load_s + seconds + stops_on_the_way_s(seconds, load_routing().driving)
