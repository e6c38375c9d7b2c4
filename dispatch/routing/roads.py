"""Travel between places: shortest times with their paths, now and by the hour.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from dispatch.errors import NotFound
from dispatch.routing.conditions import (
    Notice,
    RoadConditions,
    crossing,
    edge_duration_s,
    edge_percent,
    road_conditions,
    whole_second,
)
from dispatch.routing.model import Drive, Leg, RoadEdge
from dispatch.routing.network import RoadNetwork, build_network
from dispatch.routing.speeds import SpeedTable

__all__ = [
    "Notice", "RoadConditions", "TravelMatrix", "build_matrix", "edge_duration_s", "edge_percent",
    "road_conditions",
]

Pair = tuple[str, str]


@dataclass(frozen=True)
class TravelMatrix:
    """Shortest travel times between places; a missing pair is unreachable.

    ``duration_s`` counts waiting at closed roads where the tables were built for a moment of
    leaving.  ``network`` holds the roads by the hour for ``drive``; without it (a matrix from
    elsewhere) ``drive`` answers from the tables.
    """

    places: tuple[str, ...]
    duration_s: dict[Pair, int]
    distance_m: dict[Pair, int]
    via: dict[Pair, Leg]
    network: RoadNetwork | None = field(default=None, repr=False, compare=False)
    local_s: int = 0
    leaves_at: datetime | None = None

    def path(self, origin: str, destination: str) -> tuple[Leg, ...]:
        """The legs driven, in order; empty for a place to itself.

        Raises ``NotFound`` where no open road leads.
        """
        if self.leaves_at is not None and self.network is not None and self.network.varying:
            way = self.drive(origin, destination, self.leaves_at)
            if way is None:
                raise no_road(origin, destination)
            return way.legs
        legs: list[Leg] = []
        here = destination
        while here != origin:
            leg = self.via.get((origin, here))
            if leg is None:
                raise no_road(origin, destination)
            legs.append(leg)
            here = leg.from_adcode
        return tuple(reversed(legs))

    def drive(self, origin: str, destination: str, leaves_at: datetime) -> Drive | None:
        """The way of first arrival for who leaves at a moment; None where no road leads.

        A closed road with an end is waited for or driven around, whichever arrives first.
        A place to itself takes the local time.
        """
        if origin == destination:
            return Drive((), 0, self.duration_s.get((origin, origin), self.local_s), 0)
        network = self.network
        if network is None or (not network.varying and origin in self.places):
            return _as_drive(self.path(origin, destination)) if (origin, destination) in self.via else None
        if origin not in network.number or destination not in network.number:
            return None
        goal, leaves_s = network.number[destination], whole_second(leaves_at)
        found = network.search(network.number[origin], leaves_s, goal)
        if found.ways:
            legs = network.legs_of(found.ways[goal], leaves_s)
        else:
            legs = _chain(found.via, network, goal)
        return _as_drive(legs) if legs else None

    def cross(self, leg: Leg, at: datetime) -> Leg:
        """The same road as it is for who comes to it at a moment."""
        network = self.network
        if network is None or leg.from_adcode not in network.number:
            return leg
        for _there, paces, planned in network.varying.get(network.number[leg.from_adcode], ()):
            if planned.edge_id == leg.edge_id:
                passed = crossing(leg.distance_m, paces, whole_second(at))
                if passed is None:
                    raise no_road(leg.from_adcode, leg.to_adcode)
                return replace(leg, wait_s=passed[0], duration_s=passed[1])
        return leg


def _chain(via: Sequence[Leg | None], network: RoadNetwork, goal: int) -> tuple[Leg, ...]:
    """The legs to a place, by the last leg to each place on the way."""
    legs: list[Leg] = []
    while (leg := via[goal]) is not None:
        legs.append(leg)
        goal = network.number[leg.from_adcode]
    return tuple(reversed(legs))


def _as_drive(legs: tuple[Leg, ...]) -> Drive:
    return Drive(
        legs, sum(leg.distance_m for leg in legs), sum(leg.duration_s for leg in legs),
        sum(leg.wait_s for leg in legs),
    )


def no_road(origin: str, destination: str) -> NotFound:
    """The error of who asks for a way that there is not."""
    return NotFound(
        f"No open road leads from {origin} to {destination}.",
        remedy="Ask whether the pair is in duration_s first; see which roads are closed.",
        zh=f"{origin} 至 {destination} 无路可通。", remedy_zh="请核对道路封闭情况。",
        facts={"from": origin, "to": destination},
    )


def build_matrix(
    edges: Sequence[RoadEdge],
    speeds: SpeedTable,
    conditions: RoadConditions,
    origins: Iterable[str],
    leaves_at: datetime | None = None,
) -> TravelMatrix:
    """Travel from each origin to every place; a place to itself takes the local time.

    The tables mean the roads as they are now, or, with ``leaves_at``, who leaves then: roads
    open again on the way, waits count.  Raises ``InvalidInput`` for roads or conditions that
    cannot be (see ``build_network``).
    """
    by_hour = build_network(edges, speeds, conditions, by_hour=True)
    network = by_hour
    if leaves_at is None and by_hour.varying:
        network = build_network(edges, speeds, conditions, by_hour=False)
    leaves_s = whole_second(leaves_at) if leaves_at else 0
    duration: dict[Pair, int] = {}
    distance: dict[Pair, int] = {}
    via: dict[Pair, Leg] = {}
    places = tuple(sorted(set(origins)))
    for origin in places:
        if origin in network.number:
            found = network.search(network.number[origin], leaves_s)
            reached = zip(network.nodes, found.seconds, found.metres, found.via, strict=True)
            for node, seconds, metres, leg in reached:
                if leg is not None:
                    pair = origin, node
                    duration[pair], distance[pair], via[pair] = seconds, metres, leg
        duration[origin, origin] = speeds.local_delivery_s
        distance[origin, origin] = 0
    return TravelMatrix(places, duration, distance, via, by_hour, speeds.local_delivery_s, leaves_at)
