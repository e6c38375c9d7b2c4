"""The road graph: closures, weather, shortest times with their paths.  Pure."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from dispatch.routing.model import Leg, RoadEdge
from dispatch.routing.speeds import SpeedTable

EVERY_ROAD = "*"


class Notice(Protocol):
    """A road notice as the warnings carry it (ref inside counties, factor, until)."""

    @property
    def ref(self) -> str: ...
    @property
    def counties(self) -> tuple[str, ...]: ...
    @property
    def speed_factor(self) -> float: ...
    @property
    def until(self) -> datetime | None: ...


@dataclass(frozen=True)
class RoadConditions:
    """What slows or shuts roads now.

    ``weather`` maps an adcode to (hazard, colour rank 1-4); ``percent`` maps an
    edge id to the share of its speed that is left, 0 = closed.
    """

    weather: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    percent: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class TravelMatrix:
    """Shortest driving times between places; a missing pair is unreachable."""

    places: tuple[str, ...]
    duration_s: dict[tuple[str, str], int]
    distance_m: dict[tuple[str, str], int]
    via: dict[tuple[str, str], Leg]

    def path(self, origin: str, destination: str) -> tuple[Leg, ...]:
        """The legs driven, in order; empty for a place to itself."""
        legs: list[Leg] = []
        here = destination
        while here != origin:
            leg = self.via[origin, here]
            legs.append(leg)
            here = leg.from_adcode
        return tuple(reversed(legs))


def edge_percent(edges: Iterable[RoadEdge], notices: Sequence[Notice], at: datetime) -> dict[int, int]:
    """Edge id → percent of speed left under the notices in force (0 = closed).

    A notice means each edge that carries its road number (``*`` = any) and has an end
    in one of its counties.
    """
    percent: dict[int, int] = {}
    for notice in notices:
        if notice.until is not None and notice.until <= at:
            continue
        for edge in edges:
            touches = edge.from_adcode in notice.counties or edge.to_adcode in notice.counties
            if touches and (notice.ref == EVERY_ROAD or notice.ref in edge.refs.split("/")):
                left = round(notice.speed_factor * 100)
                percent[edge.id] = min(percent.get(edge.id, 100), left)
    return percent


def edge_duration_s(edge: RoadEdge, speeds: SpeedTable, conditions: RoadConditions) -> int | None:
    """Seconds to drive an edge under the conditions; None when it is closed."""
    percent = conditions.percent.get(edge.id, 100)
    if percent == 0:
        return None
    weather = (
        speeds.factor_percent[hazard][rank]
        for place in (edge.from_adcode, edge.to_adcode)
        for hazard, rank in conditions.weather.get(place, ())
        if hazard in speeds.factor_percent
    )
    slowest = min(weather, default=100)
    metres_per_s_scaled = speeds.km_per_h[edge.road_class] * percent * slowest
    return -(-edge.distance_m * 36_000 // metres_per_s_scaled)


def build_matrix(
    edges: Sequence[RoadEdge],
    speeds: SpeedTable,
    conditions: RoadConditions,
    origins: Iterable[str],
) -> TravelMatrix:
    """Dijkstra from each origin over open edges; a place to itself takes the local time."""
    graph: dict[str, list[Leg]] = defaultdict(list)
    for edge in edges:
        seconds = edge_duration_s(edge, speeds, conditions)
        if seconds is None:
            continue
        ends = (edge.from_adcode, edge.to_adcode)
        for a, b in (ends, ends[::-1]):
            graph[a].append(Leg(edge.id, a, b, edge.distance_m, seconds, edge.refs))
    duration: dict[tuple[str, str], int] = {}
    distance: dict[tuple[str, str], int] = {}
    via: dict[tuple[str, str], Leg] = {}
    places = tuple(sorted(set(origins)))
    for origin in places:
        _search(graph, origin, (duration, distance, via))
        duration[origin, origin] = speeds.local_delivery_s
        distance[origin, origin] = 0
    return TravelMatrix(places, duration, distance, via)


def _search(
    graph: Mapping[str, list[Leg]],
    origin: str,
    found: tuple[dict[tuple[str, str], int], dict[tuple[str, str], int], dict[tuple[str, str], Leg]],
) -> None:
    duration, distance, via = found
    queue: list[tuple[int, int, str, Leg | None]] = [(0, 0, origin, None)]
    done = set()
    while queue:
        seconds, metres, here, leg = heapq.heappop(queue)
        if here in done:
            continue
        done.add(here)
        duration[origin, here], distance[origin, here] = seconds, metres
        if leg is not None:
            via[origin, here] = leg
        for onward in graph.get(here, ()):
            if onward.to_adcode not in done:
                heapq.heappush(
                    queue,
                    (seconds + onward.duration_s, metres + onward.distance_m,
                     onward.to_adcode, onward),
                )
