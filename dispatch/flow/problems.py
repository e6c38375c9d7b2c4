"""What each solver is asked, made of what was gathered.  Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from dispatch.allocation.model import AllocationResult
from dispatch.allocation.problem import AllocationProblem, Fleet, Offer, Rule
from dispatch.flow.closed import through_closed
from dispatch.flow.model import Inputs
from dispatch.flow.rehome import other_sources, spare_lots
from dispatch.flow.wishes import Wishes
from dispatch.inventory.fefo import is_sound, order
from dispatch.inventory.model import StockLine
from dispatch.needs.model import NeedLine
from dispatch.routing.bundles import Parcel, Trucks, make_shipments
from dispatch.routing.driving import stops_on_the_way_s
from dispatch.routing.model import Shipment
from dispatch.routing.plan import lane_keys
from dispatch.routing.problem import RoutingProblem
from dispatch.routing.rates import RoutingData, load_routing, weighed
from dispatch.routing.rides import ride_of
from dispatch.routing.road_wishes import limited
from dispatch.routing.roads import RoadConditions, TravelMatrix, build_matrix, road_conditions
from dispatch.routing.surroundings import RoadFacts, Surroundings

GRAMS = 1000


def conditions_of(inputs: Inputs, wishes: Wishes) -> RoadConditions:
    """Weather, road notices and reports of single roads as they stand, with what is known to end, and the
    roads that a coordinator closes or slows."""
    situation = inputs.situation
    weather = {code: ((situation.hazard, colour.rank),) for code, colour in situation.counties.items()}
    stand = road_conditions(
        inputs.edges, situation.roads, situation.as_of, weather, situation.road_reports
    )
    return limited(stand, wishes.roads)


def travel_matrix(inputs: Inputs, conditions: RoadConditions, needs: Sequence[NeedLine]) -> TravelMatrix:
    """Times from every warehouse and county concerned for trucks that leave once loaded."""
    origins = {w.county_adcode for w in inputs.warehouses.values()} | set(inputs.situation.counties)
    origins |= {need.county for need in needs} | {c.team.home_county for c in inputs.candidates}
    leaves_at = inputs.situation.as_of + timedelta(seconds=inputs.speeds.load_s)
    return build_matrix(inputs.edges, inputs.speeds, conditions, origins, leaves_at)


def allocation_problem(
    inputs: Inputs, needs: Sequence[NeedLine], roads: tuple[TravelMatrix, RoadConditions], wishes: Wishes
) -> AllocationProblem:
    """``roads``: travel as the roads are, and what slows or shuts them."""
    targets = frozenset(need.to_warehouse for need in needs)
    offers, withheld = _offers(inputs, targets, wishes.without_warehouses)
    places = {need.county for need in needs}
    matrix, conditions = roads
    data = load_routing()
    travel_s = _travel(inputs, matrix, places)
    closed_s, closed_ways = through_closed(
        RoadFacts(inputs.edges, inputs.speeds, conditions), {c: w.county_adcode for c, w in inputs.warehouses.items()},
        [(code, c) for code in inputs.warehouses for c in sorted(places) if (code, c) not in travel_s],
        (inputs.situation.as_of, Surroundings(inputs.names)),
    )
    return AllocationProblem(
        needs=tuple(needs),
        offers=offers,
        travel_s=travel_s,
        departs_at=inputs.situation.as_of,
        hazard=inputs.situation.hazard,
        item_weight_g={code: item.weight_g for code, item in inputs.items.items()},
        item_names={code: (i.name_zh, i.name_en) for code, i in inputs.items.items()},
        county_names=inputs.names,
        withheld=withheld,
        safety_stock=inputs.stock.minimum,
        is_safety_stock_open=inputs.activation.opens_safety_stock,
        closed_travel_s={**travel_s, **closed_s},
        closed_ways=closed_ways,
        item_volume_cm3={code: item.volume_cm3 for code, item in inputs.items.items()},
        fleet=_fleet(inputs, wishes, data),
        distance_m={
            (code, county): matrix.distance_m[w.county_adcode, county]
            for code, w in inputs.warehouses.items() for county in sorted(places)
            if (w.county_adcode, county) in matrix.distance_m
        },
        fen_per_tonne_km=data.fen_per_tonne_km,
        line_pins=wishes.lines,
    )


def _travel(
    inputs: Inputs, matrix: TravelMatrix, places: Collection[str]
) -> dict[tuple[str, str], int]:
    """(warehouse, county) to seconds from the order to arrival: loading, driving, breaks, sleep."""
    load_s, driving = inputs.speeds.load_s, load_routing().driving
    travel, among = {}, sorted(places)
    for code, warehouse in inputs.warehouses.items():
        home = warehouse.county_adcode
        for county in among:
            seconds = matrix.duration_s.get((home, county))
            if seconds is not None:
                travel[code, county] = load_s + seconds + stops_on_the_way_s(seconds, driving)
    return travel


def _fleet(inputs: Inputs, wishes: Wishes, data: RoutingData) -> dict[str, Fleet]:
    """What own and hired trucks of a warehouse carry in one go."""
    trucks, classes = trucks_at(inputs, data.rates.hire_most, wishes.pins.without), inputs.classes.values()
    payload_g = {w: sum(n * inputs.classes[c].payload_kg * GRAMS for c, n in of.items()) for w, of in trucks.items()}
    room_cm3 = {w: sum(n * inputs.classes[c].volume_cm3 for c, n in of.items()) for w, of in trucks.items()}
    largest = max((c.payload_kg for c in classes), default=1) * GRAMS
    return {
        code: Fleet(largest, max(0, payload_g[code]), max(0, room_cm3[code]))
        for code in inputs.warehouses
    }


def _offers(
    inputs: Inputs, targets: frozenset[str], without: frozenset[str]
) -> tuple[tuple[Offer, ...], tuple[Offer, ...]]:
    """(what each warehouse may send at this level, what it keeps and why), first-expiring first;
    sites that goods are moved to send nothing, nor do those a coordinator left out."""
    activation = inputs.activation
    piles: dict[tuple[str, str], list[StockLine]] = defaultdict(list)
    for line in inputs.stock.lines:
        if is_sound(line.lot) and line.warehouse_code not in targets:
            piles[line.warehouse_code, line.lot.item_code].append(line)
    offers: list[Offer] = []
    withheld: list[Offer] = []
    for (place, item), lines in piles.items():
        total = sum(line.available for line in lines)
        keep = 0 if activation.opens_safety_stock else inputs.stock.minimum.get((place, item), 0)
        share = total * activation.stock_share_percent // 100
        free = max(0, min(share, total - keep))
        is_open = inputs.warehouses[place].tier in activation.source_tiers
        parts: list[tuple[Rule | None, int]] = [
            (None, free), (Rule.SAFETY_STOCK, share - free), (Rule.LEVEL, total - share),
        ] if is_open else [(Rule.TIER, free), (Rule.LEVEL, total - free)]
        if place in without:
            # taken back in it would send no more than the level lets it
            parts = [(Rule.LEFT_OUT, free)] if is_open else []
        for offer in sorted((_offer(inputs, line) for line in lines), key=order):
            for number, (rule, room) in enumerate(parts):
                units = min(room, offer.quantity)
                if not units:
                    continue
                parts[number] = (rule, room - units)
                if units == offer.quantity and rule is None:
                    offers.append(offer)
                    break
                (withheld if rule else offers).append(replace(offer, quantity=units, held_by=rule))
                offer = replace(offer, quantity=offer.quantity - units)
    return tuple(offers), tuple(withheld)


def _offer(inputs: Inputs, line: StockLine) -> Offer:
    warehouse = inputs.warehouses[line.warehouse_code]
    return Offer(
        warehouse.code, warehouse.name_zh, warehouse.name_en, line.lot.code, line.lot.item_code,
        line.available, line.lot.expires_on, line.lot.restriction, line.lot.area,
    )


def routing_problem(
    inputs: Inputs, allocation: tuple[AllocationProblem, AllocationResult],
    roads: tuple[TravelMatrix, RoadConditions], wishes: Wishes,
) -> RoutingProblem:
    """Shipments of the supply lines, the trucks, and where else each shipment might be loaded."""
    (asked, result), (matrix, conditions) = allocation, roads
    data = load_routing()
    pins = replace(wishes.pins, locked=(*wishes.pins.locked, *inputs.busy_trucks))
    skills = _skills(inputs, data)
    # a truck that a coordinator leaves out still counts: an edit finds the loads cut as they were
    trucks = Trucks(inputs.classes, trucks_at(inputs, data.rates.hire_most), skills)
    shipments = make_shipments(_parcels(inputs, asked, result), trucks)
    spare = spare_lots(asked, result.lines)
    fixed = {(p.warehouse_code, p.county) for p in wishes.lines}
    fixed |= {(p.warehouse_code, p.county) for p in wishes.pins.trucks if p.number is None}
    movable = [s for s in shipments if (s.warehouse_code, s.county) not in fixed]
    sources = other_sources(movable, spare, asked.travel_s, data.rates.most_sources)
    return RoutingProblem(
        shipments=shipments,
        vehicles=inputs.vehicles,
        classes=inputs.classes,
        warehouse_county={c: w.county_adcode for c, w in inputs.warehouses.items()},
        matrix=matrix,
        departs_at=inputs.situation.as_of,
        load_s=inputs.speeds.load_s,
        unload_s=inputs.speeds.unload_s,
        driving=data.driving,
        rates=weighed(data.rates, data.modes[wishes.mode]),
        sources=_as_pinned(shipments, sources, wishes),
        spare={key: sum(o.quantity for o in offers) for key, offers in spare.items()},
        skills=skills,
        pins=pins,
        rides=ride_of(shipments, pins, {v.code: v for v in inputs.vehicles}, inputs.classes),
        around=Surroundings(
            inputs.names, {code: (w.name_zh, w.name_en) for code, w in inputs.warehouses.items()},
            RoadFacts(inputs.edges, inputs.speeds, conditions),
        ),
    )


def trucks_at(
    inputs: Inputs, hire_most: int, without: Collection[str] = ()
) -> dict[str, Counter[str]]:
    """Warehouse → class → trucks: those standing ready and those that can still be hired."""
    count = {place: Counter(dict.fromkeys(inputs.classes, hire_most)) for place in inputs.warehouses}
    for vehicle in inputs.vehicles:
        count[vehicle.warehouse_code][vehicle.class_code] += vehicle.code not in without
    for tour in inputs.busy_trucks:
        count[tour.warehouse_code][tour.class_code] -= tour.is_hired
    return count


def _as_pinned(
    shipments: Iterable[Shipment], sources: Mapping[int, tuple[str, ...]], wishes: Wishes
) -> dict[int, tuple[str, ...]]:
    """Other sources less those whose quantity for the county is pinned, and less all of the
    shipments that a numbered pin keeps on their truck."""
    closed = {(p.warehouse_code, p.county, p.item_code) for p in wishes.lines}
    kept = {(p.warehouse_code, p.county, p.number) for p in wishes.pins.trucks}
    keys = lane_keys(shipments)
    found = {}
    for shipment in shipments:
        yards = () if keys[shipment.id] in kept else sources.get(shipment.id, ())
        open_yards = tuple(
            yard for yard in yards
            if not any((yard, shipment.county, item) in closed for item, _lot, _units in shipment.items)
        )
        if open_yards:
            found[shipment.id] = open_yards
    return found


def _parcels(
    inputs: Inputs, asked: AllocationProblem, result: AllocationResult
) -> Iterable[Parcel]:
    needs = {(n.county, n.item_code): n for n in asked.needs}
    for line in result.lines:
        need, item = needs[line.county, line.item_code], inputs.items[line.item_code]
        yield Parcel(
            line.warehouse_code, line.county, line.item_code, line.lot_code, line.quantity,
            item.weight_g, item.volume_cm3, need.due_at, need.priority,
        )


def _skills(inputs: Inputs, data: RoutingData) -> dict[str, frozenset[str]]:
    """County → what a truck must be fit for under the colour there."""
    row = data.needs_skill.get(inputs.situation.hazard, ())
    return {
        county: frozenset({row[colour.rank]})
        for county, colour in inputs.situation.counties.items()
        if colour.rank < len(row) and row[colour.rank]
    }
