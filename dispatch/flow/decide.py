"""The decision itself: pure values in, pure values out, every answer checked."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from dispatch.allocation.model import SupplyLine
from dispatch.allocation.problem import AllocationProblem, Offer, Rule
from dispatch.allocation.solver import allocate
from dispatch.allocation.verify import violations as allocation_violations
from dispatch.boundaries import load_boundaries
from dispatch.errors import Refused
from dispatch.flow.model import Decision, Inputs
from dispatch.inventory.fefo import is_sound, order
from dispatch.inventory.model import StockLine
from dispatch.needs.estimate import Setting, estimate
from dispatch.needs.model import NeedLine
from dispatch.needs.sites import check_sites, toward_sites
from dispatch.plans.model import Activation
from dispatch.routing.bundles import Parcel, make_shipments
from dispatch.routing.problem import RoutingParams, RoutingProblem
from dispatch.routing.roads import RoadConditions, TravelMatrix, build_matrix, edge_percent
from dispatch.routing.solver import solve
from dispatch.routing.verify import violations as routing_violations
from dispatch.teams.problem import TeamProblem
from dispatch.teams.solver import assign
from dispatch.teams.verify import violations as team_violations


class Stopwatch:
    """Seconds per named stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """Book the time since the last lap under a stage."""
        now = time.perf_counter()
        self.seconds[stage] = round(now - self._last, 4)
        self._last = now


def decide(inputs: Inputs, params: RoutingParams) -> Decision:
    """Level, needs, allocation, routes and teams for one situation.

    Raises ``Refused`` naming the broken rules when an independent check fails.
    """
    watch = Stopwatch()
    situation = inputs.situation
    activation = inputs.activation
    setting = Setting(
        inputs.counties, inputs.standards, inputs.exposure, load_boundaries(), inputs.covered,
        inputs.kit_versions,
    )
    forecast = estimate(situation, activation, setting)
    needs = _moved(inputs, forecast)
    watch.lap("needs")
    percent = edge_percent(inputs.edges, situation.roads, situation.as_of)
    matrix = _matrix(inputs, percent, needs)
    watch.lap("roads")
    opened = _matrix(inputs, {}, needs) if 0 in percent.values() else None
    allocation_problem = _allocation_problem(inputs, activation, needs, (matrix, opened))
    allocation = allocate(allocation_problem)
    watch.lap("allocation")
    routing_problem = _routing_problem(inputs, needs, allocation.lines, matrix)
    routing = solve(routing_problem, params)
    watch.lap("routes")
    team_problem = _team_problem(inputs, activation, matrix)
    teams, short = assign(team_problem)
    watch.lap("teams")
    _refuse_broken(
        allocation_violations(allocation_problem, allocation)
        + routing_violations(routing_problem, routing)
        + team_violations(team_problem, teams)
    )
    watch.lap("verify")
    return Decision(
        activation, forecast, needs, allocation_problem, allocation, routing_problem, routing,
        team_problem, teams, short, percent, watch.seconds,
    )


def _moved(inputs: Inputs, forecast: tuple[NeedLine, ...]) -> tuple[NeedLine, ...]:
    """The needs that goods are moved for: all, those of the sites in the area, or none."""
    kind = inputs.activation.kind
    if kind == "preposition":
        checks = check_sites(forecast, inputs.warehouses, inputs.stock)
        return toward_sites(forecast, checks, inputs.warehouses)
    return forecast if kind == "dispatch" else ()


def _refuse_broken(broken: list[str]) -> None:
    if broken:
        raise Refused(
            "The plan failed its independent check and was not kept: " + "; ".join(broken[:5]),
            remedy="Draft again; report this text when it stays.",
            zh="方案未通过独立校验，未保存：" + "；".join(broken[:5]),
            remedy_zh="请重新生成；如仍出现，请上报此信息。",
            facts={"violations": broken},
        )


def _matrix(inputs: Inputs, percent: dict[int, int], needs: Sequence[NeedLine]) -> TravelMatrix:
    situation = inputs.situation
    weather = {
        code: ((situation.hazard, colour.rank),) for code, colour in situation.counties.items()
    }
    conditions = RoadConditions(weather, percent)
    origins = {w.county_adcode for w in inputs.warehouses.values()} | set(situation.counties)
    origins |= {need.county for need in needs}
    return build_matrix(inputs.edges, inputs.speeds, conditions, origins)


def _allocation_problem(
    inputs: Inputs,
    activation: Activation,
    needs: Sequence[NeedLine],
    matrices: tuple[TravelMatrix, TravelMatrix | None],
) -> AllocationProblem:
    """``matrices``: as the roads are, and with closed roads open where any is closed."""
    targets = frozenset(need.to_warehouse for need in needs)
    offers, withheld = _offers(inputs, activation, targets)
    places = {need.county for need in needs}
    matrix, opened = matrices
    return AllocationProblem(
        needs=tuple(needs),
        offers=offers,
        travel_s=_travel(inputs, matrix, places),
        departs_at=inputs.situation.as_of,
        hazard=inputs.situation.hazard,
        item_weight_g={code: item.weight_g for code, item in inputs.items.items()},
        item_names={code: (i.name_zh, i.name_en) for code, i in inputs.items.items()},
        county_names=inputs.names,
        withheld=withheld,
        safety_stock=inputs.stock.minimum,
        is_safety_stock_open=activation.opens_safety_stock,
        closed_travel_s=_travel(inputs, opened or matrix, places),
        item_volume_cm3={code: item.volume_cm3 for code, item in inputs.items.items()},
    )


def _travel(
    inputs: Inputs, matrix: TravelMatrix, places: Collection[str]
) -> dict[tuple[str, str], int]:
    """(warehouse, county) to seconds from the order to arrival: loading, driving, rests."""
    speeds = inputs.speeds
    travel = {}
    for code, warehouse in inputs.warehouses.items():
        for county in sorted(places):
            seconds = matrix.duration_s.get((warehouse.county_adcode, county))
            if seconds is not None:
                rests = max(0, -(-seconds // speeds.rest_after_s) - 1)
                travel[code, county] = speeds.load_s + seconds + rests * speeds.rest_s
    return travel


def _offers(
    inputs: Inputs, activation: Activation, targets: frozenset[str]
) -> tuple[tuple[Offer, ...], tuple[Offer, ...]]:
    """(what each warehouse may send at this level, what it keeps and why), first-expiring first;
    sites that goods are moved to send nothing."""
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
        for offer in sorted((_offer(inputs, line) for line in lines), key=order):
            for number, (rule, room) in enumerate(parts):
                units = min(room, offer.quantity)
                if units:
                    cut = replace(offer, quantity=units, held_by=rule)
                    (withheld if rule else offers).append(cut)
                    parts[number] = (rule, room - units)
                    offer = replace(offer, quantity=offer.quantity - units)
    return tuple(offers), tuple(withheld)


def _offer(inputs: Inputs, line: StockLine) -> Offer:
    warehouse = inputs.warehouses[line.warehouse_code]
    return Offer(
        warehouse.code, warehouse.name_zh, warehouse.name_en, line.lot.code, line.lot.item_code,
        line.available, line.lot.expires_on, line.lot.restriction, line.lot.area,
    )


def _routing_problem(
    inputs: Inputs, needs: Sequence[NeedLine], lines: Sequence[SupplyLine], matrix: TravelMatrix
) -> RoutingProblem:
    asked = {(n.county, n.item_code): n for n in needs}
    parcels = []
    for line in lines:
        need, item = asked[line.county, line.item_code], inputs.items[line.item_code]
        parcels.append(
            Parcel(
                line.warehouse_code, line.county, line.item_code, line.lot_code, line.quantity,
                item.weight_g, item.volume_cm3, need.due_at, need.priority,
            )
        )
    return RoutingProblem(
        shipments=make_shipments(parcels, inputs.classes),
        vehicles=inputs.vehicles,
        classes=inputs.classes,
        warehouse_county={c: w.county_adcode for c, w in inputs.warehouses.items()},
        matrix=matrix,
        departs_at=inputs.situation.as_of,
        load_s=inputs.speeds.load_s,
        unload_s=inputs.speeds.unload_s,
        rest_after_s=inputs.speeds.rest_after_s,
        rest_s=inputs.speeds.rest_s,
    )


def _team_problem(
    inputs: Inputs, activation: Activation, matrix: TravelMatrix
) -> TeamProblem:
    situation = inputs.situation
    sites = {
        code: inputs.counties[code].population * colour.rank
        for code, colour in situation.counties.items()
    }
    return TeamProblem(
        sites=sites,
        teams=tuple(t for t in inputs.teams if t.code not in inputs.busy_teams),
        travel_s={
            (t.home_county, code): matrix.duration_s[t.home_county, code]
            for t in inputs.teams for code in sites
            if (t.home_county, code) in matrix.duration_s
        },
        alerted_at=situation.as_of,
        muster_s=int(timedelta(hours=activation.muster_h).total_seconds()),
        teams_wanted=max(0, activation.teams_to_send - len(inputs.busy_teams)),
        names=inputs.names,
    )
