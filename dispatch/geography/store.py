"""Leagues and counties: rows to values and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shapely import Point
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from dispatch.db import remembered
from dispatch.geo import LonLat
from dispatch.geography.tables import CountyRow, LeagueRow
from dispatch.places import REGION_ADCODE, County, League

KEPT_S = 30.0


def save_leagues(session: Session, leagues: Iterable[League]) -> None:
    """Insert or update leagues by code."""
    for league in leagues:
        session.merge(
            LeagueRow(adcode=league.adcode, name_zh=league.name_zh, name_en=league.name_en)
        )
    session.flush()


def save_counties(
    session: Session, counties: Iterable[County], shapes: Mapping[str, BaseGeometry]
) -> None:
    """Insert or update counties by code, each with its polygon."""
    for county in counties:
        session.merge(
            CountyRow(
                adcode=county.adcode,
                name_zh=county.name_zh,
                name_en=county.name_en,
                league_adcode=county.league_adcode,
                seat=Point(county.seat.lon, county.seat.lat),
                area_km2=county.area_km2,
                population=county.population,
                is_district=county.is_district,
                shape=shapes[county.adcode],
            )
        )
    session.flush()


def list_leagues(session: Session) -> tuple[League, ...]:
    """All leagues, by code."""
    rows = session.scalars(select(LeagueRow).order_by(LeagueRow.adcode))
    return tuple(League(row.adcode, row.name_zh, row.name_en) for row in rows)


def list_counties(session: Session) -> tuple[County, ...]:
    """All counties, by code (polygons are left where they are); at most half a minute old."""
    return remembered(session, "counties", KEPT_S, lambda: _read_counties(session))


def _read_counties(session: Session) -> tuple[County, ...]:
    rows = session.scalars(
        select(CountyRow).options(defer(CountyRow.shape)).order_by(CountyRow.adcode)
    )
    return tuple(
        County(
            adcode=row.adcode,
            name_zh=row.name_zh,
            name_en=row.name_en,
            league_adcode=row.league_adcode,
            seat=LonLat(row.seat.x, row.seat.y),
            area_km2=row.area_km2,
            population=row.population,
            is_district=row.is_district,
        )
        for row in rows
    )


def list_names(session: Session) -> dict[str, tuple[str, str]]:
    """adcode → (Chinese, English) for counties, leagues and the region; at most half a minute old."""
    return remembered(session, "names", KEPT_S, lambda: _read_names(session))


def _read_names(session: Session) -> dict[str, tuple[str, str]]:
    names = {REGION_ADCODE: ("内蒙古自治区", "Inner Mongolia")}
    names |= {x.adcode: (x.name_zh, x.name_en) for x in list_leagues(session)}
    return names | {x.adcode: (x.name_zh, x.name_en) for x in list_counties(session)}
