"""From lon/lat to millimetres on a sheet: Albers' equal-area cone over Inner Mongolia, on a sphere.  Pure.

Areas keep their proportions, and one scale bar holds for the whole sheet to about two per cent.
Source: J. P. Snyder, Map Projections – A Working Manual, USGS Professional Paper 1395 (1987), p. 98–103.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

EARTH_M = 6_371_000.0
PARALLELS = (40.0, 50.0)
MIDDLE = (112.0, 44.0)
_SOUTH, _NORTH = (math.sin(math.radians(p)) for p in PARALLELS)
_N = (_SOUTH + _NORTH) / 2
_C = math.cos(math.radians(PARALLELS[0])) ** 2 + 2 * _N * _SOUTH
_RHO_0 = math.sqrt(_C - 2 * _N * math.sin(math.radians(MIDDLE[1]))) / _N
STEPS_KM = (5, 10, 20, 50, 100, 200, 500)


@dataclass(frozen=True, slots=True)
class Frame:
    """A place on the sheet in millimetres: left, top, width, height."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Projection:
    """Metres on the ground to millimetres on the sheet; (x, y) of the ground at the frame's middle."""

    frame: Frame
    middle: tuple[float, float]
    mm_per_m: float

    def point(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a place is on the sheet."""
        x, y = metres(lon, lat)
        left = self.frame.left + self.frame.width / 2 + (x - self.middle[0]) * self.mm_per_m
        return left, self.frame.top + self.frame.height / 2 - (y - self.middle[1]) * self.mm_per_m

    def shape(self, geometry: BaseGeometry) -> BaseGeometry:
        """A geometry in lon/lat as one on the sheet."""
        return shapely.transform(geometry, lambda points: [self.point(lon, lat) for lon, lat in points])

    def scale_bar(self, widest_mm: float) -> tuple[int, float]:
        """The longest round length that fits: (km, mm)."""
        fitting = [km for km in STEPS_KM if km * 1000 * self.mm_per_m <= widest_mm] or [STEPS_KM[0]]
        return fitting[-1], fitting[-1] * 1000 * self.mm_per_m


def metres(lon: float, lat: float) -> tuple[float, float]:
    """Metres east and north of the middle of the region on the cone."""
    rho = math.sqrt(_C - 2 * _N * math.sin(math.radians(lat))) / _N
    theta = _N * math.radians(lon - MIDDLE[0])
    return EARTH_M * rho * math.sin(theta), EARTH_M * (_RHO_0 - rho * math.cos(theta))


def fit(bounds: tuple[float, float, float, float], frame: Frame) -> Projection:
    """The projection that shows a box (west, south, east, north) as large as the frame allows."""
    west, south, east, north = bounds
    edge = [metres(west + (east - west) * n / 20, lat) for n in range(21) for lat in (south, north)]
    xs, ys = [p[0] for p in edge], [p[1] for p in edge]
    width, height = max(max(xs) - min(xs), 20_000.0), max(max(ys) - min(ys), 20_000.0)
    scale = min(frame.width / width, frame.height / height) * 0.96
    return Projection(frame, ((max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2), scale)
