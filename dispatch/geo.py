"""Places on the globe: WGS-84, always longitude before latitude."""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from dispatch.errors import InvalidInput

SRID = 4326
EARTH_RADIUS_M = 6_371_008.8


@dataclass(frozen=True, slots=True)
class LonLat:
    """A point in degrees, WGS-84."""

    lon: float
    lat: float

    def __post_init__(self) -> None:
        if not (-180 <= self.lon <= 180 and -90 <= self.lat <= 90):
            raise InvalidInput(
                f"The point lon {self.lon}, lat {self.lat} is not on the globe.",
                remedy="Give longitude first (-180 to 180), then latitude (-90 to 90).",
                zh=f"坐标（经度 {self.lon}，纬度 {self.lat}）不在地球上。",
                remedy_zh="请先写经度（-180～180），再写纬度（-90～90）。",
            )


def distance_m(a: LonLat, b: LonLat) -> int:
    """Great-circle distance in metres (haversine, mean Earth radius)."""
    phi_a, phi_b = radians(a.lat), radians(b.lat)
    half = (
        sin((phi_b - phi_a) / 2) ** 2
        + cos(phi_a) * cos(phi_b) * sin(radians(b.lon - a.lon) / 2) ** 2
    )
    return round(2 * EARTH_RADIUS_M * asin(sqrt(half)))
