"""Who answers how far it is: one interface, and the fact graph behind it.  Pure.

``matrix(points, closures)`` and ``route(a, b, closures)``; no way is an answer (a missing
pair, ``None``).  The other one behind it is ``valhalla.ValhallaRoads``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from dispatch.errors import InvalidInput
from dispatch.geo import LonLat
from dispatch.routing.conditions import RoadConditions
from dispatch.routing.model import Drive, RoadEdge
from dispatch.routing.roads import TravelMatrix, build_matrix
from dispatch.routing.speeds import SpeedTable


@dataclass(frozen=True, slots=True)
class Point:
    """A place to drive from or to; ``code`` is the adcode where it is a county seat."""

    code: str
    at: LonLat


@dataclass(frozen=True, slots=True)
class Closures:
    """Roads closed besides what the backend knows: road facts by id, points that lie on a
    closed road, outlines of areas in which every road is closed."""

    edge_ids: frozenset[int] = frozenset()
    points: tuple[LonLat, ...] = ()
    areas: tuple[tuple[LonLat, ...], ...] = ()

    def __post_init__(self) -> None:
        if any(len(set(area)) < 3 for area in self.areas):
            raise InvalidInput(
                "The outline of a closed area has fewer than three corners.", remedy="Draw the area again.",
                zh="封闭区域的边界不足三个点。", remedy_zh="请重新绘制区域。",
            )


NOTHING_CLOSED = Closures()


class RoadBackend(Protocol):
    """Anything that knows the roads."""

    @property
    def name(self) -> str: ...

    def matrix(self, points: Sequence[Point], closures: Closures = NOTHING_CLOSED) -> TravelMatrix:
        """Travel between all points by their codes; a missing pair is unreachable."""
        ...

    def route(self, a: Point, b: Point, closures: Closures = NOTHING_CLOSED) -> Drive | None:
        """The quickest way between two points; None where no open road leads."""
        ...


@dataclass(frozen=True)
class FactRoads:
    """The typed road facts between county seats, by the hour for who leaves at a moment."""

    edges: Sequence[RoadEdge]
    speeds: SpeedTable
    conditions: RoadConditions
    leaves_at: datetime
    name: str = "facts"

    def matrix(self, points: Sequence[Point], closures: Closures = NOTHING_CLOSED) -> TravelMatrix:
        """Travel between the seats the points are; other points reach nothing.

        Raises ``InvalidInput`` for closures drawn on the map, which the facts cannot place.
        """
        conditions = self._closed(closures)
        places = [point.code for point in points]
        return build_matrix(self.edges, self.speeds, conditions, places, self.leaves_at)

    def route(self, a: Point, b: Point, closures: Closures = NOTHING_CLOSED) -> Drive | None:
        """The way of first arrival between two seats, waits at closed roads told."""
        return self.matrix([a], closures).drive(a.code, b.code, self.leaves_at)

    def _closed(self, closures: Closures) -> RoadConditions:
        if closures.points or closures.areas:
            raise InvalidInput(
                "The road facts have no course on the map, so a closure drawn there cannot be placed.",
                remedy="Name the closed roads, or use imported roads.",
                zh="道路表没有线路走向，无法使用在地图上绘制的封闭。", remedy_zh="请指明封闭的道路，或改用导入的路网。",
            )
        ids = closures.edge_ids
        changes = {i: steps for i, steps in self.conditions.changes.items() if i not in ids}
        return replace(
            self.conditions, percent={**self.conditions.percent, **dict.fromkeys(ids, 0)}, changes=changes
        )


def weather_left(speeds: SpeedTable, conditions: RoadConditions) -> dict[str, int]:
    """Place → percent of normal speed the weather leaves there, for roads of no known class."""
    left: dict[str, int] = {}
    for place, hazards in conditions.weather.items():
        factors = (speeds.factor_percent[hazard][rank] for hazard, rank in hazards if hazard in speeds.factor_percent)
        left[place] = min(factors, default=100)
    return left
