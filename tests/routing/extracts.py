"""OpenStreetMap extracts made on the spot: small ones by hand, the typed roads as waves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, hypot, radians
from pathlib import Path

from osmium import SimpleWriter
from osmium.osm.mutable import Node, Way

from dispatch.geo import LonLat
from dispatch.routing.model import RoadEdge

M_PER_DEGREE = 111_195
HIGHWAYS = {"expressway": "motorway", "national": "primary", "provincial": "secondary", "county": "tertiary"}


def write_extract(path: Path, nodes: Mapping[int, LonLat], ways: Sequence[tuple[Sequence[int], Mapping[str, str]]]) -> Path:
    """A PBF with the nodes, and the ways numbered from one."""
    with SimpleWriter(str(path), overwrite=True) as writer:
        for number, point in sorted(nodes.items()):
            writer.add_node(Node(id=number, location=(point.lon, point.lat), version=1))
        for number, (refs, tags) in enumerate(ways, start=1):
            writer.add_way(Way(id=number, nodes=list(refs), tags=dict(tags), version=1))
    return path


def facts_extract(
    path: Path, edges: Sequence[RoadEdge], seats: Mapping[str, LonLat], stretch: Mapping[int, float] | None = None
) -> Path:
    """Each typed road as a zigzag of its length (times its stretch) between its ends, in two ways that
    meet midway: of two places on one and the same edge the matrix tells that edge, not the quickest way.
    """
    number_of = {code: n for n, code in enumerate(sorted(seats), start=1)}
    nodes = {number_of[code]: seat for code, seat in seats.items()}
    ways = []
    for edge in edges:
        a, b = seats[edge.from_adcode], seats[edge.to_adcode]
        middle = []
        for point in _zigzag(a, b, edge.distance_m * (stretch or {}).get(edge.id, 1.0), edge.id % 4 + 2):
            nodes[len(nodes) + 1000] = point
            middle.append(len(nodes) + 999)
        tags = {"highway": HIGHWAYS[edge.road_class]} | ({"ref": edge.refs.replace("/", ";")} if edge.refs else {})
        line, half = [number_of[edge.from_adcode], *middle, number_of[edge.to_adcode]], len(middle) // 2 + 1
        ways += [(line[: half + 1], tags), (line[half:], tags)]
    return write_extract(path, nodes, ways)


def _zigzag(a: LonLat, b: LonLat, length_m: float, teeth: int) -> list[LonLat]:
    """The points between the ends; straight where the ends are farther apart than the length."""
    squeeze = cos(radians((a.lat + b.lat) / 2))
    east, north = (b.lon - a.lon) * M_PER_DEGREE * squeeze, (b.lat - a.lat) * M_PER_DEGREE
    chord = hypot(east, north)
    height = max(0.0, (length_m / 2 / teeth) ** 2 - (chord / 2 / teeth) ** 2) ** 0.5
    points = []
    for step in range(1, 2 * teeth):
        share, off = step / 2 / teeth, height if step % 2 else 0.0
        x, y = east * share - north / chord * off, north * share + east / chord * off
        points.append(LonLat(round(a.lon + x / M_PER_DEGREE / squeeze, 7), round(a.lat + y / M_PER_DEGREE, 7)))
    return points
