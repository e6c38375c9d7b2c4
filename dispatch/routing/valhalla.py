"""Roads of an OpenStreetMap extract, asked of Valhalla: matrix, route, closures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from dispatch.errors import NotFound, Unavailable
from dispatch.geo import LonLat, distance_m
from dispatch.routing.backends import NOTHING_CLOSED, Closures, Point
from dispatch.routing.model import Drive, Leg, RoadEdge
from dispatch.routing.roads import TravelMatrix

# what Valhalla answers where no way leads: regions not connected, no road near, no path
NO_WAY = (170, 171, 442)
# what the way is called that an extract gives: no typed road
NO_EDGE = 0


class Service(Protocol):
    """A running Valhalla."""

    def ask(self, action: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]: ...


@dataclass
class ValhallaRoads:
    """Truck ways over the imported roads.

    The service knows neither warnings nor typed roads: ``left_percent`` (place → percent of
    speed the weather leaves) slows each way by its worse end, ``edges`` and ``seats`` find a
    closed typed road on the map, within ``differs_percent`` of its length.  ``shortest`` ways
    are for comparing lengths, not for driving.
    """

    service: Service
    local_s: int
    left_percent: Mapping[str, int] = field(default_factory=dict)
    edges: Sequence[RoadEdge] = ()
    seats: Mapping[str, LonLat] = field(default_factory=dict)
    differs_percent: int = 0
    shortest: bool = False
    name: str = "valhalla"

    def matrix(self, points: Sequence[Point], closures: Closures = NOTHING_CLOSED) -> TravelMatrix:
        """Travel between all points; each way is one leg.  See ``route`` for what it raises."""
        where = [_location(point.at) for point in points]
        body = {"sources": where, "targets": where, "verbose": False, **_truck(self.shortest), **self._closed(closures)}
        answer = self._ask("sources_to_targets", body)
        table = answer["sources_to_targets"] if answer else {"durations": [], "distances": []}
        found = TravelMatrix(tuple(sorted({p.code for p in points})), {}, {}, {}, local_s=self.local_s)
        for a, seconds_row, km_row in zip(points, table["durations"], table["distances"], strict=False):
            for b, seconds, km in zip(points, seconds_row, km_row, strict=True):
                if seconds is not None and a.code != b.code:
                    leg = self._leg(a, b, seconds, km)
                    found.duration_s[a.code, b.code] = leg.duration_s
                    found.distance_m[a.code, b.code] = leg.distance_m
                    found.via[a.code, b.code] = leg
        for point in points:
            found.duration_s[point.code, point.code] = self.local_s
            found.distance_m[point.code, point.code] = 0
        return found

    def route(self, a: Point, b: Point, closures: Closures = NOTHING_CLOSED) -> Drive | None:
        """The quickest way between two points; None where no open road leads.

        Raises ``NotFound`` for a closed typed road that cannot be found on the map, and
        ``Unavailable`` when the service does not answer.
        """
        if a.code == b.code:
            return Drive((), 0, self.local_s, 0)
        body = {"locations": [_location(a.at), _location(b.at)], **_truck(self.shortest), "directions_type": "none", **self._closed(closures)}
        answer = self._ask("route", body)
        if answer is None:
            return None
        summary = answer["trip"]["summary"]
        leg = self._leg(a, b, summary["time"], summary["length"])
        return Drive((leg,), leg.distance_m, leg.duration_s, 0)

    def _leg(self, a: Point, b: Point, seconds: float, km: float) -> Leg:
        percent = min(self.left_percent.get(a.code, 100), self.left_percent.get(b.code, 100))
        return Leg(NO_EDGE, a.code, b.code, round(km * 1000), -(-round(seconds) * 100 // percent), "")

    def _ask(self, action: str, body: dict[str, Any]) -> dict[str, Any] | None:
        status, answer = self.service.ask(action, body)
        if status == 200:
            return answer
        if answer.get("error_code") in NO_WAY:
            return None
        raise Unavailable(
            f"The road service refused the question: {answer.get('error', status)}.",
            remedy="Ask fewer places or closures at once.",
            zh=f"路网服务拒绝了查询：{answer.get('error', status)}。", remedy_zh="请减少一次查询的地点或封闭区域。",
            facts={"status": status, "error_code": answer.get("error_code")},
        )

    def _closed(self, closures: Closures) -> dict[str, Any]:
        points = [*closures.points, *(self.find_on_map(number) for number in sorted(closures.edge_ids))]
        body: dict[str, Any] = {}
        if points:
            body["exclude_locations"] = [_location(point) for point in points]
        if closures.areas:
            body["exclude_polygons"] = [[[p.lon, p.lat] for p in (*area, area[0])] for area in closures.areas]
        return body

    def find_on_map(self, edge_id: int) -> LonLat:
        """A point in the middle of a typed road: on the longest stretch of its road number that
        the ways between its ends take; for a road without number, midway on one of its length.

        Raises ``NotFound`` where the imported roads have none such.
        """
        edge = next((e for e in self.edges if e.id == edge_id), None)
        if edge is None or edge.from_adcode not in self.seats or edge.to_adcode not in self.seats:
            raise _not_on_map(edge_id)
        ends = [_location(self.seats[code]) for code in (edge.from_adcode, edge.to_adcode)]
        for trip in self._trips(ends):
            off_m = abs(round(trip["summary"]["length"] * 1000) - edge.distance_m)
            if off_m * 100 <= self.differs_percent * edge.distance_m:
                point = _middle(trip["legs"][0], set(filter(None, edge.refs.split("/"))))
                if point is not None:
                    return point
        raise _not_on_map(edge_id)

    def _trips(self, ends: Sequence[dict[str, float]]) -> Iterator[dict[str, Any]]:
        """The quickest way, others, the shortest."""
        for shortest in (False, True):
            answer = self._ask("route", {"locations": ends, **_truck(shortest), "alternates": 2})
            if answer:
                yield answer["trip"]
                yield from (other["trip"] for other in answer.get("alternates", ()))


def _truck(shortest: bool) -> dict[str, Any]:
    return {"costing": "truck", "costing_options": {"truck": {"shortest": shortest}}}


def _location(point: LonLat) -> dict[str, float]:
    return {"lon": point.lon, "lat": point.lat}


def _middle(leg: dict[str, Any], refs: set[str]) -> LonLat | None:
    line = read_shape(leg["shape"])
    stretches = [
        line[m["begin_shape_index"] : m["end_shape_index"] + 1]
        for m in leg["maneuvers"] if refs & set(m.get("street_names", ()))
    ] if refs else [line]
    longest = max(stretches, key=_length_m, default=[])
    if len(longest) < 2:
        return None
    left = _length_m(longest) / 2
    for a, b in zip(longest, longest[1:], strict=False):
        step = distance_m(a, b)
        if step >= left:
            share = left / step if step else 0.0
            return LonLat(round(a.lon + (b.lon - a.lon) * share, 6), round(a.lat + (b.lat - a.lat) * share, 6))
        left -= step
    return longest[-1]


def _length_m(line: Sequence[LonLat]) -> int:
    return sum(distance_m(a, b) for a, b in zip(line, line[1:], strict=False))


def read_shape(text: str) -> list[LonLat]:
    """Points of an encoded polyline with six decimals (Google's encoding, latitude first)."""
    numbers, shift, value = [], 0, 0
    for character in text:
        bits = ord(character) - 63
        value |= (bits & 31) << shift
        shift += 5
        if bits < 32:
            numbers.append(~(value >> 1) if value & 1 else value >> 1)
            shift = value = 0
    line, lat, lon = [], 0, 0
    for north, east in zip(numbers[::2], numbers[1::2], strict=True):
        lat, lon = lat + north, lon + east
        line.append(LonLat(lon / 1e6, lat / 1e6))
    return line


def _not_on_map(edge_id: int) -> NotFound:
    return NotFound(
        f"The closed road {edge_id} is not found in the imported roads.",
        remedy="Draw the closure on the map, or use the road facts.",
        zh=f"导入的路网中找不到封闭道路 {edge_id}。", remedy_zh="请在地图上绘制封闭范围，或改用道路表。",
        facts={"edge": edge_id},
    )
