"""Which closed roads stand between a warehouse and a county that no open road joins.  Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from dispatch.allocation.problem import ClosedWay
from dispatch.routing.closures import (
    Way,
    fewest_openings,
    road_map,
    road_names,
    shut_now,
    stands_at,
)
from dispatch.routing.driving import stops_on_the_way_s
from dispatch.routing.rates import load_routing
from dispatch.routing.surroundings import RoadFacts, Surroundings

Pair = tuple[str, str]


def through_closed(
    roads: RoadFacts, yards: Mapping[str, str], cut_off: Collection[Pair], at: tuple[datetime, Surroundings]
) -> tuple[dict[Pair, int], dict[Pair, ClosedWay]]:
    """(seconds from the order to arrival, roads to open) for pairs of warehouse and county.

    ``yards``: warehouse to the county it stands in; ``at``: when the order is given, and the
    names.  Nothing where no road is closed or even closed roads do not lead there.
    """
    (as_of, around), driving, load_s = at, load_routing().driving, roads.speeds.load_s
    leaves_at = as_of + timedelta(seconds=load_s)
    seconds: dict[Pair, int] = {}
    ways: dict[Pair, ClosedWay] = {}
    if not cut_off or not shut_now(roads):
        return seconds, ways
    arcs, found = road_map(roads), dict[str, dict[str, Way]]()
    for code, county in cut_off:
        start = yards[code]
        if start not in found:
            found[start] = fewest_openings(arcs, start, leaves_at)
        way = found[start].get(county)
        if way:
            reach_s = int((stands_at(way, leaves_at, driving) - as_of).total_seconds())
            seconds[code, county] = load_s + way.seconds + stops_on_the_way_s(way.seconds, driving)
            ways[code, county] = ClosedWay(tuple(e.id for e in way.shut), *road_names(way.shut, around), reach_s)
    return seconds, ways
