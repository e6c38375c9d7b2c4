"""The administrative places of the region: leagues and counties as values."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.geo import LonLat

REGION_ADCODE = "150000"


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
