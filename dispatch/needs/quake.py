"""From magnitude and epicentre to people: intensity at every part of a county; pure."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, exp, log, log10, pi, radians, sin, sqrt

import shapely
from shapely.geometry.base import BaseGeometry

from dispatch.geo import LonLat, distance_m
from dispatch.needs.band import Band
from dispatch.needs.exposure_table import Axis, Damage, QuakeTable
from dispatch.places import County

GRID = 12
RINGS = 6
SPOKES = 12
M_PER_DEGREE = 111_195
Z_80 = 1.2816
PER = 10_000_000

Spread = Sequence[tuple[LonLat, float]]


def intensity(magnitude: float, distance_km: float, table: QuakeTable) -> float:
    """Mean intensity (degrees, 1 to 12) at a distance, both axes weighing the same.

    The direction of the long axis is not known in the first hours, so no side is preferred.
    """
    both = (_along(axis, magnitude, distance_km) for axis in (table.major, table.minor))
    return min(12.0, max(1.0, sum(both) / 2))


def _along(axis: Axis, magnitude: float, distance_km: float) -> float:
    return axis.a + axis.b * magnitude - axis.c * log10(distance_km + axis.r0_km)


def where_people_live(county: County, shape: BaseGeometry | None, table: QuakeTable) -> Spread:
    """Points with their share of the people: the seat, and the rest evenly over the land."""
    seat = table.seat_percent[_kind(county)] / 100
    land = _grid(shape) or _disc(county)
    return [(county.seat, seat), *((point, (1 - seat) / len(land)) for point in land)]


def _kind(county: County) -> str:
    return "district" if county.is_district else "other"


def _grid(shape: BaseGeometry | None) -> list[LonLat]:
    if shape is None or shape.is_empty:
        return []
    west, south, east, north = shape.bounds
    steps = [(n + 0.5) / GRID for n in range(GRID)]
    pairs = [(west + (east - west) * x, south + (north - south) * y) for x in steps for y in steps]
    inside = shapely.contains_xy(shape, [x for x, _ in pairs], [y for _, y in pairs])
    return [LonLat(x, y) for (x, y), is_in in zip(pairs, inside, strict=True) if is_in]


def _disc(county: County) -> list[LonLat]:
    """Points of a disc as large as the county around its seat, equal land for each."""
    seat, points = county.seat, []
    radius_m = sqrt(max(0, county.area_km2) / pi) * 1000
    for ring in range(RINGS):
        away = radius_m * sqrt((ring + 0.5) / RINGS) / M_PER_DEGREE
        for spoke in range(SPOKES):
            turn = 2 * pi * spoke / SPOKES
            lat = max(-90.0, min(90.0, seat.lat + away * sin(turn)))
            lon = seat.lon + away * cos(turn) / max(0.1, cos(radians(seat.lat)))
            points.append(LonLat(max(-180.0, min(180.0, lon)), lat))
    return points


def quake_bands(
    county: County, points: Spread, magnitude: float, epicentre: LonLat, table: QuakeTable
) -> dict[str, Band]:
    """Measure → band for one county; all zero where nothing is damaged.

    Low and high are the middle with the intensity everywhere 1.28 σ lower and higher.
    """
    weaker = table.weaker_by[_kind(county)]
    at = [
        (weaker + intensity(magnitude, distance_m(point, epicentre) / 1000, table), share)
        for point, share in points
    ]
    found = {}
    for measure, per_displaced in (("displaced", 100), ("rooms", 100), ("dead", 100),
                                   ("need_aid", table.need_percent)):
        column = "displaced" if measure == "need_aid" else measure
        low, mid, high = (
            min(county.population, round(county.population * per_displaced / 100 * sum(
                share * damage_share(degree + shift * table.sigma, column, table.damage)
                for degree, share in at
            )))
            for shift in (-Z_80, 0.0, Z_80)
        )
        found[measure] = Band(low, mid, high)
    return found


def damage_share(degree: float, column: str, rows: Sequence[Damage]) -> float:
    """Share of the people (or rooms a person) at an intensity, between rows on a log scale."""
    if degree < rows[0].intensity:
        return 0.0
    for lower, upper in zip(rows, rows[1:], strict=False):
        if degree < upper.intensity:
            part = (degree - lower.intensity) / (upper.intensity - lower.intensity)
            start, end = log(getattr(lower, column)), log(getattr(upper, column))
            return exp(start + part * (end - start)) / PER
    return float(getattr(rows[-1], column)) / PER
