"""Ways through closed roads: which of them to open, and until when that is in time.  Pure."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile

from dispatch.routing.conditions import Paces, RoadConditions, crossing, paces_of, whole_second
from dispatch.routing.driving import Crew
from dispatch.routing.model import RoadEdge
from dispatch.routing.rates import DrivingRules
from dispatch.routing.surroundings import Names, RoadFacts, Surroundings

MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class Way:
    """A way that is free once the roads in ``shut`` are opened (in the order driven).

    ``seconds`` of driving and waiting if they were open now; ``approach``: the roads up to the
    first of them, in the order driven.
    """

    shut: tuple[RoadEdge, ...]
    seconds: int
    distance_m: int
    approach: tuple[tuple[RoadEdge, Paces], ...]


@dataclass(frozen=True, slots=True)
class _Arc:
    there: str
    paces: Paces
    edge: RoadEdge
    is_shut: bool


Map = dict[str, list[_Arc]]
_Step = tuple[int, int, int, str, int]


def shut_now(roads: RoadFacts) -> frozenset[int]:
    """Ids of the roads that are closed at present."""
    return frozenset(i for i, left in roads.conditions.percent.items() if not left)


def road_map(roads: RoadFacts) -> Map:
    """Roads by the place they leave; a closed one stands twice: as it is, and opened now."""
    shut, weather = shut_now(roads), RoadConditions(roads.conditions.weather)
    arcs: Map = defaultdict(list)
    for edge in sorted(roads.edges, key=lambda e: e.id):
        kinds = [(paces_of(edge, roads.speeds, roads.conditions), False)]
        if edge.id in shut:
            kinds.append((paces_of(edge, roads.speeds, weather), True))
        for paces, is_shut in kinds:
            for a, b in ((edge.from_adcode, edge.to_adcode), (edge.to_adcode, edge.from_adcode)):
                arcs[a].append(_Arc(b, paces, edge, is_shut))
    return arcs


def fewest_openings(arcs: Map, origin: str, leaves_at: datetime) -> dict[str, Way]:
    """To each place the way that needs fewest closed roads opened, of these the fastest."""
    found: dict[str, Way] = {}
    for place, way in _ways(arcs, origin, leaves_at, len(arcs)):
        found.setdefault(place, way)
    return found


def openings_worth(arcs: Map, pair: tuple[str, str], leaves_at: datetime, most: int) -> list[Way]:
    """Ways between two places: with each road more to open the fastest, while it gets faster."""
    origin, destination = pair
    return [way for place, way in _ways(arcs, origin, leaves_at, most) if place == destination]


def _ways(arcs: Map, origin: str, leaves_at: datetime, most: int) -> Iterator[tuple[str, Way]]:
    """Label-setting by (roads to open, seconds): a label stays where it is faster than all with fewer."""
    leaves_s = whole_second(leaves_at)
    # labels: (place, parent label, arc)
    labels: list[tuple[str, int, _Arc | None]] = [(origin, -1, None)]
    queue: list[_Step] = [(0, 0, 0, origin, 0)]
    best: dict[str, int] = {}
    while queue:
        opened, seconds, metres, here, label = heapq.heappop(queue)
        if here in best and best[here] <= seconds:
            continue
        best[here] = seconds
        yield here, _way(labels, label, (seconds, metres))
        for arc in arcs.get(here, ()):
            passed = crossing(arc.edge.distance_m, arc.paces, leaves_s + seconds)
            number = opened + arc.is_shut
            if passed is None or number > most:
                continue
            total = seconds + sum(passed)
            if arc.there not in best or total < best[arc.there]:
                labels.append((arc.there, label, arc))
                heapq.heappush(queue, (number, total, metres + arc.edge.distance_m, arc.there, len(labels) - 1))


def _way(labels: Sequence[tuple[str, int, _Arc | None]], label: int, length: tuple[int, int]) -> Way:
    arcs: list[_Arc] = []
    while (arc := labels[label][2]) is not None:
        arcs.append(arc)
        label = labels[label][1]
    arcs.reverse()
    shut = tuple(arc.edge for arc in arcs if arc.is_shut)
    approach = tuple((arc.edge, arc.paces) for arc in takewhile(lambda arc: not arc.is_shut, arcs))
    return Way(shut, *length, approach)


def stands_at(way: Way, leaves_at: datetime, rules: DrivingRules) -> datetime:
    """When a rested crew that left then stands at the first closed road, with its breaks and sleep.

    Waiting on the way for a road that opens later is not driving: taken as driving it would put
    a sleep before the closed road that in truth comes after it.
    """
    crew, at = Crew(rules), leaves_at
    for edge, paces in way.approach:
        passed = crossing(edge.distance_m, paces, whole_second(at))
        if passed is None:
            return at
        wait_s, drive_s = passed
        at += timedelta(seconds=crew.stand(wait_s) + drive_s + crew.drive(drive_s))
    return at


def opened(roads: RoadFacts, edges: Iterable[RoadEdge], at: datetime | None = None) -> RoadFacts:
    """The roads with some closed ones opened, now or at a moment."""
    percent, changes = dict(roads.conditions.percent), dict(roads.conditions.changes)
    for edge in edges:
        changes.pop(edge.id, None)
        if at is None:
            percent.pop(edge.id, None)
        else:
            changes[edge.id] = ((at, 100),)
    return replace(roads, conditions=replace(roads.conditions, percent=percent, changes=changes))


def road_names(edges: Sequence[RoadEdge], around: Surroundings) -> Names:
    """Roads by number with the counties between which each is closed."""
    zh, en = [], []
    for edge in edges[:MOST_NAMED]:
        a, b = around.county(edge.from_adcode), around.county(edge.to_adcode)
        zh.append(f"{edge.refs or '道路'}（{a[0]}—{b[0]}）")
        en.append(f"{edge.refs or 'the road'} ({a[1]} to {b[1]})")
    more = len(edges) - MOST_NAMED
    if more > 0:
        zh.append(f"另 {more} 段")
        en.append(f"{more} more")
    return "、".join(zh), ", ".join(en)
