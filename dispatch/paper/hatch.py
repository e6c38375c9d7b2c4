"""Patterns of areas on paper, so that a grey copy still tells the levels apart.  Pure.

The same pattern per kind as on the screen: blue level lines, yellow dots, orange one diagonal,
red both, special upright lines.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import shapely
from shapely.geometry import LineString, MultiLineString
from shapely.geometry.base import BaseGeometry

SPACING_MM = 2.4
ANGLES = {"blue": (0.0,), "orange": (45.0,), "red": (45.0, -45.0), "special": (90.0,)}
DOTTED = ("yellow",)

Segment = tuple[tuple[float, float], tuple[float, float]]


def lines_in(area: BaseGeometry, kind: str) -> Iterator[Segment]:
    """The strokes of a kind's pattern inside an area, in the area's own units (millimetres)."""
    for angle in ANGLES.get(kind, ()):
        cut = area.intersection(_strokes(area.bounds, angle))
        for part in getattr(cut, "geoms", [cut]):
            if isinstance(part, LineString) and len(part.coords) >= 2:
                yield part.coords[0], part.coords[-1]


def dots_in(area: BaseGeometry, kind: str) -> Iterator[tuple[float, float]]:
    """The dots of a kind's pattern inside an area."""
    if kind not in DOTTED:
        return
    west, south, east, north = area.bounds
    shapely.prepare(area)
    for row in range(math.floor(south / SPACING_MM), math.ceil(north / SPACING_MM) + 1):
        for column in range(math.floor(west / SPACING_MM), math.ceil(east / SPACING_MM) + 1):
            x, y = (column + 0.5 * (row % 2)) * SPACING_MM, row * SPACING_MM
            if shapely.contains_xy(area, x, y):
                yield x, y


def _strokes(bounds: tuple[float, float, float, float], angle: float) -> MultiLineString:
    """Parallel lines over a box; their places do not depend on the box, so that neighbours join."""
    west, south, east, north = bounds
    turn = math.radians(angle)
    along, across = (math.cos(turn), math.sin(turn)), (-math.sin(turn), math.cos(turn))
    corners = [(x, y) for x in (west, east) for y in (south, north)]
    offsets = [x * across[0] + y * across[1] for x, y in corners]
    reach = [x * along[0] + y * along[1] for x, y in corners]
    lines = []
    for n in range(math.floor(min(offsets) / SPACING_MM), math.ceil(max(offsets) / SPACING_MM) + 1):
        base = (n * SPACING_MM * across[0], n * SPACING_MM * across[1])
        lines.append([(base[0] + t * along[0], base[1] + t * along[1]) for t in (min(reach), max(reach))])
    return MultiLineString(lines)
