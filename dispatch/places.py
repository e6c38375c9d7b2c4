"""The administrative places of the region: leagues and counties as values."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.geo import LonLat

REGION_ADCODE = "150000"
TIERS = ("region", "league", "county")


def tier_of(place: str) -> str:
    """The tier of a place by its code."""
    if place == REGION_ADCODE:
        return "region"
    return "league" if place.endswith("00") else "county"


def is_within(place: str, area: str) -> bool:
    """Whether a place lies in an area (both adcodes); an area lies within itself."""
    if area == REGION_ADCODE:
        return True
    return place[:4] == area[:4] if area.endswith("00") else place == area


@dataclass(frozen=True, slots=True)
class League:
    """One of the 12 leagues and cities (盟、市)."""

    adcode: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class County:
    """One of the 103 banners, counties, cities and districts (旗县市区).

    ``seat`` is the seat of government; ``population`` is the 2020 census,
    development zones added to their host county as the data's notes say;
    ``is_district`` marks the 23 urban districts that have no warehouse of their own.
    """

    adcode: str
    name_zh: str
    name_en: str
    league_adcode: str
    seat: LonLat
    area_km2: int
    population: int
    is_district: bool
